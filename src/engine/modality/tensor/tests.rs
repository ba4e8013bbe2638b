//! The rows of a real database against the records, through changes and reopening.

use std::collections::BTreeMap;
use std::ops::Bound;

use proptest::prelude::*;
use roaring::RoaringBitmap;

use crate::engine::base::Modality;
use crate::engine::store::trial::Trial;

use super::codec::Dtype;
use super::*;

fn any_tensor() -> impl Strategy<Value = Tensor> {
    (prop::collection::vec(1..3_usize, 0..3), any::<bool>()).prop_map(|(shape, whole)| {
        let count = shape.iter().product();
        let data =
            if whole { Elements::I32(vec![1; count]) } else { Elements::F64(vec![0.5; count]) };
        Tensor { shape, data }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn rows_agree_with_the_records(
        steps in prop::collection::vec(
            (
                prop::collection::btree_map(0..6_u8, prop::option::weighted(0.8, any_tensor()), 1..4),
                prop::bool::weighted(0.2),
            ),
            1..6,
        ),
    ) {
        let mut trial = Trial::new(Modality::Tensor, || TensorIndex);
        let mut model: BTreeMap<String, Tensor> = BTreeMap::new();
        for (step, reopen) in steps {
            let records: Vec<_> = step
                .iter()
                .map(|(n, t)| (format!("h{n}"), t.as_ref().map(codec::encode)))
                .collect();
            trial.write(&records);
            for (n, tensor) in step {
                match tensor {
                    Some(tensor) => drop(model.insert(format!("h{n}"), tensor)),
                    None => drop(model.remove(&format!("h{n}"))),
                }
            }
            if reopen {
                trial.reopen();
            }
            let view = trial.view();
            let expected = |holds: &dyn Fn(&Tensor) -> bool| -> RoaringBitmap {
                let fits = model.iter().filter(|(_, t)| holds(t));
                fits.map(|(id, _)| trial.iid(id).unwrap()).collect()
            };
            for shape in [&[][..], &[1], &[2, 1], &[2, 2]] {
                let found = TensorIndex::with_shape(view.ground(), shape).unwrap();
                prop_assert_eq!(found, expected(&|t| t.shape == shape));
            }
            let found =
                TensorIndex::with_rank(view.ground(), Bound::Excluded(0), Bound::Included(2)).unwrap();
            prop_assert_eq!(found, expected(&|t| t.rank() > 0 && t.rank() <= 2));
            let found = TensorIndex::with_dtype(view.ground(), Dtype::I32).unwrap();
            prop_assert_eq!(found, expected(&|t| t.data.dtype() == Dtype::I32));
        }
    }
}
