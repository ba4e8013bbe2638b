//! The words every layer shares: identities, values, instants, spans, errors, limits.
//!
//! Nothing here reads a clock, a file or the environment, and nothing here knows another layer.
#![warn(clippy::disallowed_methods)]

pub mod clock;
pub mod codec;
pub mod error;
pub mod fault;
pub mod hash;
pub mod id;
pub mod limit;
pub mod modality;
pub mod plain;
pub mod span;
pub mod time;
pub mod value;

pub use clock::{Clock, Rng};
pub use error::{Error, Kind, Result};
pub use fault::Fault;
pub use hash::ContentHash;
pub use id::{HexadId, Iid, Lsn};
pub use modality::{Modality, ModalitySet};
pub use span::Span;
pub use time::Timestamp;
pub use value::Value;
