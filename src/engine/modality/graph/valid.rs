//! What makes edges valid. Whether their targets exist is not asked: they need not.

use std::collections::HashMap;

use super::Edges;
use crate::engine::base::{Fault, plain};

/// The edges as they are stored, or what is wrong with them.
///
/// Of two edges with the same predicate (in any case) and target the later one counts, at the
/// place of the earlier one.
pub fn admit(edges: Edges) -> Result<Edges, Fault> {
    let mut places: HashMap<(String, String), usize> = HashMap::with_capacity(edges.edges.len());
    let mut kept = Vec::with_capacity(edges.edges.len());
    for (i, mut edge) in edges.edges.into_iter().enumerate() {
        let here = |fault: Fault| fault.within(&format!("[{i}]"));
        plain::check_name("a predicate", &edge.predicate)
            .map_err(|fault| here(fault.within("predicate")))?;
        edge.properties =
            plain::plain_map(edge.properties).map_err(|fault| here(fault.within("properties")))?;
        let ends = (edge.predicate.to_ascii_lowercase(), edge.target.as_str().to_owned());
        if let Some(place) = places.get(&ends) {
            kept[*place] = edge;
        } else {
            places.insert(ends, kept.len());
            kept.push(edge);
        }
    }
    Ok(Edges { edges: kept })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::engine::base::{HexadId, Value};
    use crate::engine::modality::graph::Edge;

    #[test]
    fn the_later_of_two_equal_edges_counts() {
        let edge = |predicate: &str, weight| Edge {
            predicate: predicate.to_owned(),
            target: HexadId::new("b").unwrap(),
            properties: BTreeMap::from([("w".to_owned(), Value::Int(weight))]),
        };
        let edges = Edges { edges: vec![edge("CITES", 1), edge("USES", 2), edge("cites", 3)] };
        let kept = admit(edges).unwrap().edges;
        let weights: Vec<_> = kept.iter().map(|e| e.properties["w"].clone()).collect();
        assert_eq!(weights, [Value::Int(3), Value::Int(2)]);
        assert_eq!(kept[0].predicate, "cites");
    }

    #[test]
    fn a_predicate_has_a_name() {
        let edge = Edge {
            predicate: String::new(),
            target: HexadId::new("b").unwrap(),
            properties: BTreeMap::new(),
        };
        assert_eq!(admit(Edges { edges: vec![edge] }).unwrap_err().key, "[0].predicate");
    }
}
