//! Rows of comma-separated values as hexads, by a mapping from columns to places in a hexad.
//!
//! Cells are typed by how they look: `true`, whole numbers and decimals as JSON spells them, text
//! otherwise (`007` stays text); an empty cell says nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::engine::base::{Error, Fault, HexadId, Kind, Result, Timestamp, Value};
use crate::engine::hexad::{HexadInput, ProvenanceInput};
use crate::engine::modality::document::Document;
use crate::engine::modality::graph::Edge;
use crate::engine::modality::semantic::Semantics;
use crate::engine::modality::spatial::{Geometry, Place, Position};
use crate::engine::modality::temporal::ValidTime;
use crate::engine::modality::vector::{DEFAULT_NAME, Embedding};

/// Which column goes where: pairs of a target (`title`, `document.year`, `spatial.latitude`) and the
/// name of a column. A column nobody maps goes where its own name says, or becomes a field of the
/// document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping(pub Vec<(String, String)>);

/// Where the cells of a column go.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Target {
    Id,
    Title,
    Body,
    Field(String),
    Types,
    Property(String),
    Latitude,
    Longitude,
    Altitude,
    Embedding,
    Model,
    Edges(String),
    ValidFrom,
    ValidTo,
    Event,
    Actor,
    Source,
    Description,
    Digest,
}

impl Target {
    /// What a mapping or the name of a column means; `None` for a path that leads nowhere.
    fn parse(name: &str) -> Option<Self> {
        let field = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        Some(match name {
            "id" => Self::Id,
            "title" | "document.title" => Self::Title,
            "body" | "document.body" => Self::Body,
            "types" | "semantic.types" => Self::Types,
            "latitude" | "spatial.latitude" => Self::Latitude,
            "longitude" | "spatial.longitude" => Self::Longitude,
            "altitude" | "spatial.altitude" => Self::Altitude,
            "embedding" | "vector.embedding" => Self::Embedding,
            "model" | "vector.model" => Self::Model,
            "temporal.valid_from" => Self::ValidFrom,
            "temporal.valid_to" => Self::ValidTo,
            "provenance.event" => Self::Event,
            "provenance.actor" => Self::Actor,
            "provenance.source" => Self::Source,
            "provenance.description" => Self::Description,
            "provenance.digest" => Self::Digest,
            _ => match name.split_once('.') {
                Some(("document", name)) => Self::Field(field(name)?),
                Some(("semantic", name)) => {
                    Self::Property(field(name.strip_prefix("properties.").unwrap_or(name))?)
                }
                Some(("graph", name)) => Self::Edges(field(name)?),
                Some(("spatial" | "vector" | "temporal" | "provenance" | "tensor", _)) => {
                    return None;
                }
                _ => Self::Field(field(name)?),
            },
        })
    }

    /// The target of a column by its own name alone: `model` there is more likely a field.
    fn of_column(name: &str) -> Self {
        match Self::parse(name) {
            Some(Self::Model) if name == "model" => Self::Field(name.to_owned()),
            Some(target) => target,
            None => Self::Field(name.to_owned()),
        }
    }
}

/// The first line of a source, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    separator: u8,
    columns: Vec<(String, Vec<Target>)>,
}

impl Header {
    /// Reads the names of the columns and applies the mapping.
    ///
    /// The separator is whichever of comma, semicolon and tab stands most often in the line.
    pub fn read(line: &[u8], mapping: &Mapping) -> Result<Self> {
        let wrong = |message: String| Error::new(Kind::InvalidInput, message);
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let line = std::str::from_utf8(line)
            .map_err(|_| wrong("the line of column names is not UTF-8".to_owned()))?;
        let count = |separator: u8| line.bytes().filter(|b| *b == separator).count();
        let separator = [b'\t', b';', b',']
            .into_iter()
            .max_by_key(|separator| count(*separator))
            .unwrap_or(b',');
        let names = cells(line, separator).map_err(Error::from)?;
        let mut columns: Vec<(String, Vec<Target>)> =
            names.into_iter().map(|name| (name.trim().to_owned(), Vec::new())).collect();
        for (target, column) in &mapping.0 {
            let parsed = Target::parse(target).ok_or_else(|| {
                wrong(format!("no place in a hexad is called `{target}`"))
                    .hint("places are id, title, body, document.NAME, semantic.types, graph.PREDICATE, spatial.latitude ..")
            })?;
            let Some(found) = columns.iter_mut().find(|(name, _)| name == column) else {
                let names: Vec<&str> = columns.iter().map(|(name, _)| name.as_str()).collect();
                return Err(wrong(format!("no column is called `{column}`"))
                    .hint(format!("columns are {}", names.join(", "))));
            };
            found.1.push(parsed);
        }
        for (name, targets) in &mut columns {
            if targets.is_empty() && !name.is_empty() {
                targets.push(Target::of_column(name));
            }
        }
        Ok(Self { separator, columns })
    }

    /// One record as an input.
    pub fn input(&self, record: &str) -> Result<HexadInput, Fault> {
        let cells = cells(record, self.separator)?;
        if cells.len() != self.columns.len() {
            let message = format!("{} cells, {} columns", cells.len(), self.columns.len());
            return Err(Fault::new(Kind::InvalidInput, "", message));
        }
        let mut row = Row::default();
        for ((name, targets), cell) in self.columns.iter().zip(&cells) {
            if cell.is_empty() {
                continue;
            }
            for target in targets {
                row.put(target, cell).map_err(|fault| fault.within(name))?;
            }
        }
        row.finish()
    }
}

/// The cells of one record: RFC 4180, quotes doubled inside of quotes.
fn cells(record: &str, separator: u8) -> Result<Vec<Cow<'_, str>>, Fault> {
    let record = record.strip_suffix('\n').unwrap_or(record);
    let record = record.strip_suffix('\r').unwrap_or(record);
    let bytes = record.as_bytes();
    let mut cells = Vec::new();
    let mut at = 0;
    loop {
        if bytes.get(at) == Some(&b'"') {
            let (cell, end) = quoted(record, at + 1)?;
            cells.push(cell);
            at = end;
            if bytes.get(at).is_some_and(|b| *b != separator) {
                let message = "a quote is closed before the end of its cell";
                return Err(Fault::new(Kind::InvalidInput, "", message));
            }
        } else {
            let rest = &bytes[at..];
            let length = rest.iter().position(|b| *b == separator).unwrap_or(rest.len());
            cells.push(Cow::Borrowed(&record[at..at + length]));
            at += length;
        }
        if at >= bytes.len() {
            return Ok(cells);
        }
        at += 1;
    }
}

/// The cell whose first byte after the quote is at `start`, and where it ends.
fn quoted(record: &str, start: usize) -> Result<(Cow<'_, str>, usize), Fault> {
    let mut out = String::new();
    let mut at = start;
    while let Some(length) = record[at..].find('"') {
        let end = at + length;
        if record[end + 1..].starts_with('"') {
            out.push_str(&record[at..=end]);
            at = end + 2;
            continue;
        }
        if out.is_empty() {
            return Ok((Cow::Borrowed(&record[at..end]), end + 1));
        }
        out.push_str(&record[at..end]);
        return Ok((Cow::Owned(out), end + 1));
    }
    Err(Fault::new(Kind::InvalidInput, "", "a quote is never closed"))
}

/// A cell as the value it looks like.
fn typed(cell: &str) -> Value {
    if cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false") {
        return Value::Bool(cell.eq_ignore_ascii_case("true"));
    }
    let numeric = cell.starts_with('-') || cell.starts_with(|c: char| c.is_ascii_digit());
    if numeric && let Ok(number) = serde_json::from_str::<serde_json::Number>(cell) {
        return Value::from_json(serde_json::Value::Number(number));
    }
    Value::from(cell)
}

/// The names in a cell that holds several.
fn several(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([';', '|']).map(str::trim).filter(|part| !part.is_empty())
}

/// What a record has said so far.
#[derive(Default)]
struct Row {
    input: HexadInput,
    document: Document,
    semantic: Semantics,
    latitude: Option<f64>,
    longitude: Option<f64>,
    altitude: Option<f64>,
    embedding: Option<Vec<f32>>,
    model: Option<String>,
    valid: ValidTime,
    event: Option<ProvenanceInput>,
}

impl Row {
    fn put(&mut self, target: &Target, cell: &str) -> Result<(), Fault> {
        let text = || cell.to_owned();
        match target {
            Target::Id => self.input.id = Some(id(cell)?),
            Target::Title => self.document.title = Some(text()),
            Target::Body => self.document.body = Some(text()),
            Target::Field(name) => {
                self.document.fields.insert(name.clone(), typed(cell));
            }
            Target::Types => self.semantic.types.extend(several(cell).map(str::to_owned)),
            Target::Property(name) => {
                self.semantic.properties.insert(name.clone(), typed(cell));
            }
            Target::Latitude => self.latitude = Some(degrees(cell)?),
            Target::Longitude => self.longitude = Some(degrees(cell)?),
            Target::Altitude => self.altitude = Some(degrees(cell)?),
            Target::Embedding => self.embedding = Some(numbers(cell)?),
            Target::Model => self.model = Some(text()),
            Target::Edges(predicate) => {
                let edges = &mut self.input.graph.get_or_insert_default().edges;
                for target in several(cell) {
                    edges.push(Edge {
                        predicate: predicate.clone(),
                        target: id(target)?,
                        properties: BTreeMap::new(),
                    });
                }
            }
            Target::ValidFrom => self.valid.from = Some(instant(cell)?),
            Target::ValidTo => self.valid.to = Some(instant(cell)?),
            Target::Event => self.event().event = text(),
            Target::Actor => self.event().actor = Some(text()),
            Target::Source => self.event().source = Some(text()),
            Target::Description => self.event().description = Some(text()),
            Target::Digest => self.event().digest = Some(text()),
        }
        Ok(())
    }

    fn event(&mut self) -> &mut ProvenanceInput {
        self.event.get_or_insert_with(|| ProvenanceInput {
            event: "imported".to_owned(),
            ..ProvenanceInput::default()
        })
    }

    fn finish(self) -> Result<HexadInput, Fault> {
        let mut input = self.input;
        input.document = Some(self.document).filter(|document| !document.is_empty());
        input.semantic = Some(self.semantic).filter(|semantics| !semantics.is_empty());
        input.temporal = Some(self.valid).filter(ValidTime::is_stated);
        input.provenance.extend(self.event);
        input.spatial = match (self.latitude, self.longitude) {
            (Some(latitude), Some(longitude)) => Some(Place {
                geometry: Geometry::Point(Position { latitude, longitude }),
                altitude: self.altitude,
            }),
            (None, None) => None,
            _ => {
                let message = "latitude and longitude go together";
                return Err(Fault::new(Kind::InvalidCoordinates, "spatial", message));
            }
        };
        if let Some(data) = self.embedding {
            let embedding = Embedding { data: data.into(), model: self.model };
            let embeddings = input.vector.get_or_insert_default();
            embeddings.named.insert(DEFAULT_NAME.to_owned(), embedding);
        }
        Ok(input)
    }
}

fn id(cell: &str) -> Result<HexadId, Fault> {
    HexadId::new(cell).map_err(|error| Fault::new(error.kind, "", error.message))
}

fn degrees(cell: &str) -> Result<f64, Fault> {
    let number = cell.trim().parse().ok().filter(|x: &f64| x.is_finite());
    number.ok_or_else(|| Fault::new(Kind::InvalidCoordinates, "", format!("`{cell}` is no number")))
}

fn instant(cell: &str) -> Result<Timestamp, Fault> {
    Timestamp::parse(cell.trim()).ok_or_else(|| {
        Fault::new(Kind::InvalidTimestamp, "", format!("`{cell}` is no instant of ISO 8601"))
    })
}

/// Numbers with anything usual between them: `[0.1, 0.2]`, `0.1 0.2`, `0.1;0.2`.
fn numbers(cell: &str) -> Result<Vec<f32>, Fault> {
    let inner = cell.trim().trim_start_matches('[').trim_end_matches(']');
    inner
        .split([',', ';', ' ', '\t'])
        .filter(|part| !part.is_empty())
        .map(|part| {
            let number = part.parse::<f32>();
            number
                .map_err(|_| Fault::new(Kind::InvalidVector, "", format!("`{part}` is no number")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &str, mapping: &[(&str, &str)]) -> Header {
        let pairs = mapping.iter().map(|(to, from)| ((*to).to_owned(), (*from).to_owned()));
        Header::read(names.as_bytes(), &Mapping(pairs.collect())).unwrap()
    }

    #[test]
    fn columns_go_where_the_mapping_says() {
        let header = header(
            "Code,Name,Year,Lat,Lon,Tags,Cites\r\n",
            &[
                ("id", "Code"),
                ("title", "Name"),
                ("document.year", "Year"),
                ("spatial.latitude", "Lat"),
                ("spatial.longitude", "Lon"),
                ("semantic.types", "Tags"),
                ("graph.CITES", "Cites"),
            ],
        );
        let input = header.input("p1,\"Tides, and \"\"why\"\"\",1911,51.5,-0.1,a;b,p2;p3\r\n");
        let input = input.unwrap();
        assert_eq!(input.id.unwrap().as_str(), "p1");
        let document = input.document.unwrap();
        assert_eq!(document.title.as_deref(), Some("Tides, and \"why\""));
        assert_eq!(document.fields["year"], Value::Int(1911));
        assert_eq!(input.semantic.unwrap().types, ["a", "b"]);
        assert_eq!(input.graph.unwrap().edges.len(), 2);
        let position = Position { latitude: 51.5, longitude: -0.1 };
        assert_eq!(input.spatial.unwrap().geometry, Geometry::Point(position));
    }

    #[test]
    fn unmapped_columns_are_fields_typed_by_their_looks() {
        let header = header("id;count;ratio;code;flag;empty", &[]);
        let fields = header.input("a;12;0.5;007;TRUE;").unwrap().document.unwrap().fields;
        assert_eq!(fields["count"], Value::Int(12));
        assert_eq!(fields["ratio"], Value::Float(0.5));
        assert_eq!(fields["code"], Value::from("007"));
        assert_eq!(fields["flag"], Value::Bool(true));
        assert!(!fields.contains_key("empty"));
    }

    #[test]
    fn faults_name_the_column() {
        let header =
            header("id,Lat,Lon", &[("spatial.latitude", "Lat"), ("spatial.longitude", "Lon")]);
        let fault = header.input("a,north,1").unwrap_err();
        assert_eq!((fault.kind, fault.key.as_str()), (Kind::InvalidCoordinates, "Lat"));
        assert_eq!(header.input("a,1").unwrap_err().kind, Kind::InvalidInput);
        assert!(header.input("a,\"1,2").is_err());
        assert!(header.input("a,\"1\"x,2").is_err());
        let missing = Mapping(vec![("id".to_owned(), "Key".to_owned())]);
        assert!(Header::read(b"id,x", &missing).unwrap_err().hint.unwrap().contains("id, x"));
        let nowhere = Mapping(vec![("vector.x".to_owned(), "id".to_owned())]);
        assert!(Header::read(b"id,x", &nowhere).is_err());
    }
}
