//! Where a thing is defined and where it is used: definition, references, highlights.
//!
//! A local symbol lives in its statement; the others in every text. What other texts say about a
//! symbol is asked with [`occurrences`] of each of them.

use super::{body, mentions};
use crate::engine::base::Span;
use crate::engine::lang::names::{self, Mention, Reach, Role, Symbol, Thing};
use crate::lsp::analysis::{Analysis, Part};

/// The thing at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub symbol: Symbol,
    /// Where its name stands in the text.
    pub span: Span,
    /// What is done with it there.
    pub role: Role,
    /// The index of the part it stands in.
    pub part: usize,
}

/// A place a symbol is mentioned at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The name.
    pub span: Span,
    /// What is done with the thing there.
    pub role: Role,
    /// The statement around it.
    pub statement: Span,
}

/// The symbol whose name stands at a byte; where two meet, the one that begins there.
pub fn symbol_at(parts: &Analysis, offset: usize) -> Option<Found> {
    let index = parts.at(offset)?.index;
    // At the first byte of a part the word may be the last of the one before.
    let indexes = [Some(index), index.checked_sub(1)];
    indexes.into_iter().flatten().find_map(|index| symbol_in(parts, index, offset))
}

fn symbol_in(parts: &Analysis, index: usize, offset: usize) -> Option<Found> {
    let part = parts.part(index)?;
    let at = part.relative(offset) as u32;
    let touches = |mention: &&Mention| {
        // The quotes of an id and the sign of a parameter belong to what is pointed at.
        let more = u32::from(matches!(mention.symbol.thing, Thing::Hexad | Thing::Param));
        mention.span.start.saturating_sub(more) <= at && at <= mention.span.end
    };
    let all = mentions(&part);
    let found = all.iter().rev().find(touches)?;
    let span = part.absolute(found.span);
    Some(Found { symbol: found.symbol.clone(), span, role: found.role, part: index })
}

/// Every mention of a symbol in a text, in order; of a local one in the part it belongs to.
pub fn occurrences(parts: &Analysis, symbol: &Symbol, home: Option<usize>) -> Vec<Occurrence> {
    let mut found = Vec::new();
    match home.filter(|_| symbol.is_local()) {
        Some(index) => {
            if let Some(part) = parts.part(index) {
                in_part(&part, symbol, &mut found);
            }
        }
        // The local symbols of other texts are other things.
        None if symbol.is_local() => {}
        None => {
            let may = parts.parts().filter(|part| may_mention(part, symbol));
            may.for_each(|part| in_part(&part, symbol, &mut found));
        }
    }
    found
}

/// False where the letters of the name are not in the text at all: looking for them costs less than
/// asking for all mentions.
fn may_mention(part: &Part<'_>, symbol: &Symbol) -> bool {
    match symbol.thing {
        Thing::Contract | Thing::Snapshot | Thing::Param => part.text.contains(&symbol.name),
        Thing::Prepared | Thing::Savepoint | Thing::EdgeType => {
            let name = symbol.name.as_bytes();
            let mut windows = part.text.as_bytes().windows(name.len().max(1));
            windows.any(|window| window.eq_ignore_ascii_case(name))
        }
        // Of these the text may have another spelling.
        Thing::Hexad | Thing::Field | Thing::Variable | Thing::Alias => true,
    }
}

fn in_part(part: &Part<'_>, symbol: &Symbol, found: &mut Vec<Occurrence>) {
    let Some(statement) = body(part) else { return };
    for mention in mentions(part).iter().filter(|mention| mention.symbol == *symbol) {
        let span = part.absolute(mention.span);
        found.push(Occurrence { span, role: mention.role, statement });
    }
}

/// Where a symbol gets its name in a text. A text that defines it several times has several places.
pub fn definitions(parts: &Analysis, symbol: &Symbol, home: Option<usize>) -> Vec<Occurrence> {
    let mut found = occurrences(parts, symbol, home);
    // A parameter without a default is made by the first use of it in its statement.
    let first = found.first().filter(|_| symbol.thing == Thing::Param).copied();
    found.retain(|occurrence| occurrence.role == Role::Defines);
    if let (true, Some(first)) = (found.is_empty(), first) {
        let owner = parts.at(first.span.start as usize).and_then(|part| part.statement());
        let makes = owner
            .and_then(names::defined)
            .is_some_and(|(thing, _)| matches!(thing, Thing::Contract | Thing::Prepared));
        found.extend(Some(first).filter(|_| makes || symbol.is_local()));
    }
    found
}

/// The part that defines a symbol of all texts, in the first text that has one.
pub fn defining<'a>(texts: &[&'a Analysis], symbol: &Symbol) -> Option<Part<'a>> {
    let defines = |part: &Part<'_>| {
        let made = part.statement().and_then(names::defined);
        made.is_some_and(|(thing, name)| {
            let same = match thing {
                Thing::Prepared => name.eq_ignore_ascii_case(&symbol.name),
                _ => name == symbol.name,
            };
            same && thing == symbol.thing
        })
    };
    texts.iter().find_map(|text| text.parts().find(defines))
}

/// The parameters of what a part defines, each once: numbers first and in order.
pub fn parameters(part: &Part<'_>, of: &Reach) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for mention in mentions(part) {
        let Symbol { thing, name, reach } = mention.symbol;
        if thing == Thing::Param && reach == *of && !found.contains(&name) {
            found.push(name);
        }
    }
    found.sort_by_key(|name| name.parse::<u32>().unwrap_or(u32::MAX));
    found
}

/// The places to show when the cursor is on a name: all mentions of the thing in this text.
pub fn highlights(parts: &Analysis, offset: usize) -> Vec<Occurrence> {
    match symbol_at(parts, offset) {
        Some(found) => occurrences(parts, &found.symbol, Some(found.part)),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::analysis;
    use super::*;

    fn at(text: &str, needle: &str) -> usize {
        text.rfind(needle).unwrap()
    }

    fn all(text: &str, offset: usize) -> Vec<&str> {
        let parts = analysis(text);
        highlights(&parts, offset).iter().map(|o| &text[o.span.range()]).collect()
    }

    const TEXT: &str = "CREATE CONTRACT Dated AS (FIELD year >= $least);\n\
        SELECT x.id FROM hexads WHERE (h)-[:CITES]->(x) AND SATISFIES Dated(least=3) LIMIT 1;\n\
        SELECT x.id FROM hexads WHERE (h)-[:cites]->(x) LIMIT 1;\n";

    #[test]
    fn a_contract_leads_to_where_it_is_made() {
        let parts = analysis(TEXT);
        let found = symbol_at(&parts, at(TEXT, "Dated(")).unwrap();
        let [made] = definitions(&parts, &found.symbol, Some(found.part)).try_into().unwrap();
        let made: Occurrence = made;
        assert_eq!(made.span.start as usize, TEXT.find("Dated").unwrap());
        assert_eq!(all(TEXT, at(TEXT, "least=")), ["least", "least"]);
    }

    #[test]
    fn a_parameter_leads_to_its_first_use() {
        let text = "PREPARE q AS COUNT HEXADS WHERE year > $least;\nEXECUTE q(least => 3);";
        let parts = analysis(text);
        let found = symbol_at(&parts, at(text, "least")).unwrap();
        let [made] = definitions(&parts, &found.symbol, Some(found.part)).try_into().unwrap();
        let made: Occurrence = made;
        assert_eq!(made.span.start as usize, text.find("least").unwrap());
    }

    #[test]
    fn variables_stay_in_their_statement_and_edges_do_not() {
        assert_eq!(all(TEXT, at(TEXT, "x.id")).len(), 2);
        assert_eq!(all(TEXT, at(TEXT, "cites")), ["CITES", "cites"]);
        assert!(all(TEXT, 1).is_empty());
    }
}
