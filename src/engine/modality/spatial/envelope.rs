//! Boxes of latitude and longitude around places, circles and bounds: never too small.

use crate::engine::store::index_spatial::Envelope;

use super::sphere::EARTH_RADIUS_KM;
use super::{Bounds, Geometry, Position};

/// Degrees added on every side, against rounding: about a centimeter.
const SLACK: f64 = 1e-7;

/// The boxes of a geometry: two when it crosses the antimeridian.
pub(super) fn of_geometry(geometry: &Geometry) -> Vec<Envelope> {
    let chain = match geometry {
        Geometry::Point(p) => {
            return split((p.latitude, p.latitude), (p.longitude, p.longitude));
        }
        Geometry::LineString(line) => line.as_slice(),
        // Holes are inside.
        Geometry::Polygon(rings) => rings.first().map_or(&[][..], Vec::as_slice),
    };
    let (low, high) = geometry
        .arcs()
        .map(|arc| arc.heights())
        .fold((1.0_f64, -1.0_f64), |(a, b), (low, high)| (a.min(low), b.max(high)));
    let degrees = |height: f64| height.clamp(-1.0, 1.0).asin().to_degrees();
    // The arc sine is flat near the poles and loses digits there.
    let mut latitude = (degrees(low) - 1e-5, degrees(high) + 1e-5);
    let mut longitude = unwrapped(chain);
    for (pole, is_north) in [(90.0, true), (-90.0, false)] {
        if geometry.covers_pole(pole) {
            longitude = (-180.0, 180.0);
            if is_north {
                latitude.1 = 90.0;
            } else {
                latitude.0 = -90.0;
            }
        }
    }
    split(latitude, longitude)
}

/// The longitudes a chain of arcs passes, continued beyond 180 degrees where it goes on. Along an arc
/// the longitude only grows or only falls, except over a pole.
fn unwrapped(chain: &[Position]) -> (f64, f64) {
    let Some(first) = chain.first() else {
        return (-180.0, 180.0);
    };
    let (mut at, mut west, mut east) = (first.longitude, first.longitude, first.longitude);
    for pair in chain.windows(2) {
        let step = (pair[1].longitude - pair[0].longitude + 540.0).rem_euclid(360.0) - 180.0;
        let at_pole = pair.iter().any(|p| p.latitude.abs() > 90.0 - 1e-6);
        if at_pole || step.abs() > 180.0 - 1e-6 {
            return (-180.0, 180.0);
        }
        at += step;
        west = west.min(at);
        east = east.max(at);
    }
    (west, east)
}

/// The boxes of a circle on the sphere.
pub(super) fn of_circle(center: Position, radius_km: f64) -> Vec<Envelope> {
    let angle = (radius_km / EARTH_RADIUS_KM).max(0.0);
    let degrees = angle.to_degrees();
    let (south, north) = (center.latitude - degrees, center.latitude + degrees);
    if south <= -90.0 || north >= 90.0 {
        // A pole is in it, and with it every longitude.
        return split((south, north), (-180.0, 180.0));
    }
    let ratio = angle.sin() / center.latitude.to_radians().cos();
    let reach = ratio.clamp(0.0, 1.0).asin().to_degrees() + 1e-5;
    split((south, north), (center.longitude - reach, center.longitude + reach))
}

/// The boxes of bounds.
pub(super) fn of_bounds(bounds: &Bounds) -> Vec<Envelope> {
    let east = if bounds.west <= bounds.east { bounds.east } else { bounds.east + 360.0 };
    split((bounds.south, bounds.north), (bounds.west, east))
}

/// Cuts a range of longitudes that goes beyond 180 degrees in two, and adds the slack. What touches
/// the antimeridian is on both sides of it.
fn split(latitude: (f64, f64), longitude: (f64, f64)) -> Vec<Envelope> {
    let latitude = ((latitude.0 - SLACK).max(-90.0), (latitude.1 + SLACK).min(90.0));
    let (west, east) = (longitude.0 - SLACK, longitude.1 + SLACK);
    let one = |west, east| Envelope { latitude, longitude: (west, east) };
    if east - west >= 360.0 {
        vec![one(-180.0, 180.0)]
    } else if west < -180.0 {
        vec![one(-180.0, east), one(west + 360.0, 180.0)]
    } else if east > 180.0 {
        vec![one(west, 180.0), one(-180.0, east - 360.0)]
    } else {
        vec![one(west, east)]
    }
}
