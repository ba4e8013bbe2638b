//! `UPDATE HEXAD [id] SET .. [WHERE ..]`.

use std::rc::Rc;

use crate::engine::base::{Error, Iid, Kind, Modality, Result, Span, Value};
use crate::engine::exec::entity::Entity;
use crate::engine::exec::eval::Env;
use crate::engine::exec::row::Row;
use crate::engine::exec::scalar;
use crate::engine::exec::statement::assign::Assignments;
use crate::engine::exec::statement::embedding::OfDocument;
use crate::engine::exec::statement::{Job, target};
use crate::engine::hexad::Change;
use crate::engine::lang::ast::{Assignment, Expr, Path, Update};
use crate::engine::outcome::Outcome;
use crate::engine::plan::logical::{Scalar, When};
use crate::engine::plan::lower::Lowering;
use crate::engine::store::View;

/// Runs an update. Every right-hand side is computed from the hexad as it was before.
pub fn run(job: &Job<'_>, update: &Update, span: Span) -> Result<Outcome> {
    Job::no_proof(update.proof.as_ref())?;
    job.bounded(update.id.is_some() || update.condition.is_some(), span)?;
    let updated = job.write(|view, draft| {
        let source = target::source(job, view, update.id.as_ref())?;
        let targets = target::find(job, view, source, update.condition.as_ref())?;
        if let (Some(id), true) = (&targets.named, targets.iids.is_empty()) {
            let place = update.id.as_ref().map_or(span, |id| id.span);
            // With a condition beside the id the hexad may be there and not be meant.
            if update.id.is_none() || update.condition.is_none() || view.iid(id)?.is_none() {
                let message = format!("no hexad `{id}` to update");
                return Err(Error::new(Kind::UpdateNotFound, message).at(place));
            }
        }
        let set: Vec<(&Path, Right)> = job.lower(view, |l| {
            update.set.iter().map(|a| Ok((&a.path, Right::of(l, &a.value)?))).collect()
        })?;
        let changes = job.embedded(|| {
            targets.iids.iter().map(|iid| Ok((*iid, changes(job, view, &set, *iid)?))).collect()
        })?;
        let changes: Vec<(Iid, Vec<Change>)> = changes;
        let mut updated = 0;
        for (iid, changes) in changes {
            if !draft.update(iid, changes).map_err(|e| e.at(span))? {
                // It is as it should be already; what is committed relies on that.
                for modality in Modality::ALL {
                    view.note(modality, iid);
                }
            }
            updated += 1;
        }
        Ok(updated)
    })?;
    Ok(Outcome { tag: "UPDATE", affected: Some(updated), ..Outcome::default() })
}

/// What assignments would change of one hexad, outside of an `UPDATE`.
pub fn assigned(
    job: &Job<'_>,
    view: &View,
    assignments: &[Assignment],
    iid: Iid,
) -> Result<Vec<Change>> {
    let set: Vec<(&Path, Right)> = job.lower(view, |l| {
        assignments.iter().map(|a| Ok((&a.path, Right::of(l, &a.value)?))).collect()
    })?;
    job.embedded(|| changes(job, view, &set, iid))
}

/// A right-hand side.
enum Right {
    Value(Scalar),
    Made(OfDocument),
}

impl Right {
    fn of(lowering: &Lowering<'_>, expr: &Expr) -> Result<Self> {
        match OfDocument::of(lowering, expr)? {
            Some(of) => Ok(Self::Made(of)),
            None => lowering.row_expr(expr).map(Self::Value),
        }
    }
}

/// What the assignments change of one hexad.
fn changes(job: &Job<'_>, view: &View, set: &[(&Path, Right)], iid: Iid) -> Result<Vec<Change>> {
    job.budget.tick()?;
    job.within(view, When::Now, |ctx| {
        let Some(entity) = Entity::now(ctx.view, iid)? else { return Ok(vec![]) };
        let row = Row::of(Rc::new(entity));
        // Values first: they are computed from the row as it is.
        let values: Vec<Option<Value>> = set
            .iter()
            .map(|(_, right)| match right {
                Right::Value(value) => scalar::value(ctx, value, &Env::of(&row)).map(Some),
                Right::Made(_) => Ok(None),
            })
            .collect::<Result<_>>()?;
        let mut assigned = Assignments::new(Some(&row.entity), job.now);
        for ((path, right), value) in set.iter().zip(values) {
            match (right, value) {
                (Right::Made(of), _) => assigned.make(path, of.clone())?,
                (Right::Value(_), value) => assigned.set(path, value.unwrap_or_default())?,
            }
        }
        assigned.finish_with("modified", &|of, text| job.embed(view, of, text))
    })
}
