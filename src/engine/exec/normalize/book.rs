//! What is kept of repairs: the trail, and the conflicts that wait. Both are written in the commit of
//! the repair they speak of.

use std::collections::BTreeSet;

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Result, Timestamp};
use crate::engine::hexad::assemble::CONTENTS;
use crate::engine::hexad::{Change, Draft};
use crate::engine::normalize::trail::HEAD;
use crate::engine::normalize::{Conflict, Decision, Entry, Trail};
use crate::engine::store::{CatalogOp, Space, View};

use super::{Examined, Open, event};

/// Decided conflicts of one hexad that are remembered, so that the same is not asked again.
const REMEMBERED: usize = 64;

fn set(space: Space, name: &str, body: Vec<u8>) -> CatalogOp {
    CatalogOp::Set { space, name: name.to_owned(), body }
}

/// Where the trail ends.
pub fn end(view: &View) -> Result<Trail> {
    view.entry(Space::Normalization, HEAD)?.map_or(Ok(Trail::default()), |b| Trail::decode(&b))
}

/// One entry of the trail.
pub fn entry(view: &View, number: u64) -> Result<Option<Entry>> {
    let body = view.entry(Space::Normalization, &Entry::entry(number))?;
    body.map(|body| Entry::decode(&body)).transpose()
}

/// One conflict.
pub fn conflict(view: &View, number: u64) -> Result<Option<Conflict>> {
    let body = view.entry(Space::Conflict, &Conflict::entry(number))?;
    body.map(|body| Conflict::decode(&body)).transpose()
}

/// The number of the last conflict.
pub fn last_conflict(view: &View) -> Result<u64> {
    match view.entry(Space::Conflict, HEAD)? {
        Some(body) => Reader::new(&body, "number of conflicts").uint(),
        None => Ok(0),
    }
}

fn list_name(hexad: &str) -> String {
    format!("of/{hexad}")
}

/// The conflicts of a hexad, waiting or remembered, oldest first.
pub fn of(view: &View, hexad: &str) -> Result<Vec<Conflict>> {
    let Some(body) = view.entry(Space::Conflict, &list_name(hexad))? else { return Ok(Vec::new()) };
    let mut reader = Reader::new(&body, "list of conflicts");
    let mut found = Vec::new();
    for _ in 0..reader.count(1)? {
        found.extend(conflict(view, reader.uint()?)?);
    }
    Ok(found)
}

/// The conflicts of a hexad that wait.
pub fn open(view: &View, hexad: &str) -> Result<Vec<Conflict>> {
    Ok(of(view, hexad)?.into_iter().filter(|c| c.decision.is_none()).collect())
}

/// The hash of everything a question is about: the hexad as it is once this is written.
fn print_of(view: &View, examined: &Examined, open: &Open) -> Result<ContentHash> {
    let mut bytes = Vec::new();
    codec::put_text(&mut bytes, &open.about);
    for modality in CONTENTS {
        let hash = match examined.touched.iter().find(|t| t.modality == modality) {
            Some(touched) => touched.after,
            None => view.record(modality, examined.iid)?.map(|record| record.meta.content_hash),
        };
        if let Some(hash) = hash {
            bytes.push(modality as u8);
            bytes.extend_from_slice(&hash.0);
        }
    }
    Ok(ContentHash::of(&bytes))
}

/// What a commit leaves in the books, as users call it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// The entry of the trail.
    pub entry: Option<String>,
    /// Every open question by what it is about, with its conflict; a question that was dismissed has
    /// none.
    pub conflicts: Vec<(String, Option<String>)>,
}

/// Who writes a trail, and what for.
pub struct Occasion<'a> {
    /// `normalized`, `resolved`, `reverted`.
    pub what: &'static str,
    /// Who.
    pub by: &'a str,
    /// What it resolves or reverts.
    pub of: Option<u64>,
}

/// Writes a repair into a draft: the hexad, its trail, its conflicts.
///
/// The view must show the commit alone.
pub fn write(
    view: &View,
    draft: &mut Draft<'_>,
    examined: &Examined,
    occasion: &Occasion<'_>,
) -> Result<Noted> {
    draft.require(examined.iid);
    let mut noted = Noted::default();
    if !examined.changes.is_empty() {
        noted.entry = Some(put(view, draft, examined, occasion)?);
    }
    noted.conflicts = reconcile(view, draft, examined, occasion.by)?;
    Ok(noted)
}

fn put(
    view: &View,
    draft: &mut Draft<'_>,
    examined: &Examined,
    occasion: &Occasion<'_>,
) -> Result<String> {
    let end = end(view)?;
    let version = view.header(examined.iid)?.map_or(0, |header| header.version) + 1;
    let how: Vec<String> = examined.fixed.iter().map(|fixed| fixed.how.clone()).collect();
    let entry = Entry {
        number: end.last + 1,
        at: draft.time(),
        by: occasion.by.to_owned(),
        what: occasion.what.to_owned(),
        iid: examined.iid,
        hexad: examined.id.clone(),
        version,
        scores: examined.scores(),
        policy: examined.policy.clone(),
        how: how.clone(),
        touched: examined.touched.clone(),
        of: occasion.of,
        previous: end.hash,
    };
    let body = entry.encode();
    let hash = ContentHash::of(&body);
    let mut changes = examined.changes.clone();
    let mut told = event(occasion.what);
    let mut sources: BTreeSet<String> = BTreeSet::new();
    for touched in &examined.touched {
        let record = touched.before.as_ref().map(|before| ContentHash::of(&before.body));
        let was = record.map_or_else(|| "nothing".to_owned(), ContentHash::to_hex);
        sources.insert(format!("{} was {was}", touched.modality));
    }
    let parts = how.into_iter().chain(sources).collect::<Vec<_>>();
    told.source = Some(entry.id());
    told.description = Some(parts.join("; "));
    told.digest = Some(format!("blake3:{}", hash.to_hex()));
    changes.push(Change::Event(told));
    draft.update(examined.iid, changes)?;
    draft.catalog(set(Space::Normalization, &Entry::entry(entry.number), body));
    let end = Trail { last: entry.number, hash };
    draft.catalog(set(Space::Normalization, HEAD, end.encode()));
    Ok(entry.id())
}

/// Opens what is new, closes what is gone, leaves what is known.
fn reconcile(
    view: &View,
    draft: &mut Draft<'_>,
    examined: &Examined,
    by: &str,
) -> Result<Vec<(String, Option<String>)>> {
    let known = of(view, &examined.id)?;
    let (mut last, first) = (last_conflict(view)?, last_conflict(view)?);
    let mut kept: Vec<u64> = known.iter().map(|conflict| conflict.number).collect();
    let (mut listed, now) = (Vec::new(), draft.time());
    for open in &examined.open {
        let print = print_of(view, examined, open)?;
        let same = |c: &&Conflict| c.hexad == examined.id && c.about == open.about;
        let waiting = known.iter().filter(same).find(|c| c.decision.is_none());
        if let Some(waiting) = waiting {
            listed.push((open.about.clone(), Some(waiting.id())));
            if waiting.print != print {
                let fresh = made(examined, open, print, waiting.number, waiting.opened);
                draft.catalog(set(Space::Conflict, &Conflict::entry(fresh.number), fresh.encode()));
            }
            continue;
        }
        if known.iter().filter(same).any(|c| c.print == print && is_dismissed(c)) {
            listed.push((open.about.clone(), None));
            continue;
        }
        last += 1;
        let fresh = made(examined, open, print, last, now);
        listed.push((open.about.clone(), Some(fresh.id())));
        draft.catalog(set(Space::Conflict, &Conflict::entry(last), fresh.encode()));
        kept.push(last);
    }
    for gone in
        known.into_iter().filter(|c| examined.covered.asks(&c.about) && c.decision.is_none())
    {
        if !examined.open.iter().any(|open| open.about == gone.about) {
            close(draft, gone, "no longer there", by);
        }
    }
    if last != first {
        let mut body = Vec::new();
        codec::put_uint(&mut body, last);
        draft.catalog(set(Space::Conflict, HEAD, body));
        kept.drain(..kept.len().saturating_sub(REMEMBERED));
        let mut body = Vec::new();
        codec::put_uint(&mut body, kept.len() as u64);
        for number in kept {
            codec::put_uint(&mut body, number);
        }
        draft.catalog(set(Space::Conflict, &list_name(&examined.id), body));
    }
    Ok(listed)
}

fn is_dismissed(conflict: &Conflict) -> bool {
    conflict.decision.as_ref().is_some_and(|decision| decision.what == DISMISSED)
}

/// The decision that it is no conflict.
pub const DISMISSED: &str = "dismissed";

fn made(
    examined: &Examined,
    open: &Open,
    print: ContentHash,
    number: u64,
    opened: Timestamp,
) -> Conflict {
    Conflict {
        number,
        iid: examined.iid,
        hexad: examined.id.clone(),
        about: open.about.clone(),
        target: open.target,
        sources: open.sources.clone(),
        reason: open.reason.clone(),
        score: open.score,
        candidates: open.candidates.clone(),
        print,
        opened,
        decision: None,
    }
}

/// Writes down how a conflict ended.
pub fn close(draft: &mut Draft<'_>, mut conflict: Conflict, what: &str, by: &str) {
    let at = draft.time();
    conflict.decision = Some(Decision { what: what.to_owned(), by: by.to_owned(), at });
    draft.catalog(set(Space::Conflict, &Conflict::entry(conflict.number), conflict.encode()));
}
