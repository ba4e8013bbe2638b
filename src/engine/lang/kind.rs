//! The words and signs of VQL, in one place: keywords, kinds of token, kinds of node.
//!
//! Lexer, parser, formatter, highlighter and completion all read these tables; a keyword that is not
//! here does not exist.

use crate::engine::base::Modality;

macro_rules! keywords {
    ($($name:ident $word:literal)*) => {
        /// A keyword. Only the [reserved](Kw::is_reserved) ones cannot be names.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Kw { $(#[doc = concat!("`", $word, "`")] $name,)* }

        impl Kw {
            /// All of them, in alphabetical order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Their words, in the same order.
            const WORDS: &'static [&'static str] = &[$($word,)*];

            /// The keyword in capitals.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }
        }
    };
}

// In alphabetical order (tested): `Kw::find` is a binary search.
keywords! {
    Access "ACCESS" All "ALL" Analyze "ANALYZE" And "AND" As "AS" Asc "ASC" At "AT" Audit "AUDIT" Avg "AVG"
    Begin "BEGIN" Between "BETWEEN" Bounds "BOUNDS" By "BY" Byzantine "BYZANTINE"
    Check "CHECK" Checkpoint "CHECKPOINT" Commit "COMMIT" Committed "COMMITTED" Conflict "CONFLICT"
    Conflicts "CONFLICTS" Consistent "CONSISTENT" Contains "CONTAINS" Contract "CONTRACT"
    Contracts "CONTRACTS" Coordinator "COORDINATOR" Cosine "COSINE" Count "COUNT" Create "CREATE"
    Deallocate "DEALLOCATE" Delete "DELETE" Deny "DENY" Depth "DEPTH" Desc "DESC" Describe "DESCRIBE"
    Detect "DETECT" Dismiss "DISMISS" Distinct "DISTINCT" Document "DOCUMENT" DotProduct "DOT_PRODUCT"
    Drift "DRIFT" Drop "DROP" Dry "DRY"
    Embedders "EMBEDDERS" Entity "ENTITY" Euclidean "EUCLIDEAN" Except "EXCEPT" Execute "EXECUTE" Exists "EXISTS"
    Explain "EXPLAIN" Export "EXPORT"
    False "FALSE" Federation "FEDERATION" Field "FIELD" Find "FIND" First "FIRST" For "FOR" Force "FORCE"
    Format "FORMAT" From "FROM" Fulltext "FULLTEXT"
    Grant "GRANT" Grants "GRANTS" Graph "GRAPH" Group "GROUP"
    Has "HAS" Having "HAVING" Health "HEALTH" Hexad "HEXAD" Hexads "HEXADS" History "HISTORY"
    If "IF" Import "IMPORT" In "IN" Includes "INCLUDES" Insert "INSERT" Integrity "INTEGRITY"
    Intersect "INTERSECT" Interval "INTERVAL" Into "INTO" Is "IS" Isolation "ISOLATION"
    Jaccard "JACCARD" Keep "KEEP" Key "KEY" Keys "KEYS" Last "LAST" Latest "LATEST" Level "LEVEL" Like "LIKE"
    Limit "LIMIT"
    Matches "MATCHES" Max "MAX" Metrics "METRICS" Min "MIN" Modified "MODIFIED"
    Nearest "NEAREST" Normalization "NORMALIZATION" Normalizations "NORMALIZATIONS"
    Normalize "NORMALIZE" Normalizer "NORMALIZER" Not "NOT" Null "NULL"
    Nulls "NULLS"
    Of "OF" Offset "OFFSET" On "ON" Only "ONLY" Or "OR" Order "ORDER"
    Peers "PEERS" Policies "POLICIES" Policy "POLICY" Prepare "PREPARE" Prepared "PREPARED" Proof "PROOF" Proofs "PROOFS"
    Provenance "PROVENANCE"
    Queries "QUERIES" Quorum "QUORUM"
    Radius "RADIUS" Rank "RANK" Read "READ" Reflect "REFLECT" Related "RELATED" Release "RELEASE"
    Repair "REPAIR" Repeatable "REPEATABLE" Replace "REPLACE" Resolve "RESOLVE" Restore "RESTORE" Revert "REVERT"
    Revoke "REVOKE" Role "ROLE" Roles "ROLES" Rollback "ROLLBACK" Rotate "ROTATE" Run "RUN"
    Satisfies "SATISFIES" Savepoint "SAVEPOINT" Search "SEARCH" Select "SELECT"
    Semantic "SEMANTIC" Serializable "SERIALIZABLE" Set "SET" Settings "SETTINGS" Shape "SHAPE" Show "SHOW"
    Similar "SIMILAR" Slow "SLOW" Snapshot "SNAPSHOT" Snapshots "SNAPSHOTS" Spatial "SPATIAL"
    Statements "STATEMENTS" Status "STATUS" Store "STORE" Stores "STORES" Strategy "STRATEGY" Strict "STRICT" Sum "SUM"
    Sync "SYNC"
    Temporal "TEMPORAL" Tensor "TENSOR" Text "TEXT" Threshold "THRESHOLD" Time "TIME"
    Timestamp "TIMESTAMP" To "TO" Tolerance "TOLERANCE" Tolerate "TOLERATE" Transaction "TRANSACTION"
    Transactions "TRANSACTIONS" Traverse "TRAVERSE"
    True "TRUE" Type "TYPE"
    Union "UNION" Update "UPDATE" Using "USING"
    Values "VALUES" Vector "VECTOR" Verification "VERIFICATION" Verified "VERIFIED"
    Verify "VERIFY" Version "VERSION"
    Where "WHERE" With "WITH" Within "WITHIN" Work "WORK" Write "WRITE"
}

impl Kw {
    /// Finds a keyword, in any case.
    pub fn find(word: &str) -> Option<Self> {
        let bytes = word.as_bytes();
        let letter = usize::from(bytes.first()?.to_ascii_uppercase().wrapping_sub(b'A'));
        let from = usize::from(*Self::BY_LETTER.get(letter)?);
        let to = usize::from(*Self::BY_LETTER.get(letter + 1)?);
        let words = Self::WORDS.get(from..to)?;
        let same = |known: &&str| {
            known.len() == bytes.len() && known.as_bytes().eq_ignore_ascii_case(bytes)
        };
        Self::ALL.get(from + words.iter().position(same)?).copied()
    }

    /// Where the keywords of each letter begin in [`Kw::ALL`], and behind `Z` where they end.
    #[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
    const BY_LETTER: [u8; 27] = {
        let mut starts = [0; 27];
        let mut at = 0;
        let mut letter = 0;
        while letter < 27 {
            while at < Self::WORDS.len() && Self::WORDS[at].as_bytes()[0] < b'A' + letter {
                at += 1;
            }
            starts[letter as usize] = at as u8;
            letter += 1;
        }
        starts
    };

    /// True for the words that can never be the name of anything (but may follow a dot or `FIELD`).
    pub fn is_reserved(self) -> bool {
        use Kw::{
            And, Delete, Federation, From, Group, Having, Hexad, Insert, Limit, Not, Offset, Or,
            Order, Proof, Select, Set, Store, Threshold, Update, Where, With,
        };
        matches!(
            self,
            Select
                | From
                | Where
                | Group
                | Having
                | Proof
                | Order
                | Limit
                | Offset
                | And
                | Or
                | Not
                | Insert
                | Update
                | Delete
                | Set
                | With
                | Hexad
                | Federation
                | Store
                | Threshold
        )
    }

    /// True for the words that are never a bare id (`HEXAD SET` has no id).
    pub fn is_never_id(self) -> bool {
        use Kw::{
            And, At, From, Group, Having, Limit, Not, Offset, Or, Order, Proof, Select, Set,
            Threshold, Traverse, Where, With,
        };
        matches!(
            self,
            Select
                | From
                | Where
                | Group
                | Having
                | Proof
                | Order
                | Limit
                | Offset
                | And
                | Or
                | Not
                | Set
                | With
                | At
                | Traverse
                | Threshold
        )
    }

    /// The modality it names.
    pub fn modality(self) -> Option<Modality> {
        Some(match self {
            Self::Graph => Modality::Graph,
            Self::Vector => Modality::Vector,
            Self::Tensor => Modality::Tensor,
            Self::Semantic => Modality::Semantic,
            Self::Document => Modality::Document,
            Self::Temporal => Modality::Temporal,
            Self::Provenance => Modality::Provenance,
            Self::Spatial => Modality::Spatial,
            _ => return None,
        })
    }

    /// True when a statement can start with it.
    pub fn starts_statement(self) -> bool {
        Self::STATEMENTS.contains(&self)
    }

    /// The words statements start with, the common ones first.
    pub const STATEMENTS: &'static [Self] = &[
        Self::Select,
        Self::Insert,
        Self::Update,
        Self::Delete,
        Self::Search,
        Self::Show,
        Self::Count,
        Self::Explain,
        Self::Describe,
        Self::Find,
        Self::From,
        Self::With,
        Self::Drift,
        Self::Set,
        Self::Version,
        Self::Begin,
        Self::Commit,
        Self::Rollback,
        Self::Savepoint,
        Self::Release,
        Self::Prepare,
        Self::Execute,
        Self::Deallocate,
        Self::Create,
        Self::Drop,
        Self::Restore,
        Self::Grant,
        Self::Deny,
        Self::Revoke,
        Self::Rotate,
        Self::Normalize,
        Self::Revert,
        Self::Resolve,
        Self::Snapshot,
        Self::Import,
        Self::Export,
        Self::Checkpoint,
        Self::Analyze,
        Self::Check,
    ];
}

macro_rules! kinds {
    ($($(#[$attr:meta])* $name:ident $doc:literal,)*) => {
        /// What a leaf or a node of the lossless tree is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum SyntaxKind { $(#[doc = $doc] $name,)* }
    };
}

kinds! {
    // Leaves: trivia.
    Whitespace "Blanks and line ends.",
    LineComment "`-- ..`",
    BlockComment "`/* .. */`",
    // Leaves: words and literals.
    Word "A word the parser has not yet given a role.",
    Keyword "A word used as a keyword.",
    ModalityWord "The name of a modality used as one.",
    Name "A word used as a name.",
    FunctionName "A word used as the name of a function.",
    Id "A bare id, possibly with hyphens and dots.",
    Number "A number.",
    String "A string with its quotes.",
    Timestamp "A bare instant.",
    Param "`$name` or `@name`.",
    Regex "`/../` after `MATCHES`.",
    Glob "`/../*` after `FEDERATION`.",
    LegacySource "`verisim:graph`",
    Unknown "Characters the language does not have.",
    // Leaves: signs.
    LeftParen "`(`",
    RightParen "`)`",
    LeftBracket "`[`",
    RightBracket "`]`",
    LeftBrace "`{`",
    RightBrace "`}`",
    Comma "`,`",
    Semicolon "`;`",
    Colon "`:`",
    Dot "`.`",
    DotDot "`..`",
    Ellipsis "`...`",
    Star "`*`",
    Plus "`+`",
    Minus "`-`",
    Slash "`/`",
    Question "`?`",
    Bar "`|`",
    Equal "`=`",
    EqualEqual "`==`",
    NotEqual "`!=`",
    LessGreater "`<>`",
    Less "`<`",
    LessEqual "`<=`",
    Greater "`>`",
    GreaterEqual "`>=`",
    FatArrow "`=>`",
    Arrow "`->`",
    BackArrow "`<-` before `[`",
    ForAll "`∀`",
    ThereIs "`∃`",
    ElementOf "`∈`",
    Eof "The end of the text.",
    // Nodes.
    Script "The whole text.",
    Statement "One statement, without its `;`.",
    Error "What was skipped after a syntax error.",
    Explain "`EXPLAIN [ANALYZE] [(..)]`, without the statement.",
    Query "A query.",
    SetArm "A query in parentheses.",
    SetOperator "`UNION ALL`",
    SelectClause "`SELECT ..`",
    SelectItem "One item of it.",
    FromClause "`FROM source`",
    Source "What `FROM` names.",
    Modifier "`WITH DRIFT ..`, `AS OF ..` and their sisters.",
    WhereClause "`WHERE ..`",
    GroupClause "`GROUP BY ..`",
    HavingClause "`HAVING ..`",
    ProofClause "`PROOF ..`",
    ProofSpec "One of its proofs.",
    ProofBlock "`{ .. }`",
    OrderClause "`ORDER BY ..`",
    OrderKey "One key of it.",
    LimitClause "`LIMIT n`",
    OffsetClause "`OFFSET n`",
    VerificationClause "`WITH VERIFICATION name`",
    SetClause "`SET a = 1, ..`",
    ValuesClause "`VALUES (..), ..`",
    InsertHead "`INSERT HEXAD id WITH`, `INSERT INTO name (..)`",
    Head "The first words of another statement.",
    Option "`USING STRATEGY ..`, `FORMAT ..` and other tails.",
    ModalityData "`DOCUMENT(..)`",
    Row "`(..)` after `VALUES`.",
    AndChain "Conditions joined by `AND`.",
    OrChain "Conditions joined by `OR`.",
    NotCondition "`NOT ..`",
    ParenCondition "`( .. )`",
    Predicate "A simple condition.",
    Refinement "`{ h : Base | .. }`",
    Pattern "A path through the graph.",
    PatternNode "`(h)`",
    PatternEdge "`-[:CITES]->`",
    Quantifier "`*1..3`",
    Sum "Terms joined by `+` and `-`.",
    Path "A name with dots.",
    Call "`name(..)`",
    Array "`[..]`",
    SignedNumber "`-1`",
    List "`(a, b)`",
    Assignment "`a = 1`",
}

impl SyntaxKind {
    /// True for blanks and comments.
    pub fn is_trivia(self) -> bool {
        matches!(self, Self::Whitespace | Self::LineComment | Self::BlockComment)
    }

    /// True for comments.
    pub fn is_comment(self) -> bool {
        matches!(self, Self::LineComment | Self::BlockComment)
    }

    /// True for the signs of a comparison.
    pub fn is_comparison(self) -> bool {
        matches!(
            self,
            Self::Equal
                | Self::EqualEqual
                | Self::NotEqual
                | Self::LessGreater
                | Self::Less
                | Self::LessEqual
                | Self::Greater
                | Self::GreaterEqual
        )
    }

    /// How a message names the sign or literal.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::String => "a string",
            Self::Timestamp => "an instant",
            Self::Param => "a parameter",
            Self::Regex => "a regular expression",
            Self::Glob => "a path",
            Self::LegacySource => "a source",
            Self::Word | Self::Name => "a name",
            Self::LeftParen => "`(`",
            Self::RightParen => "`)`",
            Self::LeftBracket => "`[`",
            Self::RightBracket => "`]`",
            Self::LeftBrace => "`{`",
            Self::RightBrace => "`}`",
            Self::Comma => "`,`",
            Self::Semicolon => "`;`",
            Self::Colon => "`:`",
            Self::Dot => "`.`",
            Self::DotDot => "`..`",
            Self::Ellipsis => "`...`",
            Self::Star => "`*`",
            Self::Plus => "`+`",
            Self::Minus => "`-`",
            Self::Question => "`?`",
            Self::Bar => "`|`",
            Self::Equal => "`=`",
            Self::EqualEqual => "`==`",
            Self::NotEqual => "`!=`",
            Self::LessGreater => "`<>`",
            Self::Less => "`<`",
            Self::LessEqual => "`<=`",
            Self::Greater => "`>`",
            Self::GreaterEqual => "`>=`",
            Self::FatArrow => "`=>`",
            Self::Arrow => "`->`",
            Self::BackArrow => "`<-`",
            Self::ElementOf => "`∈`",
            Self::Eof => "the end",
            _ => "something else",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_found_in_any_case() {
        assert!(Kw::ALL.windows(2).all(|w| w[0].word() < w[1].word()));
        for kw in Kw::ALL {
            assert_eq!(Kw::find(kw.word()), Some(*kw));
            assert_eq!(Kw::find(&kw.word().to_lowercase()), Some(*kw));
        }
        assert_eq!(Kw::find("SELECTED"), None);
        assert_eq!(Kw::find(""), None);
    }

    #[test]
    fn every_modality_has_its_keyword() {
        for modality in Modality::ALL {
            assert_eq!(Kw::find(modality.name()).and_then(Kw::modality), Some(modality));
        }
    }
}
