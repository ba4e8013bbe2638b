//! Normalizing with the sweep: after each round, for policies that say so.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::engine::Shared;
use crate::engine::base::{Iid, Result};
use crate::engine::embed::Memo;
use crate::engine::exec::budget::Budget;
use crate::engine::exec::statement::{Job, normalize};
use crate::engine::normalize::Auto;
use crate::engine::outcome::Control;

/// Normalizes the hexads whose policies say that it is done with the sweep.
pub fn sweep(shared: &Shared, cancel: &Arc<AtomicBool>) -> Result<()> {
    let on_sweep = |policy: &crate::engine::normalize::Policy| policy.auto() == Some(Auto::OnSweep);
    if shared.options.read_only || !shared.policies()?.iter().any(on_sweep) {
        return Ok(());
    }
    let control = Control { cancel: Arc::clone(cancel), ..Control::default() };
    let budget = Budget::new(&control, shared.clock.as_ref());
    let (settings, params, memo) = (BTreeMap::new(), BTreeMap::new(), Memo::default());
    let job = Job {
        shared,
        settings: &settings,
        text: "",
        params: &params,
        control: &control,
        now: shared.clock.now(),
        budget: &budget,
        inside: None,
        memo: &memo,
    };
    let live = shared.store.view()?.live()?;
    let iids: Vec<Iid> = live.iter().map(Iid).collect();
    normalize::automatic(&job, &iids, Auto::OnSweep).map(drop)
}
