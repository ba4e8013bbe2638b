//! What stands around a hexad that is repaired, read from the view the repair is tried on.

use crate::engine::base::{Iid, Modality, Result, Value};
use crate::engine::embed::producer;
use crate::engine::exec::context::Context;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::statement::Job;
use crate::engine::modality::graph::{Direction, Follow};
use crate::engine::normalize::Neighbor;
use crate::engine::normalize::make::{Around, Embedded};

/// Hexads that lead here and are looked at.
const INCOMING: usize = 1000;

/// The events by which writers take a hexad back, and take that back.
const RETRACTED: &str = "retracted";
const REINSTATED: &str = "reinstated";

/// The surroundings of one hexad.
pub(super) struct Surroundings<'a, 'v> {
    pub(super) job: &'a Job<'a>,
    pub(super) ctx: &'a Context<'v>,
    pub(super) iid: Iid,
}

impl Surroundings<'_, '_> {
    /// Whether this hexad was retracted.
    pub(super) fn is_retracted(&self) -> Result<bool> {
        Ok(self.of(self.iid)?.is_some_and(|own| own.retracted))
    }

    fn of(&self, iid: Iid) -> Result<Option<Neighbor>> {
        let Some(entity) = Entity::now(self.ctx.view, iid)? else { return Ok(None) };
        if entity.header().deleted_at.is_some() {
            return Ok(None);
        }
        let document = entity.document()?;
        let semantics = entity.semantic()?;
        Ok(Some(Neighbor {
            id: entity.id().as_str().to_owned(),
            title: document.and_then(|d| d.title.clone()),
            types: semantics.map(|s| s.types.clone()).unwrap_or_default(),
            position: entity.spatial()?.and_then(|place| place.geometry.center()),
            retracted: is_retracted(&entity)?,
        }))
    }
}

/// Whether the writers of a hexad took it back: by an event, or by a field or property `retracted`.
fn is_retracted(entity: &Entity<'_>) -> Result<bool> {
    let said = |fields: &std::collections::BTreeMap<String, Value>| {
        let field = fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(RETRACTED));
        matches!(field, Some((_, Value::Bool(true))))
    };
    if entity.document()?.is_some_and(|d| said(&d.fields))
        || entity.semantic()?.is_some_and(|s| said(&s.properties))
    {
        return Ok(true);
    }
    let last = entity.events()?.iter().rev().find(|event| {
        [RETRACTED, REINSTATED].iter().any(|word| event.event_type.eq_ignore_ascii_case(word))
    });
    Ok(last.is_some_and(|event| event.event_type.eq_ignore_ascii_case(RETRACTED)))
}

impl Around for Surroundings<'_, '_> {
    fn neighbor(&self, id: &str) -> Result<Option<Neighbor>> {
        match self.ctx.view.iid(id)? {
            Some(iid) => self.of(iid),
            None => Ok(None),
        }
    }

    fn incoming(&self) -> Result<Vec<(String, Neighbor)>> {
        let (graph, predicates) = (self.ctx.graph()?, self.ctx.predicates()?);
        let mut edges = Vec::new();
        graph.visit(self.iid.0, Follow::Any, Direction::In, &mut |predicate, source| {
            edges.push((predicate, source));
        })?;
        let mut found = Vec::new();
        for (predicate, source) in edges.into_iter().take(INCOMING) {
            let Some(name) = predicates.name(predicate) else { continue };
            found.extend(self.of(Iid(source))?.map(|neighbor| (name.to_owned(), neighbor)));
        }
        Ok(found)
    }

    fn earlier(&self, modality: Modality) -> Result<Vec<Vec<u8>>> {
        let past = self.ctx.view.history(modality, self.iid)?;
        Ok(past.into_iter().rev().map(|past| past.record.body).collect())
    }

    fn embed(&self, model: &str, text: &str) -> Result<Result<Embedded, String>> {
        let embedder = match self.job.shared.options.embedders.named(model) {
            Ok(embedder) => embedder,
            Err(error) => return Ok(Err(error.message)),
        };
        match self.job.memo.get(embedder, text, &self.job.budget.left()) {
            Ok(data) => Ok(Ok((data, producer(embedder)))),
            // Nothing is wrong with the hexad when its embedder is away.
            Err(error) => {
                self.job.budget.check()?;
                Ok(Err(error.message))
            }
        }
    }
}
