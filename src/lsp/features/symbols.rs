//! Symbols: the outline of a text, and what the texts of a workspace define.

use super::{body, mentions, words};
use crate::engine::base::Span;
use crate::engine::lang::ast::{
    InsertForm, Snapshot, SourceKind, Statement, StatementKind, Transaction,
};
use crate::engine::lang::names::{Mention, Role, Thing};
use crate::lsp::analysis::{Analysis, Part};

/// Characters of a statement that make up its name in an outline.
const SHOWN: usize = 60;

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A query.
    Query,
    /// A statement that writes.
    Write,
    /// Any other statement.
    Statement,
    /// A hexad that is inserted.
    Hexad,
    /// A contract.
    Contract,
    /// A prepared statement.
    Prepared,
    /// A snapshot or a savepoint.
    Mark,
    /// A variable.
    Variable,
    /// The name of a select item.
    Alias,
    /// A parameter.
    Param,
}

/// An entry of an outline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SymbolEntry {
    /// Its name.
    pub name: String,
    /// A few words about it.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it.
    pub span: Span,
    /// Its name in the text, within `span`.
    pub name_span: Span,
    /// What it consists of.
    pub children: Vec<SymbolEntry>,
}

/// The outline of a text: its statements, and in them what they name.
pub fn outline(text: &Analysis) -> Vec<SymbolEntry> {
    text.parts().filter_map(|part| entry(&part)).collect()
}

/// What a text defines for all texts: contracts, prepared statements, snapshots, hexads; those whose
/// name has the letters of `query` in this order, in any case.
pub fn defined(text: &Analysis, query: &str) -> Vec<SymbolEntry> {
    let mut found = outline(text);
    found.retain(|entry| {
        let lasting = matches!(
            entry.kind,
            SymbolKind::Contract | SymbolKind::Prepared | SymbolKind::Mark | SymbolKind::Hexad
        );
        lasting && fits(&entry.name, query)
    });
    for entry in &mut found {
        entry.children.clear();
    }
    found
}

/// True when `name` has the letters of `query` in order.
fn fits(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    let mut wanted = query.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase);
    wanted.all(|wanted| letters.any(|letter| letter == wanted))
}

fn entry(part: &Part<'_>) -> Option<SymbolEntry> {
    let statement = part.statement()?;
    let span = body(part)?;
    let mentions = mentions(part);
    let (kind, thing) = what(&statement.kind);
    let named = thing.and_then(|thing| {
        mentions.iter().find(|m| m.symbol.thing == thing && m.role == Role::Defines)
    });
    let name = named.map(|mention| words(part, mention.span).to_owned());
    let name_span = named.map_or_else(|| first_word(part, statement), |m| m.span);
    let children = mentions.iter().filter_map(|mention| child(part, mention)).collect();
    Some(SymbolEntry {
        detail: if name.is_some() { statement.kind.keyword().to_owned() } else { String::new() },
        name: name.unwrap_or_else(|| short(words(part, statement.span))),
        kind,
        span,
        name_span: part.absolute(name_span),
        children,
    })
}

/// What a statement is in an outline, and the thing that gives it its name.
fn what(statement: &StatementKind) -> (SymbolKind, Option<Thing>) {
    match statement {
        StatementKind::Query(_) | StatementKind::Search(_) | StatementKind::Count(_) => {
            (SymbolKind::Query, None)
        }
        StatementKind::Explain(explain) => (what(&explain.statement.kind).0, None),
        StatementKind::Insert(insert) => match insert.form {
            InsertForm::Hexad { id: Some(_), .. } => (SymbolKind::Hexad, Some(Thing::Hexad)),
            _ => (SymbolKind::Write, None),
        },
        StatementKind::Update(_) | StatementKind::Import(_) | StatementKind::Normalize(_) => {
            (SymbolKind::Write, None)
        }
        StatementKind::Delete(delete) => match delete.source.kind {
            SourceKind::Error => (SymbolKind::Statement, None),
            _ => (SymbolKind::Write, None),
        },
        StatementKind::CreateContract(_) => (SymbolKind::Contract, Some(Thing::Contract)),
        StatementKind::Prepare(_) => (SymbolKind::Prepared, Some(Thing::Prepared)),
        StatementKind::Snapshot(Snapshot::Create(_)) => (SymbolKind::Mark, Some(Thing::Snapshot)),
        StatementKind::Transaction(Transaction::Savepoint(_)) => {
            (SymbolKind::Mark, Some(Thing::Savepoint))
        }
        _ => (SymbolKind::Statement, None),
    }
}

fn child(part: &Part<'_>, mention: &Mention) -> Option<SymbolEntry> {
    let kind = match mention.symbol.thing {
        Thing::Variable => SymbolKind::Variable,
        Thing::Alias => SymbolKind::Alias,
        Thing::Param => SymbolKind::Param,
        _ => return None,
    };
    let span = part.absolute(mention.span);
    (mention.role == Role::Defines).then(|| SymbolEntry {
        name: words(part, mention.span).to_owned(),
        detail: mention.symbol.thing.describe().to_owned(),
        kind,
        span,
        name_span: span,
        children: Vec::new(),
    })
}

fn first_word(part: &Part<'_>, statement: &Statement) -> Span {
    let leaves = part.parse().tree.leaves();
    let mut inside = leaves.filter(|leaf| leaf.span.start >= statement.span.start);
    inside.find(|leaf| !leaf.kind.is_trivia()).map_or(statement.span, |leaf| Span {
        start: leaf.span.start.min(statement.span.end),
        end: leaf.span.end.min(statement.span.end),
    })
}

/// The beginning of a statement on one line.
fn short(text: &str) -> String {
    // More than enough characters of a statement that may be very long.
    let head: String = text.chars().take(SHOWN * 4).collect();
    let one_line = head.split_whitespace().collect::<Vec<_>>().join(" ");
    match one_line.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", one_line.get(..at).unwrap_or("").trim_end()),
        None => one_line,
    }
}

#[cfg(test)]
mod tests {
    use super::super::analysis;
    use super::*;

    const TEXT: &str = "CREATE CONTRACT Dated AS (FIELD year >= $least) WITH least = 3;\n\
        PREPARE newer AS SELECT id FROM hexads WHERE SATISFIES Dated LIMIT 1;\n\
        SELECT paper.title AS t\nFROM hexads WHERE (h)-[:CITES]->(paper) LIMIT 1;\n\
        INSERT HEXAD 'a' WITH DOCUMENT(title = 'A');\nSELEC;\n";

    #[test]
    fn the_outline_has_a_line_for_each_statement() {
        let found = outline(&analysis(TEXT));
        let shown: Vec<(&str, SymbolKind)> =
            found.iter().map(|entry| (entry.name.as_str(), entry.kind)).collect();
        assert_eq!(
            shown[..4],
            [
                ("Dated", SymbolKind::Contract),
                ("newer", SymbolKind::Prepared),
                (
                    "SELECT paper.title AS t FROM hexads WHERE (h)-[:CITES]->(pap…",
                    SymbolKind::Query
                ),
                ("a", SymbolKind::Hexad),
            ]
        );
        let children: Vec<&str> = found[2].children.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(children, ["t", "h", "paper"]);
        for entry in &found {
            assert!(entry.span.start <= entry.name_span.start, "{entry:?}");
            assert!(entry.name_span.end <= entry.span.end, "{entry:?}");
        }
    }

    #[test]
    fn a_workspace_is_searched_by_letters_in_order() {
        let text = analysis(TEXT);
        let names = |query| {
            let found = defined(&text, query).into_iter();
            found.map(|entry| entry.name).collect::<Vec<_>>()
        };
        assert_eq!(names(""), ["Dated", "newer", "a"]);
        assert_eq!(names("DTD"), ["Dated"]);
        assert!(names("xyz").is_empty());
    }
}
