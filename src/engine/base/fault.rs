//! What is wrong with a record somebody wants to write, and at which key of it.

use super::{Error, Kind};

/// A rule of a modality that some input breaks.
///
/// The key is a path as a reader of the input would say it: `vector.embedding[3]`. It is kept apart
/// from the message so that an import can list it in a column of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Which kind of error it is.
    pub kind: Kind,
    /// The path to the offending part; empty for the whole record.
    pub key: String,
    /// What is wrong, lower case, without a full stop and without the key.
    pub message: String,
}

impl Fault {
    /// A fault at `key`.
    pub fn new(kind: Kind, key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { kind, key: key.into(), message: message.into() }
    }

    /// The same fault seen from outside of the part called `outer`.
    #[must_use]
    pub fn within(mut self, outer: &str) -> Self {
        self.key = match self.key.as_bytes().first() {
            None => outer.to_owned(),
            Some(b'[') => format!("{outer}{}", self.key),
            Some(_) => format!("{outer}.{}", self.key),
        };
        self
    }
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        if fault.key.is_empty() {
            return Self::new(fault.kind, fault.message);
        }
        Self::new(fault.kind, format!("{}: {}", fault.key, fault.message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_grows_outwards() {
        let fault = Fault::new(Kind::InvalidVector, "[3]", "not finite");
        let fault = fault.within("embedding").within("vector");
        assert_eq!(fault.key, "vector.embedding[3]");
        assert_eq!(Error::from(fault).message, "vector.embedding[3]: not finite");
    }
}
