//! The edges against the text and against what exists.

use std::collections::BTreeSet;

use crate::engine::modality::graph::Edges;

use super::evidence::{Evidence, LISTED};
use super::mentions::{Dictionary, Mention};
use super::report::Found;

/// Examines edges by the entities the text mentions and by the targets that do not exist.
///
/// `text` is what the hexad's document says, with the names of entities to look for, when both are
/// known; `own` is the hexad's own id, which a text may well mention. A text that mentions nobody says
/// nothing about edges. Without any edge and any mention there is nothing to compare.
pub fn examine(
    own: &str,
    edges: &Edges,
    text: Option<(&str, &Dictionary)>,
    exists: &dyn Fn(&str) -> bool,
) -> Option<Found> {
    let targets: BTreeSet<&str> = edges.edges.iter().map(|edge| edge.target.as_str()).collect();
    let apart = text.and_then(|(text, dictionary)| mentions_apart(own, &targets, text, dictionary));
    let dangling = dangling(edges, &targets, exists);
    if apart.is_none() && dangling.is_none() {
        return None;
    }
    let (apart, dangling) = (apart.unwrap_or_default(), dangling.unwrap_or_default());
    // Either alone can reach one, both together never exceed it.
    let score = 1.0 - (1.0 - apart.score) * (1.0 - dangling.score);
    let evidence = dangling.evidence.into_iter().chain(apart.evidence).collect();
    Some(Found { score, evidence })
}

/// Edges that lead nowhere: 0.5 as soon as there is one, towards 1 by their share. `None` without
/// targets.
fn dangling(
    edges: &Edges,
    targets: &BTreeSet<&str>,
    exists: &dyn Fn(&str) -> bool,
) -> Option<Found> {
    if targets.is_empty() {
        return None;
    }
    let missing: BTreeSet<&str> =
        targets.iter().copied().filter(|target| !exists(target)).collect();
    if missing.is_empty() {
        return Some(Found::clean());
    }
    let lost = edges.edges.iter().filter(|edge| missing.contains(edge.target.as_str()));
    let evidence = lost.map(|edge| Evidence::Dangling {
        predicate: edge.predicate.clone(),
        target: edge.target.as_str().to_owned(),
    });
    let score = 0.5 + 0.5 * missing.len() as f64 / targets.len() as f64;
    Some(Found { score, evidence: evidence.collect() })
}

/// Half of what is mentioned but not linked, and half of what is linked but not mentioned.
fn mentions_apart(
    own: &str,
    targets: &BTreeSet<&str>,
    text: &str,
    dictionary: &Dictionary,
) -> Option<Found> {
    let mut mentioned = dictionary.mentioned(text);
    // What may be the entity itself says nothing of others.
    mentioned.retain(|mention| !mention.ids.contains(own) || linked_by(mention.ids, targets));
    if mentioned.is_empty() {
        return None;
    }
    let (covered, open): (Vec<&Mention<'_>>, Vec<&Mention<'_>>) =
        mentioned.iter().partition(|mention| linked_by(mention.ids, targets));
    let named = |target: &str| covered.iter().any(|mention| mention.ids.contains(target));
    let linked: Vec<&str> =
        targets.iter().copied().filter(|target| dictionary.knows(target)).collect();
    let silent: Vec<&str> = linked.iter().copied().filter(|target| !named(target)).collect();
    // A text that names far fewer than are linked does not list what it is linked to: what it does not
    // name says nothing, and what it names in passing neither.
    if linked.len() > 2 * mentioned.len() + 1 {
        return None;
    }
    let uncovered = open.len() as f64 / mentioned.len() as f64;
    let extra = if linked.is_empty() { 0.0 } else { silent.len() as f64 / linked.len() as f64 };
    let not_linked = open.iter().map(|mention| Evidence::NotLinked {
        name: mention.name.to_owned(),
        candidates: mention.ids.iter().take(LISTED).cloned().collect(),
    });
    let not_mentioned =
        silent.iter().map(|target| Evidence::NotMentioned { target: (*target).to_owned() });
    let evidence = not_linked.take(LISTED).chain(not_mentioned.take(LISTED)).collect();
    Some(Found { score: f64::midpoint(uncovered, extra), evidence })
}

fn linked_by(ids: &BTreeSet<String>, targets: &BTreeSet<&str>) -> bool {
    ids.iter().any(|id| targets.contains(id.as_str()))
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
        let names = [
            ("bonn", "Bonn"),
            ("koeln", "Koeln"),
            ("ulm", "Ulm an der Donau"),
            ("aachen-city", "Aachen"),
            ("aachen-land", "Aachen"),
        ];
        Dictionary::new(names.map(|(id, name)| (id, name.to_owned())))
    }

    fn score(own: &str, targets: &[&str], text: &str) -> Option<f64> {
        let found = examine(own, &edges(targets), Some((text, &names())), &|_| true);
        found.map(|found| found.score)
    }

    #[test]
    fn text_and_edges_agree_or_not() {
        let score = |targets: &[&str], text| score("me", targets, text);
        assert_eq!(score(&["bonn", "koeln"], "Between Bonn and Koeln"), Some(0.0));
        assert_eq!(score(&["koeln"], "From Bonn"), Some(1.0));
        assert_eq!(score(&["bonn", "koeln"], "From Bonn"), Some(0.25));
        assert_eq!(score(&["unnamed"], "nothing to see"), Some(0.0));
        assert_eq!(score(&[], "From Bonn"), Some(0.5));
        assert_eq!(score(&[], "nothing to see"), None);
    }

    #[test]
    fn a_name_of_several_is_one_of_them() {
        assert_eq!(score("me", &["aachen-land"], "Near Aachen"), Some(0.0));
        assert_eq!(score("aachen-city", &["aachen-land"], "Aachen lies in Aachen"), Some(0.0));
        assert_eq!(score("aachen-city", &["bonn"], "Aachen and Bonn"), Some(0.0));
    }

    #[test]
    fn a_text_that_names_hardly_any_of_many_links_does_not_speak_of_them() {
        let many = ["bonn", "koeln", "ulm", "aachen-city", "aachen-land"];
        assert_eq!(score("me", &many, "A trip to Bonn"), Some(0.0));
        assert_eq!(score("me", &many[..3], "A trip to Bonn"), Some(0.333_333_333_333_333_26));
        let named = ["koeln", "ulm", "aachen-city", "aachen-land"];
        assert_eq!(score("me", &named, "A trip to Bonn"), Some(0.0));
    }

    #[test]
    fn the_evidence_names_who_is_missing() {
        let found = examine("me", &edges(&["koeln"]), Some(("Bonn", &names())), &|_| true);
        let (name, candidates) = ("bonn".to_owned(), vec!["bonn".to_owned()]);
        let expected = [
            Evidence::NotLinked { name, candidates },
            Evidence::NotMentioned { target: "koeln".into() },
        ];
        assert_eq!(found.unwrap().evidence, expected);
    }

    #[test]
    fn one_edge_to_nowhere_is_drift_and_more_are_worse() {
        let exists = |id: &str| id != "gone";
        let found = |targets: &[&str]| examine("me", &edges(targets), None, &exists);
        let score = |targets: &[&str]| found(targets).map(|found| found.score);
        assert_eq!(score(&["bonn", "gone"]), Some(0.75));
        assert_eq!(score(&["gone"]), Some(1.0));
        assert_eq!(score(&["bonn"]), Some(0.0));
        assert_eq!(score(&[]), None);
        let dangling = Evidence::Dangling { predicate: "NEAR".into(), target: "gone".into() };
        assert_eq!(found(&["bonn", "gone"]).unwrap().evidence, [dangling]);
    }
}
