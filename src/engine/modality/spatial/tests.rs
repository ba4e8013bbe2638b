//! The tree of a real database against measuring every place, through changes and reopening.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::engine::base::{Iid, Modality};
use crate::engine::store::trial::Trial;

use super::*;

fn any_position() -> impl Strategy<Value = Position> {
    let longitude = prop_oneof![-180.0..180.0, prop::sample::select(vec![-180.0, 180.0, 179.5])];
    let latitude = prop_oneof![-90.0..90.0, prop::sample::select(vec![-90.0, 90.0, 89.0])];
    (latitude, longitude).prop_map(|(latitude, longitude)| Position { latitude, longitude })
}

fn any_place() -> impl Strategy<Value = Place> {
    let line = prop::collection::vec(any_position(), 2..4).prop_map(Geometry::LineString);
    let corner = |p: Position, lat: f64, lon: f64| Position {
        latitude: (p.latitude * 0.8 + lat).clamp(-89.0, 89.0),
        longitude: (p.longitude + lon + 540.0).rem_euclid(360.0) - 180.0,
    };
    let polygon = (any_position(), 1.0..20.0_f64).prop_map(move |(p, size)| {
        let ring = [(0.0, 0.0), (0.0, size), (size, size), (size, 0.0), (0.0, 0.0)];
        Geometry::Polygon(vec![ring.iter().map(|(a, b)| corner(p, *a, *b)).collect()])
    });
    prop_oneof![3 => any_position().prop_map(Geometry::Point), 1 => line, 1 => polygon]
        .prop_map(|geometry| Place { geometry, altitude: None })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_tree_agrees_with_measuring(
        steps in prop::collection::vec(
            (
                prop::collection::btree_map(0..9_u8, prop::option::weighted(0.85, any_place()), 1..6),
                prop::bool::weighted(0.2),
            ),
            1..5,
        ),
        center in any_position(),
        corner in any_position(),
        radius in prop_oneof![0.0..500.0_f64, 0.0..20_100.0_f64],
        k in 0..5_usize,
    ) {
        let mut trial = Trial::new(Modality::Spatial, || SpatialIndex);
        let mut model: BTreeMap<String, Place> = BTreeMap::new();
        for (step, reopen) in steps {
            let records: Vec<_> = step
                .iter()
                .map(|(n, p)| (format!("h{n}"), p.as_ref().map(codec::encode)))
                .collect();
            trial.write(&records);
            for (n, place) in step {
                match place {
                    Some(place) => drop(model.insert(format!("h{n}"), place)),
                    None => drop(model.remove(&format!("h{n}"))),
                }
            }
            if reopen {
                trial.reopen();
            }
            let view = trial.view();
            let measured: BTreeMap<Iid, f64> = model
                .iter()
                .map(|(id, p)| (Iid(trial.iid(id).unwrap()), p.distance_km(center)))
                .collect();
            let mut near = measured.clone();
            near.retain(|_, distance| *distance <= radius);
            prop_assert_eq!(SpatialIndex::within_radius(&view, center, radius).unwrap(), near);

            let bounds = Bounds {
                south: center.latitude.min(corner.latitude),
                north: center.latitude.max(corner.latitude),
                west: center.longitude,
                east: corner.longitude,
            };
            let inside = model.iter().filter(|(_, p)| p.within_bounds(&bounds));
            let inside = inside.map(|(id, _)| trial.iid(id).unwrap()).collect();
            prop_assert_eq!(SpatialIndex::within_bounds(&view, &bounds).unwrap(), inside);

            let mut all: Vec<_> = measured.into_iter().collect();
            all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
            let tie = k.checked_sub(1).and_then(|last| all.get(last)).map(|(_, d)| *d);
            all.retain(|(_, d)| k > 0 && tie.is_none_or(|tie| *d <= tie));
            prop_assert_eq!(SpatialIndex::nearest(&view, center, k, None).unwrap(), all.clone());
            prop_assert_eq!(SpatialIndex::nearest_in_circles(&view, center, k, None).unwrap(), all);
        }
    }
}
