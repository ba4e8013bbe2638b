//! The linter: statements that are allowed and probably not what was meant.
//!
//! Rules look at the AST, never at words, so that layout, comments and spelling change nothing. A
//! finding never keeps a statement from being parsed, formatted or checked, whatever its level: an
//! `error` here says that executing the statement is refused or dangerous. What is certainly wrong
//! is the business of the checker ([`super::resolve::check()`]).
//!
//! `-- vql: allow(VQL001)` silences a rule for the statement the comment stands in, before, or
//! behind on its last line.

mod allow;
mod rules;

pub use allow::Allowed;
pub use rules::{RULES, Rule};

use crate::engine::base::{Kind, Span};
use crate::engine::lang::ast::Script;
use crate::engine::lang::diag::Diagnostic;
use crate::engine::lang::parse::Parse;
use crate::engine::lang::resolve::{Catalog, check_statement};

/// Everything there is to say about a text: what the parser, the checker and the linter found.
///
/// Errors first, then in the order of the text. Statements with syntax errors are not checked, the
/// others are.
pub fn findings(text: &str, parse: &Parse, catalog: &dyn Catalog) -> Vec<Diagnostic> {
    let mut found = parse.diagnostics.clone();
    let mut broken: Vec<u32> = parse.errors().map(|d| d.span.start).collect();
    broken.sort_unstable();
    let sound = |span: Span| {
        let next = broken.partition_point(|start| *start < span.start);
        broken.get(next).is_none_or(|start| *start > span.end)
    };
    for statement in parse.script.statements.iter().filter(|s| sound(s.span)) {
        found.extend(check_statement(statement, catalog, None));
    }
    let found_by_rules = lint(text, parse);
    found.extend(found_by_rules.into_iter().filter(|d| sound(d.span)));
    found.sort_by_key(|d| (d.severity, d.span.start));
    found
}

/// True when a finding keeps a text from being accepted: a lint never does.
pub fn rejects(finding: &Diagnostic) -> bool {
    finding.is_error() && finding.kind != Kind::Lint
}

/// Lints a text, statement by statement; errors first, then in the order of the text.
pub fn lint(text: &str, parse: &Parse) -> Vec<Diagnostic> {
    let comments = parse.tree.leaves().filter(|l| l.kind.is_comment()).map(|l| l.span);
    let statements: Vec<Span> = parse.script.statements.iter().map(|s| s.span).collect();
    lint_script(&parse.script, &Allowed::of(text, comments, &statements))
}

/// Lints statements, given what comments allow.
pub fn lint_script(script: &Script, allowed: &Allowed) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> = Vec::new();
    for statement in &script.statements {
        let findings = rules::statement(statement);
        found.extend(
            findings
                .into_iter()
                .filter(|d| d.rule.is_none_or(|rule| !allowed.allows(rule, statement.span))),
        );
    }
    found.sort_by_key(|d| (d.severity, d.span.start));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lang::diag::Severity;
    use crate::engine::lang::parse::parse;
    use crate::engine::lang::resolve::NoCatalog;

    fn rules_in(text: &str) -> Vec<&'static str> {
        lint(text, &parse(text)).into_iter().filter_map(|d| d.rule).collect()
    }

    #[test]
    fn every_rule_finds_something_in_its_example_and_has_a_table_row() {
        for (index, rule) in RULES.iter().enumerate() {
            assert_eq!(rule.code, format!("VQL{:03}", index + 1));
            assert!(parse(rule.example).is_ok(), "{}", rule.example);
            assert!(rules_in(rule.example).contains(&rule.code), "{}", rule.example);
        }
    }

    #[test]
    fn what_is_bounded_explained_or_aggregated_is_not_found() {
        for (text, rule) in [
            ("EXPLAIN SELECT DOCUMENT FROM hexads", "VQL001"),
            ("SELECT COUNT(*) FROM hexads", "VQL001"),
            ("EXPLAIN SELECT GRAPH, VECTOR, TENSOR FROM hexads", "VQL010"),
            ("SELECT SEMANTIC FROM hexads PROOF INTEGRITY LIMIT 1", "VQL003"),
            ("SELECT GRAPH FROM hexads TRAVERSE cites DEPTH 2 LIMIT 1", "VQL004"),
            ("SELECT GRAPH FROM hexads WHERE DRIFT THRESHOLD 0.2 LIMIT 1", "VQL005"),
            ("SELECT GRAPH FROM FEDERATION /a/* WITH DRIFT STRICT LIMIT 1", "VQL005"),
            ("DELETE HEXAD a-1", "VQL007"),
            ("UPDATE HEXAD a-1 SET DOCUMENT.x = 1", "VQL007"),
            ("SELECT GRAPH FROM hexads WHERE 1 = 2 OR TRUE LIMIT 1", "VQL009"),
            ("SELECT GRAPH FROM FEDERATION /papers/* LIMIT 1", "VQL011"),
            ("SELECT GRAPH FROM FEDERATION STORE 'x' HEXAD LIMIT 1", "VQL011"),
        ] {
            assert!(parse(text).is_ok(), "{text}");
            assert!(!rules_in(text).contains(&rule), "{text}");
        }
    }

    #[test]
    fn comments_silence_rules_for_one_statement() {
        let text = "-- vql: allow(VQL001)\nSELECT DOCUMENT FROM hexads;\nSELECT GRAPH FROM hexads;";
        let [found] = lint(text, &parse(text)).try_into().unwrap();
        let found: Diagnostic = found;
        assert!(found.span.start as usize > text.find(';').unwrap());
    }

    #[test]
    fn errors_come_first_and_an_empty_text_has_none() {
        let text = "SELECT GRAPH FROM hexads TRAVERSE cites";
        let severities: Vec<Severity> =
            findings(text, &parse(text), &NoCatalog).iter().map(|d| d.severity).collect();
        assert!(severities.is_sorted() && severities.len() >= 2);
        assert_eq!(findings("  ", &parse("  "), &NoCatalog), Vec::new());
    }
}
