//! What a repair would write: one modality made from others, or why that cannot be.
//!
//! What is made here is a proposal. It is measured before it is written, and what did not help is
//! never written. The one rule that stands above policies of strategy is kept here: what a user wrote
//! is not replaced unless the policy says so; adding to it is not replacing it.

mod document;
mod graph;
mod semantic;
mod spatial;
mod tensor;
mod vector;

use std::sync::Arc;

use crate::engine::base::{Modality, ModalitySet, Result, Timestamp, Value};
use crate::engine::drift::{DriftKind, Evidence, Finding};
use crate::engine::hexad::{Change, Origin};
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::Edges;
use crate::engine::modality::provenance::Event;
use crate::engine::modality::semantic::Semantics;
use crate::engine::modality::spatial::{Place, Position};
use crate::engine::modality::temporal::Version;
use crate::engine::modality::tensor::Tensor;
use crate::engine::modality::vector::Embeddings;
use crate::engine::store::Producer;

use super::authority::Effective;
use super::conflict::Candidate;
use super::history;
use super::policy::{Mode, Strategy};

pub use semantic::{settle, types_of};

/// The maker of edges, in the property `extractor` of those it made.
pub const TITLES: &str = "titles";
/// The property of an edge that names its maker.
pub const EXTRACTOR: &str = "extractor";
/// The predicate of edges that a text speaks of.
pub const MENTIONS: &str = "MENTIONS";

/// Another hexad, as far as it matters.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Neighbor {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: Option<String>,
    /// Its types.
    pub types: Vec<String>,
    /// The middle of its place.
    pub position: Option<Position>,
    /// Its writers take it back.
    pub retracted: bool,
}

/// What stands around a hexad: other hexads, its own past, and embedders.
pub trait Around {
    /// Another hexad; `None` when there is none of this id.
    fn neighbor(&self, id: &str) -> Result<Option<Neighbor>>;
    /// The edges that lead here: their types and where they come from.
    fn incoming(&self) -> Result<Vec<(String, Neighbor)>>;
    /// The canonical bytes a modality held before, newest first.
    fn earlier(&self, modality: Modality) -> Result<Vec<Vec<u8>>>;
    /// What a model makes of a text, and what it says of itself; else why it makes nothing.
    fn embed(&self, model: &str, text: &str) -> Result<Result<Embedded, String>>;
}

/// A vector, and who made it.
pub type Embedded = (Arc<[f32]>, Producer);

/// What is known of a record beside its content.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Whose.
    pub modality: Modality,
    /// Who made it.
    pub producer: Producer,
    /// When it was committed.
    pub written: Timestamp,
}

/// A hexad to be repaired.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its document.
    pub document: Option<&'a Document>,
    /// Its embeddings.
    pub vector: Option<&'a Embeddings>,
    /// Its edges.
    pub graph: Option<&'a Edges>,
    /// Its semantics.
    pub semantic: Option<&'a Semantics>,
    /// Its tensor.
    pub tensor: Option<&'a Tensor>,
    /// Its place.
    pub place: Option<&'a Place>,
    /// Its versions, oldest first.
    pub versions: &'a [Version],
    /// Its events, oldest first.
    pub events: &'a [Event],
    /// What is known of its records.
    pub records: &'a [Known],
    /// What stands around it.
    pub around: &'a dyn Around,
    /// The policy in force.
    pub policy: &'a Effective,
    /// The modality that the statement takes to be right.
    pub from: Option<Modality>,
    /// Somebody has decided: what users wrote may be replaced.
    pub decided: bool,
    /// The modalities with faults of their own, which nothing is made from.
    pub damaged: ModalitySet,
}

impl std::fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A proposal.
#[derive(Clone, Debug, PartialEq)]
pub struct Made {
    /// What to change.
    pub changes: Vec<Change>,
    /// In words.
    pub how: String,
}

/// What came of trying.
#[derive(Clone, Debug, PartialEq)]
pub enum Making {
    /// This could be written.
    Made(Made),
    /// Nothing can be made, and why.
    Cannot(String),
    /// Several things could be right.
    Undecided(String, Vec<Candidate>),
}

impl Making {
    fn cannot(reason: impl Into<String>) -> Self {
        Self::Cannot(reason.into())
    }

    fn made(changes: Vec<Change>, how: impl Into<String>) -> Self {
        Self::Made(Made { changes, how: how.into() })
    }
}

/// The modality that a kind of drift is repaired in.
pub fn target(kind: DriftKind) -> Modality {
    match kind {
        DriftKind::SemanticVector => Modality::Vector,
        DriftKind::GraphDocument => Modality::Graph,
        DriftKind::Temporal => Modality::Temporal,
        DriftKind::Tensor => Modality::Tensor,
        DriftKind::Schema => Modality::Semantic,
        // The summary is never repaired by itself.
        DriftKind::Provenance | DriftKind::Quality => Modality::Provenance,
        DriftKind::Spatial => Modality::Spatial,
    }
}

/// What the modality is held against, the first that matters.
pub fn sources(kind: DriftKind) -> &'static [Modality] {
    match kind {
        DriftKind::SemanticVector | DriftKind::GraphDocument | DriftKind::Schema => {
            &[Modality::Document]
        }
        DriftKind::Tensor => &[Modality::Tensor],
        DriftKind::Temporal | DriftKind::Quality | DriftKind::Provenance => &[Modality::Temporal],
        DriftKind::Spatial => &[Modality::Document, Modality::Semantic, Modality::Graph],
    }
}

/// What would bring one kind of drift down.
pub fn make(subject: &Subject<'_>, finding: &Finding) -> Result<Making> {
    let kind = finding.kind;
    let against = sources(kind).first().copied().unwrap_or(Modality::Document);
    let strategy = subject.policy.strategy(target(kind), against);
    if strategy == Strategy::UserResolve && !subject.decided {
        return Ok(Making::cannot("the policy leaves it to people"));
    }
    match kind {
        DriftKind::SemanticVector => vector::follow(subject, strategy),
        DriftKind::GraphDocument => graph::follow(subject, finding),
        DriftKind::Temporal => Ok(Making::made(
            history::repair_versions(subject.versions),
            "a version that says that those before it have faults",
        )),
        DriftKind::Provenance => Ok(provenance(subject, finding)),
        DriftKind::Tensor => tensor::follow(subject, finding),
        DriftKind::Schema => semantic::follow(subject, finding),
        DriftKind::Spatial => spatial::follow(subject, finding, strategy),
        DriftKind::Quality => Ok(Making::cannot("the summary follows its parts")),
    }
}

/// What makes a modality that is not there; `None` when nobody wants it made.
pub fn fill(subject: &Subject<'_>, modality: Modality) -> Result<Option<Making>> {
    Ok(Some(match modality {
        Modality::Vector if subject.vector.is_none() => vector::fill(subject)?,
        Modality::Document if subject.document.is_none() => document::fill(subject)?,
        Modality::Graph if subject.graph.is_none() => graph::fill(subject)?,
        Modality::Semantic if subject.semantic.is_none() => semantic::fill(subject)?,
        Modality::Spatial if subject.place.is_none() => spatial::fill(subject),
        _ => return Ok(None),
    }))
}

/// Events for what nobody recorded; a seal for a chain that is broken.
fn provenance(subject: &Subject<'_>, finding: &Finding) -> Making {
    let mut changes = Vec::new();
    let mut how = Vec::new();
    for evidence in &finding.evidence {
        match evidence {
            Evidence::ChainBroken { event, fault } => {
                changes.push(history::seal(subject.events, *event, *fault));
                how.push("the broken chain is sealed");
            }
            Evidence::MissingEvents { .. } => {
                changes.extend(history::reconstruct(subject.versions, subject.events));
                how.push("events are reconstructed from the versions");
            }
            // To record what is held now, unasked, would hide that it was changed behind the chain.
            Evidence::NotAsRecorded { modality, event, .. } if !subject.decided => {
                return Making::cannot(format!(
                    "the {modality} is not what event {event} recorded: somebody has to say which is right"
                ));
            }
            Evidence::NotAsRecorded { .. } => {
                changes.push(Change::Attest);
                how.push("an event records what is held now");
            }
            _ => {}
        }
    }
    how.dedup();
    if changes.is_empty() {
        return Making::cannot("the evidence names nothing that an event could repair");
    }
    Making::made(changes, how.join(", "))
}

impl Subject<'_> {
    /// Whether the record of a modality may be replaced; else why not.
    fn may_replace(&self, modality: Modality) -> Result<(), String> {
        if self.decided || !self.is_users(modality) || self.policy.overwrites_user() {
            return Ok(());
        }
        let what = if modality == Modality::Spatial { "place" } else { modality.name() };
        Err(format!("the {what} was written by a user, and the policy does not let it be replaced"))
    }

    /// Whether something may be added to a record; else why not.
    fn may_add(&self, modality: Modality) -> Result<(), String> {
        let there = self.records.iter().any(|known| known.modality == modality);
        let conservative = self.policy.mode() == Mode::Conservative && !self.decided;
        if conservative && there && self.is_users(modality) {
            return Err(format!(
                "the {modality} was written by a user, and a conservative policy adds nothing to it"
            ));
        }
        Ok(())
    }

    /// Whether a user made the record. A vector that names its model was made by that model, whoever
    /// handed it in.
    fn is_users(&self, modality: Modality) -> bool {
        let known = self.records.iter().find(|known| known.modality == modality);
        let Some(known) = known else { return false };
        if known.producer != Producer::User {
            return false;
        }
        let of_a_model = modality == Modality::Vector
            && self.vector.is_some_and(|vector| vector.named.values().all(|e| e.model.is_some()));
        !of_a_model
    }

    /// When a modality was written.
    fn written(&self, modality: Modality) -> Option<Timestamp> {
        self.records.iter().find(|known| known.modality == modality).map(|known| known.written)
    }

    fn has(&self, modality: Modality) -> bool {
        match modality {
            Modality::Graph => self.graph.is_some(),
            Modality::Vector => self.vector.is_some(),
            Modality::Tensor => self.tensor.is_some(),
            Modality::Semantic => self.semantic.is_some(),
            Modality::Document => self.document.is_some(),
            Modality::Temporal => !self.versions.is_empty(),
            Modality::Provenance => !self.events.is_empty(),
            Modality::Spatial => self.place.is_some(),
        }
    }

    /// The modality to follow among some: the one the statement names, else the first in the order of
    /// authority that is there and has no fault of its own.
    fn authority(&self, among: &[Modality]) -> Option<Modality> {
        let fit = |modality: &Modality| {
            among.contains(modality) && self.has(*modality) && !self.damaged.contains(*modality)
        };
        match self.from {
            Some(from) => Some(from).filter(fit),
            None => self.policy.authority().into_iter().find(fit),
        }
    }

    /// What types, properties and edges say in words.
    fn canonical_text(&self) -> Result<String> {
        let mut text = String::new();
        if let Some(semantics) = self.semantic {
            text.push_str(&crate::engine::drift::text::of_semantics(semantics));
        }
        if let Some(edges) = self.graph {
            let mut titles = std::collections::BTreeMap::new();
            for edge in &edges.edges {
                if let Some(neighbor) = self.around.neighbor(edge.target.as_str())? {
                    titles.extend(neighbor.title.map(|title| (neighbor.id, title)));
                }
            }
            let lines = crate::engine::drift::text::of_edges(edges, &|id| titles.get(id).cloned());
            if !lines.is_empty() {
                if !text.is_empty() {
                    text.push('\n');
                }
                text.push_str(&lines);
            }
        }
        Ok(text)
    }
}

/// The stamp of what the rules of this room made.
fn extracted(target: Modality, rule: &str, sources: &[Modality]) -> Change {
    let producer =
        Producer::Model { name: rule.to_owned(), dimension: 0, parameters: String::new() };
    Change::Made(target, Origin { producer, from: sources.iter().copied().collect() })
}

/// A value in few words, for messages.
pub fn brief(value: &Value) -> String {
    let text = match value {
        Value::Text(text) => format!("'{text}'"),
        other => other.to_json().to_string(),
    };
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}..", &text[..end]),
        None => text,
    }
}
