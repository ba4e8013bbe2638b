//! One state of an index: immutable segments, each with the hexads it no longer speaks for.
//!
//! A change makes a new generation that shares all segments with the one before and adds a small one;
//! small ones are merged into greater ones now and then, so that a hexad is rewritten a logarithmic
//! number of times. Readers keep the generation they began with.

use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Lsn, Result};

use super::{Loaded, Sections};

/// Segments an index may have before some are merged.
const SEGMENTS: usize = 6;

/// Hexads of a segment that is not merged any more, unless half of it is dead.
const LARGE: u64 = 1 << 18;

/// Part of an index: what it knows about some hexads. Never changes once made.
pub trait Segment: Send + Sync + Sized + 'static {
    /// The records it is made from.
    type Record;
    /// Makes one.
    type Builder: Builder<Record = Self::Record, Segment = Self>;

    /// The name of the index: of its folder, in messages and in its files.
    const NAME: &'static str;
    /// Raised whenever files of this index mean something else, or the same records would give
    /// another index. Files of another format are built again.
    const FORMAT: u32;

    /// The hexads it speaks for.
    fn iids(&self) -> &RoaringBitmap;

    /// One segment from several, without the hexads that are dead in each. No hexad is alive in two.
    fn merge(parts: &[(&Self, &RoaringBitmap)]) -> Self;

    /// As a file.
    fn save(&self) -> Result<Sections<'_>>;

    /// From a file whose checksum was verified.
    fn load(file: &Loaded) -> Result<Self>;
}

/// A segment in the making.
pub trait Builder: Default {
    /// What it is made from.
    type Record;
    /// What it makes.
    type Segment;

    /// Adds a hexad; they come in ascending order.
    fn add(&mut self, iid: Iid, record: &Self::Record);

    /// Bytes held so far, roughly: a segment over some size is finished and another one begun.
    fn bytes(&self) -> usize;

    /// The segment.
    fn finish(self) -> Self::Segment;
}

/// A segment in its place in a generation.
#[derive(Debug)]
pub struct Part<S> {
    /// What it knows.
    pub segment: Arc<S>,
    /// The hexads for which it no longer speaks: deleted, or changed and spoken for by another part.
    pub dead: Arc<RoaringBitmap>,
    /// The number of the file that holds the segment, when one does.
    pub(super) file: Option<u64>,
}

impl<S> Clone for Part<S> {
    fn clone(&self) -> Self {
        Self { segment: Arc::clone(&self.segment), dead: Arc::clone(&self.dead), file: self.file }
    }
}

impl<S: Segment> Part<S> {
    /// The number of hexads it speaks for.
    pub fn live(&self) -> u64 {
        self.segment.iids().len() - self.dead.len()
    }
}

/// What an index knows about the records at one commit.
#[derive(Debug)]
pub struct Generation<S> {
    /// The commit.
    pub lsn: Lsn,
    /// Its segments; no hexad is alive in two.
    pub parts: Vec<Part<S>>,
    /// The hexads it speaks for.
    pub iids: RoaringBitmap,
}

impl<S: Segment> Generation<S> {
    /// An index of nothing.
    pub fn empty(lsn: Lsn) -> Self {
        Self { lsn, parts: Vec::new(), iids: RoaringBitmap::new() }
    }

    /// From parts; `None` when two of them speak for the same hexad.
    pub(super) fn new(lsn: Lsn, parts: Vec<Part<S>>) -> Option<Self> {
        let mut iids = RoaringBitmap::new();
        for part in &parts {
            iids |= part.segment.iids() - &*part.dead;
        }
        let alone = iids.len() == parts.iter().map(Part::live).sum::<u64>();
        alone.then_some(Self { lsn, parts, iids })
    }

    /// The same, where nothing has changed up to `lsn`.
    pub(super) fn at(&self, lsn: Lsn) -> Self {
        Self { lsn, parts: self.parts.clone(), iids: self.iids.clone() }
    }

    /// The next generation, at `lsn`: forgets what it knew of `changed`, and knows what `fresh` says.
    pub(super) fn next(&self, lsn: Lsn, changed: &RoaringBitmap, fresh: Vec<S>) -> Self {
        let mut parts: Vec<Part<S>> = self.parts.clone();
        let mut iids = &self.iids - changed;
        for part in &mut parts {
            let hit = part.segment.iids() & changed;
            if !hit.is_subset(&part.dead) {
                part.dead = Arc::new(&*part.dead | hit);
            }
        }
        for segment in fresh {
            iids |= segment.iids();
            parts.push(Part { segment: Arc::new(segment), dead: Arc::default(), file: None });
        }
        parts.retain(|part| part.live() > 0);
        Self { lsn, parts: merged(parts), iids }
    }
}

/// Merges what should be merged: a part that is mostly dead, and the small ones when there are many.
fn merged<S: Segment>(mut parts: Vec<Part<S>>) -> Vec<Part<S>> {
    for part in &mut parts {
        if part.dead.len() > part.live() {
            *part = merge(std::slice::from_ref(part));
        }
    }
    parts.sort_by_key(|part| std::cmp::Reverse(part.live()));
    while parts.len() > SEGMENTS {
        // The longest tail in which no part is much greater than all behind it together: everybody
        // in it at least doubles.
        let mut start = parts.len() - 1;
        let mut behind = parts[start].live();
        while start > 0 {
            let next = parts[start - 1].live();
            let few_enough = start <= SEGMENTS / 2 && next > 2 * behind;
            if few_enough || next + behind > LARGE && parts.len() - start >= 2 {
                break;
            }
            start -= 1;
            behind += next;
        }
        if parts.len() - start < 2 {
            break;
        }
        let one = merge(&parts[start..]);
        parts.truncate(start);
        parts.push(one);
    }
    parts
}

fn merge<S: Segment>(parts: &[Part<S>]) -> Part<S> {
    let pairs: Vec<_> = parts.iter().map(|part| (&*part.segment, &*part.dead)).collect();
    Part { segment: Arc::new(S::merge(&pairs)), dead: Arc::default(), file: None }
}
