//! What makes semantics valid. Whether a type is known and its constraints hold is not asked here.

use super::Semantics;
use crate::engine::base::{Fault, plain};

impl Semantics {
    /// True when nothing is said; such semantics are the same as none.
    pub fn is_empty(&self) -> bool {
        self.types.is_empty() && self.properties.is_empty() && self.verifications.is_empty()
    }
}

/// The semantics as they are stored, types sorted and named once, or what is wrong with them.
pub fn admit(semantics: Semantics) -> Result<Semantics, Fault> {
    let Semantics { mut types, properties, verifications } = semantics;
    for (i, name) in types.iter().enumerate() {
        plain::check_name("a type", name).map_err(|fault| fault.within(&format!("types[{i}]")))?;
    }
    types.sort_unstable();
    types.dedup();
    for (i, verification) in verifications.iter().enumerate() {
        let here = |fault: Fault| fault.within(&format!("verifications[{i}]"));
        plain::check_name("a verifier", &verification.verifier)
            .map_err(|fault| here(fault.within("verifier")))?;
        if let Some(proof) = &verification.proof {
            plain::check_name("a proof", proof).map_err(|fault| here(fault.within("proof")))?;
        }
    }
    let properties = plain::plain_map(properties).map_err(|fault| fault.within("properties"))?;
    Ok(Semantics { types, properties, verifications })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_a_set_of_names() {
        let types = |names: &[&str]| Semantics {
            types: names.iter().map(|name| (*name).to_owned()).collect(),
            ..Semantics::default()
        };
        assert_eq!(admit(types(&["b", "a", "b"])).unwrap().types, ["a", "b"]);
        assert_eq!(admit(types(&["a", ""])).unwrap_err().key, "types[1]");
    }
}
