//! Which hexads there may be something to do for: a quick look, by the scores that are kept, before the
//! long one.

use crate::engine::base::{Iid, Modality, Result, Value};
use crate::engine::exec::context::Context;
use crate::engine::exec::drift;
use crate::engine::exec::entity::Entity;
use crate::engine::normalize::make::Around as _;
use crate::engine::normalize::{Effective, Neighbor, Retraction, merge};
use crate::engine::plan::logical::When;
use crate::engine::store::View;

use super::around::Surroundings;
use super::{FILLED, FLAG, Knots, Repairer, book, cycle};

impl Repairer<'_> {
    /// The hexads that may lie on a cycle of what any policy calls citing.
    pub fn knots(&self, view: &View) -> Result<Knots> {
        let said = self.policies.iter().filter_map(|policy| policy.parts.get("citations"));
        let mut cites = Effective::general(&self.policies).list("citations");
        cites.extend(said.flat_map(list).map(str::to_owned));
        self.job.within(view, When::Now, |ctx| Knots::of(ctx, &cites))
    }

    /// Those of some hexads that there may be something to do for. Without `knots` each is looked at
    /// for citations that lead back to it: fit for a few, not for many.
    pub fn concerned(&self, view: &View, iids: &[Iid], knots: Option<&Knots>) -> Result<Vec<Iid>> {
        self.job.within(view, When::Now, |ctx| {
            let mut found = Vec::new();
            for iid in iids {
                self.job.budget.check()?;
                let in_knot = knots.is_some_and(|knots| knots.contains(iid.0));
                if in_knot || self.may_concern(ctx, *iid, knots.is_none())? {
                    found.push(*iid);
                }
            }
            Ok(found)
        })
    }

    fn may_concern(&self, ctx: &Context<'_>, iid: Iid, alone: bool) -> Result<bool> {
        let Some(entity) = Entity::now(ctx.view, iid)? else { return Ok(false) };
        if entity.header().deleted_at.is_some() {
            return Ok(false);
        }
        let scores = ctx.drift(&entity)?;
        if !drift::over(ctx, &entity, &scores)?.is_empty() {
            return Ok(true);
        }
        let semantics = entity.semantic()?;
        if semantics.is_some_and(|s| s.properties.contains_key(FLAG)) {
            return Ok(true);
        }
        if let (Some(document), Some(semantics)) = (entity.document()?, semantics)
            && !merge::contradictions(document, semantics).is_empty()
        {
            return Ok(true);
        }
        let effective = self.effective_of(&entity)?;
        let missing = |m: &Modality| effective.fills(*m) && !entity.present().contains(*m);
        Ok(FILLED.iter().any(missing)
            || !self.cited(ctx, &entity, &effective)?.is_empty()
            || !book::open(ctx.view, entity.id().as_str())?.is_empty()
            || alone && cycle::back(ctx, iid.0, &effective.list("citations"))?.is_some())
    }

    /// The retracted hexads that a hexad cites, as its policy understands citing.
    pub(super) fn cited(
        &self,
        ctx: &Context<'_>,
        entity: &Entity<'_>,
        effective: &Effective,
    ) -> Result<Vec<String>> {
        let mut found = Vec::new();
        if effective.retraction() == Retraction::Off {
            return Ok(found);
        }
        let Some(edges) = entity.graph()? else { return Ok(found) };
        let cites = effective.list("citations");
        let around = Surroundings { job: self.job, ctx, iid: entity.iid() };
        for edge in &edges.edges {
            if cites.iter().any(|c| c.eq_ignore_ascii_case(&edge.predicate))
                && let Some(neighbor) = around.neighbor(edge.target.as_str())?
                && neighbor.retracted
                && !found.contains(&neighbor.id)
            {
                found.push(neighbor.id);
            }
        }
        Ok(found)
    }

    /// The hexads that cite this one, when it is retracted: it reaches them.
    pub fn reached(&self, view: &View, iid: Iid, effective: &Effective) -> Result<Vec<Iid>> {
        if effective.retraction() == Retraction::Off {
            return Ok(Vec::new());
        }
        let cites = effective.list("citations");
        self.job.within(view, When::Now, |ctx| {
            let around = Surroundings { job: self.job, ctx, iid };
            if !around.is_retracted()? {
                return Ok(Vec::new());
            }
            let incoming = around.incoming()?;
            let citing =
                |(p, _): &&(String, Neighbor)| cites.iter().any(|c| c.eq_ignore_ascii_case(p));
            found(view, incoming.iter().filter(citing))
        })
    }

    /// All hexads with an edge to this one: what citing is, the policy of each of them says.
    pub fn linking(&self, view: &View, iid: Iid) -> Result<Vec<Iid>> {
        self.job.within(view, When::Now, |ctx| {
            let around = Surroundings { job: self.job, ctx, iid };
            found(view, around.incoming()?.iter())
        })
    }
}

fn found<'a>(
    view: &View,
    neighbors: impl Iterator<Item = &'a (String, Neighbor)>,
) -> Result<Vec<Iid>> {
    let mut iids = Vec::new();
    for (_, neighbor) in neighbors {
        iids.extend(view.iid(&neighbor.id)?.filter(|iid| !iids.contains(iid)));
    }
    Ok(iids)
}

fn list(value: &Value) -> Vec<&str> {
    match value {
        Value::List(items) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
