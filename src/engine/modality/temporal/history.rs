//! Which version of an entity answers for an instant, an interval, a number, a name or an author.
//!
//! Two times meet here. *Commit time* says when the database learned of a version; *valid time*,
//! if the writer states one, says when it is true in the world. The rule of `AS OF t`:
//!
//! - a version that states a valid time speaks for `t` when that interval holds `t`, whenever it
//!   was committed: who says today how it was in 1999 wants to read it as of 1999;
//! - a version without one speaks for every instant from its commit on;
//! - of all versions that speak for `t` the one committed last is right: a later statement
//!   corrects an earlier one.
//!
//! A version that deletes states no valid time, so a deletion ends the entity at its commit.

use crate::engine::base::Timestamp;

use super::{ValidTime, Version};

impl ValidTime {
    /// True when the writer said anything about it.
    pub fn is_stated(&self) -> bool {
        self.from.is_some() || self.to.is_some()
    }

    /// True when `t` is in it.
    pub fn holds(&self, t: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= t) && self.to.is_none_or(|to| t < to)
    }

    /// True when it shares an instant with the closed interval `from..=to`.
    pub fn overlaps(&self, from: Timestamp, to: Timestamp) -> bool {
        self.from.is_none_or(|start| start <= to) && self.to.is_none_or(|end| from < end)
    }
}

impl Version {
    /// True for the version that records a deletion.
    pub fn deletes(&self) -> bool {
        self.present.is_empty()
    }

    /// Whether it has something to say about `t`; see the module.
    pub fn speaks_for(&self, t: Timestamp) -> bool {
        if self.valid.is_stated() && !self.deletes() { self.valid.holds(t) } else { self.at <= t }
    }
}

/// The versions of one hexad, oldest first, without gaps in their numbers.
#[derive(Clone, Copy, Debug)]
pub struct History<'a>(pub &'a [Version]);

impl<'a> History<'a> {
    /// The version that tells how the entity was at `t`; `None` when it did not exist.
    pub fn as_of(self, t: Timestamp) -> Option<&'a Version> {
        self.0.iter().rev().find(|v| v.speaks_for(t)).filter(|v| !v.deletes())
    }

    /// `BETWEEN from AND to`, both ends included: every version that was right at some instant of
    /// the interval, oldest first. Deletions are no state and not among them.
    pub fn between(self, from: Timestamp, to: Timestamp) -> Vec<&'a Version> {
        if from > to {
            return Vec::new();
        }
        self.0
            .iter()
            .enumerate()
            .filter(|(i, v)| !v.deletes() && self.is_right_in(*i, v, from, to))
            .map(|(_, v)| v)
            .collect()
    }

    /// A version is right from its start until its end or until later versions have covered all
    /// of that.
    fn is_right_in(self, index: usize, v: &Version, from: Timestamp, to: Timestamp) -> bool {
        let stated = v.valid.is_stated();
        let start = if stated { v.valid.from.unwrap_or(from) } else { v.at };
        let end = if stated { v.valid.to } else { None };
        let mut open = vec![(start.max(from), end.map_or(to, |end| to.min(before(end))))];
        for later in self.0.iter().skip(index + 1) {
            let stated = later.valid.is_stated() && !later.deletes();
            let covers_from = if stated { later.valid.from } else { Some(later.at) };
            let covers_to = if stated { later.valid.to } else { None };
            open = open
                .into_iter()
                .flat_map(|(a, b)| {
                    let left = covers_from.map(|from| (a, b.min(before(from))));
                    let right = covers_to.map(|to| (a.max(to), b));
                    [left, right].into_iter().flatten()
                })
                .collect();
            open.retain(|(a, b)| a <= b);
        }
        open.iter().any(|(a, b)| a <= b)
    }

    /// `VERSION x`: by number (`3` or `v3`), else the last one whose message is `x`.
    pub fn named(self, name: &str) -> Option<&'a Version> {
        let digits = name.strip_prefix(['v', 'V']).unwrap_or(name);
        let by_number = digits.parse().ok().and_then(|number: u32| self.numbered(number));
        by_number.or_else(|| self.0.iter().rev().find(|v| v.message.as_deref() == Some(name)))
    }

    /// The version with this number.
    pub fn numbered(self, number: u32) -> Option<&'a Version> {
        let index = self.0.binary_search_by_key(&number, |v| v.number).ok()?;
        self.0.get(index)
    }

    /// The versions `author` wrote, oldest first.
    pub fn by(self, author: &str) -> impl Iterator<Item = &'a Version> {
        self.0.iter().filter(move |v| v.author == author)
    }

    /// `MODIFIED BY author`: true when that author wrote any version.
    pub fn modified_by(self, author: &str) -> bool {
        self.by(author).next().is_some()
    }

    /// The newest version.
    pub fn latest(self) -> Option<&'a Version> {
        self.0.last()
    }
}

/// The instant before `t`; half-open ends become closed ones.
fn before(t: Timestamp) -> Timestamp {
    Timestamp(t.0.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::engine::base::{Modality, ModalitySet};

    use super::*;

    fn version(number: u32, at: i64, valid: (Option<i64>, Option<i64>)) -> Version {
        let set = ModalitySet::from_iter([Modality::Document]);
        Version {
            number,
            at: Timestamp(at),
            author: if number.is_multiple_of(2) { "even" } else { "odd" }.into(),
            message: (number == 2).then(|| "release".to_owned()),
            valid: ValidTime { from: valid.0.map(Timestamp), to: valid.1.map(Timestamp) },
            changed: set,
            present: set,
        }
    }

    fn deletion(number: u32, at: i64) -> Version {
        Version { present: ModalitySet::EMPTY, ..version(number, at, (None, None)) }
    }

    fn number(v: Option<&Version>) -> Option<u32> {
        v.map(|v| v.number)
    }

    #[test]
    fn without_valid_time_the_commit_decides() {
        let all = [version(1, 10, (None, None)), version(2, 20, (None, None)), deletion(3, 30)];
        let h = History(&all);
        for (t, expected) in [(9, None), (10, Some(1)), (19, Some(1)), (29, Some(2)), (30, None)] {
            assert_eq!(number(h.as_of(Timestamp(t))), expected, "{t}");
        }
    }

    #[test]
    fn stated_validity_reaches_into_the_past_and_outlives_nothing() {
        let all = [
            version(1, 100, (Some(10), Some(20))),
            version(2, 101, (Some(20), None)),
            deletion(3, 200),
        ];
        let h = History(&all);
        assert_eq!(number(h.as_of(Timestamp(15))), Some(1));
        assert_eq!(number(h.as_of(Timestamp(20))), Some(2));
        assert_eq!(number(h.as_of(Timestamp(5))), None);
        assert_eq!(number(h.as_of(Timestamp(200))), None);
    }

    #[test]
    fn versions_have_numbers_and_names() {
        let all = [version(1, 10, (None, None)), version(2, 20, (None, None))];
        let h = History(&all);
        assert_eq!(number(h.named("2")), Some(2));
        assert_eq!(number(h.named("v1")), Some(1));
        assert_eq!(number(h.named("release")), Some(2));
        assert_eq!(number(h.named("v3")), None);
        assert!(h.modified_by("odd") && !h.modified_by("nobody"));
    }

    fn versions() -> impl Strategy<Value = Vec<Version>> {
        let bound = || prop::option::of(0..12_i64);
        let one = (0..4_i64, bound(), bound(), prop::bool::weighted(0.2));
        prop::collection::vec(one, 0..6).prop_map(|steps| {
            let mut at = 0;
            let mut all = Vec::new();
            for (step, from, to, delete) in steps {
                at += step;
                let number = all.len() as u32 + 1;
                all.push(if delete {
                    deletion(number, at)
                } else {
                    version(number, at, (from, to))
                });
            }
            all
        })
    }

    proptest! {
        /// BETWEEN is what AS OF says at every instant of the interval, put together.
        #[test]
        fn between_is_every_as_of_in_it(all in versions(), from in -1..15_i64, len in -1..15_i64) {
            let h = History(&all);
            let to = from + len;
            let mut expected: Vec<u32> =
                (from..=to).filter_map(|t| number(h.as_of(Timestamp(t)))).collect();
            expected.sort_unstable();
            expected.dedup();
            let got: Vec<u32> =
                h.between(Timestamp(from), Timestamp(to)).iter().map(|v| v.number).collect();
            prop_assert_eq!(got, expected);
        }
    }
}
