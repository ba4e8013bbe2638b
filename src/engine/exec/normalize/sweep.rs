//! Normalizing with the sweep: after each round, for policies that say so.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::engine::Shared;
use crate::engine::base::{Iid, Result};
use crate::engine::exec::statement::{normalize, unasked};
use crate::engine::normalize::Auto;

/// Normalizes the hexads whose policies say that it is done with the sweep.
pub fn sweep(shared: &Shared, cancel: &Arc<AtomicBool>) -> Result<()> {
    let on_sweep = |policy: &crate::engine::normalize::Policy| policy.auto() == Some(Auto::OnSweep);
    if shared.options.read_only || !shared.policies()?.iter().any(on_sweep) {
        return Ok(());
    }
    let live = shared.store.view()?.live()?;
    let iids: Vec<Iid> = live.iter().map(Iid).collect();
    unasked(shared, cancel, |job| normalize::automatic(job, &iids, Auto::OnSweep).map(drop))
}
