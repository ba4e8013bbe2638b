//! What may stand at the cursor.
//!
//! The text before the word being typed is parsed, and the parser says what it tried in vain at the
//! end: that, and the names of the catalog, are the candidates. So completion knows exactly as much
//! grammar as the parser.

use super::kind::{Kw, SyntaxKind as K};
use super::lexer::{self, Flaw};
use super::parse::{Class, Expected, parse_to_end};
use super::resolve::functions::FUNCTIONS;
use super::resolve::proofs::PROOF_TYPES;
use super::resolve::registry::registered_names;
use super::resolve::{Catalog, NameKind};
use super::tree::Leaf;
use crate::engine::base::{Modality, Span};

/// No more ids than this are offered at once.
const IDS: usize = 50;

/// The words that most often go on with a statement, in the order people use them.
const CLAUSES: [Kw; 9] =
    [Kw::From, Kw::Where, Kw::And, Kw::Or, Kw::Group, Kw::Having, Kw::Order, Kw::Limit, Kw::Offset];

/// The names a completion can draw from. Every answer may be empty.
pub trait Names {
    /// Names of a kind, in any order.
    fn names(&self, of: NameKind) -> Vec<String>;

    /// Ids of hexads that start with `prefix`, at most `limit`.
    fn ids(&self, prefix: &str, limit: usize) -> Vec<String> {
        let _ = (prefix, limit);
        Vec::new()
    }

    /// Parameters that have a value, without the sign.
    fn params(&self) -> Vec<String> {
        Vec::new()
    }

    /// Prepared statements.
    fn prepared(&self) -> Vec<String> {
        Vec::new()
    }

    /// Snapshots.
    fn snapshots(&self) -> Vec<String> {
        Vec::new()
    }

    /// Variables and names of select items that the statement has around the cursor.
    fn variables(&self) -> Vec<String> {
        Vec::new()
    }
}

impl<T: Catalog> Names for T {
    fn names(&self, of: NameKind) -> Vec<String> {
        Catalog::names(self, of)
    }
}

/// What can be put in place of what was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completions {
    /// The part of the text that is replaced.
    pub replace: Span,
    /// The candidates, the likeliest first.
    pub items: Vec<Item>,
}

/// One candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What is inserted.
    pub text: String,
    /// What it is.
    pub kind: ItemKind,
    /// A few words about it.
    pub detail: Option<String>,
}

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ItemKind {
    /// A field.
    Field,
    /// The id of a hexad.
    Id,
    /// A parameter.
    Param,
    /// A modality.
    Modality,
    /// A contract.
    Contract,
    /// A type of proof.
    ProofType,
    /// A source: a collection or store.
    Source,
    /// A function.
    Function,
    /// A setting, a prepared statement, a snapshot, an edge type, a variable.
    Name,
    /// A keyword.
    Keyword,
}

/// The completions of `text` at byte `cursor`.
pub fn complete(text: &str, cursor: usize, names: &dyn Names) -> Completions {
    let mut cursor = cursor.min(text.len());
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let typed = text.get(..cursor).unwrap_or("");
    let Some(word) = word_before(typed) else {
        return Completions { replace: Span::new(cursor, cursor), items: Vec::new() };
    };
    let (parsed, expected) = parse_to_end(typed.get(..word.start).unwrap_or(""));
    let leaves: Vec<Leaf> = parsed.tree.leaves().filter(|leaf| !leaf.kind.is_trivia()).collect();
    let goes_on = leaves.last().is_some_and(|leaf| leaf.kind != K::Semicolon);
    let mut finder = Finder { typed, word, expected, goes_on, names, items: Vec::new() };
    match leaves.split_last() {
        Some((dot, before)) if dot.kind == K::Dot => finder.after_dot(before.last().copied()),
        _ => finder.all(),
    }
    Completions { replace: Span::new(finder.word.start, cursor), items: finder.finish() }
}

/// The word being typed.
#[derive(Clone, Debug)]
struct Word {
    /// Where it starts, with its quote or `$`.
    start: usize,
    /// What was typed of it, without quote and `$`.
    prefix: String,
    /// The quote it starts with.
    quote: Option<char>,
    /// The sign of a parameter it starts with.
    sign: Option<char>,
}

/// The word that ends at the end of `typed`; `None` in a comment or a number.
fn word_before(typed: &str) -> Option<Word> {
    let last = lexer::lex(typed).last().copied();
    if let Some(leaf) = last {
        let open = leaf.flaw == Some(Flaw::Unterminated);
        match leaf.kind {
            K::LineComment | K::Regex => return None,
            K::BlockComment if open => return None,
            K::String if open => {
                let text = typed.get(leaf.start..).unwrap_or("");
                let quote = text.chars().next();
                let prefix = text.chars().skip(1).collect();
                return Some(Word { start: leaf.start, prefix, quote, sign: None });
            }
            _ => {}
        }
    }
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut start = typed.trim_end_matches(is_word).len();
    // `entity-00`: hyphens inside an id, never at its start.
    while let Some(before) = typed.get(..start).and_then(|t| t.strip_suffix('-')) {
        let word = before.trim_end_matches(is_word);
        if word.len() == before.len() {
            break;
        }
        start = word.len();
    }
    let mut sign = None;
    if let Some(before) = typed.get(..start).and_then(|t| t.strip_suffix(['$', '@'])) {
        sign = typed.get(before.len()..).and_then(|t| t.chars().next());
        let prefix = typed.get(start..).unwrap_or("").to_owned();
        return Some(Word { start: before.len(), prefix, quote: None, sign });
    }
    let prefix = typed.get(start..).unwrap_or("").to_owned();
    let number = prefix.starts_with(|c: char| c.is_ascii_digit()) && !prefix.contains('-');
    (!number || prefix.chars().any(char::is_alphabetic)).then_some(Word {
        start,
        prefix,
        quote: None,
        sign,
    })
}

struct Finder<'a> {
    typed: &'a str,
    word: Word,
    expected: Expected,
    /// There is a statement before the word that has not been ended with its `;`.
    goes_on: bool,
    names: &'a dyn Names,
    items: Vec<Item>,
}

impl Finder<'_> {
    fn offer(&mut self, text: &str, kind: ItemKind, detail: Option<&str>) {
        let fits = text
            .get(..self.word.prefix.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(&self.word.prefix));
        let plain = self.word.quote.is_none() && self.word.sign.is_none();
        if fits && plain && text.len() > self.word.prefix.len() {
            let detail = detail.map(str::to_owned);
            self.items.push(Item { text: text.to_owned(), kind, detail });
        }
    }

    fn offer_names(&mut self, of: NameKind, kind: ItemKind, detail: &str) {
        let mut all = self.names.names(of);
        all.sort_unstable();
        for name in all {
            self.offer(&name, kind, Some(detail));
        }
    }

    /// Upper case, unless the user types lower case.
    fn cased(&self, word: &str) -> String {
        if self.word.prefix.chars().any(char::is_lowercase) {
            word.to_ascii_lowercase()
        } else {
            word.to_owned()
        }
    }

    /// Behind `DOCUMENT.` or `h.`: fields only.
    fn after_dot(&mut self, before: Option<Leaf>) {
        if let Some(modality) = before.and_then(|leaf| leaf.kw).and_then(Kw::modality) {
            self.fields(modality);
            if self.word.prefix.is_empty() {
                self.items.push(Item { text: "*".into(), kind: ItemKind::Field, detail: None });
            }
        } else {
            self.offer("embedding", ItemKind::Field, Some("the vector of the hexad"));
            self.fields(Modality::Document);
        }
    }

    fn fields(&mut self, modality: Modality) {
        for name in registered_names(modality) {
            self.offer(name, ItemKind::Field, Some(modality.name()));
        }
        self.offer_names(NameKind::Fields(modality), ItemKind::Field, modality.name());
    }

    fn all(&mut self) {
        self.catalog_names();
        self.ids();
        self.params();
        if self.expected.has(Class::Path) || self.expected.has(Class::Variable) {
            for name in self.names.variables() {
                self.offer(&name, ItemKind::Name, Some("variable"));
            }
        }
        if self.expected.has(Class::Modality) {
            for modality in Modality::ALL {
                let word = self.cased(modality.keyword());
                self.offer(&word, ItemKind::Modality, None);
            }
        }
        self.keywords();
        if self.expected.has(Class::ProofType) {
            for proof in PROOF_TYPES {
                let word = self.cased(proof.name);
                self.offer(&word, ItemKind::ProofType, Some(proof.about));
            }
        }
        if self.expected.has(Class::Function) {
            for signature in FUNCTIONS {
                let call = format!("{}(", signature.name());
                self.offer(&call, ItemKind::Function, Some(signature.about));
            }
        }
        if self.expected.has(Class::Path) {
            self.fields(Modality::Document);
        }
        self.any_keyword();
    }

    fn catalog_names(&mut self) {
        let kinds = [
            (Class::ContractName, NameKind::Contracts, ItemKind::Contract, "contract"),
            (Class::StoreName, NameKind::Stores, ItemKind::Source, "store"),
            (Class::Collection, NameKind::Collections, ItemKind::Source, "collection"),
            (Class::Setting, NameKind::Settings, ItemKind::Name, "setting"),
            (Class::EdgeType, NameKind::Fields(Modality::Graph), ItemKind::Name, "edge type"),
        ];
        for (class, of, kind, detail) in kinds {
            if self.expected.has(class) {
                self.offer_names(of, kind, detail);
            }
        }
        if self.expected.has(Class::Collection) || self.expected.has_keyword(Kw::Hexads) {
            self.offer("hexads", ItemKind::Source, Some("all hexads"));
        }
        if self.expected.has(Class::PreparedName) {
            for name in self.names.prepared() {
                self.offer(&name, ItemKind::Name, Some("prepared statement"));
            }
        }
        if self.expected.has(Class::SnapshotName) {
            for name in self.names.snapshots() {
                self.offer(&name, ItemKind::Name, Some("snapshot"));
            }
        }
    }

    /// Ids of hexads, quoted where they must be: where an id stands, and in `id = '..`.
    fn ids(&mut self) {
        let compared = self.word.quote.is_some() && self.compares_with_id();
        if self.word.sign.is_some() || !(self.expected.has(Class::HexadId) || compared) {
            return;
        }
        for id in self.names.ids(&self.word.prefix, IDS) {
            let bare = self.word.quote.is_none()
                && lexer::word_end(&id, 0) == Some(id.len())
                && !Kw::find(&id).is_some_and(Kw::is_never_id);
            let quote = self.word.quote.unwrap_or('\'');
            let text = if bare {
                id
            } else {
                let escaped = id.replace('\\', "\\\\").replace(quote, &format!("\\{quote}"));
                format!("{quote}{escaped}{quote}")
            };
            self.items.push(Item { text, kind: ItemKind::Id, detail: None });
        }
    }

    fn compares_with_id(&self) -> bool {
        let before = self.typed.get(..self.word.start).unwrap_or("").trim_end();
        let before = before.trim_end_matches(['=', '(']).trim_end();
        let word = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next();
        word.is_some_and(|word| word.eq_ignore_ascii_case("id"))
    }

    fn params(&mut self) {
        let wanted = self.expected.has(Class::Param) || self.expected.has(Class::Value);
        if !wanted || self.word.quote.is_some() {
            return;
        }
        let sign = self.word.sign.unwrap_or('$');
        if self.word.sign.is_none() && !self.word.prefix.is_empty() {
            return;
        }
        for name in self.names.params() {
            if name.starts_with(&self.word.prefix) {
                let text = format!("{sign}{name}");
                self.items.push(Item { text, kind: ItemKind::Param, detail: None });
            }
        }
    }

    fn keywords(&mut self) {
        let expected = self.expected.clone();
        let begins = expected.has(Class::Statement);
        // The words statements start with come in the order people use them.
        let statements: Vec<Kw> = Kw::STATEMENTS.iter().copied().filter(|_| begins).collect();
        let mut others: Vec<Kw> =
            expected.keywords().filter(|kw| !(begins && kw.starts_statement())).collect();
        // So do the clauses that nearly every statement has.
        others.sort_by_key(|kw| CLAUSES.iter().position(|c| c == kw).unwrap_or(CLAUSES.len()));
        // A statement that may go on most likely does, and another one begins when its first
        // letters are there.
        let (first, then) = match self.goes_on {
            true if self.word.prefix.is_empty() && !others.is_empty() => (others, Vec::new()),
            true => (others, statements),
            false => (statements, others),
        };
        for kw in first.into_iter().chain(then) {
            let word = self.cased(kw.word());
            self.offer(&word, ItemKind::Keyword, None);
        }
    }

    /// Nothing fits here: then a keyword that fits elsewhere is better than nothing.
    fn any_keyword(&mut self) {
        if self.items.is_empty() && !self.word.prefix.is_empty() {
            for kw in Kw::ALL {
                let word = self.cased(kw.word());
                self.offer(&word, ItemKind::Keyword, None);
            }
        }
    }

    fn finish(&mut self) -> Vec<Item> {
        let mut seen = std::collections::BTreeSet::new();
        self.items.retain(|item| seen.insert(item.text.clone()));
        std::mem::take(&mut self.items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fixed;

    impl Names for Fixed {
        fn names(&self, of: NameKind) -> Vec<String> {
            match of {
                NameKind::Fields(Modality::Document) => vec!["section".into(), "size".into()],
                NameKind::Fields(Modality::Graph) => vec!["cites".into()],
                NameKind::Contracts => vec!["FreshDocs".into()],
                _ => Vec::new(),
            }
        }

        fn ids(&self, prefix: &str, _: usize) -> Vec<String> {
            ["deb:bash", "deb:dash", "entity-1"]
                .into_iter()
                .filter(|id| id.starts_with(prefix))
                .map(str::to_owned)
                .collect()
        }

        fn params(&self) -> Vec<String> {
            vec!["query".into()]
        }

        fn variables(&self) -> Vec<String> {
            vec!["paper".into()]
        }
    }

    fn offered(typed: &str) -> (usize, Vec<String>) {
        let found = complete(typed, typed.len(), &Fixed);
        (found.replace.start as usize, found.items.into_iter().map(|i| i.text).collect())
    }

    #[track_caller]
    fn offers(typed: &str, start: usize, words: &[&str]) {
        let (at, found) = offered(typed);
        assert_eq!(at, start, "{typed}");
        for word in words {
            assert!(found.iter().any(|f| f == word), "{typed}: {word} not in {found:?}");
        }
    }

    #[test]
    fn the_place_decides() {
        offers("", 0, &["SELECT", "INSERT"]);
        offers("SEL", 0, &["SELECT"]);
        offers("sel", 0, &["select"]);
        offers("SELECT ", 7, &["GRAPH", "DOCUMENT", "COUNT"]);
        offers("SELECT FRO", 7, &["FROM"]);
        offers("COUNT(DIS", 6, &["DISTINCT"]);
        offers("SELECT COUNT(DIS", 13, &["DISTINCT"]);
        offers("SELECT GRAPH ", 13, &["FROM"]);
        offers("SELECT * FROM ", 14, &["HEXAD", "FEDERATION", "STORE", "hexads"]);
        offers("SELECT * FROM hexads ", 21, &["WHERE", "LIMIT", "ORDER", "PROOF"]);
        offers("SELECT * FROM hexads WHERE ", 27, &["FULLTEXT", "VECTOR", "NOT", "SATISFIES"]);
        offers("SELECT * FROM hexads WHERE VECTOR ", 34, &["EXISTS", "SIMILAR"]);
        offers("SELECT * FROM hexads WHERE FULLTEXT ", 36, &["CONTAINS", "MATCHES"]);
        offers("SELECT * FROM hexads WHERE SATISFIES ", 37, &["FreshDocs"]);
        offers("SELECT * FROM hexads ORDER ", 27, &["BY"]);
        offers("SELECT * FROM hexads PROOF ", 27, &["EXISTENCE", "INTEGRITY"]);
        offers("SELECT * FROM hexads LIMIT 3 ", 29, &["OFFSET"]);
        offers("SELECT * FROM hexads WHERE (h)-[:", 33, &["cites"]);
        offers("SHOW ", 5, &["STATUS", "DRIFT"]);
        offers("SELECT * FROM HEXAD x WHERE h.embedding SIMILAR TO [1] USING ", 61, &["COSINE"]);
        let (_, found) = offered("SELECT * FROM hexads LIMIT 3 ");
        assert!(!found.iter().any(|f| f == "WHERE"), "{found:?}");
        let (_, found) = offered("SELECT * FROM hexads ");
        assert!(!found.iter().any(|f| f == "INSERT"), "{found:?}");
        offers("SELECT * FROM hexads\nINS", 21, &["INSERT"]);
        let (_, found) = offered("SELECT * FROM hexads WHERE SATISFIES F");
        assert_eq!(found, ["FreshDocs"]);
    }

    #[test]
    fn names_of_the_catalog_come_in() {
        offers("SELECT DOCUMENT.se", 16, &["section"]);
        offers("SELECT * FROM hexads WHERE DOCUMENT.si", 36, &["size"]);
        offers("SELECT * FROM HEXAD ent", 20, &["entity-1"]);
        offers("SELECT * FROM HEXAD 'deb:b", 20, &["'deb:bash'"]);
        offers("SELECT * FROM HEXAD deb", 20, &["'deb:bash'", "'deb:dash'"]);
        offers("SELECT * FROM hexads WHERE id = 'deb:d", 32, &["'deb:dash'"]);
        offers("SELECT * FROM hexads WHERE id = $q", 32, &["$query"]);
        offers("SELECT pa", 7, &["paper"]);
        offers("SELECT * FROM hexads WHERE (h)-[:cites]->(", 42, &["paper"]);
    }

    #[test]
    fn comments_and_odd_places_are_quiet() {
        assert!(offered("SELECT * -- FRO").1.is_empty());
        assert!(offered("SELECT * FROM hexads LIMIT 1").1.is_empty());
        for cursor in 0..12 {
            complete("SELECT 'é日 x", cursor, &Fixed);
        }
    }
}
