//! Write sets as sections of the commit log, and back.
//!
//! ```text
//! record op    1 put     iid 4, version 4, meta 4+n, body 4+n
//!              2 delete  iid 4, version 4
//!              3 append  iid 4, seq 4, body 4+n
//! catalog op   1 create  iid 4, present 1, id 4+n
//!              2 change  iid 4, version 4, present 1
//!              3 delete  iid 4, version 4
//!              4 set     space 1, name 4+n, body 4+n
//!              5 unset   space 1, name 4+n
//!              6 revive  iid 4, version 4, present 1, id 4+n
//! meta         content hash 32, producer 1 (1: name 4+n, dimension 4, parameters 4+n),
//!              sources 2, each: modality 1, content hash 32, version 4
//! ```

use crate::engine::base::{
    ContentHash, Error, HexadId, Iid, Kind, Lsn, Modality, ModalitySet, Result,
};
use crate::engine::log::wire::{self, Reader};
use crate::engine::log::{LogRecord, Section};

use super::place::Place;
use super::write_set::{CatalogOp, Derivation, Op, Producer, RecordMeta, Space, WriteSet};

/// The only way sections are encoded so far.
const PLAIN: u8 = 1;

/// The sections of a commit, one for each file it changes.
pub(super) fn sections(writes: &WriteSet) -> Vec<Section> {
    let mut sections = Vec::new();
    for modality in Modality::ALL {
        let ops = writes.ops(modality);
        if !ops.is_empty() {
            let room: usize = ops.iter().map(op_room).sum();
            let mut bytes = Vec::with_capacity(room);
            for op in ops {
                put_op(&mut bytes, op);
            }
            sections.push(Section { kind: modality as u8, codec: PLAIN, bytes });
        }
    }
    if !writes.catalog.is_empty() {
        let mut bytes = Vec::new();
        for op in &writes.catalog {
            put_catalog_op(&mut bytes, op);
        }
        sections.push(Section { kind: Place::CATALOG.kind(), codec: PLAIN, bytes });
    }
    sections
}

/// The write set of a record of the log.
pub(super) fn write_set(record: &LogRecord) -> Result<WriteSet> {
    sections_of(record, &mut |_| true)
}

/// What a record of the log writes in one file.
pub(super) fn write_set_of(record: &LogRecord, place: Place) -> Result<WriteSet> {
    sections_of(record, &mut |kind| kind == place.kind())
}

fn sections_of(record: &LogRecord, wanted: &mut dyn FnMut(u8) -> bool) -> Result<WriteSet> {
    let mut writes = WriteSet::new(Lsn(record.lsn.0 - 1), record.time);
    for section in record.sections.iter().filter(|section| wanted(section.kind)) {
        if section.codec != PLAIN {
            let message =
                format!("commit {} is encoded in a way this version cannot read", record.lsn);
            return Err(Error::new(Kind::NewerFormat, message));
        }
        let mut input = Reader::new(&section.bytes);
        while !input.is_empty() {
            let read = match Modality::ALL.get(usize::from(section.kind)) {
                Some(modality) => take_op(&mut input).map(|op| writes.push(*modality, op)),
                None => take_catalog_op(&mut input).map(|op| writes.catalog(op)),
            };
            read.ok_or_else(|| {
                let message = format!("commit {} of the log cannot be understood", record.lsn);
                Error::new(Kind::Corruption, message)
            })?;
        }
    }
    Ok(writes)
}

fn op_room(op: &Op) -> usize {
    match op {
        Op::Put { body, .. } => body.len() + 64,
        Op::Append { body, .. } => body.len() + 13,
        Op::Delete { .. } => 9,
    }
}

fn put_op(out: &mut Vec<u8>, op: &Op) {
    match op {
        Op::Put { iid, version, body, meta } => {
            out.push(1);
            wire::put_u32(out, iid.0);
            wire::put_u32(out, *version);
            wire::put_bytes(out, &encode_meta(meta));
            wire::put_bytes(out, body);
        }
        Op::Delete { iid, version } => {
            out.push(2);
            wire::put_u32(out, iid.0);
            wire::put_u32(out, *version);
        }
        Op::Append { iid, seq, body } => {
            out.push(3);
            wire::put_u32(out, iid.0);
            wire::put_u32(out, *seq);
            wire::put_bytes(out, body);
        }
    }
}

fn take_op(input: &mut Reader<'_>) -> Option<Op> {
    let tag = input.u8()?;
    let iid = Iid(input.u32()?);
    let number = input.u32()?;
    Some(match tag {
        1 => {
            let meta = decode_meta(input.bytes()?)?;
            Op::Put { iid, version: number, meta, body: input.bytes()?.to_vec() }
        }
        2 => Op::Delete { iid, version: number },
        3 => Op::Append { iid, seq: number, body: input.bytes()?.to_vec() },
        _ => return None,
    })
}

fn put_catalog_op(out: &mut Vec<u8>, op: &CatalogOp) {
    match op {
        CatalogOp::Create { iid, id, present } => {
            out.push(1);
            wire::put_u32(out, iid.0);
            out.push(present.0);
            wire::put_bytes(out, id.as_str().as_bytes());
        }
        CatalogOp::Change { iid, version, present } => {
            out.push(2);
            wire::put_u32(out, iid.0);
            wire::put_u32(out, *version);
            out.push(present.0);
        }
        CatalogOp::Delete { iid, version } => {
            out.push(3);
            wire::put_u32(out, iid.0);
            wire::put_u32(out, *version);
        }
        CatalogOp::Set { space, name, body } => {
            out.extend_from_slice(&[4, *space as u8]);
            wire::put_bytes(out, name.as_bytes());
            wire::put_bytes(out, body);
        }
        CatalogOp::Unset { space, name } => {
            out.extend_from_slice(&[5, *space as u8]);
            wire::put_bytes(out, name.as_bytes());
        }
        CatalogOp::Revive { iid, id, version, present } => {
            out.push(6);
            wire::put_u32(out, iid.0);
            wire::put_u32(out, *version);
            out.push(present.0);
            wire::put_bytes(out, id.as_str().as_bytes());
        }
    }
}

fn take_catalog_op(input: &mut Reader<'_>) -> Option<CatalogOp> {
    let space = |n: u8| Space::ALL.get(usize::from(n)).copied();
    Some(match input.u8()? {
        1 => {
            let iid = Iid(input.u32()?);
            let present = ModalitySet(input.u8()?);
            CatalogOp::Create { iid, present, id: HexadId::new(input.text()?).ok()? }
        }
        2 => {
            let (iid, version) = (Iid(input.u32()?), input.u32()?);
            CatalogOp::Change { iid, version, present: ModalitySet(input.u8()?) }
        }
        3 => CatalogOp::Delete { iid: Iid(input.u32()?), version: input.u32()? },
        4 => {
            let (space, name) = (space(input.u8()?)?, input.text()?.to_owned());
            CatalogOp::Set { space, name, body: input.bytes()?.to_vec() }
        }
        5 => CatalogOp::Unset { space: space(input.u8()?)?, name: input.text()?.to_owned() },
        6 => {
            let (iid, version) = (Iid(input.u32()?), input.u32()?);
            let present = ModalitySet(input.u8()?);
            CatalogOp::Revive { iid, version, present, id: HexadId::new(input.text()?).ok()? }
        }
        _ => return None,
    })
}

/// What is known about a record, as bytes of the log and of its row.
pub(super) fn encode_meta(meta: &RecordMeta) -> Vec<u8> {
    let mut out = Vec::with_capacity(35 + meta.derived_from.len() * 37);
    out.extend_from_slice(&meta.content_hash.0);
    match &meta.producer {
        Producer::User => out.push(0),
        Producer::Model { name, dimension, parameters } => {
            out.push(1);
            wire::put_bytes(&mut out, name.as_bytes());
            wire::put_u32(&mut out, *dimension);
            wire::put_bytes(&mut out, parameters.as_bytes());
        }
    }
    let sources = u16::try_from(meta.derived_from.len()).expect("eight modalities at most");
    wire::put_u16(&mut out, sources);
    for source in &meta.derived_from {
        out.push(source.modality as u8);
        out.extend_from_slice(&source.content_hash.0);
        wire::put_u32(&mut out, source.version);
    }
    out
}

/// Reads it back.
pub(super) fn decode_meta(bytes: &[u8]) -> Option<RecordMeta> {
    let mut input = Reader::new(bytes);
    let content_hash = ContentHash(input.array()?);
    let producer = match input.u8()? {
        0 => Producer::User,
        1 => Producer::Model {
            name: input.text()?.to_owned(),
            dimension: input.u32()?,
            parameters: input.text()?.to_owned(),
        },
        _ => return None,
    };
    let mut derived_from = Vec::new();
    for _ in 0..input.u16()? {
        let modality = *Modality::ALL.get(usize::from(input.u8()?))?;
        let content_hash = ContentHash(input.array()?);
        derived_from.push(Derivation { modality, content_hash, version: input.u32()? });
    }
    input.is_empty().then_some(RecordMeta { content_hash, producer, derived_from })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::Timestamp;
    use proptest::prelude::*;

    fn metas() -> impl Strategy<Value = RecordMeta> {
        let producer = prop_oneof![
            Just(Producer::User),
            (".{0,12}", any::<u32>(), ".{0,12}").prop_map(|(name, dimension, parameters)| {
                Producer::Model { name, dimension, parameters }
            }),
        ];
        let source =
            (0_usize..8, any::<[u8; 32]>(), any::<u32>()).prop_map(|(m, hash, version)| {
                Derivation { modality: Modality::ALL[m], content_hash: ContentHash(hash), version }
            });
        (any::<[u8; 32]>(), producer, proptest::collection::vec(source, 0..4)).prop_map(
            |(hash, producer, derived_from)| RecordMeta {
                content_hash: ContentHash(hash),
                producer,
                derived_from,
            },
        )
    }

    fn ops() -> impl Strategy<Value = Op> {
        let body = || proptest::collection::vec(any::<u8>(), 0..60);
        prop_oneof![
            (any::<u32>(), any::<u32>(), body(), metas()).prop_map(|(iid, version, body, meta)| {
                Op::Put { iid: Iid(iid), version, body, meta }
            }),
            (any::<u32>(), any::<u32>())
                .prop_map(|(iid, version)| Op::Delete { iid: Iid(iid), version }),
            (any::<u32>(), any::<u32>(), body()).prop_map(|(iid, seq, body)| Op::Append {
                iid: Iid(iid),
                seq,
                body
            }),
        ]
    }

    fn catalog_ops() -> impl Strategy<Value = CatalogOp> {
        let space = (0..Space::ALL.len()).prop_map(|n| Space::ALL[n]);
        prop_oneof![
            (any::<u32>(), "[a-z0-9 ]{1,20}", any::<u8>()).prop_map(|(iid, id, present)| {
                let id = HexadId::new(id).expect("no control characters");
                CatalogOp::Create { iid: Iid(iid), id, present: ModalitySet(present) }
            }),
            (any::<u32>(), any::<u32>(), any::<u8>()).prop_map(|(iid, version, present)| {
                CatalogOp::Change { iid: Iid(iid), version, present: ModalitySet(present) }
            }),
            ("[a-z0-9 ]{1,20}", any::<(u32, u32, u8)>()).prop_map(
                |(id, (iid, version, present))| {
                    let id = HexadId::new(id).expect("no control characters");
                    CatalogOp::Revive { iid: Iid(iid), id, version, present: ModalitySet(present) }
                }
            ),
            (any::<u32>(), any::<u32>())
                .prop_map(|(iid, version)| CatalogOp::Delete { iid: Iid(iid), version }),
            (space.clone(), ".{0,9}", proptest::collection::vec(any::<u8>(), 0..30))
                .prop_map(|(space, name, body)| CatalogOp::Set { space, name, body }),
            (space, ".{0,9}").prop_map(|(space, name)| CatalogOp::Unset { space, name }),
        ]
    }

    proptest! {
        #[test]
        fn a_write_set_survives_the_log(
            catalog in proptest::collection::vec(catalog_ops(), 0..6),
            changes in proptest::collection::vec((0_usize..8, ops()), 0..12),
            time: i64,
        ) {
            let mut writes = WriteSet::new(Lsn(6), Timestamp(time));
            for op in catalog {
                writes.catalog(op);
            }
            for (m, op) in changes {
                writes.push(Modality::ALL[m], op);
            }
            let record = LogRecord {
                lsn: Lsn(7), synced: Lsn(6), txn: 1, time: Timestamp(time),
                sections: sections(&writes),
            };
            prop_assert_eq!(write_set(&record), Ok(writes));
        }

        #[test]
        fn hostile_sections_are_errors(kind in 0_u8..9, bytes in proptest::collection::vec(any::<u8>(), 1..80)) {
            let sections = vec![Section { kind, codec: PLAIN, bytes }];
            let record =
                LogRecord { lsn: Lsn(1), synced: Lsn(0), txn: 1, time: Timestamp(0), sections };
            drop(write_set(&record));
        }
    }
}
