//! What is read back: records, entries of growing sequences, and the headers of hexads.
//!
//! Whoever holds one of these holds bytes whose checksum was verified.

use std::sync::Arc;

use crate::engine::base::{HexadId, Iid, ModalitySet, Timestamp};

use super::write_set::RecordMeta;

/// The record of one modality of one hexad.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose.
    pub iid: Iid,
    /// The version of the hexad that wrote it.
    pub version: u32,
    /// When that was committed.
    pub updated_at: Timestamp,
    /// Where it comes from.
    pub meta: RecordMeta,
    /// The canonical bytes.
    pub body: Vec<u8>,
}

/// A record that was replaced or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRecord {
    /// As it was.
    pub record: Record,
    /// The version of the hexad that replaced or deleted it: it was valid before this one.
    pub until: u32,
}

/// One entry of a sequence that only grows: a temporal version, a provenance event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Whose.
    pub iid: Iid,
    /// Its place, from 1, without gaps.
    pub seq: u32,
    /// When it was committed.
    pub at: Timestamp,
    /// The canonical bytes.
    pub body: Vec<u8>,
}

/// What is known of a hexad as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HexadHeader {
    /// What the engine calls it.
    pub iid: Iid,
    /// What users call it.
    pub id: HexadId,
    /// The modalities it has; empty when deleted.
    pub present: ModalitySet,
    /// 1 after the insert, one more with every change.
    pub version: u32,
    /// When it was inserted.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub modified_at: Timestamp,
    /// When it was deleted, if it is.
    pub deleted_at: Option<Timestamp>,
}

/// The name of a hexad, shared.
pub type Name = Arc<str>;
