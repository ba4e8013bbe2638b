//! Which act a statement is, and whether it may begin at all.
//!
//! Statements about data are let in when the principal has any right; what they see and write is
//! decided as they run. What acts on the database as a whole is decided here.

use crate::engine::auth::{Action, Resource, Rights};
use crate::engine::base::{Error, Kind, Result, Span};
use crate::engine::exec::statement::setting;
use crate::engine::lang::ast::{DriftAction, Explain, Show, ShowTarget, Statement, StatementKind};

/// What a statement needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// The act.
    pub action: Action,
    /// It works on, or tells of, what cannot be hidden in part: whoever may not read everything may
    /// not do it.
    pub whole: bool,
}

const fn need(action: Action) -> Need {
    Need { action, whole: false }
}

const fn whole(action: Action) -> Need {
    Need { action, whole: true }
}

/// What a statement needs.
pub fn needed(statement: &StatementKind) -> Need {
    use StatementKind as S;
    match statement {
        // It writes, as NORMALIZE does.
        S::Query(query) if query.drift_repair().is_some() => whole(Action::Normalize),
        S::Version(_)
        | S::Query(_)
        | S::Insert(_)
        | S::Update(_)
        | S::Delete(_)
        | S::Search(_)
        | S::Count(_)
        | S::Describe(_)
        | S::Transaction(_)
        | S::Prepare(_)
        | S::Execute(_)
        | S::Deallocate(_)
        // Who may grant is decided by what is granted.
        | S::Grant(_)
        | S::Deny(_)
        | S::Revoke(_)
        // Whose key it is decides.
        | S::Key(_)
        | S::Error => need(Action::Data),
        S::Explain(explain) => of_explained(explain),
        S::Show(show) => shown(show),
        S::Drift(drift) => match drift.action {
            DriftAction::Detect | DriftAction::Verify => need(Action::Data),
            // Kept of all there was, and not of whom it was measured for.
            DriftAction::History | DriftAction::Metrics => whole(Action::Data),
            DriftAction::Repair => whole(Action::Normalize),
        },
        S::Set(set) => need(of_setting(&set.name.text)),
        S::CreateContract(_) | S::DropContract(_) | S::CreatePolicy(_) | S::DropPolicy(_) => {
            need(Action::Define)
        }
        S::Role(_) => need(Action::Grant),
        S::Normalize(_) | S::Revert(_) | S::Resolve(_) => whole(Action::Normalize),
        S::Snapshot(_) => need(Action::Backup),
        S::Import(_) | S::Export(_) => need(Action::Transfer),
        S::Checkpoint | S::CheckIntegrity => need(Action::Maintain),
        // What it counts is kept for everybody.
        S::Analyze(_) => whole(Action::Maintain),
    }
}

fn of_explained(explain: &Explain) -> Need {
    needed(&explain.statement.kind)
}

/// Settings of the database are everybody's; those of a session are its own.
fn of_setting(name: &str) -> Action {
    let name = name.to_ascii_lowercase();
    let kept = name.starts_with("database_")
        || name.starts_with("drift_")
        || name.starts_with("slow_query_")
        || name == "statement_history"
        || name == setting::OWNER_GRANTS
        || name == setting::AUDIT_READS;
    if kept { Action::Configure } else { Action::Data }
}

fn shown(show: &Show) -> Need {
    match show.target {
        Some(ShowTarget::Status | ShowTarget::Health | ShowTarget::Transactions) => {
            need(Action::Observe)
        }
        Some(ShowTarget::Audit) => need(Action::Audit),
        // They tell of what others ask.
        Some(ShowTarget::Statements | ShowTarget::Slow) => whole(Action::Observe),
        Some(ShowTarget::Conflicts | ShowTarget::Normalizations | ShowTarget::Normalizer) => {
            whole(Action::Data)
        }
        Some(ShowTarget::Drift) if show.subject.is_none() => whole(Action::Data),
        Some(
            ShowTarget::Drift
            | ShowTarget::Hexads
            | ShowTarget::Contracts
            | ShowTarget::Grants
            | ShowTarget::Roles
            | ShowTarget::Keys
            | ShowTarget::Access
            | ShowTarget::Stores
            | ShowTarget::Peers
            | ShowTarget::Snapshots
            | ShowTarget::Proofs
            | ShowTarget::Settings
            | ShowTarget::Policies
            | ShowTarget::Embedders
            | ShowTarget::Prepared,
        )
        | None => need(Action::Data),
    }
}

/// Refuses a statement that may not begin.
pub fn admit(rights: &Rights, statement: &Statement) -> Result<()> {
    if rights.who().is_owner() {
        return Ok(());
    }
    let needed = needed(&statement.kind);
    let at = |error: Error| error.at(statement.span);
    rights.authorize(needed.action, Resource::Database).map_err(at)?;
    if needed.whole && !rights.sees_all() {
        return Err(at(partial(statement.kind.keyword(), rights)));
    }
    if let StatementKind::Set(set) = &statement.kind
        && set.name.is("author")
    {
        return Err(not_another(rights, set.name.span));
    }
    Ok(())
}

fn partial(what: &str, rights: &Rights) -> Error {
    let message =
        format!("{what} needs the right to read everything, which {} has not", rights.who());
    Error::new(Kind::PermissionDenied, message)
        .hint("it tells of, or changes, what cannot be hidden in part")
}

/// Who is known by a name writes under it.
fn not_another(rights: &Rights, span: Span) -> Error {
    let message = format!("{} may not write under another name", rights.who());
    Error::new(Kind::PermissionDenied, message).at(span)
}
