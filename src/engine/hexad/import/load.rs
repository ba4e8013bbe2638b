//! The writing half of an import: batches become commits.

use std::collections::HashSet;
use std::io::BufRead;
use std::sync::mpsc::sync_channel;

use crate::engine::base::{Error, HexadId, Kind, Result, Rng};
use crate::engine::embed::Embedder;
use crate::engine::hexad::attempt::{self, Before};
use crate::engine::hexad::{Author, Draft, HexadInput, write};
use crate::engine::store::{Store, View};

use super::bookmark::{self, Bookmark};
use super::embed;
use super::feed::{self, Batch};
use super::{ImportOptions, OnConflict, Progress, Reject, Watch};

/// Batches read ahead.
const AHEAD: usize = 2;

pub(super) fn run(
    store: &Store,
    rng: &dyn Rng,
    source: &mut (dyn BufRead + Send),
    options: &ImportOptions,
    embedder: Option<&dyn Embedder>,
    before: Before<'_>,
    watch: &mut dyn Watch,
) -> Result<Progress> {
    let found = bookmark::find(&store.view()?, &options.source)?;
    let resume = found.filter(|_| !options.restart);
    let progress = Progress::default();
    let mut load = Load { store, rng, options, embedder, before, watch, progress };
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(AHEAD);
        scope.spawn(move || feed::run(source, options, resume, &sender));
        for batch in receiver {
            load.batch(batch?)?;
        }
        Ok::<(), Error>(())
    })?;
    load.finish()
}

struct Load<'a> {
    store: &'a Store,
    rng: &'a dyn Rng,
    options: &'a ImportOptions,
    embedder: Option<&'a dyn Embedder>,
    before: Before<'a>,
    watch: &'a mut dyn Watch,
    progress: Progress,
}

/// What one commit did.
#[derive(Default)]
struct Done {
    inserted: u64,
    replaced: u64,
    skipped: u64,
    rejects: Vec<Reject>,
}

impl Load<'_> {
    fn batch(&mut self, batch: Batch) -> Result<()> {
        let Batch { inputs, rejects, bookmark, bytes, resumed } = batch;
        if self.options.strict
            && let Some(reject) = rejects.first()
        {
            return Err(strict(reject));
        }
        for mut part in parts(inputs) {
            if let Some(embedder) = self.embedder {
                let skips = self.options.on_conflict == OnConflict::Skip;
                embed::fill(&mut part.inputs, embedder, skips, &self.store.view()?)?;
            }
            let done = self.commit(&part.inputs, part.last.then_some(bookmark))?;
            self.progress.inserted += done.inserted;
            self.progress.replaced += done.replaced;
            self.progress.skipped += done.skipped;
            for reject in &done.rejects {
                self.progress.rejected += 1;
                self.watch.rejected(reject)?;
            }
        }
        for reject in &rejects {
            self.progress.rejected += 1;
            self.watch.rejected(reject)?;
        }
        self.progress.resumed = resumed;
        self.progress.lines = bookmark.lines;
        self.progress.bytes = bytes;
        self.watch.progress(&self.progress)
    }

    /// Writes inputs in one commit; a bookmark goes with those that end a batch.
    fn commit(&mut self, inputs: &[(u64, HexadInput)], bookmark: Option<Bookmark>) -> Result<Done> {
        let author = Author {
            source: Some(self.options.source.clone()),
            ..Author::new(self.options.author.clone())
        };
        attempt::write(self.store, &author, self.before, |view, draft| {
            let done = self.prepare(view, draft, inputs)?;
            if let Some(bookmark) = bookmark {
                draft.catalog(bookmark::leave(&self.options.source, bookmark));
            }
            Ok(done)
        })
    }

    fn prepare(
        &self,
        view: &View,
        draft: &mut Draft<'_>,
        inputs: &[(u64, HexadInput)],
    ) -> Result<Done> {
        let mut done = Done::default();
        let mut fresh = Vec::with_capacity(inputs.len());
        for (line, input) in inputs {
            let known = match &input.id {
                Some(id) => view.iid(id.as_str())?,
                None => None,
            };
            match (known, self.options.on_conflict) {
                (None, _) => fresh.push((line, input)),
                (Some(_), OnConflict::Skip) => done.skipped += 1,
                (Some(_), OnConflict::Fail) => return Err(conflict(*line, input)),
                (Some(iid), OnConflict::Replace) => match draft.replace_admitted(iid, input) {
                    Ok(true) => done.replaced += 1,
                    Ok(false) => done.skipped += 1,
                    Err(error) => done.rejects.push(self.reject(*line, input, error)?),
                },
            }
        }
        if fresh.is_empty() {
            return Ok(done);
        }
        let first = self.store.allocate_iids(fresh.len() as u32)?;
        for (offset, (line, input)) in fresh.into_iter().enumerate() {
            let iid = crate::engine::base::Iid(first.0 + offset as u32);
            let id = match &input.id {
                Some(id) => id.clone(),
                None => write::fresh_id(draft.time(), self.rng)?,
            };
            match draft.insert_admitted(iid, id, input) {
                Ok(()) => done.inserted += 1,
                Err(error) => done.rejects.push(self.reject(*line, input, error)?),
            }
        }
        Ok(done)
    }

    /// The line as a reject, when it is the line that is at fault and not the database.
    fn reject(&self, line: u64, input: &HexadInput, error: Error) -> Result<Reject> {
        let kinds = [Kind::ConstraintViolation, Kind::VectorDimensionMismatch];
        if !kinds.contains(&error.kind) {
            return Err(error);
        }
        let reject = Reject {
            line,
            id: input.id.as_ref().map(HexadId::to_string),
            key: if error.kind == kinds[1] { "vector.embedding".to_owned() } else { String::new() },
            kind: error.kind,
            reason: error.message,
            text: String::new(),
        };
        if self.options.strict { Err(strict(&reject)) } else { Ok(reject) }
    }

    /// The end was reached: there is nothing to go on with.
    fn finish(self) -> Result<Progress> {
        let view = self.store.view()?;
        if bookmark::find(&view, &self.options.source)?.is_some() {
            let mut writes = view.write_set()?;
            writes.catalog(bookmark::remove(&self.options.source));
            self.store.commit(writes)?;
        }
        Ok(self.progress)
    }
}

/// Inputs that can be written in one commit, because no id stands twice among them.
struct Part {
    inputs: Vec<(u64, HexadInput)>,
    last: bool,
}

fn parts(inputs: Vec<(u64, HexadInput)>) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut ids: HashSet<HexadId> = HashSet::with_capacity(inputs.len());
    let mut current = Vec::with_capacity(inputs.len());
    for (line, input) in inputs {
        if let Some(id) = &input.id
            && !ids.insert(id.clone())
        {
            parts.push(Part { inputs: std::mem::take(&mut current), last: false });
            ids = HashSet::from([id.clone()]);
        }
        current.push((line, input));
    }
    parts.push(Part { inputs: current, last: true });
    parts
}

fn conflict(line: u64, input: &HexadInput) -> Error {
    let id = input.id.as_ref().map_or("", HexadId::as_str);
    Error::new(Kind::InsertConflict, format!("line {line}: hexad `{id}` exists already"))
        .hint("on conflict `skip` keeps it, `replace` makes it what the line says")
}

fn strict(reject: &Reject) -> Error {
    let Reject { line, key, reason, .. } = reject;
    let place = if key.is_empty() { String::new() } else { format!("{key}: ") };
    Error::new(reject.kind, format!("line {line}: {place}{reason}"))
}
