//! What is known by name where the statements will run: from a schema file, from a database, or
//! not at all; and what the open texts themselves declare.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::live::Live;
use crate::engine::base::Modality;
use crate::engine::catalog::Snapshot;
use crate::engine::lang::complete::Names;
use crate::engine::lang::resolve::{Catalog, Known, NameKind, Seen};

/// The names that statements may use. Cheap to clone.
#[derive(Clone, Default)]
pub struct Catalogue {
    /// Counts the changes: what was found with another generation is out of date.
    generation: u64,
    /// What is stored, where somebody knows.
    stored: Option<Arc<Snapshot>>,
    /// Prepared statements, beside those of the texts.
    prepared: BTreeSet<String>,
    /// Named snapshots.
    snapshots: BTreeSet<String>,
    /// Contracts that the open texts create.
    declared: BTreeSet<String>,
    /// The database, where one is connected.
    live: Option<Arc<dyn Live>>,
}

impl Catalogue {
    /// Which state it is in.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// What is stored, where somebody knows.
    pub fn stored(&self) -> Option<&Snapshot> {
        self.stored.as_deref()
    }

    /// The database, where one is connected.
    pub fn live(&self) -> Option<&Arc<dyn Live>> {
        self.live.as_ref()
    }

    /// Prepared statements known beside those of the texts.
    pub fn prepared(&self) -> &BTreeSet<String> {
        &self.prepared
    }

    /// Named snapshots.
    pub fn snapshots(&self) -> &BTreeSet<String> {
        &self.snapshots
    }

    /// The same with these names, in a new generation.
    #[must_use]
    pub fn with(&self, stored: Option<Arc<Snapshot>>, live: Option<Arc<dyn Live>>) -> Self {
        Self { generation: self.generation + 1, stored, live, ..self.clone() }
    }

    /// The same with these contracts created by open texts, in a new generation when they differ.
    #[must_use]
    pub fn declaring(&self, declared: BTreeSet<String>) -> Self {
        let generation = self.generation + u64::from(declared != self.declared);
        Self { generation, declared, ..self.clone() }
    }

    /// What completion draws from.
    pub fn offers(&self) -> Offers<'_> {
        Offers { catalogue: self }
    }
}

impl Catalog for Catalogue {
    /// A text in an editor is a document: nobody is about to execute it.
    fn live(&self) -> bool {
        false
    }

    fn field(&self, modality: Modality, path: &[String]) -> Seen {
        self.stored.as_ref().map_or(Seen::Unknown, |stored| stored.field(modality, path))
    }

    fn contract(&self, name: &str) -> Known {
        if self.declared.contains(name) {
            return Known::Yes;
        }
        self.stored.as_ref().map_or(Known::Unknown, |stored| stored.contract(name))
    }

    fn collection(&self, name: &str) -> Known {
        self.stored.as_ref().map_or(Known::Unknown, |stored| stored.collection(name))
    }

    fn store(&self, name: &str) -> Known {
        self.stored.as_ref().map_or(Known::Unknown, |stored| stored.store(name))
    }

    fn setting(&self, name: &str) -> Known {
        self.stored.as_ref().map_or(Known::Unknown, |stored| stored.setting(name))
    }

    fn names(&self, of: NameKind) -> Vec<String> {
        // Every database has some names.
        let stored = match &self.stored {
            Some(stored) => Catalog::names(&**stored, of),
            None => Catalog::names(&Snapshot::default(), of),
        };
        let mut all: BTreeSet<String> = stored.into_iter().collect();
        if of == NameKind::Contracts {
            all.extend(self.declared.iter().cloned());
        }
        all.into_iter().collect()
    }
}

/// The names of a catalogue with the ids of the database behind it.
pub struct Offers<'a> {
    catalogue: &'a Catalogue,
}

impl Names for Offers<'_> {
    fn names(&self, of: NameKind) -> Vec<String> {
        Catalog::names(self.catalogue, of)
    }

    fn ids(&self, prefix: &str, limit: usize) -> Vec<String> {
        // Completion that fails offers nothing; running the statement will say why.
        let found = self.catalogue.live.as_ref().map(|live| live.ids(prefix, limit));
        found.and_then(Result::ok).unwrap_or_default()
    }

    fn prepared(&self) -> Vec<String> {
        self.catalogue.prepared.iter().cloned().collect()
    }

    fn snapshots(&self) -> Vec<String> {
        self.catalogue.snapshots.iter().cloned().collect()
    }
}
