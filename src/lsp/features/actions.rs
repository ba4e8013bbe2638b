//! Code actions: edits that put findings right, and ways to say a statement differently.
//!
//! No action breaks a statement: the text after the edit is parsed, and an action after which
//! something is wrong that was not wrong before is not offered.

use super::{body, each_expr, words as words_of};
use crate::engine::base::Span;
use crate::engine::lang::ast::{
    Condition, ConditionKind, Expr, ExprKind, Path, SearchKind, Statement, StatementKind, Test,
};
use crate::engine::lang::diag::{Fix, apply, closest};
use crate::engine::lang::format::{Options, format_script};
use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::lint::RULES;
use crate::engine::lang::resolve::walk::{self, Met};
use crate::engine::lang::tree::Node;
use crate::engine::lang::{Diagnostic, parse};
use crate::lsp::analysis::{Analysis, Part};

/// What an action is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    /// It puts a finding right.
    QuickFix,
    /// It says the same differently.
    Rewrite,
    /// It takes something out of a statement.
    Extract,
}

/// What a client or the server does beside an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Shows what a rule of the linter is about.
    ExplainRule(&'static str),
    /// Shows the plan of the statement.
    Explain(String),
}

/// Something that can be done at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// What it says.
    pub title: String,
    /// What it is for.
    pub kind: ActionKind,
    /// The edits, with places of the text.
    pub edits: Vec<Fix>,
    /// The finding it is about: its index in what was given.
    pub finding: Option<usize>,
    /// It is what most would want.
    pub preferred: bool,
    /// What is done beside the edits.
    pub command: Option<Command>,
}

/// What can be done in a range; `findings` are those of the range, with places of the text.
pub fn actions(
    text: &Analysis,
    range: Span,
    findings: &[Diagnostic],
    layout: Options,
) -> Vec<Action> {
    let mut found = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        let Some(part) = text.at(finding.span.start as usize) else { continue };
        let mut offer = Offer { part, finding: Some(index), found: &mut found };
        offer.remedies(finding);
        offer.allow(finding);
    }
    if let Some(part) = text.at(range.start as usize) {
        Offer { part, finding: None, found: &mut found }.rewrites(range.start, layout);
    }
    found
}

/// The edits that put everything right that has a certain remedy, without overlaps.
pub fn fix_all(findings: &[Diagnostic]) -> Vec<Fix> {
    let mut fixes: Vec<Fix> = findings.iter().filter_map(|finding| finding.fix.clone()).collect();
    fixes.sort_by_key(|fix| (fix.span.start, fix.span.end));
    fixes.dedup();
    let mut end = 0;
    let mut last = None;
    fixes.retain(|fix| {
        // Two insertions at one place would both be made.
        let apart = fix.span.start >= end && last != Some(fix.span);
        if apart {
            (end, last) = (fix.span.end, Some(fix.span));
        }
        apart
    });
    fixes
}

struct Offer<'a> {
    part: Part<'a>,
    finding: Option<usize>,
    found: &'a mut Vec<Action>,
}

impl Offer<'_> {
    fn action(&self, title: String, kind: ActionKind, edits: Vec<Fix>) -> Action {
        Action { title, kind, edits, finding: self.finding, preferred: false, command: None }
    }

    /// Offers an edit of places of the part, unless it would break the statement.
    fn edit(&mut self, title: impl Into<String>, kind: ActionKind, fix: Fix, preferred: bool) {
        let changed = apply(self.part.text, std::slice::from_ref(&fix));
        let errors = |parse: &crate::engine::lang::Parse| parse.errors().count();
        if errors(&parse(&changed)) > errors(self.part.parse()) {
            return;
        }
        let fix = Fix { span: self.part.absolute(fix.span), ..fix };
        let action = self.action(title.into(), kind, vec![fix]);
        self.found.push(Action { preferred, ..action });
    }

    fn insert(&mut self, title: &str, kind: ActionKind, at: u32, text: &str) {
        let fix = Fix { span: Span { start: at, end: at }, text: text.to_owned() };
        self.edit(title, kind, fix, false);
    }

    /// A place of the text as one of the part.
    fn local(&self, span: Span) -> Span {
        Span::new(self.part.relative(span.start as usize), self.part.relative(span.end as usize))
    }

    fn remedies(&mut self, finding: &Diagnostic) {
        let place = self.local(finding.span);
        let written = words_of(&self.part, place);
        if let Some(fix) = &finding.fix {
            let fix = Fix { span: self.local(fix.span), ..fix.clone() };
            let title = title(&fix, words_of(&self.part, fix.span));
            self.edit(title, ActionKind::QuickFix, fix, true);
        } else if let Some(best) = closest(written, finding.expected.iter().map(String::as_str)) {
            let fix = Fix { span: place, text: best.to_owned() };
            self.edit(format!("Change to `{best}`"), ActionKind::QuickFix, fix, true);
        }
        match finding.rule {
            Some("VQL003") => self.add_proof(place),
            Some("VQL004") => {
                self.insert("Add DEPTH 3", ActionKind::QuickFix, place.end, " DEPTH 3");
            }
            Some("VQL005") => {
                let text = "DRIFT THRESHOLD 0.3".to_owned();
                self.edit(
                    "Add THRESHOLD 0.3",
                    ActionKind::QuickFix,
                    Fix { span: place, text },
                    false,
                );
            }
            Some("VQL009") => self.remove_condition(place),
            _ => {}
        }
    }

    /// `PROOF INTEGRITY`, before what stands behind it in a query.
    fn add_proof(&mut self, selected: Span) {
        let Some(query) = around(self.part.parse().tree.root(), selected, K::Query) else { return };
        let after = [K::OrderClause, K::LimitClause, K::OffsetClause];
        let next = query.nodes().find(|node| after.contains(&node.kind()));
        let title = "Add PROOF INTEGRITY";
        match next {
            Some(next) => {
                self.insert(title, ActionKind::QuickFix, next.span().start, "PROOF INTEGRITY ");
            }
            None => {
                self.insert(title, ActionKind::QuickFix, query.span().end, " PROOF INTEGRITY");
            }
        }
    }

    /// Takes a condition that is always true out of its chain, or `WHERE` with it. Not where a write
    /// would then name no condition at all.
    fn remove_condition(&mut self, condition: Span) {
        let reads = self.part.statement().is_some_and(|statement| {
            matches!(statement.kind, StatementKind::Query(_) | StatementKind::Count(_))
        });
        let root = self.part.parse().tree.root();
        let chain = around(root, condition, K::AndChain);
        let span = match (chain, around(root, condition, K::WhereClause)) {
            (Some(chain), _) => link(chain, condition),
            (None, Some(clause)) if reads => {
                let before = self.part.text.get(..clause.span().start as usize).unwrap_or("");
                Some(Span { start: before.trim_end().len() as u32, end: clause.span().end })
            }
            _ => None,
        };
        if let Some(span) = span {
            let fix = Fix { span, text: String::new() };
            self.edit("Remove the condition", ActionKind::QuickFix, fix, true);
        }
    }

    /// A comment that allows what a rule found, and what the rule is about.
    fn allow(&mut self, finding: &Diagnostic) {
        let Some(rule) = finding.rule.and_then(|code| RULES.iter().find(|r| r.code == code)) else {
            return;
        };
        if let Some(fix) = self.allowing(rule.code).filter(|_| rule.code != "VQL012") {
            let title = format!("Allow {} for this statement", rule.code);
            self.edit(title, ActionKind::QuickFix, fix, false);
        }
        let action =
            self.action(format!("Explain {}", rule.code), ActionKind::QuickFix, Vec::new());
        self.found.push(Action { command: Some(Command::ExplainRule(rule.code)), ..action });
    }

    fn allowing(&self, code: &str) -> Option<Fix> {
        let statement = self.part.statement()?.span;
        let text = self.part.text;
        // A comment before the statement that allows something already is extended.
        for leaf in self.part.parse().tree.leaves().take_while(|l| l.span.end <= statement.start) {
            let comment = leaf.text(text);
            let says = comment.trim_start_matches(['-', '/', '*', ' ', '\t']);
            let says = says.strip_prefix("vql:").map(str::trim_start);
            let list = says.and_then(|s| s.strip_prefix("allow")).map(str::trim_start);
            if leaf.kind.is_comment() && list.is_some_and(|list| list.starts_with('(')) {
                let end = leaf.span.start as usize + comment.find(')')?;
                return Some(Fix { span: Span::new(end, end), text: format!(", {code}") });
            }
        }
        let start = statement.start as usize;
        let before = text.get(..start)?;
        let line = before.rfind('\n').map_or(0, |at| at + 1);
        let indent = before.get(line..)?;
        // The first part of a text begins a line; another does when it holds the line end.
        let begins_line = indent.trim().is_empty() && (line > 0 || self.part.start == 0);
        if begins_line {
            let text = format!("-- vql: allow({code})\n{indent}");
            return Some(Fix { span: Span::new(start, start), text });
        }
        // On the line of another statement it would speak of that one.
        let text = format!("\n-- vql: allow({code})\n");
        Some(Fix { span: Span::new(before.trim_end_matches([' ', '\t']).len(), start), text })
    }

    /// What can be said differently at a byte of the text.
    fn rewrites(&mut self, at: u32, layout: Options) {
        let (Some(statement), Some(whole)) = (self.part.statement(), body(&self.part)) else {
            return;
        };
        if !self.part.parse().is_ok() || at < whole.start || at > whole.end {
            return;
        }
        let words = words_of(&self.part, statement.span);
        let formatted = format_script(words, layout);
        let laid_out = formatted.text.trim_end();
        if formatted.diagnostics.is_empty() && laid_out != words {
            let fix = Fix { span: statement.span, text: laid_out.to_owned() };
            self.edit("Write in the standard layout", ActionKind::Rewrite, fix, false);
        }
        let at = self.part.relative(at as usize) as u32;
        self.metric(statement, at);
        self.parameter(statement, at);
        if matches!(
            statement.kind,
            StatementKind::Query(_)
                | StatementKind::Search(_)
                | StatementKind::Count(_)
                | StatementKind::Update(_)
                | StatementKind::Delete(_)
        ) {
            let command = Command::Explain(format!("EXPLAIN {words}"));
            let action = self.action("Show the plan".to_owned(), ActionKind::Rewrite, Vec::new());
            self.found.push(Action { command: Some(command), ..action });
        }
    }

    /// Says the metric that a comparison of vectors has anyway.
    fn metric(&mut self, statement: &Statement, at: u32) {
        let mut end = None;
        let mut see = |met: Met<'_>| {
            let Met::Condition(condition) = met else { return };
            let holds = condition.span.start <= at && at <= condition.span.end;
            let without = matches!(
                condition.kind,
                ConditionKind::Similar { metric: None, .. }
                    | ConditionKind::Nearest { metric: None, .. }
            );
            if holds && without {
                end = Some(condition.span.end);
            }
        };
        walk::statement(statement, &mut see);
        if let StatementKind::Search(search) = &statement.kind
            && let SearchKind::Vector { target, within, metric: None } = &search.kind
        {
            end = Some(within.as_ref().map_or(target.span.end, |within| within.span.end));
        }
        if let Some(end) = end {
            self.insert("Add USING COSINE", ActionKind::Rewrite, end, " USING COSINE");
        }
    }

    /// Puts a parameter in place of a value that something is compared with.
    fn parameter(&mut self, statement: &Statement, at: u32) {
        let mut found: Option<(Span, String)> = None;
        let mut see = |met: Met<'_>| {
            if let Met::Condition(condition) = met
                && let Some((value, name)) = compared(condition)
                && value.span.start <= at
                && at <= value.span.end
            {
                found = Some((value.span, name));
            }
        };
        walk::statement(statement, &mut see);
        let Some((span, name)) = found else { return };
        let mut taken: Vec<String> = Vec::new();
        each_expr(statement, &mut |expr| {
            if let ExprKind::Param(param) = &expr.kind {
                taken.push(param.name.clone());
            }
        });
        let free = |name: &String| !taken.contains(name);
        let numbered = (2..100).map(|n| format!("{name}{n}"));
        let Some(name) = std::iter::once(name.clone()).chain(numbered).find(free) else { return };
        let fix = Fix { span, text: format!("${name}") };
        self.edit(format!("Make it a parameter: `${name}`"), ActionKind::Extract, fix, false);
    }
}

/// The value a condition compares a field with, and the name of the field.
fn compared(condition: &Condition) -> Option<(&Expr, String)> {
    let (test, name) = match &condition.kind {
        ConditionKind::Comparison { left, test } => {
            (test, left.path().and_then(last_segment).unwrap_or("value"))
        }
        ConditionKind::Field { path, test } => (test, path.last()?.text.as_str()),
        _ => return None,
    };
    let Test::Compare(_, value) = test else { return None };
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_');
    let name = if plain { name } else { "value" };
    matches!(value.kind, ExprKind::Literal(_)).then(|| (value, name.to_lowercase()))
}

fn last_segment(path: &Path) -> Option<&str> {
    path.segments.last().map(|name| name.text.as_str())
}

/// What an edit says that it does.
fn title(fix: &Fix, written: &str) -> String {
    let text = fix.text.trim();
    match (written.trim().is_empty(), text.is_empty()) {
        (true, _) => format!("Add `{text}`"),
        (false, true) => format!("Remove `{}`", shortened(written.trim())),
        (false, false) => format!("Change to `{}`", shortened(text)),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or("")),
        None => text.to_owned(),
    }
}

/// The smallest node of a kind around a place.
fn around(root: Node<'_>, span: Span, kind: K) -> Option<Node<'_>> {
    let holds = |node: &Node<'_>| node.span().start <= span.start && span.end <= node.span().end;
    let mut node = root;
    let mut found = None;
    loop {
        if node.kind() == kind {
            found = Some(node);
        }
        match node.nodes().find(&holds) {
            Some(inner) => node = inner,
            None => return found,
        }
    }
}

/// A member of a chain with the `AND` before it, or the one behind the first.
fn link(chain: Node<'_>, member: Span) -> Option<Span> {
    let mut before = None;
    let mut members = chain.nodes().map(Node::span).peekable();
    while let Some(span) = members.next() {
        if span == member {
            return match (before, members.peek()) {
                (Some(end), _) => Some(Span { start: end, end: span.end }),
                (None, Some(next)) => Some(Span { start: span.start, end: next.start }),
                (None, None) => None,
            };
        }
        before = Some(span.end);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::{analysis, marked};
    use super::*;
    use crate::lsp::catalogue::Catalogue;

    /// The text after the action of this title, at the mark.
    fn done(text: &str, title: &str) -> Option<String> {
        let (text, at) = marked(text);
        let analysis = analysis(&text);
        let mut findings = analysis.findings(&Catalogue::default(), 100, &|| false);
        let part = analysis.at(at).unwrap().span();
        findings.retain(|d| part.start <= d.span.start && d.span.end <= part.end);
        let found = actions(&analysis, Span::new(at, at), &findings, Options::default());
        let action = found.iter().find(|action| action.title.starts_with(title))?;
        Some(apply(&text, &action.edits))
    }

    #[test]
    fn findings_have_remedies() {
        for (text, title, after) in [
            ("SELCT| id FROM hexads", "Change to `SELECT`", "SELECT id FROM hexads"),
            ("SELECT id FROM hexads|", "Add `LIMIT 100`", "SELECT id FROM hexads LIMIT 100"),
            (
                "SELECT SEMANTIC| FROM hexads LIMIT 5",
                "Add PROOF",
                "SELECT SEMANTIC FROM hexads PROOF INTEGRITY LIMIT 5",
            ),
            (
                "SELECT GRAPH FROM hexads TRAVERSE| cites LIMIT 5",
                "Add DEPTH 3",
                "SELECT GRAPH FROM hexads TRAVERSE cites DEPTH 3 LIMIT 5",
            ),
            (
                "SELECT id FROM hexads WHERE DRIFT| LIMIT 5",
                "Add THRESHOLD",
                "SELECT id FROM hexads WHERE DRIFT THRESHOLD 0.3 LIMIT 5",
            ),
            (
                "SELECT id FROM hexads WHERE 1 == 1| LIMIT 5",
                "Remove the",
                "SELECT id FROM hexads LIMIT 5",
            ),
            (
                "SELECT id FROM hexads WHERE TRUE| AND a = 1 LIMIT 5",
                "Remove the",
                "SELECT id FROM hexads WHERE a = 1 LIMIT 5",
            ),
            (
                "SELECT id FROM hexads WHERE a = 1 AND TRUE| LIMIT 5",
                "Remove the",
                "SELECT id FROM hexads WHERE a = 1 LIMIT 5",
            ),
        ] {
            assert_eq!(done(text, title).as_deref(), Some(after), "{text}");
        }
        let write = "UPDATE HEXAD SET DOCUMENT.a = 1 WHERE TRUE|";
        assert_eq!(done(write, "Remove the"), None);
    }

    #[test]
    fn rules_are_allowed_by_a_comment() {
        for (text, after) in [
            ("SELECT id| FROM hexads;", "-- vql: allow(VQL001)\nSELECT id FROM hexads;"),
            (
                "SHOW STATUS;\n  SELECT id| FROM hexads;",
                "SHOW STATUS;\n  -- vql: allow(VQL001)\n  SELECT id FROM hexads;",
            ),
            (
                "SHOW STATUS; SELECT id| FROM hexads;",
                "SHOW STATUS;\n-- vql: allow(VQL001)\nSELECT id FROM hexads;",
            ),
            (
                "-- vql: allow(VQL010)\nSELECT id| FROM hexads;",
                "-- vql: allow(VQL010, VQL001)\nSELECT id FROM hexads;",
            ),
        ] {
            let allowed = done(text, "Allow VQL001").unwrap();
            assert_eq!(allowed, after);
            let found = analysis(&allowed).findings(&Catalogue::default(), 100, &|| false);
            assert!(!found.iter().any(|d| d.name() == "VQL001"), "{allowed}: {found:?}");
        }
    }

    #[test]
    fn a_statement_can_be_said_differently() {
        for (text, title, after) in [
            (
                "-- c\nselect  id| from hexads limit 1;",
                "Write in",
                "-- c\nSELECT id\nFROM hexads\nLIMIT 1;",
            ),
            (
                "SEARCH VECTOR [1, 2]| LIMIT 3",
                "Add USING",
                "SEARCH VECTOR [1, 2] USING COSINE LIMIT 3",
            ),
            (
                "COUNT HEXADS WHERE h.embedding SIMILAR TO [1, 2]| WITHIN 0.5",
                "Add USING",
                "COUNT HEXADS WHERE h.embedding SIMILAR TO [1, 2] WITHIN 0.5 USING COSINE",
            ),
            (
                "COUNT HEXADS WHERE DOCUMENT.title == 'x|' AND a = $title",
                "Make it",
                "COUNT HEXADS WHERE DOCUMENT.title == $title2 AND a = $title",
            ),
        ] {
            assert_eq!(done(text, title).as_deref(), Some(after), "{text}");
        }
        assert_eq!(done("SHOW STATUS|;", "Write in"), None);
        assert_eq!(done("SELECT id| FROM LIMIT 1;", "Write in"), None);
    }

    #[test]
    fn everything_is_fixed_at_once() {
        let text = "SELECT DOCUMENT FROM hexads ORDER BY a;\nSELECT id FROM hexads PROOF EXISTENSE LIMIT 1;\n";
        let findings = analysis(text).findings(&Catalogue::default(), 100, &|| false);
        let fixed = apply(text, &fix_all(&findings));
        assert_eq!(
            fixed,
            "SELECT DOCUMENT FROM hexads ORDER BY a LIMIT 100;\nSELECT id FROM hexads PROOF EXISTENCE LIMIT 1;\n"
        );
    }
}
