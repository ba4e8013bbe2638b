//! Which hexads have a type, a verifier or a kind of proof, and which properties were ever seen.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;

use crate::engine::base::{Modality, Result};
use crate::engine::store::index_fields::{self, FieldCounter, FieldStats};
use crate::engine::store::index_postings::{self, Field, Key, Postings};
use crate::engine::store::{Applier, Changes, Ground, IndexTx, Op, RecordScan};

use super::{Semantics, TypeHierarchy, codec};

const TYPE: Field = Field(1);
const VERIFIER: Field = Field(2);
const PROOF: Field = Field(3);

/// The index of the semantic modality; all that answers queries is rows.
#[derive(Debug, Default)]
pub struct SemanticIndex {
    properties: Mutex<FieldCounter>,
}

impl SemanticIndex {
    /// For one database.
    pub fn new() -> Self {
        Self::default()
    }

    /// The properties ever seen, by name.
    pub fn properties(ground: &Ground) -> Result<BTreeMap<String, FieldStats>> {
        index_fields::read(ground.index(Modality::Semantic)?)
    }

    /// Exactly the live hexads with a type or one that is a kind of it.
    pub fn with_type(
        ground: &Ground,
        name: &str,
        hierarchy: &dyn TypeHierarchy,
    ) -> Result<RoaringBitmap> {
        let mut names = hierarchy.narrower(name);
        names.push(name.to_owned());
        let keys = names.into_iter().map(|name| (TYPE, name)).collect();
        find(ground, keys, &|semantics| semantics.has_type(name, hierarchy))
    }

    /// Exactly the live hexads a verifier vouches for.
    pub fn verified_by(ground: &Ground, verifier: &str) -> Result<RoaringBitmap> {
        find(ground, vec![(VERIFIER, verifier.to_owned())], &|s| s.verified_by(verifier))
    }

    /// Exactly the live hexads with a proof of this kind.
    pub fn with_proof(ground: &Ground, kind: &str) -> Result<RoaringBitmap> {
        find(ground, vec![(PROOF, kind.to_ascii_lowercase())], &|s| s.has_proof(kind))
    }

    /// The types ever used, with estimates of how many hexads have them.
    pub fn types(ground: &Ground) -> Result<Vec<(String, u64)>> {
        let values = index_postings::values(ground.index(Modality::Semantic)?, TYPE)?;
        let text = |(key, count)| match key {
            Key::Text(name) => Some((name, count)),
            Key::Int(_) => None,
        };
        Ok(values.into_iter().filter_map(text).collect())
    }
}

fn find(
    ground: &Ground,
    keys: Vec<(Field, String)>,
    holds: &dyn Fn(&Semantics) -> bool,
) -> Result<RoaringBitmap> {
    let reader = ground.index(Modality::Semantic)?;
    let mut found = RoaringBitmap::new();
    for (field, name) in keys {
        found |= index_postings::equal(reader, field, &Key::Text(name))?;
    }
    found &= ground.present(Modality::Semantic)?.as_ref();
    let doubtful = &found & index_postings::changed(reader)?;
    ground.records(Modality::Semantic, &doubtful, &mut |record| {
        if !holds(&codec::decode(&record.body)?) {
            found.remove(record.iid.0);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

fn post(postings: &mut Postings, properties: &mut FieldCounter, op: &Op) -> Result<()> {
    let (iid, version, body) = match op {
        Op::Put { iid, version, body, .. } => (*iid, *version, body),
        Op::Delete { iid, .. } => {
            postings.changed(*iid);
            return Ok(());
        }
        Op::Append { .. } => return Ok(()),
    };
    if version > 1 {
        postings.changed(iid);
    }
    let semantics = codec::decode(body)?;
    for (name, value) in &semantics.properties {
        properties.add(name, value);
    }
    for name in semantics.types {
        postings.add(TYPE, Key::Text(name), iid);
    }
    for verification in semantics.verifications {
        postings.add(VERIFIER, Key::Text(verification.verifier), iid);
        if let Some(proof) = verification.proof {
            postings.add(PROOF, Key::Text(proof.to_ascii_lowercase()), iid);
        }
    }
    Ok(())
}

impl Applier for SemanticIndex {
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()> {
        index_postings::create(tx)?;
        index_fields::create(tx)
    }

    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        let mut properties = self.properties.lock();
        properties.open(tx)?;
        let mut postings = Postings::default();
        for op in batch.iter().flat_map(|changes| changes.ops) {
            post(&mut postings, &mut properties, op)?;
        }
        properties.write(tx)?;
        postings.write(tx)
    }

    fn applied(&self, _: &[Changes<'_>]) {
        self.properties.lock().written();
    }

    fn scratch(&self) -> Option<Arc<dyn Applier>> {
        Some(Arc::new(Self::default()))
    }

    fn rebuild(&self, tx: &IndexTx<'_>, scan: RecordScan<'_>) -> Result<()> {
        index_postings::clear(tx)?;
        let mut properties = self.properties.lock();
        properties.clear(tx)?;
        let mut postings = Postings::default();
        scan(&mut |op| post(&mut postings, &mut properties, op))?;
        properties.write(tx)?;
        postings.write(tx)
    }
}
