//! What the exact answers are: computed from the generated data in one pass, after everything has been
//! measured, by code that shares nothing with any subject.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::data::{Item, Source, name, word};
use super::question::{K, Question};
use super::subject::Answer;

/// A question and what each subject answered; `None` where it was not asked.
pub(crate) struct Check {
    /// What was asked.
    pub(crate) question: Question,
    /// By subject.
    pub(crate) answers: Vec<Option<Answer>>,
    /// The line of the table it belongs to.
    pub(crate) finding: usize,
}

/// Shares of the exact answers: found and wanted, summed over questions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Share {
    found: usize,
    wanted: usize,
}

impl Share {
    /// Adds one answer.
    pub(crate) fn add(&mut self, found: usize, wanted: usize) {
        self.found += found;
        self.wanted += wanted;
    }

    /// From 0 to 1; 1 where nothing was wanted.
    pub(crate) fn value(self) -> f64 {
        if self.wanted == 0 { 1.0 } else { self.found as f64 / self.wanted as f64 }
    }
}

/// Weight of a word in the title; one in the body counts once.
const TITLE: f64 = 2.0;
/// The constants of BM25.
const K1: f64 = 1.2;
const B: f64 = 0.75;

/// Everything generated that the answers depend on.
pub(crate) struct Truth {
    links: Vec<[usize; 3]>,
    back: BTreeMap<usize, Vec<usize>>,
    buckets: Vec<u32>,
    titles: BTreeMap<usize, String>,
    /// For every word asked for, the items that have it: number, weight, and words in all.
    words: BTreeMap<usize, Vec<(usize, f64)>>,
    lengths: Vec<u32>,
    /// For every vector asked for, the best items that pass, or all of some set.
    nearest: Vec<Vec<(f64, usize)>>,
}

impl Truth {
    /// Generates the `total` items of a source and remembers what these questions need.
    pub(crate) fn new(source: &Source, total: usize, checks: &[Check]) -> Self {
        let mut truth = Self {
            links: Vec::with_capacity(total),
            back: BTreeMap::new(),
            buckets: Vec::with_capacity(total),
            titles: BTreeMap::new(),
            words: BTreeMap::new(),
            lengths: Vec::with_capacity(total),
            nearest: vec![Vec::new(); checks.len()],
        };
        let mut spelled = BTreeMap::new();
        for check in checks {
            let ranks: &[usize] = match &check.question {
                Question::Text(a, b) => &[*a, *b],
                Question::Hybrid(rank, ..) => &[*rank],
                Question::Get(n) => {
                    truth.titles.insert(*n, String::new());
                    &[]
                }
                _ => &[],
            };
            spelled.extend(ranks.iter().map(|rank| (word(*rank), *rank)));
        }
        // Hybrids choose among few: those are known once all edges are.
        for n in 0..total {
            let item = source.item(n);
            truth.note(n, &item, &spelled);
            for (check, best) in checks.iter().zip(&mut truth.nearest) {
                match &check.question {
                    Question::Nearest(v) => offer(best, v, n, &item),
                    Question::NearestWhere(v, below) if item.bucket < *below => {
                        offer(best, v, n, &item);
                    }
                    _ => {}
                }
            }
        }
        truth
    }

    fn note(&mut self, n: usize, item: &Item, spelled: &BTreeMap<String, usize>) {
        self.links.push(item.targets);
        for target in item.targets {
            self.back.entry(target).or_default().push(n);
        }
        self.buckets.push(item.bucket);
        if let Some(title) = self.titles.get_mut(&n) {
            title.clone_from(&item.title);
        }
        let mut length = 0;
        let mut seen: BTreeMap<usize, f64> = BTreeMap::new();
        for (text, weight) in [(&item.title, TITLE), (&item.body, 1.0)] {
            for word in text.split(' ') {
                length += 1;
                if let Some(rank) = spelled.get(word) {
                    *seen.entry(*rank).or_default() += weight;
                }
            }
        }
        self.lengths.push(length);
        for (rank, weight) in seen {
            self.words.entry(rank).or_default().push((n, weight));
        }
    }

    /// How much of the exact answer to check number `index` was found, and how much there is.
    ///
    /// Where several items are equally good any of them counts. With `alike` false, ranked texts are
    /// right when they have a word and are as many as they should be.
    pub(crate) fn judge(
        &self,
        source: &Source,
        index: usize,
        question: &Question,
        answer: &Answer,
        alike: bool,
    ) -> (usize, usize) {
        let exact: BTreeSet<String> = match question {
            Question::Get(n) => self.titles.get(n).cloned().into_iter().collect(),
            Question::Nearest(_) | Question::NearestWhere(..) => {
                self.nearest[index].iter().map(|(_, n)| name(*n)).collect()
            }
            Question::Text(a, b) => return self.judge_text(&[*a, *b], answer, alike),
            Question::Hops(n, hops) => {
                let links = |n: usize| self.links.get(n).map_or(&[][..], |to| to);
                walk(*n, *hops, &links).into_iter().map(name).collect()
            }
            Question::Hybrid(rank, seed, v) => {
                let back = |n: usize| self.back.get(&n).map_or(&[][..], Vec::as_slice);
                let near = walk(*seed, 2, &back);
                let having = self.words.get(rank).into_iter().flatten();
                let mut best = Vec::new();
                for (n, _) in having.filter(|(n, _)| near.contains(n)) {
                    offer(&mut best, v, *n, &source.item(*n));
                }
                best.into_iter().map(|(_, n)| name(n)).collect()
            }
            Question::Aggregate(below) => {
                let mut counts: BTreeMap<u32, usize> = BTreeMap::new();
                for bucket in self.buckets.iter().filter(|bucket| *bucket < below) {
                    *counts.entry(*bucket).or_default() += 1;
                }
                counts.into_iter().map(|(bucket, count)| format!("{bucket}:{count}")).collect()
            }
            Question::AsOf(_) => BTreeSet::from(["0".to_owned()]),
        };
        let found: BTreeSet<&String> = answer.iter().filter(|id| exact.contains(*id)).collect();
        // What does not belong into a set of everything is as wrong as what is missing.
        let wanted = if matches!(question, Question::Nearest(_) | Question::NearestWhere(..)) {
            exact.len()
        } else {
            exact.len().max(answer.len())
        };
        (found.len(), wanted)
    }

    fn judge_text(&self, ranks: &[usize], answer: &Answer, alike: bool) -> (usize, usize) {
        let total = self.lengths.len() as f64;
        let mean = self.lengths.iter().map(|n| f64::from(*n)).sum::<f64>() / total.max(1.0);
        let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
        for rank in ranks.iter().collect::<BTreeSet<_>>() {
            let having = self.words.get(rank).map_or(&[][..], Vec::as_slice);
            let count = having.len() as f64;
            let rare = ((total - count + 0.5) / (count + 0.5)).ln().max(1e-6);
            for (n, weight) in having {
                let length = 1.0 - B + B * f64::from(self.lengths[*n]) / mean;
                let score = rare * weight * (K1 + 1.0) / (weight + K1 * length);
                *scores.entry(*n).or_default() += score;
            }
        }
        let mut ranked: Vec<f64> = scores.values().copied().collect();
        ranked.sort_by(|a, b| b.total_cmp(a));
        let wanted = ranked.len().min(K);
        // Equally good is as good, and scores are sums in some order.
        let least = if alike {
            ranked.get(K - 1).map_or(f64::MIN, |score| score - score.abs() * 1e-6)
        } else {
            f64::MIN
        };
        let number = |id: &String| id.rsplit('-').next()?.parse::<usize>().ok();
        let right: BTreeSet<usize> = answer
            .iter()
            .filter_map(number)
            .filter(|n| scores.get(n).is_some_and(|score| *score >= least))
            .collect();
        (right.len(), wanted)
    }
}

/// Keeps the best.
fn offer(best: &mut Vec<(f64, usize)>, query: &[f32], n: usize, item: &Item) {
    let pairs = query.iter().zip(&item.embedding);
    let similarity: f64 = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
    if best.len() == K && best.last().is_some_and(|(least, _)| *least >= similarity) {
        return;
    }
    let at = best.partition_point(|(other, _)| other.total_cmp(&similarity) == Ordering::Greater);
    best.insert(at, (similarity, n));
    best.truncate(K);
}

/// What is one to `hops` edges away.
fn walk<'a>(from: usize, hops: u32, next: &dyn Fn(usize) -> &'a [usize]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut edge = vec![from];
    for _ in 0..hops {
        let steps = edge.iter().flat_map(|n| next(*n)).copied();
        edge = steps.filter(|n| reached.insert(*n)).collect();
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(question: Question) -> Check {
        Check { question, answers: Vec::new(), finding: 0 }
    }

    #[test]
    fn the_nearest_are_found_by_looking_at_all() {
        let source = Source::new(3, 50, 8);
        let query = source.query(1);
        let truth = Truth::new(&source, 50, &[check(Question::Nearest(query.clone()))]);
        let similarity = |n: usize| -> f32 {
            source.item(n).embedding.iter().zip(&query).map(|(a, b)| a * b).sum()
        };
        let mut all: Vec<usize> = (0..50).collect();
        all.sort_by(|a, b| similarity(*b).total_cmp(&similarity(*a)));
        let answer: Answer = all[..K].iter().copied().map(name).collect();
        let question = Question::Nearest(query);
        assert_eq!(truth.judge(&source, 0, &question, &answer, true), (10, 10));
        let worse: Answer = all[1..=K].iter().copied().map(name).collect();
        assert_eq!(truth.judge(&source, 0, &question, &worse, true), (9, 10));
    }

    #[test]
    fn what_does_not_belong_to_a_set_counts_against_it() {
        let source = Source::new(3, 50, 8);
        let question = Question::Hops(4, 1);
        let truth = Truth::new(&source, 50, &[check(question.clone())]);
        let mut answer: Answer = source.item(4).targets.iter().copied().map(name).collect();
        answer.sort();
        answer.dedup();
        let all = answer.len();
        assert_eq!(truth.judge(&source, 0, &question, &answer, true), (all, all));
        answer.push(name(99));
        assert_eq!(truth.judge(&source, 0, &question, &answer, true), (all, all + 1));
    }
}
