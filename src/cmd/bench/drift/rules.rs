//! What the data says of itself: contracts of types and tensors, made from what all hexads of a type
//! have, as somebody who knows the data would declare them.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::base::Modality;
use crate::engine::hexad::Hexad;

use super::Fallible;
use super::world::World;

/// Types with fewer hexads say too little.
const LEAST: usize = 5;
/// Conditions of one contract.
const MOST: usize = 12;

/// By type, the hexads that have it.
pub(super) type Types<'a> = BTreeMap<&'a str, Vec<&'a Hexad>>;

/// The hexads of every type.
pub(super) fn by_type(hexads: &BTreeMap<String, Hexad>) -> Types<'_> {
    let mut types = Types::new();
    for hexad in hexads.values() {
        for name in hexad.semantic.iter().flat_map(|semantic| &semantic.types) {
            types.entry(name).or_default().push(hexad);
        }
    }
    types
}

/// The types of which every hexad has one, the most frequent first; empty when some hexad has none.
pub(super) fn cover<'a>(types: &Types<'a>, hexads: &BTreeMap<String, Hexad>) -> Vec<&'a str> {
    let mut open: BTreeSet<&str> = hexads.keys().map(String::as_str).collect();
    let mut chosen = Vec::new();
    while !open.is_empty() && chosen.len() < MOST {
        let left = |all: &[&Hexad]| all.iter().filter(|h| open.contains(h.id.as_str())).count();
        let best = types.iter().max_by_key(|(name, all)| (left(all), std::cmp::Reverse(**name)));
        let Some((name, all)) = best.filter(|(_, all)| left(all) > 0) else { return vec![] };
        let these: BTreeSet<&str> = all.iter().map(|hexad| hexad.id.as_str()).collect();
        open.retain(|id| !these.contains(id));
        chosen.push(*name);
    }
    if open.is_empty() { chosen } else { vec![] }
}

/// Declares the contracts.
pub(super) fn declare(world: &mut World, hexads: &BTreeMap<String, Hexad>) -> Fallible<()> {
    let types = by_type(hexads);
    let cover = cover(&types, hexads);
    if cover.is_empty() {
        return Ok(());
    }
    let known: Vec<String> = cover.iter().map(|name| format!("types INCLUDES '{name}'")).collect();
    contract(world, "known_types", "SCHEMA", &known.join(" OR "), "")?;
    for (number, name) in cover.iter().enumerate() {
        let all = types.get(name).map(Vec::as_slice).unwrap_or_default();
        if all.len() < LEAST {
            continue;
        }
        let required = required(all);
        if !required.is_empty() {
            let with = format!(" WITH type = '{name}'");
            contract(world, &format!("type_{number}"), "SCHEMA", &required.join(" AND "), &with)?;
        }
        if let Some((shape, dtype)) = tensor(all) {
            let with = format!(" WITH type = '{name}', shape = '{shape}', dtype = '{dtype}'");
            contract(world, &format!("tensor_{number}"), "TENSOR", "TENSOR EXISTS", &with)?;
        }
    }
    Ok(())
}

fn contract(world: &mut World, name: &str, of: &str, condition: &str, with: &str) -> Fallible<()> {
    world.ask(&format!("CREATE CONTRACT {name} FOR {of} AS ({condition}){with}"), [])?;
    Ok(())
}

/// What all of them have.
fn required(all: &[&Hexad]) -> Vec<String> {
    let mut conditions = Vec::new();
    for modality in [Modality::Spatial, Modality::Graph, Modality::Tensor] {
        if all.iter().all(|hexad| hexad.present.contains(modality)) {
            conditions.push(format!("{} EXISTS", modality.keyword()));
        }
    }
    let properties = |hexad: &Hexad| -> BTreeSet<String> {
        hexad.semantic.iter().flat_map(|s| s.properties.keys().cloned()).collect()
    };
    let shared = all.iter().map(|hexad| properties(hexad)).reduce(|a, b| &a & &b);
    let plain = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    for name in shared.unwrap_or_default().into_iter().filter(plain) {
        conditions.push(format!("SEMANTIC.{name} IS NOT NULL"));
    }
    conditions.truncate(MOST);
    conditions
}

/// The shape and element type of all their tensors.
fn tensor(all: &[&Hexad]) -> Option<(String, &'static str)> {
    let mut kinds = all.iter().map(|hexad| {
        let tensor = hexad.tensor.as_ref()?;
        let sizes: Vec<String> = tensor.shape.iter().map(usize::to_string).collect();
        Some((sizes.join("x"), tensor.data.dtype().name()))
    });
    let first = kinds.next()??;
    kinds.all(|kind| kind.as_ref() == Some(&first)).then_some(first)
}
