//! `EMBED` in statements: which embedder is meant, and vectors made of the document of a hexad.
//!
//! Texts go to their embedders before anything is locked or written, those of one statement together.

use crate::engine::base::{Error, Kind, Modality, ModalitySet, Result, Span, Value};
use crate::engine::embed::{Embedder, producer};
use crate::engine::exec::statement::{Job, setting, table};
use crate::engine::hexad::Origin;
use crate::engine::lang::ast::{Expr, ExprKind};
use crate::engine::lang::resolve::functions::{Function, function};
use crate::engine::modality::vector::Embedding;
use crate::engine::outcome::Outcome;
use crate::engine::plan::lower::Lowering;
use crate::engine::store::View;

/// `EMBED(DOCUMENT)` or `EMBED(DOCUMENT, 'name')`: the vector of the document of the hexad that is
/// written, as the statement leaves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfDocument {
    /// The embedder, when it is named.
    pub embedder: Option<String>,
    /// Where.
    pub span: Span,
}

impl OfDocument {
    /// An expression as such; `None` when it is another one.
    pub fn of(lowering: &Lowering<'_>, expr: &Expr) -> Result<Option<Self>> {
        let ExprKind::Call(call) = &expr.kind else { return Ok(None) };
        if function(&call.name.text).is_none_or(|f| f.function != Function::Embed) {
            return Ok(None);
        }
        let of = call.args.first().and_then(Expr::path).filter(|path| path.segments.is_empty());
        match of.and_then(|path| path.modality).map(|m| m.modality) {
            Some(Modality::Document) if call.args.len() <= 2 => {}
            _ => return Ok(None),
        }
        let embedder = match call.args.get(1) {
            Some(name) => Some(lowering.text_value(name)?),
            None => None,
        };
        Ok(Some(Self { embedder, span: expr.span }))
    }
}

/// A right-hand side of a write.
pub enum Given {
    /// A value.
    Value(Value),
    /// Something made of the document.
    Made(OfDocument),
}

impl Given {
    /// A constant, or a vector of the document.
    pub fn of(lowering: &Lowering<'_>, expr: &Expr) -> Result<Self> {
        match OfDocument::of(lowering, expr)? {
            Some(made) => Ok(Self::Made(made)),
            None => lowering.value(expr).map(Self::Value),
        }
    }
}

/// Makes the vector of a text.
pub type Make<'a> = &'a dyn Fn(&OfDocument, &str) -> Result<(Embedding, Origin)>;

impl Job<'_> {
    /// The embedder of this name; else the one of the session, else that of the database.
    pub fn embedder(&self, view: &View, name: Option<&str>) -> Result<&dyn Embedder> {
        let embedders = &self.shared.options.embedders;
        if let Some(name) = name {
            return embedders.named(name);
        }
        let name = match setting::text(self.settings, "embedder") {
            Some(name) => name,
            None => setting::kept_embedder(view)?,
        };
        embedders.named(&name)
    }

    /// Makes the vector of a document, and says where it comes from.
    pub fn embed(&self, view: &View, of: &OfDocument, text: &str) -> Result<(Embedding, Origin)> {
        let embedder = self.embedder(view, of.embedder.as_deref()).map_err(|e| e.at(of.span))?;
        let made = self.memo.get(embedder, text, &self.budget.left());
        let data = made.map_err(|e| e.at(of.span))?;
        let model = Some(embedder.name().to_owned());
        let mut from = ModalitySet::EMPTY;
        from.insert(Modality::Document);
        Ok((Embedding { data, model }, Origin { producer: producer(embedder), from }))
    }

    /// What `ask` answers once every text it wants is embedded: of one embedder, all at once.
    ///
    /// `ask` runs twice when it wants any, so it must not leave anything behind.
    pub fn embedded<T>(&self, ask: impl Fn() -> Result<T>) -> Result<T> {
        let answer = self.memo.listen(&ask)?;
        if !self.memo.wants() {
            return Ok(answer);
        }
        drop(answer);
        let embedders = &self.shared.options.embedders;
        self.memo.fetch(|name| embedders.named(name), &self.budget.left())?;
        ask()
    }
}

/// A statement that can have no vector of a document, because it knows of none.
pub fn nobody(of: &OfDocument, _: &str) -> Result<(Embedding, Origin)> {
    Err(Error::new(Kind::InternalError, "an embedding nobody makes").at(of.span))
}

/// `SHOW EMBEDDERS`: those that statements of this program can name.
pub fn show(job: &Job<'_>, view: &View) -> Result<Outcome> {
    let meant = setting::text(job.settings, "embedder").map_or_else(
        || setting::kept_embedder(view).map(|name| (name, "this database")),
        |name| Ok((name, "this session")),
    )?;
    let rows = job.shared.options.embedders.all().map(|embedder| {
        let (name, by) = (embedder.name(), meant.1);
        let parameters = match embedder.parameters() {
            "" => Value::Null,
            text => text.into(),
        };
        vec![
            name.into(),
            Value::Int(i64::from(embedder.dimension())),
            Value::Int(embedder.batch() as i64),
            if *name == *meant.0 { by.into() } else { Value::Null },
            parameters,
        ]
    });
    let columns = ["embedder", "dimension", "batch", "meant_in", "parameters"];
    Ok(table("SHOW EMBEDDERS", &columns, rows.collect()))
}
