//! Many hexads by one call: written in batches as they come, counted, and what cannot be written told at
//! the end. No more than a batch is in memory.

use std::sync::Arc;

use prost::Message as _;
use tokio_stream::StreamExt as _;
use tonic::{Request, Response, Status, Streaming};

use crate::engine::auth::Principal;
use crate::engine::base::Kind;
use crate::engine::session::hexads::{Done, Expect, HexadWrite, Wrote};
use crate::server::problem::Problem;
use crate::server::state::App;

use super::query::{who, within};
use super::{Service, hexad, proto, status};

/// Hexads of a batch when nobody says.
const BATCH: usize = 1000;
/// Hexads of the largest batch.
const LARGEST: usize = 10_000;
/// Rejects that are told one by one.
const TOLD: usize = 100;

/// A hexad of the call: which, its id, and what is to be done or why that cannot be.
struct Item {
    number: u64,
    id: String,
    write: HexadWrite,
}

/// A call that writes.
struct Writing {
    app: Arc<App>,
    who: Principal,
    options: proto::WriteOptions,
    batch: Vec<Item>,
    /// Bytes of the batch.
    bytes: usize,
    seen: u64,
    done: proto::WriteResponse,
}

impl Service {
    /// `Write`
    pub(super) async fn write_all(
        &self,
        request: Request<Streaming<proto::WriteRequest>>,
    ) -> Result<Response<proto::WriteResponse>, Status> {
        let (who, deadline) = (who(&request)?, super::deadline(&request));
        let mut writing = Writing {
            app: Arc::clone(&self.0),
            who,
            options: proto::WriteOptions::default(),
            batch: Vec::new(),
            bytes: 0,
            seen: 0,
            done: proto::WriteResponse::default(),
        };
        let work = async {
            let mut hexads = request.into_inner();
            loop {
                match hexads.next().await {
                    None => break,
                    Some(Ok(message)) => writing.take(message).await?,
                    Some(Err(broken)) => {
                        // Not the end of the stream: what has not been committed will not be.
                        return Err(Problem::malformed(broken.message().to_owned()));
                    }
                }
            }
            writing.flush().await
        };
        within(deadline, work).await?;
        Ok(Response::new(writing.done))
    }
}

impl Writing {
    async fn take(&mut self, message: proto::WriteRequest) -> Result<(), Problem> {
        let hexad = match message.what {
            Some(proto::write_request::What::Hexad(hexad)) => hexad,
            Some(proto::write_request::What::Options(options)) if self.seen == 0 => {
                self.options = options;
                return Ok(());
            }
            Some(proto::write_request::What::Options(_)) => {
                return Err(Problem::malformed("options come before the first hexad"));
            }
            None => return Err(Problem::malformed("a message that says nothing")),
        };
        self.seen += 1;
        self.bytes += hexad.encoded_len();
        let id = hexad.id.clone();
        match hexad::input(hexad) {
            Ok(input) => {
                let replaces = self.options.on_conflict() == proto::OnConflict::Replace;
                let write = match input.id {
                    Some(_) if replaces => HexadWrite::Put(input, Expect::Anything),
                    _ => HexadWrite::Insert(input),
                };
                self.batch.push(Item { number: self.seen, id, write });
            }
            Err(problem) => self.reject(self.seen, id, problem)?,
        }
        let most = match self.options.batch as usize {
            0 => BATCH,
            asked => asked.min(LARGEST),
        };
        if self.batch.len() >= most || self.bytes >= self.app.limits().body {
            self.flush().await?;
        }
        Ok(())
    }

    /// Writes the batch: as one commit or, when something of it cannot be written, one by one.
    async fn flush(&mut self) -> Result<(), Problem> {
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        if batch.is_empty() {
            return Ok(());
        }
        let writes = batch.iter().map(|item| item.write.clone()).collect();
        match self.write(writes).await {
            Ok(wrote) => {
                self.count(&wrote);
                return Ok(());
            }
            Err(problem) if is_of_the_server(&problem) => return Err(problem),
            Err(problem) if self.options.strict && !self.skips(&problem) => return Err(problem),
            Err(_) => {}
        }
        for item in batch {
            match self.write(vec![item.write]).await {
                Ok(wrote) => self.count(&wrote),
                Err(problem) if is_of_the_server(&problem) => return Err(problem),
                Err(problem) if self.skips(&problem) => self.done.skipped += 1,
                Err(problem) => self.reject(item.number, item.id, problem)?,
            }
        }
        Ok(())
    }

    async fn write(&self, writes: Vec<HexadWrite>) -> Result<Vec<Wrote>, Problem> {
        let write = move |session: &mut crate::engine::Session,
                          control: &crate::engine::Control| {
            session.write_hexads(&writes, control)
        };
        self.app.run(&self.who, None, write).await
    }

    fn skips(&self, problem: &Problem) -> bool {
        problem.kind == Kind::InsertConflict.name()
            && self.options.on_conflict() == proto::OnConflict::Skip
    }

    fn count(&mut self, wrote: &[Wrote]) {
        for one in wrote {
            match one.what {
                Done::Created => self.done.inserted += 1,
                Done::Changed | Done::Deleted => self.done.replaced += 1,
                Done::Unchanged => self.done.skipped += 1,
            }
        }
    }

    fn reject(&mut self, number: u64, id: String, problem: Problem) -> Result<(), Problem> {
        if self.options.strict {
            return Err(problem);
        }
        self.done.rejected += 1;
        if self.done.rejects.len() < TOLD {
            let failure = Some(status::failure(&problem));
            self.done.rejects.push(proto::Reject { number, id, failure });
        }
        Ok(())
    }
}

/// Failures that are not about a hexad: the next one would fail alike.
fn is_of_the_server(problem: &Problem) -> bool {
    problem.status.is_server_error() || problem.kind == Kind::ReadOnlyStore.name()
}
