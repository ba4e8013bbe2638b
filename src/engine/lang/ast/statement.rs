//! Statements: everything that is not a query, and the enum of all of them.

use super::{
    Condition, Expr, IdRef, KeyStatement, MetricRef, ModalityRef, Name, OrderKey, Param, Path,
    Permission, Proof, Query, RoleStatement, RowCount, Source, SourceModifier, TimeRef,
    VectorTarget,
};
use crate::engine::base::{Span, Value};

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// Where; without the `;`.
    pub span: Span,
}

/// Every statement of the language.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// `VERSION 1.0;`: the dialect of what follows. A statement of its own, so that a text can be
    /// cut into statements without looking ahead.
    Version(VersionPragma),
    /// `EXPLAIN [ANALYZE] [(options)] statement`
    Explain(Explain),
    /// `SELECT`, `FROM`, `FIND` and set queries.
    Query(Box<Query>),
    /// `INSERT`
    Insert(Insert),
    /// `UPDATE HEXAD .. SET ..`
    Update(Update),
    /// `DELETE`
    Delete(Delete),
    /// `SEARCH`
    Search(Search),
    /// `COUNT HEXADS [WHERE ..]`
    Count(Count),
    /// `SHOW ..`
    Show(Show),
    /// `DESCRIBE ..`
    Describe(Describe),
    /// `DRIFT DETECT ..` and its sisters.
    Drift(Box<DriftStatement>),
    /// `SET name = value`
    Set(SetSetting),
    /// `BEGIN`, `COMMIT`, `ROLLBACK`, `SAVEPOINT`, `RELEASE`
    Transaction(Transaction),
    /// `PREPARE name AS statement`
    Prepare(Prepare),
    /// `EXECUTE name(args)`
    Execute(Execute),
    /// `DEALLOCATE name`; `None` is `ALL`.
    Deallocate(Option<Name>),
    /// `CREATE CONTRACT ..`
    CreateContract(Box<CreateContract>),
    /// `DROP CONTRACT ..`
    DropContract(DropContract),
    /// `GRANT .. ON .. TO ..`
    Grant(Box<Permission>),
    /// `DENY .. ON .. TO ..`
    Deny(Box<Permission>),
    /// `REVOKE .. ON .. FROM ..`
    Revoke(Box<Permission>),
    /// `CREATE ROLE ..`, `DROP ROLE ..`
    Role(RoleStatement),
    /// `CREATE KEY ..`, `ROTATE KEY ..`, `DROP KEY ..`
    Key(Box<KeyStatement>),
    /// `NORMALIZE ..`
    Normalize(Box<Normalize>),
    /// `REVERT NORMALIZATION ..`
    Revert(Revert),
    /// `CREATE POLICY ..`
    CreatePolicy(Box<CreatePolicy>),
    /// `DROP POLICY ..`
    DropPolicy(DropPolicy),
    /// `RESOLVE CONFLICT ..`
    Resolve(Resolve),
    /// `CREATE SNAPSHOT ..`, `SNAPSHOT INTO ..`
    Snapshot(Snapshot),
    /// `IMPORT ..`
    Import(Transfer),
    /// `EXPORT ..`
    Export(Transfer),
    /// `CHECKPOINT`
    Checkpoint,
    /// `ANALYZE [modality]`
    Analyze(Option<ModalityRef>),
    /// `CHECK INTEGRITY`
    CheckIntegrity,
    /// A statement so broken that nothing of it could be read.
    Error,
}

impl StatementKind {
    /// The words it starts with, for messages.
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Version(_) => "VERSION",
            Self::Explain(_) => "EXPLAIN",
            Self::Query(_) => "SELECT",
            Self::Insert(_) => "INSERT",
            Self::Update(_) => "UPDATE",
            Self::Delete(_) => "DELETE",
            Self::Search(_) => "SEARCH",
            Self::Count(_) => "COUNT",
            Self::Show(_) => "SHOW",
            Self::Describe(_) => "DESCRIBE",
            Self::Drift(_) => "DRIFT",
            Self::Set(_) => "SET",
            Self::Transaction(transaction) => transaction.keyword(),
            Self::Prepare(_) => "PREPARE",
            Self::Execute(_) => "EXECUTE",
            Self::Deallocate(_) => "DEALLOCATE",
            Self::CreateContract(_) => "CREATE CONTRACT",
            Self::DropContract(_) => "DROP CONTRACT",
            Self::Grant(_) => "GRANT",
            Self::Deny(_) => "DENY",
            Self::Role(role) => role.keyword(),
            Self::Key(key) => key.keyword(),
            Self::Revoke(_) => "REVOKE",
            Self::Normalize(_) => "NORMALIZE",
            Self::Revert(_) => "REVERT NORMALIZATION",
            Self::CreatePolicy(_) => "CREATE POLICY",
            Self::DropPolicy(_) => "DROP POLICY",
            Self::Resolve(_) => "RESOLVE CONFLICT",
            Self::Snapshot(_) => "SNAPSHOT",
            Self::Import(_) => "IMPORT",
            Self::Export(_) => "EXPORT",
            Self::Checkpoint => "CHECKPOINT",
            Self::Analyze(_) => "ANALYZE",
            Self::CheckIntegrity => "CHECK INTEGRITY",
            Self::Error => "statement",
        }
    }
}

/// `VERSION major.minor[.patch];`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionPragma {
    /// The number as written.
    pub version: Name,
}

/// `EXPLAIN [ANALYZE] [(json, timing)] statement`
#[derive(Clone, Debug, PartialEq)]
pub struct Explain {
    /// Run it and measure.
    pub analyze: bool,
    /// The options between the parentheses.
    pub options: Vec<Name>,
    /// What is explained.
    pub statement: Box<Statement>,
}

/// `INSERT ..`
#[derive(Clone, Debug, PartialEq)]
pub struct Insert {
    /// Which form.
    pub form: InsertForm,
    /// `PROOF`, verified before anything is written.
    pub proof: Option<Proof>,
}

/// The forms of `INSERT`.
#[derive(Clone, Debug, PartialEq)]
pub enum InsertForm {
    /// `INSERT HEXAD [id] WITH DOCUMENT(..), VECTOR(..)`
    Hexad {
        /// The id; without one it is made up.
        id: Option<IdRef>,
        /// The data, in the order written; a modality may come several times (edges).
        data: Vec<ModalityData>,
    },
    /// `INSERT INTO hexads (title, body) VALUES (..), (..)`
    Values {
        /// The collection.
        collection: Name,
        /// The columns: fields of the document, or `MODALITY.field`.
        columns: Vec<Path>,
        /// The rows.
        rows: Vec<Row>,
    },
    /// `INSERT 'title' 'body'`
    Short {
        /// The title, a string.
        title: Expr,
        /// The body, a string.
        body: Expr,
    },
}

/// `(a, b, c)` after `VALUES`.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The values; the binder checks their number.
    pub values: Vec<Expr>,
    /// Where.
    pub span: Span,
}

/// `DOCUMENT(title = 'x')` and its sisters.
#[derive(Clone, Debug, PartialEq)]
pub struct ModalityData {
    /// Which modality.
    pub modality: ModalityRef,
    /// What.
    pub content: DataContent,
    /// Where.
    pub span: Span,
}

/// What an `INSERT` gives a modality.
#[derive(Clone, Debug, PartialEq)]
pub enum DataContent {
    /// `DOCUMENT(a = 1, ..)`, `PROVENANCE(..)`, `SPATIAL(..)`
    Fields(Vec<Assignment>),
    /// `VECTOR([..])` or `VECTOR($v)`
    Vector(Expr),
    /// `TENSOR([2, 2], [1, 2, 3, 4])`: the arrays as written (shape and data, or nested data).
    Tensor(Vec<Expr>),
    /// `GRAPH(CITES, target)`
    Edge {
        /// The predicate.
        predicate: Name,
        /// The other hexad.
        target: IdRef,
    },
    /// `SEMANTIC(Paper)`: a type.
    Type(IdRef),
    /// `TEMPORAL(2026-01-01)`: the valid time.
    Time(TimeRef),
    /// A hole left by a syntax error.
    Error,
}

/// `name = value`; in parameters of contracts and proofs a bare word is a string.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// What is set: a path in `UPDATE`, one segment elsewhere.
    pub path: Path,
    /// To what.
    pub value: Expr,
    /// Where.
    pub span: Span,
}

/// `UPDATE HEXAD [id] SET .. [WHERE ..] [PROOF ..]`
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// Which hexad; `None` is all that satisfy the condition.
    pub id: Option<IdRef>,
    /// What is set.
    pub set: Vec<Assignment>,
    /// `WHERE`
    pub condition: Option<Condition>,
    /// `PROOF`
    pub proof: Option<Proof>,
}

/// `DELETE HEXAD id`, `DELETE FROM hexads WHERE ..`
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// From where: [`super::SourceKind::Hexad`] with an id for the first form.
    pub source: Source,
    /// `WHERE`
    pub condition: Option<Condition>,
    /// `PROOF`
    pub proof: Option<Proof>,
}

/// `SEARCH ..`
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// For what.
    pub kind: SearchKind,
    /// `LIMIT`
    pub limit: Option<RowCount>,
}

/// What is searched.
#[derive(Clone, Debug, PartialEq)]
pub enum SearchKind {
    /// `TEXT 'words'` (a string or a parameter).
    Text(Expr),
    /// `VECTOR [SIMILAR TO] target [WITHIN x] [USING m]`
    Vector {
        /// What it should be close to.
        target: VectorTarget,
        /// The least similarity.
        within: Option<Expr>,
        /// The metric.
        metric: Option<MetricRef>,
    },
    /// `RELATED 'id' [BY 'predicate']`
    Related {
        /// The hexad.
        id: IdRef,
        /// The predicate; without one `related`.
        predicate: Option<IdRef>,
    },
    /// `SEARCH graph WHERE ..`: hexads that have this modality.
    Modality {
        /// Which.
        modality: ModalityRef,
        /// `WHERE`
        condition: Option<Condition>,
    },
    /// A hole left by a syntax error.
    Error,
}

/// `COUNT HEXADS [WHERE ..]`
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// `WHERE`
    pub condition: Option<Condition>,
}

/// `SHOW target [subject] [LIMIT n]`
#[derive(Clone, Debug, PartialEq)]
pub struct Show {
    /// What; `None` after a syntax error.
    pub target: Option<ShowTarget>,
    /// Of which entity (`SHOW CONFLICTS id`) or principal (`SHOW GRANTS name`).
    pub subject: Option<IdRef>,
    /// To which entity (`SHOW ACCESS FOR name ON HEXAD id`).
    pub on: Option<IdRef>,
    /// `LIMIT`
    pub limit: Option<RowCount>,
}

macro_rules! show_targets {
    ($($name:ident $word:literal $doc:literal,)*) => {
        /// What `SHOW` can show.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ShowTarget { $(#[doc = $doc] $name,)* }

        impl ShowTarget {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The keyword, in capitals.
            pub fn keyword(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

show_targets! {
    Status "STATUS" "Version, uptime, what is degraded.",
    Health "HEALTH" "Each modality: serving, rebuilding, damaged.",
    Drift "DRIFT" "Drift by type.",
    Normalizer "NORMALIZER" "The policy in force, and where each part of it comes from.",
    Hexads "HEXADS" "The hexads.",
    Contracts "CONTRACTS" "The contracts.",
    Grants "GRANTS" "Who may do what.",
    Roles "ROLES" "The roles, and who is in them.",
    Keys "KEYS" "The keys, without their secrets.",
    Access "ACCESS" "What a principal may do with an entity, and why.",
    Audit "AUDIT" "What was decided, newest first.",
    Stores "STORES" "The stores.",
    Peers "PEERS" "The peers of the federation.",
    Snapshots "SNAPSHOTS" "The snapshots.",
    Proofs "PROOFS" "Stored proofs.",
    Settings "SETTINGS" "The settings.",
    Conflicts "CONFLICTS" "Conflicts that wait for a decision.",
    Transactions "TRANSACTIONS" "The open transactions.",
    Policies "POLICIES" "The policies of the normalizer.",
    Normalizations "NORMALIZATIONS" "What was normalized, newest first.",
    Embedders "EMBEDDERS" "What makes vectors of texts, and which one is meant when none is named.",
    Statements "STATEMENTS" "What ran since the database was opened, by statement.",
    Slow "SLOW" "`SLOW QUERIES`: statements that took long, newest first.",
    Prepared "PREPARED" "The prepared statements of the session.",
}

impl ShowTarget {
    /// Finds a target by its keyword, in any case.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.keyword().eq_ignore_ascii_case(word))
    }
}

/// `DESCRIBE ..`
#[derive(Clone, Debug, PartialEq)]
pub enum Describe {
    /// A source.
    Source(Source),
    /// `CONTRACT name`
    Contract(Name),
    /// A modality.
    Modality(ModalityRef),
}

/// `DRIFT DETECT [FEDERATION] FROM source [WHERE ..] ..`
#[derive(Clone, Debug, PartialEq)]
pub struct DriftStatement {
    /// What to do.
    pub action: DriftAction,
    /// Across peers.
    pub federation: bool,
    /// About what.
    pub source: Source,
    /// `WHERE`
    pub condition: Option<Condition>,
    /// `USING STRATEGY name`
    pub strategy: Option<Name>,
    /// `STORES [@a, @b]`
    pub stores: Vec<Param>,
    /// `COORDINATOR @c`
    pub coordinator: Option<Param>,
    /// Drift policy, quorum ..
    pub modifiers: Vec<SourceModifier>,
    /// `ORDER BY`
    pub order_by: Vec<OrderKey>,
    /// `LIMIT`
    pub limit: Option<RowCount>,
}

/// What a drift statement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DriftAction {
    /// Measure.
    Detect,
    /// Repair.
    Repair,
    /// Say whether it is consistent.
    Verify,
    /// Past events.
    History,
    /// Rates.
    Metrics,
}

impl DriftAction {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Detect, Self::Repair, Self::Verify, Self::History, Self::Metrics];

    /// The keyword, in capitals.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Detect => "DETECT",
            Self::Repair => "REPAIR",
            Self::Verify => "VERIFY",
            Self::History => "HISTORY",
            Self::Metrics => "METRICS",
        }
    }

    /// Finds an action by its keyword, in any case.
    pub fn from_keyword(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.keyword().eq_ignore_ascii_case(word))
    }
}

/// `SET name = value`
#[derive(Clone, Debug, PartialEq)]
pub struct SetSetting {
    /// Which setting.
    pub name: Name,
    /// The value: a number, a string, `TRUE`, `FALSE`, or a bare word as text.
    pub value: Value,
    /// Where the value stands.
    pub value_span: Span,
}

/// The statements of transactions.
#[derive(Clone, Debug, PartialEq)]
pub enum Transaction {
    /// `BEGIN ..`
    Begin(Begin),
    /// `COMMIT`
    Commit,
    /// `ROLLBACK [TO [SAVEPOINT] name]`
    Rollback(Option<Name>),
    /// `SAVEPOINT name`
    Savepoint(Name),
    /// `RELEASE [SAVEPOINT] name`
    Release(Name),
}

/// `BEGIN [TRANSACTION | WORK] [READ ONLY | READ WRITE] [ISOLATION LEVEL level] [SYNC mode]`, the
/// options in any order, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Begin {
    /// `READ ONLY` (true) or `READ WRITE` (false).
    pub read_only: Option<bool>,
    /// `ISOLATION LEVEL`
    pub isolation: Option<Isolation>,
    /// `SYNC full`, `interval` or `off`, as written.
    pub sync: Option<Name>,
}

/// What a transaction may notice of others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Isolation {
    /// Every statement sees what is committed when it starts.
    ReadCommitted,
    /// All statements see what was committed when the transaction began.
    Snapshot,
    /// As if the transactions ran one after the other.
    #[default]
    Serializable,
}

impl Isolation {
    /// All of them, the weakest first.
    pub const ALL: [Self; 3] = [Self::ReadCommitted, Self::Snapshot, Self::Serializable];

    /// As users write it, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadCommitted => "read committed",
            Self::Snapshot => "snapshot",
            Self::Serializable => "serializable",
        }
    }

    /// The level of this name, in any case; `repeatable read` is another name for `snapshot`.
    pub fn from_name(name: &str) -> Option<Self> {
        let words: Vec<String> = name.split_whitespace().map(str::to_ascii_lowercase).collect();
        match words.join(" ").as_str() {
            "read committed" => Some(Self::ReadCommitted),
            "snapshot" | "repeatable read" => Some(Self::Snapshot),
            "serializable" => Some(Self::Serializable),
            _ => None,
        }
    }
}

impl Transaction {
    /// The word it starts with.
    pub fn keyword(&self) -> &'static str {
        match self {
            Self::Begin(_) => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Rollback(_) => "ROLLBACK",
            Self::Savepoint(_) => "SAVEPOINT",
            Self::Release(_) => "RELEASE",
        }
    }
}

/// `PREPARE name (text, int) AS statement`
#[derive(Clone, Debug, PartialEq)]
pub struct Prepare {
    /// Its name.
    pub name: Name,
    /// The declared types of `$1`, `$2` ..
    pub types: Vec<Name>,
    /// What is prepared.
    pub statement: Box<Statement>,
}

/// `EXECUTE name(1, term => 'x')`
#[derive(Clone, Debug, PartialEq)]
pub struct Execute {
    /// Which prepared statement.
    pub name: Name,
    /// The arguments, with their names where given.
    pub args: Vec<(Option<Name>, Expr)>,
}

/// `CREATE [OR REPLACE] CONTRACT name [FOR type] AS (condition) [WITH name=value, ..]`
#[derive(Clone, Debug, PartialEq)]
pub struct CreateContract {
    /// Its name.
    pub name: Name,
    /// `OR REPLACE`
    pub or_replace: bool,
    /// `FOR type`: the proof type it serves.
    pub proof_type: Option<Name>,
    /// What must hold.
    pub condition: Condition,
    /// `WITH`
    pub params: Vec<Assignment>,
}

/// `DROP CONTRACT [IF EXISTS] name`
#[derive(Clone, Debug, PartialEq)]
pub struct DropContract {
    /// Which.
    pub name: Name,
    /// `IF EXISTS`
    pub if_exists: bool,
}

/// `NORMALIZE HEXAD id | ALL [WHERE ..] [FROM modality] [USING STRATEGY name] [DRY RUN]`
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Normalize {
    /// Which hexad; `None` is `ALL`.
    pub id: Option<IdRef>,
    /// `WHERE`
    pub condition: Option<Condition>,
    /// The authoritative modality.
    pub from: Option<ModalityRef>,
    /// `USING STRATEGY`
    pub strategy: Option<Name>,
    /// `DRY RUN`: nothing is written.
    pub dry_run: bool,
}

/// `REVERT NORMALIZATION id [FORCE]`
#[derive(Clone, Debug, PartialEq)]
pub struct Revert {
    /// Which entry of the trail.
    pub entry: IdRef,
    /// Also over what was written since.
    pub force: bool,
}

/// `CREATE [OR REPLACE] POLICY name FOR scope AS key = value, ..`
#[derive(Clone, Debug, PartialEq)]
pub struct CreatePolicy {
    /// Its name.
    pub name: Name,
    /// `OR REPLACE`
    pub or_replace: bool,
    /// Whose policy it is.
    pub scope: PolicyScope,
    /// What it says.
    pub parts: Vec<PolicyPart>,
}

/// The hexads a policy speaks of.
#[derive(Clone, Debug, PartialEq)]
pub enum PolicyScope {
    /// `ALL`
    All,
    /// `TYPE t`: those of this semantic type.
    Type(IdRef),
    /// `HEXAD id`
    Hexad(IdRef),
}

/// `key = value`
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyPart {
    /// With its dots: `strategy.vector`.
    pub key: Name,
    /// A value; a bare word is text.
    pub value: Expr,
}

/// `DROP POLICY [IF EXISTS] name`
#[derive(Clone, Debug, PartialEq)]
pub struct DropPolicy {
    /// Its name.
    pub name: Name,
    /// Missing is fine.
    pub if_exists: bool,
}

/// `RESOLVE CONFLICT id ..`
#[derive(Clone, Debug, PartialEq)]
pub struct Resolve {
    /// Which conflict.
    pub conflict: IdRef,
    /// How.
    pub resolution: Resolution,
}

/// How a conflict is resolved.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolution {
    /// `KEEP DOCUMENT`
    KeepModality(ModalityRef),
    /// `KEEP name`
    Keep(Name),
    /// `SET ..`
    Set(Vec<Assignment>),
    /// `DISMISS`: it is no conflict.
    Dismiss,
}

/// The statements of snapshots.
#[derive(Clone, Debug, PartialEq)]
pub enum Snapshot {
    /// `CREATE SNAPSHOT name`
    Create(Name),
    /// `DROP SNAPSHOT name`
    Drop(Name),
    /// `RESTORE SNAPSHOT name`
    Restore(Name),
    /// `SNAPSHOT INTO 'path'`: a string.
    Into(Expr),
}

/// `IMPORT [source] FROM 'file' ..`, `EXPORT [source] TO 'file' ..`
#[derive(Clone, Debug, PartialEq)]
pub struct Transfer {
    /// Of what; `None` is everything.
    pub source: Option<Source>,
    /// The file: a string.
    pub file: Expr,
    /// `FORMAT name`
    pub format: Option<Name>,
    /// `WITH name=value, ..`
    pub params: Vec<Assignment>,
}
