//! What the shapes of other systems say and the eight records have no place for.
//!
//! Nothing that is said gets lost: such things become semantic properties, or fields of the document
//! where they describe it.

use std::collections::BTreeMap;

use crate::engine::base::{Fault, Kind, Value};
use crate::engine::hexad::HexadInput;

/// Things on their way to another modality.
#[derive(Default)]
pub(super) struct Keep {
    /// To become fields of the document.
    pub(super) fields: BTreeMap<String, Value>,
    /// To become semantic properties.
    pub(super) properties: BTreeMap<String, Value>,
}

impl Keep {
    /// Puts everything where it goes; what is there already may not be said again.
    pub(super) fn settle(self, input: &mut HexadInput) -> Result<(), Fault> {
        if !self.fields.is_empty() {
            let fields = &mut input.document.get_or_insert_default().fields;
            merge(fields, self.fields, "document")?;
        }
        if !self.properties.is_empty() {
            let properties = &mut input.semantic.get_or_insert_default().properties;
            merge(properties, self.properties, "semantic.properties")?;
        }
        Ok(())
    }
}

fn merge(
    into: &mut BTreeMap<String, Value>,
    from: BTreeMap<String, Value>,
    key: &str,
) -> Result<(), Fault> {
    for (name, value) in from {
        if into.contains_key(&name) {
            let key = format!("{key}.{name}");
            return Err(Fault::new(Kind::InvalidInput, key, "stated twice"));
        }
        into.insert(name, value);
    }
    Ok(())
}
