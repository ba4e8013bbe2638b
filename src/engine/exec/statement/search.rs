//! `SEARCH TEXT`, `SEARCH VECTOR`, `SEARCH RELATED`, `SEARCH <modality>`: short forms of queries.

use crate::engine::base::{Error, Kind, Modality, Result, Span};
use crate::engine::exec::statement::{Job, query};
use crate::engine::lang::ast::{Name, Path, Search, SearchKind};
use crate::engine::lang::resolve::{FieldRef, Scope};
use crate::engine::outcome::Outcome;
use crate::engine::plan::logical::{Filter, Item, Scalar, Select, Source, Test, TextSearch};
use crate::engine::plan::lower::Lowering;

/// Runs a search.
pub fn run(job: &Job<'_>, search: &Search, span: Span) -> Result<Outcome> {
    let view = job.view()?;
    let select = job.lower(&view, |l| lower(l, search, span))?;
    let mut outcome = query::one(job, &view, &select, true)?;
    outcome.tag = "SEARCH";
    Ok(outcome)
}

/// The query a search is short for.
pub fn lower(lowering: &Lowering<'_>, search: &Search, span: Span) -> Result<Select> {
    let mut source = Source::All;
    let mut columns = vec!["id", "score", "title"];
    let filter = match &search.kind {
        SearchKind::Text(query) => {
            let query = lowering.text_value(query)?;
            lowering.leaf(Test::FullText(TextSearch { query, any_word: true }), span)
        }
        SearchKind::Vector { target, within, metric } => {
            let target = lowering.vector_target(target)?;
            let within = within.as_ref().map(|w| lowering.number(w)).transpose()?;
            let subject = embedding(span);
            let found = lowering.vector_search(&subject, target, metric.as_ref(), within, None)?;
            lowering.leaf(Test::Similar(found), span)
        }
        SearchKind::Related { id, predicate } => {
            columns = vec!["id", "title"];
            let id_text = lowering.id(id)?;
            let predicate = match predicate {
                Some(word) => lowering.id(word)?,
                None => "related".to_owned(),
            };
            lowering.related(&id_text, &predicate, span)
        }
        SearchKind::Modality { modality, condition } => {
            columns = vec!["id", "title", modality.modality.name()];
            source = Source::Having(modality.modality);
            match condition {
                Some(condition) => lowering.condition(condition)?,
                None => Filter::Const(true),
            }
        }
        SearchKind::Error => {
            return Err(Error::new(Kind::UnexpectedToken, "the search is malformed").at(span));
        }
    };
    let limit = search.limit.as_ref().map(|n| lowering.row_count(n)).transpose()?;
    let items = columns.into_iter().map(|name| column(name, span)).collect();
    Ok(Select { items, limit, ..super::target::rows_of(source, filter) })
}

fn embedding(span: Span) -> Path {
    use crate::engine::lang::ast::ModalityRef;
    Path {
        modality: Some(ModalityRef { modality: Modality::Vector, span }),
        segments: vec![Name { text: "embedding".to_owned(), span }],
        span,
    }
}

fn column(name: &str, span: Span) -> Item {
    use crate::engine::lang::ast::ModalityRef;
    let segment = |text: &str| vec![Name { text: text.to_owned(), span }];
    let (modality, segments) = match name {
        "title" => (Some(Modality::Document), segment("title")),
        other => match Modality::from_keyword(other) {
            Some(modality) => (Some(modality), vec![]),
            None => (None, segment(other)),
        },
    };
    let modality = modality.map(|modality| ModalityRef { modality, span });
    let field = FieldRef::of(&Path { modality, segments, span }, &Scope::default());
    Item { name: name.to_owned(), value: Scalar::Field(field.into()), span }
}
