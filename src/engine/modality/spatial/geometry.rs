//! What a place is near to, inside of, or within the bounds of: the conditions as predicates.
//!
//! Lines and the edges of polygons are great-circle arcs, not lines on a map. The interior of a
//! polygon is its smaller side, whichever way its rings turn, so a polygon covers less than half
//! of the Earth.

use super::sphere::{Arc, Direction, EARTH_RADIUS_KM, distance_km};
use super::{Geometry, Place, Position};

/// A box of latitudes and longitudes, edges included. With `west > east` it crosses the
/// antimeridian.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The least latitude.
    pub south: f64,
    /// The western longitude.
    pub west: f64,
    /// The greatest latitude.
    pub north: f64,
    /// The eastern longitude.
    pub east: f64,
}

impl Bounds {
    /// True when `position` is inside or on the edge.
    pub fn contains(&self, position: Position) -> bool {
        (self.south..=self.north).contains(&position.latitude)
            && self.holds_longitude(position.longitude)
    }

    fn holds_longitude(&self, longitude: f64) -> bool {
        // -180 and 180 are one meridian, and every meridian meets the next turn.
        let inside = |x: f64| {
            if self.west <= self.east {
                (self.west..=self.east).contains(&x)
            } else {
                x >= self.west || x <= self.east
            }
        };
        inside(longitude) || (longitude.abs() >= 180.0 && inside(-longitude))
    }

    fn corners(&self) -> [Position; 4] {
        let corner = |latitude, longitude| Position { latitude, longitude };
        [
            corner(self.south, self.west),
            corner(self.south, self.east),
            corner(self.north, self.east),
            corner(self.north, self.west),
        ]
    }

    /// True when any point of the arc is inside.
    fn meets(&self, arc: &Arc) -> bool {
        if self.contains(arc.from.position()) || self.contains(arc.to.position()) {
            return true;
        }
        let parallels = [self.south, self.north].into_iter().any(|latitude| {
            let height = latitude.to_radians().sin();
            arc.at_height(height).iter().any(|p| self.holds_longitude(p.position().longitude))
        });
        parallels || self.sides().iter().any(|side| arc.crosses(side))
    }

    /// The western and the eastern meridian, each in two arcs: one from pole to pole would have no
    /// shortest way.
    fn sides(&self) -> [Arc; 4] {
        let middle = f64::midpoint(self.south, self.north);
        let piece = |longitude, from, to| {
            let end = |latitude| Direction::of(Position { latitude, longitude });
            Arc::new(end(from), end(to))
        };
        [
            piece(self.west, self.south, middle),
            piece(self.west, middle, self.north),
            piece(self.east, self.south, middle),
            piece(self.east, middle, self.north),
        ]
    }
}

impl Place {
    /// How far the nearest point of the place is from `from`, in kilometers; 0 inside a polygon.
    pub fn distance_km(&self, from: Position) -> f64 {
        self.geometry.distance_km(from)
    }

    /// `WITHIN RADIUS`: true when the nearest point of the place is at most `radius_km` away.
    pub fn within_radius(&self, center: Position, radius_km: f64) -> bool {
        self.distance_km(center) <= radius_km
    }

    /// `WITHIN BOUNDS`: true when any part of the place is in the box.
    pub fn within_bounds(&self, bounds: &Bounds) -> bool {
        self.geometry.meets(bounds)
    }
}

impl Geometry {
    /// `Point`, `LineString` or `Polygon`, as GeoJSON calls it.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Point(_) => "Point",
            Self::LineString(_) => "LineString",
            Self::Polygon(_) => "Polygon",
        }
    }

    /// One position that stands for the whole: the point itself, else the middle of the corners
    /// of the line or outer ring. `None` when these cancel out or there are none.
    pub fn center(&self) -> Option<Position> {
        let corners: &[Position] = match self {
            Self::Point(p) => return Some(*p),
            Self::LineString(line) => line,
            // The last corner repeats the first and would count twice.
            Self::Polygon(rings) => {
                rings.first().and_then(|r| r.split_last()).map_or(&[][..], |(_, rest)| rest)
            }
        };
        middle(corners).map(Direction::position)
    }

    /// How far its nearest point is from `from`, in kilometers.
    pub fn distance_km(&self, from: Position) -> f64 {
        if let Self::Point(p) = self {
            return distance_km(from, *p);
        }
        let p = Direction::of(from);
        if self.covers(p) {
            return 0.0;
        }
        let nearest = self.arcs().map(|arc| arc.angle_to(p)).fold(f64::INFINITY, f64::min);
        nearest * EARTH_RADIUS_KM
    }

    /// True when `position` is on the point or line, or in the polygon and not in a hole.
    pub fn contains(&self, position: Position) -> bool {
        self.distance_km(position) <= 1e-6
    }

    fn covers(&self, p: Direction) -> bool {
        let Self::Polygon(rings) = self else {
            return false;
        };
        let Some((outer, holes)) = rings.split_first() else {
            return false;
        };
        winds_around(outer, p) && !holes.iter().any(|hole| winds_around(hole, p))
    }

    /// True when any part of it is in the box.
    pub fn meets(&self, bounds: &Bounds) -> bool {
        match self {
            Self::Point(p) => bounds.contains(*p),
            Self::LineString(_) => self.arcs().any(|arc| bounds.meets(&arc)),
            // Else the box may lie in the polygon as a whole: then so does every corner.
            Self::Polygon(_) => {
                self.arcs().any(|arc| bounds.meets(&arc))
                    || bounds.corners().iter().any(|c| self.covers(Direction::of(*c)))
            }
        }
    }

    /// The arcs of the line or of all rings; none for a point.
    pub(super) fn arcs(&self) -> impl Iterator<Item = Arc> + '_ {
        let chains: &[Vec<Position>] = match self {
            Self::Point(_) => &[],
            Self::LineString(line) => std::slice::from_ref(line),
            Self::Polygon(rings) => rings,
        };
        chains.iter().flat_map(|chain| {
            chain.windows(2).map(|pair| Arc::new(Direction::of(pair[0]), Direction::of(pair[1])))
        })
    }

    /// True when it covers the pole with this latitude (90 or -90).
    pub(super) fn covers_pole(&self, latitude: f64) -> bool {
        self.covers(Direction::of(Position { latitude, longitude: 0.0 }))
    }
}

/// True when the ring turns around `p` on its smaller side.
fn winds_around(ring: &[Position], p: Direction) -> bool {
    let corners: Vec<Direction> = ring.iter().map(|c| Direction::of(*c)).collect();
    let turn: f64 = corners.windows(2).map(|w| Arc::new(w[0], w[1]).seen_from(p)).sum();
    // The point opposite to `p` is seen going around as well: only one of them is on the side of
    // the ring's middle.
    turn.abs() > std::f64::consts::PI && middle(ring).is_some_and(|center| center.dot(p) > 0.0)
}

fn middle(corners: &[Position]) -> Option<Direction> {
    let (first, rest) = corners.split_first()?;
    rest.iter().fold(Direction::of(*first), |sum, c| sum.plus(Direction::of(*c), 1.0)).unit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position { latitude, longitude }
    }

    fn polygon(rings: &[&[(f64, f64)]]) -> Geometry {
        let ring = |r: &&[(f64, f64)]| r.iter().map(|(a, o)| at(*a, *o)).collect();
        Geometry::Polygon(rings.iter().map(ring).collect())
    }

    const BOX: Bounds = Bounds { south: 10.0, west: 170.0, north: 20.0, east: -170.0 };

    #[test]
    fn a_polygon_with_a_hole() {
        let outer: &[_] = &[(0.0, 0.0), (0.0, 10.0), (10.0, 10.0), (10.0, 0.0), (0.0, 0.0)];
        let hole: &[_] = &[(4.0, 4.0), (4.0, 6.0), (6.0, 6.0), (6.0, 4.0), (4.0, 4.0)];
        let p = polygon(&[outer, hole]);
        assert!(p.contains(at(2.0, 2.0)) && p.contains(at(0.0, 5.0)));
        assert!(!p.contains(at(5.0, 5.0)) && !p.contains(at(-1.0, 5.0)));
        let into_hole = p.distance_km(at(5.0, 5.0));
        assert!((into_hole - 1.0_f64.to_radians() * EARTH_RADIUS_KM).abs() < 1.0, "{into_hole}");
        // The other side of the Earth sees the ring go around too.
        assert!(!p.contains(at(-2.0, -178.0)));
    }

    #[test]
    fn the_way_a_ring_turns_does_not_matter() {
        let mut ring = vec![(0.0, 0.0), (0.0, 10.0), (10.0, 10.0), (10.0, 0.0), (0.0, 0.0)];
        for _ in 0..2 {
            assert!(polygon(&[&ring]).contains(at(5.0, 5.0)));
            assert!(!polygon(&[&ring]).contains(at(50.0, 5.0)));
            ring.reverse();
        }
    }

    #[test]
    fn a_polygon_around_the_pole_covers_it() {
        let ring: &[_] = &[(70.0, 0.0), (70.0, 90.0), (70.0, 180.0), (70.0, -90.0), (70.0, 0.0)];
        let cap = polygon(&[ring]);
        assert!(cap.contains(at(90.0, 12.0)) && cap.covers_pole(90.0));
        assert!(!cap.covers_pole(-90.0) && !cap.contains(at(60.0, 45.0)));
    }

    #[test]
    fn a_polygon_over_the_antimeridian() {
        let ring: &[_] = &[(0.0, 175.0), (0.0, -175.0), (9.0, -175.0), (9.0, 175.0), (0.0, 175.0)];
        let p = polygon(&[ring]);
        assert!(p.contains(at(5.0, 180.0)) && p.contains(at(5.0, -179.0)));
        assert!(!p.contains(at(5.0, 0.0)));
    }

    #[test]
    fn bounds_may_cross_the_antimeridian() {
        assert!(BOX.contains(at(15.0, 175.0)) && BOX.contains(at(10.0, -180.0)));
        assert!(!BOX.contains(at(15.0, 0.0)) && !BOX.contains(at(21.0, 175.0)));
        let point = Bounds { south: 0.0, west: 180.0, north: 1.0, east: 180.0 };
        assert!(point.contains(at(0.5, -180.0)));
    }

    #[test]
    fn a_line_through_the_box_is_in_it() {
        let line = |a, b| Geometry::LineString(vec![a, b]);
        assert!(line(at(0.0, 180.0), at(30.0, 180.0)).meets(&BOX));
        assert!(line(at(15.0, 160.0), at(15.0, -160.0)).meets(&BOX));
        assert!(!line(at(0.0, 160.0), at(0.0, -160.0)).meets(&BOX));
        assert!(!line(at(15.0, 0.0), at(15.0, 90.0)).meets(&BOX));
        let slice = Bounds { south: -90.0, west: 1.0, north: 90.0, east: 2.0 };
        assert!(line(at(15.0, 0.0), at(15.0, 90.0)).meets(&slice));
    }

    #[test]
    fn a_box_inside_a_polygon_meets_it() {
        let ring: &[_] = &[(-5.0, -5.0), (-5.0, 5.0), (5.0, 5.0), (5.0, -5.0), (-5.0, -5.0)];
        let small = Bounds { south: 1.0, west: 1.0, north: 2.0, east: 2.0 };
        assert!(polygon(&[ring]).meets(&small));
    }
}
