//! Columns of a real database against the documents, through changes and reopening.

use std::collections::BTreeMap;
use std::ops::Bound;

use proptest::prelude::*;
use roaring::RoaringBitmap;

use crate::engine::base::{Modality, Value};
use crate::engine::store::trial::Trial;

use super::field_index::{FieldIndex, ValueRange};
use super::{Document, codec};

fn any_document() -> impl Strategy<Value = Document> {
    let value = prop_oneof![
        (0..6_i64).prop_map(Value::Int),
        (0..12_i32).prop_map(|n| Value::Float(f64::from(n) / 2.0)),
        "[ab]".prop_map(Value::Text),
        Just(Value::List(vec![Value::Int(1)])),
        Just(Value::Null),
    ];
    (prop::option::of(value.clone()), value, prop::option::of("[ab]")).prop_map(|(x, y, title)| {
        let mut fields = BTreeMap::new();
        fields.extend(x.map(|x| ("x".to_owned(), x)));
        fields.insert("in".to_owned(), Value::Map(BTreeMap::from([("y".to_owned(), y)])));
        Document { title, body: None, fields }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn columns_agree_with_the_documents(
        steps in prop::collection::vec(
            (
                prop::collection::btree_map(
                    0..12_u8, prop::option::weighted(0.85, any_document()), 1..6),
                prop::bool::weighted(0.1),
            ),
            1..7,
        ),
    ) {
        let mut trial = Trial::new(Modality::Document, || FieldIndex::of_few(0));
        let mut model: BTreeMap<String, Document> = BTreeMap::new();
        for (step, reopen) in steps {
            let old = (trial.view(), model.clone(), trial.live.clone());
            let records: Vec<_> = step
                .iter()
                .map(|(n, d)| (format!("h{n}"), d.as_ref().map(codec::encode)))
                .collect();
            trial.write(&records);
            for (n, document) in step {
                match document {
                    Some(document) => drop(model.insert(format!("h{n}"), document)),
                    None => drop(model.remove(&format!("h{n}"))),
                }
            }
            let now = trial.view();
            let states = [(&now, &model, &trial.live), (&old.0, &old.1, &old.2)];
            for (view, model, live) in states {
                check(&trial.index, view, model, live);
            }
            drop((now, old));
            if reopen {
                trial.reopen();
            }
        }
        let seen = FieldIndex::fields(trial.view().ground()).unwrap();
        for document in model.values() {
            for (name, value) in &document.fields {
                prop_assert!(value.is_null() || seen.contains_key(name));
            }
        }
    }
}

fn check(
    index: &FieldIndex,
    view: &crate::engine::store::View,
    model: &BTreeMap<String, Document>,
    live: &BTreeMap<u32, (String, u32, u32)>,
) {
    let one = Bound::Included(Value::Int(1));
    let ranges = [
        ValueRange::equal(&Value::Int(2)),
        ValueRange::equal(&Value::from("a")),
        ValueRange::new(one.clone(), Bound::Unbounded),
        ValueRange::new(Bound::Excluded(Value::Float(0.5)), Bound::Excluded(Value::Int(3))),
        ValueRange::new(Bound::Unbounded, Bound::Included(Value::from("a"))),
    ];
    for path in [&["x"][..], &["in", "y"], &["title"]] {
        let path: Vec<String> = path.iter().map(|name| (*name).to_owned()).collect();
        for range in ranges.iter().flatten() {
            // The first time it is only noted.
            drop(index.find(view.ground(), &path, range).unwrap());
            let Some(found) = index.find(view.ground(), &path, range).unwrap() else {
                continue;
            };
            let expected: RoaringBitmap = live
                .iter()
                .filter(|(_, (id, ..))| range.accepts(&model[id].at(&path)))
                .map(|(iid, _)| *iid)
                .collect();
            assert_eq!(found, expected, "{path:?} {range:?}");
        }
    }
}
