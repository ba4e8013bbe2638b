//! Made-up data for harm: every hexad has all modalities, and all of them agree.

use std::fmt::Write as _;

use serde_json::json;

use crate::cmd::bench::data::{Draw, word};

/// Stations of one region.
const REGION: usize = 40;

/// There are at least so many regions, for fewer would say nothing of regions.
const REGIONS: usize = 5;

/// Regions and the stations in them, one hexad a line.
pub(super) fn lines(size: usize, seed: u64) -> String {
    let mut draw = Draw(seed ^ 0x0d21_f7ba);
    let regions = size.div_ceil(REGION).max(REGIONS).min(size);
    let mut text = String::new();
    let centers: Vec<(f64, f64)> =
        (0..regions).map(|_| (draw.unit() * 120.0 - 60.0, draw.unit() * 300.0 - 150.0)).collect();
    for n in 0..size {
        let line = if n < regions {
            region(n, centers[n], &mut draw)
        } else {
            let region = n % regions;
            station(n, region, centers[region], regions, size, &mut draw)
        };
        writeln!(text, "{line}").expect("a String takes any text");
    }
    text
}

/// A name that no running text holds by chance.
fn title(n: usize) -> String {
    format!("Station {}{n}", capital(&word(n)))
}

fn region_title(n: usize) -> String {
    format!("Region {}{n}", capital(&word(n + 7)))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}

fn prose(draw: &mut Draw, words: usize) -> String {
    (0..words).map(|_| draw.word()).collect::<Vec<_>>().join(" ")
}

fn region(n: usize, (latitude, longitude): (f64, f64), draw: &mut Draw) -> serde_json::Value {
    let body = format!("{} is a region. {}.", region_title(n), prose(draw, 40));
    json!({
        "id": format!("region-{n}"),
        "document": {
            "title": region_title(n), "body": body,
            "latitude": latitude, "longitude": longitude, "radius_km": 400.0,
        },
        "semantic": { "types": ["bench:Region"], "properties": { "number": n } },
        "tensor": { "shape": [4, 4], "dtype": "float32", "data": numbers(draw) },
        "spatial": { "latitude": latitude, "longitude": longitude },
    })
}

fn station(
    n: usize,
    region: usize,
    (latitude, longitude): (f64, f64),
    regions: usize,
    size: usize,
    draw: &mut Draw,
) -> serde_json::Value {
    let (latitude, longitude) = (latitude + draw.unit() - 0.5, longitude + draw.unit() - 0.5);
    let next = regions + (n - regions + regions) % (size - regions).max(1);
    let mut edges =
        vec![json!({ "predicate": "LOCATED_IN", "target": format!("region-{region}") })];
    let mut body = format!("{} lies in {}.", title(n), region_title(region));
    if next != n {
        edges.push(json!({ "predicate": "NEXT_TO", "target": format!("station-{next}") }));
        write!(body, " It is next to {}.", title(next)).expect("a String takes any text");
    }
    write!(body, " {}.", prose(draw, 40)).expect("a String takes any text");
    json!({
        "id": format!("station-{n}"),
        "document": {
            "title": title(n), "body": body, "latitude": latitude, "longitude": longitude,
        },
        "graph": edges,
        "semantic": { "types": ["bench:Station"], "properties": { "height_m": draw.below(900) } },
        "tensor": { "shape": [4, 4], "dtype": "float32", "data": numbers(draw) },
        "spatial": { "latitude": latitude, "longitude": longitude },
    })
}

fn numbers(draw: &mut Draw) -> Vec<f64> {
    (0..16).map(|_| (draw.unit() * 1024.0).round() / 64.0).collect()
}
