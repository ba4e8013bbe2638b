//! Clocks and statistics of the benchmark: CPU time of the whole process, wall time of each call.

use std::time::{Duration, Instant};

use super::subject::Result;

/// What one suite cost one subject.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cost {
    /// CPU of all threads per operation, background work included; the median of the rounds.
    pub(crate) cpu: Duration,
    /// Wall time of one operation: the median.
    pub(crate) median: Duration,
    /// Wall time of one operation: the 99th percentile.
    pub(crate) p99: Duration,
    /// Fsyncs per operation, where known.
    pub(crate) fsyncs: Option<f64>,
    /// Operations measured.
    pub(crate) operations: usize,
}

/// CPU time this process has used, all threads.
pub(crate) fn cpu() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(now.tv_sec as u64, now.tv_nsec as u32)
}

/// Largest resident memory of this process so far, in bytes (0 where the system does not say).
pub(crate) fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Collects rounds of one suite for one subject.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    rounds: Vec<Duration>,
    calls: Vec<Duration>,
    fsyncs: Option<u64>,
}

impl Meter {
    /// Runs `count` operations as one round; `rest` brings background work to an end inside it.
    pub(crate) fn round(
        &mut self,
        count: usize,
        mut operation: impl FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        let before = cpu();
        for n in 0..count {
            let start = Instant::now();
            operation(n)?;
            self.calls.push(start.elapsed());
        }
        self.rounds.push(cpu().saturating_sub(before) / count.max(1) as u32);
        Ok(())
    }

    /// Adds fsyncs seen during a round.
    pub(crate) fn fsyncs(&mut self, count: u64) {
        *self.fsyncs.get_or_insert(0) += count;
    }

    /// The figures.
    pub(crate) fn cost(mut self) -> Cost {
        self.rounds.sort_unstable();
        self.calls.sort_unstable();
        let at = |sorted: &[Duration], share: f64| {
            let last = sorted.len().saturating_sub(1);
            sorted.get((last as f64 * share).round() as usize).copied().unwrap_or_default()
        };
        let operations = self.calls.len();
        Cost {
            cpu: at(&self.rounds, 0.5),
            median: at(&self.calls, 0.5),
            p99: at(&self.calls, 0.99),
            fsyncs: self.fsyncs.map(|f| f as f64 / operations.max(1) as f64),
            operations,
        }
    }
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
}
