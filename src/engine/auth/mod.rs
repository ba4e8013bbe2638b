//! Who may do what: principals, roles, rules, keys, and the log of what was decided.
//!
//! Every decision is made here, once, for all doors: a transport says who somebody is
//! ([`Principal`]), the engine decides what they may do ([`Rights::decide`]) from the statement
//! itself. Two mechanisms carry it:
//!
//! * what may not be **read** is not there: a session of a principal reads through a view from which
//!   it is left out (a mask: `store/mask.rs`), so no operator, index or message can show it;
//! * what may not be **done** is refused with `PermissionDenied`, from the write set of the statement,
//!   whatever the statement looked like.
//!
//! The order of precedence of rules is that of [`decide`]. The owner of an embedded process is a
//! principal like any other, one that may do everything.

mod action;
pub mod audit;
pub mod book;
pub mod decide;
pub mod key;
mod principal;
mod role;
mod rule;

pub use action::{Action, Level, Resource, Scope};
pub use audit::AuditLog;
pub use decide::{Decision, Reason, Rights};
pub use key::Key;
pub use principal::{Principal, PrincipalError};
pub use role::{ADMIN, BUILT_IN, BuiltIn, EVERYONE, built_in};
pub use rule::{Effect, Of, Rank, Reach, Right, Rule, Subject};
