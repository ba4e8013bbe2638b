//! The canonical bytes of a place.
//!
//! ```text
//! tag, kind, has altitude, altitude?
//! point: position    line: count, position*    polygon: count, (count, position*)*
//! position: latitude, longitude
//! ```
//!
//! Degrees and meters are `f64`, little endian.

use super::{Geometry, Place, Position};
use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{ContentHash, Modality, Result};

const VERSION: u8 = 1;
const POINT: u8 = 0;
const LINE: u8 = 1;
const POLYGON: u8 = 2;

/// The canonical bytes.
pub fn encode(place: &Place) -> Vec<u8> {
    let mut out = Vec::with_capacity(32);
    out.push(codec::tag(Modality::Spatial, VERSION));
    out.push(match place.geometry {
        Geometry::Point(_) => POINT,
        Geometry::LineString(_) => LINE,
        Geometry::Polygon(_) => POLYGON,
    });
    out.push(u8::from(place.altitude.is_some()));
    if let Some(altitude) = place.altitude {
        codec::put_f64(&mut out, altitude);
    }
    match &place.geometry {
        Geometry::Point(position) => put_position(&mut out, *position),
        Geometry::LineString(line) => put_line(&mut out, line),
        Geometry::Polygon(rings) => {
            codec::put_uint(&mut out, rings.len() as u64);
            for ring in rings {
                put_line(&mut out, ring);
            }
        }
    }
    out
}

fn put_line(out: &mut Vec<u8>, line: &[Position]) {
    codec::put_uint(out, line.len() as u64);
    for position in line {
        put_position(out, *position);
    }
}

fn put_position(out: &mut Vec<u8>, position: Position) {
    codec::put_f64(out, position.latitude);
    codec::put_f64(out, position.longitude);
}

/// The place these bytes are of.
pub fn decode(bytes: &[u8]) -> Result<Place> {
    let mut reader = Reader::record(bytes, Modality::Spatial, VERSION)?;
    let kind = reader.byte()?;
    let altitude = if reader.flag()? { Some(reader.f64()?) } else { None };
    let geometry = match kind {
        POINT => Geometry::Point(read_position(&mut reader)?),
        LINE => Geometry::LineString(read_line(&mut reader)?),
        POLYGON => {
            let count = reader.count(1)?;
            let mut rings = Vec::with_capacity(count.min(64));
            for _ in 0..count {
                rings.push(read_line(&mut reader)?);
            }
            Geometry::Polygon(rings)
        }
        _ => return Err(reader.damaged("has a geometry of no known kind")),
    };
    reader.finish()?;
    Ok(Place { geometry, altitude })
}

fn read_line(reader: &mut Reader<'_>) -> Result<Vec<Position>> {
    let count = reader.count(16)?;
    (0..count).map(|_| read_position(reader)).collect()
}

fn read_position(reader: &mut Reader<'_>) -> Result<Position> {
    Ok(Position { latitude: reader.f64()?, longitude: reader.f64()? })
}

/// BLAKE3 of the canonical bytes.
pub fn content_hash(place: &Place) -> ContentHash {
    ContentHash::of(&encode(place))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::base::Kind;
    use crate::engine::base::codec::tests::damage;

    fn any_place() -> impl Strategy<Value = Place> {
        let position = (-90.0..=90.0_f64, -180.0..=180.0_f64)
            .prop_map(|(latitude, longitude)| Position { latitude, longitude });
        let line = prop::collection::vec(position.clone(), 0..5);
        let geometry = prop_oneof![
            position.prop_map(Geometry::Point),
            line.clone().prop_map(Geometry::LineString),
            prop::collection::vec(line, 0..3).prop_map(Geometry::Polygon),
        ];
        (geometry, prop::option::of(-1e4..1e4_f64))
            .prop_map(|(geometry, altitude)| Place { geometry, altitude })
    }

    proptest! {
        #[test]
        fn reads_back(place in any_place()) {
            prop_assert_eq!(decode(&encode(&place)).unwrap(), place);
        }

        #[test]
        fn damage_is_corruption_or_another_place(
            place in any_place(),
            seed in prop::collection::vec(any::<(u16, u8)>(), 1..4),
        ) {
            let bytes = damage(&encode(&place), &seed);
            match decode(&bytes) {
                Ok(other) => prop_assert_eq!(&encode(&other), &bytes),
                Err(error) => prop_assert_eq!(error.kind, Kind::Corruption),
            }
        }
    }

    #[test]
    fn the_bytes_never_change() {
        let position = Position { latitude: 1.0, longitude: -2.0 };
        let place = Place { geometry: Geometry::Point(position), altitude: None };
        assert_eq!(encode(&place), b"\x71\x00\x00\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\0\xc0");
    }
}
