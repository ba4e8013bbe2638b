//! What can go wrong in the engine: a kind from a closed table, a message, a place and a hint.

use std::fmt;

use super::Span;

/// The result of anything in the engine.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! kinds {
    ($($kind:ident $code:literal $doc:literal,)*) => {
        /// What went wrong; the names are part of the interface and never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Kind { $(#[doc = $doc] $kind,)* }

        impl Kind {
            /// Every kind, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The name as users and programs see it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => stringify!($kind),)* }
            }

            /// The family the kind belongs to: the `code` of the error payload.
            pub fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }

            /// One sentence about it, for the reference of errors.
            pub fn about(self) -> &'static str {
                match self { $(Self::$kind => $doc,)* }
            }
        }
    };
}

kinds! {
    UnexpectedToken "VQL_PARSE_ERROR" "The parser met a word or sign that cannot stand there.",
    UnterminatedString "VQL_PARSE_ERROR" "A string, comment or regular expression is never closed.",
    InvalidNumber "VQL_PARSE_ERROR" "A number is malformed or out of range.",
    InvalidModality "VQL_PARSE_ERROR" "A word stands where one of the eight modalities is expected.",
    InvalidDriftPolicy "VQL_PARSE_ERROR" "A drift policy that does not exist.",
    InvalidProofType "VQL_TYPE_ERROR" "A proof type that does not exist.",
    MissingFromClause "VQL_PARSE_ERROR" "A query without FROM.",
    MissingSelectClause "VQL_PARSE_ERROR" "A query without SELECT.",
    InvalidGraphPattern "VQL_PARSE_ERROR" "A graph pattern is malformed.",
    InvalidVectorExpression "VQL_TYPE_ERROR" "A vector expression is malformed or has nothing to compare with.",
    InvalidSemanticContract "VQL_PARSE_ERROR" "A contract reference is malformed.",
    InvalidAggregateExpression "VQL_PARSE_ERROR" "An aggregate is malformed.",
    InvalidOrderByField "VQL_TYPE_ERROR" "ORDER BY names something that has no order.",
    InvalidGroupByField "VQL_TYPE_ERROR" "GROUP BY names something that cannot be grouped.",
    HavingWithoutGroupBy "VQL_PARSE_ERROR" "HAVING needs GROUP BY.",
    AggregateWithoutGroupBy "VQL_TYPE_ERROR" "Plain fields beside aggregates need GROUP BY.",
    StatementTooLarge "VQL_PARSE_ERROR" "A statement over the limit of bytes.",
    NestingTooDeep "VQL_PARSE_ERROR" "Conditions, expressions or arrays nested over the limit.",
    Elided "VQL_TYPE_ERROR" "`...` stands for something left out and cannot be executed.",
    ContractNotFound "VQL_TYPE_ERROR" "No contract has this name.",
    ContractViolation "VQL_TYPE_ERROR" "A contract is not satisfied.",
    TypeMismatch "VQL_TYPE_ERROR" "A value of the wrong type.",
    FieldTypeMismatch "VQL_TYPE_ERROR" "A field and a value of types that never compare.",
    OperatorTypeMismatch "VQL_TYPE_ERROR" "An operator that the type does not have.",
    VectorDimensionMismatch "VQL_TYPE_ERROR" "Vectors of different dimensions.",
    AggregateTypeMismatch "VQL_TYPE_ERROR" "An aggregate over a type it is not defined for.",
    UnknownField "VQL_TYPE_ERROR" "A field that is neither registered nor ever seen.",
    UnknownFunction "VQL_TYPE_ERROR" "A function that does not exist.",
    UnknownSource "VQL_TYPE_ERROR" "A source that does not exist.",
    UnknownVariable "VQL_TYPE_ERROR" "A variable no pattern binds.",
    UnknownSetting "VQL_TYPE_ERROR" "A setting that does not exist.",
    CrossModalTypeMismatch "VQL_TYPE_ERROR" "Fields of two modalities that never compare.",
    DriftRequiresNumeric "VQL_TYPE_ERROR" "DRIFT compares with a number.",
    ConsistencyMetricInvalid "VQL_TYPE_ERROR" "A metric CONSISTENT does not know.",
    DriftDetected "VQL_DRIFT_DETECTED" "The rows of a query have drifted further than it tolerates.",
    MissingParameter "VQL_TYPE_ERROR" "A parameter without a value.",
    InvalidParameter "VQL_TYPE_ERROR" "A parameter of the wrong type or one the statement does not have.",
    InsertConflict "VQL_RUNTIME_ERROR" "The hexad exists already.",
    UpdateNotFound "VQL_RUNTIME_ERROR" "Nothing to update.",
    DeleteNotFound "VQL_RUNTIME_ERROR" "Nothing to delete.",
    NotFound "VQL_RUNTIME_ERROR" "No such thing.",
    ConstraintViolation "VQL_RUNTIME_ERROR" "Data that breaks a rule of its modality.",
    UnboundedWrite "VQL_RUNTIME_ERROR" "A write that names neither an id nor a condition.",
    NotSupported "VQL_RUNTIME_ERROR" "A construct of the language that this version does not execute.",
    PreconditionFailed "VQL_RUNTIME_ERROR" "The hexad is not in the state that the write asks for.",
    InvalidHexadId "VQL_RUNTIME_ERROR" "A malformed hexad id.",
    QueryTimeout "VQL_QUERY_TIMEOUT" "The statement ran out of time.",
    Cancelled "VQL_RUNTIME_ERROR" "The statement was cancelled.",
    ResourceExhausted "VQL_RESOURCE_EXHAUSTED" "A limit of rows, memory or disk was reached.",
    WriteConflict "VQL_RUNTIME_ERROR" "Another write changed the same thing; trying again may succeed.",
    Deadlock "VQL_DEADLOCK" "Transactions waited for each other; this one was rolled back and may succeed when begun again.",
    LockTimeout "VQL_RUNTIME_ERROR" "Another transaction kept its lock for too long.",
    TransactionAborted "VQL_RUNTIME_ERROR" "The transaction has ended by force; nothing of it was written.",
    InvalidTransactionState "VQL_RUNTIME_ERROR" "A statement that needs, or must not stand in, a transaction.",
    SavepointNotFound "VQL_RUNTIME_ERROR" "No savepoint of the transaction has this name.",
    ReadOnlyStore "VQL_RUNTIME_ERROR" "The database is open for reading only.",
    StoreUnavailable "VQL_STORE_UNAVAILABLE" "The database cannot be opened or has stopped.",
    DatabaseLocked "VQL_STORE_UNAVAILABLE" "Another process writes to this database.",
    NotADatabase "VQL_STORE_UNAVAILABLE" "The directory is not a vql database.",
    NewerFormat "VQL_STORE_UNAVAILABLE" "The database was written by a newer version.",
    DiskFull "VQL_RESOURCE_EXHAUSTED" "No space is left on the disk; nothing was written.",
    Corruption "VQL_RUNTIME_ERROR" "Stored data fails its checksum.",
    Io "VQL_STORE_UNAVAILABLE" "The operating system refused a read or write.",
    InternalError "VQL_RUNTIME_ERROR" "A bug of vql.",
    CycleDetected "VQL_GRAPH_ERROR" "A path that may not turn in a circle does.",
    TraversalDepthExceeded "VQL_GRAPH_ERROR" "A path longer than the limit.",
    InvalidDistanceMetric "VQL_VECTOR_ERROR" "A metric that does not exist or does not fit.",
    EmbeddingNotFound "VQL_VECTOR_ERROR" "The hexad has no such embedding.",
    ShapeMismatch "VQL_TENSOR_ERROR" "Tensor data that does not fill its shape.",
    UnsupportedDtype "VQL_TENSOR_ERROR" "An element type that does not exist.",
    InvalidFullTextQuery "VQL_DOCUMENT_ERROR" "A full-text query or regular expression is malformed.",
    TemporalConflict "VQL_TEMPORAL_ERROR" "A statement that would read at two times, or at a time that depends on a row.",
    InvalidTimestamp "VQL_TEMPORAL_ERROR" "A malformed instant.",
    VersionNotFound "VQL_TEMPORAL_ERROR" "The hexad has no such version.",
    InvalidCoordinates "VQL_RUNTIME_ERROR" "Coordinates that are not on the Earth, or a malformed geometry.",
    EmbedderNotFound "VQL_VECTOR_ERROR" "No embedder has this name.",
    EmbedderUnavailable "VQL_VECTOR_ERROR" "An embedder cannot be reached, is too slow or too busy; trying again may succeed.",
    EmbedderRefused "VQL_VECTOR_ERROR" "An embedder refused, or answered what cannot be used.",
    InvalidVector "VQL_VECTOR_ERROR" "An embedding that is empty, too long or not finite.",
    PermissionDenied "VQL_PERMISSION_DENIED" "The principal may not do this.",
    Unauthenticated "VQL_UNAUTHENTICATED" "Nobody is known by what was shown, or nothing was shown.",
    InvalidInput "VQL_RUNTIME_ERROR" "A record to import that is malformed.",
    Lint "VQL_LINT" "Nothing wrong, but probably not what was meant.",
}

/// Whether trying again, unchanged, may succeed.
impl Kind {
    /// True when the same statement may succeed later without anybody changing it.
    pub fn recoverable(self) -> bool {
        matches!(
            self,
            Self::QueryTimeout
                | Self::WriteConflict
                | Self::Deadlock
                | Self::LockTimeout
                | Self::DatabaseLocked
                | Self::DiskFull
                | Self::EmbedderUnavailable
        )
    }
}

/// A failure: what kind, what exactly, where in the statement, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What kind.
    pub kind: Kind,
    /// The fact, lower case, without a full stop.
    pub message: String,
    /// Where in the statement, when it is about a place there.
    pub span: Option<Span>,
    /// What to do, when there is something.
    pub hint: Option<String>,
}

impl Error {
    /// A failure without a place.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), span: None, hint: None }
    }

    /// The same, at a place of the statement. An earlier, more precise place is kept.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span.get_or_insert(span);
        self
    }

    /// The same, with advice.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// A construct that parses but is not executed by this version.
    pub fn not_supported(construct: &str, span: Span) -> Self {
        Self::new(Kind::NotSupported, format!("{construct} is not supported by this version"))
            .at(span)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)
    }
}

impl std::error::Error for Error {}
