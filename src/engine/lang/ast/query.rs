//! Queries: the select list, the source, what narrows and orders it, proofs.

use super::{Assignment, Condition, Expr, GraphPattern, IdRef, ModalityRef, Name, Param, TimeRef};
use crate::engine::base::Span;

/// A query of any dialect: `SELECT .. FROM ..`, `FROM verisim:.. [SELECT ..]`, `FIND ..`,
/// `SELECT hexads WHERE ..`, and the first arm of a set query.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Which dialect wrote it.
    pub form: QueryForm,
    /// `WITH VERIFICATION contract` (1.x).
    pub verification: Option<Name>,
    /// What is returned; `*` when the form has no select list.
    pub select: Vec<SelectItem>,
    /// From where.
    pub source: Source,
    /// Drift policy, `AS OF`, `TRAVERSE`, quorum: in the order written, wherever they stood.
    pub modifiers: Vec<SourceModifier>,
    /// `WHERE`
    pub condition: Option<Condition>,
    /// `GROUP BY`
    pub group_by: Vec<Expr>,
    /// `HAVING`
    pub having: Option<Condition>,
    /// `PROOF`
    pub proof: Option<Proof>,
    /// `ORDER BY`
    pub order_by: Vec<OrderKey>,
    /// `LIMIT`
    pub limit: Option<RowCount>,
    /// `OFFSET`
    pub offset: Option<RowCount>,
    /// `INTERSECT`, `UNION`, `EXCEPT` and their arms, applied left to right.
    pub set_operations: Vec<SetOperation>,
    /// Where; without the parentheses of a set query.
    pub span: Span,
}

impl Query {
    /// Where `WITH DRIFT REPAIR` stands, in it or in what it is combined with.
    pub fn drift_repair(&self) -> Option<Span> {
        let asks = |modifier: &&SourceModifier| match &modifier.kind {
            ModifierKind::Drift(DriftPolicy::Repair) => true,
            ModifierKind::Drift(DriftPolicy::Named(name)) => name.is("repair"),
            _ => false,
        };
        let own = self.modifiers.iter().find(asks).map(|modifier| modifier.span);
        own.or_else(|| self.set_operations.iter().find_map(|other| other.query.drift_repair()))
    }
}

/// How a query is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryForm {
    /// `SELECT .. FROM ..`
    Select,
    /// `FROM verisim:.. [SELECT ..]`
    FromFirst,
    /// `SELECT hexads WHERE ..`
    SelectHexads,
    /// `FIND hexads [WHERE ..]`
    Find,
}

/// `INTERSECT (query)`
#[derive(Clone, Debug, PartialEq)]
pub struct SetOperation {
    /// Which.
    pub op: SetOp,
    /// The other arm (it has no set operations itself).
    pub query: Query,
    /// Where, from the operator on.
    pub span: Span,
}

/// The set operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SetOp {
    /// In both.
    Intersect,
    /// In either, once.
    Union,
    /// In either, as often as there.
    UnionAll,
    /// In the first but not in the second.
    Except,
}

/// One item of a select list.
#[derive(Clone, Debug, PartialEq)]
pub struct SelectItem {
    /// What.
    pub kind: SelectKind,
    /// `AS name`
    pub alias: Option<Name>,
    /// Where, with the alias.
    pub span: Span,
}

/// What a select item asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum SelectKind {
    /// `*`
    Everything,
    /// `GRAPH`, `GRAPH.*`
    Modality(ModalityRef),
    /// `GRAPH(nodes, edges)`, `GRAPH((h)-[:CITES]->(x))`
    Projection(ModalityRef, Vec<ProjectionItem>),
    /// `DRIFT`: the drift scores of the hexad.
    Drift,
    /// A path, an aggregate or a call: [`super::ExprKind::Path`] with at least one segment,
    /// [`super::ExprKind::Aggregate`], [`super::ExprKind::Call`] ..
    Expr(Expr),
}

/// What stands between the parentheses after a selected modality.
#[derive(Clone, Debug, PartialEq)]
pub enum ProjectionItem {
    /// A graph pattern (then it is the only item).
    Pattern(GraphPattern),
    /// A name, a number or an array.
    Expr(Expr),
}

/// What `FROM` names.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// What.
    pub kind: SourceKind,
    /// Where.
    pub span: Span,
}

/// The sources.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceKind {
    /// `HEXAD id`; without an id: all hexads.
    Hexad(Option<IdRef>),
    /// `FEDERATION ..`
    Federation(Federation),
    /// `STORE name`
    Store(IdRef),
    /// `REFLECT`: the stored queries.
    Reflect,
    /// `verisim:graph`, `verisim:federation /glob` (0.9 and 1.x): the name after the colon.
    Legacy {
        /// After the colon.
        name: Name,
        /// A path glob after it.
        glob: Option<Name>,
    },
    /// `hexads`, `audit_log`, `hexads@instance`, any other name.
    Collection {
        /// The name.
        name: Name,
        /// After `@`.
        instance: Option<Name>,
    },
    /// A hole left by a syntax error.
    Error,
}

/// Which peers a federated query asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Federation {
    /// `/universities/*`, as written.
    Glob(Name),
    /// `[node1, node2]`
    Nodes(Vec<IdRef>),
    /// `STORE 'name' HEXAD`
    Store(IdRef),
    /// `HEXAD`: every peer.
    Hexad,
    /// A named federation.
    Named(Name),
}

/// What qualifies a source, before or after `WHERE`.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceModifier {
    /// What.
    pub kind: ModifierKind,
    /// Where.
    pub span: Span,
}

/// The source modifiers.
#[derive(Clone, Debug, PartialEq)]
pub enum ModifierKind {
    /// `WITH DRIFT STRICT`, `DRIFT POLICY strict_consistency`
    Drift(DriftPolicy),
    /// `WITH DRIFT TOLERANCE 0.1`: the fraction of drifted results allowed.
    DriftTolerance(f64),
    /// `AS OF ..` and `AT TIME ..`
    AsOf(AsOf),
    /// `TRAVERSE predicate DEPTH n`
    Traverse {
        /// Along which edges.
        predicate: Name,
        /// How far.
        depth: Option<u64>,
    },
    /// `USING CONTRACT name` (1.x).
    UsingContract(Name),
    /// `VERIFY name` (1.x).
    Verify(Name),
    /// `WITH BYZANTINE TOLERANCE f`
    ByzantineTolerance(u64),
    /// `MIN QUORUM n`
    MinQuorum(u64),
}

/// What a federated query does about peers that disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DriftPolicy {
    /// Fail.
    Strict,
    /// Repair, then answer.
    Repair,
    /// Answer with the union (the default).
    Tolerate,
    /// Answer with the newest.
    Latest,
    /// A policy by name (`DRIFT POLICY strict_consistency`).
    Named(Name),
}

/// `AS OF t [REVERT TO t]`
#[derive(Clone, Debug, PartialEq)]
pub struct AsOf {
    /// The instant.
    pub at: TimeRef,
    /// `REVERT TO`
    pub revert_to: Option<TimeRef>,
    /// Where.
    pub span: Span,
}

/// One key of `ORDER BY`.
#[derive(Clone, Debug, PartialEq)]
pub struct OrderKey {
    /// By what.
    pub expr: Expr,
    /// `DESC`
    pub descending: bool,
    /// `NULLS FIRST` / `NULLS LAST`, when written.
    pub nulls: Option<Nulls>,
    /// Where.
    pub span: Span,
}

/// Where missing values go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// Before all others.
    First,
    /// After all others.
    Last,
}

/// The number after `LIMIT` and `OFFSET`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowCount {
    /// A number and where it stands.
    Number(u64, Span),
    /// A parameter.
    Param(Param),
}

/// `PROOF spec AND spec .. [THRESHOLD x]`
#[derive(Clone, Debug, PartialEq)]
pub struct Proof {
    /// What is to be proved, in the order written.
    pub specs: Vec<ProofSpec>,
    /// `THRESHOLD`
    pub threshold: Option<f64>,
    /// Where, from the keyword on.
    pub span: Span,
}

/// `INTEGRITY(Contract) WITH auditor=nsf`
#[derive(Clone, Debug, PartialEq)]
pub struct ProofSpec {
    /// How it is joined to the one before it (`And` for the first; a comma is `And`).
    pub joined: ProofJoin,
    /// The type; any word, the binder reports unknown ones (`InvalidProofType`).
    pub proof_type: Name,
    /// A contract or an entity.
    pub argument: Option<IdRef>,
    /// `WITH name=value, ..`
    pub params: Vec<Assignment>,
    /// `{ .. }`
    pub block: Option<ProofBlock>,
    /// Where.
    pub span: Span,
}

/// How two proofs are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProofJoin {
    /// Both must hold.
    And,
    /// The first that can be proved.
    Or,
}

/// What stands in the braces after a proof type.
#[derive(Clone, Debug, PartialEq)]
pub enum ProofBlock {
    /// `{ ... }`
    Elided,
    /// `{ ∀ r ∈ Result. condition }`
    Quantified {
        /// `∀` (true) or `∃` (false).
        all: bool,
        /// The variable.
        variable: Name,
        /// What it ranges over.
        domain: Name,
        /// What must hold.
        condition: Box<Condition>,
    },
}
