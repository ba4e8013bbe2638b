//! What makes a place valid: positions on the Earth, lines with two ends, closed rings.

use super::{Geometry, Place, Position};
use crate::engine::base::{Fault, Kind};

/// The place as it is stored, or what is wrong with it.
pub fn admit(place: Place) -> Result<Place, Fault> {
    match &place.geometry {
        Geometry::Point(position) => check_position(*position)?,
        Geometry::LineString(line) => check_line(line, 2)?,
        Geometry::Polygon(rings) => {
            if rings.is_empty() {
                return wrong("coordinates", "a polygon needs a ring".to_owned());
            }
            for (i, ring) in rings.iter().enumerate() {
                check_ring(ring).map_err(|fault| fault.within(&format!("rings[{i}]")))?;
            }
        }
    }
    match place.altitude {
        Some(altitude) if !altitude.is_finite() => {
            wrong("altitude", format!("{altitude} is not finite"))
        }
        Some(_) if !matches!(place.geometry, Geometry::Point(_)) => {
            wrong("altitude", "only a point has an altitude".to_owned())
        }
        _ => Ok(place),
    }
}

fn wrong<T>(key: &str, message: String) -> Result<T, Fault> {
    Err(Fault::new(Kind::InvalidCoordinates, key, message))
}

fn check_ring(ring: &[Position]) -> Result<(), Fault> {
    check_line(ring, 4)?;
    if ring.first() != ring.last() {
        return wrong("", "a ring must end where it begins".to_owned());
    }
    Ok(())
}

fn check_line(line: &[Position], least: usize) -> Result<(), Fault> {
    if line.len() < least {
        return wrong("", format!("{} positions, at least {least} are needed", line.len()));
    }
    for (i, position) in line.iter().enumerate() {
        check_position(*position).map_err(|fault| fault.within(&format!("[{i}]")))?;
    }
    Ok(())
}

/// Refuses degrees that are not on the Earth; NaN is on no planet.
pub fn check_position(position: Position) -> Result<(), Fault> {
    let Position { latitude, longitude } = position;
    if !(-90.0..=90.0).contains(&latitude) {
        return wrong("latitude", format!("{latitude} is not between -90 and 90"));
    }
    if !(-180.0..=180.0).contains(&longitude) {
        return wrong("longitude", format!("{longitude} is not between -180 and 180"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(latitude: f64, longitude: f64) -> Position {
        Position { latitude, longitude }
    }

    fn place(geometry: Geometry) -> Place {
        Place { geometry, altitude: None }
    }

    #[test]
    fn positions_are_on_the_earth() {
        assert!(admit(place(Geometry::Point(at(-90.0, 180.0)))).is_ok());
        for (latitude, longitude, key) in
            [(99.0, 0.0, "latitude"), (0.0, -181.0, "longitude"), (f64::NAN, 0.0, "latitude")]
        {
            let fault = admit(place(Geometry::Point(at(latitude, longitude)))).unwrap_err();
            assert_eq!((fault.kind, fault.key.as_str()), (Kind::InvalidCoordinates, key));
        }
    }

    #[test]
    fn rings_close_and_lines_have_two_ends() {
        let square = vec![at(0.0, 0.0), at(0.0, 1.0), at(1.0, 1.0), at(0.0, 0.0)];
        assert!(admit(place(Geometry::Polygon(vec![square.clone()]))).is_ok());
        assert!(admit(place(Geometry::Polygon(vec![square[..3].to_vec()]))).is_err());
        assert!(admit(place(Geometry::Polygon(Vec::new()))).is_err());
        assert!(admit(place(Geometry::LineString(square[..1].to_vec()))).is_err());
        let open = vec![at(0.0, 0.0), at(0.0, 1.0), at(1.0, 1.0), at(1.0, 0.0)];
        assert!(admit(place(Geometry::Polygon(vec![open]))).is_err());
    }
}
