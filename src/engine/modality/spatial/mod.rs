//! Where an entity is: a geometry on the sphere (WGS 84, SRID 4326).

pub mod codec;
pub mod geometry;
pub mod index;
pub mod sphere;
pub mod valid;

mod envelope;

pub use geometry::Bounds;
#[cfg(test)]
mod tests;

pub use index::SpatialIndex;
pub use sphere::{EARTH_RADIUS_KM, HALF_WAY_KM, distance_km};

/// The place of a hexad.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The geometry.
    pub geometry: Geometry,
    /// Meters above the ellipsoid, for a point.
    pub altitude: Option<f64>,
}

/// A geometry of GeoJSON; longitude and latitude in degrees.
#[derive(Clone, Debug, PartialEq)]
pub enum Geometry {
    /// One position.
    Point(Position),
    /// At least two positions.
    LineString(Vec<Position>),
    /// Closed rings of at least four positions, the first the outer one.
    Polygon(Vec<Vec<Position>>),
}

/// A position on the sphere.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// Degrees north, `-90..=90`.
    pub latitude: f64,
    /// Degrees east, `-180..=180`.
    pub longitude: f64,
}
