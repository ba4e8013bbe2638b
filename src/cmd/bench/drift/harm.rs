//! The eight ways in which hexads are harmed, and how each is done.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::cmd::bench::data::Draw;
use crate::engine::Harm;
use crate::engine::base::{Modality, Value};
use crate::engine::drift::{self, DriftKind};
use crate::engine::hexad::Hexad;
use crate::engine::modality::spatial::Geometry;
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding};

use super::Fallible;
use super::rules;
use super::world::{Drifted, World};

/// A kind of harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    StaleText,
    SwappedVectors,
    DanglingEdges,
    WrongTypes,
    MovedCoordinates,
    BrokenChain,
    BadTensor,
    BackwardTime,
}

/// One hexad that was harmed.
#[derive(Clone, Debug)]
pub(super) struct Harmed {
    pub(super) id: String,
    /// Enough is known to put it right: otherwise it has to be queued, with the reason.
    pub(super) repairable: bool,
    /// What is wrong can be known only by hashes, because nobody here can make the vector.
    pub(super) foreign: bool,
}

impl Kind {
    pub(super) const ALL: [Self; 8] = [
        Self::StaleText,
        Self::SwappedVectors,
        Self::DanglingEdges,
        Self::WrongTypes,
        Self::MovedCoordinates,
        Self::BrokenChain,
        Self::BadTensor,
        Self::BackwardTime,
    ];

    /// The name in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::StaleText => "stale text",
            Self::SwappedVectors => "swapped vectors",
            Self::DanglingEdges => "dangling edges",
            Self::WrongTypes => "wrong types",
            Self::MovedCoordinates => "moved coordinates",
            Self::BrokenChain => "broken chain",
            Self::BadTensor => "bad tensor",
            Self::BackwardTime => "backwards time",
        }
    }

    /// The kinds of drift it shows as.
    pub(super) fn shows_as(self) -> &'static [DriftKind] {
        match self {
            Self::StaleText => &[DriftKind::SemanticVector],
            Self::SwappedVectors => &[DriftKind::SemanticVector, DriftKind::Provenance],
            Self::DanglingEdges => &[DriftKind::GraphDocument],
            Self::WrongTypes => &[DriftKind::Schema],
            Self::MovedCoordinates => &[DriftKind::Spatial],
            Self::BrokenChain => &[DriftKind::Provenance],
            Self::BadTensor => &[DriftKind::Tensor],
            Self::BackwardTime => &[DriftKind::Temporal],
        }
    }

    /// Whether a hexad has what this harms.
    fn fits(self, hexad: &Hexad) -> bool {
        let has = |modality| hexad.present.contains(modality);
        match self {
            Self::StaleText | Self::SwappedVectors => {
                own(hexad).is_some() && !text(hexad).is_empty()
            }
            Self::DanglingEdges => has(Modality::Graph),
            Self::WrongTypes => has(Modality::Semantic),
            Self::MovedCoordinates => position(hexad).is_some(),
            Self::BrokenChain => true,
            Self::BadTensor => hexad.tensor.as_ref().is_some_and(|t| t.shape.len() > 1),
            Self::BackwardTime => has(Modality::Document),
        }
    }
}

/// The default embedding.
fn own(hexad: &Hexad) -> Option<&Embedding> {
    hexad.vector.as_ref()?.named.get(DEFAULT_NAME)
}

fn built_in(hexad: &Hexad) -> bool {
    own(hexad).is_some_and(|e| e.model.as_deref() == Some(drift::embed::MODEL))
}

fn text(hexad: &Hexad) -> String {
    hexad.document.as_ref().map(drift::text::of_document).unwrap_or_default()
}

fn position(hexad: &Hexad) -> Option<(f64, f64)> {
    match hexad.spatial.as_ref()?.geometry {
        Geometry::Point(at) => Some((at.latitude, at.longitude)),
        _ => None,
    }
}

/// Harms `count` of the hexads, those that showed no drift of the kind before; the same for the same
/// seed. Answers which.
pub(super) fn apply(
    kind: Kind,
    world: &mut World,
    hexads: &BTreeMap<String, Hexad>,
    before: &Drifted,
    count: usize,
    seed: u64,
) -> Fallible<Vec<Harmed>> {
    let innocent = |id: &String| {
        let known = before.get(id);
        known.is_none_or(|known| !kind.shows_as().iter().any(|k| known.contains(k.name())))
    };
    let knowable = siblings(hexads);
    let fits = |hexad: &&Hexad| {
        let placed = kind != Kind::MovedCoordinates || knowable.contains(hexad.id.as_str());
        kind.fits(hexad) && placed && innocent(&hexad.id.as_str().to_owned())
    };
    let mut able: Vec<&Hexad> = hexads.values().filter(fits).collect();
    let mut draw = Draw(seed ^ (kind as u64 + 1).wrapping_mul(0x9e37_79b9));
    for at in 0..able.len().min(2 * count) {
        let other = at + draw.below(able.len() - at);
        able.swap(at, other);
    }
    let types = rules::by_type(hexads);
    let cover = rules::cover(&types, hexads);
    if kind == Kind::WrongTypes && cover.is_empty() {
        return Ok(vec![]);
    }
    let mut harmed = Vec::new();
    match kind {
        Kind::SwappedVectors => swap(world, &able, count, &mut harmed)?,
        Kind::BrokenChain => {
            able.truncate(count);
            let events = able.iter().map(|h| (h.id.as_str().to_owned(), Harm::Event));
            world.engine.sabotage(&events.collect::<Vec<_>>())?;
            harmed.extend(able.iter().map(|hexad| of(hexad, true)));
        }
        Kind::BackwardTime => {
            able.truncate(count);
            for hexad in &able {
                let id = Value::from(hexad.id.as_str());
                world.ask("UPDATE HEXAD $id SET DOCUMENT.seen = 1", [("id", id)])?;
            }
            let times = able.iter().map(|h| (h.id.as_str().to_owned(), Harm::Time));
            world.engine.sabotage(&times.collect::<Vec<_>>())?;
            harmed.extend(able.iter().map(|hexad| of(hexad, true)));
        }
        _ => {
            for (number, hexad) in able.into_iter().take(count).enumerate() {
                harmed.push(one(kind, world, hexad, number, &cover, &mut draw)?);
            }
        }
    }
    Ok(harmed)
}

fn of(hexad: &Hexad, repairable: bool) -> Harmed {
    let foreign = false;
    Harmed { id: hexad.id.as_str().to_owned(), repairable, foreign }
}

/// Harms one hexad with a statement.
fn one(
    kind: Kind,
    world: &mut World,
    hexad: &Hexad,
    number: usize,
    cover: &[&str],
    draw: &mut Draw,
) -> Fallible<Harmed> {
    let id = Value::from(hexad.id.as_str());
    Ok(match kind {
        Kind::StaleText => {
            let text: Vec<String> = (0..60).map(|_| draw.word()).collect();
            let params = [("id", id), ("b", Value::Text(text.join(" ")))];
            world.ask("UPDATE HEXAD $id SET DOCUMENT.body = $b", params)?;
            // A vector of a model nobody has here cannot be made anew.
            Harmed { foreign: !built_in(hexad), ..of(hexad, built_in(hexad)) }
        }
        Kind::DanglingEdges => {
            let params = [("id", id), ("t", Value::Text(format!("nowhere:{number}")))];
            world.ask("UPDATE HEXAD $id SET GRAPH.SEE_ALSO = $t", params)?;
            of(hexad, true)
        }
        Kind::WrongTypes => {
            // Half of them lose their types, the others get one that is none of the known.
            let wrong =
                if number.is_multiple_of(2) { vec![] } else { vec!["bench:Misfiled".into()] };
            let kept = hexad.semantic.iter().flat_map(|semantic| &semantic.types);
            let kept = kept.filter(|name| !cover.contains(&name.as_str()));
            let types = kept.map(|name| Value::from(name.as_str())).chain(wrong).collect();
            let params = [("id", id), ("t", Value::List(types))];
            world.ask("UPDATE HEXAD $id SET SEMANTIC.types = $t", params)?;
            // Its history says what it was.
            of(hexad, true)
        }
        Kind::MovedCoordinates => {
            let (latitude, longitude) = position(hexad).unwrap_or_default();
            let east = if longitude > 0.0 { longitude - 180.0 } else { longitude + 180.0 };
            let params =
                [("id", id), ("lat", Value::Float(-latitude)), ("lon", Value::Float(east))];
            let text = "UPDATE HEXAD $id SET SPATIAL.latitude = $lat, SPATIAL.longitude = $lon";
            world.ask(text, params)?;
            // Its document says where it is, or else its history where it was.
            of(hexad, true)
        }
        Kind::BadTensor => {
            let elements = hexad.tensor.as_ref().map_or(0, |t| t.shape.iter().product::<usize>());
            let shape = Value::List(vec![Value::Int(elements as i64)]);
            world.ask("UPDATE HEXAD $id SET TENSOR.shape = $s", [("id", id), ("s", shape)])?;
            of(hexad, true)
        }
        Kind::SwappedVectors | Kind::BrokenChain | Kind::BackwardTime => of(hexad, false),
    })
}

/// Gives pairs of hexads the vector of each other: with a statement where it will be noticed from the
/// vector itself, behind the statements where only hashes can tell.
fn swap(
    world: &mut World,
    able: &[&Hexad],
    count: usize,
    harmed: &mut Vec<Harmed>,
) -> Fallible<()> {
    let mut free: Vec<&Hexad> = able.to_vec();
    let mut harms = Vec::new();
    while harmed.len() < count {
        let Some(a) = free.pop() else { break };
        let partner = free.iter().rposition(|b| apart(a, b));
        let Some(b) = partner.map(|at| free.swap_remove(at)) else { continue };
        for (hexad, other) in [(a, b), (b, a)] {
            let Some(numbers) = own(other).map(|e| Arc::clone(&e.data)) else { continue };
            let id = hexad.id.as_str().to_owned();
            if built_in(hexad) {
                let params = [("id", Value::from(id.as_str())), ("v", Value::Vector(numbers))];
                world.ask("UPDATE HEXAD $id SET VECTOR = $v", params)?;
            } else {
                harms.push((id, Harm::Vector(numbers)));
            }
            harmed.push(Harmed { foreign: !built_in(hexad), ..of(hexad, built_in(hexad)) });
        }
    }
    if !harms.is_empty() {
        world.engine.sabotage(&harms)?;
    }
    Ok(())
}

/// Whether two hexads have vectors of one kind that say clearly different things.
fn apart(a: &Hexad, b: &Hexad) -> bool {
    let (Some(one), Some(other)) = (own(a), own(b)) else { return false };
    let same_kind = one.model == other.model && one.data.len() == other.data.len();
    let differ = one.data != other.data;
    let far = drift::text_distance(&text(a), &text(b)).is_some_and(|distance| distance > 0.45);
    same_kind && differ && (far || !built_in(a))
}

/// The hexads of which something else says where they are: their document, or enough others that are
/// in the same place.
fn siblings(hexads: &BTreeMap<String, Hexad>) -> BTreeSet<&str> {
    // As many as `docs/drift.md` says it takes.
    const ENOUGH: usize = 9;
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut knowable = BTreeSet::new();
    for hexad in hexads.values().filter(|hexad| position(hexad).is_some()) {
        let fields = hexad.document.as_ref().map(|document| &document.fields);
        if fields.is_some_and(|fields| fields.contains_key("latitude")) {
            knowable.insert(hexad.id.as_str());
        }
        for edge in hexad.graph.iter().flat_map(|graph| &graph.edges) {
            if edge.predicate == "LOCATED_IN" {
                places.entry(edge.target.as_str()).or_default().push(hexad.id.as_str());
            }
        }
    }
    knowable.extend(places.into_values().filter(|all| all.len() >= ENOUGH).flatten());
    knowable
}
