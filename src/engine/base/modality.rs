//! The eight places an entity lives in, and sets of them.

use std::fmt;

/// One of the eight representations of a hexad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Modality {
    /// Edges to other hexads.
    Graph = 0,
    /// Embeddings.
    Vector = 1,
    /// Dense arrays with a shape.
    Tensor = 2,
    /// Types, properties and verifications.
    Semantic = 3,
    /// Title, body and typed fields.
    Document = 4,
    /// Versions and valid time.
    Temporal = 5,
    /// The hash-chained history of who did what.
    Provenance = 6,
    /// Geometry on the sphere.
    Spatial = 7,
}

impl Modality {
    /// All eight, in the order in which the language documents them.
    pub const ALL: [Self; 8] = [
        Self::Graph,
        Self::Vector,
        Self::Tensor,
        Self::Semantic,
        Self::Document,
        Self::Temporal,
        Self::Provenance,
        Self::Spatial,
    ];

    /// The keyword, in capitals, as the language writes it.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Graph => "GRAPH",
            Self::Vector => "VECTOR",
            Self::Tensor => "TENSOR",
            Self::Semantic => "SEMANTIC",
            Self::Document => "DOCUMENT",
            Self::Temporal => "TEMPORAL",
            Self::Provenance => "PROVENANCE",
            Self::Spatial => "SPATIAL",
        }
    }

    /// The lower-case name used in JSON, file names and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Graph => "graph",
            Self::Vector => "vector",
            Self::Tensor => "tensor",
            Self::Semantic => "semantic",
            Self::Document => "document",
            Self::Temporal => "temporal",
            Self::Provenance => "provenance",
            Self::Spatial => "spatial",
        }
    }

    /// Finds a modality by its keyword, in any case.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name().eq_ignore_ascii_case(word))
    }

    /// The modality with this number on disk.
    pub fn from_u8(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

impl fmt::Display for Modality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of modalities, one bit each, bit `n` for the modality with number `n`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ModalitySet(pub u8);

impl ModalitySet {
    /// No modality.
    pub const EMPTY: Self = Self(0);
    /// All eight.
    pub const ALL: Self = Self(0xff);

    /// True when `modality` is in the set.
    pub fn contains(self, modality: Modality) -> bool {
        self.0 & (1 << modality as u8) != 0
    }

    /// Adds `modality`.
    pub fn insert(&mut self, modality: Modality) {
        self.0 |= 1 << modality as u8;
    }

    /// Takes `modality` away.
    pub fn remove(&mut self, modality: Modality) {
        self.0 &= !(1 << modality as u8);
    }

    /// The members, in the documented order.
    pub fn iter(self) -> impl Iterator<Item = Modality> {
        Modality::ALL.into_iter().filter(move |m| self.contains(*m))
    }

    /// True when nothing is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in either set.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<Modality> for ModalitySet {
    fn from_iter<T: IntoIterator<Item = Modality>>(members: T) -> Self {
        let mut set = Self::EMPTY;
        for modality in members {
            set.insert(modality);
        }
        set
    }
}
