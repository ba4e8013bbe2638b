//! A place put where the rest of the hexad says it is, or where it was while both agreed.

use crate::engine::base::{Modality, Result, Value};
use crate::engine::drift::evidence::Naming;
use crate::engine::drift::{Evidence, Finding};
use crate::engine::hexad::Change;
use crate::engine::modality::spatial::{self, Geometry, Place, Position};

use super::{Candidate, Making, Strategy, Subject, extracted};

/// Closer than this, in kilometers, two positions are one.
const SAME_KM: f64 = 1.0;

/// What names a position.
struct Named<'a> {
    by: &'a Naming,
    center: Position,
    radius_km: f64,
}

impl Named<'_> {
    fn modality(&self) -> Modality {
        match self.by {
            Naming::Fields(modality) => *modality,
            _ => Modality::Graph,
        }
    }

    fn is_exact(&self) -> bool {
        matches!(self.by, Naming::Fields(_))
    }

    fn is_rough(&self) -> bool {
        matches!(self.by, Naming::Siblings { .. } | Naming::Members { .. })
    }
}

/// Follows what names a position, the most believed first.
pub(super) fn follow(
    subject: &Subject<'_>,
    finding: &Finding,
    strategy: Strategy,
) -> Result<Making> {
    if let Err(reason) = subject.may_replace(Modality::Spatial) {
        return Ok(Making::cannot(reason));
    }
    let newer = subject.written(Modality::Spatial) > subject.written(Modality::Document);
    if strategy == Strategy::LastWriter && newer && subject.from.is_none() {
        return Ok(Making::cannot("the place was written last"));
    }
    let mut named: Vec<Named<'_>> = finding
        .evidence
        .iter()
        .filter_map(|evidence| match evidence {
            Evidence::FarFrom { named, center, radius_km, .. } => {
                Some(Named { by: named, center: *center, radius_km: *radius_km })
            }
            _ => None,
        })
        .filter(|named| subject.from.is_none_or(|from| from == named.modality()))
        .collect();
    let order = subject.policy.authority();
    let rank = |named: &Named<'_>| order.iter().position(|m| *m == named.modality());
    named.sort_by_key(|n| (!n.is_exact(), rank(n)));
    let exact: Vec<&Named<'_>> = named.iter().filter(|n| n.is_exact()).collect();
    if let [first, rest @ ..] = exact.as_slice() {
        let apart = rest.iter().any(|n| spatial::distance_km(n.center, first.center) > SAME_KM);
        if apart && subject.from.is_none() && !subject.decided {
            let reason = "document and semantic name different positions";
            return Ok(Making::Undecided(reason.to_owned(), choices(&exact)));
        }
        return Ok(put(subject, first));
    }
    if let Some(earlier) = earlier(subject, &named)? {
        let how = "the place is put back where it was while the hexad agreed with it";
        return Ok(Making::made(vec![Change::Spatial(earlier)], how));
    }
    Ok(match named.first() {
        // Where others are says roughly where this one is, and not where to put it.
        Some(first) if first.is_rough() && !subject.decided => {
            let reason = "only the places of others say where it is";
            Making::Undecided(reason.to_owned(), choices(&[first]))
        }
        Some(first) => put(subject, first),
        None => Making::cannot("nothing says where it is"),
    })
}

fn put(subject: &Subject<'_>, named: &Named<'_>) -> Making {
    let Position { latitude, longitude } = named.center;
    let altitude = subject.place.and_then(|place| match place.geometry {
        Geometry::Point(_) => place.altitude.filter(|altitude| altitude.is_finite()),
        _ => None,
    });
    let place = Place { geometry: Geometry::Point(named.center), altitude };
    let modality = named.modality();
    let how = format!("the place is put where {modality} says it is: {latitude}, {longitude}");
    let stamp = extracted(Modality::Spatial, "named-position", &[modality]);
    Making::made(vec![Change::Spatial(place), stamp], how)
}

/// The newest earlier place that is on the Earth and within everything named.
fn earlier(subject: &Subject<'_>, named: &[Named<'_>]) -> Result<Option<Place>> {
    for body in subject.around.earlier(Modality::Spatial)? {
        let Ok(place) = spatial::codec::decode(&body) else { continue };
        let sound = spatial::valid::admit(place.clone()).is_ok();
        let fits = named.iter().all(|n| place.distance_km(n.center) <= n.radius_km.max(SAME_KM));
        if sound && fits {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

fn choices(named: &[&Named<'_>]) -> Vec<Candidate> {
    named
        .iter()
        .map(|named| {
            let Position { latitude, longitude } = named.center;
            let place = Place { geometry: Geometry::Point(named.center), altitude: None };
            Candidate {
                name: named.modality().name().to_owned(),
                about: format!("{latitude}, {longitude}"),
                modality: Modality::Spatial,
                body: spatial::codec::encode(&place),
            }
        })
        .collect()
}

/// A place where there is none: of coordinates in fields, else of the only neighbor that has one.
pub(super) fn fill(subject: &Subject<'_>) -> Making {
    let fields =
        subject.document.map(|d| &d.fields).filter(|_| wanted(subject, Modality::Document));
    let properties =
        subject.semantic.map(|s| &s.properties).filter(|_| wanted(subject, Modality::Semantic));
    for (modality, fields) in [(Modality::Document, fields), (Modality::Semantic, properties)] {
        let Some(fields) = fields else { continue };
        let number = |names: [&str; 3]| {
            let same =
                |(key, _): &(&String, &Value)| names.iter().any(|n| key.eq_ignore_ascii_case(n));
            fields.iter().find(same).and_then(|(_, value)| value.as_f64())
        };
        let latitude = number(["latitude", "lat", "lat"]);
        let longitude = number(["longitude", "lon", "lng"]);
        let Some((latitude, longitude)) = latitude.zip(longitude) else { continue };
        let center = Position { latitude, longitude };
        if spatial::valid::check_position(center).is_ok() {
            let by = Naming::Fields(modality);
            return put(subject, &Named { by: &by, center, radius_km: SAME_KM });
        }
    }
    Making::cannot("no field holds coordinates")
}

fn wanted(subject: &Subject<'_>, modality: Modality) -> bool {
    subject.from.is_none_or(|from| from == modality)
}
