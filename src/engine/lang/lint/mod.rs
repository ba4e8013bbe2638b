//! The linter: statements that are allowed and probably not what was meant.
//!
//! Rules look at the AST, never at words, so that layout, comments and spelling change nothing. A
//! finding never keeps a statement from being parsed, formatted or checked, whatever its level: an
//! `error` here says that executing the statement is refused or dangerous. What is certainly wrong
//! is the business of the checker ([`super::resolve::check`]).
//!
//! `-- vql: allow(VQL001)` silences a rule for the statement the comment stands in, before, or
//! behind on its last line.

mod allow;
mod rules;

pub use allow::Allowed;
pub use rules::{RULES, Rule};

use crate::engine::lang::ast::Script;
use crate::engine::lang::diag::Diagnostic;

/// Lints a text, statement by statement; errors first, then in the order of the text.
pub fn lint(script: &Script, allowed: &Allowed) -> Vec<Diagnostic> {
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
