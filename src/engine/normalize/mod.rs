//! How modalities that have moved apart are brought back together: what may be done, what would be
//! made, what is left to people, and the trail of it all.
//!
//! Everything here is values: policies are read and put over each other, records are made from other
//! records, conflicts and the entries of the trail become bytes. Nothing is measured (that is `drift`)
//! and nothing is written: whoever runs a repair holds what is made here against a new measurement
//! first, and only then commits it.
#![warn(clippy::disallowed_methods)]

pub mod authority;
pub mod conflict;
pub mod extract;
pub mod history;
pub mod make;
pub mod merge;
pub mod policy;
pub mod trail;

pub use authority::{Effective, Origin};
pub use conflict::{Candidate, Conflict, Decision};
pub use make::{Made, Making, Neighbor, Subject};
pub use policy::{Auto, ConflictRule, Mode, Policy, Retraction, Scope, Strategy};
pub use trail::{Entry, Touched, Trail};
