//! What one statement writes: changes of the catalogue and of the records of each modality.
//!
//! A write set is values only. The commit log stores it, the files are changed by it, and both
//! happen the same way on every machine: the commit time is part of it, applying it asks no clock.

use crate::engine::base::{ContentHash, HexadId, Iid, Lsn, Modality, ModalitySet, Timestamp};

use super::options::SyncMode;

/// Who made a record: its writer, or a model that derived it from other modalities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Producer {
    /// The user gave it.
    #[default]
    User,
    /// An embedder or extractor made it.
    Model {
        /// Which one, with its version if it has one (`hash-384`).
        name: String,
        /// Numbers in what it makes, zero when that has no meaning.
        dimension: u32,
        /// Its parameters, as canonical JSON text; empty for none.
        parameters: String,
    },
}

/// One thing a record was derived from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// The modality it was derived from.
    pub modality: Modality,
    /// What that modality held then.
    pub content_hash: ContentHash,
    /// Its version then.
    pub version: u32,
}

/// What is known about a record beside its bytes; staleness is decided by it alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMeta {
    /// BLAKE3 of the canonical bytes.
    pub content_hash: ContentHash,
    /// Who made it.
    pub producer: Producer,
    /// What it was made from; empty for what a user gave without a source.
    pub derived_from: Vec<Derivation>,
}

impl RecordMeta {
    /// Of `body` as a user gave it.
    pub fn by_user(body: &[u8]) -> Self {
        Self {
            content_hash: ContentHash::of(body),
            producer: Producer::User,
            derived_from: Vec::new(),
        }
    }
}

/// One change of one modality of one hexad. Bodies are the canonical bytes of that modality and
/// mean nothing here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Op {
    /// The record from hexad version `version` on. What was there before goes to the history.
    Put {
        /// Whose.
        iid: Iid,
        /// The version of the hexad that this change makes.
        version: u32,
        /// The canonical bytes.
        body: Vec<u8>,
        /// Where it comes from.
        meta: RecordMeta,
    },
    /// From hexad version `version` on there is no record. The old one goes to the history.
    Delete {
        /// Whose.
        iid: Iid,
        /// The version of the hexad that this change makes.
        version: u32,
    },
    /// One more entry of a sequence that only grows: temporal versions, provenance events.
    Append {
        /// Whose.
        iid: Iid,
        /// Its place in the sequence of this hexad: 1 for the first, without gaps.
        seq: u32,
        /// The canonical bytes.
        body: Vec<u8>,
    },
}

impl Op {
    /// The hexad it changes.
    pub fn iid(&self) -> Iid {
        match self {
            Self::Put { iid, .. } | Self::Delete { iid, .. } | Self::Append { iid, .. } => *iid,
        }
    }
}

/// A family of named entries of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Space {
    /// Contracts, by name.
    Contract = 0,
    /// Settings of the database.
    Setting = 1,
    /// Progress of imports and other work that can be resumed.
    Job = 2,
    /// What is known about fields and their types.
    Field = 3,
    /// Snapshots, by name.
    Snapshot = 4,
    /// Policies of the normalizer, by name.
    Policy = 5,
    /// Conflicts that wait for a decision, and those that were decided.
    Conflict = 6,
    /// The trail of what was normalized.
    Normalization = 7,
    /// Who may, or may not, do what.
    Rule = 8,
    /// Roles that are not built in.
    Role = 9,
    /// Who is in which role.
    Member = 10,
    /// Who owns which hexad.
    Owner = 11,
    /// Keys of principals, as hashes.
    Key = 12,
    /// What plans go by: statistics of the data, prices of the machine.
    Statistics = 13,
}

impl Space {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Contract,
        Self::Setting,
        Self::Job,
        Self::Field,
        Self::Snapshot,
        Self::Policy,
        Self::Conflict,
        Self::Normalization,
        Self::Rule,
        Self::Role,
        Self::Member,
        Self::Owner,
        Self::Key,
        Self::Statistics,
    ];

    /// The singular noun of messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contract => "contract",
            Self::Setting => "setting",
            Self::Job => "job",
            Self::Field => "field",
            Self::Snapshot => "snapshot",
            Self::Policy => "policy",
            Self::Conflict => "conflict",
            Self::Normalization => "normalization",
            Self::Statistics => "statistic",
            Self::Rule => "rule",
            Self::Role => "role",
            Self::Member => "member",
            Self::Owner => "owner",
            Self::Key => "key",
        }
    }

    /// Whether entries of this family say who may do what.
    pub fn is_of_rights(self) -> bool {
        matches!(self, Self::Rule | Self::Role | Self::Member | Self::Owner | Self::Key)
    }

    /// Whether entries of this family are part of what a snapshot holds and `RESTORE SNAPSHOT` brings
    /// back. What says how the database is run, and the snapshots themselves, is not.
    pub fn is_content(self) -> bool {
        match self {
            // Of an import that is undone the progress must be undone too.
            Self::Contract | Self::Job | Self::Field | Self::Policy | Self::Conflict => true,
            // The trail says what happened; going back happened too. Statistics are as good as before,
            // or are gathered again. Going back never gives back a right that was taken away.
            Self::Setting
            | Self::Snapshot
            | Self::Normalization
            | Self::Statistics
            | Self::Rule
            | Self::Role
            | Self::Member
            | Self::Owner
            | Self::Key => false,
        }
    }
}

/// One change of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CatalogOp {
    /// A new hexad at version 1. Its id must be free.
    Create {
        /// From `Store::allocate_iids`.
        iid: Iid,
        /// What users call it.
        id: HexadId,
        /// The modalities it has.
        present: ModalitySet,
    },
    /// A hexad changed.
    Change {
        /// Which.
        iid: Iid,
        /// Its new version.
        version: u32,
        /// The modalities it has now.
        present: ModalitySet,
    },
    /// A hexad is gone; its history, versions and events stay, its id is free again.
    Delete {
        /// Which.
        iid: Iid,
        /// The version that has nothing in it.
        version: u32,
    },
    /// A deleted hexad lives again, under the id it had, which must be free. Its history goes on.
    Revive {
        /// Which.
        iid: Iid,
        /// What users call it.
        id: HexadId,
        /// Its new version.
        version: u32,
        /// The modalities it has now.
        present: ModalitySet,
    },
    /// A named entry has this value now.
    Set {
        /// The family.
        space: Space,
        /// Its name there.
        name: String,
        /// Its value.
        body: Vec<u8>,
    },
    /// A named entry is gone.
    Unset {
        /// The family.
        space: Space,
        /// Its name there.
        name: String,
    },
}

/// What one statement writes. All of it is committed, or nothing.
///
/// Prepared against a view; `Store::commit` refuses it with `WriteConflict` when a hexad, id or entry
/// it names was changed by somebody else since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteSet {
    pub(super) base: Lsn,
    pub(super) at: Timestamp,
    pub(super) catalog: Vec<CatalogOp>,
    pub(super) ops: [Vec<Op>; 8],
    pub(super) requires: Vec<Iid>,
    pub(super) sync: Option<SyncMode>,
}

impl WriteSet {
    /// An empty one, prepared against the state `base`, to be committed as of `at`.
    pub(super) fn new(base: Lsn, at: Timestamp) -> Self {
        let (catalog, requires) = (Vec::new(), Vec::new());
        Self { base, at, catalog, ops: Default::default(), requires, sync: None }
    }

    /// The commit time. Later than that of everything its view shows.
    pub fn at(&self) -> Timestamp {
        self.at
    }

    /// Adds a change of the catalogue.
    pub fn catalog(&mut self, op: CatalogOp) {
        self.catalog.push(op);
    }

    /// Adds a change of one modality.
    pub fn push(&mut self, modality: Modality, op: Op) {
        self.ops[modality as usize].push(op);
    }

    /// Makes the commit fail when the hexad was changed since the view, although nothing of it is
    /// written here: what is written was computed from it.
    pub fn require(&mut self, iid: Iid) {
        self.requires.push(iid);
    }

    /// When this commit is safe on the disk, if not as the database says: `Full` makes its answer
    /// wait for the disk, the others do not, although they may be made to by somebody in their group.
    pub fn sync(&mut self, mode: SyncMode) {
        self.sync = Some(mode);
    }

    /// The commit it was prepared against.
    pub fn base(&self) -> Lsn {
        self.base
    }

    /// Adds what a later statement of the same transaction writes, prepared against the same commit
    /// with this one laid over it. The commit time stays.
    pub fn absorb(&mut self, later: Self) {
        self.catalog.extend(later.catalog);
        for (ops, more) in self.ops.iter_mut().zip(later.ops) {
            ops.extend(more);
        }
        self.requires.extend(later.requires);
        self.sync = later.sync.or(self.sync);
    }

    /// The changes of one modality so far.
    pub fn ops(&self, modality: Modality) -> &[Op] {
        &self.ops[modality as usize]
    }

    /// The changes of the catalogue so far.
    pub fn catalog_ops(&self) -> &[CatalogOp] {
        &self.catalog
    }

    /// True when there is nothing to commit.
    pub fn is_empty(&self) -> bool {
        self.catalog.is_empty() && self.ops.iter().all(Vec::is_empty)
    }
}
