//! How many requests one principal, or one address, may send: a bucket for each, refilled every second.

use std::hash::Hash;
use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

/// Buckets above which those that are full are thrown away: they say nothing.
const MANY: usize = 10_000;

/// Buckets by `K`; without a number everything passes.
pub struct Rate<K: Hash + Eq + Clone> {
    buckets: Option<RateLimiter<K, DashMapStateStore<K>, DefaultClock>>,
}

impl<K: Hash + Eq + Clone> Rate<K> {
    /// As many in a second, and as many at once.
    pub fn new(per_second: Option<u32>) -> Self {
        let quota = per_second.and_then(NonZeroU32::new).map(Quota::per_second);
        Self { buckets: quota.map(RateLimiter::keyed) }
    }

    /// Takes one; says after how many seconds there will be one when there is none.
    pub fn take(&self, key: &K) -> Result<(), u32> {
        let Some(buckets) = &self.buckets else { return Ok(()) };
        if buckets.len() > MANY {
            buckets.retain_recent();
        }
        buckets.check_key(key).map_err(|full| {
            let wait = full.wait_time_from(DefaultClock::default().now());
            u32::try_from(wait.as_secs_f64().ceil() as u64).unwrap_or(u32::MAX).max(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_sends_too_much_does_not_stop_the_others() {
        let rate = Rate::new(Some(2));
        assert_eq!(rate.take(&"a"), Ok(()));
        assert_eq!(rate.take(&"a"), Ok(()));
        assert_eq!(rate.take(&"a"), Err(1));
        assert_eq!(rate.take(&"b"), Ok(()));
        let free = Rate::new(None);
        assert!((0..10_000).all(|_| free.take(&"a").is_ok()));
    }
}
