//! What single words are for: a sentence for each keyword that has a meaning of its own, and what is
//! to be said of each modality. Hover and completion read it; whole statements are explained by
//! [`super::topics`].

use super::kind::Kw;
use crate::engine::base::Modality;

/// What is to be said of a keyword.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    /// The keyword.
    pub kw: Kw,
    /// One sentence.
    pub about: &'static str,
    /// How it is written, with what belongs to it.
    pub syntax: &'static str,
}

/// What is to be said of a keyword, when there is something.
pub fn word(kw: Kw) -> Option<&'static Word> {
    WORDS.binary_search_by_key(&kw, |word| word.kw).ok().and_then(|at| WORDS.get(at))
}

/// What is to be said of a modality.
#[derive(Clone, Copy, Debug)]
pub struct ModalityWord {
    /// What it holds.
    pub about: &'static str,
    /// How `INSERT` writes it.
    pub data: &'static str,
    /// What can be asked of it.
    pub asks: &'static str,
}

/// What is to be said of a modality.
pub const fn modality(modality: Modality) -> ModalityWord {
    match modality {
        Modality::Graph => ModalityWord {
            about: "The edges of a hexad to other hexads.",
            data: "GRAPH(PREDICATE, 'target')",
            asks: "(h)-[:PREDICATE*1..3]->(x)",
        },
        Modality::Vector => ModalityWord {
            about: "The embeddings of a hexad, by name; `embedding` is the default one.",
            data: "VECTOR([0.1, 0.2, 0.3])",
            asks: "VECTOR SIMILAR TO [0.1, 0.2, 0.3] WITHIN 0.8 USING COSINE",
        },
        Modality::Tensor => ModalityWord {
            about: "A dense array of numbers with a shape.",
            data: "TENSOR([2, 2], [1, 2, 3, 4])",
            asks: "TENSOR.data SHAPE == [2, 2]",
        },
        Modality::Semantic => ModalityWord {
            about: "The types of a hexad, its properties, and who verified it.",
            data: "SEMANTIC(Type)",
            asks: "SATISFIES Contract",
        },
        Modality::Document => ModalityWord {
            about: "A title, a body and fields of any type.",
            data: "DOCUMENT(title = 'Tides', year = 2024)",
            asks: "FULLTEXT CONTAINS 'words' AND DOCUMENT.year >= 2000",
        },
        Modality::Temporal => ModalityWord {
            about: "The versions of a hexad, and when it is true in the world.",
            data: "TEMPORAL(2026-01-01)",
            asks: "AS OF 'yesterday'",
        },
        Modality::Provenance => ModalityWord {
            about: "Who did what with a hexad: a chain of events, each holding the hash of the one before.",
            data: "PROVENANCE(actor = 'importer', origin = 'catalog')",
            asks: "PROVENANCE.chain_valid == TRUE",
        },
        Modality::Spatial => ModalityWord {
            about: "A place on the earth: a point, a line or an area.",
            data: "SPATIAL(latitude = 54.1, longitude = 7.9)",
            asks: "WITHIN RADIUS(54.1, 7.9, 5 km)",
        },
    }
}

const fn says(kw: Kw, syntax: &'static str, about: &'static str) -> Word {
    Word { kw, about, syntax }
}

/// By keyword, in the order of [`Kw`].
const WORDS: &[Word] = &[
    says(
        Kw::Analyze,
        "EXPLAIN ANALYZE statement",
        "Runs the statement and shows what each step found beside what was expected.",
    ),
    says(Kw::And, "condition AND condition", "Both conditions hold."),
    says(Kw::As, "item AS name", "Gives a selected item a name, or a contract its condition."),
    says(
        Kw::Asc,
        "ORDER BY field ASC",
        "The least first; this is how rows are ordered without saying so.",
    ),
    says(Kw::At, "AT TIME time", "Another spelling of `AS OF`."),
    says(Kw::Avg, "AVG(field)", "The mean of the numbers in a group."),
    says(
        Kw::Between,
        "field BETWEEN low AND high",
        "The value is neither less than the one nor greater than the other; of instants, that a version was valid in between.",
    ),
    says(
        Kw::Bounds,
        "WITHIN BOUNDS(south, west, north, east)",
        "The place lies in the box between two degrees of latitude and two of longitude.",
    ),
    says(Kw::Byzantine, "WITH BYZANTINE TOLERANCE n", "How many peers of a federation may lie."),
    says(
        Kw::Consistent,
        "CONSISTENT(A, B) USING metric [> x]",
        "Two modalities of the hexad agree.",
    ),
    says(
        Kw::Contains,
        "FULLTEXT CONTAINS 'words' | field CONTAINS 'text'",
        "The words occur in the document, or the text in the field.",
    ),
    says(
        Kw::Contract,
        "CREATE CONTRACT name AS (condition)",
        "A condition with a name, for `SATISFIES name`.",
    ),
    says(
        Kw::Cosine,
        "USING COSINE",
        "The cosine of the angle between two vectors: 1 is the same direction.",
    ),
    says(
        Kw::Count,
        "COUNT(*) | COUNT([DISTINCT] field)",
        "How many rows a group has, or how many with a value.",
    ),
    says(Kw::Depth, "TRAVERSE predicate DEPTH n", "How many edges are followed at most."),
    says(Kw::Desc, "ORDER BY field DESC", "The greatest first."),
    says(Kw::Distinct, "COUNT(DISTINCT field)", "Each value counts once."),
    says(Kw::DotProduct, "USING DOT_PRODUCT", "The dot product of two vectors: greater is nearer."),
    says(
        Kw::Drift,
        "DRIFT(A, B) > x | DRIFT THRESHOLD x",
        "How far two modalities of a hexad have moved apart: 0, they agree, to 1.",
    ),
    says(Kw::Entity, "SIMILAR TO ENTITY 'id'", "The embedding of another hexad."),
    says(
        Kw::Euclidean,
        "USING EUCLIDEAN",
        "The length of the difference of two vectors: less is nearer.",
    ),
    says(
        Kw::Except,
        "(query) EXCEPT (query)",
        "The rows of the first query that the second does not have.",
    ),
    says(Kw::Exists, "MODALITY [NOT] EXISTS", "The hexad has anything in this modality."),
    says(Kw::Federation, "FROM FEDERATION /path/*", "Asks the stores of other databases."),
    says(
        Kw::Field,
        "FIELD name.of.field <op> value",
        "A field of the document, whatever its name.",
    ),
    says(Kw::From, "FROM hexads | HEXAD [id] | STORE name", "Where the rows come from."),
    says(
        Kw::Fulltext,
        "FULLTEXT CONTAINS 'words' | FULLTEXT MATCHES /regex/",
        "Searches title and body; at the top of a condition it ranks too.",
    ),
    says(Kw::Group, "GROUP BY field, ..", "One row for each combination of values."),
    says(Kw::Has, "HAS PROOF type", "A proof of this type is stored."),
    says(Kw::Having, "HAVING condition", "Keeps the groups of which the condition holds."),
    says(Kw::Hexad, "HEXAD 'id'", "One entity, in all its modalities."),
    says(Kw::Hexads, "FROM hexads", "All entities of the database."),
    says(Kw::In, "field IN (a, b) | field IN $list", "The value is one of these."),
    says(Kw::Includes, "field INCLUDES value", "The list has this element."),
    says(Kw::Intersect, "(query) INTERSECT (query)", "The rows that both queries have."),
    says(
        Kw::Interval,
        "INTERVAL '7 days'",
        "A length of time, to add to an instant or take from one.",
    ),
    says(Kw::Is, "field IS [NOT] NULL", "Whether there is a value."),
    says(
        Kw::Isolation,
        "ISOLATION LEVEL SERIALIZABLE | SNAPSHOT | READ COMMITTED",
        "What a transaction may notice of others.",
    ),
    says(Kw::Jaccard, "USING JACCARD", "The weighted Jaccard similarity of two vectors."),
    says(
        Kw::Like,
        "field LIKE 'a%'",
        "The text has this shape: `%` is any text, `_` one character.",
    ),
    says(Kw::Limit, "LIMIT n", "At most so many rows; without it 100."),
    says(
        Kw::Matches,
        "field MATCHES /regex/",
        "The regular expression finds something in the text.",
    ),
    says(Kw::Max, "MAX(field)", "The greatest value of a group."),
    says(Kw::Min, "MIN(field)", "The least value of a group."),
    says(Kw::Modified, "MODIFIED BY who", "Somebody wrote the version that is read."),
    says(
        Kw::Nearest,
        "VECTOR NEAREST k TO [..] | NEAREST(latitude, longitude, k)",
        "The `k` hexads that are nearest, by embedding or by place.",
    ),
    says(
        Kw::Not,
        "NOT condition",
        "The condition does not hold; of a missing value a comparison is false, and so `NOT` of it true.",
    ),
    says(Kw::Nulls, "ORDER BY field NULLS FIRST | LAST", "Where rows without a value go."),
    says(Kw::Of, "AS OF time", "Reads everything as it was at an instant."),
    says(Kw::Offset, "OFFSET n", "Leaves out the first rows."),
    says(Kw::Or, "condition OR condition", "At least one of the conditions holds."),
    says(
        Kw::Order,
        "ORDER BY field [ASC | DESC] [NULLS FIRST | LAST], ..",
        "In which order the rows come; equal ones by rank, then by id.",
    ),
    says(
        Kw::Proof,
        "PROOF type[(argument)] [WITH name=value, ..] [AND type ..]",
        "What is to be proved of the answer.",
    ),
    says(Kw::Quorum, "MIN QUORUM n", "How many peers of a federation must answer."),
    says(
        Kw::Radius,
        "WITHIN RADIUS(latitude, longitude, distance [m | km | mi])",
        "The place is no further from a point than this.",
    ),
    says(Kw::Rank, "TENSOR.data RANK == n", "How many axes the array has."),
    says(Kw::Reflect, "FROM REFLECT", "The stored queries."),
    says(Kw::Related, "SEARCH RELATED 'id' [BY 'predicate']", "The hexads that an edge leads to."),
    says(
        Kw::Revert,
        "AS OF time REVERT TO time",
        "Reads as of one instant what was true at another.",
    ),
    says(Kw::Satisfies, "SATISFIES Contract(name=value, ..)", "The condition of a contract holds."),
    says(Kw::Shape, "TENSOR.data SHAPE == [2, 3]", "The sizes of an array along its axes."),
    says(
        Kw::Similar,
        "VECTOR SIMILAR TO [..] [WITHIN x] [USING metric]",
        "The embedding is near to another; at the top of a condition it ranks too.",
    ),
    says(Kw::Store, "FROM STORE name", "One store of the database, such as a modality."),
    says(Kw::Sum, "SUM(field)", "The sum of the numbers in a group."),
    says(Kw::Text, "SEARCH TEXT 'words'", "Searches title and body, the best first."),
    says(Kw::Threshold, "DRIFT THRESHOLD x", "From which drift on it counts."),
    says(Kw::Timestamp, "TIMESTAMP '2026-01-31T10:00:00Z'", "An instant."),
    says(Kw::Tolerance, "WITH DRIFT TOLERANCE x", "Which part of the results may have drifted."),
    says(
        Kw::Traverse,
        "TRAVERSE predicate DEPTH n",
        "Follows edges from the hexads that were found.",
    ),
    says(
        Kw::Union,
        "(query) UNION [ALL] (query)",
        "The rows of both queries; without `ALL` each once.",
    ),
    says(Kw::Using, "USING metric", "By which metric two vectors are compared."),
    says(
        Kw::Values,
        "VALUES (value, ..), ..",
        "The rows to insert, each with a value for each column.",
    ),
    says(Kw::Verified, "VERIFIED BY who", "Somebody verified the hexad."),
    says(Kw::Where, "WHERE condition", "Keeps the hexads of which the condition holds."),
    says(
        Kw::Within,
        "WITHIN RADIUS(..) | WITHIN BOUNDS(..) | SIMILAR TO .. WITHIN x",
        "How near is near enough.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lang::parse;

    #[test]
    fn the_words_are_in_order_and_say_something() {
        assert!(WORDS.windows(2).all(|pair| pair[0].kw < pair[1].kw));
        for known in WORDS {
            assert!(known.about.ends_with('.'), "{}", known.kw.word());
            assert!(known.syntax.contains(known.kw.word()) || known.kw == Kw::Hexads);
            assert_eq!(word(known.kw).map(|w| w.kw), Some(known.kw));
        }
        assert!(word(Kw::Begin).is_none());
    }

    #[test]
    fn what_is_said_of_modalities_parses() {
        for of in Modality::ALL {
            let says = modality(of);
            let insert = format!("INSERT HEXAD 'a' WITH {}", says.data);
            assert!(parse(&insert).is_ok(), "{insert}");
            let asks = format!("SELECT id FROM hexads WHERE {} LIMIT 1", says.asks);
            assert!(parse(&asks).is_ok(), "{asks}");
        }
    }
}
