//! Whole hexads through a session: what programs that speak JSON read and write without a statement.
//! Rights, transactions and locks are those of statements.

use std::ops::ControlFlow;

use serde_json::Value as Json;

use crate::engine::auth::{Action, Resource};
use crate::engine::base::{
    Error, Fault, HexadId, Iid, Kind, Modality, ModalitySet, Result, Timestamp,
};
use crate::engine::embed::Memo;
use crate::engine::exec::statement::{Job, audit};
use crate::engine::hexad::{
    Change, Draft, Hexad, HexadInput, ProvenanceInput, assemble, assemble_at, json, write,
};
use crate::engine::modality::provenance;
use crate::engine::modality::temporal::{self, ValidTime};
use crate::engine::outcome::{Control, Params};
use crate::engine::store::View;

use super::{Session, TransactionState};

/// What only the database may say of a hexad: may be in what is sent back, and means nothing there.
pub const READ_ONLY: &[&str] = &[
    "version",
    "created_at",
    "modified_at",
    "status",
    "has_graph",
    "has_vector",
    "has_tensor",
    "has_semantic",
    "has_document",
    "has_temporal",
    "has_provenance",
    "has_spatial",
    "version_count",
    "provenance_chain_length",
];

/// A hexad as it is, or was.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// Its id.
    pub id: String,
    /// Names this state of it: no other state of any hexad has the same.
    pub tag: String,
    /// Its version.
    pub version: u32,
    /// When it was inserted.
    pub created_at: Timestamp,
    /// When this version was written.
    pub modified_at: Timestamp,
    /// The modalities it has, asked for or not.
    pub present: ModalitySet,
    /// Events of its provenance.
    pub events: u32,
    /// What was asked for, as JSON that can be written back.
    pub json: String,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// The hexads.
    pub hexads: Vec<Held>,
    /// Where the next page goes on; `None` at the end.
    pub next: Option<u32>,
    /// How many hexads there are.
    pub total: u64,
}

/// Which part of the list of all hexads. The order is that in which they were inserted: those that come
/// and go while somebody turns the pages neither repeat nor hide others.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Goes on behind this one, as [`Listed::next`] said.
    pub after: Option<u32>,
    /// Passes over as many.
    pub skip: u64,
    /// No more than these.
    pub most: usize,
    /// The newest first.
    pub descending: bool,
    /// What is read of each.
    pub wanted: ModalitySet,
}

/// What a write relies on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Expect {
    /// Nothing.
    #[default]
    Anything,
    /// It does not exist.
    Absent,
    /// It exists.
    Present,
    /// It exists; when it does not, that is `UpdateNotFound` and not a broken promise.
    Known,
    /// It exists in one of these states.
    Tagged(Vec<String>),
}

/// One write of one hexad.
#[derive(Clone, Debug)]
pub enum HexadWrite {
    /// Makes it; `InsertConflict` when it exists. Without an id it gets one.
    Insert(HexadInput),
    /// Makes it what the input says, whether it exists or not.
    Put(HexadInput, Expect),
    /// Changes it as RFC 7396 says; `UpdateNotFound` when it does not exist.
    Merge(HexadId, Json, Expect),
    /// Records an event.
    Event(HexadId, ProvenanceInput),
    /// Takes it away; `DeleteNotFound` when it does not exist.
    Delete(HexadId, Expect),
}

/// What became of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// Its id.
    pub id: String,
    /// What was done.
    pub what: Done,
    /// Names the state it has now; `None` when it is gone.
    pub tag: Option<String>,
    /// The version it has now.
    pub version: u32,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is new.
    Created,
    /// It is another.
    Changed,
    /// It was so already.
    Unchanged,
    /// It is gone.
    Deleted,
}

impl HexadWrite {
    /// Reads a hexad of JSON.
    pub fn input(text: &str) -> Result<HexadInput, Fault> {
        json::parse_but(text, READ_ONLY)?.admit()
    }
}

impl HexadWrite {
    /// Whether it may retract a hexad, or take that back.
    fn retracts(&self) -> bool {
        let said = |events: &[ProvenanceInput]| {
            events.iter().any(|event| super::speaks_of_retraction(&event.event))
        };
        match self {
            Self::Insert(input) | Self::Put(input, _) => said(&input.provenance),
            Self::Merge(_, patch, _) => super::speaks_of_retraction(&patch.to_string()),
            Self::Event(_, event) => said(std::slice::from_ref(event)),
            Self::Delete(..) => false,
        }
    }
}

/// Names a state of a hexad.
fn tag(iid: Iid, version: u32) -> String {
    format!("{:x}-{version:x}", iid.0)
}

impl Session {
    /// A hexad as it is now; `None` when it does not exist, or is not for this principal to see.
    pub fn hexad(
        &mut self,
        id: &str,
        wanted: ModalitySet,
        control: &Control,
    ) -> Result<Option<Held>> {
        self.work(control, &|job| {
            let view = job.view()?;
            match view.iid(id)? {
                Some(iid) => held(&view, iid, wanted),
                None => Ok(None),
            }
        })
    }

    /// A hexad as it was in one of its versions. `VersionNotFound` when there is no such version.
    pub fn hexad_at(
        &mut self,
        id: &str,
        version: u32,
        wanted: ModalitySet,
        control: &Control,
    ) -> Result<Option<Held>> {
        self.work(control, &|job| {
            let view = job.view()?;
            let Some(iid) = view.iid(id)? else { return Ok(None) };
            let Some(mut hexad) = assemble_at(&view, iid, version, with_time(wanted))? else {
                return Ok(None);
            };
            let valid = hexad.versions.last().map(|v| v.valid).unwrap_or_default();
            (hexad.versions, hexad.events) = (Vec::new(), Vec::new());
            let events = events(&view, iid)?;
            Ok(Some(of(&hexad, valid, events)))
        })
    }

    /// The versions and events of a hexad, as an export has them, and whether the chain of the events
    /// holds: every hash is computed again.
    pub fn hexad_history(
        &mut self,
        id: &str,
        control: &Control,
    ) -> Result<Option<(String, Result<usize, String>)>> {
        self.work(control, &|job| {
            let view = job.view()?;
            let Some(iid) = view.iid(id)? else { return Ok(None) };
            let wanted = [Modality::Temporal, Modality::Provenance].into_iter().collect();
            let Some(hexad) = assemble(&view, iid, wanted)? else { return Ok(None) };
            let chain = provenance::valid::check_chain(&hexad.events)
                .map(|()| hexad.events.len())
                .map_err(|fault| Error::from(fault).message);
            Ok(Some((json::line(&hexad), chain)))
        })
    }

    /// A page of the list of all hexads that this principal sees.
    pub fn hexads(&mut self, range: Range, control: &Control) -> Result<Listed> {
        self.work(control, &|job| {
            let view = job.view()?;
            let live = view.live()?;
            let mut hexads = Vec::new();
            let mut next = None;
            let mut left = range.skip;
            let mut each = |iid: u32| -> Result<ControlFlow<()>> {
                job.budget.tick()?;
                if left > 0 {
                    left -= 1;
                    return Ok(ControlFlow::Continue(()));
                }
                if hexads.len() == range.most {
                    next = Some(());
                    return Ok(ControlFlow::Break(()));
                }
                hexads.extend(held(&view, Iid(iid), range.wanted)?.map(|held| (iid, held)));
                Ok(ControlFlow::Continue(()))
            };
            if range.descending {
                let mut iids = live.range(..range.after.unwrap_or(u32::MAX)).rev();
                iids.try_for_each(|iid| spread(each(iid)))
            } else {
                let mut iids = live.range(range.after.map_or(0, |after| after.saturating_add(1))..);
                iids.try_for_each(|iid| spread(each(iid)))
            }
            .map_or_else(|stop| stop, Ok)?;
            let next = next.and_then(|()| hexads.last().map(|(iid, _)| *iid));
            let hexads = hexads.into_iter().map(|(_, held)| held).collect();
            Ok(Listed { hexads, next, total: live.len() })
        })
    }

    /// Writes hexads as one commit, or as a part of the open transaction: all of them, or none.
    ///
    /// `PreconditionFailed` when one of them is not in the state that its write relies on.
    pub fn write_hexads(&mut self, writes: &[HexadWrite], control: &Control) -> Result<Vec<Wrote>> {
        let single = self.transaction() == TransactionState::None;
        let retracts = writes.iter().any(HexadWrite::retracts);
        self.retracts |= retracts && !single;
        let since = if single { self.before_commit(retracts)? } else { None };
        let wrote = self.work(control, &|job| {
            job.write(|view, draft| {
                writes.iter().map(|one| make(job, view, draft, one)).collect::<Result<Vec<_>>>()
            })
        })?;
        // What is said of the normalization behind it can be asked for; it does not concern the write.
        drop(self.behind(since, retracts, "", control));
        Ok(wrote)
    }

    /// Runs `work` in the surroundings of a statement, and writes down when it is refused.
    fn work<T>(&mut self, control: &Control, work: &dyn Fn(&Job<'_>) -> Result<T>) -> Result<T> {
        let outcome = self.unheard(control, work);
        if let Err(error) = &outcome {
            audit::refused(&self.shared, &self.who, "HEXAD", error)?;
        }
        outcome
    }

    /// Runs `work` in the open transaction, or for itself.
    fn unheard<T>(&mut self, control: &Control, work: &dyn Fn(&Job<'_>) -> Result<T>) -> Result<T> {
        control.check()?;
        if self.failed {
            return Err(Error::new(
                Kind::TransactionAborted,
                "the transaction has failed: nothing but ROLLBACK is heard",
            )
            .hint("ROLLBACK, then begin again"));
        }
        self.rights()?.authorize(Action::Data, Resource::Database)?;
        let control = self.bounded(control);
        let (params, memo) = (Params::new(), Memo::default());
        let Some((lot, mut open)) = self.take_out()? else {
            return self.job("", &params, &control, &memo, None, work);
        };
        let outcome = self.inside(&mut open, &control, &|inside| {
            self.job("", &params, &control, &memo, Some(inside), work)
        });
        match &outcome {
            Err(error) if super::ends(error) => self.failed = true,
            _ => self.put_back(lot, open),
        }
        self.rest();
        outcome
    }
}

/// A loop that ends early, or fails, as one kind of stop.
fn spread(step: Result<ControlFlow<()>>) -> std::result::Result<(), Result<()>> {
    match step {
        Ok(ControlFlow::Continue(())) => Ok(()),
        Ok(ControlFlow::Break(())) => Err(Ok(())),
        Err(error) => Err(Err(error)),
    }
}

fn with_time(mut wanted: ModalitySet) -> ModalitySet {
    wanted.insert(Modality::Temporal);
    wanted.remove(Modality::Provenance);
    wanted
}

/// The modalities without their histories.
fn contents(mut wanted: ModalitySet) -> ModalitySet {
    wanted.remove(Modality::Temporal);
    wanted.remove(Modality::Provenance);
    wanted
}

fn held(view: &View, iid: Iid, wanted: ModalitySet) -> Result<Option<Held>> {
    let Some(hexad) = assemble(view, iid, contents(wanted))? else { return Ok(None) };
    let valid =
        if wanted.contains(Modality::Temporal) { valid(view, iid)? } else { ValidTime::default() };
    Ok(Some(of(&hexad, valid, events(view, iid)?)))
}

fn valid(view: &View, iid: Iid) -> Result<ValidTime> {
    match view.last_appended(Modality::Temporal, iid)? {
        Some(entry) => Ok(temporal::codec::decode(&entry.body)?.valid),
        None => Ok(ValidTime::default()),
    }
}

fn events(view: &View, iid: Iid) -> Result<u32> {
    Ok(view.last_appended(Modality::Provenance, iid)?.map_or(0, |entry| entry.seq))
}

fn of(hexad: &Hexad, valid: ValidTime, events: u32) -> Held {
    Held {
        id: hexad.id.to_string(),
        tag: tag(hexad.iid, hexad.version),
        version: hexad.version,
        created_at: hexad.created_at,
        modified_at: hexad.modified_at,
        present: hexad.present,
        events,
        json: json::state(hexad, valid),
    }
}

/// One write of a draft.
fn make(job: &Job<'_>, view: &View, draft: &mut Draft<'_>, one: &HexadWrite) -> Result<Wrote> {
    match one {
        HexadWrite::Insert(input) => insert(job, draft, input),
        HexadWrite::Put(input, expect) => {
            let known = match &input.id {
                Some(id) => view.iid(id.as_str())?,
                None => None,
            };
            check(view, known, input.id.as_ref(), expect)?;
            match known {
                None => insert(job, draft, input),
                Some(iid) => {
                    let changed = draft.replace_admitted(iid, input)?;
                    changed_to(view, iid, changed)
                }
            }
        }
        HexadWrite::Merge(id, patch, expect) => {
            let iid = known(view, id, expect, Kind::UpdateNotFound)?;
            let input = merged(view, iid, id, patch)?;
            let changed = draft.replace_admitted(iid, &input)?;
            changed_to(view, iid, changed)
        }
        HexadWrite::Event(id, event) => {
            let iid = known(view, id, &Expect::Anything, Kind::UpdateNotFound)?;
            let changed = draft.update(iid, vec![Change::Event(event.clone())])?;
            changed_to(view, iid, changed)
        }
        HexadWrite::Delete(id, expect) => {
            let iid = known(view, id, expect, Kind::DeleteNotFound)?;
            let before = changed_to(view, iid, true)?;
            draft.delete(iid)?;
            Ok(Wrote { what: Done::Deleted, tag: None, ..before })
        }
    }
}

fn insert(job: &Job<'_>, draft: &mut Draft<'_>, input: &HexadInput) -> Result<Wrote> {
    let id = match &input.id {
        Some(id) => id.clone(),
        None => write::fresh_id(draft.time(), job.shared.rng.as_ref())?,
    };
    let iid = job.shared.store.allocate_iids(1)?;
    draft.insert_admitted(iid, id.clone(), input)?;
    let version = input.restored.as_ref().map_or(1, |r| r.versions.len().max(1) as u32);
    let (id, tag) = (id.into_string(), Some(tag(iid, version)));
    Ok(Wrote { id, what: Done::Created, tag, version })
}

fn known(view: &View, id: &HexadId, expect: &Expect, missing: Kind) -> Result<Iid> {
    let found = view.iid(id.as_str())?;
    if found.is_none() && *expect == Expect::Anything {
        return Err(Error::new(missing, format!("no hexad `{id}`")));
    }
    check(view, found, Some(id), expect)?;
    found.ok_or_else(|| Error::new(missing, format!("no hexad `{id}`")))
}

/// Whether a hexad is in the state that its write relies on.
fn check(view: &View, found: Option<Iid>, id: Option<&HexadId>, expect: &Expect) -> Result<()> {
    let id = id.map_or("", HexadId::as_str);
    let wrong = match (expect, found) {
        (Expect::Anything, _)
        | (Expect::Absent, None)
        | (Expect::Present | Expect::Known, Some(_)) => return Ok(()),
        (Expect::Known, None) => {
            return Err(Error::new(Kind::UpdateNotFound, format!("no hexad `{id}`")));
        }
        (Expect::Absent, Some(_)) => format!("hexad `{id}` exists already"),
        (Expect::Present | Expect::Tagged(_), None) => format!("hexad `{id}` does not exist"),
        (Expect::Tagged(tags), Some(iid)) => {
            let now = view.header(iid)?.map(|header| tag(iid, header.version));
            if now.is_some_and(|now| tags.contains(&now)) {
                return Ok(());
            }
            format!("hexad `{id}` was changed by somebody else")
        }
    };
    Err(Error::new(Kind::PreconditionFailed, wrong).hint("read it again and decide anew"))
}

fn changed_to(view: &View, iid: Iid, changed: bool) -> Result<Wrote> {
    let header = view.header(iid)?;
    let header =
        header.ok_or_else(|| Error::new(Kind::UpdateNotFound, "the hexad does not exist"))?;
    let version = header.version + u32::from(changed);
    let what = if changed { Done::Changed } else { Done::Unchanged };
    Ok(Wrote { id: header.id.into_string(), what, tag: Some(tag(iid, version)), version })
}

/// What the hexad is when a patch is laid over it.
fn merged(view: &View, iid: Iid, id: &HexadId, patch: &Json) -> Result<HexadInput> {
    let missing = || Error::new(Kind::UpdateNotFound, format!("no hexad `{id}`"));
    let now = held(view, iid, ModalitySet::ALL)?.ok_or_else(missing)?;
    let broken = |cause: serde_json::Error| Error::new(Kind::InternalError, cause.to_string());
    let mut whole: Json = serde_json::from_str(&now.json).map_err(broken)?;
    merge(&mut whole, patch);
    let input = HexadWrite::input(&whole.to_string())?;
    if input.id.as_ref() != Some(id) {
        return Err(Error::new(Kind::InvalidInput, "id: the id of a hexad never changes"));
    }
    Ok(input)
}

/// RFC 7396: objects are merged, `null` removes, everything else replaces.
fn merge(target: &mut Json, patch: &Json) {
    let Json::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Json::Object(serde_json::Map::new());
    }
    let Json::Object(members) = target else { return };
    for (name, change) in changes {
        if change.is_null() {
            members.shift_remove(name);
        } else {
            merge(members.entry(name.clone()).or_insert(Json::Null), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patches_are_merged_as_the_standard_says() {
        // The examples of RFC 7396, appendix A.
        for (target, patch, result) in [
            (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
            (r#"{"a":"b","b":"c"}"#, r#"{"a":null}"#, r#"{"b":"c"}"#),
            (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
            (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
            (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
            ("[1,2]", r#"{"a":"b","c":null}"#, r#"{"a":"b"}"#),
            ("{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
        ] {
            let mut merged: Json = serde_json::from_str(target).unwrap();
            merge(&mut merged, &serde_json::from_str(patch).unwrap());
            assert_eq!(merged.to_string(), result);
        }
    }
}
