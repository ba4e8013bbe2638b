//! Snapshots: which version each hexad had, and what the catalogue said, under a name.
//!
//! A snapshot holds no contents. Versions that were replaced or deleted stay in the history of their
//! hexads, and nothing takes them out of there; so a list of versions is all it takes to keep a state,
//! and a snapshot costs a few bytes for each hexad. It is an entry of the catalogue: made, dropped and
//! backed up as everything that is committed.
//!
//! Going back is one commit as well, which gives every hexad that differs a new version with the old
//! contents. It can be undone, and what happened between stays in the history.
//!
//! ```text
//! 1, lsn, taken, author, hexads
//! count, (gap, version)*              the live hexads by internal id, ascending; gap to the one before
//! count, (space 1, name, n, body)*    the entries of the catalogue that are content
//! ```

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{Error, Iid, Kind, Lsn, Result, Timestamp};
use crate::engine::store::{CatalogOp, Space, View};

use super::Draft;

const VERSION: u8 = 1;

/// What is told of a snapshot without reading all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The commit it holds.
    pub lsn: Lsn,
    /// When it was made.
    pub taken: Timestamp,
    /// By whom.
    pub author: String,
    /// How many hexads there were.
    pub hexads: u64,
}

/// One state of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What it is.
    pub label: Label,
    /// The version of every live hexad, ascending.
    versions: Vec<(Iid, u32)>,
    /// Entries of the catalogue.
    entries: BTreeMap<(Space, String), Vec<u8>>,
}

/// What going back changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reverted {
    /// Hexads that are as they were again.
    pub hexads: u64,
    /// Of these, how many lived no longer.
    pub revived: u64,
    /// Hexads that did not exist then.
    pub deleted: u64,
    /// Contracts and other entries of the catalogue.
    pub entries: u64,
}

impl Snapshot {
    /// The state `view` shows.
    pub fn of(view: &View, taken: Timestamp, author: &str) -> Result<Self> {
        let mut versions = Vec::new();
        view.headers(&mut |header| {
            if header.deleted_at.is_none() {
                versions.push((header.iid, header.version));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let hexads = versions.len() as u64;
        let label = Label { lsn: view.lsn(), taken, author: author.to_owned(), hexads };
        Ok(Self { label, versions, entries: entries(view)? })
    }

    /// As bytes of the catalogue.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64 + 2 * self.versions.len());
        out.push(VERSION);
        codec::put_uint(&mut out, self.label.lsn.0);
        codec::put_int(&mut out, self.label.taken.0);
        codec::put_text(&mut out, &self.label.author);
        codec::put_uint(&mut out, self.label.hexads);
        codec::put_uint(&mut out, self.versions.len() as u64);
        let mut before = 0;
        for (iid, version) in &self.versions {
            codec::put_uint(&mut out, u64::from(iid.0 - before));
            codec::put_uint(&mut out, u64::from(*version));
            before = iid.0;
        }
        codec::put_uint(&mut out, self.entries.len() as u64);
        for ((space, name), body) in &self.entries {
            out.push(*space as u8);
            codec::put_text(&mut out, name);
            codec::put_uint(&mut out, body.len() as u64);
            out.extend_from_slice(body);
        }
        out
    }

    /// Reads it back.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes, "snapshot");
        let label = label(&mut reader)?;
        let count = reader.count(2)?;
        let mut versions = Vec::with_capacity(count);
        let mut before = 0_u32;
        for n in 0..count {
            let gap = reader.u32()?;
            let next = before.checked_add(gap).filter(|_| gap > 0 || n == 0);
            before = next.ok_or_else(|| reader.damaged("speaks of hexads out of order"))?;
            versions.push((Iid(before), reader.u32()?));
        }
        let mut entries = BTreeMap::new();
        for _ in 0..reader.count(3)? {
            let space = Space::ALL.get(usize::from(reader.byte()?)).copied();
            let space = space.ok_or_else(|| reader.damaged("speaks of an unknown family"))?;
            let name = reader.text()?.to_owned();
            let length = reader.count(1)?;
            entries.insert((space, name), reader.bytes(length)?.to_vec());
        }
        reader.finish()?;
        Ok(Self { label, versions, entries })
    }

    /// Fails when the database has not all the versions it names.
    pub fn check(&self, view: &View) -> Result<()> {
        let mut wanted = self.versions.iter().copied().peekable();
        view.headers(&mut |header| {
            if let Some((iid, version)) = wanted.next_if(|(iid, _)| *iid <= header.iid)
                && (iid < header.iid || header.version < version)
            {
                return Err(missing(iid));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        wanted.next().map_or(Ok(()), |(iid, _)| Err(missing(iid)))
    }

    /// Puts into `draft`, which is over `view`, what makes of its state this one.
    pub fn restore(
        &self,
        view: &View,
        draft: &mut Draft<'_>,
        tick: &mut dyn FnMut() -> Result<()>,
    ) -> Result<Reverted> {
        let mut done = Reverted::default();
        let (gone, differing) = self.differences(view)?;
        // Ids that are given back must be free first.
        for iid in gone {
            tick()?;
            draft.delete(iid)?;
            done.deleted += 1;
        }
        for (iid, version, dead) in differing {
            tick()?;
            if draft.revert(iid, version)? {
                done.hexads += 1;
                done.revived += u64::from(dead);
            }
        }
        let now = entries(view)?;
        let unset = now.keys().filter(|key| !self.entries.contains_key(*key));
        for (space, name) in unset {
            draft.catalog(CatalogOp::Unset { space: *space, name: name.clone() });
            done.entries += 1;
        }
        for ((space, name), body) in &self.entries {
            let key = (*space, name.clone());
            if now.get(&key) != Some(body) {
                let (name, body) = (name.clone(), body.clone());
                draft.catalog(CatalogOp::Set { space: *space, name, body });
                done.entries += 1;
            }
        }
        Ok(done)
    }

    /// The live hexads that did not exist then; and those that did and may be different now, with
    /// their version of then and whether they are dead.
    #[expect(clippy::type_complexity, reason = "two lists, named above")]
    fn differences(&self, view: &View) -> Result<(Vec<Iid>, Vec<(Iid, u32, bool)>)> {
        let mut wanted = self.versions.iter().copied().peekable();
        let (mut gone, mut differing) = (Vec::new(), Vec::new());
        view.headers(&mut |header| {
            let dead = header.deleted_at.is_some();
            match wanted.next_if(|(iid, _)| *iid <= header.iid) {
                Some((iid, _)) if iid < header.iid => return Err(missing(iid)),
                Some((iid, version)) if dead || header.version != version => {
                    differing.push((iid, version, dead));
                }
                None if !dead => gone.push(header.iid),
                Some(_) | None => {}
            }
            Ok(ControlFlow::Continue(()))
        })?;
        match wanted.next() {
            Some((iid, _)) => Err(missing(iid)),
            None => Ok((gone, differing)),
        }
    }
}

fn missing(iid: Iid) -> Error {
    let message = format!("the version it names of hexad #{} was never made", iid.0);
    Error::new(Kind::Corruption, message)
}

/// What is told of the snapshot in `bytes`.
pub fn peek(bytes: &[u8]) -> Result<Label> {
    label(&mut Reader::new(bytes, "snapshot"))
}

fn label(reader: &mut Reader<'_>) -> Result<Label> {
    if reader.byte()? != VERSION {
        let message = "the snapshot was made by a newer version of vql";
        return Err(Error::new(Kind::NewerFormat, message));
    }
    Ok(Label {
        lsn: Lsn(reader.uint()?),
        taken: Timestamp(reader.int()?),
        author: reader.text()?.to_owned(),
        hexads: reader.uint()?,
    })
}

fn entries(view: &View) -> Result<BTreeMap<(Space, String), Vec<u8>>> {
    let mut all = BTreeMap::new();
    for space in Space::ALL.into_iter().filter(|space| space.is_content()) {
        all.extend(view.entries(space)?.into_iter().map(|(name, body)| ((space, name), body)));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_snapshot() -> impl Strategy<Value = Snapshot> {
        let versions = prop::collection::btree_map(any::<u32>(), any::<u32>(), 0..20);
        let entry = (0..Space::ALL.len(), ".{0,8}", prop::collection::vec(any::<u8>(), 0..9));
        let entries = prop::collection::vec(entry, 0..5);
        (any::<(u64, i64)>(), ".{0,6}", versions, entries).prop_map(
            |((lsn, taken), author, versions, entries)| Snapshot {
                label: Label {
                    lsn: Lsn(lsn),
                    taken: Timestamp(taken),
                    author,
                    hexads: versions.len() as u64,
                },
                versions: versions.into_iter().map(|(iid, version)| (Iid(iid), version)).collect(),
                entries: entries.into_iter().map(|(s, n, b)| ((Space::ALL[s], n), b)).collect(),
            },
        )
    }

    proptest! {
        #[test]
        fn reads_back(snapshot in any_snapshot()) {
            let bytes = snapshot.encode();
            prop_assert_eq!(peek(&bytes), Ok(snapshot.label.clone()));
            prop_assert_eq!(Snapshot::decode(&bytes), Ok(snapshot));
        }

        #[test]
        fn hostile_bytes_are_errors(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            drop(Snapshot::decode(&bytes));
        }

        #[test]
        fn what_was_cut_off_is_noticed(snapshot in any_snapshot(), cut in 1_usize..40) {
            let bytes = snapshot.encode();
            let short = &bytes[..bytes.len().saturating_sub(cut)];
            prop_assert!(Snapshot::decode(short).is_err());
        }
    }
}
