//! The edges against the text and against what exists.

use std::collections::BTreeSet;

use crate::engine::modality::graph::Edges;

use super::mentions::Dictionary;

/// Scores edges by the entities the text mentions and by the targets that do not exist.
///
/// `text` is what the hexad's document says, with the names of entities to look for, when both are
/// known; `own` is the hexad's own id, which a text may well mention. A text that mentions nobody says
/// nothing about edges. Without any edge and any mention there is nothing to compare.
pub fn score(
    own: &str,
    edges: &Edges,
    text: Option<(&str, &Dictionary)>,
    exists: &dyn Fn(&str) -> bool,
) -> Option<f64> {
    let targets: BTreeSet<&str> = edges.edges.iter().map(|edge| edge.target.as_str()).collect();
    let apart = text.and_then(|(text, dictionary)| mentions_apart(own, &targets, text, dictionary));
    let dangling = dangling_share(&targets, exists);
    match (apart, dangling) {
        (None, None) => None,
        // Either alone can reach one, both together never exceed it.
        (apart, dangling) => {
            Some(1.0 - (1.0 - apart.unwrap_or(0.0)) * (1.0 - dangling.unwrap_or(0.0)))
        }
    }
}

/// The share of targets that do not exist; `None` without targets.
pub fn dangling_share(targets: &BTreeSet<&str>, exists: &dyn Fn(&str) -> bool) -> Option<f64> {
    let missing = targets.iter().filter(|target| !exists(target)).count();
    (!targets.is_empty()).then(|| missing as f64 / targets.len() as f64)
}

/// Half of what is mentioned but not linked, and half of what is linked but not mentioned.
fn mentions_apart(
    own: &str,
    targets: &BTreeSet<&str>,
    text: &str,
    dictionary: &Dictionary,
) -> Option<f64> {
    let mut mentioned = dictionary.mentioned(text);
    mentioned.remove(own);
    if mentioned.is_empty() {
        return None;
    }
    let linked: BTreeSet<&str> =
        targets.iter().copied().filter(|target| dictionary.knows(target)).collect();
    let both = mentioned.iter().filter(|id| linked.contains(id.as_str())).count() as f64;
    let coverage = both / mentioned.len() as f64;
    let extra = if linked.is_empty() { 0.0 } else { 1.0 - both / linked.len() as f64 };
    Some(f64::midpoint(1.0 - coverage, extra))
}

#[cfg(test)]
mod tests {
    use crate::engine::base::HexadId;
    use crate::engine::modality::graph::Edge;

    use super::*;

    fn edges(targets: &[&str]) -> Edges {
        let edge = |target: &&str| Edge {
            predicate: "NEAR".into(),
            target: HexadId::new(*target).unwrap(),
            properties: std::collections::BTreeMap::new(),
        };
        Edges { edges: targets.iter().map(edge).collect() }
    }

    fn names() -> Dictionary {
        let names = [("bonn", "Bonn"), ("koeln", "Koeln"), ("ulm", "Ulm an der Donau")];
        Dictionary::new(names.map(|(id, name)| (id, name.to_owned())))
    }

    #[test]
    fn text_and_edges_agree_or_not() {
        let (names, all) = (names(), |_: &str| true);
        let score =
            |targets: &[&str], text| score("me", &edges(targets), Some((text, &names)), &all);
        assert_eq!(score(&["bonn", "koeln"], "Between Bonn and Koeln"), Some(0.0));
        assert_eq!(score(&["koeln"], "From Bonn"), Some(1.0));
        assert_eq!(score(&["bonn", "koeln"], "From Bonn"), Some(0.25));
        assert_eq!(score(&["unnamed"], "nothing to see"), Some(0.0));
        assert_eq!(score(&[], "From Bonn"), Some(0.5));
        assert_eq!(score(&[], "nothing to see"), None);
    }

    #[test]
    fn edges_to_nowhere_count_by_their_share() {
        let exists = |id: &str| id != "gone";
        assert_eq!(score("me", &edges(&["bonn", "gone"]), None, &exists), Some(0.5));
        assert_eq!(score("me", &edges(&["gone"]), None, &exists), Some(1.0));
        assert_eq!(score("me", &edges(&["bonn"]), None, &exists), Some(0.0));
        assert_eq!(score("me", &edges(&[]), None, &exists), None);
    }
}
