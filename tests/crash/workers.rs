//! Many small trials on all processors, each watched: one that panics is a violation, one that hangs
//! ends the run with its name.

use std::panic::{self, AssertUnwindSafe};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::report::Report;

/// A trial that takes longer hangs.
const PATIENCE: Duration = Duration::from_mins(2);

/// Panics of any thread since the start.
static PANICS: AtomicU64 = AtomicU64::new(0);
static LAST_PANIC: Mutex<String> = Mutex::new(String::new());

/// Counts every panic of the process, those of threads nobody waits for included.
pub(crate) fn count_panics() {
    panic::set_hook(Box::new(|info| {
        PANICS.fetch_add(1, Ordering::SeqCst);
        if let Ok(mut last) = LAST_PANIC.lock() {
            *last = info.to_string();
        }
    }));
}

/// How many panics there were, and the last of them.
pub(crate) fn panics() -> (u64, String) {
    (PANICS.load(Ordering::SeqCst), LAST_PANIC.lock().map(|last| last.clone()).unwrap_or_default())
}

/// Runs `trial` for every job and merges what they report. `name` says how to run a job again.
pub(crate) fn each<J: Sync>(
    jobs: &[J],
    name: impl Fn(&J) -> String + Sync,
    trial: impl Fn(usize, &J, &mut Report) + Sync,
) -> Report {
    let workers = thread::available_parallelism().map_or(2, usize::from).min(jobs.len().max(1));
    let next = AtomicU64::new(0);
    let ended = AtomicBool::new(false);
    let total = Mutex::new(Report::default());
    let busy: Vec<Mutex<Option<(Instant, usize)>>> =
        (0..workers).map(|_| Mutex::new(None)).collect();
    thread::scope(|scope| {
        let handles: Vec<_> = busy
            .iter()
            .enumerate()
            .map(|(worker, slot)| {
                let (next, total, name, trial) = (&next, &total, &name, &trial);
                scope.spawn(move || {
                    let mut report = Report::default();
                    while let Some(n) = claim(next, jobs.len()) {
                        *slot.lock().expect("nobody panics here") = Some((Instant::now(), n));
                        let before = panics().0;
                        let done = panic::catch_unwind(AssertUnwindSafe(|| {
                            trial(worker, &jobs[n], &mut report);
                        }));
                        let (after, last) = panics();
                        if done.is_err() || after != before {
                            report.violation(name(&jobs[n]), format!("a panic: {last}"));
                        }
                        *slot.lock().expect("nobody panics here") = None;
                    }
                    total.lock().expect("nobody panics here").merge(report);
                })
            })
            .collect();
        let (busy, ended, name) = (&busy, &ended, &name);
        scope.spawn(move || watch(busy, ended, |n| name(&jobs[n])));
        for handle in handles {
            drop(handle.join());
        }
        ended.store(true, Ordering::SeqCst);
    });
    total.into_inner().expect("nobody panics here")
}

fn claim(next: &AtomicU64, end: usize) -> Option<usize> {
    let n = next.fetch_add(1, Ordering::SeqCst) as usize;
    (n < end).then_some(n)
}

/// Ends the process when a trial does not end.
fn watch(
    busy: &[Mutex<Option<(Instant, usize)>>],
    ended: &AtomicBool,
    name: impl Fn(usize) -> String,
) {
    while !ended.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(50));
        for slot in busy {
            let held = *slot.lock().expect("nobody panics here");
            if let Some((since, n)) = held
                && since.elapsed() > PATIENCE
            {
                crate::say(&format!("VIOLATION a hang: [{}]", name(n)));
                std::process::exit(1);
            }
        }
    }
}
