//! A line of JSON as a [`HexadInput`].

use crate::engine::base::{Fault, HexadId, Kind};
use crate::engine::hexad::{HexadInput, Restored};
use crate::engine::modality::provenance::Event;
use crate::engine::modality::temporal::Version;

use super::keep::Keep;
use super::modality;
use super::scan::Scanner;

const KEYS: &[&str] = &[
    "id",
    "document",
    "vector",
    "graph",
    "semantic",
    "tensor",
    "temporal",
    "provenance",
    "spatial",
    "origins",
];

/// Everything a line says, before it is put together.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) input: HexadInput,
    pub(super) keep: Keep,
    pub(super) versions: Vec<Version>,
    pub(super) events: Vec<Event>,
}

/// Reads one line. The result is well formed; whether it is valid is asked by
/// [`HexadInput::admit`].
pub fn parse(line: &str) -> Result<HexadInput, Fault> {
    parse_but(line, &[])
}

/// The same, but the members `ignored` may be there and mean nothing: what was answered can be sent
/// back with what only the database may say.
pub fn parse_but(line: &str, ignored: &[&str]) -> Result<HexadInput, Fault> {
    let mut scanner = Scanner::new(line);
    let mut draft = Draft::default();
    scanner.object(|scanner, key| {
        if ignored.contains(&&*key) {
            return scanner.skip();
        }
        if scanner.null() {
            return if known(&key) { Ok(()) } else { Err(unknown(KEYS)) };
        }
        member(&mut draft, scanner, &key)
    })?;
    scanner.end()?;
    let Draft { mut input, keep, versions, events } = draft;
    keep.settle(&mut input)?;
    if !(versions.is_empty() && events.is_empty()) {
        input.restored = Some(Restored { versions, events });
    }
    Ok(input)
}

fn known(key: &str) -> bool {
    const ALIASES: &[&str] = &[
        "title",
        "body",
        "embedding",
        "types",
        "relationships",
        "metadata",
        "category",
        "intentional_drift",
        "drift_note",
    ];
    KEYS.contains(&key) || ALIASES.contains(&key)
}

/// One key of the line: a modality, or one of the short forms other systems use.
fn member(draft: &mut Draft, scanner: &mut Scanner<'_>, key: &str) -> Result<(), Fault> {
    match key {
        "id" => {
            let id = HexadId::new(scanner.string()?)
                .map_err(|error| Fault::new(error.kind, "", error.message))?;
            draft.input.id = Some(id);
        }
        "document" => modality::document(draft, scanner)?,
        "vector" => modality::vector(draft, scanner)?,
        "graph" => modality::graph(draft, scanner)?,
        "semantic" => modality::semantic(draft, scanner)?,
        "tensor" => modality::tensor(draft, scanner)?,
        "temporal" => modality::temporal(draft, scanner)?,
        "provenance" => modality::provenance(draft, scanner)?,
        "spatial" => modality::spatial(draft, scanner)?,
        "origins" => modality::origins(draft, scanner)?,
        "title" | "body" => modality::short_text(draft, scanner, key)?,
        "embedding" => modality::short_embedding(draft, scanner)?,
        "types" => modality::short_types(draft, scanner)?,
        "relationships" => modality::edges(draft, scanner)?,
        "metadata" | "category" => {
            draft.keep.fields.insert(key.to_owned(), scanner.value()?);
        }
        "intentional_drift" | "drift_note" => {
            draft.keep.properties.insert(key.to_owned(), scanner.value()?);
        }
        _ => return Err(unknown(KEYS)),
    }
    Ok(())
}

/// The fault of a key that means nothing here.
pub(super) fn unknown(keys: &[&str]) -> Fault {
    Fault::new(Kind::InvalidInput, "", format!("unknown key, known here: {}", keys.join(", ")))
}

/// The fault of something said in two ways.
pub(super) fn twice() -> Fault {
    Fault::new(Kind::InvalidInput, "", "stated twice")
}
