//! What is written into the audit log of statements, and `SHOW AUDIT`.

use crate::engine::Shared;
use crate::engine::auth::audit::{Event, Verdict};
use crate::engine::auth::{Action, Principal, Resource, Rights};
use crate::engine::base::{Error, Kind, Result, Timestamp, Value};
use crate::engine::exec::access::admit::needed;
use crate::engine::exec::statement::{Job, setting, table};
use crate::engine::lang::ast::{Show, ShowTarget, Statement, StatementKind};
use crate::engine::outcome::Outcome;

/// Entries shown when nobody says how many.
const SHOWN: u64 = 100;

/// Whether a statement changes who may do what: written down whoever does it.
fn of_access(statement: &StatementKind) -> bool {
    use StatementKind as S;
    match statement {
        S::Grant(_) | S::Deny(_) | S::Revoke(_) | S::Role(_) | S::Key(_) => true,
        S::Set(set) => set.name.is(setting::OWNER_GRANTS) || set.name.is(setting::AUDIT_READS),
        _ => false,
    }
}

/// Whether a statement is written down before it is run, so that it does not run when that fails.
fn beforehand(rights: &Rights, statement: &StatementKind) -> bool {
    let act =
        needed(statement).action != Action::Data && !matches!(statement, StatementKind::Show(_));
    of_access(statement) || act && !rights.who().is_owner()
}

fn event(shared: &Shared, who: &Principal, statement: &Statement, verdict: Verdict) -> Event {
    Event {
        at: shared.clock.now().0,
        who: who.to_string(),
        by: who.by().to_owned(),
        act: statement.kind.keyword().to_owned(),
        detail: String::new(),
        verdict,
    }
}

/// Writes down what is about to be done, when it has to be.
pub fn before(shared: &Shared, rights: &Rights, text: &str, statement: &Statement) -> Result<()> {
    let reads = !rights.who().is_owner() && shared.access.audits_reads(shared)?;
    let acts = beforehand(rights, &statement.kind);
    if !(acts || reads) || shared.options.read_only {
        return Ok(());
    }
    let mut event = event(shared, rights.who(), statement, Verdict::Allowed);
    if of_access(&statement.kind) {
        // It holds names, no data; secrets are made by the statement and not said in it.
        text.get(statement.span.range()).unwrap_or_default().clone_into(&mut event.detail);
        event.detail.truncate(event.detail.floor_char_boundary(2000));
    }
    shared.audit.record(event, acts)
}

/// Writes down that something was refused, or did not succeed although it was allowed.
pub fn after<T>(
    shared: &Shared,
    rights: &Rights,
    statement: &Statement,
    outcome: &Result<T>,
) -> Result<()> {
    let Err(error) = outcome else { return Ok(()) };
    let verdict = match error.kind {
        Kind::PermissionDenied => Verdict::Denied,
        _ if beforehand(rights, &statement.kind) => Verdict::Failed,
        _ => return Ok(()),
    };
    if shared.options.read_only {
        return Ok(());
    }
    let mut event = event(shared, rights.who(), statement, verdict);
    event.detail.clone_from(&error.message);
    event.detail.truncate(event.detail.floor_char_boundary(2000));
    shared.audit.record(event, false)
}

/// Writes down that something that is no statement was refused.
pub fn refused(shared: &Shared, who: &Principal, act: &str, error: &Error) -> Result<()> {
    if error.kind != Kind::PermissionDenied || shared.options.read_only {
        return Ok(());
    }
    let mut event = Event {
        at: shared.clock.now().0,
        who: who.to_string(),
        by: who.by().to_owned(),
        act: act.to_owned(),
        detail: error.message.clone(),
        verdict: Verdict::Denied,
    };
    event.detail.truncate(event.detail.floor_char_boundary(2000));
    shared.audit.record(event, false)
}

/// `SHOW AUDIT [name] [LIMIT n]`
pub fn show(job: &Job<'_>, show: &Show) -> Result<Outcome> {
    debug_assert!(show.target == Some(ShowTarget::Audit), "this is how it is called");
    job.who.authorize(Action::Audit, Resource::Database)?;
    let view = job.view()?;
    let who = show.subject.as_ref().map(|id| job.lower(&view, |l| l.id(id))).transpose()?;
    let most = match &show.limit {
        Some(limit) => job.lower(&view, |l| l.row_count(limit))?,
        None => SHOWN,
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let wanted = |entry: &crate::engine::auth::audit::Entry| {
        who.as_ref().is_none_or(|who| *who == entry.event.who)
    };
    let mut rows = Vec::new();
    for entry in job.shared.audit.last(most, &wanted)? {
        let event = entry.event;
        rows.push(vec![
            Value::Int(entry.n as i64),
            Value::Time(Timestamp(event.at)),
            event.who.into(),
            event.by.into(),
            event.act.into(),
            event.verdict.name().into(),
            event.detail.into(),
        ]);
    }
    let columns = ["entry", "at", "who", "by", "act", "verdict", "detail"];
    Ok(table("SHOW AUDIT", &columns, rows))
}
