//! A text cut into statements, each parsed and judged once and kept while its words stay the same.
//!
//! An edit parses the statements around it again and no others: a part knows its places from its
//! own start, so that those behind the edit move without being touched. Nothing here speaks the
//! protocol; places are bytes.

use std::collections::BTreeSet;
use std::sync::Arc;

use parking_lot::Mutex;

use super::catalogue::Catalogue;
use super::document::Text;
use crate::engine::base::Span;
use crate::engine::lang::ast::{Statement, StatementKind};
use crate::engine::lang::lexer::{Flaw, lex};
use crate::engine::lang::parse::{Parse, chunks};
use crate::engine::lang::{Diagnostic, lint, parse};

/// What a text says, statement by statement.
#[derive(Clone, Debug)]
pub struct Analysis {
    text: Arc<Text>,
    /// The parts in order, without gaps.
    parts: Vec<Placed>,
}

/// A part and where it begins.
#[derive(Clone, Debug)]
struct Placed {
    start: u32,
    end: u32,
    parsed: Arc<Parsed>,
}

/// What is kept of a part wherever it stands.
#[derive(Debug)]
struct Parsed {
    parse: Parse,
    /// A quote or comment is open in it: where it ends depends on all text behind it.
    open: bool,
    /// What was found, and by which state of the catalogue.
    findings: Mutex<Option<(u64, Arc<[Diagnostic]>)>>,
}

/// One statement with the blanks and comments before it, its `;` and the comments behind that on
/// its line. The last part of a text may hold no statement.
///
/// All places in [`Part::parse`] count from the start of the part.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// Which part of the text it is.
    pub index: usize,
    /// Where it begins in the text.
    pub start: u32,
    /// Its text.
    pub text: &'a str,
    parsed: &'a Parsed,
}

impl<'a> Part<'a> {
    /// Where all of it stands in the text.
    pub fn span(&self) -> Span {
        Span { start: self.start, end: self.start + self.text.len() as u32 }
    }

    /// Its tree, what it says, and the errors of the parser.
    pub fn parse(&self) -> &'a Parse {
        &self.parsed.parse
    }

    /// The statement, if there is one.
    pub fn statement(&self) -> Option<&'a Statement> {
        self.parsed.parse.script.statements.first()
    }

    /// A place of the part as a place of the text.
    pub fn absolute(&self, span: Span) -> Span {
        Span { start: span.start + self.start, end: span.end + self.start }
    }

    /// A place of the text as a place of the part, clamped to it.
    pub fn relative(&self, offset: usize) -> usize {
        offset.saturating_sub(self.start as usize).min(self.text.len())
    }

    /// What parser, checker and linter find, with places of the part.
    pub fn findings(&self, catalogue: &Catalogue) -> Arc<[Diagnostic]> {
        let generation = catalogue.generation();
        let mut kept = self.parsed.findings.lock();
        if let Some((of, found)) = &*kept
            && *of == generation
        {
            return Arc::clone(found);
        }
        let found: Arc<[Diagnostic]> = lint::findings(self.text, self.parse(), catalogue).into();
        *kept = Some((generation, Arc::clone(&found)));
        found
    }
}

impl Analysis {
    /// Parses a text.
    pub fn of(text: Arc<Text>) -> Self {
        let parts = Cutter { text: text.as_str(), at: 0 }.collect();
        Self { text, parts }
    }

    /// The analysis of a text that came from the one of `self` by an edit.
    #[must_use]
    pub fn edited(&self, text: Arc<Text>) -> Self {
        let (old, new) = (self.text.as_str(), text.as_str());
        let same = common_prefix(old.as_bytes(), new.as_bytes());
        let tail = common_suffix(old.as_bytes(), new.as_bytes(), same);
        let mut parts = self.untouched_before(same);
        let at = parts.last().map_or(0, |part: &Placed| part.end as usize);
        // Where the edit ends, in the new text.
        let fresh = new.len() - tail;
        for part in (Cutter { text: new, at }) {
            if part.start as usize >= fresh
                && let Some(rest) = self.parts_from(part.start, old.len(), new.len())
            {
                parts.extend(rest);
                return Self { text, parts };
            }
            parts.push(part);
        }
        Self { text, parts }
    }

    /// The parts that cannot change by an edit behind `same`.
    ///
    /// The parser looks a few leaves ahead, so the two parts before the edit are parsed again.
    fn untouched_before(&self, same: usize) -> Vec<Placed> {
        let before = self.parts.partition_point(|part| part.end as usize <= same);
        let kept = before.saturating_sub(2);
        let kept = self.parts.iter().take(kept).position(|p| p.parsed.open).unwrap_or(kept);
        self.parts.iter().take(kept).cloned().collect()
    }

    /// The old parts that begin at byte `start` of the new text, moved to their new places.
    fn parts_from(&self, start: u32, old: usize, new: usize) -> Option<Vec<Placed>> {
        let origin = (start as usize + old).checked_sub(new)? as u32;
        let first = self.parts.binary_search_by_key(&origin, |part| part.start).ok()?;
        let shift = |place: u32| (place as usize + new).saturating_sub(old) as u32;
        let rest = self.parts.get(first..)?;
        Some(
            rest.iter()
                .map(|part| Placed {
                    start: shift(part.start),
                    end: shift(part.end),
                    parsed: Arc::clone(&part.parsed),
                })
                .collect(),
        )
    }

    /// All of the text.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// The text with its lines.
    pub fn lines(&self) -> &Arc<Text> {
        &self.text
    }

    /// How many parts there are.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// True for an empty text.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// A part by its index.
    pub fn part(&self, index: usize) -> Option<Part<'_>> {
        let placed = self.parts.get(index)?;
        let text = self.text().get(placed.start as usize..placed.end as usize)?;
        Some(Part { index, start: placed.start, text, parsed: &placed.parsed })
    }

    /// The parts in order.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = Part<'_>> {
        (0..self.parts.len()).filter_map(|index| self.part(index))
    }

    /// The part a cursor at byte `offset` works on: the one that ends there rather than the one
    /// that begins there, unless it ended with its `;`.
    pub fn at(&self, offset: usize) -> Option<Part<'_>> {
        let next = self.parts.partition_point(|part| (part.end as usize) < offset);
        let found = self.part(next).or_else(|| self.part(self.parts.len().checked_sub(1)?))?;
        let ended = found.span().end as usize == offset && found.text.ends_with(';');
        if ended { self.part(next + 1).or(Some(found)) } else { Some(found) }
    }

    /// The parts that have a place in common with `range`.
    pub fn touching(&self, range: Span) -> impl Iterator<Item = Part<'_>> {
        let first = self.parts.partition_point(|part| part.end < range.start);
        let parts = (first..self.parts.len()).filter_map(|index| self.part(index));
        parts.take_while(move |part| part.start <= range.end)
    }

    /// The names of the contracts that the text creates.
    pub fn contracts(&self) -> BTreeSet<String> {
        let created = |part: Part<'_>| match &part.statement()?.kind {
            StatementKind::CreateContract(contract) => Some(contract.name.text.clone()),
            _ => None,
        };
        self.parts().filter_map(created).collect()
    }

    /// What they find in what has a place in common with `range`, with places of the text.
    pub fn findings_in(&self, range: Span, catalogue: &Catalogue) -> Vec<Diagnostic> {
        let near =
            |found: &Diagnostic| found.span.start <= range.end && range.start <= found.span.end;
        let mut found = if self.text().contains("allow-file") {
            self.findings(catalogue, usize::MAX, &|| false)
        } else {
            let parts = self.touching(range);
            let of = |part: Part<'_>| {
                let all = part.findings(catalogue);
                all.iter().map(|found| moved(found, part)).collect::<Vec<_>>()
            };
            parts.flat_map(of).collect()
        };
        found.retain(near);
        found
    }

    /// What parser, checker and linter find in the whole text, with places of the text; at most
    /// `most`, and none any more once `stopped` says so.
    pub fn findings(
        &self,
        catalogue: &Catalogue,
        most: usize,
        stopped: &dyn Fn() -> bool,
    ) -> Vec<Diagnostic> {
        // A comment that speaks for the whole text has to be judged by the whole text.
        if self.text().contains("allow-file") {
            let mut found = lint::findings(self.text(), &parse(self.text()), catalogue);
            found.truncate(most);
            return found;
        }
        let mut all = Vec::new();
        for part in self.parts() {
            if all.len() >= most || stopped() {
                break;
            }
            all.extend(part.findings(catalogue).iter().map(|found| moved(found, part)));
        }
        all.truncate(most);
        all
    }
}

/// A finding with places of the text.
fn moved(found: &Diagnostic, part: Part<'_>) -> Diagnostic {
    let mut found = found.clone();
    found.span = part.absolute(found.span);
    if let Some(fix) = &mut found.fix {
        fix.span = part.absolute(fix.span);
    }
    found
}

/// Cuts a text into parts, one after the other; each is parsed as if the text began with it.
struct Cutter<'a> {
    text: &'a str,
    at: usize,
}

impl Iterator for Cutter<'_> {
    type Item = Placed;

    fn next(&mut self) -> Option<Placed> {
        let rest = self.text.get(self.at..)?;
        let chunk = chunks(rest).next()?;
        let start = self.at;
        self.at += chunk.span.end as usize;
        let words = rest.get(chunk.span.range()).unwrap_or("");
        let parse = chunk.parse;
        let open = !parse.diagnostics.is_empty()
            && lex(words).iter().any(|leaf| leaf.flaw == Some(Flaw::Unterminated));
        let parsed = Arc::new(Parsed { parse, open, findings: Mutex::new(None) });
        Some(Placed { start: start as u32, end: self.at as u32, parsed })
    }
}

/// How many bytes two texts begin with alike.
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    const STEP: usize = 256;
    let steps = a.chunks_exact(STEP).zip(b.chunks_exact(STEP));
    let at = steps.take_while(|(a, b)| a == b).count() * STEP;
    let rest = a.get(at..).unwrap_or(&[]).iter().zip(b.get(at..).unwrap_or(&[]));
    at + rest.take_while(|(a, b)| a == b).count()
}

/// How many bytes two texts end with alike, behind their first `from` bytes.
fn common_suffix(a: &[u8], b: &[u8], from: usize) -> usize {
    const STEP: usize = 256;
    let (a, b) = (a.get(from..).unwrap_or(&[]), b.get(from..).unwrap_or(&[]));
    let steps = a.rchunks_exact(STEP).zip(b.rchunks_exact(STEP));
    let at = steps.take_while(|(a, b)| a == b).count() * STEP;
    let a = a.get(..a.len() - at).unwrap_or(&[]);
    let b = b.get(..b.len() - at).unwrap_or(&[]);
    at + a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn analysis(text: &str) -> Analysis {
        Analysis::of(Arc::new(Text::new(text.to_owned())))
    }

    fn shape(analysis: &Analysis) -> Vec<String> {
        let catalogue = Catalogue::default();
        analysis
            .parts()
            .map(|part| {
                let leaves: Vec<_> = part.parse().tree.leaves().collect();
                format!(
                    "{:?} {:?} {leaves:?} {:?}",
                    part.span(),
                    part.text,
                    part.findings(&catalogue)
                )
            })
            .collect()
    }

    #[test]
    fn a_cursor_belongs_to_the_statement_it_ends() {
        let text = "SHOW STATUS; SHOW PEERS -- x\n;\n";
        let parts = analysis(text);
        let index = |at| parts.at(at).unwrap().index;
        assert_eq!((index(0), index(11), index(12), index(24)), (0, 0, 1, 1));
        assert_eq!(index(text.len()), parts.len() - 1);
        assert!(analysis("").at(0).is_none());
    }

    #[test]
    fn findings_have_places_of_the_text() {
        let text = "SHOW STATUS;\nSELECT DOCUMENT FROM hexads;\nSELEC;";
        let found = analysis(text).findings(&Catalogue::default(), 100, &|| false);
        let words: Vec<&str> = found.iter().map(|d| &text[d.span.range()]).collect();
        assert!(words.contains(&"SELEC"), "{found:#?}");
        assert!(found.iter().any(|d| d.name() == "VQL001" && d.span.start >= 13), "{found:#?}");
    }

    #[test]
    fn an_edit_keeps_the_statements_far_from_it() {
        let text = "SELECT DOCUMENT FROM hexads LIMIT 1;\n".repeat(50);
        let before = analysis(&text);
        let at = text.len() / 2;
        let edited = format!("{}x{}", &text[..at], &text[at..]);
        let after = before.edited(Arc::new(Text::new(edited)));
        let kept = |p: &&Placed| before.parts.iter().any(|old| Arc::ptr_eq(&old.parsed, &p.parsed));
        assert!(after.parts.iter().filter(kept).count() >= 46);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn an_edited_analysis_is_the_one_of_the_new_text(
            words in prop::collection::vec(WORDS, 0..40),
            edits in prop::collection::vec((0.0..1.0f64, 0usize..12, WORDS), 1..6),
        ) {
            let mut text = words.join(" ");
            let mut kept = analysis(&text);
            for (share, length, new) in edits {
                let mut from = (text.len() as f64 * share) as usize;
                while !text.is_char_boundary(from) { from -= 1; }
                let mut to = (from + length).min(text.len());
                while !text.is_char_boundary(to) { to += 1; }
                text.replace_range(from..to, &new);
                kept = kept.edited(Arc::new(Text::new(text.clone())));
                prop_assert_eq!(shape(&kept), shape(&analysis(&text)), "{:?}", text);
                let joined: String = kept.parts().map(|part| part.text).collect();
                prop_assert_eq!(&joined, &text);
            }
        }
    }

    const WORDS: &str = "SELECT a FROM hexads|SHOW STATUS|FROM FEDERATION /\\*|;|;|;\n|'|\"|é😀|\n|-- c\n|/\\* d \\*/|/\\*|\\*/|WHERE|a = 1|\\(|\\)|LIMIT 1| ";
}
