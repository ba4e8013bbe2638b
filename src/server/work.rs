//! Where statements wait for a thread: a bounded number run, a bounded number wait, the rest is told to
//! come back later. Whoever goes away while waiting or running stops the statement.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Semaphore;

use super::problem::Problem;

/// The threads of the statements.
#[derive(Debug)]
pub struct Work {
    slots: Arc<Semaphore>,
    waiting: AtomicUsize,
    queue: usize,
}

impl Work {
    /// As many may run, as many may wait.
    pub fn new(slots: usize, queue: usize) -> Self {
        Self { slots: Arc::new(Semaphore::new(slots)), waiting: AtomicUsize::new(0), queue }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Runs `work` on a thread where it may block. Its argument becomes true when nobody waits for the
    /// answer any more. Refuses with 503 when too many wait.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Arc<AtomicBool>) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let slot = match Arc::clone(&self.slots).try_acquire_owned() {
            Ok(slot) => slot,
            Err(_) => self.wait().await?,
        };
        let gone = Gone(Arc::default());
        let cancel = Arc::clone(&gone.0);
        let done = tokio::task::spawn_blocking(move || {
            let answer = work(&cancel);
            drop(slot);
            answer
        })
        .await;
        drop(gone);
        done.map_err(|cause| {
            tracing::error!(%cause, "a statement panicked");
            Problem::internal()
        })
    }

    async fn wait(&self) -> Result<tokio::sync::OwnedSemaphorePermit, Problem> {
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let counted = Counted(&self.waiting);
        if before >= self.queue {
            return Err(Problem::overloaded());
        }
        let slot = Arc::clone(&self.slots).acquire_owned().await;
        drop(counted);
        slot.map_err(|_| Problem::overloaded())
    }
}

/// One who waits, until it is dropped.
struct Counted<'a>(&'a AtomicUsize);

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Says that nobody waits any more, when it is dropped.
struct Gone(Arc<AtomicBool>);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap()
    }

    #[test]
    fn more_than_may_wait_are_refused_and_the_others_get_their_turn() {
        runtime().block_on(async {
            let work = Arc::new(Work::new(1, 1));
            let (go, wait) = std::sync::mpsc::channel::<()>();
            let (began, begun) = tokio::sync::oneshot::channel();
            let first = tokio::spawn({
                let work = Arc::clone(&work);
                async move {
                    work.run(move |_| {
                        began.send(()).unwrap();
                        wait.recv().unwrap();
                        1
                    })
                    .await
                }
            });
            begun.await.unwrap();
            let second = tokio::spawn({
                let work = Arc::clone(&work);
                async move { work.run(|_| 2).await }
            });
            while work.waiting() == 0 {
                tokio::task::yield_now().await;
            }
            assert_eq!(work.run(|_| 3).await.unwrap_err().status.as_u16(), 503);
            go.send(()).unwrap();
            assert_eq!(first.await.unwrap().unwrap(), 1);
            assert_eq!(second.await.unwrap().unwrap(), 2);
            assert_eq!(work.waiting(), 0);
        });
    }

    #[test]
    fn who_goes_away_stops_the_statement() {
        runtime().block_on(async {
            let work = Arc::new(Work::new(1, 1));
            let (began, begun) = tokio::sync::oneshot::channel();
            let (told, tell) = std::sync::mpsc::channel();
            let task = tokio::spawn(async move {
                work.run(move |gone| {
                    began.send(()).unwrap();
                    while !gone.load(Ordering::Relaxed) {
                        std::thread::yield_now();
                    }
                    told.send(()).unwrap();
                })
                .await
            });
            begun.await.unwrap();
            task.abort();
            tell.recv().unwrap();
        });
    }
}
