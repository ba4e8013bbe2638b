//! Identities: what users call an entity, what the engine calls it, and where a commit stands.

use std::fmt;

use super::{Error, Kind, limit};

/// The name of a hexad: 1 to 256 bytes of UTF-8 without control characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HexadId(String);

impl HexadId {
    /// Takes a name, or says what is wrong with it (`InvalidHexadId`).
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        if name.is_empty() {
            return Err(Error::new(Kind::InvalidHexadId, "a hexad id may not be empty"));
        }
        if name.len() > limit::ID_BYTES {
            return Err(Error::new(
                Kind::InvalidHexadId,
                format!("hexad id of {} bytes, the limit is {}", name.len(), limit::ID_BYTES),
            ));
        }
        if let Some(c) = name.chars().find(|c| c.is_control()) {
            return Err(Error::new(
                Kind::InvalidHexadId,
                format!("hexad id holds the control character U+{:04X}", u32::from(c)),
            ));
        }
        Ok(Self(name))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name, given away.
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for HexadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The internal id of a hexad, dense, never reused; candidate sets are bitmaps of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Iid(pub u32);

/// Log sequence number: the position of a commit in the order of all commits, from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Lsn(pub u64);

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
