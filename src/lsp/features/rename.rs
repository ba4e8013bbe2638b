//! Renaming: the same thing under another name, in all statements that mention it.
//!
//! Nothing is renamed on trust: every changed statement is parsed again and must mention the same
//! things at the same places. A name that would be captured by another, or become a keyword, is
//! refused with the reason.

use super::mentions as mentions_of;
use super::navigate::{self, Found};
use crate::engine::base::Span;
use crate::engine::lang::diag::{Fix, apply};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};
use crate::engine::lang::lexer;
use crate::engine::lang::names::{Mention, Reach, Symbol, Thing, mentions};
use crate::engine::lang::parse;
use crate::lsp::analysis::{Analysis, Part};

/// What can be renamed at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renamable {
    /// The name as it stands there.
    pub span: Span,
    /// Its text.
    pub name: String,
}

/// An edit of one of several texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The index of the text.
    pub text: usize,
    /// The edit.
    pub fix: Fix,
}

/// What can be renamed at a byte, or why nothing can.
pub fn prepare(parts: &Analysis, offset: usize) -> Result<Renamable, String> {
    let found = target(parts, offset)?;
    let name = parts.text().get(found.span.range()).unwrap_or("").to_owned();
    Ok(Renamable { span: found.span, name })
}

/// Renames what stands at a byte of the text `texts[here]`: the edits in all texts, or why not.
pub fn rename(
    texts: &[&Analysis],
    here: usize,
    offset: usize,
    name: &str,
) -> Result<Vec<Edit>, String> {
    let home = texts.get(here).ok_or("there is no such text")?;
    let found = target(home, offset)?;
    let symbol = &found.symbol;
    is_name(symbol.thing, name)?;
    let wanted = Symbol { name: folded(symbol, name), ..symbol.clone() };
    if wanted != *symbol && !symbol.is_local() {
        let taken = |parts: &&Analysis| !navigate::definitions(parts, &wanted, None).is_empty();
        if texts.iter().any(taken) {
            return Err(format!("there already is a {} called `{name}`", symbol.thing.describe()));
        }
    }
    let mut edits = Vec::new();
    for (text, parts) in texts.iter().enumerate() {
        let only = symbol.is_local().then_some(found.part);
        if only.is_some() && text != here {
            continue;
        }
        let indexes = only.map_or(0..parts.len(), |index| index..index + 1);
        for part in indexes.filter_map(|index| parts.part(index)) {
            let changed = in_part(&part, symbol, &wanted, name)?;
            edits.extend(changed.into_iter().map(|fix| Edit { text, fix }));
        }
    }
    Ok(edits)
}

/// The symbol at a byte, when it is one that texts alone decide about.
fn target(parts: &Analysis, offset: usize) -> Result<Found, String> {
    let found = navigate::symbol_at(parts, offset).ok_or("nothing here has a name")?;
    let Symbol { thing, name, .. } = &found.symbol;
    match thing {
        Thing::Hexad | Thing::Field | Thing::EdgeType => {
            return Err(format!(
                "the {} `{name}` is a name in the data; an edit of the text would not change it",
                thing.describe()
            ));
        }
        Thing::Param if name.starts_with(|c: char| c.is_ascii_digit()) => {
            return Err(format!("`${name}` is the number of a parameter, not a name"));
        }
        Thing::Variable if is_row(name) => {
            return Err(format!("`{name}` always means the hexad of the row"));
        }
        Thing::Variable
            if navigate::definitions(parts, &found.symbol, Some(found.part)).is_empty() =>
        {
            return Err(format!("`{name}` is not a variable of this statement"));
        }
        _ => {}
    }
    if found.symbol.is_local() && parts.part(found.part).is_some_and(|part| !part.parse().is_ok()) {
        return Err("the statement has syntax errors".to_owned());
    }
    Ok(found)
}

/// The names that mean the hexad of the row without being bound.
fn is_row(name: &str) -> bool {
    ["h", "hexad", "entity"].iter().any(|row| name.eq_ignore_ascii_case(row))
}

/// Whether a word can be the name of a thing at all.
fn is_name(thing: Thing, name: &str) -> Result<(), String> {
    let leaves = lexer::lex(name);
    let word = matches!(leaves.as_slice(), [leaf] if leaf.kind == K::Word);
    if !word {
        return Err(format!(
            "`{name}` is not a name: a name is one word of letters, digits and `_`"
        ));
    }
    match Kw::find(name) {
        Some(kw) if kw.is_reserved() && thing != Thing::Param => {
            return Err(format!("`{name}` is a keyword"));
        }
        Some(kw) if kw.modality().is_some() && thing == Thing::Variable => {
            return Err(format!("`{name}` is a modality"));
        }
        _ => {}
    }
    if thing == Thing::Variable && is_row(name) {
        return Err(format!("`{name}` always means the hexad of the row"));
    }
    Ok(())
}

/// The name as symbols keep it.
fn folded(symbol: &Symbol, name: &str) -> String {
    match symbol.thing {
        Thing::Prepared | Thing::Savepoint | Thing::Alias => name.to_ascii_lowercase(),
        _ => name.to_owned(),
    }
}

/// The edits in one statement, proved to change nothing else.
fn in_part(part: &Part<'_>, old: &Symbol, new: &Symbol, name: &str) -> Result<Vec<Fix>, String> {
    let before = mentions_of(part);
    if before.iter().all(|mention| mention.symbol != *old) {
        return Ok(Vec::new());
    }
    if new != old && before.iter().any(|mention| mention.symbol == *new) {
        return Err(format!("`{name}` already is a {} here", new.thing.describe()));
    }
    let fixes: Vec<Fix> = before
        .iter()
        .filter(|mention| mention.symbol == *old)
        .map(|mention| Fix { span: mention.span, text: name.to_owned() })
        .collect();
    let changed = apply(part.text, &fixes);
    let after = parse(&changed);
    let after = after.script.statements.first().map(mentions).unwrap_or_default();
    if !same(&before, &after, old, new) {
        return Err(format!("with the name `{name}` the statement would say something else"));
    }
    Ok(fixes.into_iter().map(|fix| Fix { span: part.absolute(fix.span), ..fix }).collect())
}

/// True when the mentions are the same but for the name.
fn same(before: &[Mention], after: &[Mention], old: &Symbol, new: &Symbol) -> bool {
    let renamed = |symbol: &Symbol| -> Symbol {
        if symbol == old {
            return new.clone();
        }
        // The parameters of a contract belong to it under its new name too.
        let reach = match (&symbol.reach, old.thing) {
            (Reach::Contract(owner), Thing::Contract) if *owner == old.name => {
                Reach::Contract(new.name.clone())
            }
            (Reach::Prepared(owner), Thing::Prepared) if *owner == old.name => {
                Reach::Prepared(new.name.clone())
            }
            (reach, _) => reach.clone(),
        };
        Symbol { reach, ..symbol.clone() }
    };
    let alike = |a: &Mention, b: &Mention| renamed(&a.symbol) == b.symbol && a.role == b.role;
    before.len() == after.len() && before.iter().zip(after).all(|(a, b)| alike(a, b))
}

#[cfg(test)]
mod tests {
    use super::super::analysis;
    use super::*;

    fn renamed(text: &str, needle: &str, name: &str) -> Result<String, String> {
        let parts = analysis(text);
        let edits = rename(&[&parts], 0, text.find(needle).unwrap(), name)?;
        let fixes: Vec<Fix> = edits.into_iter().map(|edit| edit.fix).collect();
        Ok(apply(text, &fixes))
    }

    const QUERY: &str = "SELECT paper.title AS t FROM hexads WHERE (h)-[:CITES]->(paper) AND year > 3 \
        AND paper.year > $year ORDER BY t LIMIT 3";

    #[test]
    fn a_variable_is_renamed_in_its_statement() {
        let text = format!("SHOW STATUS;\n{QUERY};\n{QUERY};");
        let changed = renamed(&text, "paper", "p").unwrap();
        assert_eq!(changed, format!("SHOW STATUS;\n{};\n{QUERY};", QUERY.replace("paper", "p")));
        let changed = renamed(QUERY, "t FROM", "titel").unwrap();
        assert!(changed.contains("AS titel FROM") && changed.contains("BY titel LIMIT"));
        let changed = renamed(QUERY, "$year", "least").unwrap();
        assert!(changed.contains("paper.year > $least"));
    }

    #[test]
    fn names_that_would_be_captured_are_refused() {
        for (needle, name, why) in [
            ("paper", "year", "something else"),
            ("paper", "h", "always means"),
            ("paper", "select", "keyword"),
            ("paper", "document", "modality"),
            ("paper", "a b", "not a name"),
            ("paper", "", "not a name"),
            ("h)", "x", "always means"),
            ("CITES", "x", "in the data"),
            ("title", "x", "in the data"),
            ("SELECT", "x", "nothing here"),
        ] {
            let found = renamed(QUERY, needle, name);
            assert!(found.clone().is_err_and(|e| e.contains(why)), "{needle} {name}: {found:?}");
        }
        let two = "SELECT id FROM hexads WHERE (h)-[:A]->(x) AND (x)-[:B]->(y)";
        assert!(renamed(two, "x)", "y").is_err_and(|e| e.contains("already is")));
    }

    #[test]
    fn contracts_are_renamed_in_every_text() {
        let made = analysis("CREATE CONTRACT Dated AS (FIELD year > $least) WITH least=3;");
        let used = analysis("SELECT id FROM hexads WHERE SATISFIES Dated(least=4) LIMIT 1;");
        let texts: [&Analysis; 2] = [&made, &used];
        let at = used.text().find("Dated").unwrap();
        let edits = rename(&texts, 1, at, "Newer").unwrap();
        assert_eq!(edits.iter().map(|e| e.text).collect::<Vec<_>>(), [0, 1]);
        let at = used.text().find("least").unwrap();
        assert_eq!(rename(&texts, 1, at, "floor").unwrap().len(), 3);
        let two = analysis("CREATE CONTRACT A AS (TRUE); CREATE CONTRACT B AS (TRUE);");
        assert!(rename(&[&two], 0, 16, "B").is_err_and(|e| e.contains("already is")));
    }
}
