//! What work costs: microseconds of one core, by the modality it is done in.
//!
//! The prices are [`Units`]: one number for each kind of elementary work. The built-in ones were
//! measured on a reference machine; `vql bench calibrate` measures those of another and keeps them in
//! its database. Nothing here knows which plan they are summed for.

use std::fmt;
use std::ops::{Add, AddAssign, Mul};

use crate::engine::base::Modality;

/// An amount of work.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    modalities: [f64; Modality::ALL.len()],
    engine: f64,
}

impl Cost {
    /// No work.
    pub const NONE: Self = Self { modalities: [0.0; Modality::ALL.len()], engine: 0.0 };

    /// Work in the files and indexes of one modality.
    pub fn of(modality: Modality, micros: f64) -> Self {
        let mut cost = Self::NONE;
        cost.modalities[modality as usize] = micros;
        cost
    }

    /// Work that belongs to no modality: headers of hexads, sets, sorting.
    pub fn engine(micros: f64) -> Self {
        Self { engine: micros, ..Self::NONE }
    }

    /// Microseconds of one core, all together.
    pub fn micros(&self) -> f64 {
        self.engine + self.modalities.iter().sum::<f64>()
    }

    /// Microseconds in one modality.
    pub fn in_modality(&self, modality: Modality) -> f64 {
        self.modalities[modality as usize]
    }

    /// Microseconds in none of them.
    pub fn in_engine(&self) -> f64 {
        self.engine
    }

    /// The modalities in which there is anything to do, with their microseconds.
    pub fn by_modality(&self) -> impl Iterator<Item = (Modality, f64)> + '_ {
        Modality::ALL.into_iter().zip(self.modalities).filter(|(_, micros)| *micros > 0.0)
    }
}

impl Add for Cost {
    type Output = Self;

    fn add(mut self, other: Self) -> Self {
        self += other;
        self
    }
}

impl AddAssign for Cost {
    fn add_assign(&mut self, other: Self) {
        self.engine += other.engine;
        for (own, more) in self.modalities.iter_mut().zip(other.modalities) {
            *own += more;
        }
    }
}

impl Mul<f64> for Cost {
    type Output = Self;

    fn mul(self, times: f64) -> Self {
        Self {
            modalities: self.modalities.map(|micros| micros * times),
            engine: self.engine * times,
        }
    }
}

impl std::iter::Sum for Cost {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::NONE, Add::add)
    }
}

/// What an estimate rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Nothing is known: a share that is right for many questions of this kind.
    #[default]
    Guess,
    /// The statistics of the last `ANALYZE`, or of the background.
    Statistics,
    /// What this database answered to questions of this shape before.
    Learned,
    /// An index counted it.
    Counted,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Guess => "guessed",
            Self::Statistics => "statistics",
            Self::Learned => "learned",
            Self::Counted => "counted",
        })
    }
}

/// What is expected of one operator.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Rows that are left behind it.
    pub rows: f64,
    /// The share of all rows of the source that pass it, were it alone.
    pub selectivity: f64,
    /// What it costs where it stands.
    pub cost: Cost,
    /// What that rests on.
    pub origin: Origin,
}

/// Declares the prices: field, microseconds on the reference machine, what for.
macro_rules! units {
    ($($name:ident = $micros:expr, $about:literal;)*) => {
        /// The prices of elementary work, in microseconds.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Units {
            $(#[doc = $about] pub $name: f64,)*
        }

        impl Default for Units {
            fn default() -> Self {
                Self { $($name: $micros,)* }
            }
        }

        impl Units {
            /// The names of all prices and what they are for.
            pub const ALL: &'static [(&'static str, &'static str)] =
                &[$((stringify!($name), $about),)*];

            /// A price by its name.
            pub fn get(&self, name: &str) -> Option<f64> {
                match name {
                    $(stringify!($name) => Some(self.$name),)*
                    _ => None,
                }
            }

            /// Sets a price by its name; false when there is none of this name, or when it is not a
            /// price: not finite, not above zero, or above a second.
            pub fn set(&mut self, name: &str, micros: f64) -> bool {
                if !micros.is_finite() || micros <= 0.0 || micros > 1_000_000.0 {
                    return false;
                }
                match name {
                    $(stringify!($name) => self.$name = micros,)*
                    _ => return false,
                }
                true
            }
        }
    };
}

units! {
    probe = 3.0, "asking any index anything";
    member = 0.01, "a hexad in a set that is met with another set";
    id_lookup = 2.5, "finding a hexad by its id";
    name = 0.4, "telling the id of a hexad, for an order by id";
    header = 4.0, "reading the header of a hexad";
    record = 7.0, "reading and decoding one record of a hexad";
    index_row = 0.8, "a row of an index of types, authors, shapes or places";
    column_entry = 0.03, "an entry of the sorted column of a field";
    test_value = 0.4, "comparing a value of a row that was read";
    test_text = 6.0, "searching the texts of a document that was read";
    test_vector = 0.3, "comparing an embedding that was read";
    test_drift = 60.0, "the drift scores of a hexad";
    posting = 0.05, "a document in the list of a word";
    score_text = 0.12, "ranking a document by its words";
    vector_code = 0.02, "a vector of 384 numbers, scanned by its codes";
    vector_graph = 180.0, "a search in the graph of vectors, at the usual recall";
    edge = 0.03, "following an edge";
    walk = 2.0, "beginning to walk from a hexad";
    place = 2.5, "a place in the tree of places";
    sort = 0.06, "comparing two rows while sorting";
    cell = 1.0, "making one value of the answer";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_add_up_by_modality() {
        let both =
            Cost::of(Modality::Vector, 3.0) + Cost::engine(1.0) + Cost::of(Modality::Graph, 2.0);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(both.micros(), 6.0);
        close(both.in_modality(Modality::Vector), 3.0);
        close((both * 2.0).in_engine(), 2.0);
        let by: Vec<_> = both.by_modality().collect();
        assert_eq!(by.len(), 2);
    }

    #[test]
    fn every_price_can_be_told_and_set_by_its_name() {
        let mut units = Units::default();
        for (name, _) in Units::ALL {
            assert!(units.get(name).is_some_and(|micros| micros > 0.0), "{name}");
            assert!(units.set(name, 17.5), "{name}");
            assert_eq!(units.get(name), Some(17.5), "{name}");
            for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e9] {
                assert!(!units.set(name, wrong), "{name} took {wrong}");
            }
        }
        assert!(!units.set("nothing", 1.0));
        assert_eq!(units.get("nothing"), None);
    }
}
