//! `SHOW CONFLICTS [id]` and `RESOLVE CONFLICT ..`.

use std::collections::BTreeMap;

use crate::engine::base::{Error, Kind, Modality, Result, Span, Value};
use crate::engine::drift::DriftKind;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::normalize::{Covered, Examined, Fixed, Repairer, Wish, book};
use crate::engine::exec::statement::{Job, done, table, update};
use crate::engine::hexad::{Change, Draft, Stored};
use crate::engine::lang::ast::{IdRef, Resolution, Resolve};
use crate::engine::normalize::Conflict;
use crate::engine::outcome::Outcome;
use crate::engine::store::{Producer, View};

/// Conflicts listed when nobody says how many.
const LISTED: usize = 100;
/// How often a decision is tried when others are faster.
const ATTEMPTS: u32 = 32;

/// `SHOW CONFLICTS`: those that wait, oldest first; of one hexad or by id, decided ones too.
pub fn show(
    job: &Job<'_>,
    view: &View,
    subject: Option<&IdRef>,
    limit: Option<usize>,
) -> Result<Outcome> {
    let most = limit.unwrap_or(LISTED);
    let mut found = Vec::new();
    match subject {
        Some(id) => {
            let name = job.lower(view, |l| l.id(id))?;
            match Conflict::number_of(&name).filter(|_| view.iid(&name).is_ok_and(|i| i.is_none()))
            {
                Some(number) => found.extend(book::conflict(view, number)?),
                None => found = book::of(view, &name)?,
            }
            if found.is_empty() && view.iid(&name)?.is_none() {
                let message = format!("neither a conflict nor a hexad is called `{name}`");
                return Err(Error::new(Kind::NotFound, message).at(id.span));
            }
            found.truncate(most);
        }
        None => {
            for number in 1..=book::last_conflict(view)? {
                job.budget.tick()?;
                let open = book::conflict(view, number)?.filter(|c| c.decision.is_none());
                found.extend(open);
                if found.len() >= most {
                    break;
                }
            }
        }
    }
    let rows = found.iter().map(row).collect();
    let columns =
        ["id", "hexad", "about", "score", "reason", "candidates", "opened", "status", "decided_by"];
    Ok(table("SHOW CONFLICTS", &columns, rows))
}

fn row(conflict: &Conflict) -> Vec<Value> {
    let candidates = conflict.candidates.iter().map(|c| {
        let about = Value::Text(c.about.clone());
        (c.name.clone(), about)
    });
    let (status, by) = match &conflict.decision {
        None => (Value::from("open"), Value::Null),
        Some(decision) => {
            (decision.what.as_str().into(), format!("{} at {}", decision.by, decision.at).into())
        }
    };
    vec![
        conflict.id().into(),
        conflict.hexad.as_str().into(),
        conflict.about.as_str().into(),
        conflict.score.map_or(Value::Null, Value::Float),
        conflict.reason.as_str().into(),
        Value::Map(candidates.collect::<BTreeMap<_, _>>()),
        Value::Time(conflict.opened),
        status,
        by,
    ]
}

/// `RESOLVE CONFLICT`
pub fn resolve(job: &Job<'_>, resolve: &Resolve, span: Span) -> Result<Outcome> {
    job.alone("RESOLVE CONFLICT", span)?;
    job.writable()?;
    let mut attempt = 0;
    loop {
        let mut view = job.shared.store.view()?;
        let conflict = find(job, &view, &resolve.conflict)?;
        if let Some(decision) = &conflict.decision {
            let message = format!(
                "conflict {} is decided: {} by {} at {}",
                conflict.id(),
                decision.what,
                decision.by,
                decision.at
            );
            return Err(Error::new(Kind::WriteConflict, message).at(resolve.conflict.span));
        }
        let writes = decide(job, &mut view, resolve, conflict)?;
        attempt += 1;
        match job.commit(&view, writes) {
            Ok(()) => break,
            Err(error) if error.kind == Kind::WriteConflict && attempt < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
    Ok(done("RESOLVE CONFLICT"))
}

/// The conflict of an id, or the only one of a hexad that waits.
fn find(job: &Job<'_>, view: &View, id: &IdRef) -> Result<Conflict> {
    let name = job.lower(view, |l| l.id(id))?;
    let missing = |message: String| Error::new(Kind::NotFound, message).at(id.span);
    if view.iid(&name)?.is_none() {
        let number = Conflict::number_of(&name);
        let found = number.map(|number| book::conflict(view, number)).transpose()?.flatten();
        return found.ok_or_else(|| missing(format!("no conflict is called `{name}`")));
    }
    let mut open = book::open(view, &name)?;
    match open.len() {
        0 => Err(missing(format!("hexad `{name}` has no conflict that waits"))),
        1 => Ok(open.remove(0)),
        _ => {
            let ids: Vec<String> =
                open.iter().map(|c| format!("{} ({})", c.id(), c.about)).collect();
            let message = format!("hexad `{name}` has several conflicts: {}", ids.join(", "));
            Err(missing(message).hint("name one of them"))
        }
    }
}

fn decide(
    job: &Job<'_>,
    view: &mut View,
    resolve: &Resolve,
    conflict: Conflict,
) -> Result<crate::engine::store::WriteSet> {
    let author = job.author();
    let (what, examined) = match &resolution_of(resolve, &conflict) {
        Choice::Dismiss => (book::DISMISSED.to_owned(), None),
        Choice::Candidate(at) => {
            let candidate = &conflict.candidates[*at];
            let stored = Stored {
                body: candidate.body.clone(),
                producer: Producer::User,
                derived_from: Vec::new(),
            };
            let changes = vec![Change::Put(candidate.modality, stored)];
            let how = format!("{}: {}", candidate.name, candidate.about);
            let examined = stated(job, view, &conflict, changes, how)?;
            (format!("kept {}", candidate.name), Some(examined))
        }
        Choice::Follow(modality) => {
            let examined = follow(job, view, &conflict, *modality, resolve)?;
            (format!("kept {modality}"), Some(examined))
        }
        Choice::Set => {
            let Resolution::Set(assignments) = &resolve.resolution else {
                return Err(Error::new(Kind::InternalError, "a decision without a value"));
            };
            let changes = update::assigned(job, view, assignments, conflict.iid)?;
            let examined = stated(job, view, &conflict, changes, "set by hand".to_owned())?;
            ("set".to_owned(), Some(examined))
        }
        Choice::Unknown(name) => {
            let names: Vec<&str> = conflict.candidates.iter().map(|c| c.name.as_str()).collect();
            let message = format!("conflict {} has no candidate `{name}`", conflict.id());
            let hint = match names.as_slice() {
                [] => "KEEP a modality, SET what is right, or DISMISS it".to_owned(),
                names => format!("candidates: {}", names.join(", ")),
            };
            return Err(Error::new(Kind::NotFound, message).at(resolve.conflict.span).hint(hint));
        }
    };
    let mut draft = Draft::new(view, author.clone())?;
    if let Some(examined) = &examined {
        let of = Some(conflict.number);
        let occasion = book::Occasion { what: "resolved", by: &author.name, of };
        book::write(view, &mut draft, examined, &occasion)?;
    }
    book::close(&mut draft, conflict, &what, &author.name);
    Ok(draft.finish())
}

enum Choice {
    Dismiss,
    Candidate(usize),
    Follow(Modality),
    Set,
    Unknown(String),
}

fn resolution_of(resolve: &Resolve, conflict: &Conflict) -> Choice {
    let named =
        |name: &str| conflict.candidates.iter().position(|c| c.name.eq_ignore_ascii_case(name));
    match &resolve.resolution {
        Resolution::Dismiss => Choice::Dismiss,
        Resolution::Set(_) => Choice::Set,
        Resolution::Keep(name) => {
            named(&name.text).map_or_else(|| Choice::Unknown(name.text.clone()), Choice::Candidate)
        }
        Resolution::KeepModality(of) => {
            named(of.modality.name()).map_or(Choice::Follow(of.modality), Choice::Candidate)
        }
    }
}

/// The hexad made to follow a modality, because somebody decided so.
fn follow(
    job: &Job<'_>,
    view: &mut View,
    conflict: &Conflict,
    modality: Modality,
    resolve: &Resolve,
) -> Result<Examined> {
    let Some(kind) = DriftKind::from_name(&conflict.about) else {
        let message = format!("conflict {} is not one of modalities", conflict.id());
        return Err(Error::new(Kind::NotFound, message)
            .at(resolve.conflict.span)
            .hint("SET what is right, or DISMISS it"));
    };
    // To keep what would have to change is to leave everything as it is.
    let from = (modality != conflict.target).then_some(modality);
    let wish = Wish { from, strategy: None, decided: true, only: Some(kind), ..Wish::default() };
    let repairer = Repairer::new(job, view, wish)?;
    let examined = match from {
        Some(_) => repairer.examine(view, conflict.iid)?,
        None => None,
    };
    match examined {
        Some(mut examined) if !examined.changes.is_empty() => {
            examined.open.clear();
            Ok(examined)
        }
        Some(examined) => {
            let reason = examined.open.first().map(|open| open.reason.clone());
            let reason = reason.unwrap_or_else(|| "nothing is left to decide".to_owned());
            let message = format!("{} cannot be kept: {reason}", modality.name());
            Err(Error::new(Kind::ConstraintViolation, message)
                .at(resolve.conflict.span)
                .hint("SET what is right, or DISMISS it"))
        }
        None => {
            let message = format!(
                "{} is what drifted: to keep it is to leave everything as it is",
                modality.name()
            );
            Err(Error::new(Kind::ConstraintViolation, message)
                .at(resolve.conflict.span)
                .hint("DISMISS says that it is no conflict"))
        }
    }
}

/// Changes that somebody states, as something to write into the books.
fn stated(
    job: &Job<'_>,
    view: &mut View,
    conflict: &Conflict,
    changes: Vec<Change>,
    how: String,
) -> Result<Examined> {
    let live = Entity::now(view, conflict.iid)?.filter(|e| e.header().deleted_at.is_none());
    if live.is_none() {
        let message = format!("hexad `{}` is gone", conflict.hexad);
        return Err(Error::new(Kind::UpdateNotFound, message));
    }
    drop(live);
    let repairer = Repairer::new(job, view, Wish::default())?;
    let kind = DriftKind::from_name(&conflict.about);
    let (before, after, touched, differences) =
        repairer.rehearse(view, conflict.iid, &changes, kind)?;
    let about = conflict.about.clone();
    Ok(Examined {
        iid: conflict.iid,
        id: conflict.hexad.clone(),
        policy: vec![format!("decision on {}", conflict.id())],
        covered: Covered::Part,
        changes,
        fixed: vec![Fixed { about, kind, before, after, how }],
        open: Vec::new(),
        differences,
        touched,
    })
}
