//! The checker: everything that can be known to be wrong with a statement before it runs.
//!
//! It finds all errors of a text in one pass and stops at none. It refuses only what is certainly
//! wrong: fields are dynamic, so a type it does not know fits everything. Where no database is at
//! hand a statement is a document, and what only an execution would refuse is a warning
//! ([`Checker::doubtful`]); against a live catalog the same finding is an error.

mod compare;
mod condition;
mod expr;
mod place;
mod proof;
mod query;
mod vector;
mod write;

use std::collections::BTreeMap;

use super::fields::Scope;
use super::walk::{self, Met};
use super::{Catalog, Known, NameKind};
use crate::engine::base::{Kind, Span, Value};
use crate::engine::lang::ast::{
    Condition, Describe, Name, Param, PermissionOf, Query, RowCount, Script, SearchKind, Source,
    SourceKind, Statement, StatementKind,
};
use crate::engine::lang::diag::{Diagnostic, closest};

/// Checks a text, statement by statement. Diagnostics are in the order of the text.
///
/// `params` are the values the statements will be given; without them any parameter is allowed.
pub fn check(
    script: &Script,
    catalog: &dyn Catalog,
    params: Option<&BTreeMap<String, Value>>,
) -> Vec<Diagnostic> {
    script.statements.iter().flat_map(|s| check_statement(s, catalog, params)).collect()
}

/// Checks one statement. See [`check`].
pub fn check_statement(
    statement: &Statement,
    catalog: &dyn Catalog,
    params: Option<&BTreeMap<String, Value>>,
) -> Vec<Diagnostic> {
    let mut checker = Checker {
        catalog,
        params,
        scope: Scope::default(),
        own_columns: false,
        one_hexad: false,
        groups: None,
        regexes: 0,
        found: Vec::new(),
    };
    checker.statement(statement);
    let mut found = checker.found;
    found.sort_by_key(|d| (d.span.start, d.severity));
    let mut seen = std::collections::BTreeSet::new();
    found.retain(|d| seen.insert((d.span, d.kind.name(), d.message.clone())));
    found
}

/// Findings in one statement after which the rest of it is not looked at.
const FINDINGS: usize = 200;

struct Checker<'a> {
    catalog: &'a dyn Catalog,
    params: Option<&'a BTreeMap<String, Value>>,
    /// The variables of the query being checked.
    scope: Scope,
    /// The source has columns of its own (drift events, an audit log), so no field is unknown.
    own_columns: bool,
    /// The source is one hexad, whose embedding stands for a missing query vector.
    one_hexad: bool,
    /// Inside `HAVING` of this query names mean groups.
    groups: Option<&'a Query>,
    /// How many regular expressions were met.
    regexes: usize,
    found: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    /// Certainly wrong, with or without a database.
    fn wrong(&mut self, kind: Kind, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.push(Diagnostic::error(kind, span, message))
    }

    /// An execution will refuse it; in a document it may stand.
    fn doubtful(&mut self, kind: Kind, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        if self.catalog.live() {
            self.wrong(kind, span, message)
        } else {
            self.warn(kind, span, message)
        }
    }

    /// Allowed, but hardly meant.
    fn warn(&mut self, kind: Kind, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.push(Diagnostic::warning(kind, span, message))
    }

    /// True when there is enough to put right before anybody reads on.
    fn full(&self) -> bool {
        self.found.len() >= FINDINGS
    }

    fn push(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.found.push(diagnostic);
        self.found.last_mut().expect("a diagnostic was pushed just now")
    }

    fn statement(&mut self, statement: &'a Statement) {
        match &statement.kind {
            StatementKind::Explain(explain) => self.statement(&explain.statement),
            StatementKind::Query(query) => self.query(query),
            StatementKind::Insert(insert) => self.insert(insert),
            StatementKind::Update(update) => self.update(update),
            StatementKind::Delete(delete) => {
                self.source(&delete.source);
                self.where_alone(delete.condition.as_ref());
                if let Some(proof) = &delete.proof {
                    self.proof(proof);
                }
            }
            StatementKind::Search(search) => {
                self.search(&search.kind);
                self.row_count(search.limit.as_ref());
            }
            StatementKind::Normalize(normalize) => {
                self.where_alone(normalize.condition.as_ref());
            }
            StatementKind::Count(count) => self.where_alone(count.condition.as_ref()),
            StatementKind::Show(show) => self.row_count(show.limit.as_ref()),
            StatementKind::Describe(describe) => self.describe(describe),
            StatementKind::Drift(drift) => {
                self.source(&drift.source);
                self.own_columns = true;
                self.where_alone(drift.condition.as_ref());
                self.modifiers(&drift.modifiers, drift.condition.as_ref());
                for key in &drift.order_by {
                    self.expr(&key.expr);
                }
                self.row_count(drift.limit.as_ref());
                drift.stores.iter().chain(&drift.coordinator).for_each(|p| self.param(p));
            }
            StatementKind::Set(set) => self.setting(set),
            StatementKind::Prepare(prepare) => {
                // Its parameters get values when it is executed.
                let params = self.params.take();
                self.statement(&prepare.statement);
                self.params = params;
            }
            StatementKind::Execute(execute) => {
                for (_, value) in &execute.args {
                    self.expr(value);
                }
            }
            StatementKind::CreateContract(contract) => {
                let params = self.params.take();
                let drift = |name: &&Name| {
                    ["SCHEMA", "TENSOR"].iter().any(|word| name.text.eq_ignore_ascii_case(word))
                };
                // Those two serve no proof, but say what has drifted.
                if let Some(name) = contract.proof_type.as_ref().filter(|name| !drift(name)) {
                    self.proof_type(name);
                }
                self.where_alone(Some(&contract.condition));
                self.params = params;
            }
            StatementKind::DropContract(drop) if !drop.if_exists => self.contract(&drop.name),
            StatementKind::Grant(permission)
            | StatementKind::Deny(permission)
            | StatementKind::Revoke(permission) => {
                if let Some(PermissionOf::Source(source)) = &permission.of {
                    self.source(source);
                }
            }
            StatementKind::Import(transfer) | StatementKind::Export(transfer) => {
                if let Some(source) = &transfer.source {
                    self.source(source);
                }
            }
            StatementKind::Version(_)
            | StatementKind::DropContract(_)
            | StatementKind::Transaction(_)
            | StatementKind::Deallocate(_)
            | StatementKind::Resolve(_)
            | StatementKind::Revert(_)
            | StatementKind::CreatePolicy(_)
            | StatementKind::DropPolicy(_)
            | StatementKind::Role(_)
            | StatementKind::Key(_)
            | StatementKind::Snapshot(_)
            | StatementKind::Checkpoint
            | StatementKind::Analyze(_)
            | StatementKind::CheckIntegrity
            | StatementKind::Error => {}
        }
    }

    /// A `WHERE` outside of a query.
    fn where_alone(&mut self, condition: Option<&'a Condition>) {
        self.scope = Scope::of_condition(condition);
        if let Some(condition) = condition {
            self.top_level(condition);
            self.modifiers(&[], Some(condition));
        }
    }

    fn search(&mut self, kind: &'a SearchKind) {
        match kind {
            SearchKind::Text(text) => self.full_text(text),
            SearchKind::Vector { target, within, metric } => {
                self.vector_target(target, Some("embedding"), *metric);
                self.within(within.as_ref(), *metric);
            }
            SearchKind::Related { id, predicate } => {
                id.param().into_iter().for_each(|p| self.param(p));
                predicate.iter().filter_map(|p| p.param()).for_each(|p| self.param(p));
            }
            SearchKind::Modality { condition, .. } => self.where_alone(condition.as_ref()),
            SearchKind::Error => {}
        }
    }

    fn describe(&mut self, describe: &'a Describe) {
        match describe {
            Describe::Source(source) => self.source(source),
            Describe::Contract(name) => self.contract(name),
            Describe::Modality(_) => {}
        }
    }

    fn setting(&mut self, set: &'a crate::engine::lang::ast::SetSetting) {
        if self.catalog.setting(&set.name.text) == Known::No {
            let known = self.catalog.names(NameKind::Settings);
            let message = format!("unknown setting `{}`", set.name.text);
            let found = self.wrong(Kind::UnknownSetting, set.name.span, message);
            found.hint = Some("SHOW SETTINGS lists the settings".to_owned());
            suggest(found, &set.name.text, known.iter().map(String::as_str));
        }
    }

    /// A contract that has to exist.
    fn contract(&mut self, name: &Name) {
        if self.catalog.contract(&name.text) == Known::No {
            let known = self.catalog.names(NameKind::Contracts);
            let message = format!("no contract is called `{}`", name.text);
            let found = self.wrong(Kind::ContractNotFound, name.span, message);
            found.hint = Some("SHOW CONTRACTS lists the contracts".to_owned());
            suggest(found, &name.text, known.iter().map(String::as_str));
        }
    }

    fn source(&mut self, source: &'a Source) {
        match &source.kind {
            SourceKind::Collection { name, .. } => {
                self.own_columns = name.is("audit_log");
                if self.catalog.collection(&name.text) == Known::No {
                    self.unknown_source("collection", &name.text, name.span, NameKind::Collections);
                }
            }
            SourceKind::Store(id) => {
                if let Some(name) = id.literal()
                    && self.catalog.store(name) == Known::No
                {
                    self.unknown_source("store", name, id.span, NameKind::Stores);
                }
                id.param().into_iter().for_each(|p| self.param(p));
            }
            SourceKind::Hexad(id) => {
                id.iter().filter_map(|id| id.param()).for_each(|p| self.param(p));
            }
            // What peers and stored queries hold is not in this catalog.
            SourceKind::Federation(_) | SourceKind::Reflect | SourceKind::Legacy { .. } => {
                self.own_columns = true;
            }
            SourceKind::Error => {}
        }
    }

    fn unknown_source(&mut self, what: &str, name: &str, span: Span, kind: NameKind) {
        let known = self.catalog.names(kind);
        let message = format!("there is no {what} `{name}`");
        let found = self.wrong(Kind::UnknownSource, span, message);
        found.hint = Some("the hexads of this database are `FROM hexads`".to_owned());
        suggest(found, name, known.iter().map(String::as_str));
    }

    /// `LIMIT` and `OFFSET`: the parser takes whole numbers only, a parameter can hold anything.
    fn row_count(&mut self, count: Option<&RowCount>) {
        let Some(RowCount::Param(param)) = count else { return };
        self.param(param);
        if let Some(value) = self.params.and_then(|p| p.get(&param.name))
            && !matches!(value, Value::Int(n) if *n >= 0)
        {
            let message =
                format!("a number of rows is a whole number from 0, not {}", shown(value));
            self.wrong(Kind::InvalidParameter, param.span, message);
        }
    }

    fn param(&mut self, param: &Param) {
        if let Some(given) = self.params
            && !given.contains_key(&param.name)
        {
            let names: Vec<&str> = given.keys().map(String::as_str).collect();
            let message = format!("parameter `{}` has no value", param.name);
            let found = self.wrong(Kind::MissingParameter, param.span, message);
            suggest(found, &param.name, names);
        }
    }

    /// Reports the parameters and elisions of a condition, wherever they are nested.
    fn leaves(&mut self, condition: &'a Condition) {
        let mut params: Vec<&Param> = Vec::new();
        walk::condition(condition, &mut |met| {
            if let Met::Param(param) = met {
                params.push(param);
            }
        });
        for param in params {
            self.param(param);
        }
    }

    fn elided(&mut self, span: Span) {
        self.doubtful(Kind::Elided, span, "`...` leaves something out").hint =
            Some("write it out before executing the statement".to_owned());
    }
}

/// Adds "did you mean" and the edit, when one of `names` is close to `word`.
fn suggest<'n>(found: &mut Diagnostic, word: &str, names: impl IntoIterator<Item = &'n str>) {
    if let Some(best) = closest(word, names) {
        found.hint = Some(format!("did you mean `{best}`?"));
        found.fix =
            Some(crate::engine::lang::diag::Fix { span: found.span, text: best.to_owned() });
    }
}

/// A value as a message shows it.
fn shown(value: &Value) -> String {
    let text = value.to_json().to_string();
    if text.chars().count() > 40 { value.type_name().to_owned() } else { text }
}
