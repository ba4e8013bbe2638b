//! The place against the Earth, and against the place the rest of the entity names.

use crate::engine::modality::spatial::{Geometry, Place, Position};

/// Where the rest of the entity says it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Named {
    /// The middle of it.
    pub center: Position,
    /// How far it reaches, in kilometers.
    pub radius_km: f64,
}

/// Scores a place: 0.9 when it is not on the Earth, else by how much farther than its radius it is
/// from the place that is named: 0 within, 0.5 at twice the radius, towards 1 beyond.
pub fn score(place: &Place, named: Option<Named>) -> f64 {
    if !positions(&place.geometry).all(on_earth) {
        return 0.9;
    }
    let Some(named) = named else {
        return 0.0;
    };
    let (distance, radius) = (place.distance_km(named.center), named.radius_km.max(1.0));
    if distance <= radius { 0.0 } else { 1.0 - radius / distance }
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
        let center = Position { latitude: 0.0, longitude: 0.0 };
        let named = Some(Named { center, radius_km: 111.195 });
        assert_eq!(Some(score(&point(0.5, 0.0), named)), Some(0.0));
        assert!((score(&point(0.0, 2.0), named) - 0.5).abs() < 1e-3);
        assert_eq!(Some(score(&point(0.0, 2.0), None)), Some(0.0));
        assert_eq!(Some(score(&point(91.0, 0.0), None)), Some(0.9));
        assert_eq!(Some(score(&point(f64::NAN, 0.0), named)), Some(0.9));
    }
}
