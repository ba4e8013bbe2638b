//! Clocks and statistics of the benchmark: CPU time of the whole process, wall time of each call, and
//! what the system counted meanwhile.

use std::time::{Duration, Instant};

use super::subject::Result;

/// The middle of several rounds and how far they lie apart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Spread {
    /// The median of the rounds.
    pub(crate) mid: Duration,
    /// The least of them.
    pub(crate) low: Duration,
    /// The greatest of them.
    pub(crate) high: Duration,
}

impl Spread {
    /// Of rounds in any order.
    pub(crate) fn of(rounds: &[Duration]) -> Self {
        let mut sorted = rounds.to_vec();
        sorted.sort_unstable();
        let low = sorted.first().copied().unwrap_or_default();
        let high = sorted.last().copied().unwrap_or_default();
        Self { mid: at(&sorted, 0.5), low, high }
    }
}

/// What one suite cost one subject.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cost {
    /// CPU of all threads per operation, background work included, over the rounds. Of a server this
    /// is only what asking costs.
    pub(crate) cpu: Spread,
    /// Wall time per operation, over the rounds.
    pub(crate) wall: Spread,
    /// Wall time of one operation: the median.
    pub(crate) median: Duration,
    /// Wall time of one operation: the 99th percentile.
    pub(crate) p99: Duration,
    /// Fsyncs per operation, where known.
    pub(crate) fsyncs: Option<f64>,
    /// Bytes per operation this process caused to be sent to a device; `None` where the system does
    /// not say.
    pub(crate) written: Option<f64>,
    /// Bytes the process grew by meanwhile.
    pub(crate) memory: u64,
    /// Operations measured.
    pub(crate) operations: usize,
}

/// CPU time this process has used, all threads.
pub(crate) fn cpu() -> Duration {
    clock(rustix::time::ClockId::ProcessCPUTime)
}

/// CPU time this thread has used.
pub(crate) fn own_cpu() -> Duration {
    clock(rustix::time::ClockId::ThreadCPUTime)
}

fn clock(id: rustix::time::ClockId) -> Duration {
    let now = rustix::time::clock_gettime(id);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// A number of `/proc/self/FILE` in the line that starts with `name`.
fn counter(file: &str, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/proc/self/{file}")).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Largest resident memory of this process so far, in bytes (0 where the system does not say).
pub(crate) fn peak_memory() -> u64 {
    counter("status", "VmHWM:").unwrap_or(0) * 1024
}

/// Resident memory of this process now, in bytes (0 where the system does not say).
pub(crate) fn memory() -> u64 {
    counter("status", "VmRSS:").unwrap_or(0) * 1024
}

/// Bytes this process caused to be sent to a device so far.
pub(crate) fn written() -> Option<u64> {
    counter("io", "write_bytes:")
}

/// Collects rounds of one suite for one subject.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    cpu: Vec<Duration>,
    wall: Vec<Duration>,
    calls: Vec<Duration>,
    operations: usize,
    fsyncs: Option<u64>,
    written: Option<u64>,
    memory: u64,
}

/// The state of all counters at one moment.
pub(crate) struct Mark {
    cpu: Duration,
    start: Instant,
    written: Option<u64>,
    memory: u64,
}

impl Mark {
    /// Now.
    pub(crate) fn now() -> Self {
        let (written, memory) = (written(), memory());
        Self { cpu: cpu(), start: Instant::now(), written, memory }
    }
}

impl Meter {
    /// Runs `count` operations as one round.
    pub(crate) fn round(
        &mut self,
        count: usize,
        mut operation: impl FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        let mark = Mark::now();
        for n in 0..count {
            let start = Instant::now();
            operation(n)?;
            self.calls.push(start.elapsed());
        }
        self.since(&mark, count, Duration::ZERO, Duration::ZERO);
        Ok(())
    }

    /// Adds what happened since `mark` as one round of `count` operations, without the CPU and the
    /// wall time that were spent on something else meanwhile.
    pub(crate) fn since(&mut self, mark: &Mark, count: usize, cpu_of: Duration, wall_of: Duration) {
        let each = count.max(1) as u32;
        self.wall.push(mark.start.elapsed().saturating_sub(wall_of) / each);
        self.cpu.push(cpu().saturating_sub(mark.cpu).saturating_sub(cpu_of) / each);
        self.operations += count;
        if let (Some(before), Some(after)) = (mark.written, written()) {
            *self.written.get_or_insert(0) += after.saturating_sub(before);
        }
        self.memory += memory().saturating_sub(mark.memory);
    }

    /// Adds the wall times of single operations that were measured elsewhere.
    pub(crate) fn calls(&mut self, calls: impl IntoIterator<Item = Duration>) {
        self.calls.extend(calls);
    }

    /// Adds fsyncs seen during a round.
    pub(crate) fn fsyncs(&mut self, count: u64) {
        *self.fsyncs.get_or_insert(0) += count;
    }

    /// The figures.
    pub(crate) fn cost(mut self) -> Cost {
        self.calls.sort_unstable();
        let each = |count: u64| count as f64 / self.operations.max(1) as f64;
        Cost {
            cpu: Spread::of(&self.cpu),
            wall: Spread::of(&self.wall),
            median: at(&self.calls, 0.5),
            p99: at(&self.calls, 0.99),
            fsyncs: self.fsyncs.map(each),
            written: self.written.map(each),
            memory: self.memory,
            operations: self.operations,
        }
    }
}

fn at(sorted: &[Duration], share: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_counts_every_operation() {
        let mut meter = Meter::default();
        meter.round(10, |_| Ok(())).expect("nothing fails");
        meter.fsyncs(20);
        let cost = meter.cost();
        assert_eq!((cost.operations, cost.fsyncs), (10, Some(2.0)));
    }

    #[test]
    fn the_middle_of_rounds_lies_between_their_ends() {
        let rounds = [3, 1, 2].map(Duration::from_millis);
        let spread = Spread::of(&rounds);
        let [low, mid, high] = [1, 2, 3].map(Duration::from_millis);
        assert_eq!(spread, Spread { mid, low, high });
    }
}
