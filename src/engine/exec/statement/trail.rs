//! `SHOW NORMALIZATIONS [id]`, `REVERT NORMALIZATION id`, and the trail's part of `CHECK INTEGRITY`.

use std::collections::BTreeMap;

use crate::engine::base::{ContentHash, Error, Kind, Modality, Result, Span, Value};
use crate::engine::exec::normalize::{Covered, Examined, Fixed, Repairer, Wish, book};
use crate::engine::exec::statement::{Job, done, table};
use crate::engine::hexad::{Change, Draft};
use crate::engine::lang::ast::{IdRef, Revert};
use crate::engine::normalize::{Entry, Touched, Trail};
use crate::engine::outcome::Outcome;
use crate::engine::store::{Space, View};

/// Entries listed when nobody says how many.
const LISTED: usize = 100;
/// How often a revert is tried when others are faster.
const ATTEMPTS: u32 = 32;

/// `SHOW NORMALIZATIONS`: the newest first; of one hexad, or one entry by its id.
pub fn show(
    job: &Job<'_>,
    view: &View,
    subject: Option<&IdRef>,
    limit: Option<usize>,
) -> Result<Outcome> {
    let most = limit.unwrap_or(LISTED);
    let name = subject.map(|id| job.lower(view, |l| l.id(id))).transpose()?;
    let is_hexad = name.as_deref().map(|name| view.iids_named(name)).transpose()?;
    let number = match (&name, is_hexad) {
        (Some(name), Some(iids)) if iids.is_empty() => {
            let Some(number) = Entry::number_of(name) else {
                let message = format!("neither a normalization nor a hexad is called `{name}`");
                return Err(Error::new(Kind::NotFound, message)
                    .at(subject.map_or(Span::new(0, 0), |id| id.span)));
            };
            Some(number)
        }
        _ => None,
    };
    let mut rows = Vec::new();
    for at in (1..=book::end(view)?.last).rev() {
        job.budget.tick()?;
        if number.is_some_and(|number| number != at) {
            continue;
        }
        let Some(entry) = book::entry(view, at)? else { continue };
        if number.is_none() && name.as_ref().is_some_and(|name| *name != entry.hexad) {
            continue;
        }
        rows.push(row(&entry));
        if rows.len() >= most {
            break;
        }
    }
    let columns = [
        "id", "at", "by", "what", "hexad", "version", "scores", "policy", "how", "changed", "of",
        "previous",
    ];
    Ok(table("SHOW NORMALIZATIONS", &columns, rows))
}

fn row(entry: &Entry) -> Vec<Value> {
    let texts = |all: &[String]| Value::List(all.iter().map(|t| t.as_str().into()).collect());
    let scores = entry.scores.iter().map(|scored| {
        let score = |s: Option<f64>| s.map_or(Value::Null, Value::Float);
        let both = [("before", score(scored.before)), ("after", score(scored.after))];
        let both = both.map(|(name, value)| (name.to_owned(), value));
        (scored.kind.clone(), Value::Map(both.into()))
    });
    let hash = |hash: Option<ContentHash>| hash.map_or(Value::Null, |h| h.to_hex().into());
    let changed = entry.touched.iter().map(|touched| {
        let before = touched.before.as_ref().map(|before| ContentHash::of(&before.body));
        let both = [("before", hash(before)), ("after", hash(touched.after))];
        let both = both.map(|(name, value)| (name.to_owned(), value));
        (touched.modality.name().to_owned(), Value::Map(both.into()))
    });
    let of = entry.of.map(|number| match entry.what.as_str() {
        "resolved" => format!("c-{number}"),
        _ => format!("n-{number}"),
    });
    vec![
        entry.id().into(),
        Value::Time(entry.at),
        entry.by.as_str().into(),
        entry.what.as_str().into(),
        entry.hexad.as_str().into(),
        Value::Int(i64::from(entry.version)),
        Value::Map(scores.collect::<BTreeMap<_, _>>()),
        texts(&entry.policy),
        texts(&entry.how),
        Value::Map(changed.collect::<BTreeMap<_, _>>()),
        of.map_or(Value::Null, Value::Text),
        entry.previous.to_hex().into(),
    ]
}

/// `REVERT NORMALIZATION`
pub fn revert(job: &Job<'_>, revert: &Revert, span: Span) -> Result<Outcome> {
    job.alone("REVERT NORMALIZATION", span)?;
    job.writable()?;
    let mut attempt = 0;
    loop {
        let mut view = job.shared.store.view()?;
        let name = job.lower(&view, |l| l.id(&revert.entry))?;
        let found = Entry::number_of(&name).map(|n| book::entry(&view, n)).transpose()?.flatten();
        let Some(entry) = found else {
            let message = format!("no normalization is called `{name}`");
            return Err(Error::new(Kind::NotFound, message).at(revert.entry.span));
        };
        let examined = back(job, &mut view, &entry, revert)?;
        let author = job.author();
        let mut draft = Draft::new(&view, author.clone())?;
        let of = Some(entry.number);
        let occasion = book::Occasion { what: "reverted", by: &author.name, of };
        book::write(&view, &mut draft, &examined, &occasion)?;
        attempt += 1;
        match job.commit(&view, draft.finish()) {
            Ok(()) => return Ok(done("REVERT NORMALIZATION")),
            Err(error) if error.kind == Kind::WriteConflict && attempt < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
}

/// What puts back what an entry changed.
fn back(job: &Job<'_>, view: &mut View, entry: &Entry, revert: &Revert) -> Result<Examined> {
    let refuse = |kind: Kind, message: String| Err(Error::new(kind, message).at(revert.entry.span));
    let header = view.header(entry.iid)?.filter(|header| header.deleted_at.is_none());
    if header.is_none() {
        return refuse(Kind::UpdateNotFound, format!("hexad `{}` is gone", entry.hexad));
    }
    if entry.touched.is_empty() {
        let message =
            format!("{} only added to versions and events, which are never taken away", entry.id());
        return refuse(Kind::ConstraintViolation, message);
    }
    let mut changes = Vec::new();
    let mut since = Vec::new();
    for Touched { modality, before, after } in &entry.touched {
        let now = view.record(*modality, entry.iid)?.map(|record| record.meta.content_hash);
        if now != *after {
            since.push(*modality);
        }
        changes.push(match before {
            Some(stored) => Change::Put(*modality, stored.clone()),
            None => Change::Remove(*modality),
        });
    }
    if !since.is_empty() && !revert.force {
        let names: Vec<&str> = since.iter().map(|m: &Modality| m.name()).collect();
        let message =
            format!("{} of hexad `{}` changed since {}", names.join(", "), entry.hexad, entry.id());
        let error = Error::new(Kind::WriteConflict, message).at(revert.entry.span);
        return Err(error.hint("FORCE puts the older state over what was written since"));
    }
    let repairer = Repairer::new(job, view, Wish::default())?;
    let (.., touched, differences) = repairer.rehearse(view, entry.iid, &changes, None)?;
    if touched.is_empty() {
        let message = format!("hexad `{}` is as it was before {}", entry.hexad, entry.id());
        return refuse(Kind::WriteConflict, message);
    }
    let how = format!("what {} changed is put back", entry.id());
    let about = "revert".to_owned();
    Ok(Examined {
        iid: entry.iid,
        id: entry.hexad.clone(),
        policy: vec!["statement".to_owned()],
        covered: Covered::Part,
        changes,
        fixed: vec![Fixed { about, kind: None, before: None, after: None, how }],
        open: Vec::new(),
        differences,
        touched,
    })
}

/// What is wrong with the trail, as rows of `CHECK INTEGRITY`.
pub fn faults(view: &View) -> Result<Vec<Vec<Value>>> {
    let entries = match view.entries(Space::Normalization) {
        Ok(entries) => entries,
        // A row that cannot be read is among the faults of the file already.
        Err(error) if error.kind == Kind::Corruption => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let faults = Trail::faults(&entries);
    Ok(faults
        .into_iter()
        .map(|(id, fault)| vec!["normalizations".into(), id.into(), fault.into()])
        .collect())
}
