//! The index of vectors against brute force, over random histories.

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::engine::base::Kind;
use crate::engine::index::model::{Model, ModelView};
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding};

type Change = (u32, Option<Embeddings>);

fn embeddings(name: &str, data: &[f32]) -> Embeddings {
    let embedding = Embedding { data: data.into(), model: None };
    Embeddings { named: BTreeMap::from([(name.to_owned(), embedding)]) }
}

fn brute(view: &ModelView<'_, Embeddings>, query: &VectorQuery<'_>) -> Vec<(Iid, f64)> {
    let hits = view.all().iter().filter(|(iid, _)| query.admits(**iid));
    let hits = hits
        .filter_map(|(iid, record)| Some(Hit { similarity: query.similarity(record)?, iid: *iid }));
    listed(hits.collect())
}

fn agree(index: &VectorIndex, view: &ModelView<'_, Embeddings>, vector: &[f32]) {
    let some: RoaringBitmap = (0..60).step_by(3).collect();
    for metric in [Metric::Cosine, Metric::Euclidean, Metric::DotProduct, Metric::Jaccard] {
        if check_query(metric, vector).is_err() {
            continue;
        }
        for filter in [None, Some(&some)] {
            let query = VectorQuery {
                filter,
                exact: true,
                ..VectorQuery::new(DEFAULT_NAME, vector, metric)
            };
            let wanted = brute(view, &query);
            let got = index.nearest(view, &query, 7).unwrap();
            assert_eq!(got, wanted[..wanted.len().min(7)]);
            let middle = wanted.get(wanted.len() / 2).map_or(0.0, |hit| hit.1);
            let near: Vec<_> = wanted.iter().copied().filter(|hit| hit.1 >= middle).collect();
            assert_eq!(index.within(view, &query, middle).unwrap(), near);
        }
    }
}

/// Numbers of few values, so that ties happen, some of them extreme.
fn number() -> impl Strategy<Value = f32> {
    prop_oneof![
        8 => -2f32..2.0,
        4 => (-2i8..3).prop_map(f32::from),
        1 => proptest::sample::select(vec![0.0, 1e-20, 1e20, -1e12, 3e-12]),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let vector = proptest::collection::vec(number(), 5);
    let name = proptest::sample::select(vec![DEFAULT_NAME, DEFAULT_NAME, "other"]);
    let put = (name, vector).prop_map(|(name, vector)| Some(embeddings(name, &vector)));
    (0u32..60, prop_oneof![4 => put, 1 => Just(None)])
}

fn reopened(dir: &Path) -> VectorIndex {
    VectorIndex::new(Some(dir), true)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn answers_are_those_of_brute_force(
        history in proptest::collection::vec(proptest::collection::vec(change(), 1..30), 1..14),
        settled in proptest::collection::vec(0u8..5, 14),
        vector in proptest::collection::vec(number(), 5),
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
            agree(&index, &model.view(lsn), &vector);
            // A reader that has been at work for a while.
            agree(&index, &model.view(Lsn(lsn.0.saturating_sub(2))), &vector);
        }
    }
}

fn grown(count: u32, dimensions: usize) -> Model<Embeddings> {
    let mut model = Model::new();
    let mut state = 7u32;
    let mut random = move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / 8_388_608.0 - 1.0
    };
    let changes = (0..count).map(|iid| {
        let vector: Vec<f32> = (0..dimensions).map(|_| random()).collect();
        (iid, Some(embeddings(DEFAULT_NAME, &vector)))
    });
    model.commit(changes.collect());
    model
}

#[test]
fn a_damaged_file_is_built_again() {
    let dir = tempfile::tempdir().unwrap();
    let model = grown(50, 20);
    let view = model.view(model.last());
    reopened(dir.path()).settle(&view).unwrap();
    // Who finds a file damaged removes what belongs together; it is all put back each time.
    let folder = dir.path().join("vector");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let good: Vec<_> = files.map(|path| (std::fs::read(&path).unwrap(), path)).collect();
    assert_eq!(good.len(), 2);
    let put_back = || {
        for (bytes, path) in &good {
            std::fs::write(path, bytes).unwrap();
        }
    };
    for (bytes, file) in &good {
        for at in (0..bytes.len()).step_by(97) {
            put_back();
            let mut bad = bytes.clone();
            bad[at] ^= 0x10;
            std::fs::write(file, &bad).unwrap();
            agree(&reopened(dir.path()), &view, &[0.5; 20]);
        }
        put_back();
        std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        agree(&reopened(dir.path()), &view, &[0.5; 20]);
        put_back();
        std::fs::remove_file(file).unwrap();
        agree(&reopened(dir.path()), &view, &[0.5; 20]);
    }
}

#[test]
fn an_index_of_another_history_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut model = grown(50, 4);
    model.commit(vec![(1, None)]);
    reopened(dir.path()).settle(&model.view(Lsn(2))).unwrap();
    // The database lost its second commit, and makes another one.
    let mut other = grown(50, 4);
    let (lsn, iids) = other.commit(vec![(2, None)]);
    let index = reopened(dir.path());
    index.derived.changed(lsn, iids);
    agree(&index, &other.view(lsn), &[1.0, 0.0, 0.0, 0.5]);
}

#[test]
fn wrong_dimensions_are_named() {
    let index = VectorIndex::new(None, true);
    let model = grown(10, 4);
    let view = model.view(model.last());
    let query = VectorQuery::new(DEFAULT_NAME, &[1.0, 2.0, 3.0], Metric::Cosine);
    let error = index.nearest(&view, &query, 3).unwrap_err();
    assert_eq!(error.kind, Kind::VectorDimensionMismatch);
    assert_eq!(error.message, "the vector has 3 dimensions, expected 4");
    let error = index.within(&view, &query, 0.5).unwrap_err();
    assert_eq!(error.kind, Kind::VectorDimensionMismatch);
    let nowhere = VectorQuery::new("unheard", &[1.0], Metric::Cosine);
    assert_eq!(index.nearest(&view, &nowhere, 3).unwrap(), []);
    assert_eq!(index.dimensions(&view, DEFAULT_NAME).unwrap(), BTreeMap::from([(4, 10)]));
}

#[cfg(feature = "ann")]
#[test]
fn a_graph_finds_nearly_all_and_never_what_has_changed() {
    let dir = tempfile::tempdir().unwrap();
    let mut index = reopened(dir.path());
    index.many = 300;
    let mut model = grown(600, 24);
    index.build_graphs(&model.view(model.last())).unwrap();
    let mut state = 1u32;
    for round in 0..6u32 {
        let mut vector = vec![0.0; 24];
        for x in &mut vector {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *x = (state >> 8) as f32 / 8_388_608.0 - 1.0;
        }
        // The vector itself is stored, what was stored where it goes is no longer.
        let put = |iid| (iid, Some(embeddings(DEFAULT_NAME, &vector)));
        let (lsn, iids) =
            model.commit(vec![put(round * 7), (round * 7 + 1, None), put(900 + round)]);
        index.derived.changed(lsn, iids);
        let view = model.view(lsn);
        match round {
            2 => index.build_graphs(&view).unwrap(),
            4 => {
                index.settle(&view).unwrap();
                index.close().unwrap();
                index = reopened(dir.path());
                index.many = 300;
            }
            _ => {}
        }
        let near = VectorQuery::new(DEFAULT_NAME, &vector, Metric::Cosine);
        let graph = index.nearest(&view, &near, 10).unwrap();
        let brute = index.nearest(&view, &VectorQuery { exact: true, ..near }, 10).unwrap();
        assert_eq!(graph[..2], brute[..2]);
        let common = graph.iter().filter(|hit| brute.contains(hit)).count();
        assert!(common >= 9, "round {round}: {common} of 10");
        let saved = index.derived.saved();
        assert!(index.graphs.get(index.dir(), saved, DEFAULT_NAME, 24).is_some(), "round {round}");
    }
}
