//! Signature help: what the brackets around the cursor take, and which argument is being written.

use super::navigate::{self, parameters};
use super::part_typed;
use crate::engine::base::{Modality, Span};
use crate::engine::lang::ast::{AggregateFn, InsertForm, StatementKind};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};
use crate::engine::lang::names::{Reach, Symbol, Thing};
use crate::engine::lang::resolve::functions::{self, function};
use crate::engine::lang::tree::Leaf;
use crate::engine::lang::words;
use crate::lsp::analysis::{Analysis, Part};

/// How something is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// All of it: `round(number[, number])`.
    pub label: String,
    /// What it does.
    pub about: String,
    /// Where in `label` each argument stands.
    pub params: Vec<Span>,
    /// The argument at the cursor; past the end there are too many.
    pub active: usize,
}

/// The brackets around a cursor and what stands before them.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// The word before the bracket.
    pub(super) word: Leaf,
    /// The word before that.
    pub(super) before: Option<Leaf>,
    /// How many commas stand between the bracket and the cursor.
    pub(super) commas: usize,
    /// True when nothing stands between the cursor and the bracket or comma before it, but the word
    /// being typed.
    pub(super) fresh: bool,
}

/// The innermost round brackets around a byte of the text that belong to a word.
pub(super) fn call_at(part: &Part<'_>, offset: usize) -> Option<Call> {
    let at = part.relative(offset) as u32;
    let mut open: Vec<(K, Option<Call>)> = Vec::new();
    let mut last: [Option<Leaf>; 2] = [None, None];
    for leaf in part.parse().tree.leaves().take_while(|leaf| leaf.span.start < at) {
        if leaf.kind.is_trivia() {
            continue;
        }
        // In a string or a number that is being written nothing opens or closes.
        let whole = leaf.span.end <= at;
        match leaf.kind {
            K::LeftParen | K::LeftBracket | K::LeftBrace if whole => {
                let word = last[1].filter(|word| leaf.kind == K::LeftParen && is_word(*word));
                let call = word.map(|word| Call { word, before: last[0], commas: 0, fresh: true });
                open.push((leaf.kind, call));
            }
            K::RightParen | K::RightBracket | K::RightBrace if whole => {
                open.pop();
            }
            K::Comma => {
                if let Some((_, Some(call))) = open.last_mut() {
                    call.commas += 1;
                    call.fresh = true;
                }
            }
            _ => {
                if let Some((_, Some(call))) = open.last_mut() {
                    call.fresh = leaf.span.end >= at && is_word(leaf);
                }
            }
        }
        last = [last[1], Some(leaf)];
    }
    open.into_iter().rev().find_map(|(_, call)| call)
}

fn is_word(leaf: Leaf) -> bool {
    matches!(
        leaf.kind,
        K::Word | K::Name | K::Keyword | K::FunctionName | K::ModalityWord | K::Id | K::Comma
    ) || leaf.kw.is_some()
}

/// What the brackets around a byte of `texts[here]` take.
pub fn signature(texts: &[&Analysis], here: usize, offset: usize) -> Option<Signature> {
    let part = part_typed(texts.get(here)?, offset)?;
    let call = call_at(&part, offset)?;
    let name = call.word.text(part.text);
    let before = call.before.and_then(|leaf| leaf.kw);
    let known = match before {
        Some(Kw::Execute) => prepared(texts, name),
        Some(Kw::Satisfies) => contract(texts, name),
        _ => match call.word.kw {
            Some(Kw::Values) => columns(&part),
            _ if call.word.kind == K::Comma => columns(&part),
            Some(kw) => of_keyword(&part, kw),
            None => None,
        },
    };
    let mut found = known.or_else(|| function(name).map(of_function))?;
    // The last argument of a function may be repeated.
    let repeats = before != Some(Kw::Execute) && function(name).is_some_and(|f| f.repeats);
    found.active = call.commas;
    if repeats && found.active >= found.params.len() {
        found.active = found.params.len().saturating_sub(1);
    }
    Some(found)
}

/// `name(a, b)` with the places of its arguments.
fn called(name: &str, params: &[String], tail: &str, about: &str) -> Signature {
    let mut found = Signature { label: format!("{name}("), ..Signature::default() };
    for (index, param) in params.iter().enumerate() {
        if index > 0 {
            found.label.push_str(", ");
        }
        let start = found.label.len();
        found.label.push_str(param);
        found.params.push(Span::new(start, found.label.len()));
    }
    found.label.push(')');
    found.label.push_str(tail);
    about.clone_into(&mut found.about);
    found
}

fn plain(name: &str, params: &[&str], tail: &str, about: &str) -> Signature {
    let params: Vec<String> = params.iter().map(|param| (*param).to_owned()).collect();
    called(name, &params, tail, about)
}

fn of_function(known: &functions::Signature) -> Signature {
    let label = known.usage();
    let mut params = Vec::new();
    let mut at = known.name().len() + 1;
    for arg in known.args {
        let Some(found) = label.get(at..).and_then(|rest| rest.find(arg.name())) else { break };
        let end = at + found + arg.name().len();
        params.push(Span::new(at + found, end));
        at = end;
    }
    Signature {
        label: format!("{label} -> {}", known.returns),
        about: format!("{} `{}`", known.about, known.example),
        params,
        active: 0,
    }
}

fn of_keyword(part: &Part<'_>, kw: Kw) -> Option<Signature> {
    let about = words::word(kw).map_or("", |word| word.about);
    if let Some(modality) = kw.modality() {
        return inserts(part).then(|| data(modality));
    }
    if AggregateFn::from_keyword(kw.word()).is_some() {
        let param = if kw == Kw::Count { "* | [DISTINCT] field" } else { "field" };
        return Some(plain(kw.word(), &[param], "", about));
    }
    Some(match kw {
        Kw::Drift => plain("DRIFT", &["modality", "modality"], " > x", about),
        Kw::Consistent => {
            plain("CONSISTENT", &["modality", "modality"], " USING metric [> x]", about)
        }
        Kw::Radius => {
            plain("RADIUS", &["latitude", "longitude", "distance [m | km | mi]"], "", about)
        }
        Kw::Bounds => plain("BOUNDS", &["south", "west", "north", "east"], "", about),
        Kw::Nearest => plain("NEAREST", &["latitude", "longitude", "k"], "", about),
        Kw::Verified => plain("VERIFIED", &["condition"], "", about),
        _ => return None,
    })
}

/// True where the data of a new hexad is written.
fn inserts(part: &Part<'_>) -> bool {
    let mut leaves = part.parse().tree.leaves().filter(|leaf| !leaf.kind.is_trivia());
    leaves.any(|leaf| leaf.kind == K::Keyword && leaf.kw == Some(Kw::Insert))
}

/// What a modality takes in `INSERT`.
fn data(modality: Modality) -> Signature {
    let about = words::modality(modality).about;
    let params: &[&str] = match modality {
        Modality::Graph => &["PREDICATE", "target"],
        Modality::Vector => &["[number, ..] | $vector"],
        Modality::Tensor => &["[size, ..]", "[number, ..]"],
        Modality::Semantic => &["Type"],
        Modality::Temporal => &["instant"],
        Modality::Spatial => &["latitude = number", "longitude = number"],
        Modality::Document | Modality::Provenance => &["field = value", ".."],
    };
    let mut found = plain(modality.keyword(), params, "", about);
    if matches!(modality, Modality::Document | Modality::Provenance) {
        // However many there are, each is a field.
        found.params.truncate(1);
    }
    found
}

/// The columns of `INSERT INTO hexads (..) VALUES`.
fn columns(part: &Part<'_>) -> Option<Signature> {
    let StatementKind::Insert(insert) = &part.statement()?.kind else { return None };
    let InsertForm::Values { columns, .. } = &insert.form else { return None };
    let params: Vec<String> =
        columns.iter().map(|column| super::words(part, column.span).to_owned()).collect();
    Some(called("VALUES ", &params, "", "A value for each column."))
}

fn prepared(texts: &[&Analysis], name: &str) -> Option<Signature> {
    let key = name.to_ascii_lowercase();
    let symbol = Symbol { thing: Thing::Prepared, name: key.clone(), reach: Reach::Everywhere };
    let part = navigate::defining(texts, &symbol)?;
    let StatementKind::Prepare(prepare) = &part.statement()?.kind else { return None };
    let params: Vec<String> = parameters(&part, &Reach::Prepared(key))
        .into_iter()
        .map(|param| {
            let index = param.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
            let ty = index.and_then(|index| prepare.types.get(index));
            ty.map_or_else(|| format!("${param}"), |ty| format!("${param}: {}", ty.text))
        })
        .collect();
    let about = super::words(&part, prepare.statement.span);
    Some(called(&prepare.name.text, &params, "", &format!("```vql\n{about}\n```")))
}

fn contract(texts: &[&Analysis], name: &str) -> Option<Signature> {
    let symbol = Symbol { thing: Thing::Contract, name: name.to_owned(), reach: Reach::Everywhere };
    let part = navigate::defining(texts, &symbol)?;
    let StatementKind::CreateContract(made) = &part.statement()?.kind else { return None };
    let given = |param: &String| {
        let mut all = made.params.iter();
        let default = all.find(|given| given.path.bare().is_some_and(|name| name.text == *param));
        default.map_or_else(
            || format!("{param}=value"),
            |given| format!("{param}={}", super::words(&part, given.value.span)),
        )
    };
    let reach = Reach::Contract(name.to_owned());
    let params: Vec<String> = parameters(&part, &reach).iter().map(given).collect();
    let about = super::words(&part, made.condition.span);
    Some(called(name, &params, "", &format!("```vql\n{about}\n```")))
}

#[cfg(test)]
mod tests {
    use super::super::{analysis, marked};
    use super::*;

    fn shown(text: &str) -> Option<(String, String)> {
        let (text, at) = marked(text);
        let found = signature(&[&analysis(&text)], 0, at)?;
        let param = found.params.get(found.active).map(|span| found.label[span.range()].to_owned());
        Some((found.label.clone(), param.unwrap_or_default()))
    }

    #[test]
    fn the_argument_at_the_cursor_is_active() {
        for (text, label, param) in [
            ("SELECT round(|", "round(number[, number]) -> Float", "number"),
            ("SELECT substring(title, 1|", "substring(text, number[, number]) -> String", "number"),
            ("SELECT similarity([1, 2|", "similarity(vector, vector[, metric]) -> Float", "vector"),
            (
                "SELECT id FROM hexads WHERE DRIFT(VECTOR, |",
                "DRIFT(modality, modality) > x",
                "modality",
            ),
            (
                "SELECT id FROM hexads WHERE WITHIN BOUNDS(1, 2,| 3, 4)",
                "BOUNDS(south, west, north, east)",
                "north",
            ),
            ("INSERT HEXAD 'a' WITH GRAPH(cites, |", "GRAPH(PREDICATE, target)", "target"),
            ("INSERT INTO hexads (title, year) VALUES ('a', |", "VALUES (title, year)", "year"),
            (
                "INSERT INTO hexads (title, year) VALUES ('a', 1), ('b'|",
                "VALUES (title, year)",
                "title",
            ),
            (
                "PREPARE q (int, text) AS SELECT id FROM hexads WHERE year > $1 AND title = $2 LIMIT 1; EXECUTE q(1, |",
                "q($1: int, $2: text)",
                "$2: text",
            ),
            (
                "CREATE CONTRACT C AS (year > $least) WITH least = 3; COUNT HEXADS WHERE SATISFIES C(|",
                "C(least=3)",
                "least=3",
            ),
        ] {
            assert_eq!(shown(text), Some((label.to_owned(), param.to_owned())), "{text}");
        }
    }

    #[test]
    fn brackets_of_nobody_have_no_signature() {
        for text in ["SELECT id FROM hexads WHERE (|", "SELECT round(1)|", "SELECT GRAPH(|", "|"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
