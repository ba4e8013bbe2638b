//! Binding: what the names of a statement mean, and whether its parts fit together.
//!
//! Everything here is a pure function of a statement and a [`Catalog`]. The same tables serve the
//! checker, the executor, completion and the reference manual: what a name addresses ([`fields`]),
//! which functions exist ([`functions`]), how instants are written ([`instants`]), what can be
//! proved ([`proofs`]). Nothing here executes, and nothing here opens a database.

pub mod check;
pub mod fields;
pub mod functions;
pub mod groups;
pub mod instants;
pub mod proofs;
pub mod registry;
mod scope;
pub mod tensors;
pub mod ty;
pub mod walk;

pub use check::{check, check_statement};
pub use fields::{FieldRef, Place, Pseudo, Scope, Subject};
pub use groups::GroupRef;
pub use ty::Ty;

use crate::engine::base::Modality;

/// What the checker may ask about the database a statement will run against.
///
/// Every answer may be "I cannot know": a catalog is a snapshot of names, and a statement is also
/// checked where no database is at hand (`vql fmt --lint`, an editor).
pub trait Catalog {
    /// True when a database stands behind it, so that the statement is about to be executed.
    ///
    /// Without one a statement is a document: what only an execution would refuse (`...`, a ranking
    /// without a query vector, a function of another product) is a warning.
    fn live(&self) -> bool;

    /// Whether data of this modality ever had a field of this path, and of what type.
    ///
    /// Document fields by path, semantic properties by path, graph predicates, names of embeddings.
    fn field(&self, modality: Modality, path: &[String]) -> Seen;

    /// Whether a contract of this name exists.
    fn contract(&self, name: &str) -> Known;

    /// Whether `FROM name` is a collection of this database.
    fn collection(&self, name: &str) -> Known;

    /// Whether `FROM STORE name` is a store of this database.
    fn store(&self, name: &str) -> Known;

    /// Whether `SET name` is a setting.
    fn setting(&self, name: &str) -> Known;

    /// All names of one kind, for did-you-mean; they need no order.
    fn names(&self, of: NameKind) -> Vec<String>;
}

/// Whether something exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// It does.
    Yes,
    /// It does not.
    No,
    /// The catalog cannot tell.
    Unknown,
}

impl From<bool> for Known {
    fn from(exists: bool) -> Self {
        if exists { Self::Yes } else { Self::No }
    }
}

/// What is known of a dynamic field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Some hexad has or had it, with values of this type.
    As(Ty),
    /// No hexad ever had it.
    Never,
    /// The catalog cannot tell.
    Unknown,
}

/// A kind of names a catalog can list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NameKind {
    /// Dynamic fields of a modality, with dots.
    Fields(Modality),
    /// Contracts.
    Contracts,
    /// Collections.
    Collections,
    /// Stores.
    Stores,
    /// Settings.
    Settings,
}

/// The catalog where there is no database: it knows that it knows nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCatalog;

impl Catalog for NoCatalog {
    fn live(&self) -> bool {
        false
    }

    fn field(&self, _: Modality, _: &[String]) -> Seen {
        Seen::Unknown
    }

    fn contract(&self, _: &str) -> Known {
        Known::Unknown
    }

    fn collection(&self, _: &str) -> Known {
        Known::Unknown
    }

    fn store(&self, _: &str) -> Known {
        Known::Unknown
    }

    fn setting(&self, _: &str) -> Known {
        Known::Unknown
    }

    fn names(&self, _: NameKind) -> Vec<String> {
        Vec::new()
    }
}
