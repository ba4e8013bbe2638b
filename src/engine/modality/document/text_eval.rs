//! A query over one segment of the full-text index.

use std::ops::Range;

use roaring::RoaringBitmap;

use super::text_query::{Node, Piece, TextQuery};
use super::text_score::Scorer;
use super::text_segment::TextSegment;

/// A query, a segment, and the documents of the segment that do not count.
pub(super) struct Evaluation<'a> {
    segment: &'a TextSegment,
    query: &'a TextQuery,
    /// The hexads that do not count.
    hidden: RoaringBitmap,
    /// Their documents, one bit each; empty when all count.
    hidden_docs: Bits,
    /// By piece: the numbers of the words it stands for.
    words: Vec<Meant>,
}

/// Words of a segment.
enum Meant {
    Range(Range<usize>),
    Some(Vec<usize>),
}

impl Meant {
    fn numbers(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match self {
            Self::Range(range) => Box::new(range.clone()),
            Self::Some(numbers) => Box::new(numbers.iter().copied()),
        }
    }

    fn only(&self) -> Option<usize> {
        let mut numbers = self.numbers();
        numbers.next().filter(|_| numbers.next().is_none())
    }
}

/// A set of documents of a segment, one bit each.
#[derive(Clone, Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn none(documents: usize) -> Self {
        Self(vec![0; documents.div_ceil(64)])
    }

    #[inline]
    fn insert(&mut self, doc: usize) {
        self.0[doc / 64] |= 1 << (doc % 64);
    }

    /// False for everything in an empty set, whatever its size.
    #[inline]
    fn contains(&self, doc: usize) -> bool {
        self.0.get(doc / 64).is_some_and(|word| word >> (doc % 64) & 1 == 1)
    }

    fn len(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    fn combine(&mut self, other: &Self, with: impl Fn(u64, u64) -> u64) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word = with(*word, *other);
        }
    }

    fn invert(&mut self, documents: usize) {
        for word in &mut self.0 {
            *word = !*word;
        }
        if let (Some(last), true) = (self.0.last_mut(), !documents.is_multiple_of(64)) {
            *last &= (1 << (documents % 64)) - 1;
        }
    }

    fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().enumerate().flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

/// A filter is followed document by document when it lets less than this part of a segment pass.
const FEW: u64 = 8;

/// What documents have scored so far.
struct Scores {
    of: Vec<f32>,
    /// Those that have scored, in the order they first did.
    touched: Vec<u32>,
}

impl Scores {
    fn new(documents: usize) -> Self {
        Self { of: vec![0.0; documents], touched: Vec::new() }
    }

    #[inline]
    fn add(&mut self, doc: usize, score: f32) {
        let before = &mut self.of[doc];
        if *before <= 0.0 && score > 0.0 {
            self.touched.push(doc as u32);
        }
        *before += score;
    }
}

impl<'a> Evaluation<'a> {
    /// Of `query` over the documents of `segment` whose hexads are not `hidden`.
    pub(super) fn new(
        segment: &'a TextSegment,
        query: &'a TextQuery,
        hidden: RoaringBitmap,
    ) -> Self {
        let mut hidden_docs = Bits::default();
        if !hidden.is_empty() {
            hidden_docs = Bits::none(segment.docs.len());
            for doc in hidden.iter().filter_map(|iid| segment.doc_of(iid)) {
                hidden_docs.insert(doc);
            }
        }
        let words = query.pieces.iter().map(|piece| meant(segment, piece)).collect();
        Self { segment, query, hidden, hidden_docs, words }
    }

    /// The number of documents that count, and of their words.
    pub(super) fn size(&self) -> (u64, u64) {
        let hidden = self.hidden_docs.iter().map(|doc| u64::from(self.segment.lengths[doc]));
        let (count, words) = hidden.fold((0, 0), |(n, sum), length| (n + 1, sum + length));
        (self.segment.docs.len() as u64 - count, self.segment.total - words)
    }

    /// The number of documents that count and have a piece.
    pub(super) fn having(&self, piece: usize) -> u64 {
        let words = &self.words[piece];
        if self.hidden_docs.0.is_empty() {
            let mut numbers = words.numbers();
            match (numbers.next(), numbers.next()) {
                (None, _) => return 0,
                (Some(only), None) => return u64::from(self.segment.counts[only]),
                _ => {}
            }
        }
        if let Some(only) = words.only() {
            let docs = self.segment.postings(only).map(|posting| posting.doc as usize);
            return docs.filter(|doc| !self.hidden_docs.contains(*doc)).count() as u64;
        }
        let mut docs = self.docs_having(piece);
        docs.combine(&self.hidden_docs, |a, b| a & !b);
        docs.len()
    }

    /// The same, quickly: hidden documents count, and those with several of its words count twice.
    pub(super) fn roughly_having(&self, piece: usize) -> u64 {
        let counts = self.words[piece].numbers().map(|word| u64::from(self.segment.counts[word]));
        counts.sum()
    }

    /// The hexads that are meant.
    pub(super) fn matching(&self) -> RoaringBitmap {
        let docs = self.holding(&self.query.root);
        let found: RoaringBitmap = docs.iter().map(|doc| self.segment.docs[doc]).collect();
        found - &self.hidden
    }

    /// Calls `found` with every hexad that is meant and its score; with `only`, at least with those of
    /// them that are in it.
    pub(super) fn rank(
        &self,
        scorer: &Scorer,
        only: Option<&RoaringBitmap>,
        found: &mut dyn FnMut(u32, f32),
    ) {
        let segment = self.segment;
        let any_word = self.query.is_any_word();
        if self.query.scored.iter().all(|piece| self.words[*piece].numbers().next().is_none())
            && any_word
        {
            return;
        }
        let mut offer = |doc: usize, score: f32| {
            if !self.hidden_docs.contains(doc) {
                found(segment.docs[doc], score);
            }
        };
        // Few that may be found are looked up; the scores of all others are nobody's business.
        let only = only.filter(|only| only.len() * FEW < segment.docs.len() as u64);
        let mut scores = Scores::new(segment.docs.len());
        if let Some(only) = only {
            let wanted: Vec<usize> = only.iter().filter_map(|iid| segment.doc_of(iid)).collect();
            let mut bits = Bits::none(segment.docs.len());
            for doc in &wanted {
                bits.insert(*doc);
            }
            self.score(scorer, &mut scores, &|doc| bits.contains(doc));
            let meant = (!any_word).then(|| self.holding(&self.query.root));
            for doc in wanted {
                let score = scores.of[doc];
                if meant.as_ref().map_or(score > 0.0, |meant| meant.contains(doc)) {
                    offer(doc, score);
                }
            }
            return;
        }
        self.score(scorer, &mut scores, &|_| true);
        if any_word {
            // Every occurrence adds something, so the score tells.
            scores.touched.iter().for_each(|doc| offer(*doc as usize, scores.of[*doc as usize]));
        } else {
            self.holding(&self.query.root).iter().for_each(|doc| offer(doc, scores.of[doc]));
        }
    }

    /// Adds up the scores of the documents that are `wanted`.
    fn score(&self, scorer: &Scorer, scores: &mut Scores, wanted: &impl Fn(usize) -> bool) {
        let lengths = &*self.segment.lengths;
        for piece in &self.query.scored {
            if let Some(word) = self.words[*piece].only() {
                for posting in self.segment.postings(word) {
                    let doc = posting.doc as usize;
                    if wanted(doc) {
                        let (count, in_title) = (posting.count, posting.in_title);
                        scores.add(doc, scorer.piece(*piece, count, in_title, lengths[doc]));
                    }
                }
            } else {
                for (doc, (count, in_title)) in self.counts(*piece).into_iter().enumerate() {
                    if count > 0 && wanted(doc) {
                        scores.add(doc, scorer.piece(*piece, count, in_title, lengths[doc]));
                    }
                }
            }
        }
    }

    /// By document: how often a piece that stands for several words occurs, and in the title.
    fn counts(&self, piece: usize) -> Vec<(u32, u32)> {
        let mut counts = Vec::new();
        for word in self.words[piece].numbers() {
            counts.resize(self.segment.docs.len(), (0, 0));
            for posting in self.segment.postings(word) {
                let (count, in_title) = &mut counts[posting.doc as usize];
                *count += posting.count;
                *in_title += posting.in_title;
            }
        }
        counts
    }

    fn docs_having(&self, piece: usize) -> Bits {
        let mut docs = Bits::none(self.segment.docs.len());
        for word in self.words[piece].numbers() {
            self.segment.postings(word).for_each(|posting| docs.insert(posting.doc as usize));
        }
        docs
    }

    fn holding(&self, node: &Node) -> Bits {
        let documents = self.segment.docs.len();
        match node {
            Node::Phrase(pieces) => match pieces.as_slice() {
                [only] => self.docs_having(*only),
                pieces => self.phrase(pieces),
            },
            Node::All(nodes) => {
                let mut docs = Bits::none(documents);
                docs.invert(documents);
                for node in nodes {
                    docs.combine(&self.holding(node), |a, b| a & b);
                }
                docs
            }
            Node::Any(nodes) => {
                let mut docs = Bits::none(documents);
                for node in nodes {
                    docs.combine(&self.holding(node), |a, b| a | b);
                }
                docs
            }
            Node::Not(node) => {
                let mut docs = self.holding(node);
                docs.invert(documents);
                docs
            }
        }
    }

    /// The documents in which the pieces follow each other. Places are numbers of a document and a
    /// position in one, shifted back to where the phrase would begin.
    fn phrase(&self, pieces: &[usize]) -> Bits {
        let mut docs = Bits::none(self.segment.docs.len());
        let mut candidates = docs.clone();
        candidates.invert(self.segment.docs.len());
        for piece in pieces {
            candidates.combine(&self.docs_having(*piece), |a, b| a & b);
        }
        let mut begins: Option<Vec<u64>> = None;
        for (shift, piece) in pieces.iter().enumerate() {
            let places = self.places(*piece, shift as u32, &candidates);
            begins = Some(match begins {
                None => places,
                Some(before) => common(&before, &places),
            });
        }
        for place in begins.unwrap_or_default() {
            docs.insert((place >> 32) as usize);
        }
        docs
    }

    fn places(&self, piece: usize, shift: u32, candidates: &Bits) -> Vec<u64> {
        let mut places = Vec::new();
        for word in self.words[piece].numbers() {
            self.segment.positions(word, |doc, positions| {
                if candidates.contains(doc as usize) {
                    let starts = positions.filter_map(|at| at.checked_sub(shift));
                    places.extend(starts.map(|at| u64::from(doc) << 32 | u64::from(at)));
                }
            });
        }
        if self.words[piece].only().is_none() {
            places.sort_unstable();
            places.dedup();
        }
        places
    }
}

/// What two ascending lists have in common.
fn common(a: &[u64], b: &[u64]) -> Vec<u64> {
    let mut found = Vec::new();
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => drop(a.next()),
            std::cmp::Ordering::Greater => drop(b.next()),
            std::cmp::Ordering::Equal => {
                found.push(**x);
                a.next();
                b.next();
            }
        }
    }
    found
}

fn meant(segment: &TextSegment, piece: &Piece) -> Meant {
    match piece {
        Piece::Word(word) => {
            segment.find(word).map_or(Meant::Range(0..0), |at| Meant::Range(at..at + 1))
        }
        Piece::Prefix(start) => Meant::Range(segment.starting(start)),
        Piece::Fuzzy(..) => {
            let accepts = |number: &usize| {
                std::str::from_utf8(segment.word(*number)).is_ok_and(|word| piece.accepts(word))
            };
            Meant::Some((0..segment.words()).filter(accepts).collect())
        }
    }
}
