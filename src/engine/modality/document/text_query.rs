//! The language of full-text queries, and what it means for one document: the law.
//!
//! `FULLTEXT CONTAINS` ([`Mode::Contains`]):
//!
//! ```text
//! any  = all { "OR" all }
//! all  = one { [ "AND" ] one }
//! one  = "NOT" one | "(" any ")" | '"' words '"' | phrase
//! phrase = word { word }           word = letters | letters "*" | letters "~" [ "0" | "1" | "2" ]
//! ```
//! Words beside each other are a phrase: they follow each other in one text. `AND`, `OR` and `NOT`
//! are operators in capitals only; `NOT` binds closest, then `AND`. `pre*` is any word that begins so,
//! `word~1` any word within that many edits of a letter (one when no number is given). Between quotes
//! all is text.
//!
//! `SEARCH TEXT` ([`Mode::SearchBox`]) finds what has any of the words, best first. Quotes make
//! phrases and `*` and `~` work as above, but there are no operators, and what is malformed is text.
//!
//! A document is searched in its title, its body and every text in its fields.

use std::collections::HashMap;

use crate::engine::base::{Error, Kind, Result, limit};

use super::Document;
use super::analyzer::{positions, words};

/// Words a query may have.
const WORDS: usize = 1024;

/// How a query reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Phrases and operators.
    Contains,
    /// Any of the words.
    SearchBox,
}

/// A full-text query.
#[derive(Clone, Debug, PartialEq)]
pub struct TextQuery {
    /// What it looks for, each once.
    pub(super) pieces: Vec<Piece>,
    /// How the pieces must occur.
    pub(super) root: Node,
    /// The pieces that count for the score: those not under a `NOT`.
    pub(super) scored: Vec<usize>,
}

/// What matches one word of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Piece {
    /// This word.
    Word(String),
    /// Words that begin so.
    Prefix(String),
    /// Words this many edits away at most.
    Fuzzy(String, u8),
}

impl Piece {
    /// Whether a word of a text is meant.
    pub(super) fn accepts(&self, word: &str) -> bool {
        match self {
            Self::Word(wanted) => word == wanted,
            Self::Prefix(start) => word.starts_with(start.as_str()),
            Self::Fuzzy(wanted, edits) => within_edits(wanted, word, usize::from(*edits)),
        }
    }
}

/// How pieces must occur; numbers point into the pieces of the query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// One after the other. One piece alone must just occur.
    Phrase(Vec<usize>),
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
}

impl Node {
    /// Whether it holds, when `phrase` says so for phrases.
    pub(super) fn holds(&self, phrase: &dyn Fn(&[usize]) -> bool) -> bool {
        match self {
            Self::Phrase(pieces) => phrase(pieces),
            Self::All(nodes) => nodes.iter().all(|node| node.holds(phrase)),
            Self::Any(nodes) => nodes.iter().any(|node| node.holds(phrase)),
            Self::Not(node) => !node.holds(phrase),
        }
    }

    /// The pieces that are not under a `NOT`, in order of appearance.
    fn positive(&self, found: &mut Vec<usize>) {
        match self {
            Self::Phrase(pieces) => {
                for piece in pieces {
                    if !found.contains(piece) {
                        found.push(*piece);
                    }
                }
            }
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().for_each(|n| n.positive(found)),
            Self::Not(_) => {}
        }
    }
}

/// Where the pieces of a query occur in one document.
#[derive(Debug)]
pub(super) struct Occurrences {
    /// By piece: positions, ascending.
    pub(super) positions: Vec<Vec<u32>>,
    /// Where the title ends.
    pub(super) title_end: u32,
    /// The words of the document.
    pub(super) length: u32,
}

impl Occurrences {
    /// How often a piece occurs, title and all, and how often in the title.
    pub(super) fn counts(&self, piece: usize) -> (u32, u32) {
        let positions = &self.positions[piece];
        let in_title = positions.partition_point(|at| *at < self.title_end);
        (positions.len() as u32, in_title as u32)
    }

    fn phrase(&self, pieces: &[usize]) -> bool {
        let Some((first, rest)) = pieces.split_first() else { return false };
        self.positions[*first].iter().any(|start| {
            (start + 1..).zip(rest).all(|(at, p)| self.positions[*p].binary_search(&at).is_ok())
        })
    }
}

impl TextQuery {
    /// Reads a query; `InvalidFullTextQuery` says what is wrong and at which character.
    pub fn parse(text: &str, mode: Mode) -> Result<Self> {
        let mut parser = Parser { tokens: Vec::new(), at: 0, pieces: Vec::new(), length: 0 };
        let root = match mode {
            Mode::Contains => {
                parser.tokens = tokens(text)?;
                parser.length = text.chars().count();
                parser.query()?
            }
            Mode::SearchBox => parser.search_box(text)?,
        };
        let mut scored = Vec::new();
        root.positive(&mut scored);
        Ok(Self { pieces: parser.pieces, root, scored })
    }

    /// Whether a document is meant. Indexes agree with this.
    pub fn matches(&self, document: &Document) -> bool {
        self.holds(&self.occurrences(document))
    }

    pub(super) fn holds(&self, occurrences: &Occurrences) -> bool {
        self.root.holds(&|pieces| occurrences.phrase(pieces))
    }

    pub(super) fn occurrences(&self, document: &Document) -> Occurrences {
        let mut found = vec![Vec::new(); self.pieces.len()];
        let mut exact: HashMap<&str, usize> = HashMap::new();
        let mut open = Vec::new();
        for (number, piece) in self.pieces.iter().enumerate() {
            if let Piece::Word(word) = piece {
                exact.insert(word, number);
            } else {
                open.push((number, piece));
            }
        }
        let (title_end, length) = positions(document, &mut |word, at| {
            if let Some(number) = exact.get(word) {
                found[*number].push(at);
            }
            for (number, piece) in &open {
                if piece.accepts(word) {
                    found[*number].push(at);
                }
            }
        });
        Occurrences { positions: found, title_end, length }
    }

    /// True when any occurrence of any piece is enough.
    pub(super) fn is_any_word(&self) -> bool {
        let single = |node: &Node| matches!(node, Node::Phrase(pieces) if pieces.len() == 1);
        single(&self.root) || matches!(&self.root, Node::Any(nodes) if nodes.iter().all(single))
    }
}

/// Whether one word becomes the other by so many insertions, deletions and substitutions of a letter.
fn within_edits(a: &str, b: &str, edits: usize) -> bool {
    if a.len().abs_diff(b.len()) > 4 * edits {
        return false;
    }
    if a.is_ascii() && b.is_ascii() {
        return a.len().abs_diff(b.len()) <= edits && within(a.bytes(), b.as_bytes(), edits);
    }
    within(a.chars(), &b.chars().collect::<Vec<_>>(), edits)
}

fn within<T: PartialEq>(a: impl Iterator<Item = T>, b: &[T], edits: usize) -> bool {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        let mut least = row[0];
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
            least = least.min(row[j + 1]);
        }
        if least > edits {
            return false;
        }
    }
    row[b.len()] <= edits
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    Quoted(String),
    Word(String),
}

/// A token and the number of its first character, from 1.
type Placed = (Token, usize);

fn invalid(message: &str, at: usize) -> Error {
    let message = format!("{message} at character {at} of the full-text query");
    Error::new(Kind::InvalidFullTextQuery, message)
}

fn tokens(text: &str) -> Result<Vec<Placed>> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().zip(1..).peekable();
    while let Some((c, at)) = chars.next() {
        match c {
            '(' => tokens.push((Token::Open, at)),
            ')' => tokens.push((Token::Close, at)),
            '"' => {
                let mut quoted = String::new();
                loop {
                    match chars.next() {
                        Some(('"', _)) => break,
                        Some((c, _)) => quoted.push(c),
                        None => return Err(invalid("a quote is never closed", at)),
                    }
                }
                tokens.push((Token::Quoted(quoted), at));
            }
            c if c.is_whitespace() => {}
            c => {
                let mut word = String::from(c);
                let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | '"');
                while let Some((c, _)) = chars.next_if(|(c, _)| !ends(*c)) {
                    word.push(c);
                }
                let token = match word.as_str() {
                    "AND" => Token::And,
                    "OR" => Token::Or,
                    "NOT" => Token::Not,
                    _ => Token::Word(word),
                };
                tokens.push((token, at));
            }
        }
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<Placed>,
    at: usize,
    pieces: Vec<Piece>,
    length: usize,
}

impl Parser {
    fn query(&mut self) -> Result<Node> {
        let node = self.any(0)?;
        match self.tokens.get(self.at) {
            None => Ok(node),
            Some((_, at)) => Err(invalid("a parenthesis is closed that was never opened", *at)),
        }
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn place(&self) -> usize {
        self.tokens.get(self.at).map_or(self.length + 1, |(_, at)| *at)
    }

    fn any(&mut self, depth: usize) -> Result<Node> {
        if depth > limit::DEPTH {
            return Err(invalid("parentheses are nested too deep", self.place()));
        }
        let mut nodes = vec![self.all(depth)?];
        while self.peek() == Some(&Token::Or) {
            self.at += 1;
            nodes.push(self.all(depth)?);
        }
        Ok(one_or(nodes, Node::Any))
    }

    fn all(&mut self, depth: usize) -> Result<Node> {
        let mut nodes = vec![self.one(depth)?];
        loop {
            match self.peek() {
                Some(Token::And) => self.at += 1,
                None | Some(Token::Or | Token::Close) => break,
                Some(_) => {}
            }
            nodes.push(self.one(depth)?);
        }
        Ok(one_or(nodes, Node::All))
    }

    fn one(&mut self, depth: usize) -> Result<Node> {
        let place = self.place();
        let mut negated = false;
        while self.peek() == Some(&Token::Not) {
            self.at += 1;
            negated = !negated;
        }
        let here = self.place();
        let node = match self.tokens.get(self.at).cloned() {
            Some((Token::Open, at)) => {
                self.at += 1;
                let node = self.any(depth + 1)?;
                if self.peek() != Some(&Token::Close) {
                    return Err(invalid("a parenthesis is never closed", at));
                }
                self.at += 1;
                node
            }
            Some((Token::Quoted(text), at)) => {
                self.at += 1;
                let mut phrase = Vec::new();
                self.text(&text, &mut phrase)?;
                phrase_of(phrase, at)?
            }
            Some((Token::Word(_), at)) => self.phrase(at)?,
            Some((Token::Close, at)) => return Err(invalid("`)` stands where words belong", at)),
            _ if here > place => return Err(invalid("`NOT` has nothing to deny", place)),
            Some((_, at)) => return Err(invalid("an operator stands where words belong", at)),
            None if self.length == 0 || self.tokens.is_empty() => {
                return Err(invalid("there is no word to search for", 1));
            }
            None => return Err(invalid("words are missing after the operator", here)),
        };
        Ok(if negated { Node::Not(Box::new(node)) } else { node })
    }

    fn phrase(&mut self, place: usize) -> Result<Node> {
        let mut phrase = Vec::new();
        while let Some((Token::Word(raw), at)) = self.tokens.get(self.at).cloned() {
            self.at += 1;
            self.raw(&raw, at, &mut phrase)?;
        }
        phrase_of(phrase, place)
    }

    /// The pieces of what stands between spaces.
    fn raw(&mut self, raw: &str, at: usize, phrase: &mut Vec<usize>) -> Result<()> {
        if let Some(start) = raw.strip_suffix('*') {
            if start.contains('*') {
                return Err(invalid("`*` stands only at the end of a word", at));
            }
            return self.special(start, at, phrase, Piece::Prefix);
        }
        if raw.contains('*') {
            return Err(invalid("`*` stands only at the end of a word", at));
        }
        match fuzzy(raw) {
            Some((word, Some(edits))) if edits <= 2 => {
                self.special(word, at, phrase, |word| Piece::Fuzzy(word, edits))
            }
            Some(_) => Err(invalid("at most 2 edits may be asked for", at)),
            None => self.text(raw, phrase),
        }
    }

    fn text(&mut self, text: &str, phrase: &mut Vec<usize>) -> Result<()> {
        let mut found = Vec::new();
        words(text, &mut |word| found.push(word.to_owned()));
        for word in found {
            phrase.push(self.piece(Piece::Word(word))?);
        }
        Ok(())
    }

    /// As [`Self::text`], with a last word that stands for others.
    fn special(
        &mut self,
        text: &str,
        at: usize,
        phrase: &mut Vec<usize>,
        last: impl Fn(String) -> Piece,
    ) -> Result<()> {
        let mut found = Vec::new();
        words(text, &mut |word| found.push(word.to_owned()));
        let Some(word) = found.pop() else {
            return Err(invalid("`*` and `~` need letters before them", at));
        };
        for word in found {
            phrase.push(self.piece(Piece::Word(word))?);
        }
        phrase.push(self.piece(last(word))?);
        Ok(())
    }

    fn piece(&mut self, piece: Piece) -> Result<usize> {
        if let Some(known) = self.pieces.iter().position(|other| *other == piece) {
            return Ok(known);
        }
        if self.pieces.len() == WORDS {
            let message = format!("a full-text query has more than {WORDS} different words");
            return Err(Error::new(Kind::InvalidFullTextQuery, message));
        }
        self.pieces.push(piece);
        Ok(self.pieces.len() - 1)
    }

    fn search_box(&mut self, text: &str) -> Result<Node> {
        let mut nodes = Vec::new();
        // Every second part lies between quotes; a quote without a partner is text.
        let parts: Vec<&str> = text.split('"').collect();
        for (number, part) in parts.iter().enumerate() {
            let mut phrase = Vec::new();
            if number % 2 == 1 && number + 1 < parts.len() {
                self.text(part, &mut phrase)?;
                nodes.push(Node::Phrase(phrase));
                continue;
            }
            for raw in part.split_whitespace() {
                if self.raw(raw, 1, &mut phrase).is_err() {
                    self.text(raw, &mut phrase)?;
                }
            }
            nodes.extend(phrase.into_iter().map(|piece| Node::Phrase(vec![piece])));
        }
        nodes.retain(|node| !matches!(node, Node::Phrase(pieces) if pieces.is_empty()));
        if nodes.is_empty() {
            return Err(invalid("there is no word to search for", 1));
        }
        Ok(one_or(nodes, Node::Any))
    }
}

fn one_or(mut nodes: Vec<Node>, several: fn(Vec<Node>) -> Node) -> Node {
    match nodes.pop() {
        Some(only) if nodes.is_empty() => only,
        last => {
            nodes.extend(last);
            several(nodes)
        }
    }
}

fn phrase_of(phrase: Vec<usize>, at: usize) -> Result<Node> {
    if phrase.is_empty() {
        return Err(invalid("there is no word to search for", at));
    }
    Ok(Node::Phrase(phrase))
}

/// `word~`, `word~2`: the word and the number, if it is one that fits.
fn fuzzy(raw: &str) -> Option<(&str, Option<u8>)> {
    let (word, number) = raw.rsplit_once('~')?;
    let digits = number.chars().all(|c| c.is_ascii_digit());
    if word.is_empty() || !digits {
        return None;
    }
    Some((word, if number.is_empty() { Some(1) } else { number.parse().ok() }))
}

#[cfg(test)]
#[path = "text_query_tests.rs"]
mod tests;
