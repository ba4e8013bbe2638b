//! How far the modalities of one hexad have moved apart.
//!
//! Only measures: takes records already loaded, reads no storage, keeps no history, repairs nothing.
//! A score that cannot be measured because a side is missing is `None`, never zero. Scores of one kind
//! may be compared over time; scores of two kinds are on different scales.
#![warn(clippy::disallowed_methods)]

pub mod board;
pub mod embed;
pub mod evidence;
pub mod facts;
pub mod graph;
pub mod kind;
pub mod measure;
pub mod mentions;
pub mod pair;
pub mod provenance;
pub mod report;
pub mod schema;
pub mod scored;
pub mod spatial;
pub mod temporal;
pub mod tensor;
pub mod text;
pub mod threshold;
pub mod vector;

pub use embed::{embed, text_distance};
pub use evidence::{Evidence, Naming};
pub use kind::{DriftKind, Scores, Severity};
pub use measure::measure;
pub use mentions::Dictionary;
pub use pair::{Subject, consistency, drift_between};
pub use report::{Finding, Found, Report};
pub use scored::Measured;
