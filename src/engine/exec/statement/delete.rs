//! `DELETE HEXAD id`, `DELETE FROM hexads WHERE ..`.

use crate::engine::base::{Error, Kind, Result, Span};
use crate::engine::exec::statement::{Job, target};
use crate::engine::lang::ast::Delete;
use crate::engine::outcome::Outcome;
use crate::engine::plan::logical::Source;

/// Runs a delete. Versions and events stay, and say that it was deleted.
pub fn run(job: &Job<'_>, delete: &Delete, span: Span) -> Result<Outcome> {
    Job::no_proof(delete.proof.as_ref())?;
    let deleted = job.write(|view, draft| {
        let source = job.lower(view, |l| l.source(&delete.source))?;
        let one = matches!(source, Source::One(_));
        job.bounded(one || delete.condition.is_some(), span)?;
        let targets = target::find(job, view, source, delete.condition.as_ref())?;
        if let (Some(id), true) = (&targets.named, targets.iids.is_empty())
            && (delete.condition.is_none() || !one || view.iid(id)?.is_none())
        {
            let message = format!("no hexad `{id}` to delete");
            return Err(Error::new(Kind::DeleteNotFound, message).at(delete.source.span));
        }
        let count = targets.iids.len() as u64;
        for iid in targets.iids {
            job.budget.tick()?;
            draft.delete(iid)?;
        }
        Ok(count)
    })?;
    Ok(Outcome { tag: "DELETE", affected: Some(deleted), ..Outcome::default() })
}
