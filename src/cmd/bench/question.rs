//! The questions of the benchmark, made before anything is measured, and which suite asks which.

use super::data::{BUCKETS, Draw, Source, word};

/// How many are wanted of what is ranked.
pub(crate) const K: usize = 10;

/// One question; every subject asks it in its own words.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// All of one item; answers its title.
    Get(usize),
    /// The [`K`] most similar by cosine.
    Nearest(Vec<f32>),
    /// The same among the items with `bucket` below.
    NearestWhere(Vec<f32>, u32),
    /// The [`K`] best by BM25 with either word: their ranks in the vocabulary.
    Text(usize, usize),
    /// Everything one to so many edges away from an item.
    Hops(usize, u32),
    /// The [`K`] nearest to a vector that have a word and from which an item is one or two edges away.
    Hybrid(usize, usize, Vec<f32>),
    /// How many items there are of each `bucket` below: `bucket:count`.
    Aggregate(u32),
    /// The `revision` of an item before it was revised.
    AsOf(usize),
}

/// What a question is about: what a subject can or cannot do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Taking all items in.
    Load,
    /// Taking one more.
    Insert,
    /// Several at once that take one more.
    Writers,
    /// Opening what a crash left behind.
    Recovery,
    /// See [`Question::Get`].
    Get,
    /// See [`Question::Nearest`].
    Nearest,
    /// See [`Question::NearestWhere`].
    NearestWhere,
    /// See [`Question::Text`].
    Text,
    /// See [`Question::Hops`].
    Hops,
    /// See [`Question::Hybrid`].
    Hybrid,
    /// See [`Question::Aggregate`].
    Aggregate,
    /// See [`Question::AsOf`].
    AsOf,
}

impl Question {
    /// What it is about.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Get(_) => Kind::Get,
            Self::Nearest(_) => Kind::Nearest,
            Self::NearestWhere(..) => Kind::NearestWhere,
            Self::Text(..) => Kind::Text,
            Self::Hops(..) => Kind::Hops,
            Self::Hybrid(..) => Kind::Hybrid,
            Self::Aggregate(_) => Kind::Aggregate,
            Self::AsOf(_) => Kind::AsOf,
        }
    }
}

/// One line of the table: questions of one shape.
pub(crate) struct Shape {
    /// The suite it belongs to.
    pub(crate) suite: &'static str,
    /// Its own name.
    pub(crate) name: &'static str,
    /// What one operation is.
    pub(crate) operation: &'static str,
    /// Questions of one round.
    pub(crate) count: usize,
    make: fn(&Source, usize, usize) -> Question,
}

impl Shape {
    /// Its question number `n`, over `size` items.
    pub(crate) fn question(&self, source: &Source, size: usize, n: usize) -> Question {
        (self.make)(source, size.max(1), n)
    }
}

fn pick(size: usize, n: usize) -> usize {
    Draw(n as u64 ^ 0x9e37).below(size)
}

/// Two words of middling frequency.
fn terms(n: usize) -> (usize, usize) {
    let mut draw = Draw(n as u64 ^ 0x7e97);
    (20 + draw.below(500), 20 + draw.below(2000))
}

fn nearest(name: &'static str, make: fn(&Source, usize, usize) -> Question) -> Shape {
    let operation = "10 nearest by cosine where a field is below a bound";
    Shape { suite: "knn-filtered", name, operation, count: 40, make }
}

fn hops(name: &'static str, count: usize, make: fn(&Source, usize, usize) -> Question) -> Shape {
    Shape { suite: "hops", name, operation: "all within so many edges of an item", count, make }
}

/// The shapes of the suites that only read, in the order they are asked.
pub(crate) fn shapes() -> Vec<Shape> {
    let shape =
        |suite, operation, count, make| Shape { suite, name: suite, operation, count, make };
    vec![
        shape("get", "all of one item by id", 1000, |_, size, n| Question::Get(pick(size, n))),
        shape("knn", "10 nearest by cosine", 40, |source, _, n| Question::Nearest(source.query(n))),
        nearest("knn of 0.1 %", |s, _, n| Question::NearestWhere(s.query(n), BUCKETS / 1000)),
        nearest("knn of 1 %", |s, _, n| Question::NearestWhere(s.query(n), BUCKETS / 100)),
        nearest("knn of 10 %", |s, _, n| Question::NearestWhere(s.query(n), BUCKETS / 10)),
        nearest("knn of 50 %", |s, _, n| Question::NearestWhere(s.query(n), BUCKETS / 2)),
        shape("text", "10 best by BM25, either of two words", 100, |_, _, n| {
            let (a, b) = terms(n);
            Question::Text(a, b)
        }),
        hops("1-hop", 200, |_, size, n| Question::Hops(pick(size, n), 1)),
        hops("2-hop", 200, |_, size, n| Question::Hops(pick(size, n), 2)),
        hops("3-hop", 100, |_, size, n| Question::Hops(pick(size, n), 3)),
        hops("4-hop", 60, |_, size, n| Question::Hops(pick(size, n), 4)),
        hops("5-hop", 40, |_, size, n| Question::Hops(pick(size, n), 5)),
        shape(
            "hybrid",
            "10 nearest with a word from which an item is within two edges",
            100,
            |source, size, n| Question::Hybrid(n % 10, pick(size, n), source.query(n)),
        ),
        shape("aggregate", "items of each of 20 values of a field, counted", 20, |_, _, n| {
            Question::Aggregate(20 + (n % 3) as u32)
        }),
        shape("as-of", "one field of an item as it was before an update", 100, |_, size, n| {
            Question::AsOf(revised(size, n))
        }),
    ]
}

/// How many items are revised for the questions about the past.
pub(crate) const REVISED: usize = 200;

/// The item of revision `n`.
pub(crate) fn revised(size: usize, n: usize) -> usize {
    pick(size, 0xa50f + n % REVISED)
}

/// The text of both words of a question, in a language where OR stands between them.
pub(crate) fn either(a: usize, b: usize) -> String {
    format!("{} OR {}", word(a), word(b))
}
