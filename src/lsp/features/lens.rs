//! Code lenses: what can be done with a statement, above it.

use super::body;
use crate::engine::base::Span;
use crate::engine::lang::ast::{Statement, StatementKind};
use crate::lsp::analysis::{Analysis, Part};

/// What a lens does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LensKind {
    /// Runs the statement.
    Run,
    /// Shows its plan.
    Explain,
    /// Shows how far the modalities of its hexads have moved apart.
    Drift,
}

impl LensKind {
    /// What it says.
    pub fn title(self) -> &'static str {
        match self {
            Self::Run => "Run",
            Self::Explain => "Explain",
            Self::Drift => "Drift",
        }
    }
}

/// Something that can be done with a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lens {
    /// The statement.
    pub span: Span,
    /// What.
    pub kind: LensKind,
    /// The statement to run for it.
    pub statement: String,
}

/// The lenses of a text; broken statements have none.
pub fn lenses(text: &Analysis) -> Vec<Lens> {
    text.parts().filter(|part| part.parse().is_ok()).flat_map(|part| of_part(&part)).collect()
}

/// What a plan as JSON (`EXPLAIN (json)`) says about the number of rows of the answer: `4 rows`.
pub fn expectation(plan: &serde_json::Value) -> Option<String> {
    let rows = plan["plan"]["estimate"]["rows"].as_f64()?.round() as u64;
    Some(format!("{rows} {}", if rows == 1 { "row" } else { "rows" }))
}

fn of_part(part: &Part<'_>) -> Vec<Lens> {
    let (Some(statement), Some(span)) = (part.statement(), body(part)) else { return Vec::new() };
    let text = super::words(part, statement.span);
    let lens = |kind, statement| Lens { span, kind, statement };
    let mut found = vec![lens(LensKind::Run, text.to_owned())];
    if has_plan(statement) {
        found.push(lens(LensKind::Explain, format!("EXPLAIN {text}")));
    }
    if let StatementKind::Query(query) = &statement.kind
        && query.set_operations.is_empty()
        && let Some(statement) = drift(part, statement)
    {
        found.push(lens(LensKind::Drift, statement));
    }
    found
}

/// True for statements that `EXPLAIN` has a plan for.
fn has_plan(statement: &Statement) -> bool {
    matches!(
        statement.kind,
        StatementKind::Query(_)
            | StatementKind::Insert(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_)
            | StatementKind::Search(_)
            | StatementKind::Count(_)
    )
}

/// The statement that measures the drift of the one hexad a query is about.
fn drift(part: &Part<'_>, statement: &Statement) -> Option<String> {
    let StatementKind::Query(query) = &statement.kind else { return None };
    let crate::engine::lang::ast::SourceKind::Hexad(Some(id)) = &query.source.kind else {
        return None;
    };
    id.literal()?;
    Some(format!("SELECT id, DRIFT FROM HEXAD {} LIMIT 1", super::words(part, id.span)))
}

#[cfg(test)]
mod tests {
    use super::super::analysis;
    use super::*;
    use crate::engine::lang::parse;

    #[test]
    fn a_plan_says_how_many_rows_it_expects() {
        let said = |rows: serde_json::Value| {
            expectation(&serde_json::json!({ "plan": { "estimate": { "rows": rows } } }))
        };
        assert_eq!(said(67.0.into()).as_deref(), Some("67 rows"));
        assert_eq!(said(0.9.into()).as_deref(), Some("1 row"));
        assert_eq!(said(serde_json::Value::Null), None);
    }

    #[test]
    fn statements_that_can_run_have_lenses() {
        let text = "SELECT id FROM HEXAD 'a' LIMIT 1;\nSELEC;\nBEGIN;\n";
        let found = lenses(&analysis(text));
        let shown: Vec<(LensKind, &str)> =
            found.iter().map(|lens| (lens.kind, lens.statement.as_str())).collect();
        assert_eq!(
            shown,
            [
                (LensKind::Run, "SELECT id FROM HEXAD 'a' LIMIT 1"),
                (LensKind::Explain, "EXPLAIN SELECT id FROM HEXAD 'a' LIMIT 1"),
                (LensKind::Drift, "SELECT id, DRIFT FROM HEXAD 'a' LIMIT 1"),
                (LensKind::Run, "BEGIN"),
            ]
        );
        for lens in found {
            assert!(parse(&lens.statement).is_ok(), "{}", lens.statement);
        }
    }
}
