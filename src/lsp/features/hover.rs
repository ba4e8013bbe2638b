//! Hover: what the word under the pointer means, in Markdown.
//!
//! What only a database can tell (the plan of a statement, the drift of a hexad) comes back as a
//! statement to ask it; whoever has one asks, and shows the answer below.

use super::navigate::{self, symbol_at};
use super::{body, leaf_at, words as words_of};
use crate::engine::base::{Modality, Span};
use crate::engine::lang::ast::{Expr, ExprKind};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};
use crate::engine::lang::lint::RULES;
use crate::engine::lang::names::{Symbol, Thing};
use crate::engine::lang::resolve::functions::function;
use crate::engine::lang::resolve::proofs::proof_type;
use crate::engine::lang::resolve::registry::{REGISTRY, Registered, registered};
use crate::engine::lang::resolve::{Catalog as _, NameKind, Seen, Ty};
use crate::engine::lang::tree::Leaf;
use crate::engine::lang::{topics, words};
use crate::lsp::analysis::{Analysis, Part};
use crate::lsp::catalogue::Catalogue;

/// Lines of a statement that are shown at most.
const LINES: usize = 12;

/// What there is to say about a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hover {
    /// The words it is said about.
    pub span: Span,
    /// What is said, in Markdown.
    pub text: String,
    /// What a database could add.
    pub ask: Option<Ask>,
}

/// A question for the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The plan of this statement.
    Plan(String),
    /// The row this statement answers with: the drift scores of one hexad.
    Drift(String),
    /// What this statement says of a contract that no text makes.
    Contract(String),
}

/// What there is to say about a byte of `texts[here]`.
pub fn hover(
    texts: &[&Analysis],
    here: usize,
    offset: usize,
    catalogue: &Catalogue,
) -> Option<Hover> {
    let text = *texts.get(here)?;
    let part = text.at(offset)?;
    if let Some(found) = symbol_at(text, offset) {
        let part = text.part(found.part)?;
        let (said, ask) = of_symbol(texts, &part, &found.symbol, catalogue);
        return Some(Hover { span: found.span, text: said, ask });
    }
    let leaf = leaf_at(&part, offset)?;
    if leaf.kind.is_comment() {
        return of_comment(&part, leaf, offset);
    }
    if matches!(leaf.kind, K::Number | K::LeftBracket | K::RightBracket) {
        return of_array(&part, part.relative(offset) as u32);
    }
    let (said, ask) = of_word(&part, leaf, catalogue)?;
    Some(Hover { span: part.absolute(leaf.span), text: said, ask })
}

fn fenced(text: &str) -> String {
    let lines: Vec<&str> = text.lines().take(LINES).collect();
    let more = if text.lines().count() > LINES { "\n-- .." } else { "" };
    format!("```vql\n{}{more}\n```", lines.join("\n"))
}

/// What is said of a thing with a name.
fn of_symbol(
    texts: &[&Analysis],
    part: &Part<'_>,
    symbol: &Symbol,
    catalogue: &Catalogue,
) -> (String, Option<Ask>) {
    let Symbol { thing, name, .. } = symbol;
    let head = format!("{} `{name}`", thing.describe());
    match thing {
        Thing::Contract | Thing::Prepared | Thing::Snapshot => {
            let made = navigate::defining(texts, symbol);
            let shown = made.and_then(|made| {
                let statement = made.statement()?;
                Some(format!("\n\n{}", fenced(words_of(&made, statement.span))))
            });
            let stored = shown.is_none() && *thing == Thing::Contract;
            let ask = stored.then(|| Ask::Contract(format!("DESCRIBE CONTRACT {name}")));
            (format!("{head}{}", shown.unwrap_or_default()), ask)
        }
        Thing::Hexad => {
            let quoted = name.replace('\\', "\\\\").replace('\'', "\\'");
            let ask = format!("SELECT DRIFT FROM HEXAD '{quoted}' LIMIT 1");
            let made = navigate::defining(texts, symbol);
            let shown = made.and_then(|made| {
                let statement = made.statement()?;
                Some(format!("\n\n{}", fenced(words_of(&made, statement.span))))
            });
            (format!("{head}{}", shown.unwrap_or_default()), Some(Ask::Drift(ask)))
        }
        Thing::Field => (of_field(name, catalogue), None),
        Thing::Variable => (of_variable(part, symbol), None),
        Thing::EdgeType => {
            let path = [name.clone()];
            let known = match catalogue.field(Modality::Graph, &path) {
                Seen::Never => "\n\nNo edge ever had this predicate.",
                Seen::As(_) | Seen::Unknown => "",
            };
            (format!("{head}{known}"), None)
        }
        Thing::Param => (format!("parameter `${name}`"), None),
        Thing::Alias | Thing::Savepoint => (head, None),
    }
}

/// A variable, with the words that bind it.
fn of_variable(part: &Part<'_>, symbol: &Symbol) -> String {
    let name = &symbol.name;
    if ["h", "hexad", "entity"].iter().any(|row| name.eq_ignore_ascii_case(row)) {
        return format!("variable `{name}`: the hexad of the row");
    }
    let all = super::mentions(part);
    let bound = all.iter().find(|mention| {
        mention.symbol == *symbol && mention.role == crate::engine::lang::names::Role::Defines
    });
    let pattern = bound.and_then(|mention| node_around(part, mention.span, K::Pattern));
    match pattern {
        None if bound.is_none() => format!("`{name}`: the hexad of the row"),
        Some(span) => format!("variable `{name}`\n\n{}", fenced(words_of(part, span))),
        None => format!("variable `{name}`"),
    }
}

/// The smallest node of a kind around a place of the part.
fn node_around(part: &Part<'_>, span: Span, kind: K) -> Option<Span> {
    let mut node = part.parse().tree.root();
    let mut found = None;
    loop {
        if node.kind() == kind {
            found = Some(node.span());
        }
        let holds = |inner: Span| inner.start <= span.start && span.end <= inner.end;
        match node.nodes().find(|inner| holds(inner.span())) {
            Some(inner) => node = inner,
            None => return found,
        }
    }
}

/// A field by its canonical name: `DOCUMENT.year`, the name of a computed field, or of a row.
fn of_field(name: &str, catalogue: &Catalogue) -> String {
    let path = name.split_once('.');
    let modality = path.and_then(|(modality, _)| Modality::from_keyword(modality));
    let (Some((_, field)), Some(modality)) = (path, modality) else {
        if name == "id" {
            return "`id`: String\n\nThe id of the hexad.".to_owned();
        }
        let known = REGISTRY.iter().find(|known| format!("{:?}", known.target).contains(name));
        let unknown = || format!("`{name}` of the row");
        return known.map_or_else(unknown, |known| of_registered(known, catalogue));
    };
    if let Some(known) = registered(modality, field) {
        return of_registered(known, catalogue);
    }
    let segments: Vec<String> = field.split('.').map(str::to_owned).collect();
    match catalogue.field(modality, &segments) {
        Seen::As(ty) => format!("`{name}`: {ty}"),
        Seen::Never => format!("`{name}`\n\nNo hexad ever had this field."),
        Seen::Unknown => {
            let usual = crate::engine::lang::resolve::registry::usual(field);
            let usual = usual.filter(|_| modality == Modality::Document);
            usual.map_or_else(|| format!("`{name}`"), |ty| format!("`{name}`: usually {ty}"))
        }
    }
}

/// A registered field; its type is that of what is stored where somebody knows.
pub(super) fn of_registered(known: &Registered, catalogue: &Catalogue) -> String {
    let name = known.names.first().copied().unwrap_or_default();
    let ty = match catalogue.field(known.modality, &[name.to_owned()]) {
        Seen::As(ty) if ty != Ty::Any => ty,
        Seen::As(_) | Seen::Never | Seen::Unknown => known.ty,
    };
    let many = if known.many { ", any number of them" } else { "" };
    format!("`{}.{name}`: {}{many}\n\n{}", known.modality.keyword(), ty, known.about)
}

/// What a word of the language is for.
fn of_word(part: &Part<'_>, leaf: Leaf, catalogue: &Catalogue) -> Option<(String, Option<Ask>)> {
    let text = leaf.text(part.text);
    match leaf.kind {
        K::ModalityWord => Some((of_modality(leaf.kw?.modality()?, catalogue), None)),
        K::FunctionName => {
            let known = function(text)?;
            let example = fenced(known.example);
            Some((
                format!("`{}`: {}\n\n{}\n\n{example}", known.usage(), known.returns, known.about),
                None,
            ))
        }
        K::Keyword => of_keyword(part, leaf),
        K::Name | K::Id => {
            if let Some(proof) = proof_type(text) {
                return Some((format!("proof `{}`\n\n{}", proof.name, proof.about), None));
            }
            let settings = catalogue.names(NameKind::Settings);
            let setting = settings.iter().any(|known| known.eq_ignore_ascii_case(text));
            setting.then(|| (format!("setting `{}`", text.to_ascii_lowercase()), None))
        }
        _ => None,
    }
}

fn of_keyword(part: &Part<'_>, leaf: Leaf) -> Option<(String, Option<Ask>)> {
    let kw = leaf.kw?;
    let statement = part.statement();
    let begins = statement.is_some_and(|statement| statement.span.start == leaf.span.start);
    let (true, Some(statement)) = (begins, statement) else {
        let word = words::word(kw);
        let known = word.map(|word| format!("`{}`\n\n{}", word.syntax, word.about));
        return known.or_else(|| topic(kw.word())).map(|said| (said, None));
    };
    let said = topic(statement.kind.keyword()).or_else(|| topic(kw.word()))?;
    let explains = part.parse().is_ok()
        && matches!(
            kw,
            Kw::Select | Kw::From | Kw::Find | Kw::Count | Kw::Search | Kw::Update | Kw::Delete
        );
    let text = words_of(part, statement.span);
    Some((said, explains.then(|| Ask::Plan(format!("EXPLAIN {text}")))))
}

/// A statement: what it is for, how it is written, what it means.
pub(super) fn topic(name: &str) -> Option<String> {
    let topic = topics::TOPICS
        .iter()
        .find(|topic| topic.name.eq_ignore_ascii_case(name))
        .or_else(|| topics::find(name))?;
    Some(format!(
        "**{}**: {}\n\n{}\n\n{}",
        topic.name,
        topic.about,
        fenced(topic.syntax),
        topic.means
    ))
}

/// A modality: what it holds, how it is written, and its fields.
pub(super) fn of_modality(modality: Modality, catalogue: &Catalogue) -> String {
    let says = words::modality(modality);
    let example = fenced(&format!("{}\n{}", says.data, says.asks));
    let computed = REGISTRY.iter().filter(|known| known.modality == modality);
    let names: Vec<String> = computed
        .filter_map(|known| Some(format!("`{}`: {}", known.names.first()?, known.ty)))
        .collect();
    let mut stored = catalogue.names(NameKind::Fields(modality));
    stored.sort_unstable();
    let stored: Vec<String> = stored
        .iter()
        .take(30)
        .map(|name| {
            let path: Vec<String> = name.split('.').map(str::to_owned).collect();
            match catalogue.field(modality, &path) {
                Seen::As(ty) => format!("`{name}`: {ty}"),
                Seen::Never | Seen::Unknown => format!("`{name}`"),
            }
        })
        .collect();
    let mut said = format!(
        "**{}**: {}\n\n{example}\n\nFields: {}",
        modality.keyword(),
        says.about,
        names.join(", ")
    );
    if !stored.is_empty() {
        said.push_str("\n\nStored: ");
        said.push_str(&stored.join(", "));
    }
    said
}

/// The rule that a comment names at a byte of the text.
fn of_comment(part: &Part<'_>, leaf: Leaf, offset: usize) -> Option<Hover> {
    let text = leaf.text(part.text);
    let at = part.relative(offset).checked_sub(leaf.span.start as usize)?;
    let (rule, start) = RULES.iter().find_map(|rule| {
        let lower = rule.code.to_ascii_lowercase();
        let mut places = text.match_indices(rule.code).chain(text.match_indices(&lower));
        let (start, _) =
            places.find(|(start, code)| (*start..=start + code.len()).contains(&at))?;
        Some((rule, start))
    })?;
    let start = leaf.span.start as usize + start;
    let span = part.absolute(Span::new(start, start + rule.code.len()));
    Some(Hover { span, text: self::rule(rule.code)?, ask: None })
}

/// A rule of the linter: what it finds, and what to do.
pub fn rule(code: &str) -> Option<String> {
    let rule = RULES.iter().find(|rule| rule.code.eq_ignore_ascii_case(code))?;
    Some(format!(
        "**{}** ({}): {}\n\n{}\n\n{}",
        rule.code,
        rule.severity.name(),
        rule.message,
        rule.advice,
        fenced(rule.example)
    ))
}

/// An array of numbers: how many, and how long as a vector.
fn of_array(part: &Part<'_>, at: u32) -> Option<Hover> {
    let mut found: Option<(Span, Vec<f64>)> = None;
    super::each_expr(part.statement()?, &mut |expr: &Expr| {
        let holds = expr.span.start <= at && at <= expr.span.end;
        if holds
            && matches!(expr.kind, ExprKind::Array(_))
            && let Some(numbers) = expr.numbers().filter(|numbers| numbers.len() > 1)
        {
            found = Some((expr.span, numbers));
        }
    });
    let (span, numbers) = found?;
    let norm = numbers.iter().map(|n| n * n).sum::<f64>().sqrt();
    let text = format!("`Vector<{}>`, norm {norm:.4}", numbers.len());
    Some(Hover { span: part.absolute(span), text, ask: None })
}

/// The span of the statement at a byte, for what is asked about all of it.
pub fn statement_at(text: &Analysis, offset: usize) -> Option<Span> {
    body(&text.at(offset)?)
}

#[cfg(test)]
mod tests {
    use super::super::{analysis, marked};
    use super::*;

    fn said(text: &str) -> Option<Hover> {
        let (text, at) = marked(text);
        hover(&[&analysis(&text)], 0, at, &Catalogue::default())
    }

    #[test]
    fn every_kind_of_word_is_explained() {
        for (text, says) in [
            ("SEL|ECT id FROM hexads", "**SELECT**"),
            ("SELECT id FROM hexads WHE|RE TRUE", "Keeps the hexads"),
            ("SELECT GRA|PH FROM hexads", "edges of a hexad"),
            ("SELECT rou|nd(1.5) FROM hexads", "round(number[, number])"),
            ("SELECT DOCUMENT.ti|tle FROM hexads", "String"),
            ("SELECT GRAPH.deg|ree FROM hexads", "Edges in and out."),
            ("SELECT x.id FROM hexads WHERE (h)-[:CITES]->(x|)", "(h)-[:CITES]->(x)"),
            ("SELECT id FROM hexads PROOF EXIST|ENCE", "proof `EXISTENCE`"),
            ("SHOW STATUS -- vql: allow(VQL0|01)", "**VQL001** (warning)"),
            ("SEARCH VECTOR [3, |4]", "`Vector<2>`, norm 5.0000"),
            ("CREATE CONTRACT C AS (year > 3); COUNT HEXADS WHERE SATISFIES |C", "year > 3"),
            ("SELECT id FROM hexads WHERE year > $lea|st", "parameter `$least`"),
        ] {
            let found = said(text).map(|hover| hover.text).unwrap_or_default();
            assert!(found.contains(says), "{text}: {found}");
        }
    }

    #[test]
    fn a_database_can_add_to_it() {
        let plan = said("SHOW STATUS; SELE|CT id FROM hexads LIMIT 1; SHOW PEERS").unwrap();
        assert_eq!(plan.ask, Some(Ask::Plan("EXPLAIN SELECT id FROM hexads LIMIT 1".to_owned())));
        let drift = said("SELECT id FROM HEXAD 'deb:|bash'").unwrap();
        let ask = "SELECT DRIFT FROM HEXAD 'deb:bash' LIMIT 1".to_owned();
        assert_eq!(drift.ask, Some(Ask::Drift(ask)));
    }

    #[test]
    fn what_is_stored_is_asked_for_where_no_text_says_it() {
        let stored = said("COUNT HEXADS WHERE SATISFIES Dat|ed").unwrap();
        assert_eq!(stored.ask, Some(Ask::Contract("DESCRIBE CONTRACT Dated".to_owned())));
        let made = "CREATE CONTRACT Dated AS (TRUE); COUNT HEXADS WHERE SATISFIES Dat|ed";
        assert_eq!(said(made).unwrap().ask, None);
    }

    #[test]
    fn blanks_and_signs_say_nothing() {
        for text in ["|", "SHOW STATUS  |  ;", "-- a |b"] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
