//! What every walk over the graph needs: the neighbors of a hexad, one way or the other.

use std::collections::BTreeMap;

use roaring::RoaringBitmap;

use crate::engine::base::Result;

/// The number of a predicate in one database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PredicateId(pub u32);

/// Which edges are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From source to target: `-[:T]->`.
    Out,
    /// From target to source: `<-[:T]-`.
    In,
    /// Both: `-[:T]-`.
    Either,
}

impl Direction {
    /// The same edges seen from their other end.
    #[must_use]
    pub fn reversed(self) -> Self {
        match self {
            Self::Out => Self::In,
            Self::In => Self::Out,
            Self::Either => Self::Either,
        }
    }

    pub(super) fn has_out(self) -> bool {
        self != Self::In
    }

    pub(super) fn has_in(self) -> bool {
        self != Self::Out
    }
}

/// Which predicates are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Follow {
    /// Every one.
    Any,
    /// This one.
    Only(PredicateId),
    /// A name that no edge has: nothing is followed.
    Nothing,
}

impl Follow {
    /// True when an edge with `predicate` is followed.
    pub fn allows(self, predicate: PredicateId) -> bool {
        match self {
            Self::Any => true,
            Self::Only(wanted) => wanted == predicate,
            Self::Nothing => false,
        }
    }
}

/// A graph at one commit. Nodes are the internal ids of live hexads; an edge whose target does not
/// exist leads nowhere and is not seen here.
pub trait Neighbors {
    /// Calls `visit` for each edge of `node` that is followed, with the hexad at its other end. An
    /// edge from a hexad to itself is seen once from either end.
    fn visit(
        &self,
        node: u32,
        follow: Follow,
        direction: Direction,
        visit: &mut dyn FnMut(PredicateId, u32),
    ) -> Result<()>;

    /// All live hexads, with edges or without.
    fn nodes(&self) -> Result<RoaringBitmap>;

    /// The hexads an edge that is followed starts at (`Out`), points to (`In`), or both (`Either`);
    /// more is allowed.
    fn ends(&self, follow: Follow, direction: Direction) -> Result<RoaringBitmap>;

    /// The distinct hexads one step away from any of `frontier`.
    fn expand(
        &self,
        frontier: &RoaringBitmap,
        follow: Follow,
        direction: Direction,
    ) -> Result<RoaringBitmap> {
        let mut reached = Vec::new();
        for node in frontier {
            self.visit(node, follow, direction, &mut |_, other| reached.push(other))?;
        }
        Ok(set_of(reached))
    }

    /// The number of edges that are followed, from `node`'s point of view.
    fn degree(&self, node: u32, follow: Follow, direction: Direction) -> Result<u64> {
        let mut degree = 0;
        self.visit(node, follow, direction, &mut |_, _| degree += 1)?;
        Ok(degree)
    }
}

/// The set of some numbers in any order.
pub(super) fn set_of(mut members: Vec<u32>) -> RoaringBitmap {
    members.sort_unstable();
    members.dedup();
    RoaringBitmap::from_sorted_iter(members).expect("sorted and without repetition")
}

/// The predicates of a database, found by name without regard to ASCII case.
#[derive(Clone, Debug, Default)]
pub struct Predicates {
    by_name: BTreeMap<String, PredicateId>,
    names: BTreeMap<PredicateId, String>,
}

impl Predicates {
    /// From numbers and names.
    pub fn new(all: impl IntoIterator<Item = (u32, String)>) -> Self {
        let mut predicates = Self::default();
        for (number, name) in all {
            let id = PredicateId(number);
            predicates.by_name.insert(name.to_ascii_lowercase(), id);
            predicates.names.insert(id, name);
        }
        predicates
    }

    /// The number of this name, a new one if it has none.
    pub(super) fn number(&mut self, name: &str) -> PredicateId {
        if let Some(known) = self.find(name) {
            return known;
        }
        let id = PredicateId(self.names.keys().next_back().map_or(1, |last| last.0 + 1));
        self.by_name.insert(name.to_ascii_lowercase(), id);
        self.names.insert(id, name.to_owned());
        id
    }

    /// The predicate of this name.
    pub fn find(&self, name: &str) -> Option<PredicateId> {
        self.by_name.get(&name.to_ascii_lowercase()).copied()
    }

    /// What following `name` means; every edge when no name is given.
    pub fn follow(&self, name: Option<&str>) -> Follow {
        match name {
            None => Follow::Any,
            Some(name) => self.find(name).map_or(Follow::Nothing, Follow::Only),
        }
    }

    /// The name, as it was first written.
    pub fn name(&self, id: PredicateId) -> Option<&str> {
        self.names.get(&id).map(String::as_str)
    }

    /// All predicates, in the order in which they were first seen.
    pub fn ids(&self) -> impl Iterator<Item = PredicateId> {
        self.names.keys().copied()
    }

    /// All names, in the order in which they were first seen.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.values().map(String::as_str)
    }
}
