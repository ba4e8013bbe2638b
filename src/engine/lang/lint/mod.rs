//! The linter: statements that are allowed and probably not what was meant.
//!
//! Rules look at the AST, never at words, so that layout, comments and spelling change nothing. A
//! finding never keeps a statement from being parsed, formatted or checked, whatever its level: an
//! `error` here says that executing the statement is refused or dangerous. What is certainly wrong
//! is the business of the checker ([`super::resolve::check()`]).
//!
//! `-- vql: allow(VQL001)` silences a rule for the statement the comment stands in, before, or
//! behind on its last line, `-- vql: allow-file(VQL001)` for the whole text. What silences nothing
//! is reported.

mod allow;
mod remedy;
mod rules;

pub use allow::Allowed;
pub use rules::{RULES, Rule};

use crate::engine::base::{Kind, Span};
use crate::engine::lang::diag::{Diagnostic, Fix};
use crate::engine::lang::parse::Parse;
use crate::engine::lang::resolve::{Catalog, check_statement};

/// Everything there is to say about a text: what the parser, the checker and the linter found.
///
/// Errors first, then in the order of the text. Statements with syntax errors are not checked, the
/// others are. Findings whose remedy is certain come with the edit.
pub fn findings(text: &str, parse: &Parse, catalog: &dyn Catalog) -> Vec<Diagnostic> {
    let mut found = parse.diagnostics.clone();
    let broken = Broken::of(parse);
    for statement in parse.script.statements.iter().filter(|s| broken.spares(s.span)) {
        found.extend(check_statement(statement, catalog, None));
    }
    for finding in &mut found {
        remedy::meant(text, finding);
    }
    found.extend(lint(text, parse));
    found.sort_by_key(|d| (d.severity, d.span.start));
    found
}

/// True when a finding keeps a text from being accepted: a lint never does.
pub fn rejects(finding: &Diagnostic) -> bool {
    finding.is_error() && finding.kind != Kind::Lint
}

/// Lints the statements of a text that have no syntax errors; errors first, then in the order of the
/// text.
pub fn lint(text: &str, parse: &Parse) -> Vec<Diagnostic> {
    let comments = parse.tree.leaves().filter(|l| l.kind.is_comment()).map(|l| l.span);
    let statements: Vec<Span> = parse.script.statements.iter().map(|s| s.span).collect();
    let mut allowed = Allowed::of(text, comments, &statements);
    let broken = Broken::of(parse);
    let mut found: Vec<Diagnostic> = Vec::new();
    for statement in parse.script.statements.iter().filter(|s| broken.spares(s.span)) {
        let findings = rules::statement(statement);
        let silenced =
            |d: &Diagnostic, allowed: &mut Allowed| allowed.allows(d.name(), statement.span);
        found.extend(findings.into_iter().filter(|d| !silenced(d, &mut allowed)));
    }
    found.extend(idle(&allowed, &broken));
    found.sort_by_key(|d| (d.severity, d.span.start));
    found
}

/// The comments that silence nothing. What a broken statement would have needed nobody knows.
fn idle(allowed: &Allowed, broken: &Broken) -> Vec<Diagnostic> {
    let rule = rules::IDLE_ALLOW;
    let judged = |entry: &&allow::Entry| match entry.statement {
        Some(statement) => broken.spares(statement),
        None => broken.0.is_empty(),
    };
    let report = |entry: &allow::Entry| {
        let known = RULES.iter().any(|known| known.code == entry.rule);
        let message = if known {
            format!("`{}` finds nothing here that would have to be allowed", entry.rule)
        } else {
            format!("there is no rule `{}`", entry.rule)
        };
        let Fix { span, text } = entry.removal.clone();
        let finding = Diagnostic::lint(rule.code, rule.severity, entry.place, message);
        finding.hint(rule.advice).fix(span, text)
    };
    allowed.unused().filter(judged).map(report).collect()
}

/// Where the syntax errors of a text are.
struct Broken(Vec<u32>);

impl Broken {
    fn of(parse: &Parse) -> Self {
        let mut starts: Vec<u32> = parse.errors().map(|d| d.span.start).collect();
        starts.sort_unstable();
        Self(starts)
    }

    /// True when there is none in the statement.
    fn spares(&self, statement: Span) -> bool {
        let next = self.0.partition_point(|start| *start < statement.start);
        self.0.get(next).is_none_or(|start| *start > statement.end)
    }
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
    fn a_comment_can_speak_for_the_whole_text() {
        let text =
            "SELECT DOCUMENT FROM hexads;\nSELECT GRAPH FROM hexads;\n-- vql: allow-file(VQL001)";
        assert_eq!(lint(text, &parse(text)), Vec::new());
    }

    #[test]
    fn what_silences_nothing_is_reported_and_can_be_removed() {
        let text = "-- vql: allow(VQL001)\nSHOW STATUS; -- vql: allow(VQL999)\nSELECT FROM; -- vql: allow(VQL001)\n";
        let found = lint(text, &parse(text));
        assert_eq!(rules_in(text), ["VQL012", "VQL012"]);
        assert_eq!(found[1].message, "there is no rule `VQL999`");
        let fixes: Vec<Fix> = found.into_iter().filter_map(|d| d.fix).collect();
        let fixed = crate::engine::lang::diag::apply(text, &fixes);
        assert_eq!(fixed, "SHOW STATUS;\nSELECT FROM; -- vql: allow(VQL001)\n");
    }

    #[test]
    fn edits_do_what_the_advice_says() {
        for (text, fixed) in [
            ("SELECT DOCUMENT FROM hexads", "SELECT DOCUMENT FROM hexads LIMIT 100"),
            (
                "SELECT DOCUMENT FROM hexads ORDER BY a;",
                "SELECT DOCUMENT FROM hexads ORDER BY a LIMIT 100;",
            ),
            (
                "SELECT GRAPH, VECTOR, TENSOR, SEMANTIC, DOCUMENT, TEMPORAL, PROVENANCE, SPATIAL FROM hexads LIMIT 1",
                "SELECT * FROM hexads LIMIT 1",
            ),
            (
                "SELECT DOCUMENT FROM hexads PROOF INTEGRITI LIMIT 1",
                "SELECT DOCUMENT FROM hexads PROOF INTEGRITY LIMIT 1",
            ),
            ("SELECT DOCUMENT FROM hexads LIMTI 1", "SELECT DOCUMENT FROM hexads LIMIT 1"),
            ("SELEC DOCUMENT FROM hexads LIMIT 1", "SELECT DOCUMENT FROM hexads LIMIT 1"),
            (
                "SELECT DOCUMENT FROM hexads WHERE LENGHT(title) > 3 LIMIT 1",
                "SELECT DOCUMENT FROM hexads WHERE length(title) > 3 LIMIT 1",
            ),
        ] {
            let found = findings(text, &parse(text), &NoCatalog);
            let fixes: Vec<Fix> = found.iter().filter_map(|d| d.fix.clone()).collect();
            assert_eq!(crate::engine::lang::diag::apply(text, &fixes), fixed, "{found:#?}");
            assert!(parse(fixed).is_ok());
        }
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
