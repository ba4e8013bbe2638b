//! Document links: files that statements name, and the pages about rules that comments name.

use crate::engine::base::Span;
use crate::engine::lang::ast::{Expr, Snapshot, StatementKind};
use crate::engine::lang::lint::RULES;
use crate::lsp::analysis::{Analysis, Part};

/// Where a link leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file, as the statement names it: relative to where the statement will run.
    File(String),
    /// A page of the documentation of this project.
    Page(String),
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The words that lead somewhere.
    pub span: Span,
    /// Where to.
    pub target: Target,
}

/// The links of a text.
pub fn links(text: &Analysis) -> Vec<Link> {
    let mut found = Vec::new();
    for part in text.parts() {
        files(&part, &mut found);
        rules(&part, &mut found);
    }
    found.sort_by_key(|link| link.span);
    found
}

fn files(part: &Part<'_>, found: &mut Vec<Link>) {
    let file: Option<&Expr> = match part.statement().map(|statement| &statement.kind) {
        Some(StatementKind::Import(transfer) | StatementKind::Export(transfer)) => {
            Some(&transfer.file)
        }
        Some(StatementKind::Snapshot(Snapshot::Into(file))) => Some(file),
        _ => None,
    };
    if let Some(file) = file
        && let Some(path) = file.text().filter(|path| !path.is_empty())
    {
        let inside = Span { start: file.span.start + 1, end: file.span.end.saturating_sub(1) };
        found.push(Link { span: part.absolute(inside), target: Target::File(path.to_owned()) });
    }
}

/// The names of rules in comments such as `-- vql: allow(VQL001)`.
fn rules(part: &Part<'_>, found: &mut Vec<Link>) {
    if !part.text.contains("VQL") && !part.text.contains("vql") {
        return;
    }
    for leaf in part.parse().tree.leaves().filter(|leaf| leaf.kind.is_comment()) {
        let text = leaf.text(part.text);
        if !text.contains("vql:") {
            continue;
        }
        for rule in RULES {
            let lower = rule.code.to_ascii_lowercase();
            let places = text.match_indices(rule.code).chain(text.match_indices(&lower));
            for (at, code) in places {
                let start = leaf.span.start as usize + at;
                let span = part.absolute(Span::new(start, start + code.len()));
                found.push(Link { span, target: Target::Page(rule.page()) });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::analysis;
    use super::*;

    #[test]
    fn files_and_rules_are_links() {
        let text = "-- vql: allow(VQL001)\nIMPORT FROM 'a/b.jsonl';\nEXPORT TO $file;\n";
        let found = links(&analysis(text));
        let shown: Vec<&str> = found.iter().map(|link| &text[link.span.range()]).collect();
        assert_eq!(shown, ["VQL001", "a/b.jsonl"]);
        assert_eq!(found[0].target, Target::Page("docs/reference/lint.md#vql001".to_owned()));
        assert_eq!(found[1].target, Target::File("a/b.jsonl".to_owned()));
    }
}
