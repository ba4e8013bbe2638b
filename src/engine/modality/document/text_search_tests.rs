//! The full-text index against the law and a naive BM25, over random histories.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::engine::index::model::{Model, ModelView};
use crate::engine::modality::document::analyzer;
use crate::engine::modality::document::text_query::{Mode, Piece};

const QUERIES: &[&str] = &[
    "ant",
    "ant OR bee",
    "ant AND bee",
    "ant bee",
    "bee ant cat",
    "NOT ant",
    "(ant OR dog) AND NOT bee",
    "be*",
    "ca* d*",
    "ant~1",
    "bee~2 cat",
    "\"ant ant\" OR unheard",
    "unheard",
    "unheard*",
];

fn found_in(piece: &Piece, document: &Document) -> (f64, f64) {
    let (mut count, mut length) = (0.0, 0.0);
    analyzer::texts(document, &mut |text, title| {
        analyzer::words(text, &mut |word| {
            length += 1.0;
            if piece.accepts(word) {
                count += if title { 2.0 } else { 1.0 };
            }
        });
    });
    (count, length)
}

fn naive(view: &ModelView<'_, Document>, query: &TextQuery) -> BTreeMap<u32, f64> {
    let documents = view.all().len() as f64;
    let any = Piece::Prefix(String::new());
    let words: f64 = view.all().values().map(|document| found_in(&any, document).1).sum();
    let average = (words / documents).max(1.0);
    let mut scores = BTreeMap::new();
    for (iid, document) in view.all().iter().filter(|(_, document)| query.matches(document)) {
        let mut score = 0.0;
        for piece in query.scored.iter().map(|piece| &query.pieces[*piece]) {
            let having = view.all().values().filter(|other| found_in(piece, other).0 > 0.0);
            let having = having.count() as f64;
            let idf = (1.0 + (documents - having + 0.5) / (having + 0.5)).ln();
            let (tf, length) = found_in(piece, document);
            score += idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / average));
        }
        scores.insert(*iid, score);
    }
    scores
}

fn agree(index: &TextIndex, view: &ModelView<'_, Document>) {
    let some: RoaringBitmap = (0..40).step_by(3).collect();
    for text in QUERIES {
        let query = TextQuery::parse(text, Mode::Contains).unwrap();
        let wanted = naive(view, &query);
        let candidates = index.candidates(view, &query).unwrap();
        assert_eq!(candidates, wanted.keys().copied().collect(), "{text}");
        for filter in [None, Some(&some)] {
            let hits = index.search(view, &query, 5, filter).unwrap();
            let admitted =
                wanted.iter().filter(|(iid, _)| filter.is_none_or(|f| f.contains(**iid)));
            let mut scores: Vec<f64> = admitted.map(|(_, score)| *score).collect();
            scores.sort_by(|a, b| b.total_cmp(a));
            assert_eq!(hits.len(), scores.len().min(5), "{text}");
            for ((iid, score), best) in hits.iter().zip(&scores) {
                assert!((f64::from(*score) - wanted[&iid.0]).abs() < 1e-4, "{text}");
                assert!((f64::from(*score) - best).abs() < 1e-4, "{text}");
            }
            let ordered =
                |a: &(Iid, f32), b: &(Iid, f32)| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)).is_gt();
            assert!(hits.is_sorted_by(ordered), "{text}");
        }
    }
}

fn text() -> impl Strategy<Value = String> {
    let word = proptest::sample::select(vec!["ant", "bee", "Cat", "dog", "ants", "bees", "dot"]);
    proptest::collection::vec(word, 0..12).prop_map(|words| words.join(" "))
}

fn document() -> impl Strategy<Value = Document> {
    (proptest::option::of(text()), proptest::option::of(text()), proptest::option::of(text()))
        .prop_map(|(title, body, field)| Document {
            title,
            body,
            fields: field.map(|text| ("note".to_owned(), text.into())).into_iter().collect(),
        })
}

fn reopened(dir: &Path) -> TextIndex {
    TextIndex::new(Some(dir), true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn answers_and_scores_are_those_of_the_law(
        history in proptest::collection::vec(
            proptest::collection::vec((0u32..40, proptest::option::weighted(0.8, document())), 1..20),
            1..12,
        ),
        settled in proptest::collection::vec(0u8..5, 12),
        remembers: bool,
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut index = reopened(dir.path());
        let mut model = Model::new();
        model.remembers = remembers;
        for (commit, action) in history.into_iter().zip(settled) {
            let (lsn, iids) = model.commit(commit);
            index.derived.changed(lsn, iids);
            match action {
                0 => index.settle(&model.view(lsn)).unwrap(),
                1 => index = reopened(dir.path()),
                2 => index.close().unwrap(),
                _ => {}
            }
            agree(&index, &model.view(lsn));
            agree(&index, &model.view(Lsn(lsn.0.saturating_sub(2))));
        }
    }
}

#[test]
fn a_damaged_file_is_built_again() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = Model::new();
    let texts = ["ant bee", "bee cat dog", "dog ant ant"];
    let documents = texts.iter().enumerate().map(|(iid, text)| {
        (iid as u32, Some(Document { body: Some((*text).into()), ..Document::default() }))
    });
    model.commit(documents.collect());
    let view = model.view(model.last());
    reopened(dir.path()).settle(&view).unwrap();
    // Who finds a file damaged removes what belongs together; it is all put back each time.
    let folder = dir.path().join("text");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let good: Vec<_> = files.map(|path| (std::fs::read(&path).unwrap(), path)).collect();
    assert!(!good.is_empty());
    for (bytes, file) in &good {
        for at in (0..bytes.len()).step_by(41) {
            for (bytes, path) in &good {
                std::fs::write(path, bytes).unwrap();
            }
            let mut bad = bytes.clone();
            bad[at] ^= 0x04;
            std::fs::write(file, &bad).unwrap();
            agree(&reopened(dir.path()), &view);
        }
    }
}

#[test]
fn the_planner_is_told_about_how_many() {
    let index = TextIndex::new(None, true);
    let mut model = Model::new();
    let body = |text: &str| Some(Document { body: Some(text.into()), ..Document::default() });
    model.commit((0..30).map(|n| (n, body(if n % 3 == 0 { "ant bee" } else { "bee" }))).collect());
    let query = |text: &str| TextQuery::parse(text, Mode::Contains).unwrap();
    assert_eq!(index.estimate(&query("ant")), None);
    index.settle(&model.view(model.last())).unwrap();
    assert_eq!(index.estimate(&query("ant")), Some(10));
    assert_eq!(index.estimate(&query("ant AND bee")), Some(10));
    assert_eq!(index.estimate(&query("ant OR bee")), Some(30));
    assert_eq!(index.estimate(&query("NOT ant")), Some(20));
}
