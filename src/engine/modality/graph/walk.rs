//! Paths of variable length: which hexads can be reached in so many steps.
//!
//! A path is a walk: it may pass a hexad or an edge more than once. Only its ends are asked for, so
//! walks are never listed; sets of hexads are pushed forward one step at a time and a circle ends as
//! soon as it brings nothing new.

use roaring::RoaringBitmap;

use crate::engine::base::{Error, Kind, Result, limit};

use super::neighbors::{Direction, Follow, Neighbors};

/// How many steps a path may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hops {
    min: u32,
    max: Option<u32>,
}

impl Hops {
    /// One step: a plain edge.
    pub const ONE: Self = Self { min: 1, max: Some(1) };

    /// At least `min` and at most `max` steps; without `max` any number, but a search that is still
    /// finding new hexads after [`limit::PATH_HOPS`] steps fails.
    pub fn new(min: u32, max: Option<u32>) -> Result<Self> {
        if max.is_some_and(|max| max < min) {
            return Err(Error::new(
                Kind::InvalidGraphPattern,
                format!("a path of at least {min} and at most {} hops", max.unwrap_or(0)),
            ));
        }
        if min > limit::PATH_HOPS {
            return Err(too_deep());
        }
        Ok(Self { min, max })
    }

    /// The least and the greatest number of steps.
    pub fn bounds(self) -> (u32, Option<u32>) {
        (self.min, self.max)
    }

    /// True when a path may end where it starts, without a step.
    pub fn may_stay(self) -> bool {
        self.min == 0
    }

    /// True for a plain edge.
    pub fn is_one(self) -> bool {
        self == Self::ONE
    }
}

fn too_deep() -> Error {
    Error::new(
        Kind::TraversalDepthExceeded,
        format!("the path is longer than {} hops", limit::PATH_HOPS),
    )
    .hint("give the path an upper bound, as in `[:T*1..5]`")
}

/// The hexads at the end of a path that starts at any of `from`.
///
/// `spend` is called before each step with the number of hexads it starts at, and may stop the search.
pub fn reach(
    graph: &dyn Neighbors,
    from: &RoaringBitmap,
    follow: Follow,
    direction: Direction,
    hops: Hops,
    spend: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<RoaringBitmap> {
    let mut frontier = from.clone();
    for _ in 0..hops.min {
        spend(frontier.len())?;
        frontier = graph.expand(&frontier, follow, direction)?;
    }
    // From here on every level counts, and only what is new can lead to something new.
    let mut reached = frontier.clone();
    let mut steps = hops.min;
    while !frontier.is_empty() && hops.max.is_none_or(|max| steps < max) {
        if hops.max.is_none() && steps >= limit::PATH_HOPS {
            return Err(too_deep());
        }
        spend(frontier.len())?;
        frontier = graph.expand(&frontier, follow, direction)? - &reached;
        reached |= &frontier;
        steps += 1;
    }
    Ok(reached)
}
