//! What speaks for a score: which hash moved when, which edge dangles, which words changed.
//!
//! Evidence is what the measure looked at when it made the score, as values: it repeats nothing that
//! would have to be measured again, and proposes nothing.

use std::collections::BTreeMap;

use crate::engine::base::{ContentHash, Modality, ModalitySet, Timestamp, Value};
use crate::engine::modality::provenance::chain::Fault as ChainFault;
use crate::engine::modality::spatial::Position;

/// Words named in one piece of evidence at most.
pub const LISTED: usize = 8;

/// One observation behind a score.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// A record was made from something that has changed since.
    SourceMoved {
        /// What was made.
        target: Modality,
        /// What it was made from.
        source: Modality,
        /// The content of the source then.
        then: ContentHash,
        /// The version of the hexad then.
        then_version: u32,
        /// The content of the source now.
        now: ContentHash,
        /// The version since which the source is as it is now.
        now_version: u32,
        /// When that version was committed, if the history says.
        since: Option<Timestamp>,
    },
    /// A record was made from something this hexad never held.
    SourceUnknown {
        /// What was made.
        target: Modality,
        /// What it was made from.
        source: Modality,
        /// The content it was made from.
        then: ContentHash,
    },
    /// The words of a text that came and went since something was made from it.
    WordsChanged {
        /// Some that came.
        added: Vec<String>,
        /// Some that went.
        removed: Vec<String>,
        /// How many words came and went in all.
        changed: usize,
        /// How many distinct words there are in both texts.
        of: usize,
    },
    /// A model makes something else of the source now.
    Recomputed {
        /// The model.
        model: String,
        /// The cosine of what is stored and what it makes now.
        cosine: f64,
    },
    /// An embedding does not have as many numbers as its model gives.
    Dimension {
        /// The model.
        model: String,
        /// Numbers stored.
        stored: usize,
        /// Numbers the model gives.
        gives: usize,
    },
    /// An edge leads to a hexad that does not exist.
    Dangling {
        /// Its type.
        predicate: String,
        /// The id it points to.
        target: String,
    },
    /// The text names a hexad that no edge leads to.
    NotLinked {
        /// The name, as words.
        name: String,
        /// The hexads that are called so.
        candidates: Vec<String>,
    },
    /// An edge leads to a hexad with a name that the text does not mention.
    NotMentioned {
        /// The id it points to.
        target: String,
    },
    /// The numbers of the versions leave one out, or repeat one.
    Gap {
        /// The version at which it shows.
        version: u32,
    },
    /// A version was committed before the one before it.
    Backward {
        /// The version.
        version: u32,
        /// When it was committed.
        at: Timestamp,
        /// When the one before it was.
        before: Timestamp,
    },
    /// The validity of a version ends before it begins.
    Inverted {
        /// The version.
        version: u32,
    },
    /// Two versions in a row both claim a part of time.
    Overlap {
        /// The later version.
        version: u32,
    },
    /// The hexad was changed before it was created.
    ModifiedBeforeCreated {
        /// When it was created.
        created: Timestamp,
        /// When it was last changed.
        modified: Timestamp,
    },
    /// A tensor does not have as many elements as its shape says.
    NotFilled {
        /// The shape.
        shape: Vec<usize>,
        /// The elements.
        count: usize,
    },
    /// A tensor holds what is not a number.
    NotFinite {
        /// How many such elements.
        count: usize,
    },
    /// A tensor has another shape than it should.
    Shape {
        /// What it has.
        is: Vec<usize>,
        /// What it should have.
        should: Vec<usize>,
    },
    /// A tensor has another element type than it should.
    ElementType {
        /// What it has.
        is: &'static str,
        /// What it should have.
        should: &'static str,
    },
    /// A tensor has other statistics than it should.
    Statistic {
        /// Which: `mean` or `std`.
        name: &'static str,
        /// What it has.
        is: f64,
        /// What it should have.
        should: f64,
    },
    /// What a contract requires is not there.
    Missing {
        /// The contract.
        contract: String,
        /// The requirement, as written.
        requires: String,
    },
    /// A constraint of a contract does not hold.
    Violated {
        /// The contract.
        contract: String,
        /// The constraint, as written.
        constraint: String,
    },
    /// The chain of events is broken.
    ChainBroken {
        /// At which event, counted from 1.
        event: usize,
        /// How.
        fault: ChainFault,
    },
    /// There are versions nobody recorded an event for.
    MissingEvents {
        /// Versions.
        versions: usize,
        /// Events.
        events: usize,
    },
    /// A modality no longer holds what the last event that speaks of it says.
    NotAsRecorded {
        /// Which modality.
        modality: Modality,
        /// What the event says it holds.
        recorded: ContentHash,
        /// The number of that event.
        event: u32,
        /// What it holds.
        now: ContentHash,
    },
    /// A coordinate is not on the Earth.
    OffEarth {
        /// The position.
        position: Position,
    },
    /// The place is far from where the rest of the hexad says it is.
    FarFrom {
        /// What says so, and what it names.
        named: Naming,
        /// The middle of what is named.
        center: Position,
        /// How far it reaches, in kilometers.
        radius_km: f64,
        /// How far away the place is, in kilometers.
        distance_km: f64,
    },
}

/// Who says where a hexad is.
#[derive(Clone, Debug, PartialEq)]
pub enum Naming {
    /// Coordinates in the fields of the document or the properties.
    Fields(Modality),
    /// The place of a hexad that an edge leads to.
    Linked {
        /// The type of the edge.
        predicate: String,
        /// That hexad.
        target: String,
    },
    /// The places of the other hexads whose edges lead to the same one.
    Siblings {
        /// The type of the edge.
        predicate: String,
        /// The hexad they share.
        target: String,
        /// How many others there are.
        others: usize,
    },
    /// The places of the hexads whose edges lead here.
    Members {
        /// The type of those edges.
        predicate: String,
        /// How many there are.
        others: usize,
    },
}

impl Naming {
    fn modality(&self) -> Modality {
        match self {
            Self::Fields(modality) => *modality,
            Self::Linked { .. } | Self::Siblings { .. } | Self::Members { .. } => Modality::Graph,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Fields(modality) => format!("the coordinates in its {modality}"),
            Self::Linked { predicate, target } => format!("{target} ({predicate})"),
            Self::Siblings { predicate, target, others } => {
                format!("the {others} others that are {predicate} {target}")
            }
            Self::Members { predicate, others } => {
                format!("the {others} that are {predicate} it")
            }
        }
    }
}

impl Evidence {
    /// The name of the kind of observation in answers: `source_moved`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::SourceMoved { .. } => "source_moved",
            Self::SourceUnknown { .. } => "source_unknown",
            Self::WordsChanged { .. } => "words_changed",
            Self::Recomputed { .. } => "recomputed",
            Self::Dimension { .. } => "dimension",
            Self::Dangling { .. } => "dangling_edge",
            Self::NotLinked { .. } => "not_linked",
            Self::NotMentioned { .. } => "not_mentioned",
            Self::Gap { .. } => "version_gap",
            Self::Backward { .. } => "time_backward",
            Self::Inverted { .. } => "validity_inverted",
            Self::Overlap { .. } => "validity_overlap",
            Self::ModifiedBeforeCreated { .. } => "modified_before_created",
            Self::NotFilled { .. } => "not_filled",
            Self::NotFinite { .. } => "not_finite",
            Self::Shape { .. } => "shape",
            Self::ElementType { .. } => "element_type",
            Self::Statistic { .. } => "statistic",
            Self::Missing { .. } => "missing",
            Self::Violated { .. } => "violated",
            Self::ChainBroken { .. } => "chain_broken",
            Self::MissingEvents { .. } => "missing_events",
            Self::NotAsRecorded { .. } => "not_as_recorded",
            Self::OffEarth { .. } => "off_earth",
            Self::FarFrom { .. } => "far_from",
        }
    }

    /// The modalities it points at: what is wrong is in one of them.
    pub fn modalities(&self) -> ModalitySet {
        let mut set = ModalitySet::EMPTY;
        let all: &[Modality] = match self {
            Self::SourceMoved { target, source, .. }
            | Self::SourceUnknown { target, source, .. } => &[*target, *source],
            Self::WordsChanged { .. } | Self::Recomputed { .. } => {
                &[Modality::Vector, Modality::Document]
            }
            Self::Dimension { .. } => &[Modality::Vector],
            Self::Dangling { .. } => &[Modality::Graph],
            Self::NotLinked { .. } | Self::NotMentioned { .. } => {
                &[Modality::Graph, Modality::Document]
            }
            Self::Gap { .. }
            | Self::Backward { .. }
            | Self::Inverted { .. }
            | Self::Overlap { .. }
            | Self::ModifiedBeforeCreated { .. } => &[Modality::Temporal],
            Self::NotFilled { .. }
            | Self::NotFinite { .. }
            | Self::Shape { .. }
            | Self::ElementType { .. }
            | Self::Statistic { .. } => &[Modality::Tensor],
            Self::Missing { .. } | Self::Violated { .. } => &[Modality::Semantic],
            Self::ChainBroken { .. } | Self::MissingEvents { .. } => &[Modality::Provenance],
            Self::NotAsRecorded { modality, .. } => &[Modality::Provenance, *modality],
            Self::OffEarth { .. } => &[Modality::Spatial],
            Self::FarFrom { named, .. } => &[Modality::Spatial, named.modality()],
        };
        for modality in all {
            set.insert(*modality);
        }
        set
    }

    /// In words.
    pub fn describe(&self) -> String {
        match self {
            Self::SourceMoved { target, source, then, then_version, now, now_version, since } => {
                let since = since.map(|at| format!(" of {at}")).unwrap_or_default();
                format!(
                    "the {target} was made from {source} {} (version {then_version}), which is {} since version {now_version}{since}",
                    short(*then),
                    short(*now)
                )
            }
            Self::SourceUnknown { target, source, then } => format!(
                "the {target} was made from {source} {}, which this hexad never held",
                short(*then)
            ),
            Self::WordsChanged { added, removed, changed, of } => {
                let listed = |sign: &str, words: &[String]| {
                    let signed = words.iter().map(|word| [" ", sign, word].concat());
                    signed.collect::<String>()
                };
                let (added_words, removed_words) = (listed("+", added), listed("-", removed));
                let more = if *changed > added.len() + removed.len() { " .." } else { "" };
                format!("{changed} of {of} words changed:{removed_words}{added_words}{more}")
            }
            Self::Recomputed { model, cosine } => {
                format!("{model} makes another vector of the text now: cosine {cosine:.3}")
            }
            Self::Dimension { model, stored, gives } => {
                format!("the vector has {stored} numbers, {model} gives {gives}")
            }
            Self::Dangling { predicate, target } => {
                format!("{predicate} leads to {target}, which does not exist")
            }
            Self::NotLinked { name, candidates } => {
                format!(
                    "the text names \"{name}\" ({}), no edge leads there",
                    candidates.join(", ")
                )
            }
            Self::NotMentioned { target } => {
                format!("an edge leads to {target}, the text does not name it")
            }
            Self::Gap { version } => format!("version {version} does not follow the one before it"),
            Self::Backward { version, at, before } => {
                format!("version {version} was committed at {at}, the one before it at {before}")
            }
            Self::Inverted { version } => {
                format!("the validity of version {version} ends before it begins")
            }
            Self::Overlap { version } => {
                format!("the validity of version {version} straddles that of the one before it")
            }
            Self::ModifiedBeforeCreated { created, modified } => {
                format!("changed at {modified}, created at {created}")
            }
            other => other.describe_rest(),
        }
    }

    fn describe_rest(&self) -> String {
        match self {
            Self::NotFilled { shape, count } => {
                format!("the tensor of shape {shape:?} has {count} elements")
            }
            Self::NotFinite { count } => format!("{count} elements are no finite numbers"),
            Self::Shape { is, should } => {
                format!("the tensor has shape {is:?}, it should have {should:?}")
            }
            Self::ElementType { is, should } => {
                format!("the tensor has elements of type {is}, they should be {should}")
            }
            Self::Statistic { name, is, should } => {
                format!("the {name} of the tensor is {is}, it should be {should}")
            }
            Self::Missing { contract, requires } => {
                format!("contract {contract} requires {requires}")
            }
            Self::Violated { contract, constraint } => {
                format!("contract {contract} is violated: {constraint}")
            }
            Self::ChainBroken { event, fault } => {
                format!("the chain is broken at event {event}: {}", fault.describe())
            }
            Self::MissingEvents { versions, events } => {
                format!("there are {versions} versions and {events} events")
            }
            Self::NotAsRecorded { modality, recorded, event, now } => format!(
                "event {event} recorded {modality} {}, it holds {} now",
                short(*recorded),
                short(*now)
            ),
            Self::OffEarth { position } => {
                format!("{}, {} is not on the Earth", position.latitude, position.longitude)
            }
            Self::FarFrom { named, radius_km, distance_km, .. } => format!(
                "the place is {distance_km:.1} km from {}, which reach {radius_km:.1} km",
                named.describe()
            ),
            _ => self.name().to_owned(),
        }
    }

    /// As a map: `evidence`, `modalities`, `says`.
    pub fn value(&self) -> Value {
        let modalities = self.modalities().iter().map(|m| m.name().into()).collect();
        Value::Map(BTreeMap::from([
            ("evidence".to_owned(), self.name().into()),
            ("modalities".to_owned(), Value::List(modalities)),
            ("says".to_owned(), Value::Text(self.describe())),
        ]))
    }
}

/// The beginning of a hash, enough to tell two apart by eye.
pub fn short(hash: ContentHash) -> String {
    hash.to_hex().chars().take(12).collect()
}
