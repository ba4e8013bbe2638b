//! Edges brought back in line with the text and with what exists.
//!
//! Edges are added for entities the text names by a title of theirs, and taken away when the same rule
//! made them and the text names them no more. What a user linked stays linked; only an edge that
//! leads nowhere goes, and only where the policy lets what users wrote be replaced.

use std::collections::BTreeMap;

use crate::engine::base::{HexadId, Modality, Result, Value};
use crate::engine::drift::{Evidence, Finding};
use crate::engine::hexad::Change;
use crate::engine::modality::graph::{self, Edge, Edges};

use super::{Candidate, EXTRACTOR, MENTIONS, Making, Subject, TITLES, extracted};

/// What the evidence asks for.
#[derive(Default)]
struct Plan {
    changes: Vec<Change>,
    done: Vec<String>,
    refused: Vec<String>,
    open: Vec<(String, Vec<String>)>,
}

/// Follows the evidence.
pub(super) fn follow(subject: &Subject<'_>, finding: &Finding) -> Result<Making> {
    let nothing = Edges::default();
    let edges = subject.graph.unwrap_or(&nothing);
    let follows_text =
        subject.authority(&[Modality::Document, Modality::Graph]) == Some(Modality::Document);
    let mut plan = Plan::default();
    for evidence in &finding.evidence {
        match evidence {
            Evidence::Dangling { predicate, target } => {
                dangling(subject, edges, predicate, target, &mut plan)?;
            }
            Evidence::NotLinked { name, candidates } if follows_text => {
                not_linked(subject, name, candidates, &mut plan)?;
            }
            Evidence::NotMentioned { target } if follows_text => {
                not_mentioned(edges, target, &mut plan);
            }
            Evidence::NotLinked { .. } | Evidence::NotMentioned { .. } => {
                plan.refused.push("the text of a user is not made to follow its edges".to_owned());
            }
            _ => {}
        }
    }
    if plan.changes.is_empty() {
        plan.refused.dedup();
        if let Some((name, candidates)) = plan.open.first() {
            let reason = format!("several hexads are called \"{name}\"");
            return Ok(Making::Undecided(reason, choices(edges, candidates)?));
        }
        let reason = plan.refused.first().cloned();
        return Ok(Making::Cannot(reason.unwrap_or_else(|| "no edge explains it".to_owned())));
    }
    // A record that a user began stays the user's.
    if !subject.is_users(Modality::Graph) {
        plan.changes.push(extracted(Modality::Graph, TITLES, &[Modality::Document]));
    }
    Ok(Making::made(plan.changes, plan.done.join(", ")))
}

fn is_own(edge: &Edge) -> bool {
    edge.properties.contains_key(EXTRACTOR)
}

fn dangling(
    subject: &Subject<'_>,
    edges: &Edges,
    predicate: &str,
    target: &str,
    plan: &mut Plan,
) -> Result<()> {
    let own = edges.edges.iter().any(|e| {
        e.predicate.eq_ignore_ascii_case(predicate) && e.target.as_str() == target && is_own(e)
    });
    if !own && let Err(reason) = subject.may_replace(Modality::Graph) {
        plan.refused.push(format!("{predicate} leads to {target}, which does not exist; {reason}"));
        return Ok(());
    }
    plan.changes.push(Change::RemoveEdge(Some(predicate.to_owned()), HexadId::new(target)?));
    plan.done
        .push(format!("the edge {predicate} to {target}, which does not exist, is taken away"));
    Ok(())
}

fn not_linked(
    subject: &Subject<'_>,
    name: &str,
    candidates: &[String],
    plan: &mut Plan,
) -> Result<()> {
    if let Err(reason) = subject.may_add(Modality::Graph) {
        plan.refused.push(reason);
        return Ok(());
    }
    let [target] = candidates else {
        plan.open.push((name.to_owned(), candidates.to_vec()));
        return Ok(());
    };
    plan.changes.push(Change::AddEdge(mention(target)?));
    plan.done.push(format!("{MENTIONS} {target} is added: the text names \"{name}\""));
    Ok(())
}

fn not_mentioned(edges: &Edges, target: &str, plan: &mut Plan) {
    let to = |edge: &&Edge| edge.target.as_str() == target;
    let all: Vec<&Edge> = edges.edges.iter().filter(to).collect();
    if all.is_empty() || !all.iter().all(|edge| is_own(edge)) {
        plan.refused.push(format!("a user linked {target}, which the text does not name"));
        return;
    }
    for edge in all {
        let gone = Change::RemoveEdge(Some(edge.predicate.clone()), edge.target.clone());
        plan.changes.push(gone);
    }
    plan.done.push(format!("the text names {target} no more"));
}

fn mention(target: &str) -> Result<Edge> {
    let properties = BTreeMap::from([(EXTRACTOR.to_owned(), Value::Text(TITLES.to_owned()))]);
    Ok(Edge { predicate: MENTIONS.to_owned(), target: HexadId::new(target)?, properties })
}

/// The record with each of the candidates linked.
fn choices(edges: &Edges, candidates: &[String]) -> Result<Vec<Candidate>> {
    candidates
        .iter()
        .map(|target| {
            let mut with = edges.clone();
            with.edges.push(mention(target)?);
            Ok(Candidate {
                name: target.clone(),
                about: format!("{MENTIONS} {target}"),
                modality: Modality::Graph,
                body: graph::codec::encode(&with),
            })
        })
        .collect()
}

/// Edges from the properties that hold the id of a hexad.
pub(super) fn fill(subject: &Subject<'_>) -> Result<Making> {
    let Some(semantics) = subject.semantic.filter(|_| subject.from.is_none_or(is_semantic)) else {
        return Ok(Making::cannot("there are no properties that could name hexads"));
    };
    let mut edges = Edges::default();
    for (name, value) in &semantics.properties {
        let single = std::slice::from_ref(value);
        let values = if let Value::List(items) = value { items.as_slice() } else { single };
        for id in values.iter().filter_map(Value::as_str) {
            if id == subject.id || subject.around.neighbor(id)?.is_none() {
                continue;
            }
            let made_by = Value::Text("properties".to_owned());
            let properties = BTreeMap::from([(EXTRACTOR.to_owned(), made_by)]);
            let predicate = name.to_ascii_uppercase();
            edges.edges.push(Edge { predicate, target: HexadId::new(id)?, properties });
        }
    }
    if edges.edges.is_empty() {
        return Ok(Making::cannot("no property holds the id of a hexad"));
    }
    let stamp = extracted(Modality::Graph, "properties", &[Modality::Semantic]);
    let how = format!("{} edges from properties that hold ids", edges.edges.len());
    Ok(Making::made(vec![Change::Graph(edges), stamp], how))
}

fn is_semantic(modality: Modality) -> bool {
    modality == Modality::Semantic
}
