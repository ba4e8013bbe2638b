//! What somebody may not see, of one state of the database, as a mask for its view.
//!
//! The rights of now decide about all states: who may not see a hexad does not see its past either.
//! Of an edge to a hidden hexad nothing is left; an edge to an id that never was stays.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::auth::{Action, Of, Resource, Rights};
use crate::engine::base::{Iid, Modality, ModalitySet, Result};
use crate::engine::modality::{graph, semantic};
use crate::engine::store::{HexadHeader, Mask, Name, Space, View};

/// Makes the mask of `view`, which has none, for somebody with these rights.
pub fn hidden(view: &View, rights: &Rights) -> Result<Mask> {
    let mut judge = Judge::new(view, rights)?;
    let mut hexads = RoaringBitmap::new();
    let mut modalities: [RoaringBitmap; 8] = Default::default();
    view.headers(&mut |header| {
        let seen = judge.sees(header)?;
        let has = header.present.iter().any(|modality| seen.contains(modality));
        if seen.is_empty() || header.deleted_at.is_none() && !has {
            hexads.insert(header.iid.0);
            return Ok(ControlFlow::Continue(()));
        }
        for modality in Modality::ALL {
            if !seen.contains(modality) {
                modalities[modality as usize].insert(header.iid.0);
            }
        }
        Ok(ControlFlow::Continue(()))
    })?;
    let names = Arc::new(names(view, &hexads)?);
    let graphs = cut_edges(view, &names, &hexads, &modalities[Modality::Graph as usize])?;
    let trim = move |body: &[u8]| trimmed(body, &names);
    Ok(Mask::new(hexads, modalities, graphs, Arc::new(trim)))
}

/// Decides hexad by hexad, and each kind of hexad once.
struct Judge<'a> {
    view: &'a View,
    rights: &'a Rights,
    owners: HashMap<u32, String>,
    types: HashMap<u32, Vec<String>>,
    /// Types that rules speak of.
    spoken: HashSet<&'a str>,
    /// Hexads that rules name.
    named: RoaringBitmap,
    known: HashMap<(Vec<String>, Option<String>), ModalitySet>,
}

impl<'a> Judge<'a> {
    fn new(view: &'a View, rights: &'a Rights) -> Result<Self> {
        let mut spoken = HashSet::new();
        let mut named = RoaringBitmap::new();
        for rule in rights.rules() {
            match &rule.reach.of {
                Of::Everything => {}
                Of::Type(name) => spoken.extend([name.as_str()]),
                Of::Hexad(iid, _) => named.extend([iid.0]),
            }
        }
        let mut types = HashMap::new();
        if !spoken.is_empty() {
            view.scan(Modality::Semantic, &mut |record| {
                types.insert(record.iid.0, spoken_types(&record.body, &spoken)?);
                Ok(ControlFlow::Continue(()))
            })?;
        }
        let owners = owners(view)?;
        Ok(Self { view, rights, owners, types, spoken, named, known: HashMap::new() })
    }

    /// The modalities that may be seen of a hexad, whether it has them or not.
    fn sees(&mut self, header: &HexadHeader) -> Result<ModalitySet> {
        let iid = header.iid;
        let owner = self.owners.get(&iid.0).cloned();
        let types = match self.types.remove(&iid.0) {
            Some(types) => types,
            // What is deleted is of the types it had last.
            None if header.deleted_at.is_some() && !self.spoken.is_empty() => {
                match self.view.history(Modality::Semantic, iid)?.last() {
                    Some(last) => spoken_types(&last.record.body, &self.spoken)?,
                    None => Vec::new(),
                }
            }
            None => Vec::new(),
        };
        if self.named.contains(iid.0) {
            return Ok(self.decide(Some(iid), header.id.as_str(), &types, owner.as_deref()));
        }
        let key = (types, owner);
        if let Some(known) = self.known.get(&key) {
            return Ok(*known);
        }
        let seen = self.decide(None, header.id.as_str(), &key.0, key.1.as_deref());
        self.known.insert(key, seen);
        Ok(seen)
    }

    fn decide(
        &self,
        iid: Option<Iid>,
        id: &str,
        types: &[String],
        owner: Option<&str>,
    ) -> ModalitySet {
        let resource = Resource::Hexad { iid, id, types, owner };
        let sees = |m: &Modality| self.rights.decide(Action::Read(*m), resource).allowed;
        Modality::ALL.into_iter().filter(sees).collect()
    }
}

fn spoken_types(body: &[u8], spoken: &HashSet<&str>) -> Result<Vec<String>> {
    let mut types = semantic::codec::decode(body)?.types;
    types.retain(|name| spoken.contains(name.as_str()));
    Ok(types)
}

/// Who owns what.
fn owners(view: &View) -> Result<HashMap<u32, String>> {
    let entries = view.entries(Space::Owner)?.into_iter();
    let read =
        |(name, body): (String, Vec<u8>)| Some((name.parse().ok()?, String::from_utf8(body).ok()?));
    Ok(entries.filter_map(read).collect())
}

/// The ids that are hidden: those of hidden hexads, unless one that is seen has the id now.
fn names(view: &View, hexads: &RoaringBitmap) -> Result<HashSet<Name>> {
    let mut names = HashSet::new();
    for iid in hexads {
        if let Some(name) = view.id_of(Iid(iid))? {
            let live = view.iid(&name)?;
            if live.is_none_or(|live| hexads.contains(live.0)) {
                names.insert(name);
            }
        }
    }
    Ok(names)
}

/// The hexads of whose edges some are hidden, and those of which all are.
fn cut_edges(
    view: &View,
    names: &HashSet<Name>,
    hexads: &RoaringBitmap,
    graphs: &RoaringBitmap,
) -> Result<[RoaringBitmap; 2]> {
    let [mut trimmed, mut emptied] = [RoaringBitmap::new(), RoaringBitmap::new()];
    if names.is_empty() {
        return Ok([trimmed, emptied]);
    }
    view.scan(Modality::Graph, &mut |record| {
        let iid = record.iid.0;
        if hexads.contains(iid) || graphs.contains(iid) {
            return Ok(ControlFlow::Continue(()));
        }
        let (mut left, mut gone) = (0, 0);
        graph::codec::each(&record.body, |_, target| {
            if names.contains(target) { gone += 1 } else { left += 1 }
        })?;
        match (left, gone) {
            (_, 0) => {}
            (0, _) => emptied.extend([iid]),
            _ => trimmed.extend([iid]),
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok([trimmed, emptied])
}

/// The bytes of the edges that are left; nothing when none is left of some.
fn trimmed(body: &[u8], names: &HashSet<Name>) -> Result<Option<Vec<u8>>> {
    let mut gone = 0;
    graph::codec::each(body, |_, target| gone += u32::from(names.contains(target)))?;
    if gone == 0 {
        return Ok(Some(body.to_vec()));
    }
    let mut edges = graph::codec::decode(body)?;
    edges.edges.retain(|edge| !names.contains(edge.target.as_str()));
    Ok((!edges.edges.is_empty()).then(|| graph::codec::encode(&edges)))
}
