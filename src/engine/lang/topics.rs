//! What each statement is for, how it is written and what can go wrong: the table that the help of the
//! shell, the reference and the language server read. It is text for people; what the parser accepts
//! is decided there.

use crate::engine::base::Kind;

/// A statement, or a large part of one.
#[derive(Clone, Copy, Debug)]
pub struct Topic {
    /// The word it is found by.
    pub name: &'static str,
    /// One line.
    pub about: &'static str,
    /// How it is written.
    pub syntax: &'static str,
    /// What it means.
    pub means: &'static str,
    /// Something to try.
    pub example: &'static str,
    /// The errors of its own that it can end with, each with a statement that does.
    pub errors: &'static [(Kind, &'static str)],
}

/// The topic of this name, in any case; else the first that has it as a word of its name, else of its
/// syntax.
pub fn find(name: &str) -> Option<&'static Topic> {
    let wanted = name.to_ascii_uppercase();
    let word_of = |text: &str| text.split([' ', '\n']).any(|word| word == wanted);
    TOPICS
        .iter()
        .find(|topic| topic.name == wanted)
        .or_else(|| TOPICS.iter().find(|topic| word_of(topic.name)))
        .or_else(|| TOPICS.iter().find(|topic| word_of(topic.syntax)))
}

/// Every topic, in alphabetical order.
pub const TOPICS: &[Topic] = &[
    Topic {
        name: "ANALYZE",
        about: "look at the data again, for better plans",
        syntax: "ANALYZE [modality]",
        means: "Plans are chosen by what is known of the data: how many hexads have a modality, how \
            common a word or an edge is. The statement brings that up to date, for one modality \
            or for all.",
        example: "ANALYZE VECTOR",
        errors: &[],
    },
    Topic {
        name: "CHECK INTEGRITY",
        about: "read everything that is stored and check it",
        syntax: "CHECK INTEGRITY",
        means: "Everything is read: every checksum, the log against the files, the records against the \
            catalogue, the rows of every index and the segments of texts and vectors against the \
            records, the chains of events, and whether every snapshot can be gone back to. Each row of \
            the answer is something that is wrong: the file, the hexad it is about, and what; no row \
            means that all is well, and `vql repl` ends with status 4 when there is one. It repairs \
            nothing but saved segments that fail their checksum, which are named and made again.",
        example: "CHECK INTEGRITY",
        errors: &[(Kind::UnexpectedToken, "CHECK DOCUMENT")],
    },
    Topic {
        name: "CHECKPOINT",
        about: "carry the log over into the files of the modalities",
        syntax: "CHECKPOINT",
        means: "What is committed is safe in the log before the files have it. A checkpoint makes \
            the files catch up, so that the next start has nothing to replay. It is never needed \
            for correctness.",
        example: "CHECKPOINT",
        errors: &[],
    },
    Topic {
        name: "CONDITIONS",
        about: "what may stand after WHERE",
        syntax: "MODALITY.field <op> value          = <> < <= > >= LIKE CONTAINS MATCHES IN BETWEEN IS NULL\n\
            FIELD name <op> value              a field of the document\n\
            FULLTEXT CONTAINS 'words'          words, \"phrases\", AND, OR, NOT, prefix*\n\
            VECTOR SIMILAR TO [..] | EMBED('text') [WITHIN x] [USING metric]\n\
            (h)-[:PREDICATE]->(x)              also <-[..]-, -[..]-, *1..3, +\n\
            WITHIN RADIUS(lat, lon, km)        WITHIN BOUNDS(lat, lon, lat, lon)\n\
            AS OF time | BETWEEN time AND time | VERSION v | MODIFIED BY who\n\
            MODALITY EXISTS | SATISFIES contract | DRIFT(A, B) > x | CONSISTENT(A, B) USING metric\n\
            combined with AND, OR, NOT and parentheses",
        means: "Conditions are two-valued: a comparison with a missing value, or between values of \
            different families, is false, and `NOT c` holds exactly where `c` does not. A field \
            with several values passes when one of them does. Rankings (`SIMILAR TO`, `NEAREST`, \
            `FULLTEXT CONTAINS`) rank where they stand at the top of the condition, and only \
            filter under `OR` and `NOT`.",
        example: "SELECT id, DOCUMENT.title FROM hexads\n\
            WHERE FULLTEXT CONTAINS 'river' AND NOT (h)-[:CITES]->(x)",
        errors: &[
            (Kind::FieldTypeMismatch, "SELECT id FROM hexads WHERE DOCUMENT.title > 3"),
            (
                Kind::VectorDimensionMismatch,
                "SELECT id FROM hexads WHERE h.embedding NEAREST 2 TO [1, 0, 0]",
            ),
            (Kind::ContractNotFound, "SELECT id FROM hexads WHERE SATISFIES Unheard"),
            (Kind::UnknownFunction, "SELECT id FROM hexads WHERE unheard(title) = 1"),
        ],
    },
    Topic {
        name: "COUNT",
        about: "count hexads",
        syntax: "COUNT HEXADS [WHERE condition]",
        means: "One row with one number. Rankings in the condition only filter.",
        example: "COUNT HEXADS WHERE VECTOR EXISTS",
        errors: &[(Kind::UnexpectedToken, "COUNT WHERE year = 1")],
    },
    Topic {
        name: "CREATE CONTRACT",
        about: "name a condition that hexads can be held to",
        syntax: "CREATE [OR REPLACE] CONTRACT name [FOR proof] AS (condition) [WITH name=value, ..]\n\
            CREATE [OR REPLACE] CONTRACT name FOR SCHEMA | TENSOR AS (condition) [WITH type=name, ..]\n\
            DROP CONTRACT [IF EXISTS] name",
        means: "`SATISFIES name` holds where the condition does. Its parameters are the `$names` in \
            it; `WITH` gives their defaults, and `SATISFIES name(least=3)` other values. A \
            contract brings its own variables. One `FOR SCHEMA` or `FOR TENSOR` is held against every \
            hexad of the type that `WITH type=..` names, or against all of them: what of it does \
            not hold is drift. `FOR TENSOR` takes `shape`, `dtype`, `mean` and `std` too.",
        example: "CREATE CONTRACT Dated AS (FIELD year >= 1900 AND DOCUMENT EXISTS)",
        errors: &[
            (Kind::InsertConflict, "CREATE CONTRACT Old AS (FIELD year < 1900)"),
            (Kind::ContractNotFound, "DROP CONTRACT Unheard"),
        ],
    },
    Topic {
        name: "DELETE",
        about: "take hexads away, in all modalities",
        syntax: "DELETE HEXAD id\n\
            DELETE FROM hexads WHERE condition",
        means: "All modalities of a hexad go in one commit; edges that others have to it stay, and \
            match nothing. By id there must be such a hexad, by condition there may be none. \
            What was can still be read with `AS OF`.",
        example: "DELETE HEXAD 'b'",
        errors: &[
            (Kind::DeleteNotFound, "DELETE HEXAD 'unheard'"),
            (Kind::UnboundedWrite, "DELETE FROM hexads"),
        ],
    },
    Topic {
        name: "DESCRIBE",
        about: "what a hexad, a contract or a modality consists of",
        syntax: "DESCRIBE HEXAD id\n\
            DESCRIBE CONTRACT name\n\
            DESCRIBE modality",
        means: "Of a hexad: every modality it has and what is in it. Of a contract: the statement \
            that would make it. Of a modality: the fields that are stored, with their types.",
        example: "DESCRIBE VECTOR",
        errors: &[
            (Kind::NotFound, "DESCRIBE HEXAD 'unheard'"),
            (Kind::ContractNotFound, "DESCRIBE CONTRACT Unheard"),
        ],
    },
    Topic {
        name: "DRIFT",
        about: "watch and repair how far modalities have moved apart",
        syntax: "DRIFT DETECT | REPAIR | VERIFY | HISTORY | METRICS FEDERATION path\n\
            DRIFT DETECT | REPAIR | VERIFY | HISTORY | METRICS FROM source [WHERE condition]\n\
            \x20   [USING STRATEGY name] [STORES [id, ..]] [COORDINATOR id] [ORDER BY ..] [LIMIT n]",
        means: "Drift is a number from 0, the two modalities agree, to 1. `DETECT` answers a row \
            for each kind of drift above its threshold, with the evidence; `VERIFY` one row that \
            says whether there is any (`vql repl -c` then ends with status 6), `WITH DRIFT \
            TOLERANCE 0.1` behind it lets a tenth of the hexads pass; `HISTORY` the times at which \
            scores passed their thresholds; `METRICS` rates and averages by kind. `SHOW DRIFT` \
            says how fresh the scores are, `SHOW DRIFT id` every score of one hexad. In a \
            condition it is `DRIFT(VECTOR, DOCUMENT) > 0.3`, in columns `drift_score` and \
            `drift_type`. Thresholds are set by `SET drift_threshold`.",
        example: "DRIFT DETECT FROM verisim:semantic WHERE id = 'a'",
        errors: &[(Kind::UnexpectedToken, "DRIFT DETECT")],
    },
    Topic {
        name: "EXPLAIN",
        about: "the plan of a statement",
        syntax: "EXPLAIN [ANALYZE] [(text | json)] statement",
        means: "The operators of a query, of a write or of `EXECUTE name(..)`, each above what it reads \
            from, with what it is expected to find and to cost. Nothing is run, unless `ANALYZE` is \
            said: then the statement runs and what it found and took stands beside; a write is made \
            ready and dropped. `(json)` answers one value, see docs/reference/explain.md.",
        example: "EXPLAIN SELECT DOCUMENT FROM hexads WHERE FULLTEXT CONTAINS 'river'",
        errors: &[(Kind::UnexpectedToken, "EXPLAIN unheard")],
    },
    Topic {
        name: "FIND",
        about: "the short form of SELECT",
        syntax: "FIND hexads [WHERE condition] [ORDER BY ..] [LIMIT n]",
        means: "Whole hexads: the same as `SELECT * FROM hexads`.",
        example: "FIND hexads WHERE DOCUMENT.year > 1900 LIMIT 3",
        errors: &[(Kind::UnexpectedToken, "FIND WHERE year = 1")],
    },
    Topic {
        name: "FROM",
        about: "the older form of a query, the source first",
        syntax: "[WITH VERIFICATION name] FROM verisim:modality [path] [modifier ..] [SELECT ..]\n\
            \x20   [WHERE condition] [LIMIT n]",
        means: "The same query as with `SELECT` first; without `SELECT` it asks for everything. The \
            formatter keeps the order.",
        example: "FROM verisim:document WHERE title = 'A' LIMIT 3",
        errors: &[(Kind::UnexpectedToken, "FROM verisim:document SELECT DOCUMENT SELECT GRAPH")],
    },
    Topic {
        name: "GRANT",
        about: "say who may do what",
        syntax: "GRANT right, .. [ON [MODALITY OF] what] TO [ROLE] name\n\
            DENY right, .. [ON [MODALITY OF] what] TO [ROLE] name\n\
            REVOKE right, .. [ON [MODALITY OF] what] FROM [ROLE] name\n\
            GRANT ROLE role, .. TO [ROLE] name\n\
            REVOKE ROLE role, .. FROM [ROLE] name\n\
            SHOW GRANTS [name]\n\
            SHOW ACCESS FOR name ON HEXAD id",
        means: "Rights on data are `read`, `write` and `admin` (to grant in turn); `what` is `HEXADS`, \
            `TYPE name`, `HEXAD id` or a modality alone, and everything when it is left out. Rights on \
            the database are `observe`, `normalize`, `define`, `maintain`, `backup`, `transfer`, \
            `configure`, `grant`, `keys` and `audit`. The deepest rule counts (entity over type over \
            all, then one modality over all), and `DENY` beats `GRANT` of the same depth; `REVOKE` \
            takes either away. What somebody may not read is in no answer of theirs. `SHOW ACCESS` \
            gives every decision about one hexad with its reason.",
        example: "GRANT read ON DOCUMENT OF TYPE Person TO alice",
        errors: &[
            (Kind::UnexpectedToken, "GRANT read ON STORE graph"),
            (Kind::InvalidInput, "GRANT fly TO alice"),
            (Kind::NotFound, "GRANT ROLE unheard TO alice"),
        ],
    },
    Topic {
        name: "IMPORT",
        about: "hexads from a file, and into one",
        syntax: "IMPORT FROM 'file' [FORMAT name] [WITH name=value, ..]\n\
            EXPORT [source] TO 'file' [FORMAT name] [WITH name=value, ..]",
        means: "The command line does the same with `vql migrate import` and `vql migrate export`.",
        example: "EXPORT TO 'all.jsonl'",
        errors: &[(Kind::UnexpectedToken, "IMPORT 'all.jsonl'")],
    },
    Topic {
        name: "INSERT",
        about: "write a new hexad, or several",
        syntax: "INSERT HEXAD ['id'] WITH DOCUMENT(field = value, ..), GRAPH(PREDICATE, id),\n\
            \x20   VECTOR([..]) | VECTOR(EMBED(DOCUMENT [, embedder])),\n\
            \x20   SEMANTIC(Type), TENSOR([shape], [data]), TEMPORAL(time), PROVENANCE(..), SPATIAL(..)\n\
            INSERT INTO hexads (field, ..) VALUES (value, ..), ..\n\
            INSERT 'title' 'body'",
        means: "All modalities of all hexads of a statement are written in one commit, or none is. \
            Without an id one is made, and the answer names it. A hexad that exists is never \
            replaced.",
        example: "INSERT HEXAD 'note-1' WITH\n\
            \x20 DOCUMENT(title = 'Tides', year = 2024),\n\
            \x20 SPATIAL(latitude = 54.1, longitude = 7.9)",
        errors: &[
            (Kind::InsertConflict, "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A')"),
            (Kind::UnexpectedToken, "INSERT HEXAD 'c' WITH"),
        ],
    },
    Topic {
        name: "KEY",
        about: "keys that programs show to be let in",
        syntax: "CREATE KEY FOR name [WITH label = 'text', scopes = 'read, ..', expires = '90d']\n\
            ROTATE KEY id [WITH grace = '24h']\n\
            DROP KEY id\n\
            SHOW KEYS [name]",
        means: "The answer of `CREATE KEY` and `ROTATE KEY` holds the key, this once: the database \
            keeps its hash. A key does what its principal may do, and no more than its scopes: the \
            words of rights, also of one modality (`read:document`). A rotated key goes on with its \
            old secret for the grace, a day when nobody says. Everybody may manage keys of their own.",
        example: "CREATE KEY FOR alice WITH scopes = 'read, write:document', expires = '90d'",
        errors: &[
            (Kind::UnexpectedToken, "CREATE KEY alice"),
            (Kind::InvalidInput, "CREATE KEY FOR alice WITH scopes = 'fly'"),
            (Kind::NotFound, "DROP KEY 'unheard'"),
        ],
    },
    Topic {
        name: "NORMALIZE",
        about: "bring the modalities of a hexad back together",
        syntax: "NORMALIZE HEXAD id [FROM modality] [USING STRATEGY name] [DRY RUN]\n\
            NORMALIZE ALL [WHERE condition] [FROM modality] [USING STRATEGY name] [DRY RUN]",
        means: "One modality is taken to be right, and those that drifted are made to follow, as the \
            policy of the hexad says (`SHOW NORMALIZER id`). Each hexad is a commit of its own, \
            measured again before it is made: what does not fall below its threshold is not \
            written but waits as a conflict. `DRY RUN` writes nothing and shows what would change.",
        example: "NORMALIZE HEXAD a",
        errors: &[
            (Kind::UnexpectedToken, "NORMALIZE"),
            (Kind::UpdateNotFound, "NORMALIZE HEXAD 'unheard'"),
            (Kind::NotFound, "NORMALIZE ALL USING STRATEGY unheard"),
        ],
    },
    Topic {
        name: "POLICIES",
        about: "say what the normalizer may do",
        syntax: "CREATE [OR REPLACE] POLICY name FOR ALL | TYPE type | HEXAD id AS key = value, ..\n\
            DROP POLICY [IF EXISTS] name\n\
            SHOW POLICIES\n\
            SHOW NORMALIZER [id]",
        means: "A policy of a hexad goes before one of its types, that before the one for all, and \
            that before what is built in; `SHOW NORMALIZER id` shows what is in force and where \
            each part comes from. Types and hexads may say only what `owner_may` of the policy for \
            all lists.",
        example: "CREATE POLICY gentle FOR ALL AS authority = ['document', 'semantic'], overwrite_user = false",
        errors: &[
            (Kind::InvalidInput, "CREATE POLICY p FOR ALL AS unheard = 1"),
            (Kind::TypeMismatch, "CREATE POLICY p FOR ALL AS rate = 'fast'"),
            (Kind::NotFound, "DROP POLICY unheard"),
        ],
    },
    Topic {
        name: "PREPARE",
        about: "parse a statement once and run it with values",
        syntax: "PREPARE name [(type, ..)] AS statement\n\
            EXECUTE name [(value, ..)]\n\
            DEALLOCATE name | ALL\n\
            SHOW PREPARED",
        means: "The parameters are `$1`, `$2` .. in their order, or `$names`, given as `EXECUTE \
            q(name => value)`. A value is a value: it is never read as a part of the statement. \
            A prepared statement lives as long as its session.",
        example: "PREPARE newer (int) AS SELECT id FROM hexads WHERE FIELD year > $1",
        errors: &[(Kind::NotFound, "EXECUTE unheard"), (Kind::NotFound, "DEALLOCATE unheard")],
    },
    Topic {
        name: "RESOLVE",
        about: "decide what the normalizer left open",
        syntax: "RESOLVE CONFLICT id KEEP modality | name\n\
            RESOLVE CONFLICT id SET MODALITY.field = value, ..\n\
            RESOLVE CONFLICT id DISMISS\n\
            SHOW CONFLICTS [id] [LIMIT n]",
        means: "`KEEP` takes a modality, or a candidate by its name, to be right and makes the others \
            follow, whoever wrote them; `SET` writes what is said; `DISMISS` leaves everything as \
            it is, and the same is not asked again until something changes. The id is that of the \
            conflict (`c-7`), or of the hexad when it has just one. Of two who decide at once one \
            is told that it was decided.",
        example: "RESOLVE CONFLICT a DISMISS",
        errors: &[
            (Kind::UnexpectedToken, "RESOLVE a"),
            (Kind::NotFound, "RESOLVE CONFLICT 'c-77' DISMISS"),
        ],
    },
    Topic {
        name: "REVERT",
        about: "undo a normalization",
        syntax: "REVERT NORMALIZATION id [FORCE]\n\
            SHOW NORMALIZATIONS [id] [LIMIT n]",
        means: "Everything the normalization changed gets the bytes it had before, in a new version; \
            the trail, which `CHECK INTEGRITY` verifies, keeps both. It is refused when something \
            of it was changed since, unless `FORCE` is said. `SHOW NORMALIZATIONS` lists the trail.",
        example: "SHOW NORMALIZATIONS LIMIT 5",
        errors: &[
            (Kind::UnexpectedToken, "REVERT a"),
            (Kind::NotFound, "REVERT NORMALIZATION 'n-77'"),
        ],
    },
    Topic {
        name: "ROLE",
        about: "names for what several people may do",
        syntax: "CREATE ROLE name\n\
            DROP ROLE [IF EXISTS] name\n\
            SHOW ROLES",
        means: "`GRANT .. TO ROLE name` says what a role may do, `GRANT ROLE name TO ..` who is in it; a \
            role may be in a role. Built in are `everyone`, `reader`, `writer`, `steward` and `admin`. \
            With a role go its rules.",
        example: "CREATE ROLE editors",
        errors: &[
            (Kind::NotFound, "DROP ROLE unheard"),
            (Kind::InsertConflict, "CREATE ROLE reader"),
        ],
    },
    Topic {
        name: "SEARCH",
        about: "find hexads by text, vector or relation",
        syntax: "SEARCH TEXT 'words' [LIMIT n]\n\
            SEARCH VECTOR [..] | EMBED('text') [WITHIN x] [USING metric] [LIMIT n]\n\
            SEARCH RELATED 'id' [BY 'predicate'] [LIMIT n]\n\
            SEARCH modality [WHERE condition] [LIMIT n]",
        means: "Short forms of queries: by text and vector the best come first, with their score; \
            related are the hexads that an edge leads to.",
        example: "SEARCH TEXT 'slow river' LIMIT 5",
        errors: &[
            (Kind::VectorDimensionMismatch, "SEARCH VECTOR [1, 0, 0]"),
            (Kind::UnexpectedToken, "SEARCH 'river'"),
        ],
    },
    Topic {
        name: "SELECT",
        about: "ask for hexads, or for something computed from them",
        syntax: "SELECT * | modality, .. | MODALITY.field [AS name], .. | COUNT(*), SUM(MODALITY.field), ..\n\
            FROM hexads | HEXAD [id] | STORE name\n\
            [WHERE condition] [GROUP BY field, ..] [HAVING condition]\n\
            [ORDER BY field [ASC | DESC] [NULLS FIRST | LAST], ..] [LIMIT n] [OFFSET n]",
        means: "A row for each hexad that satisfies the condition, ordered by `ORDER BY`, then by \
            rank, then by id. A whole modality is a map in a column of its name. Without `LIMIT` \
            at most 100 rows are answered. With aggregates, or `GROUP BY`, there is a row for \
            each group.",
        example: "SELECT id, DOCUMENT.title, DOCUMENT.year FROM hexads\n\
            WHERE DOCUMENT.year >= 2000 ORDER BY DOCUMENT.year DESC LIMIT 5",
        errors: &[
            (Kind::UnknownFunction, "SELECT unheard(1) FROM hexads"),
            (Kind::AggregateWithoutGroupBy, "SELECT COUNT(*), id FROM hexads"),
            (Kind::OperatorTypeMismatch, "SELECT year + title FROM hexads"),
            (Kind::InvalidNumber, "SELECT id FROM hexads LIMIT -1"),
        ],
    },
    Topic {
        name: "SET",
        about: "change a setting of the session",
        syntax: "SET name = value\n\
            SET name TO value",
        means: "`SHOW SETTINGS` lists the settings and where their values come from. A setting lives \
            as long as the session.",
        example: "SET author = 'someone'",
        errors: &[(Kind::UnknownSetting, "SET unheard = 1")],
    },
    Topic {
        name: "SHOW",
        about: "what the database says about itself",
        syntax: "SHOW STATUS | HEALTH | HEXADS | CONTRACTS | SETTINGS | STORES | DRIFT | POLICIES\n\
            \x20   | EMBEDDERS | NORMALIZER | NORMALIZATIONS | CONFLICTS | STATEMENTS\n\
            \x20   | SLOW QUERIES | PREPARED | .. [id] [LIMIT n]\n\
            SHOW AUDIT [name] [LIMIT n]",
        means: "`STATUS`: what is stored and how far the log and the indexes are. `HEALTH`: what \
            needs attention. `HEXADS`, `CONTRACTS`, `SETTINGS`, `STORES`, `SNAPSHOTS`: one row each. \
            `EMBEDDERS`: what makes vectors of texts, and which one is meant when none is named. \
            `TRANSACTIONS`: those that are open in this process, with the commit they see, how many \
            statements wrote, how many locks they hold, whom they wait for, and how long they are idle. \
            `AUDIT`: who was allowed or refused what, newest first, a hundred when nobody says. \
            `STATEMENTS`: what ran since the database was opened, by statement without its values. \
            `SLOW QUERIES`: statements of at least `slow_query_ms`, with their plans, newest first.",
        example: "SHOW STATUS",
        errors: &[(Kind::UnexpectedToken, "SHOW unheard")],
    },
    Topic {
        name: "SNAPSHOT",
        about: "keep a state, and go back to it",
        syntax: "CREATE SNAPSHOT name\n\
            DROP SNAPSHOT name\n\
            RESTORE SNAPSHOT name\n\
            SNAPSHOT INTO 'directory'\n\
            SHOW SNAPSHOTS",
        means: "A snapshot is the database after one commit, under a name; others go on writing. It \
            holds the version of every hexad, the contracts and the progress of imports: what was \
            replaced or deleted stays in the history anyway, so it takes a few bytes for each hexad. \
            `RESTORE` makes the present what the snapshot holds, as one commit: hexads that differ get a \
            new version with the old contents, those made since are deleted, those deleted live again. \
            The history stays, settings and snapshots stay, and it can be undone with another snapshot. \
            It waits for transactions that hold locks. `SNAPSHOT INTO` writes the present as a database \
            of its own into a directory that is not there yet. None of these stands in a transaction.",
        example: "CREATE SNAPSHOT before",
        errors: &[
            (Kind::UnexpectedToken, "CREATE SNAPSHOT"),
            (Kind::NotFound, "RESTORE SNAPSHOT after"),
        ],
    },
    Topic {
        name: "TRANSACTIONS",
        about: "several statements as one",
        syntax: "BEGIN [READ ONLY | READ WRITE] [ISOLATION LEVEL level] [SYNC mode]\n\
            COMMIT\n\
            ROLLBACK [TO [SAVEPOINT] name]\n\
            SAVEPOINT name\n\
            RELEASE [SAVEPOINT] name",
        means: "Every statement is atomic by itself. Between `BEGIN` and `COMMIT` several are \
            written together, or not at all. `SHOW TRANSACTIONS` lists those that are open; one that \
            rests for longer than the setting `idle_transaction_timeout_ms` is ended. \
            `vql repl -1` runs a whole script as one.",
        example: "BEGIN",
        errors: &[(Kind::UnexpectedToken, "SAVEPOINT")],
    },
    Topic {
        name: "UNION",
        about: "queries put together",
        syntax: "(query) UNION [ALL] | INTERSECT | EXCEPT (query) ..",
        means: "Rows are compared as wholes, so both queries need the same columns. `UNION` leaves \
            out what is there twice, `UNION ALL` does not.",
        example: "(SELECT id FROM hexads WHERE year > 2000) UNION (SELECT id FROM hexads WHERE year < 1900)",
        errors: &[(Kind::UnexpectedToken, "(SELECT id FROM hexads) UNION")],
    },
    Topic {
        name: "UPDATE",
        about: "change hexads",
        syntax: "UPDATE HEXAD id SET MODALITY.field = value, ..\n\
            UPDATE HEXAD SET MODALITY.field = value, .. WHERE condition",
        means: "Every right-hand side is computed from the hexad as it was before. `= NULL` takes a \
            field or a whole modality away, `GRAPH.cites = [..]` replaces the edges of that \
            predicate. By id there must be such a hexad, by condition there may be none.",
        example: "UPDATE HEXAD 'a' SET DOCUMENT.title = 'Spring tides'",
        errors: &[
            (Kind::UpdateNotFound, "UPDATE HEXAD 'unheard' SET DOCUMENT.title = 'x'"),
            (Kind::UnboundedWrite, "UPDATE HEXAD SET DOCUMENT.title = 'x'"),
        ],
    },
    Topic {
        name: "VERSION",
        about: "say which version of the language a text is written in",
        syntax: "VERSION major.minor[.patch];",
        means: "It stands at the beginning of a text and needs its `;`.",
        example: "VERSION 1.0;",
        errors: &[(Kind::UnexpectedToken, "VERSION new;")],
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lang::kind::Kw;
    use crate::engine::lang::parse;

    #[test]
    fn every_statement_has_a_topic_and_every_example_is_one_statement() {
        assert!(TOPICS.windows(2).all(|pair| pair[0].name < pair[1].name));
        for kw in Kw::STATEMENTS {
            let begins = |topic: &Topic| {
                topic.syntax.lines().any(|line| line.trim_start_matches('[').starts_with(kw.word()))
            };
            assert!(TOPICS.iter().any(begins), "{}", kw.word());
        }
        for topic in TOPICS {
            let parsed = parse(topic.example);
            assert!(parsed.is_ok(), "{}: {:?}", topic.name, parsed.diagnostics);
            assert_eq!(parsed.script.statements.len(), 1, "{}", topic.name);
        }
    }

    #[test]
    fn topics_are_found_by_any_of_their_words() {
        let name = |word| find(word).map(|topic| topic.name);
        assert_eq!(name("select"), Some("SELECT"));
        assert_eq!(name("contract"), Some("CREATE CONTRACT"));
        assert_eq!(name("EXECUTE"), Some("PREPARE"));
        assert_eq!(name("begin"), Some("TRANSACTIONS"));
        assert_eq!(name("unheard"), None);
    }
}
