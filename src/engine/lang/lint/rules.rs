//! The rules VQL001 to VQL012, each a table row and a few lines of the walk.

use crate::engine::base::limit::DEFAULT_ROWS;
use crate::engine::base::{Modality, ModalitySet, Span};
use crate::engine::lang::ast::{
    CompareOp, Condition, ConditionKind, Expr, ExprKind, Federation, ModifierKind, Proof, Query,
    QueryForm, SelectItem, SelectKind, Source, SourceKind, Statement, StatementKind, Test,
};
use crate::engine::lang::diag::{Diagnostic, Fix, Severity, closest};
use crate::engine::lang::resolve::proofs::{PROOF_TYPES, proof_type};
use crate::engine::lang::resolve::walk::{self, Met};

/// One rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The name, as `-- vql: allow(..)` and reports say it.
    pub code: &'static str,
    /// How bad.
    pub severity: Severity,
    /// The fact, as reported.
    pub message: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// A statement it finds something in.
    pub example: &'static str,
}

impl Rule {
    /// The section of the documentation about it.
    pub fn page(&self) -> String {
        format!("docs/reference/lint.md#{}", self.code.to_ascii_lowercase())
    }
}

const fn rule(
    code: &'static str,
    severity: Severity,
    message: &'static str,
    advice: &'static str,
    example: &'static str,
) -> Rule {
    Rule { code, severity, message, advice, example }
}

use Severity::{Error, Hint, Warning};

const NO_LIMIT: Rule = rule(
    "VQL001",
    Warning,
    "a query without LIMIT answers with at most the default number of rows",
    "add LIMIT to say how many rows are wanted",
    "SELECT DOCUMENT FROM hexads",
);
const ALL_MODALITIES: Rule = rule(
    "VQL002",
    Hint,
    "all eight modalities are named",
    "write SELECT *",
    "SELECT GRAPH, VECTOR, TENSOR, SEMANTIC, DOCUMENT, TEMPORAL, PROVENANCE, SPATIAL FROM hexads",
);
const SEMANTIC_UNPROVED: Rule = rule(
    "VQL003",
    Warning,
    "SEMANTIC is selected without PROOF",
    "add PROOF INTEGRITY to have what is said of the entity vouched for",
    "SELECT SEMANTIC FROM hexads LIMIT 5",
);
const NO_DEPTH: Rule = rule(
    "VQL004",
    Error,
    "TRAVERSE without DEPTH may visit the whole graph",
    "add DEPTH n",
    "SELECT GRAPH FROM hexads TRAVERSE cites LIMIT 5",
);
const NO_THRESHOLD: Rule = rule(
    "VQL005",
    Hint,
    "DRIFT without a threshold holds for any drift at all",
    "write DRIFT THRESHOLD 0.3, or name a pair: DRIFT(VECTOR, DOCUMENT) > 0.3",
    "SELECT DOCUMENT FROM hexads WHERE DRIFT LIMIT 5",
);
const ORDER_NO_LIMIT: Rule = rule(
    "VQL006",
    Warning,
    "ORDER BY without LIMIT sorts everything to answer with the default number of rows",
    "add LIMIT",
    "SELECT DOCUMENT FROM hexads ORDER BY DOCUMENT.title",
);
const UNBOUNDED_WRITE: Rule = rule(
    "VQL007",
    Error,
    "this write names neither an id nor a condition",
    "add an id or WHERE; executing it as it stands is refused unless forced",
    "UPDATE HEXAD SET DOCUMENT.state = 'done'",
);
const UNKNOWN_PROOF: Rule = rule(
    "VQL008",
    Warning,
    "unknown proof type",
    "the reference lists the types of proof",
    "SELECT DOCUMENT FROM hexads PROOF TRUTH LIMIT 5",
);
const ALWAYS_TRUE: Rule = rule(
    "VQL009",
    Hint,
    "this condition is always true",
    "remove it",
    "SELECT DOCUMENT FROM hexads WHERE 1 == 1 LIMIT 5",
);
const MANY_MODALITIES: Rule = rule(
    "VQL010",
    Hint,
    "three or more modalities are read",
    "look at the plan once with EXPLAIN",
    "SELECT GRAPH, VECTOR, DOCUMENT FROM hexads LIMIT 5",
);
const WHOLE_FEDERATION: Rule = rule(
    "VQL011",
    Warning,
    "this asks every store of the federation",
    "name a path (/universities/*) or a store",
    "SELECT DOCUMENT FROM FEDERATION HEXAD LIMIT 5",
);

pub(super) const IDLE_ALLOW: Rule = rule(
    "VQL012",
    Hint,
    "a comment allows what was not found",
    "remove it from the comment",
    "SHOW STATUS -- vql: allow(VQL001)",
);

/// Every rule, by code.
pub const RULES: &[Rule] = &[
    NO_LIMIT,
    ALL_MODALITIES,
    SEMANTIC_UNPROVED,
    NO_DEPTH,
    NO_THRESHOLD,
    ORDER_NO_LIMIT,
    UNBOUNDED_WRITE,
    UNKNOWN_PROOF,
    ALWAYS_TRUE,
    MANY_MODALITIES,
    WHOLE_FEDERATION,
    IDLE_ALLOW,
];

/// What the rules find in one statement.
pub(super) fn statement(statement: &Statement) -> Vec<Diagnostic> {
    let mut linter = Linter { explained: false, found: Vec::new() };
    linter.statement(statement);
    linter.found
}

struct Linter {
    /// Under `EXPLAIN`: nothing is read.
    explained: bool,
    found: Vec<Diagnostic>,
}

impl Linter {
    fn report(&mut self, rule: &Rule, span: Span) -> &mut Diagnostic {
        let finding = Diagnostic::lint(rule.code, rule.severity, span, rule.message);
        self.found.push(finding.hint(rule.advice));
        self.found.last_mut().expect("a finding was pushed just now")
    }

    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Explain(explain) => {
                self.explained = true;
                self.statement(&explain.statement);
            }
            StatementKind::Prepare(prepare) => self.statement(&prepare.statement),
            StatementKind::Query(query) => self.query(query),
            StatementKind::Insert(insert) => self.proof(insert.proof.as_ref()),
            StatementKind::Update(update) => {
                if update.id.is_none() && update.condition.is_none() {
                    self.report(&UNBOUNDED_WRITE, statement.span);
                }
                self.condition(update.condition.as_ref());
                self.proof(update.proof.as_ref());
            }
            StatementKind::Delete(delete) => {
                let one = matches!(delete.source.kind, SourceKind::Hexad(Some(_)));
                if !one && delete.condition.is_none() {
                    self.report(&UNBOUNDED_WRITE, statement.span);
                }
                self.source(&delete.source);
                self.condition(delete.condition.as_ref());
                self.proof(delete.proof.as_ref());
            }
            StatementKind::Count(count) => self.condition(count.condition.as_ref()),
            StatementKind::Normalize(n) => self.condition(n.condition.as_ref()),
            StatementKind::Drift(drift) => self.condition(drift.condition.as_ref()),
            _ => {}
        }
    }

    fn query(&mut self, query: &Query) {
        let keyword = keyword(query);
        let limited = query.limit.is_some();
        if !limited && !self.explained && !one_row(query) {
            let finding = self.report(&NO_LIMIT, keyword);
            finding.fix = limit(query);
        }
        let named = selected(query);
        let list = query.select.iter().map(|item| item.span).reduce(Span::to).unwrap_or(keyword);
        if named == ModalitySet::ALL {
            let plain = |item: &SelectItem| {
                item.alias.is_none() && matches!(item.kind, SelectKind::Modality(_))
            };
            let only = query.select.iter().all(plain);
            let finding = self.report(&ALL_MODALITIES, list);
            finding.fix = only.then(|| Fix { span: list, text: "*".to_owned() });
        }
        if named.iter().count() >= 3 && !self.explained {
            self.report(&MANY_MODALITIES, list);
        }
        let semantic = query.select.iter().find(|item| selects(&item.kind, Modality::Semantic));
        if let (Some(item), None) = (semantic, &query.proof) {
            self.report(&SEMANTIC_UNPROVED, item.span);
        }
        for modifier in &query.modifiers {
            if let ModifierKind::Traverse { depth: None, .. } = modifier.kind {
                self.report(&NO_DEPTH, modifier.span);
            }
        }
        if let (Some(first), false) = (query.order_by.first(), limited) {
            let finding = self.report(&ORDER_NO_LIMIT, first.span);
            finding.fix = limit(query);
        }
        self.selected_drift(query);
        self.source(&query.source);
        self.condition(query.condition.as_ref());
        self.proof(query.proof.as_ref());
        query.set_operations.iter().for_each(|operation| self.query(&operation.query));
    }

    /// `SELECT DRIFT` without anything that says how much drift matters.
    fn selected_drift(&mut self, query: &Query) {
        let Some(item) = query.select.iter().find(|i| matches!(i.kind, SelectKind::Drift)) else {
            return;
        };
        let mut bounded = query.proof.as_ref().is_some_and(|proof| proof.threshold.is_some());
        if let Some(condition) = &query.condition {
            walk::condition(condition, &mut |met| {
                if let Met::Condition(inner) = met {
                    bounded |= matches!(
                        inner.kind,
                        ConditionKind::DriftAny { .. } | ConditionKind::Drift { .. }
                    );
                }
            });
        }
        if !bounded {
            self.report(&NO_THRESHOLD, item.span);
        }
    }

    fn source(&mut self, source: &Source) {
        let everywhere = match &source.kind {
            SourceKind::Federation(Federation::Hexad) => true,
            SourceKind::Federation(Federation::Glob(glob)) => {
                matches!(glob.text.as_str(), "/*" | "/**")
            }
            _ => false,
        };
        if everywhere {
            self.report(&WHOLE_FEDERATION, source.span);
        }
    }

    fn condition(&mut self, condition: Option<&Condition>) {
        let Some(condition) = condition else { return };
        for conjunct in condition.conjuncts() {
            if always_true(conjunct) {
                self.report(&ALWAYS_TRUE, conjunct.span);
            }
        }
        let mut bare: Vec<Span> = Vec::new();
        walk::condition(condition, &mut |met| {
            if let Met::Condition(inner) = met
                && let ConditionKind::DriftAny { threshold: None } = inner.kind
            {
                bare.push(inner.span);
            }
        });
        for span in bare {
            self.report(&NO_THRESHOLD, span);
        }
    }

    fn proof(&mut self, proof: Option<&Proof>) {
        for spec in proof.iter().flat_map(|proof| &proof.specs) {
            if proof_type(&spec.proof_type.text).is_none() {
                let found = self.report(&UNKNOWN_PROOF, spec.proof_type.span);
                found.message = format!("unknown proof type `{}`", spec.proof_type.text);
                let names = PROOF_TYPES.iter().map(|known| known.name);
                if let Some(best) = closest(&spec.proof_type.text, names) {
                    found.hint = Some(format!("did you mean `{best}`?"));
                    found.fix = Some(Fix { span: spec.proof_type.span, text: best.to_owned() });
                }
            }
        }
    }
}

/// The keyword a query starts with: what a finding about the whole query points at.
fn keyword(query: &Query) -> Span {
    let length = match query.form {
        QueryForm::Select | QueryForm::SelectHexads => 6,
        QueryForm::FromFirst | QueryForm::Find => 4,
    };
    Span { start: query.span.start, end: (query.span.start + length).min(query.span.end) }
}

/// The edit that says how many rows there are at most anyway. In a query with others behind it, or
/// with its clauses in another order, nobody can say where it belongs.
fn limit(query: &Query) -> Option<Fix> {
    let plain = query.form == QueryForm::Select
        && query.set_operations.is_empty()
        && query.offset.is_none()
        && query.proof.is_none();
    let end = Span { start: query.span.end, end: query.span.end };
    plain.then(|| Fix { span: end, text: format!(" LIMIT {DEFAULT_ROWS}") })
}

/// True when the answer has one row whatever is stored: aggregates without groups.
fn one_row(query: &Query) -> bool {
    query.group_by.is_empty()
        && query.set_operations.is_empty()
        && query.select.iter().all(|item| {
            matches!(&item.kind, SelectKind::Expr(Expr { kind: ExprKind::Aggregate(_), .. }))
        })
}

/// The modalities a select list names; `*` names none.
fn selected(query: &Query) -> ModalitySet {
    Modality::ALL
        .into_iter()
        .filter(|modality| query.select.iter().any(|item| selects(&item.kind, *modality)))
        .collect()
}

fn selects(item: &SelectKind, wanted: Modality) -> bool {
    match item {
        SelectKind::Modality(m) | SelectKind::Projection(m, _) => m.modality == wanted,
        SelectKind::Expr(expr) => {
            let mut found = false;
            walk::expr(expr, &mut |met| {
                let path = match met {
                    Met::Expr(Expr { kind: ExprKind::Path(path), .. }) => Some(path),
                    Met::Expr(Expr { kind: ExprKind::Aggregate(a), .. }) => a.path.as_ref(),
                    _ => None,
                };
                found |= path.and_then(|p| p.modality).is_some_and(|m| m.modality == wanted);
            });
            found
        }
        SelectKind::Everything | SelectKind::Drift => false,
    }
}

fn always_true(condition: &Condition) -> bool {
    match &condition.kind {
        ConditionKind::Literal(value) => *value,
        ConditionKind::Paren(inner) => always_true(inner),
        ConditionKind::Comparison { left, test: Test::Compare(CompareOp::Equal, right) } => {
            match (left.constant(), right.constant()) {
                (Some(a), Some(b)) => a.compare(&b).is_some_and(std::cmp::Ordering::is_eq),
                _ => false,
            }
        }
        _ => false,
    }
}
