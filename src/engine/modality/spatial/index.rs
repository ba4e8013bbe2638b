//! Which places are near, or inside of something: candidates from boxes, decided by the geometry.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use roaring::RoaringBitmap;

use crate::engine::base::{Iid, Modality, Result};
use crate::engine::store::index_spatial::{self, Envelope};
use crate::engine::store::{Applier, Changes, IndexTx, Op, RecordScan, View};

use super::sphere::HALF_WAY_KM;
use super::{Bounds, Geometry, Position, codec, distance_km, envelope};

/// The first circle in which the nearest places are looked for; each next one is four times as wide.
const FIRST_CIRCLE_KM: f64 = 25.0;
/// Candidates below which each is measured, without the tree.
const FEW: u64 = 512;

/// The index of the spatial modality; all of it is rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct SpatialIndex;

impl SpatialIndex {
    /// Exactly the live hexads within `radius_km`, with their distances in kilometers.
    pub fn within_radius(
        view: &View,
        center: Position,
        radius_km: f64,
    ) -> Result<BTreeMap<Iid, f64>> {
        let mut found = measure(view, center, &envelope::of_circle(center, radius_km), None)?;
        found.retain(|_, distance| *distance <= radius_km);
        Ok(found)
    }

    /// Exactly the live hexads any part of which is in the bounds.
    pub fn within_bounds(view: &View, bounds: &Bounds) -> Result<RoaringBitmap> {
        let reader = view.ground().index(Modality::Spatial)?;
        let (mut inside, mut doubtful) = (RoaringBitmap::new(), RoaringBitmap::new());
        for envelope in envelope::of_bounds(bounds) {
            for hit in index_spatial::meeting(reader, &envelope)? {
                match hit.point.map(|p| bounds.contains(position(p))) {
                    Some(true) => inside.insert(hit.iid.0),
                    Some(false) => false,
                    None => doubtful.insert(hit.iid.0),
                };
            }
        }
        if let Some(uncommitted) = view.uncommitted(Modality::Spatial) {
            inside -= uncommitted;
            doubtful |= uncommitted;
        }
        view.records(Modality::Spatial, &doubtful, &mut |record| {
            if codec::decode(&record.body)?.within_bounds(bounds) {
                inside.insert(record.iid.0);
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(inside)
    }

    /// The `k` live hexads nearest to a position, with their distances in kilometers: nearest first,
    /// ties by internal id. All that are as far away as the last one are there too, so that the caller
    /// can break the tie. Only those in `among`, if it is given.
    pub fn nearest(
        view: &View,
        center: Position,
        k: usize,
        among: Option<&RoaringBitmap>,
    ) -> Result<Vec<(Iid, f64)>> {
        if k == 0 {
            return Ok(Vec::new());
        }
        let present = view.present(Modality::Spatial)?;
        let candidates =
            among.map_or_else(|| present.len(), |among| present.intersection_len(among));
        if candidates <= FEW.max(k as u64) {
            let all = among.map_or_else(|| present.as_ref().clone(), |a| present.as_ref() & a);
            return Ok(best(measure_all(view, center, &all)?, k));
        }
        Self::nearest_in_circles(view, center, k, among)
    }

    /// The same through the tree, in ever wider circles.
    pub(super) fn nearest_in_circles(
        view: &View,
        center: Position,
        k: usize,
        among: Option<&RoaringBitmap>,
    ) -> Result<Vec<(Iid, f64)>> {
        if k == 0 {
            return Ok(Vec::new());
        }
        let mut radius = FIRST_CIRCLE_KM;
        loop {
            let boxes = envelope::of_circle(center, radius);
            let mut found = measure(view, center, &boxes, among)?;
            if radius < HALF_WAY_KM {
                // Beyond the circle the boxes do not hold everything.
                found.retain(|_, distance| *distance <= radius);
                if found.len() < k {
                    radius *= 4.0;
                    continue;
                }
            }
            return Ok(best(found, k));
        }
    }
}

fn position((latitude, longitude): (f64, f64)) -> Position {
    Position { latitude, longitude }
}

/// The `k` nearest and what is as far as the last of them.
fn best(found: BTreeMap<Iid, f64>, k: usize) -> Vec<(Iid, f64)> {
    let mut all: Vec<_> = found.into_iter().collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    if let Some((_, last)) = all.get(k - 1).copied() {
        all.truncate(all.partition_point(|(_, distance)| *distance <= last));
    }
    all
}

/// The distances of the places whose boxes meet any of `boxes`, and of some others.
fn measure(
    view: &View,
    center: Position,
    boxes: &[Envelope],
    among: Option<&RoaringBitmap>,
) -> Result<BTreeMap<Iid, f64>> {
    let reader = view.ground().index(Modality::Spatial)?;
    let (mut found, mut shapes) = (BTreeMap::new(), RoaringBitmap::new());
    for envelope in boxes {
        for hit in index_spatial::meeting(reader, envelope)? {
            if among.is_some_and(|among| !among.contains(hit.iid.0)) {
                continue;
            }
            match hit.point {
                Some(p) => {
                    found.insert(hit.iid, distance_km(center, position(p)));
                }
                None => {
                    shapes.insert(hit.iid.0);
                }
            }
        }
    }
    if let Some(uncommitted) = view.uncommitted(Modality::Spatial) {
        found.retain(|iid, _| !uncommitted.contains(iid.0));
        // More than the boxes hold is left to the caller to cut.
        shapes |= among.map_or_else(|| uncommitted.clone(), |among| uncommitted & among);
    }
    found.extend(measure_all(view, center, &shapes)?);
    Ok(found)
}

fn measure_all(view: &View, center: Position, iids: &RoaringBitmap) -> Result<BTreeMap<Iid, f64>> {
    let mut found = BTreeMap::new();
    view.records(Modality::Spatial, iids, &mut |record| {
        found.insert(record.iid, codec::decode(&record.body)?.distance_km(center));
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(found)
}

fn write(tx: &IndexTx<'_>, op: &Op) -> Result<()> {
    match op {
        Op::Put { iid, version, body, .. } => {
            if *version > 1 {
                index_spatial::remove(tx, *iid)?;
            }
            let place = codec::decode(body)?;
            let point = match &place.geometry {
                Geometry::Point(p) => Some((p.latitude, p.longitude)),
                Geometry::LineString(_) | Geometry::Polygon(_) => None,
            };
            index_spatial::add(tx, *iid, &envelope::of_geometry(&place.geometry), point)
        }
        Op::Delete { iid, .. } => index_spatial::remove(tx, *iid),
        Op::Append { .. } => Ok(()),
    }
}

impl Applier for SpatialIndex {
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()> {
        index_spatial::create(tx)
    }

    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        batch.iter().flat_map(|changes| changes.ops).try_for_each(|op| write(tx, op))
    }

    fn scratch(&self) -> Option<Arc<dyn Applier>> {
        Some(Arc::new(Self))
    }

    fn rebuild(&self, tx: &IndexTx<'_>, scan: RecordScan<'_>) -> Result<()> {
        index_spatial::clear(tx)?;
        scan(&mut |op| write(tx, op))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn meets(a: &[Envelope], b: &[Envelope]) -> bool {
        let overlap = |x: (f64, f64), y: (f64, f64)| x.0 <= y.1 && y.0 <= x.1;
        a.iter().any(|a| {
            b.iter().any(|b| overlap(a.latitude, b.latitude) && overlap(a.longitude, b.longitude))
        })
    }

    fn any_position() -> impl Strategy<Value = Position> {
        let special = prop::sample::select(vec![-180.0, 180.0, 0.0, 179.999, -179.999]);
        let longitude = prop_oneof![3 => -180.0..180.0, 1 => special];
        let pole = prop::sample::select(vec![-90.0, 90.0, 89.99, -89.99, 0.0]);
        let latitude = prop_oneof![3 => -90.0..90.0, 1 => pole];
        (latitude, longitude).prop_map(position)
    }

    /// Around a center, so that polygons are of one piece and smaller than half the Earth.
    fn any_geometry() -> impl Strategy<Value = Geometry> {
        let ring = (any_position(), 0.1..40.0_f64, 3..7_u32);
        let polygon = ring.prop_map(|(center, size, corners)| {
            let mut ring: Vec<Position> = (0..corners)
                .map(|i| around(center, size, f64::from(i) * 360.0 / f64::from(corners)))
                .collect();
            ring.push(ring[0]);
            Geometry::Polygon(vec![ring])
        });
        prop_oneof![
            any_position().prop_map(Geometry::Point),
            prop::collection::vec(any_position(), 2..5).prop_map(Geometry::LineString),
            polygon,
        ]
    }

    /// The position `angle` degrees away in the direction of `bearing`.
    fn around(center: Position, angle: f64, bearing: f64) -> Position {
        let (lat, a, b) = (center.latitude.to_radians(), angle.to_radians(), bearing.to_radians());
        let sine = lat.sin() * a.cos() + lat.cos() * a.sin() * b.cos();
        let east = b.sin() * a.sin() * lat.cos();
        let lon = center.longitude + east.atan2(a.cos() - lat.sin() * sine).to_degrees();
        Position {
            latitude: sine.clamp(-1.0, 1.0).asin().to_degrees(),
            longitude: (lon + 540.0).rem_euclid(360.0) - 180.0,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        /// What is within a radius has a box that meets the box of the circle.
        #[test]
        fn the_box_of_a_circle_misses_nothing(
            geometry in any_geometry(),
            center in any_position(),
            radius in 0.0..21_000.0_f64,
        ) {
            let near = geometry.distance_km(center) <= radius;
            let boxes = envelope::of_geometry(&geometry);
            prop_assert!(!near || meets(&boxes, &envelope::of_circle(center, radius)));
        }

        /// What is in the bounds has a box that meets the box of the bounds.
        #[test]
        fn the_box_of_bounds_misses_nothing(
            geometry in any_geometry(),
            one in any_position(),
            other in any_position(),
        ) {
            let bounds = Bounds {
                south: one.latitude.min(other.latitude),
                north: one.latitude.max(other.latitude),
                west: one.longitude,
                east: other.longitude,
            };
            let boxes = envelope::of_geometry(&geometry);
            prop_assert!(!geometry.meets(&bounds) || meets(&boxes, &envelope::of_bounds(&bounds)));
        }

        /// Going from anywhere by the distance measured leads to the geometry and not beyond it.
        #[test]
        fn a_polygon_is_as_near_as_its_sampled_points(
            geometry in any_geometry(),
            from in any_position(),
        ) {
            let distance = geometry.distance_km(from);
            let corners = match &geometry {
                Geometry::Point(p) => vec![*p],
                Geometry::LineString(line) => line.clone(),
                Geometry::Polygon(rings) => rings[0].clone(),
            };
            for corner in corners {
                prop_assert!(distance <= distance_km(from, corner) + 1e-6);
            }
        }
    }
}
