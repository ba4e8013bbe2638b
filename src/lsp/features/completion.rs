//! Completion: what the language offers at the cursor, with what the open texts define, and with
//! what an editor shows beside each candidate.
//!
//! The parser decides what may stand there ([`crate::engine::lang::complete`]); here names come in
//! from the statement around the cursor and from the other texts, calls get their arguments as places
//! to fill in, and whole statements are offered where one may begin.

use super::signature::call_at;
use super::{hover, mentions, navigate, part_typed, words as words_of};
use crate::engine::base::{Modality, Span};
use crate::engine::lang::ast::{DataContent, InsertForm, StatementKind};
use crate::engine::lang::complete::{Item, ItemKind, Names, complete};
use crate::engine::lang::kind::Kw;
use crate::engine::lang::names::{self, Reach, Symbol, Thing};
use crate::engine::lang::resolve::functions::function;
use crate::engine::lang::resolve::proofs::proof_type;
use crate::engine::lang::resolve::registry::registered;
use crate::engine::lang::resolve::{Catalog, NameKind, Seen, Ty};
use crate::engine::lang::words;
use crate::lsp::analysis::{Analysis, Part};
use crate::lsp::catalogue::{Catalogue, Offers};

/// What can be put in place of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The part of the text that is replaced.
    pub replace: Span,
    /// The candidates, the likeliest first.
    pub candidates: Vec<Candidate>,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What is shown, and compared with what was typed.
    pub label: String,
    /// What is inserted.
    pub insert: String,
    /// True when `insert` has places to fill in: `${1:number}`.
    pub snippet: bool,
    /// What it is.
    pub kind: ItemKind,
    /// How it goes on, shown behind the label: `(number[, number])`.
    pub tail: Option<String>,
    /// A few words about it: its type, its modality.
    pub detail: Option<String>,
}

/// A statement to fill in.
struct Template {
    label: &'static str,
    body: &'static str,
}

/// Statements that are offered where one may begin.
const TEMPLATES: &[Template] = &[
    Template {
        label: "SELECT .. FROM hexads WHERE ..",
        body: "SELECT ${1:id}\nFROM hexads\nWHERE ${2:DOCUMENT.title == 'x'}\nLIMIT ${3:10};$0",
    },
    Template {
        label: "INSERT HEXAD .. WITH ..",
        body: "INSERT HEXAD '${1:id}' WITH\n  DOCUMENT(title = '${2:title}');$0",
    },
    Template {
        label: "UPDATE HEXAD .. SET ..",
        body: "UPDATE HEXAD '${1:id}' SET DOCUMENT.${2:title} = '${3:value}';$0",
    },
    Template { label: "DELETE HEXAD ..", body: "DELETE HEXAD '${1:id}';$0" },
    Template { label: "SEARCH TEXT ..", body: "SEARCH TEXT '${1:words}' LIMIT ${2:10};$0" },
    Template {
        label: "CREATE CONTRACT .. AS ..",
        body: "CREATE CONTRACT ${1:Name} AS (${2:DOCUMENT EXISTS});$0",
    },
    Template {
        label: "PREPARE .. AS ..",
        body: "PREPARE ${1:name} AS\nSELECT ${2:id} FROM hexads WHERE ${3:FIELD year > \\$1} LIMIT ${4:10};$0",
    },
    Template { label: "BEGIN .. COMMIT", body: "BEGIN;\n$0\nCOMMIT;" },
];

/// What can stand at a byte of `texts[here]`.
pub fn completion(
    texts: &[&Analysis],
    here: usize,
    offset: usize,
    catalogue: &Catalogue,
) -> Completion {
    let nothing = Completion { replace: Span::new(offset, offset), candidates: Vec::new() };
    let Some(text) = texts.get(here) else { return nothing };
    let part = part_typed(text, offset);
    let start = part.map_or(0, |part| part.start as usize);
    let Some(typed) = text.text().get(start..offset) else { return nothing };
    let around = Around { texts, part, offers: catalogue.offers() };
    let found = complete(typed, typed.len(), &around);
    let at = start + found.replace.start as usize;
    let prefix = text.text().get(at..offset).unwrap_or("");
    let mut candidates = Vec::new();
    let before = text.text().get(start..at).unwrap_or("");
    if in_comment(before) {
        return nothing;
    }
    if let Some(part) = part {
        candidates.extend(arguments(texts, &part, offset, prefix, catalogue));
    }
    // Where fields are given values, those are all that can stand there.
    let given = candidates.iter().any(|c: &Candidate| c.kind == ItemKind::Field);
    let others = found.items.iter().filter(|item| !(given && item.kind == ItemKind::Field));
    candidates.extend(others.map(|item| candidate(item, texts, catalogue)));
    if begins_statement(before) && !prefix.starts_with(['\'', '"', '$', '@']) {
        candidates.extend(templates(prefix));
    }
    Completion { replace: Span::new(at, offset), candidates }
}

/// True when what is typed behind `before` belongs to a comment.
fn in_comment(before: &str) -> bool {
    use crate::engine::lang::kind::SyntaxKind as K;
    let last = crate::engine::lang::lexer::lex(before).last().copied();
    last.is_some_and(|leaf| match leaf.kind {
        K::LineComment => true,
        K::BlockComment => leaf.flaw.is_some(),
        _ => false,
    })
}

/// True when a statement may begin behind `before`: there are only blanks and comments, or a `;`.
fn begins_statement(before: &str) -> bool {
    use crate::engine::lang::kind::SyntaxKind as K;
    let leaves = crate::engine::lang::lexer::lex(before);
    let last = leaves.iter().rfind(|leaf| !leaf.kind.is_trivia());
    last.is_none_or(|leaf| leaf.kind == K::Semicolon)
}

fn templates(prefix: &str) -> impl Iterator<Item = Candidate> {
    let fits = move |template: &&Template| {
        let head = template.label.get(..prefix.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    TEMPLATES.iter().filter(fits).map(|template| Candidate {
        label: template.label.to_owned(),
        insert: template.body.to_owned(),
        snippet: true,
        kind: ItemKind::Keyword,
        tail: None,
        detail: Some("statement".to_owned()),
    })
}

/// The names around the cursor: those of the catalogue, of the open texts, of the statement.
struct Around<'a> {
    texts: &'a [&'a Analysis],
    part: Option<Part<'a>>,
    offers: Offers<'a>,
}

impl Around<'_> {
    /// What the texts define of a kind, beside what is known.
    fn defined(&self, thing: Thing, known: Vec<String>) -> Vec<String> {
        let mut all = known;
        let parts = self.texts.iter().flat_map(|text| text.parts());
        let made = parts.filter_map(|part| part.statement().and_then(names::defined));
        all.extend(made.filter(|made| made.0 == thing).map(|made| made.1.to_owned()));
        // The candidates are sorted, and each is offered once.
        all
    }

    /// The names in the statement around the cursor, each once.
    fn here(&self, wanted: &dyn Fn(Thing) -> bool) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        let Some(part) = &self.part else { return all };
        for mention in mentions(part) {
            let name = words_of(part, mention.span);
            if wanted(mention.symbol.thing) && !all.iter().any(|known| known == name) {
                all.push(name.to_owned());
            }
        }
        all
    }
}

impl Names for Around<'_> {
    fn names(&self, of: NameKind) -> Vec<String> {
        let known = self.offers.names(of);
        if of == NameKind::Contracts { self.defined(Thing::Contract, known) } else { known }
    }

    fn ids(&self, prefix: &str, limit: usize) -> Vec<String> {
        let mut known = self.offers.ids(prefix, limit);
        let defined = self.defined(Thing::Hexad, Vec::new());
        for id in defined {
            if known.len() < limit && id.starts_with(prefix) && !known.contains(&id) {
                known.push(id);
            }
        }
        known
    }

    fn params(&self) -> Vec<String> {
        self.here(&|thing| thing == Thing::Param)
    }

    fn prepared(&self) -> Vec<String> {
        self.defined(Thing::Prepared, self.offers.prepared())
    }

    fn snapshots(&self) -> Vec<String> {
        self.defined(Thing::Snapshot, self.offers.snapshots())
    }

    fn variables(&self) -> Vec<String> {
        self.here(&|thing| matches!(thing, Thing::Variable | Thing::Alias))
    }
}

/// A candidate of the language with what an editor shows of it.
fn candidate(item: &Item, texts: &[&Analysis], catalogue: &Catalogue) -> Candidate {
    let mut found = Candidate {
        label: item.text.clone(),
        insert: item.text.clone(),
        snippet: false,
        kind: item.kind,
        tail: None,
        detail: item.detail.clone(),
    };
    match item.kind {
        ItemKind::Function => {
            let name = item.text.trim_end_matches('(');
            if let Some(known) = function(name) {
                name.clone_into(&mut found.label);
                let usage = known.usage();
                found.tail = usage.get(known.name().len()..).map(str::to_owned);
                found.detail = Some(known.returns.to_string());
                found.insert = call(name, known.args.iter().take(known.required).map(|a| a.name()));
                found.snippet = true;
            }
        }
        ItemKind::Field => {
            let modality = item.detail.as_deref().and_then(Modality::from_keyword);
            if let Some(modality) = modality {
                found.tail =
                    field_type(modality, &item.text, catalogue).map(|ty| format!(": {ty}"));
                found.detail = Some(modality.keyword().to_owned());
            }
        }
        ItemKind::Keyword | ItemKind::Modality => {
            let kw = Kw::find(&item.text);
            if matches!(kw, Some(Kw::Order | Kw::Group)) {
                let by = if item.text.contains(char::is_lowercase) { " by" } else { " BY" };
                found.label.push_str(by);
                found.insert.push_str(by);
            }
            if let Some(modality) = kw.and_then(Kw::modality) {
                found.detail = Some(words::modality(modality).about.to_owned());
            } else if let Some(word) = kw.and_then(words::word) {
                found.detail = Some(word.syntax.to_owned());
            }
        }
        ItemKind::Contract => {
            let reach = Reach::Everywhere;
            let symbol = Symbol { thing: Thing::Contract, name: item.text.clone(), reach };
            let owner = Reach::Contract(item.text.clone());
            let params = navigate::defining(texts, &symbol)
                .map(|made| navigate::parameters(&made, &owner))
                .unwrap_or_default();
            if !params.is_empty() {
                found.tail = Some(format!("({})", params.join(", ")));
            }
        }
        _ => {}
    }
    found
}

/// A call with its arguments as places to fill in.
fn call<'a>(name: &str, args: impl Iterator<Item = &'a str>) -> String {
    let places: Vec<String> =
        args.enumerate().map(|(index, arg)| format!("${{{}:{arg}}}", index + 1)).collect();
    format!("{name}({})$0", places.join(", "))
}

/// The type of a field as candidates name it.
fn field_type(modality: Modality, name: &str, catalogue: &Catalogue) -> Option<String> {
    let path: Vec<String> = name.split('.').map(str::to_owned).collect();
    // What is stored says more: how long the vectors are.
    match (catalogue.field(modality, &path), registered(modality, name)) {
        (Seen::As(ty), known) if ty != Ty::Any || known.is_none() => Some(ty.to_string()),
        (_, Some(known)) => Some(known.ty.to_string()),
        (_, None) => None,
    }
}

/// The names of what the brackets around the cursor take: fields of a new hexad, parameters of a
/// contract or of a prepared statement.
fn arguments(
    texts: &[&Analysis],
    part: &Part<'_>,
    offset: usize,
    prefix: &str,
    catalogue: &Catalogue,
) -> Vec<Candidate> {
    let Some(call) = call_at(part, offset).filter(|call| call.fresh) else { return Vec::new() };
    let word = call.word.text(part.text);
    let (names, sign, detail) = match call.before.and_then(|leaf| leaf.kw) {
        Some(Kw::Satisfies) => {
            (parameters_of(texts, Thing::Contract, word), "=", "parameter of the contract")
        }
        Some(Kw::Execute) => {
            let name = word.to_ascii_lowercase();
            (parameters_of(texts, Thing::Prepared, &name), " => ", "parameter of the statement")
        }
        before => {
            let inserts = matches!(before, Some(Kw::With)) || call.before.is_some_and(is_comma);
            let modality = call.word.kw.and_then(Kw::modality).filter(|_| inserts);
            let mut names = modality.map(|m| fields(m, catalogue)).unwrap_or_default();
            names.retain(|name| !is_given(part, modality, name));
            (names, " = ", "field")
        }
    };
    let fits = |name: &String| {
        let head = name.get(..prefix.len());
        let number = name.starts_with(|c: char| c.is_ascii_digit());
        !number && head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    let offered = names.into_iter().filter(fits);
    let candidate = |name: String| Candidate {
        insert: format!("{name}{sign}"),
        label: name,
        snippet: false,
        kind: ItemKind::Field,
        tail: None,
        detail: Some(detail.to_owned()),
    };
    offered.map(candidate).collect()
}

/// True when the statement gives the field a value already.
fn is_given(part: &Part<'_>, modality: Option<Modality>, name: &str) -> bool {
    let Some(statement) = part.statement() else { return false };
    let StatementKind::Insert(insert) = &statement.kind else { return false };
    let InsertForm::Hexad { data, .. } = &insert.form else { return false };
    data.iter().filter(|data| Some(data.modality.modality) == modality).any(|data| {
        let DataContent::Fields(fields) = &data.content else { return false };
        fields.iter().any(|field| words_of(part, field.path.span) == name)
    })
}

fn is_comma(leaf: crate::engine::lang::tree::Leaf) -> bool {
    leaf.kind == crate::engine::lang::kind::SyntaxKind::Comma
}

fn parameters_of(texts: &[&Analysis], thing: Thing, name: &str) -> Vec<String> {
    let symbol = Symbol { thing, name: name.to_owned(), reach: Reach::Everywhere };
    let owner = match thing {
        Thing::Contract => Reach::Contract(name.to_owned()),
        _ => Reach::Prepared(name.to_owned()),
    };
    let made = navigate::defining(texts, &symbol);
    made.map(|made| navigate::parameters(&made, &owner)).unwrap_or_default()
}

/// The fields that `INSERT` can give a modality.
fn fields(modality: Modality, catalogue: &Catalogue) -> Vec<String> {
    let fixed: &[&str] = match modality {
        Modality::Document => &["title", "body"],
        Modality::Provenance => &["actor", "origin", "event_type", "description"],
        Modality::Spatial => &["latitude", "longitude", "altitude"],
        _ => return Vec::new(),
    };
    let mut names: Vec<String> = fixed.iter().map(|name| (*name).to_owned()).collect();
    if modality == Modality::Document {
        let mut stored = Catalog::names(catalogue, NameKind::Fields(modality));
        stored.retain(|name| !names.contains(name));
        stored.sort_unstable();
        names.extend(stored);
    }
    names
}

/// What is to be said of a candidate when it is looked at, in Markdown.
pub fn about(
    kind: ItemKind,
    label: &str,
    detail: Option<&str>,
    texts: &[&Analysis],
    catalogue: &Catalogue,
) -> Option<String> {
    match kind {
        ItemKind::Function => {
            let known = function(label.trim_end_matches('('))?;
            let example = format!("```vql\n{}\n```", known.example);
            Some(format!("`{}`\n\n{}\n\n{example}", known.usage(), known.about))
        }
        ItemKind::Field => {
            let modality = detail.and_then(Modality::from_keyword)?;
            match registered(modality, label) {
                Some(known) => Some(hover::of_registered(known, catalogue)),
                None => field_type(modality, label, catalogue)
                    .map(|ty| format!("`{}.{label}`: {ty}", modality.keyword())),
            }
        }
        ItemKind::Modality => {
            Modality::from_keyword(label).map(|modality| hover::of_modality(modality, catalogue))
        }
        ItemKind::Keyword => {
            let kw = Kw::find(label.split(' ').next()?)?;
            let word = words::word(kw).filter(|_| !kw.starts_statement());
            match word {
                Some(word) => Some(format!("`{}`\n\n{}", word.syntax, word.about)),
                None => hover::topic(kw.word()),
            }
        }
        ItemKind::ProofType => proof_type(label).map(|proof| proof.about.to_owned()),
        ItemKind::Contract | ItemKind::Name => {
            let thing = if kind == ItemKind::Contract { Thing::Contract } else { Thing::Prepared };
            let name = match thing {
                Thing::Prepared => label.to_ascii_lowercase(),
                _ => label.to_owned(),
            };
            let symbol = Symbol { thing, name, reach: Reach::Everywhere };
            let made = navigate::defining(texts, &symbol)?;
            Some(format!("```vql\n{}\n```", words_of(&made, made.statement()?.span)))
        }
        ItemKind::Id | ItemKind::Param | ItemKind::Source => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{analysis, marked};
    use super::*;

    fn offered(text: &str) -> Vec<Candidate> {
        let (text, at) = marked(text);
        completion(&[&analysis(&text)], 0, at, &Catalogue::default()).candidates
    }

    #[track_caller]
    fn offers(text: &str, labels: &[&str]) {
        let found = offered(text);
        let all: Vec<&str> = found.iter().map(|c| c.label.as_str()).collect();
        for label in labels {
            assert!(all.contains(label), "{text}: no {label} in {all:?}");
        }
    }

    #[test]
    fn the_statement_around_the_cursor_counts() {
        offers("SELECT pa| FROM hexads WHERE (h)-[:CITES]->(paper)", &["paper"]);
        offers("SELECT id AS nr FROM hexads ORDER BY |", &["nr"]);
        offers("SELECT id FROM hexads WHERE |", &["FULLTEXT", "NOT", "DOCUMENT"]);
        offers("SELECT id FROM hexads\n|", &["WHERE", "LIMIT", "ORDER BY"]);
        offers("SELECT id FROM hexads WHERE year > $least AND age > |", &["$least"]);
    }

    #[test]
    fn what_texts_define_is_offered() {
        offers("CREATE CONTRACT Dated AS (TRUE); COUNT HEXADS WHERE SATISFIES |", &["Dated"]);
        offers("PREPARE q AS SHOW STATUS; EXECUTE |", &["q"]);
        offers("CREATE SNAPSHOT s; RESTORE SNAPSHOT |", &["s"]);
        offers("INSERT HEXAD 'a-1' WITH DOCUMENT(title = 'x'); DELETE HEXAD |", &["a-1"]);
        offers("CREATE CONTRACT C AS (y > $least); COUNT HEXADS WHERE SATISFIES C(|", &["least"]);
        offers("PREPARE q AS COUNT HEXADS WHERE y > $least; EXECUTE q(|", &["least"]);
        offers("INSERT HEXAD 'a' WITH DOCUMENT(|", &["title", "body"]);
        offers("INSERT HEXAD 'a' WITH DOCUMENT(title = 'x'), SPATIAL(lat|", &["latitude"]);
    }

    #[test]
    fn statements_are_offered_whole_where_one_begins() {
        offers("|", &["SELECT", "SELECT .. FROM hexads WHERE .."]);
        offers("SHOW STATUS;\nins|", &["insert", "INSERT HEXAD .. WITH .."]);
        let inside = offered("SELECT |");
        assert!(!inside.iter().any(|c| c.label.contains("..")), "{inside:?}");
    }

    #[test]
    fn calls_have_places_to_fill_in() {
        let found = offered("SELECT subs|");
        let call = found.iter().find(|c| c.label == "substring").unwrap();
        assert_eq!(call.insert, "substring(${1:text}, ${2:number})$0");
        assert_eq!(call.tail.as_deref(), Some("(text, number[, number])"));
        assert!(call.snippet);
    }

    #[test]
    fn everything_offered_can_be_explained() {
        let found = offered("SELECT |");
        let known = |c: &Candidate| {
            about(c.kind, &c.label, c.detail.as_deref(), &[], &Catalogue::default()).is_some()
        };
        assert!(found.iter().filter(|c| c.kind == ItemKind::Function).all(known));
        assert!(found.iter().filter(|c| c.kind == ItemKind::Modality).all(known));
    }
}
