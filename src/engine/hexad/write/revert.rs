//! Making a hexad what it was at an earlier version: a new version with the old contents. Nothing is
//! taken out of the history, so this too can be gone back on.

use crate::engine::base::{Error, Iid, Kind, Modality, ModalitySet, Result};
use crate::engine::modality::temporal::{self, ValidTime, Version};
use crate::engine::store::{CatalogOp, HexadHeader, Op, Record};

use super::{Draft, Revision, Step};

impl Draft<'_> {
    /// Gives the hexad, live or deleted, the contents and the valid time it had at `version`. False when
    /// it has them.
    ///
    /// One that was deleted lives again, under its id: whoever has that id meanwhile must have been
    /// deleted before in the same draft. `VersionNotFound` when there is no such version, or when it
    /// is one that deleted.
    pub fn revert(&mut self, iid: Iid, version: u32) -> Result<bool> {
        let _bare = self.view.bare();
        let Some(header) = self.view.header(iid)? else {
            return Err(Error::new(Kind::UpdateNotFound, "the hexad does not exist"));
        };
        let dead = header.deleted_at.is_some();
        if !dead && header.version == version {
            return Ok(false);
        }
        if !self.iids.insert(iid) {
            let message = format!("hexad `{}` is written twice in one statement", header.id);
            return Err(Error::new(Kind::WriteConflict, message));
        }
        let (then, valid) = self.version(&header, version)?;
        let mut step = Revision {
            iid,
            version: header.version + 1,
            valid: then.valid,
            present: then.present,
            changed: ModalitySet::EMPTY,
            contents: Vec::new(),
            repair: false,
        };
        self.contents_of(&header, &then, &mut step)?;
        if dead || valid != then.valid {
            step.changed.insert(Modality::Temporal);
        }
        if step.changed.is_empty() {
            return Ok(false);
        }
        let (version_now, present) = (step.version, step.present);
        if dead {
            self.free(&header)?;
            let id = header.id.clone();
            self.writes.catalog(CatalogOp::Revive { iid, id, version: version_now, present });
        } else {
            self.writes.catalog(CatalogOp::Change { iid, version: version_now, present });
        }
        let chain = self.chain(iid)?;
        self.record(&step, chain, "restored", Vec::new());
        self.note(|| Step::Revert(iid, version));
        Ok(true)
    }

    /// The version that was, and the valid time of the newest.
    fn version(&self, header: &HexadHeader, version: u32) -> Result<(Version, ValidTime)> {
        let entries = self.view.appended(Modality::Temporal, header.iid)?;
        let newest =
            entries.last().map(|entry| temporal::codec::decode(&entry.body)).transpose()?;
        let then = entries.iter().find(|entry| entry.seq == version);
        let then = then.map(|entry| temporal::codec::decode(&entry.body)).transpose()?;
        match then {
            Some(then) if !then.present.is_empty() => {
                Ok((then, newest.map(|version| version.valid).unwrap_or_default()))
            }
            _ => {
                let message = format!("hexad `{}` has no version {version}", header.id);
                Err(Error::new(Kind::VersionNotFound, message))
            }
        }
    }

    /// Writes the records that differ.
    fn contents_of(
        &mut self,
        header: &HexadHeader,
        then: &Version,
        step: &mut Revision,
    ) -> Result<()> {
        let (iid, version) = (step.iid, step.version);
        for modality in crate::engine::hexad::assemble::CONTENTS {
            let there = header.present.contains(modality);
            let is = if there { self.view.record(modality, iid)? } else { None };
            let was = self.past(modality, header, then)?;
            match (is, was) {
                (Some(is), Some(was)) if is.meta == was.meta => {}
                (_, Some(was)) => {
                    step.changed.insert(modality);
                    step.contents.push((modality, was.meta.content_hash));
                    let Record { body, meta, .. } = was;
                    self.writes.push(modality, Op::Put { iid, version, body, meta });
                }
                (Some(_), None) => {
                    step.changed.insert(modality);
                    self.writes.push(modality, Op::Delete { iid, version });
                }
                (None, None) => {}
            }
        }
        Ok(())
    }

    fn past(
        &self,
        modality: Modality,
        header: &HexadHeader,
        then: &Version,
    ) -> Result<Option<Record>> {
        if !then.present.contains(modality) {
            return Ok(None);
        }
        let record = self.view.record_at(modality, header.iid, then.number)?;
        record.map(Some).ok_or_else(|| {
            let (id, number) = (&header.id, then.number);
            let message = format!("{modality} of version {number} of hexad `{id}` is missing");
            Error::new(Kind::Corruption, message)
        })
    }

    /// Fails when somebody else has the id and keeps it.
    fn free(&mut self, header: &HexadHeader) -> Result<()> {
        let other = self.view.iid(header.id.as_str())?.filter(|other| !self.iids.contains(other));
        if other.is_some() || !self.ids.insert(header.id.clone()) {
            let message = format!("hexad `{}` exists already", header.id);
            return Err(Error::new(Kind::InsertConflict, message));
        }
        Ok(())
    }
}
