//! What drift costs those who are not looking for it: the sweep in the background, and the check that
//! a write brings about.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::cmd::bench::data::Draw;
use crate::cmd::bench::measure::cpu;
use crate::engine::base::{Modality, Value};
use crate::engine::hexad::Hexad;

use super::Fallible;
use super::world::World;

/// Writes that are measured in one round.
const WRITES: usize = 500;
/// Rounds; the median counts.
const ROUNDS: usize = 5;
/// Words of a text that is written.
const TEXT: usize = 40;

/// What it costs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// The first round of the sweep over all hexads, on one core without a rest.
    pub(super) sweep: Duration,
    /// CPU of a write that changes a text, everything that follows from it but drift included.
    pub(super) write: Duration,
    /// CPU of measuring what was written, per write.
    pub(super) check: Duration,
}

impl Cost {
    /// What the check adds to a write; `None` when nothing could be written.
    pub(super) fn share(&self) -> Option<f64> {
        (!self.write.is_zero()).then(|| self.check.as_secs_f64() / self.write.as_secs_f64())
    }
}

/// A first round of the sweep.
pub(super) fn sweep(world: &World) -> Fallible<Duration> {
    let begun = Instant::now();
    world.engine.sweep()?;
    Ok(begun.elapsed())
}

/// Rewrites texts, and then has the drift of what was written measured, in turns: CPU of either, per
/// write.
pub(super) fn writes(
    world: &mut World,
    hexads: &BTreeMap<String, Hexad>,
    seed: u64,
) -> Fallible<(Duration, Duration)> {
    let mut draw = Draw(seed ^ 0x00c0_57ed);
    let with_text = |hexad: &&Hexad| hexad.present.contains(Modality::Document);
    let ids: Vec<&str> = hexads.values().filter(with_text).map(|h| h.id.as_str()).collect();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let count = WRITES.min(ids.len());
        if count == 0 {
            break;
        }
        let before = cpu();
        for _ in 0..count {
            let id = Value::from(ids[draw.below(ids.len())]);
            let text: Vec<String> = (0..TEXT).map(|_| draw.word()).collect();
            let params = [("id", id), ("b", Value::Text(text.join(" ")))];
            world.ask("UPDATE HEXAD $id SET DOCUMENT.body = $b", params)?;
        }
        // What follows from a write later belongs to it.
        world.engine.settle()?;
        let written = cpu();
        world.ask("COUNT HEXADS WHERE drift_score > 1", [])?;
        let checked = cpu();
        let each = |time: Duration| time / count as u32;
        rounds.push((each(written.saturating_sub(before)), each(checked.saturating_sub(written))));
    }
    let median = |part: fn(&(Duration, Duration)) -> Duration| {
        let mut all: Vec<Duration> = rounds.iter().map(part).collect();
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or_default()
    };
    Ok((median(|round| round.0), median(|round| round.1)))
}
