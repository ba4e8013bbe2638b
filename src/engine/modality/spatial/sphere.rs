//! Great circles: distances, arcs and winding on a sphere of the mean Earth radius.
//!
//! Everything is computed on unit vectors, so that neither the poles nor the antimeridian are
//! special. The Earth is flattened by 0.34 %, so distances here are within about 0.5 % of those
//! on the ellipsoid; that is the precision promised.

use super::Position;

/// The mean radius of the Earth in kilometers (IUGG, (2a + b) / 3).
pub const EARTH_RADIUS_KM: f64 = 6371.0088;

/// Half the way around: no two places are further apart than this.
pub const HALF_WAY_KM: f64 = EARTH_RADIUS_KM * std::f64::consts::PI;

/// Angles below this (6 millimeters on the ground) count as none.
const TINY: f64 = 1e-9;

/// A direction from the center of the Earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Direction([f64; 3]);

impl Direction {
    /// Where `position` is.
    pub(super) fn of(position: Position) -> Self {
        let (lat_sin, lat_cos) = position.latitude.to_radians().sin_cos();
        let (lon_sin, lon_cos) = position.longitude.to_radians().sin_cos();
        Self([lat_cos * lon_cos, lat_cos * lon_sin, lat_sin])
    }

    /// The position in this direction.
    pub(super) fn position(self) -> Position {
        let [x, y, z] = self.0;
        Position {
            latitude: z.atan2((x * x + y * y).sqrt()).to_degrees(),
            longitude: y.atan2(x).to_degrees(),
        }
    }

    /// Height above the plane of the equator.
    pub(super) fn z(self) -> f64 {
        self.0[2]
    }

    /// The cosine of the angle between two unit directions.
    pub(super) fn dot(self, other: Self) -> f64 {
        self.0.iter().zip(other.0).map(|(a, b)| a * b).sum()
    }

    fn cross(self, other: Self) -> Self {
        let (a, b) = (self.0, other.0);
        let minor = |i: usize, j: usize| a[i] * b[j] - a[j] * b[i];
        Self([minor(1, 2), minor(2, 0), minor(0, 1)])
    }

    fn length(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// This direction plus `other` times `factor`; not a unit.
    pub(super) fn plus(self, other: Self, factor: f64) -> Self {
        let mut sum = self.0;
        sum.iter_mut().zip(other.0).for_each(|(a, b)| *a += b * factor);
        Self(sum)
    }

    /// The unit vector along it; `None` for no direction at all.
    pub(super) fn unit(self) -> Option<Self> {
        let length = self.length();
        (length > TINY * TINY).then(|| Self(self.0.map(|x| x / length)))
    }

    /// The angle to `other` in radians; exact for small and for nearly opposite directions, where
    /// the arc cosine is not.
    pub(super) fn angle(self, other: Self) -> f64 {
        self.cross(other).length().atan2(self.dot(other))
    }
}

/// The great-circle distance in kilometers, by the haversine formula.
pub fn distance_km(a: Position, b: Position) -> f64 {
    let half = |x: f64, y: f64| ((y - x).to_radians() / 2.0).sin();
    let (dlat, dlon) = (half(a.latitude, b.latitude), half(a.longitude, b.longitude));
    let cosines = a.latitude.to_radians().cos() * b.latitude.to_radians().cos();
    let h = (dlat * dlat + cosines * dlon * dlon).clamp(0.0, 1.0);
    2.0 * EARTH_RADIUS_KM * h.sqrt().atan2((1.0 - h).sqrt())
}

/// The shorter great-circle arc between two directions. Between opposite ends there is no one
/// shorter arc; such an arc counts as its two ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc {
    /// Where it starts.
    pub(super) from: Direction,
    /// Where it ends.
    pub(super) to: Direction,
    /// The unit normal of its plane; `None` when the ends coincide or are opposite.
    normal: Option<Direction>,
}

impl Arc {
    /// From end to end.
    pub(super) fn new(from: Direction, to: Direction) -> Self {
        let across = from.cross(to);
        let normal = if across.length() > TINY { across.unit() } else { None };
        Self { from, to, normal }
    }

    /// The angle in radians from `p` to the nearest point of the arc.
    pub(super) fn angle_to(&self, p: Direction) -> f64 {
        if let Some(n) = self.normal {
            let height = p.dot(n);
            // The foot of the perpendicular, if there is one: a pole of the circle has none.
            if let Some(foot) = p.plus(n, -height).unit()
                && self.spans(n, foot)
            {
                return height.clamp(-1.0, 1.0).asin().abs();
            }
        }
        p.angle(self.from).min(p.angle(self.to))
    }

    /// True when `p`, which lies on the circle with normal `n`, is between the ends.
    fn spans(&self, n: Direction, p: Direction) -> bool {
        self.from.cross(p).dot(n) >= -TINY && p.cross(self.to).dot(n) >= -TINY
    }

    /// True when the two arcs have a point in common.
    pub(super) fn crosses(&self, other: &Self) -> bool {
        let touching = [self.angle_to(other.from), self.angle_to(other.to)];
        if touching.iter().any(|a| *a <= TINY) || other.angle_to(self.from) <= TINY {
            return true;
        }
        let (Some(n), Some(m)) = (self.normal, other.normal) else {
            return false;
        };
        let Some(p) = n.cross(m).unit() else {
            return false;
        };
        let opposite = Direction(p.0.map(|x| -x));
        [p, opposite].into_iter().any(|p| self.spans(n, p) && other.spans(m, p))
    }

    /// The points of the arc at height `z` above the equator plane: where it meets a parallel.
    pub(super) fn at_height(&self, z: f64) -> Vec<Direction> {
        let Some(n) = self.normal else {
            return Vec::new();
        };
        let side = n.cross(self.from);
        // from.z cos t + side.z sin t = z, solved for t.
        let (a, b) = (self.from.z(), side.z());
        let swing = (a * a + b * b).sqrt();
        if swing < TINY || z.abs() > swing {
            return Vec::new();
        }
        let (middle, half) = (b.atan2(a), (z / swing).acos());
        [middle - half, middle + half]
            .into_iter()
            .filter_map(|t| self.from.plus(self.from, t.cos() - 1.0).plus(side, t.sin()).unit())
            .filter(|p| self.spans(n, *p))
            .collect()
    }

    /// The least and the greatest height of the arc above the equator plane.
    pub(super) fn heights(&self) -> (f64, f64) {
        let (a, b) = (self.from.z(), self.to.z());
        let (mut low, mut high) = (a.min(b), a.max(b));
        if let Some(n) = self.normal {
            // The circle is highest and lowest right above and below its normal.
            let top = Direction([0.0, 0.0, 1.0]).plus(n, -n.z());
            for sign in [1.0, -1.0] {
                if let Some(apex) = Direction(top.0.map(|x| x * sign)).unit()
                    && self.spans(n, apex)
                {
                    low = low.min(apex.z());
                    high = high.max(apex.z());
                }
            }
        }
        (low, high)
    }

    /// The angle, positive counter-clockwise, under which `p` sees the arc from its start to its
    /// end. Summed around a ring it is a full turn for what lies inside.
    pub(super) fn seen_from(&self, p: Direction) -> f64 {
        let (a, b) = (p.cross(self.from), p.cross(self.to));
        a.cross(b).dot(p).atan2(a.dot(b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position { latitude, longitude }
    }

    #[test]
    fn known_distances() {
        // Paris to New York, about 5,837 km on the sphere.
        let d = distance_km(at(48.8566, 2.3522), at(40.7128, -74.006));
        assert!((d - 5837.0).abs() < 2.0, "{d}");
        assert!((distance_km(at(90.0, 0.0), at(-90.0, 77.0)) - HALF_WAY_KM).abs() < 1e-6);
        assert!((distance_km(at(90.0, 10.0), at(90.0, -120.0))).abs() < 1e-6);
    }

    #[test]
    fn the_antimeridian_is_no_wall() {
        let d = distance_km(at(0.0, 179.9), at(0.0, -179.9));
        assert!((d - 0.2_f64.to_radians() * EARTH_RADIUS_KM).abs() < 1e-6);
    }

    #[test]
    fn a_meter_is_a_meter() {
        let d = distance_km(at(52.0, 13.0), at(52.0 + 9e-6, 13.0));
        assert!((d - 9e-6_f64.to_radians() * EARTH_RADIUS_KM).abs() < 1e-9);
    }

    #[test]
    fn an_arc_over_the_pole_reaches_it() {
        let arc = Arc::new(Direction::of(at(80.0, 0.0)), Direction::of(at(80.0, 180.0)));
        assert!(arc.angle_to(Direction::of(at(90.0, 0.0))) < 1e-9);
        let (low, high) = arc.heights();
        assert!((high - 1.0).abs() < 1e-12 && (low - 80.0_f64.to_radians().sin()).abs() < 1e-12);
    }

    #[test]
    fn beside_an_arc_the_nearest_point_is_its_foot_or_an_end() {
        let arc = Arc::new(Direction::of(at(0.0, 0.0)), Direction::of(at(0.0, 10.0)));
        let near = |lat, lon| arc.angle_to(Direction::of(at(lat, lon))).to_degrees();
        assert!((near(3.0, 5.0) - 3.0).abs() < 1e-9);
        assert!((near(0.0, 12.0) - 2.0).abs() < 1e-9);
        assert!((near(90.0, 0.0) - 90.0).abs() < 1e-9);
        assert_eq!(arc.at_height(0.5).len(), 0);
    }

    #[test]
    fn arcs_cross_or_do_not() {
        let arc = |a: (f64, f64), b: (f64, f64)| {
            Arc::new(Direction::of(at(a.0, a.1)), Direction::of(at(b.0, b.1)))
        };
        let equator = arc((0.0, -10.0), (0.0, 10.0));
        assert!(equator.crosses(&arc((-5.0, 0.0), (5.0, 0.0))));
        assert!(!equator.crosses(&arc((-5.0, 20.0), (5.0, 20.0))));
        assert!(!equator.crosses(&arc((5.0, -10.0), (5.0, 10.0))));
        // The circles meet on the far side too; the arcs do not.
        assert!(!equator.crosses(&arc((-5.0, 180.0), (5.0, 180.0))));
    }
}
