//! A text put together from its statements: laid out, or left as they are.
//!
//! Left as it is, byte for byte, is what has syntax errors, what stands between `-- fmt: off` and
//! `-- fmt: on`, and a statement with `-- fmt: skip` in it, before it or behind it on its line.

use super::doc::Doc;
use super::rules::Rules;
use super::writer::Writer;
use super::{Options, proof};
use crate::engine::base::Span;
use crate::engine::lang::diag::Diagnostic;
use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::parse::{Chunk, chunks};

/// No text gets more diagnostics than this.
const DIAGNOSTICS: usize = 200;

/// A text in the standard layout.
#[derive(Clone, Debug)]
pub struct Formatted {
    /// All of it.
    pub text: String,
    /// Why statements were left as they are, in the order of the text; at most 200 reasons.
    pub diagnostics: Vec<Diagnostic>,
    /// How many statements were left as they are because of errors.
    pub broken: usize,
}

/// Formats a text statement by statement. What has errors is left as it is and reported.
pub fn format_script(text: &str, options: Options) -> Formatted {
    let mut script = Script::new(text, options);
    for chunk in chunks(text) {
        script.add(&chunk);
    }
    script.end();
    Formatted { text: script.out, diagnostics: script.diagnostics, broken: script.broken }
}

/// The text as it grows. What a chunk adds begins with the line end before it.
pub(super) struct Script<'a> {
    text: &'a str,
    options: Options,
    pub(super) out: String,
    /// The chunk at hand, laid out; and the document it is printed from.
    laid: String,
    doc: Doc,
    diagnostics: Vec<Diagnostic>,
    broken: usize,
    /// Between `fmt: off` and `fmt: on`.
    off: bool,
    /// The text was copied up to its very end.
    complete: bool,
}

/// What is done with a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// Lay it out, but for what stands before this byte.
    LayOut(u32),
    /// Leave it as it is.
    Keep,
}

impl<'a> Script<'a> {
    pub(super) fn new(text: &'a str, options: Options) -> Self {
        Self {
            text,
            options,
            out: String::with_capacity(text.len() + text.len() / 8),
            laid: String::new(),
            doc: Doc::default(),
            diagnostics: Vec::new(),
            broken: 0,
            off: false,
            complete: false,
        }
    }

    /// Adds a chunk in the standard layout.
    pub(super) fn add(&mut self, chunk: &Chunk) {
        let was_off = self.off;
        let wish = self.wish(chunk);
        match wish {
            Wish::Keep => self.keep(chunk, was_off, self.off),
            Wish::LayOut(from) => match self.lay_out(chunk, from) {
                Ok(()) => {
                    let mut start = chunk.span.start;
                    if from > start {
                        self.copy_from(start, from, was_off);
                        start = from;
                    }
                    if !self.laid.is_empty() {
                        self.separate(self.is_spaced(chunk, start));
                        self.out.push_str(self.laid.trim_end_matches('\n'));
                    }
                }
                Err(found) => {
                    self.broken += 1;
                    let room = DIAGNOSTICS.saturating_sub(self.diagnostics.len());
                    self.diagnostics.extend(found.into_iter().take(room));
                    self.keep(chunk, was_off, false);
                }
            },
        }
    }

    /// Adds a chunk as it is, for somebody who wants others laid out.
    pub(super) fn pass(&mut self, chunk: &Chunk) {
        self.wish(chunk);
        self.push(chunk.span);
    }

    /// Ends the last line.
    pub(super) fn end(&mut self) {
        if !(self.complete || self.out.is_empty() || self.out.ends_with('\n')) {
            self.out.push('\n');
        }
    }

    /// Lays a chunk out into `laid`.
    fn lay_out(&mut self, chunk: &Chunk, from: u32) -> Result<(), Vec<Diagnostic>> {
        let parse = &chunk.parse;
        if !parse.is_ok() {
            return Err(parse.errors().cloned().collect());
        }
        let writer = Writer::new(&parse.tree, self.text, from, std::mem::take(&mut self.doc));
        let rules = Rules::new(writer, self.text, self.options.case);
        let mut doc = rules.script(&parse.tree).finish();
        self.laid.clear();
        doc.print(self.options.width, self.options.indent, &mut self.laid);
        doc.clear();
        self.doc = doc;
        // What comes out as it went in needs no proof.
        if self.laid.trim_end() == self.text.get(chunk.span.range()).unwrap_or("").trim() {
            return Ok(());
        }
        proof::check(self.text, chunk, from, &self.laid)
    }

    /// Follows the comments that speak to the formatter.
    fn wish(&mut self, chunk: &Chunk) -> Wish {
        let mut wish = if self.off { Wish::Keep } else { Wish::LayOut(0) };
        if !chunk.parse.tree.is_commented() {
            return wish;
        }
        let mut skip = false;
        let mut before_statement = true;
        for leaf in chunk.parse.tree.leaves() {
            if !leaf.kind.is_trivia() {
                before_statement = false;
            } else if leaf.kind.is_comment()
                && let Some(word) = directive(leaf.text(self.text))
            {
                match word {
                    Directive::Skip => skip = true,
                    Directive::Off => (self.off, wish) = (true, Wish::Keep),
                    Directive::On => {
                        self.off = false;
                        if before_statement && wish == Wish::Keep {
                            wish = Wish::LayOut(leaf.span.end);
                        }
                    }
                }
            }
        }
        if skip { Wish::Keep } else { wish }
    }

    /// Copies a chunk. Where formatting was off before it, the blanks before it are copied too, and
    /// where it stays off, those behind it.
    fn keep(&mut self, chunk: &Chunk, was_off: bool, stays_off: bool) {
        let at_end = chunk.span.end as usize == self.text.len();
        let leaves = || chunk.parse.tree.leaves().filter(|leaf| leaf.kind != K::Whitespace);
        let Some(last) = leaves().next_back() else {
            if was_off {
                self.push(chunk.span);
            }
            return;
        };
        let broken_to_end = at_end && !chunk.parse.is_ok();
        let end = if stays_off || broken_to_end { chunk.span.end } else { last.span.end };
        self.copy_from(chunk.span.start, end, was_off);
        self.complete = at_end && (stays_off || broken_to_end);
    }

    /// Copies the text from the first word or comment behind `start`, with the blanks before it on
    /// its line, or from `start` itself.
    fn copy_from(&mut self, start: u32, end: u32, exactly: bool) {
        if exactly {
            self.push(Span { start, end });
            return;
        }
        let stretch = self.text.get(start as usize..end as usize).unwrap_or("");
        let body = stretch.trim_start_matches(is_blank);
        let blanks = stretch.get(..stretch.len() - body.len()).unwrap_or("");
        self.separate(blanks.matches('\n').count() > 1);
        let line = blanks.rsplit_once('\n').map(|(_, line)| line);
        let indent = line.or_else(|| (start == 0).then_some(blanks)).unwrap_or("");
        let indent = indent.trim_start_matches(|c| !matches!(c, ' ' | '\t'));
        self.out.push_str(indent);
        self.out.push_str(body);
    }

    fn push(&mut self, span: Span) {
        self.out.push_str(self.text.get(span.range()).unwrap_or(""));
        self.complete = span.end as usize == self.text.len();
    }

    /// True when an empty line stands before the first word or comment behind `start`.
    fn is_spaced(&self, chunk: &Chunk, start: u32) -> bool {
        let text = self.text.get(start as usize..chunk.span.end as usize).unwrap_or("");
        let blanks = text.len() - text.trim_start_matches(is_blank).len();
        text.get(..blanks).unwrap_or("").matches('\n').count() > 1
    }

    /// Ends the line, and leaves one empty if there was one.
    fn separate(&mut self, spaced: bool) {
        if self.out.is_empty() {
            return;
        }
        if !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        if spaced && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }
}

/// What the lexer takes for blanks.
fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t'
            | '\r'
            | '\n'
            | '\u{b}'
            | '\u{c}'
            | '\u{feff}'
            | '\u{a0}'
            | '\u{2028}'
            | '\u{2029}'
    )
}

/// What a comment can say to the formatter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Directive {
    Off,
    On,
    Skip,
}

fn directive(comment: &str) -> Option<Directive> {
    let words = comment.strip_prefix("--").or_else(|| comment.strip_prefix("/*"))?;
    let words = words.trim_end_matches("*/").trim();
    match words.strip_prefix("fmt:")?.trim() {
        "off" => Some(Directive::Off),
        "on" => Some(Directive::On),
        "skip" => Some(Directive::Skip),
        _ => None,
    }
}
