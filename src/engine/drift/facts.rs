//! What other hexads want to know of a hexad, and what it wants to know of them.
//!
//! The scores of a hexad depend on more than itself: whether the targets of its edges exist, which
//! entities its text mentions, where the others are that are linked to the same place. [`Facts`] are
//! the few words of each hexad that this takes; [`Reach`] says whose scores a change of them may touch.

use std::collections::HashSet;

use crate::engine::base::{ContentHash, Modality};
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::{Edge, Edges};
use crate::engine::modality::spatial::{Geometry, Place, Position, distance_km};

use super::embed::words;
use super::{mentions, pair, text};

/// Predicates that say where something is.
const SITUATED: [&str; 11] = [
    "LOCATED_IN",
    "LOCATED_AT",
    "LIES_IN",
    "SITUATED_IN",
    "IS_IN",
    "IN",
    "AT",
    "WITHIN",
    "INSIDE",
    "PART_OF",
    "CAPITAL_OF",
];

/// The fields that say how far a place reaches from its middle.
const RADIUS: &str = "radius_km";
/// The fields that say how large it is.
const AREA: &str = "area_km2";
/// A place of this area reaches as far as a square of four times the area, for few are round.
const ELONGATED: f64 = 2.0;

/// What is known of one live hexad.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// What users call it.
    pub id: String,
    /// Its version.
    pub version: u32,
    /// The names texts may mention it by.
    pub names: Vec<String>,
    /// Its title, told from others.
    pub title: u64,
    /// The middle of its place.
    pub center: Option<Position>,
    /// How far its place reaches, in kilometers, if it has an extent and its own document does not put
    /// it elsewhere.
    pub radius_km: Option<f64>,
    /// The ids its edges lead to, hashed.
    pub targets: Vec<u64>,
    /// Where its edges say it is, hashed: predicate and target. Only of what has a place.
    pub groups: Vec<u64>,
    /// The words of its text. Only of what has edges.
    pub words: Option<Words>,
}

impl Facts {
    /// From the modalities that matter.
    pub fn of(
        id: &str,
        document: Option<&Document>,
        edges: Option<&Edges>,
        place: Option<&Place>,
        version: u32,
    ) -> Self {
        let center = place.and_then(|place| place.geometry.center());
        let edges = edges.map(|edges| edges.edges.as_slice());
        let mut facts = Self { id: id.to_owned(), version, center, ..Self::default() };
        if let Some(document) = document {
            facts.names = mentions::names_of(document);
            facts.title = document.title.as_deref().map_or(0, hash);
            facts.words = edges.map(|_| Words::of(&text::of_document(document)));
        }
        facts.radius_km = place.and_then(|place| radius(place, document)).filter(|reach| {
            let said = document.and_then(|d| pair::place_in(Modality::Document, &d.fields));
            said.zip(center).is_none_or(|(said, at)| distance_km(said.center, at) <= *reach)
        });
        let edges = edges.unwrap_or_default();
        facts.targets = sorted(edges.iter().map(|edge| hash(edge.target.as_str())));
        if center.is_some() {
            facts.groups = sorted(edges.iter().filter_map(group));
        }
        facts
    }
}

/// How far a place reaches; `None` for a point of which nothing says so.
fn radius(place: &Place, document: Option<&Document>) -> Option<f64> {
    let field = |name: &str| document?.fields.get(name)?.as_f64().filter(|x| *x > 0.0);
    if let Some(radius) = field(RADIUS) {
        return Some(radius);
    }
    if let Some(area) = field(AREA) {
        return Some(area.sqrt() * ELONGATED);
    }
    let center = place.geometry.center()?;
    let farthest = |positions: &[Position]| {
        let point = |p: &Position| Geometry::Point(*p).distance_km(center);
        positions.iter().map(point).fold(0.0, f64::max)
    };
    match &place.geometry {
        Geometry::Point(_) => None,
        Geometry::LineString(line) => Some(farthest(line)),
        Geometry::Polygon(rings) => rings.first().map(|ring| farthest(ring)),
    }
}

/// The hash of where an edge says something is; `None` when it says no such thing.
pub fn group(edge: &Edge) -> Option<u64> {
    is_situated(edge).then(|| group_of(&edge.predicate.to_ascii_uppercase(), edge.target.as_str()))
}

fn group_of(predicate: &str, target: &str) -> u64 {
    hash(&format!("{predicate}\u{1f}{target}"))
}

/// The groups of those that say they are in one hexad, by what they say.
pub fn groups_in(id: &str) -> impl Iterator<Item = (&'static str, u64)> {
    SITUATED.into_iter().map(move |predicate| (predicate, group_of(predicate, id)))
}

/// True when an edge says where something is.
pub fn is_situated(edge: &Edge) -> bool {
    SITUATED.iter().any(|known| edge.predicate.eq_ignore_ascii_case(known))
}

fn sorted(hashes: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut all: Vec<u64> = hashes.collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A text as 64 bits: enough to tell thousands of them apart, and equal ones are equal.
pub fn hash(text: &str) -> u64 {
    let ContentHash(bytes) = ContentHash::of(text.as_bytes());
    u64::from_le_bytes([
        bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7],
    ])
}

/// Which words a text may hold: never denies one that is there, sometimes admits one that is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words(pub [u64; 8]);

impl Words {
    fn of(text: &str) -> Self {
        let mut set = Self::default();
        for word in words(text) {
            for bit in bits(&word) {
                set.0[bit / 64] |= 1 << (bit % 64);
            }
        }
        set
    }

    /// True when the text may mention a name given as words joined by spaces.
    pub fn may_hold(&self, name: &str) -> bool {
        let has = |bit: usize| self.0[bit / 64] >> (bit % 64) & 1 == 1;
        name.split(' ').all(|word| bits(word).into_iter().all(has))
    }
}

/// The two places of a word among 512.
fn bits(word: &str) -> [usize; 2] {
    // FNV-1a; what is wanted is speed and a spread, not strength.
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for byte in word.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    hash ^= hash >> 29;
    [(hash % 512) as usize, ((hash >> 32) % 512) as usize]
}

/// Whose scores a set of changes may touch, beside those of the changed themselves.
#[derive(Debug, Default)]
pub struct Reach {
    targets: HashSet<u64>,
    groups: HashSet<u64>,
    /// The hexads that something moved into, out of, or within, and some others.
    around: HashSet<u64>,
    names: HashSet<String>,
}

impl Reach {
    /// Takes in that the facts of a hexad went from `before` to `after`; `None` is no hexad.
    pub fn add(&mut self, before: Option<&Facts>, after: Option<&Facts>) {
        let Some(any) = before.or(after) else { return };
        let shown = |facts: &Facts| (facts.title, facts.center.map(place_bits), facts.radius_km);
        let seen = |facts: Option<&Facts>| facts.map(shown);
        if seen(before) != seen(after) {
            self.targets.insert(hash(&any.id));
        }
        let names = |facts: Option<&Facts>| -> HashSet<String> {
            facts.map(|f| f.names.iter().cloned().collect()).unwrap_or_default()
        };
        let (old, new) = (names(before), names(after));
        self.names.extend(old.symmetric_difference(&new).cloned());
        let place = |facts: Option<&Facts>| facts.and_then(|f| f.center).map(place_bits);
        let groups = |facts: Option<&Facts>| facts.map(|f| f.groups.clone()).unwrap_or_default();
        if place(before) != place(after) || groups(before) != groups(after) {
            self.groups.extend(groups(before));
            self.groups.extend(groups(after));
            let somewhere = |facts: &&Facts| !facts.groups.is_empty();
            let places = [before, after].into_iter().flatten().filter(somewhere);
            self.around.extend(places.flat_map(|facts| facts.targets.iter().copied()));
        }
    }

    /// True when names came or went.
    pub fn renames(&self) -> bool {
        !self.names.is_empty()
    }

    /// True when something that is somewhere with others moved.
    pub fn moves(&self) -> bool {
        !self.groups.is_empty()
    }

    /// True when it reaches nobody.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty() && self.groups.is_empty() && self.names.is_empty()
    }

    /// True when the scores of a hexad with these facts may be other ones now.
    pub fn touches(&self, facts: &Facts) -> bool {
        facts.targets.iter().any(|target| self.targets.contains(target))
            || facts.groups.iter().any(|group| self.groups.contains(group))
            || self.moves() && facts.radius_km.is_some() && self.around.contains(&hash(&facts.id))
            || facts.words.is_some_and(|words| self.names.iter().any(|n| words.may_hold(n)))
    }
}

fn place_bits(position: Position) -> (u64, u64) {
    (position.latitude.to_bits(), position.longitude.to_bits())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::engine::base::HexadId;

    use super::*;

    fn document(title: &str, body: &str) -> Document {
        let body = Some(body.to_owned());
        Document { title: Some(title.to_owned()), body, fields: BTreeMap::new() }
    }

    fn edges(all: &[(&str, &str)]) -> Edges {
        let edge = |(predicate, target): &(&str, &str)| Edge {
            predicate: (*predicate).to_owned(),
            target: HexadId::new(*target).unwrap(),
            properties: BTreeMap::new(),
        };
        Edges { edges: all.iter().map(edge).collect() }
    }

    fn facts(
        id: &str,
        document: Option<&Document>,
        edges: Option<&Edges>,
        place: Option<&Place>,
    ) -> Facts {
        Facts::of(id, document, edges, place, 1)
    }

    fn at(latitude: f64, longitude: f64) -> Place {
        Place { geometry: Geometry::Point(Position { latitude, longitude }), altitude: None }
    }

    #[test]
    fn a_new_hexad_reaches_who_links_to_it_and_who_mentions_it() {
        let linking = facts("a", None, Some(&edges(&[("CITES", "new")])), None);
        let text = document("A", "A walk along the Gray River in May");
        let mentioning = facts("b", Some(&text), Some(&edges(&[("CITES", "x")])), None);
        let other = facts("c", Some(&document("C", "Gray")), Some(&edges(&[])), None);
        let mut reach = Reach::default();
        reach.add(None, Some(&facts("new", Some(&document("Gray River", "")), None, None)));
        assert!(reach.touches(&linking) && reach.touches(&mentioning));
        assert!(!reach.touches(&other));
    }

    #[test]
    fn what_only_changes_inside_reaches_nobody() {
        let before = facts("a", Some(&document("Same", "one text")), None, None);
        let after = facts("a", Some(&document("Same", "another text")), None, None);
        let mut reach = Reach::default();
        reach.add(Some(&before), Some(&after));
        assert!(reach.is_empty());
    }

    #[test]
    fn who_is_in_the_same_place_is_told_of_a_move() {
        let inside = edges(&[("located_in", "land"), ("LIKES", "land")]);
        let before = facts("a", None, Some(&inside), Some(&at(1.0, 1.0)));
        let after = facts("a", None, Some(&inside), Some(&at(2.0, 1.0)));
        let neighbor = edges(&[("LOCATED_IN", "land")]);
        let neighbor = facts("b", None, Some(&neighbor), Some(&at(1.0, 2.0)));
        let fan = facts("c", None, Some(&edges(&[("LIKES", "land")])), Some(&at(3.0, 3.0)));
        let mut reach = Reach::default();
        reach.add(Some(&before), Some(&after));
        assert!(reach.touches(&neighbor) && !reach.touches(&fan));
    }

    #[test]
    fn a_place_reaches_as_far_as_something_says() {
        assert_eq!(radius(&at(0.0, 0.0), None), None);
        let mut land = document("Land", "");
        land.fields.insert("area_km2".into(), crate::engine::base::Value::Int(10_000));
        assert_eq!(radius(&at(0.0, 0.0), Some(&land)), Some(200.0));
        let line =
            [(0.0, 0.0), (0.0, 2.0)].map(|(latitude, longitude)| Position { latitude, longitude });
        let line = Place { geometry: Geometry::LineString(line.to_vec()), altitude: None };
        assert!((radius(&line, None).unwrap() - 111.2).abs() < 1.0);
    }
}
