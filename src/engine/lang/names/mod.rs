//! The named things of a statement: where each of them gets its name and where it is used.
//!
//! What a name means follows the rules of the checker ([`super::resolve`]): the same [`Scope`] says
//! which words are variables. Navigation and renaming in editors read this; nothing is checked here,
//! and a name that is defined nowhere is still mentioned.
//!
//! [`Scope`]: super::resolve::Scope

mod collect;

use super::ast::{InsertForm, Snapshot, Statement, StatementKind};
use crate::engine::base::Span;

/// A kind of thing that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Thing {
    /// A variable that a graph pattern, a refinement or a proof binds.
    Variable,
    /// The name of a select item.
    Alias,
    /// A contract.
    Contract,
    /// A prepared statement.
    Prepared,
    /// A snapshot.
    Snapshot,
    /// A savepoint.
    Savepoint,
    /// A parameter.
    Param,
    /// The id of a hexad.
    Hexad,
    /// The predicate of an edge.
    EdgeType,
    /// A field.
    Field,
}

impl Thing {
    /// How people call it.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Variable => "variable",
            Self::Alias => "alias",
            Self::Contract => "contract",
            Self::Prepared => "prepared statement",
            Self::Snapshot => "snapshot",
            Self::Savepoint => "savepoint",
            Self::Param => "parameter",
            Self::Hexad => "hexad",
            Self::EdgeType => "edge type",
            Self::Field => "field",
        }
    }
}

/// Within what a name means one thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reach {
    /// Everywhere: contracts, prepared statements, snapshots, ids, fields.
    Everywhere,
    /// One part of one statement: the variables of a query, the parameters of a statement.
    Part(u32),
    /// A contract: its parameters.
    Contract(String),
    /// A prepared statement: its parameters.
    Prepared(String),
}

/// A thing with a name: two mentions with equal symbols speak of the same thing, provided that they
/// stand in the same statement when the symbol is [local](Symbol::is_local).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol {
    /// What.
    pub thing: Thing,
    /// Its name, in lower case where case does not count.
    pub name: String,
    /// Within what.
    pub reach: Reach,
}

impl Symbol {
    /// True when other statements cannot mention it.
    pub fn is_local(&self) -> bool {
        matches!(self.reach, Reach::Part(_))
    }
}

/// What a mention does with the thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// It makes it: `CREATE CONTRACT name`, `AS name`, the first place in a pattern.
    Defines,
    /// It uses it.
    Uses,
    /// It takes it away: `DROP CONTRACT name`.
    Removes,
}

/// One place a thing is mentioned at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// Which thing.
    pub symbol: Symbol,
    /// The name alone: without quotes, without the sign of a parameter.
    pub span: Span,
    /// What the statement does with it there.
    pub role: Role,
}

/// Every mention in a statement, in the order of the text.
pub fn mentions(statement: &Statement) -> Vec<Mention> {
    let mut collector = collect::Collector::default();
    collector.statement(statement);
    collector.finish()
}

/// The thing a statement makes that all statements can name, without looking at the rest of it.
pub fn defined(statement: &Statement) -> Option<(Thing, &str)> {
    match &statement.kind {
        StatementKind::CreateContract(contract) => Some((Thing::Contract, &contract.name.text)),
        StatementKind::Prepare(prepare) => Some((Thing::Prepared, &prepare.name.text)),
        StatementKind::Snapshot(Snapshot::Create(name)) => Some((Thing::Snapshot, &name.text)),
        StatementKind::Insert(insert) => match &insert.form {
            InsertForm::Hexad { id: Some(id), .. } => Some((Thing::Hexad, id.literal()?)),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::lang::parse;

    fn mentioned(text: &str, thing: Thing) -> Vec<(&str, Role, Reach)> {
        let parsed = parse(text);
        assert!(parsed.is_ok(), "{text}: {:?}", parsed.diagnostics);
        let found = mentions(&parsed.script.statements[0]).into_iter();
        let found = found.filter(|mention| mention.symbol.thing == thing);
        found.map(|m| (&text[m.span.range()], m.role, m.symbol.reach)).collect()
    }

    fn names(text: &str, thing: Thing) -> Vec<(&str, Role)> {
        mentioned(text, thing).into_iter().map(|(name, role, _)| (name, role)).collect()
    }

    use Role::{Defines, Removes, Uses};

    #[test]
    fn variables_are_bound_by_patterns_and_used_in_paths() {
        let text = "SELECT paper.title, h.id FROM hexads \
            WHERE (h)-[:CITES]->(paper) AND paper.year > 2000 ORDER BY paper.title";
        assert_eq!(
            names(text, Thing::Variable),
            [
                ("paper", Uses),
                ("h", Uses),
                ("h", Defines),
                ("paper", Defines),
                ("paper", Uses),
                ("paper", Uses)
            ]
        );
    }

    #[test]
    fn each_query_has_variables_of_its_own() {
        let text = "(SELECT id FROM hexads WHERE (h)-[:A]->(x)) UNION (SELECT id FROM hexads WHERE (h)-[:A]->(x))";
        let found = mentioned(text, Thing::Variable);
        let of_x: Vec<&Reach> = found.iter().filter(|m| m.0 == "x").map(|m| &m.2).collect();
        assert_eq!(of_x.len(), 2);
        assert_ne!(of_x[0], of_x[1]);
    }

    #[test]
    fn aliases_are_used_where_rows_are_ordered_and_groups_chosen() {
        let text = "SELECT DOCUMENT.section AS part, COUNT(*) AS n FROM hexads \
            GROUP BY DOCUMENT.section HAVING n > 3 ORDER BY N DESC, part";
        assert_eq!(
            names(text, Thing::Alias),
            [("part", Defines), ("n", Defines), ("n", Uses), ("N", Uses), ("part", Uses)]
        );
    }

    #[test]
    fn contracts_and_their_parameters_reach_other_statements() {
        let made = "CREATE CONTRACT Short AS (length(DOCUMENT.title) < $most) WITH most = 10";
        assert_eq!(names(made, Thing::Contract), [("Short", Defines)]);
        let used = "SELECT id FROM hexads WHERE SATISFIES Short(most=3)";
        assert_eq!(names(used, Thing::Contract), [("Short", Uses)]);
        let owner = Reach::Contract("Short".to_owned());
        assert_eq!(
            mentioned(made, Thing::Param),
            [("most", Uses, owner.clone()), ("most", Defines, owner.clone())]
        );
        assert_eq!(mentioned(used, Thing::Param), [("most", Uses, owner)]);
        assert_eq!(names("DROP CONTRACT Short", Thing::Contract), [("Short", Removes)]);
    }

    #[test]
    fn prepared_statements_are_found_in_any_case() {
        let text = "PREPARE newer AS SELECT id FROM hexads WHERE FIELD year > $least";
        assert_eq!(names(text, Thing::Prepared), [("newer", Defines)]);
        let owner = Reach::Prepared("newer".to_owned());
        assert_eq!(mentioned(text, Thing::Param), [("least", Uses, owner.clone())]);
        let call = "EXECUTE Newer(least => 3)";
        assert_eq!(mentioned(call, Thing::Param), [("least", Uses, owner)]);
        assert_eq!(names("DEALLOCATE NEWER", Thing::Prepared), [("NEWER", Removes)]);
    }

    #[test]
    fn ids_are_those_of_hexads_wherever_they_stand() {
        let text = "INSERT HEXAD 'a' WITH GRAPH(cites, 'b'), DOCUMENT(title = 'x')";
        assert_eq!(names(text, Thing::Hexad), [("a", Defines), ("b", Uses)]);
        let text = "SELECT id FROM hexads WHERE id = 'a' OR id IN ('b', 'c')";
        assert_eq!(names(text, Thing::Hexad), [("a", Uses), ("b", Uses), ("c", Uses)]);
        assert_eq!(names("DELETE HEXAD entity-1", Thing::Hexad), [("entity-1", Removes)]);
    }

    #[test]
    fn what_a_statement_makes_is_what_it_mentions_so() {
        for text in [
            "CREATE CONTRACT C AS (TRUE)",
            "PREPARE q AS SHOW STATUS",
            "CREATE SNAPSHOT s",
            "INSERT HEXAD 'a' WITH DOCUMENT(title = 'x')",
        ] {
            let parsed = parse(text);
            let statement = &parsed.script.statements[0];
            let made: Vec<Mention> =
                mentions(statement).into_iter().filter(|m| m.role == Defines).collect();
            let found = made.iter().map(|m| (m.symbol.thing, m.symbol.name.as_str())).next();
            assert_eq!(defined(statement), found, "{text}");
        }
        assert_eq!(defined(&parse("SHOW STATUS").script.statements[0]), None);
    }

    #[test]
    fn a_field_is_the_same_however_it_is_written() {
        let text = "SELECT DOCUMENT.year FROM hexads WHERE h.year > 1 AND FIELD year < 3";
        let parsed = parse(text);
        let found = mentions(&parsed.script.statements[0]);
        let fields: Vec<&str> = found
            .iter()
            .filter(|m| m.symbol.thing == Thing::Field)
            .map(|m| m.symbol.name.as_str())
            .collect();
        assert_eq!(fields, ["DOCUMENT.year"; 3]);
    }

    #[test]
    fn the_variable_of_a_proof_is_its_own() {
        let text = "SELECT id FROM hexads WHERE (h)-[:A]->(r) PROOF UNIVERSAL { ∀ r ∈ Result. r.year > 3 } LIMIT 1";
        let found = mentioned(text, Thing::Variable);
        let reaches: Vec<&Reach> = found.iter().filter(|m| m.0 == "r").map(|m| &m.2).collect();
        assert_eq!(reaches.len(), 3, "{found:?}");
        assert_ne!(reaches[0], reaches[1]);
        assert_eq!(reaches[1], reaches[2]);
    }
}
