//! `CREATE`, `DROP` and `RESTORE SNAPSHOT`, `SNAPSHOT INTO` and `SHOW SNAPSHOTS`.

use std::path::Path;

use crate::engine::base::{Error, Kind, Result, Span, Value};
use crate::engine::exec::statement::{Job, done, table};
use crate::engine::hexad::snapshot::{self, Reverted, Snapshot};
use crate::engine::hexad::{Author, Draft};
use crate::engine::lang::ast::{self, Expr, Name};
use crate::engine::outcome::Outcome;
use crate::engine::store::{Attempt, CatalogOp, Space, Verdict, View};
use crate::engine::txn::locks::Key;

/// How often going back is tried while commits that were under way come in between.
const ATTEMPTS: u32 = 32;

/// Runs one of the statements of snapshots.
pub fn run(job: &Job<'_>, statement: &ast::Snapshot, span: Span) -> Result<Outcome> {
    match statement {
        ast::Snapshot::Create(name) => create(job, name, span),
        ast::Snapshot::Drop(name) => drop_snapshot(job, name, span),
        ast::Snapshot::Restore(name) => restore(job, name, span),
        ast::Snapshot::Into(path) => into(job, path, span),
    }
}

fn create(job: &Job<'_>, name: &Name, span: Span) -> Result<Outcome> {
    job.alone("CREATE SNAPSHOT", span)?;
    job.write(|view, draft| {
        if view.entry(Space::Snapshot, &name.text)?.is_some() {
            let message = format!("snapshot `{}` exists already", name.text);
            return Err(Error::new(Kind::InsertConflict, message)
                .at(name.span)
                .hint("choose another name, or drop it first"));
        }
        let made = Snapshot::of(view, job.now, &job.author().name)?;
        let (name, body) = (name.text.clone(), made.encode());
        draft.catalog(CatalogOp::Set { space: Space::Snapshot, name, body });
        Ok(())
    })?;
    Ok(done("CREATE SNAPSHOT"))
}

fn drop_snapshot(job: &Job<'_>, name: &Name, span: Span) -> Result<Outcome> {
    job.alone("DROP SNAPSHOT", span)?;
    job.write(|view, draft| {
        body(view, name)?;
        draft.catalog(CatalogOp::Unset { space: Space::Snapshot, name: name.text.clone() });
        Ok(())
    })?;
    Ok(done("DROP SNAPSHOT"))
}

fn body(view: &View, name: &Name) -> Result<Vec<u8>> {
    view.entry(Space::Snapshot, &name.text)?.ok_or_else(|| {
        Error::new(Kind::NotFound, format!("no snapshot is called `{}`", name.text))
            .at(name.span)
            .hint("SHOW SNAPSHOTS lists them")
    })
}

/// One commit that makes the present what the snapshot holds. Nobody else writes meanwhile: whoever has
/// locks is waited for, whoever wants some waits.
fn restore(job: &Job<'_>, name: &Name, span: Span) -> Result<Outcome> {
    job.alone("RESTORE SNAPSHOT", span)?;
    job.writable()?;
    body(&*job.view()?, name)?;
    let party = job.shared.next_party();
    let locks = &job.shared.locks;
    locks.acquire(party, &[Key::All], job.patience())?;
    let reverted = go_back(job, name);
    locks.release(party);
    job.shared.policies_changed();
    let reverted = reverted?;
    let counts = [reverted.hexads, reverted.revived, reverted.deleted, reverted.entries];
    let row = counts.into_iter().map(|n| Value::Int(n as i64)).collect();
    let outcome =
        table("RESTORE SNAPSHOT", &["reverted", "revived", "deleted", "entries"], vec![row]);
    // A database that is as the snapshot left it already has nothing written to it.
    Ok(Outcome { affected: Some(reverted.hexads + reverted.deleted), ..outcome })
}

fn go_back(job: &Job<'_>, name: &Name) -> Result<Reverted> {
    let store = &job.shared.store;
    let author = job.author();
    let message = author.message.unwrap_or_else(|| format!("snapshot {} restored", name.text));
    let author = Author { message: Some(message), ..author };
    for _ in 0..ATTEMPTS {
        job.budget.check()?;
        let (follower, view) = store.follow()?;
        let snapshot = Snapshot::decode(&body(&view, name)?)?;
        let mut draft = Draft::new(&view, author.clone())?;
        let reverted = snapshot.restore(&view, &mut draft, &mut || job.budget.tick())?;
        let writes = draft.finish();
        if writes.is_empty() {
            return Ok(reverted);
        }
        // What came in since the view is not undone by what was prepared.
        let check = |touches: &[&_]| if touches.is_empty() { Verdict::Free } else { Verdict::Wait };
        let tried = store.commit_checked(writes, &check).map_err(too_large)?;
        drop(follower);
        if let Attempt::Done(_) = tried {
            return Ok(reverted);
        }
    }
    let message = "others committed again and again while the snapshot was restored";
    Err(Error::new(Kind::WriteConflict, message).hint("nothing was changed; try again"))
}

fn too_large(error: Error) -> Error {
    match error.kind {
        Kind::ResourceExhausted => {
            error.hint("nothing was changed; too much is different for one commit: use a backup")
        }
        _ => error,
    }
}

/// `SNAPSHOT INTO 'dir'`: a database of its own, with the state of this moment.
fn into(job: &Job<'_>, path: &Expr, span: Span) -> Result<Outcome> {
    job.alone("SNAPSHOT INTO", span)?;
    let target = {
        let view = job.view()?;
        job.lower(&view, |lower| lower.parameter_value(path))?
    };
    let Some(target) = target.as_str().filter(|target| !target.is_empty()) else {
        let message = "SNAPSHOT INTO takes the name of a directory as text";
        return Err(Error::new(Kind::TypeMismatch, message).at(path.span));
    };
    let shared = job.shared;
    let cut = shared.store.cut()?;
    let id = shared.rng.bits().to_be_bytes();
    cut.copy_to(Path::new(target), id, &mut |_| job.budget.check())
        .map_err(|error| error.at(path.span))?;
    let row = vec![target.into(), Value::Int(cut.lsn().0 as i64)];
    Ok(table("SNAPSHOT INTO", &["directory", "lsn"], vec![row]))
}

/// One row of `CHECK INTEGRITY` for every snapshot that cannot be gone back to.
pub fn faults(view: &View) -> Result<Vec<Vec<Value>>> {
    let mut rows = Vec::new();
    for (name, body) in view.entries(Space::Snapshot)? {
        if let Err(error) = Snapshot::decode(&body).and_then(|snapshot| snapshot.check(view)) {
            let what = format!("snapshot `{name}`: {}", error.message);
            rows.push(vec!["catalog.db".into(), Value::Null, what.into()]);
        }
    }
    Ok(rows)
}

/// `SHOW SNAPSHOTS`
pub fn show(view: &View) -> Result<Outcome> {
    let mut rows = Vec::new();
    for (name, body) in view.entries(Space::Snapshot)? {
        let label = snapshot::peek(&body)?;
        rows.push(vec![
            name.into(),
            Value::Int(label.lsn.0 as i64),
            Value::Time(label.taken),
            label.author.into(),
            Value::Int(label.hexads as i64),
            Value::Int(body.len() as i64),
        ]);
    }
    let columns = ["name", "lsn", "taken_at", "author", "hexads", "bytes"];
    Ok(table("SHOW SNAPSHOTS", &columns, rows))
}
