//! The rows of a real database against the records, through changes and reopening.

use std::collections::BTreeMap;

use proptest::prelude::*;
use roaring::RoaringBitmap;

use crate::engine::base::{Modality, Value};
use crate::engine::store::trial::Trial;

use super::*;

fn any_semantics() -> impl Strategy<Value = Semantics> {
    let types = prop::collection::btree_set("[ab]", 0..3);
    let verified =
        prop::option::of((0..2_u8, prop::option::of(prop::sample::select(vec!["zkp", "ZKP"]))));
    (types, verified, 0..3_i64).prop_map(|(types, verified, n)| Semantics {
        types: types.into_iter().collect(),
        properties: BTreeMap::from([("n".to_owned(), Value::Int(n))]),
        verifications: verified
            .map(|(who, proof)| Verification {
                verifier: format!("v{who}"),
                proof: proof.map(str::to_owned),
                at: None,
            })
            .into_iter()
            .collect(),
    })
}

type Step = BTreeMap<u8, Option<Semantics>>;

fn steps() -> impl Strategy<Value = Vec<(Step, bool)>> {
    let one = prop::option::weighted(0.8, any_semantics());
    let step = prop::collection::btree_map(0..6_u8, one, 1..4);
    prop::collection::vec((step, prop::bool::weighted(0.2)), 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn rows_agree_with_the_records(steps in steps()) {
        let mut trial = Trial::new(Modality::Semantic, SemanticIndex::new);
        let mut model: BTreeMap<String, Semantics> = BTreeMap::new();
        for (step, reopen) in steps {
            let records: Vec<_> = step
                .iter()
                .map(|(n, s)| (format!("h{n}"), s.as_ref().map(codec::encode)))
                .collect();
            trial.write(&records);
            for (n, semantics) in step {
                match semantics {
                    Some(semantics) => drop(model.insert(format!("h{n}"), semantics)),
                    None => drop(model.remove(&format!("h{n}"))),
                }
            }
            if reopen {
                trial.reopen();
            }
            let view = trial.view();
            let expected = |holds: &dyn Fn(&Semantics) -> bool| -> RoaringBitmap {
                let fits = model.iter().filter(|(_, s)| holds(s));
                fits.map(|(id, _)| trial.iid(id).unwrap()).collect()
            };
            for name in ["a", "b", "c"] {
                let found = SemanticIndex::with_type(view.ground(), name, &Flat).unwrap();
                prop_assert_eq!(found, expected(&|s| s.has_type(name, &Flat)));
            }
            let found = SemanticIndex::verified_by(view.ground(), "v1").unwrap();
            prop_assert_eq!(found, expected(&|s| s.verified_by("v1")));
            let found = SemanticIndex::with_proof(view.ground(), "Zkp").unwrap();
            prop_assert_eq!(found, expected(&|s| s.has_proof("Zkp")));
            let properties = SemanticIndex::properties(view.ground()).unwrap();
            prop_assert!(model.is_empty() || properties.contains_key("n"));
        }
    }
}
