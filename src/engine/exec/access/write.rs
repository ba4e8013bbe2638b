//! Whether what a statement writes may be written: decided from the write set, whatever the statement
//! looked like, by the types a hexad has before and those it will have.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::auth::{Action, Resource, Rights, book};
use crate::engine::base::{Error, Iid, Kind, Modality, ModalitySet, Result};
use crate::engine::hexad::Draft;
use crate::engine::modality::{graph, semantic};
use crate::engine::store::{CatalogOp, HexadHeader, Mask, Op, View, WriteSet};

/// Makes whoever writes the owner of what they create.
pub fn claim(rights: &Rights, draft: &mut Draft<'_>) {
    let Some(name) = rights.who().name() else { return };
    let created = draft.created();
    for iid in created {
        draft.catalog(book::own(iid, name));
    }
}

/// What is written of one hexad.
#[derive(Default)]
struct Written<'a> {
    modalities: ModalitySet,
    created: Option<&'a str>,
    deleted: bool,
    semantic: Option<&'a Op>,
    graph: Option<&'a Op>,
}

/// Refuses a write set that holds something these rights do not allow. `stated` are the hexads whose
/// writer states events.
pub fn check(
    rights: &Rights,
    view: &View,
    writes: &WriteSet,
    stated: &BTreeSet<Iid>,
) -> Result<()> {
    if rights.who().is_owner() {
        return Ok(());
    }
    let mut written: BTreeMap<Iid, Written<'_>> = BTreeMap::new();
    for op in writes.catalog_ops() {
        match op {
            CatalogOp::Create { iid, id, .. } => {
                written.entry(*iid).or_default().created = Some(id.as_str());
            }
            CatalogOp::Delete { iid, .. } => written.entry(*iid).or_default().deleted = true,
            CatalogOp::Change { iid, .. } | CatalogOp::Revive { iid, .. } => {
                written.entry(*iid).or_default();
            }
            CatalogOp::Set { .. } | CatalogOp::Unset { .. } => {}
        }
    }
    for modality in Modality::ALL {
        for op in writes.ops(modality).iter().filter(|op| !matches!(op, Op::Append { .. })) {
            let of = written.entry(op.iid()).or_default();
            of.modalities.insert(modality);
            match modality {
                Modality::Semantic => of.semantic = Some(op),
                Modality::Graph => of.graph = Some(op),
                _ => {}
            }
        }
    }
    let mask = view.mask().cloned();
    let _bare = view.bare();
    let check = Check { rights, view, mask: mask.as_deref(), stated };
    written.iter().try_for_each(|(iid, written)| check.one(*iid, written))
}

struct Check<'a> {
    rights: &'a Rights,
    view: &'a View,
    mask: Option<&'a Mask>,
    stated: &'a BTreeSet<Iid>,
}

impl Check<'_> {
    fn one(&self, iid: Iid, written: &Written<'_>) -> Result<()> {
        if let Some(id) = written.created {
            let types = types_of(written.semantic)?.unwrap_or_default();
            let resource = Resource::Hexad { iid: None, id, types: &types, owner: None };
            return self.all(written.modalities, iid, resource);
        }
        let hidden = self.mask.is_some_and(|mask| mask.hides(iid));
        let Some(header) = self.view.header(iid)?.filter(|_| !hidden) else {
            return Err(Error::new(Kind::UpdateNotFound, "the hexad does not exist"));
        };
        let before = match self.view.record(Modality::Semantic, iid)? {
            Some(record) => semantic::codec::decode(&record.body)?.types,
            None => Vec::new(),
        };
        let owner = book::owner_of(self.view, iid)?;
        let (id, owner) = (header.id.as_str(), owner.as_deref());
        let mut modalities = written.modalities;
        if modalities.is_empty() && !written.deleted && !self.stated.contains(&iid) {
            // Nothing of it but when it is true.
            modalities.insert(Modality::Temporal);
        }
        let mut states = vec![before];
        states.extend(types_of(written.semantic)?);
        for types in &states {
            self.all(modalities, iid, Resource::Hexad { iid: Some(iid), id, types, owner })?;
        }
        self.unseen(&header, written)
    }

    fn all(&self, modalities: ModalitySet, iid: Iid, resource: Resource<'_>) -> Result<()> {
        for modality in modalities.iter() {
            self.rights.authorize(Action::Write(modality), resource)?;
        }
        if self.stated.contains(&iid) {
            self.rights.authorize(Action::Write(Modality::Provenance), resource)?;
        }
        Ok(())
    }

    /// What is changed must be seen: nobody writes over what they do not know of.
    fn unseen(&self, header: &HexadHeader, written: &Written<'_>) -> Result<()> {
        let (Some(mask), false) = (self.mask, written.deleted) else { return Ok(()) };
        let iid = header.iid;
        let blind = |modality: &Modality| {
            header.present.contains(*modality) && mask.hides_part(*modality, iid)
        };
        if let Some(modality) = written.modalities.iter().find(blind) {
            let message = format!(
                "{} may not write {modality} of `{}` without reading it",
                self.rights.who(),
                header.id
            );
            return Err(Error::new(Kind::PermissionDenied, message));
        }
        let (Some(op), Some(before)) = (written.graph, self.view.record(Modality::Graph, iid)?)
        else {
            return Ok(());
        };
        let mut hidden = BTreeSet::new();
        if let Some(left) = mask.left_of(&before)? {
            let mut kept = BTreeSet::new();
            graph::codec::each(&left, |p, t| kept.extend([(p, t)]))?;
            graph::codec::each(&before.body, |p, t| {
                if !kept.contains(&(p, t)) {
                    hidden.insert((p.to_owned(), t.to_owned()));
                }
            })?;
        } else {
            let all = |p: &str, t: &str| hidden.extend([(p.to_owned(), t.to_owned())]);
            graph::codec::each(&before.body, all)?;
        }
        if let Op::Put { body, .. } = op {
            let mut stays = BTreeSet::new();
            graph::codec::each(body, |p, t| stays.extend([(p.to_owned(), t.to_owned())]))?;
            hidden = &hidden - &stays;
        }
        if hidden.is_empty() {
            return Ok(());
        }
        let message = format!("{} may not replace all edges of `{}`", self.rights.who(), header.id);
        Err(Error::new(Kind::PermissionDenied, message).hint("add and remove single edges"))
    }
}

/// The types a write leaves; nothing when it leaves them as they are.
fn types_of(op: Option<&Op>) -> Result<Option<Vec<String>>> {
    Ok(match op {
        None | Some(Op::Append { .. }) => None,
        Some(Op::Delete { .. }) => Some(Vec::new()),
        Some(Op::Put { body, .. }) => Some(semantic::codec::decode(body)?.types),
    })
}
