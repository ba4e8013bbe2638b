//! `DESCRIBE HEXAD id`, `DESCRIBE CONTRACT name`, `DESCRIBE <modality>`.

use crate::engine::base::{Error, Kind, Modality, Result, Span, Value};
use crate::engine::exec::entity::Entity;
use crate::engine::exec::statement::{Job, contract, table};
use crate::engine::lang::ast::{Describe, Name, Source, SourceKind};
use crate::engine::lang::resolve::registry::{REGISTRY, registered};
use crate::engine::lang::resolve::{Catalog as _, NameKind, Seen};
use crate::engine::modality::provenance::chain::Chain;
use crate::engine::outcome::Outcome;
use crate::engine::store::{Producer, View};

/// Runs `DESCRIBE`.
pub fn run(job: &Job<'_>, describe: &Describe, span: Span) -> Result<Outcome> {
    let view = job.view()?;
    match describe {
        Describe::Source(source) => of_source(job, &view, source),
        Describe::Contract(name) => of_contract(&view, name),
        Describe::Modality(modality) => of_modality(job, &view, modality.modality, span),
    }
}

fn of_source(job: &Job<'_>, view: &View, source: &Source) -> Result<Outcome> {
    let SourceKind::Hexad(Some(id)) = &source.kind else {
        return Err(Error::not_supported("DESCRIBE of anything but one HEXAD", source.span));
    };
    let name = job.lower(view, |l| l.id(id))?;
    let entity = match view.iid(&name)? {
        Some(iid) => Entity::now(view, iid)?,
        None => None,
    };
    let Some(entity) = entity else {
        let message = format!("no hexad is called `{name}`");
        return Err(Error::new(Kind::NotFound, message).at(id.span));
    };
    let metas = entity.metas()?;
    let mut rows = vec![];
    for modality in Modality::ALL {
        let present = entity.present().contains(modality);
        let meta = metas.iter().find(|(m, _, _)| *m == modality);
        let (version, hash, producer, derived) = match meta {
            Some((_, version, meta)) => (
                Value::Int(i64::from(*version)),
                Value::Text(meta.content_hash.to_hex()),
                Value::Text(producer(&meta.producer)),
                derived_from(meta),
            ),
            None => (Value::Null, Value::Null, Value::Null, Value::Null),
        };
        let (contents, problems) = if present {
            (contents(&entity, modality)?, problems(view, &entity, modality)?)
        } else {
            (Value::Null, Value::Null)
        };
        rows.push(vec![
            modality.name().into(),
            Value::Bool(present),
            contents,
            version,
            hash,
            producer,
            derived,
            problems,
        ]);
    }
    let columns = [
        "modality",
        "present",
        "contents",
        "version",
        "content_hash",
        "producer",
        "derived_from",
        "problems",
    ];
    Ok(table("DESCRIBE", &columns, rows))
}

fn producer(producer: &Producer) -> String {
    match producer {
        Producer::User => "user".to_owned(),
        Producer::Model { name, .. } => name.clone(),
    }
}

fn derived_from(meta: &crate::engine::store::RecordMeta) -> Value {
    if meta.derived_from.is_empty() {
        return Value::Null;
    }
    let sources = meta
        .derived_from
        .iter()
        .map(|d| Value::Text(format!("{} version {}", d.modality, d.version)))
        .collect();
    Value::List(sources)
}

/// One line about what is there.
fn contents(entity: &Entity<'_>, modality: Modality) -> Result<Value> {
    let text = match modality {
        Modality::Graph => counted(entity.graph()?.map_or(0, |g| g.edges.len()), "edge"),
        Modality::Vector => match entity.vector()? {
            Some(vectors) => vectors
                .named
                .iter()
                .map(|(name, e)| format!("{name}: {} dimensions", e.data.len()))
                .collect::<Vec<_>>()
                .join(", "),
            None => return Ok(Value::Null),
        },
        Modality::Tensor => match entity.tensor()? {
            Some(t) => format!("shape {:?}, {}", t.shape, t.data.dtype().name()),
            None => return Ok(Value::Null),
        },
        Modality::Semantic => match entity.semantic()? {
            Some(s) if s.types.is_empty() => format!("{} properties", s.properties.len()),
            Some(s) => s.types.join(", "),
            None => return Ok(Value::Null),
        },
        Modality::Document => match entity.document()? {
            Some(d) => {
                let mut names: Vec<&str> = d.fields.keys().map(String::as_str).collect();
                names.extend(d.body.as_ref().map(|_| "body"));
                names.extend(d.title.as_ref().map(|_| "title"));
                names.sort_unstable();
                names.join(", ")
            }
            None => return Ok(Value::Null),
        },
        Modality::Temporal => counted(entity.versions()?.len(), "version"),
        Modality::Provenance => counted(entity.events()?.len(), "event"),
        Modality::Spatial => match entity.spatial()? {
            Some(place) => place.geometry.type_name().to_owned(),
            None => return Ok(Value::Null),
        },
    };
    Ok(Value::Text(text))
}

/// `1 edge`, `2 edges`.
fn counted(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

/// What is wrong with it, if something is.
fn problems(view: &View, entity: &Entity<'_>, modality: Modality) -> Result<Value> {
    match modality {
        Modality::Graph => {
            let mut dangling = vec![];
            for edge in entity.graph()?.map(|g| g.edges.as_slice()).unwrap_or_default() {
                if view.iid(edge.target.as_str())?.is_none() {
                    dangling.push(format!("-[{}]-> {}", edge.predicate, edge.target));
                }
            }
            if dangling.is_empty() {
                return Ok(Value::Null);
            }
            let list = dangling.join(", ");
            Ok(Value::Text(format!("leads to a hexad that does not exist: {list}")))
        }
        Modality::Provenance => {
            let verdict = Chain(entity.events()?).verify();
            Ok(match verdict.broken {
                Some((number, fault)) => {
                    Value::Text(format!("event {number}: {}", fault.describe()))
                }
                None => Value::Null,
            })
        }
        _ => Ok(Value::Null),
    }
}

fn of_contract(view: &View, name: &Name) -> Result<Outcome> {
    let Some((text, create)) = contract::definition(view, &name.text)? else {
        let message = format!("no contract is called `{}`", name.text);
        return Err(Error::new(Kind::ContractNotFound, message).at(name.span));
    };
    let condition = text.get(create.condition.span.range()).unwrap_or_default().to_owned();
    let defaults = contract::load(view, &name.text)?.map(|c| c.defaults).unwrap_or_default();
    Ok(table(
        "DESCRIBE",
        &["name", "proof_type", "condition", "parameters", "definition"],
        vec![vec![
            name.text.as_str().into(),
            create.proof_type.map_or(Value::Null, |t| Value::Text(t.text)),
            condition.into(),
            Value::Map(defaults),
            text.into(),
        ]],
    ))
}

fn of_modality(job: &Job<'_>, view: &View, modality: Modality, span: Span) -> Result<Outcome> {
    let _ = span;
    let catalog = job.shared.names(view)?;
    let mut rows: Vec<Vec<Value>> = REGISTRY
        .iter()
        .filter(|f| f.modality == modality)
        .map(|f| {
            let name = f.names.first().copied().unwrap_or_default();
            vec![name.into(), f.ty.name().into(), Value::Bool(f.many), "computed".into()]
        })
        .collect();
    for name in catalog.names(NameKind::Fields(modality)) {
        if registered(modality, &name).is_some() {
            continue;
        }
        let path: Vec<String> = name.split('.').map(str::to_owned).collect();
        let ty = match catalog.field(modality, &path) {
            Seen::As(ty) => ty.to_string().into(),
            Seen::Never | Seen::Unknown => Value::Null,
        };
        rows.push(vec![name.into(), ty, Value::Bool(false), "stored".into()]);
    }
    Ok(table("DESCRIBE", &["field", "type", "many", "kind"], rows))
}
