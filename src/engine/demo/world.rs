//! The entities of the demo: four rivers, their stations and instruments, people, data, articles.

use std::collections::BTreeMap;

use crate::engine::base::{HexadId, Timestamp, Value};
use crate::engine::drift::embed::{MODEL, embed};
use crate::engine::drift::text;
use crate::engine::hexad::{Change, HexadInput, ProvenanceInput};
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::{Edge, Edges};
use crate::engine::modality::semantic::{Semantics, Verification};
use crate::engine::modality::spatial::{Geometry, Place, Position};
use crate::engine::modality::temporal::ValidTime;
use crate::engine::modality::tensor::{Elements, Tensor};
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding, Embeddings};

use super::{Later, Named};

/// Name, what people say of it, its source and its mouth in degrees.
const RIVERS: [(&str, &str, [f64; 4]); 4] = [
    ("Aldwater", "a quick upland river with three old bridges", [54.42, -2.51, 54.20, -2.35]),
    ("Brennick", "a slow river through water meadows", [54.10, -2.90, 53.98, -3.05]),
    ("Corrow", "a peat-brown river that floods every few winters", [54.70, -2.20, 54.55, -1.95]),
    ("Dunmere", "a short river from a lake to the sea", [54.30, -3.20, 54.22, -3.35]),
];

/// Names of the stations, three to a river, from source to mouth.
const STATIONS: [&str; 12] = [
    "Hagg Weir",
    "Hollin Bridge",
    "Low Staithe",
    "Meadow Sluice",
    "Osier Ford",
    "Tidegate",
    "Blackmoss",
    "Corrow Mill",
    "Long Reach",
    "Lake Outfall",
    "Birch Rapids",
    "Harbor Mouth",
];

/// Given name, family name, what they do, and for which institute.
const PEOPLE: [(&str, &str, &str, usize); 10] = [
    ("Ines", "Varga", "hydrologist", 0),
    ("Tomas", "Lindqvist", "hydrologist", 0),
    ("Amara", "Okoye", "fish biologist", 1),
    ("Jun", "Takeda", "instrument maker", 2),
    ("Leila", "Haddad", "chemist", 1),
    ("Piotr", "Zielinski", "geomorphologist", 0),
    ("Grace", "Mbeki", "statistician", 2),
    ("Oskar", "Brandt", "historian of science", 2),
    ("Noor", "Rahimi", "fish biologist", 1),
    ("Elena", "Moretti", "modeler", 0),
];

const INSTITUTES: [(&str, f64, f64); 3] = [
    ("River Observatory at Hollin", 54.315, -2.425),
    ("Institute of Fresh Water", 54.02, -2.97),
    ("Museum of Measuring", 54.56, -1.98),
];

/// Kinds of instruments, each made twice.
const INSTRUMENTS: [&str; 4] =
    ["pressure gauge", "turbidity probe", "acoustic profiler", "thermistor"];

/// Id, title, river, year, authors, earlier articles cited, and what it says.
type Article = (&'static str, &'static str, usize, i64, [usize; 2], &'static [usize], &'static str);

const ARTICLES: [Article; 18] = [
    (
        "three-centuries-of-floods",
        "Three centuries of floods on the Corrow",
        2,
        2009,
        [7, 6],
        &[],
        "Flood marks on mill walls and in parish books give a record of floods since 1712. The largest flood was not the best remembered one.",
    ),
    (
        "rating-curves-that-move",
        "Rating curves that move",
        0,
        2011,
        [0, 1],
        &[],
        "The relation between water level and discharge drifts when the bed moves. We show how to notice it before the numbers mislead.",
    ),
    (
        "salmon-and-warm-water",
        "Salmon and warm water",
        1,
        2012,
        [2, 8],
        &[],
        "Salmon stop climbing when the water is warmer than twenty degrees. Shaded reaches let them wait, and the run comes later every year.",
    ),
    (
        "peat-and-color",
        "Peat, rain and the color of the Corrow",
        2,
        2013,
        [4, 5],
        &[0],
        "After dry summers the first rain washes brown water from the peat. Color and dissolved carbon rise together within hours.",
    ),
    (
        "a-gauge-in-the-ice",
        "A gauge in the ice",
        3,
        2014,
        [3, 0],
        &[1],
        "Pressure gauges under ice read too high. A heated well and a second gauge upstream correct the winter record of the Dunmere.",
    ),
    (
        "nitrate-after-harvest",
        "Nitrate after the harvest",
        1,
        2014,
        [4, 6],
        &[],
        "Nitrate peaks in the Brennick follow the plough, not the rain. Water meadows take away a third of it before the tidegate.",
    ),
    (
        "sediment-in-small-floods",
        "Sediment in small floods",
        0,
        2015,
        [5, 0],
        &[1, 0],
        "Most sediment travels in floods that nobody remembers. Turbidity probes at Hollin Bridge counted forty of them in one winter.",
    ),
    (
        "the-first-acoustic-year",
        "The first year of acoustic profiling",
        0,
        2016,
        [3, 1],
        &[1, 4],
        "An acoustic profiler saw what rating curves guess: where in the river the water moves. We compare a year of both.",
    ),
    (
        "drought-of-2018",
        "The drought of 2018 in four rivers",
        3,
        2018,
        [0, 9],
        &[1, 2, 5],
        "Four rivers, one dry summer. The lake kept the Dunmere alive, the Brennick stopped flowing for eleven days.",
    ),
    (
        "eels-at-the-tidegate",
        "Eels at the tidegate",
        1,
        2018,
        [8, 2],
        &[2],
        "Young eels wait at the tidegate for a moonless high tide. Leaving one flap open for an hour tripled their number upstream.",
    ),
    (
        "flood-warning-by-neighbors",
        "Flood warning by neighbors",
        2,
        2019,
        [6, 9],
        &[0, 6],
        "A flood at Blackmoss reaches Long Reach in five hours. A simple model of neighbors warns as early as a large one, and fails more honestly.",
    ),
    (
        "turbidity-and-trust",
        "Turbidity and trust",
        0,
        2019,
        [5, 4],
        &[6, 3],
        "Two turbidity probes side by side disagree by a tenth. We give a procedure to decide which one to believe, and when to believe neither.",
    ),
    (
        "spawning-gravel",
        "Where spawning gravel goes",
        0,
        2020,
        [2, 5],
        &[2, 6],
        "Salmon need gravel that small floods rearrange and large floods take away. Marked stones show how far it travels.",
    ),
    (
        "instruments-of-the-museum",
        "Water level before electricity",
        2,
        2020,
        [7, 3],
        &[0, 4],
        "Floats, drums and patience: how water levels were recorded for a century, and why the old charts are better than their reputation.",
    ),
    (
        "thermal-refuges",
        "Thermal refuges seen from above",
        1,
        2021,
        [8, 9],
        &[2, 8, 12],
        "Cold springs in a warm river are islands for fish. Thermistors and a drone found nineteen of them in the Brennick.",
    ),
    (
        "uncertainty-you-can-read",
        "Uncertainty you can read",
        3,
        2022,
        [6, 1],
        &[1, 10, 11],
        "A discharge without its uncertainty is a rumor. We propose a notation that fits on a gauge board and survives copying.",
    ),
    (
        "a-flood-seen-eight-ways",
        "One flood seen eight ways",
        2,
        2023,
        [9, 0],
        &[0, 10, 7, 15],
        "The February flood in text, numbers, places, versions and the words of those who measured it. Where the views disagree, something is to be learned.",
    ),
    (
        "lake-level-and-law",
        "Lake level and law",
        3,
        2024,
        [7, 4],
        &[8, 13],
        "The outfall of the lake is set by a rule of 1883. We read the rule, the level and the drought together.",
    ),
];

fn slug(name: &str) -> String {
    name.to_lowercase().replace(' ', "-")
}

fn river_id(index: usize) -> String {
    format!("river:{}", slug(RIVERS[index].0))
}

fn station_id(index: usize) -> String {
    format!("station:{}", slug(STATIONS[index]))
}

fn person_id(index: usize) -> String {
    let (given, family, ..) = PEOPLE[index];
    format!("person:{}-{}", slug(given), slug(family))
}

fn institute_id(index: usize) -> String {
    format!("institute:{}", slug(INSTITUTES[index].0))
}

fn instrument_id(index: usize) -> String {
    let kind = slug(INSTRUMENTS[index % INSTRUMENTS.len()]);
    format!("instrument:{kind}-{}", index / INSTRUMENTS.len() + 1)
}

fn article_id(index: usize) -> String {
    format!("article:{}", ARTICLES[index].0)
}

/// Every hexad of the world.
pub fn hexads() -> Vec<Named> {
    let mut world = Vec::with_capacity(72);
    world.extend((0..RIVERS.len()).map(river));
    world.extend((0..INSTITUTES.len()).map(institute));
    world.extend((0..PEOPLE.len()).map(person));
    world.extend((0..STATIONS.len()).map(station));
    world.extend((0..INSTRUMENTS.len() * 2).map(instrument));
    world.extend((0..STATIONS.len()).map(dataset));
    world.extend((0..ARTICLES.len()).map(article));
    world
}

/// What happens to the world once it exists.
pub(super) fn afterwards() -> Vec<Later> {
    let text = "The mill walls were surveyed again with a laser. Four marks belong to other \
                winters than the parish books say, and the list of large events is shorter now.";
    let checked = Verification {
        verifier: "museum-of-measuring".to_owned(),
        proof: Some("integrity".to_owned()),
        at: Timestamp::parse("2025-03-01T09:00:00Z"),
    };
    let moved = Place {
        geometry: Geometry::Point(Position { latitude: 54.3105, longitude: -2.4312 }),
        altitude: Some(97.0),
    };
    vec![
        // The vector is left as it was: from now on it describes a text that is gone.
        (
            "Oskar Brandt",
            "marks surveyed again",
            "article:three-centuries-of-floods",
            vec![
                Change::SetField("body".to_owned(), Value::from(text)),
                Change::SetProperty("planted".to_owned(), Value::from("vector of the old text")),
            ],
        ),
        (
            "Jun Takeda",
            "moved after the flood",
            "station:hollin-bridge",
            vec![Change::Spatial(moved), Change::SetField("moved".to_owned(), Value::Bool(true))],
        ),
        (
            "Grace Mbeki",
            "checked against the charts",
            "dataset:corrow-mill",
            vec![Change::Verify(checked), Change::Event(event("verified", 6, "river-observatory"))],
        ),
        (
            "Elena Moretti",
            "second edition",
            "article:a-flood-seen-eight-ways",
            vec![Change::SetField("edition".to_owned(), Value::Int(2))],
        ),
        (
            "Elena Moretti",
            "third edition",
            "article:a-flood-seen-eight-ways",
            vec![
                Change::SetField("edition".to_owned(), Value::Int(3)),
                Change::AddType("river:Overview".to_owned()),
            ],
        ),
    ]
}

fn document(title: &str, body: &str, fields: &[(&str, Value)]) -> Document {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    Document { title: Some(title.to_owned()), body: Some(body.to_owned()), fields }
}

fn vector(text: &str) -> Embeddings {
    let data = embed(text).into();
    let embedding = Embedding { data, model: Some(MODEL.to_owned()) };
    Embeddings { named: BTreeMap::from([(DEFAULT_NAME.to_owned(), embedding)]) }
}

/// The vector of a document as the built-in embedder makes it.
fn described(document: &Document) -> Embeddings {
    vector(&text::of_document(document))
}

fn edges(list: &[(&str, String)]) -> Edges {
    let edge = |(predicate, target): &(&str, String)| Edge {
        predicate: (*predicate).to_owned(),
        target: HexadId::new(target.as_str()).expect("the ids of the demo are well formed"),
        properties: BTreeMap::new(),
    };
    Edges { edges: list.iter().map(edge).collect() }
}

fn semantic(types: &[&str], properties: &[(&str, Value)]) -> Semantics {
    let properties = properties.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    let types = types.iter().map(|name| (*name).to_owned()).collect();
    Semantics { types, properties, verifications: Vec::new() }
}

fn event(word: &str, person: usize, source: &str) -> ProvenanceInput {
    let (given, family, ..) = PEOPLE[person];
    ProvenanceInput {
        event: word.to_owned(),
        actor: Some(format!("{given} {family}")),
        source: Some(source.to_owned()),
        ..ProvenanceInput::default()
    }
}

fn point(latitude: f64, longitude: f64, altitude: Option<f64>) -> Place {
    Place { geometry: Geometry::Point(Position { latitude, longitude }), altitude }
}

/// Where a station stands: a quarter, a half, three quarters down its river. Rounded to what a map
/// shows, so that the digits are the same on every machine.
fn along(index: usize) -> (f64, f64) {
    let [top_lat, top_lon, end_lat, end_lon] = RIVERS[index / 3].2;
    let part = (index % 3 + 1) as f64 / 4.0;
    let round = |x: f64| (x * 10_000.0).round() / 10_000.0;
    (round(top_lat + (end_lat - top_lat) * part), round(top_lon + (end_lon - top_lon) * part))
}

fn river(index: usize) -> Named {
    let (name, words, [top_lat, top_lon, end_lat, end_lon]) = RIVERS[index];
    let line = vec![
        Position { latitude: top_lat, longitude: top_lon },
        Position { latitude: end_lat, longitude: end_lon },
    ];
    let document = document(
        &format!("River {name}"),
        &format!("The {name} is {words}. It is watched at three stations."),
        &[("river", Value::from(name))],
    );
    let input = HexadInput {
        vector: Some(described(&document)),
        document: Some(document),
        semantic: Some(semantic(&["river:River"], &[("stations", Value::Int(3))])),
        spatial: Some(Place { geometry: Geometry::LineString(line), altitude: None }),
        ..HexadInput::default()
    };
    (river_id(index), input)
}

fn institute(index: usize) -> Named {
    let (name, latitude, longitude) = INSTITUTES[index];
    let input = HexadInput {
        document: Some(document(name, &format!("The {name} keeps records of rivers."), &[])),
        semantic: Some(semantic(&["org:Institute"], &[])),
        spatial: Some(point(latitude, longitude, None)),
        ..HexadInput::default()
    };
    (institute_id(index), input)
}

fn person(index: usize) -> Named {
    let (given, family, work, institute) = PEOPLE[index];
    let name = format!("{given} {family}");
    let mut list = vec![("WORKS_AT", institute_id(institute))];
    if index > 0 {
        list.push(("KNOWS", person_id(index - 1)));
    }
    let input = HexadInput {
        document: Some(document(
            &name,
            &format!("{name} is a {work} at the {}.", INSTITUTES[institute].0),
            &[("work", Value::from(work))],
        )),
        graph: Some(edges(&list)),
        semantic: Some(semantic(&["foaf:Person"], &[("work", Value::from(work))])),
        provenance: vec![event("registered", index, "staff list")],
        ..HexadInput::default()
    };
    (person_id(index), input)
}

fn station(index: usize) -> Named {
    let (name, river) = (STATIONS[index], RIVERS[index / 3].0);
    let (latitude, mut longitude) = along(index);
    let mut planted = Vec::new();
    if index == 7 {
        // Somebody lost a minus sign: the mill stands in the sea now.
        longitude = -longitude;
        planted.push(("planted", Value::from("longitude without its sign")));
    }
    let altitude = 180.0 - 60.0 * (index % 3) as f64;
    let document = document(
        &format!("{river} at {name}"),
        &format!("A gauging station on the {river}. Water level is read every hour."),
        &[("river", Value::from(river)), ("opened", Value::Int(1961 + 4 * index as i64))],
    );
    let input = HexadInput {
        vector: Some(described(&document)),
        document: Some(document),
        graph: Some(edges(&[("ON", river_id(index / 3)), ("KEPT_BY", institute_id(index % 3))])),
        semantic: Some(semantic(&["river:Station"], &planted)),
        spatial: Some(point(latitude, longitude, Some(altitude))),
        ..HexadInput::default()
    };
    (station_id(index), input)
}

fn instrument(index: usize) -> Named {
    let kind = INSTRUMENTS[index % INSTRUMENTS.len()];
    let serial = 1000 + 37 * index as i64;
    let input = HexadInput {
        document: Some(document(
            &format!("{kind} no. {serial}"),
            &format!("A {kind} built in the workshop of the museum and checked twice a year."),
            &[("serial", Value::Int(serial)), ("accuracy", Value::Float(0.5 / (index + 1) as f64))],
        )),
        graph: Some(edges(&[
            ("INSTALLED_AT", station_id(index)),
            ("MADE_BY", person_id(3)),
            ("CHECKED_BY", person_id((index + 4) % PEOPLE.len())),
        ])),
        semantic: Some(semantic(&["river:Instrument"], &[("kind", Value::from(kind))])),
        provenance: vec![event("built", 3, "workshop"), event("calibrated", 6, "test tank")],
        ..HexadInput::default()
    };
    (instrument_id(index), input)
}

/// A week of hourly water levels: a tide of two waves and a flood, by sums and products alone, so
/// that every machine makes the same numbers.
fn levels(index: usize) -> Vec<f32> {
    let wave = |hour: usize, period: usize| {
        let phase = (hour + 5 * index) % period;
        let half = period / 2;
        phase.min(period - phase) as f64 / half as f64
    };
    (0..7 * 24)
        .map(|hour| {
            let flood_hour = 60 + 3 * index;
            let flood =
                if hour >= flood_hour { 1.5 / (1 + (hour - flood_hour) / 6) as f64 } else { 0.0 };
            let level = 0.6 + 0.2 * wave(hour, 24) + 0.1 * wave(hour, 50) + flood;
            ((level * 1000.0).round() / 1000.0) as f32
        })
        .collect()
}

fn dataset(index: usize) -> Named {
    let (name, river) = (STATIONS[index], RIVERS[index / 3].0);
    let person = (index * 3) % PEOPLE.len();
    let (latitude, longitude) = along(index);
    // One dataset says it is a station.
    let types: &[&str] = if index == 4 { &["river:Station"] } else { &["river:Dataset"] };
    let mut properties =
        vec![("unit", Value::from("m")), ("rows", Value::Int(7)), ("columns", Value::Int(24))];
    match index {
        4 => properties.push(("planted", Value::from("type of another kind of thing"))),
        9 => {
            properties[1].1 = Value::Int(31);
            properties.push(("planted", Value::from("says 31 rows, has 7")));
        }
        _ => {}
    }
    let document = document(
        &format!("Water levels at {name}"),
        &format!(
            "Hourly water levels of the {river} at {name}, one week, one row per day. It holds the rise and fall of one flood."
        ),
        &[("river", Value::from(river)), ("year", Value::Int(2020 + (index % 4) as i64))],
    );
    let input = HexadInput {
        vector: Some(described(&document)),
        document: Some(document),
        graph: Some(edges(&[
            ("MEASURED_AT", station_id(index)),
            ("MEASURED_WITH", instrument_id(index % (INSTRUMENTS.len() * 2))),
            ("RECORDED_BY", person_id(person)),
        ])),
        semantic: Some(semantic(types, &properties)),
        tensor: Some(Tensor { shape: vec![7, 24], data: Elements::F32(levels(index)) }),
        temporal: Some(ValidTime {
            from: Timestamp::parse(&format!("202{}-02-01T00:00:00Z", index % 4)),
            to: None,
        }),
        provenance: vec![event("measured", person, "field book"), event("digitized", 6, "office")],
        spatial: Some(point(latitude, longitude, None)),
        ..HexadInput::default()
    };
    (format!("dataset:{}", slug(name)), input)
}

fn article(index: usize) -> Named {
    let (_, title, river, year, authors, cited, body) = ARTICLES[index];
    let mut list = vec![("ABOUT", river_id(river))];
    list.extend(authors.map(|author| ("AUTHORED_BY", person_id(author))));
    list.extend(cited.iter().map(|earlier| ("CITES", article_id(*earlier))));
    list.push(("USES", format!("dataset:{}", slug(STATIONS[river * 3 + index % 3]))));
    let mut properties = vec![("peer_reviewed", Value::Bool(!index.is_multiple_of(5)))];
    let document = document(
        title,
        body,
        &[
            ("river", Value::from(RIVERS[river].0)),
            ("year", Value::Int(year)),
            ("pages", Value::Int(6 + (index as i64 * 7) % 19)),
            ("open_access", Value::Bool(index % 3 != 1)),
        ],
    );
    let mut embeddings = described(&document);
    match index {
        13 => {
            list.push(("CITES", "article:lost-in-the-archive".to_owned()));
            properties.push(("planted", Value::from("cites what does not exist")));
        }
        15 => {
            embeddings = vector(ARTICLES[9].6);
            properties.push(("planted", Value::from("vector of another article")));
        }
        _ => {}
    }
    let input = HexadInput {
        document: Some(document),
        vector: Some(embeddings),
        graph: Some(edges(&list)),
        semantic: Some(semantic(&["river:Article"], &properties)),
        provenance: vec![event("written", authors[0], "manuscript")],
        ..HexadInput::default()
    };
    (article_id(index), input)
}
