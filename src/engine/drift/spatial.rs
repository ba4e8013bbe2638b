//! The place against the Earth, and against the place the rest of the entity names.

use crate::engine::modality::spatial::{Geometry, Place, Position};

use super::evidence::{Evidence, Naming};
use super::report::Found;

/// Where the rest of the entity says it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Who says so.
    pub by: Naming,
    /// The middle of it.
    pub center: Position,
    /// How far it reaches, in kilometers.
    pub radius_km: f64,
}

/// No place counts as smaller than this.
const LEAST_RADIUS_KM: f64 = 1.0;

/// Examines a place: 0.9 when it is not on the Earth, else by how much farther than its radius it is
/// from the place that is named: 0 within, 0.5 at twice the radius, towards 1 beyond. Of several
/// places that are named the farthest counts.
pub fn examine(place: &Place, named: &[Named]) -> Found {
    if let Some(position) = positions(&place.geometry).find(|p| !on_earth(*p)) {
        return Found::one(0.9, Evidence::OffEarth { position });
    }
    let mut found = Found::clean();
    for named in named {
        let (center, radius_km) = (named.center, named.radius_km.max(LEAST_RADIUS_KM));
        let distance_km = place.distance_km(center);
        if distance_km > radius_km {
            let by = named.by.clone();
            found.score = found.score.max(1.0 - radius_km / distance_km);
            let far = Evidence::FarFrom { named: by, center, radius_km, distance_km };
            found.evidence.push(far);
        }
    }
    found
}

fn positions(geometry: &Geometry) -> Box<dyn Iterator<Item = Position> + '_> {
    match geometry {
        Geometry::Point(p) => Box::new(std::iter::once(*p)),
        Geometry::LineString(line) => Box::new(line.iter().copied()),
        Geometry::Polygon(rings) => Box::new(rings.iter().flatten().copied()),
    }
}

fn on_earth(p: Position) -> bool {
    (-90.0..=90.0).contains(&p.latitude) && (-180.0..=180.0).contains(&p.longitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(latitude: f64, longitude: f64) -> Place {
        Place { geometry: Geometry::Point(Position { latitude, longitude }), altitude: None }
    }

    #[test]
    fn a_place_on_earth_and_where_it_should_be() {
        let by = Naming::Fields(crate::engine::base::Modality::Document);
        let center = Position { latitude: 0.0, longitude: 0.0 };
        let named = [Named { by, center, radius_km: 111.195 }];
        let score = |place: &Place, named: &[Named]| Some(examine(place, named).score);
        assert_eq!(score(&point(0.5, 0.0), &named), Some(0.0));
        assert!((score(&point(0.0, 2.0), &named).unwrap() - 0.5).abs() < 1e-3);
        assert_eq!(score(&point(0.0, 2.0), &[]), Some(0.0));
        assert_eq!(score(&point(91.0, 0.0), &[]), Some(0.9));
        assert_eq!(score(&point(f64::NAN, 0.0), &named), Some(0.9));
        let Evidence::FarFrom { distance_km, .. } = examine(&point(0.0, 2.0), &named).evidence[0]
        else {
            panic!("a place that is too far away");
        };
        assert!((distance_km - 222.39).abs() < 0.1, "{distance_km}");
    }
}
