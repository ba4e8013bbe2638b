//! The machine under the productions: leaves ahead, the tree, errors, recovery, limits.

use super::expected::{Class, Expected};
use super::{Parse, literal};
use crate::engine::base::{Kind, Span, limit};
use crate::engine::lang::ast::{Name, Script};
use crate::engine::lang::diag::{Diagnostic, closest};
use crate::engine::lang::kind::{Kw, SyntaxKind as K};
use crate::engine::lang::lexer::{self, Context, Flaw, Lexed};
use crate::engine::lang::tree::{Builder, Checkpoint, Leaf};

/// No text gets more diagnostics than this.
const DIAGNOSTICS: usize = 200;

/// A leaf not yet consumed, where the trivia before it ends, and the lexer as it was before both.
#[derive(Clone, Copy)]
struct Ahead {
    leaf: Lexed,
    trivia_end: usize,
    before: Context,
}

pub(super) struct Parser<'a> {
    pub(super) text: &'a str,
    /// The leaves ahead are those from `front` on; a list is emptied rather than shifted.
    ahead: Vec<Ahead>,
    front: usize,
    /// Where lexing goes on.
    at: usize,
    context: Context,
    builder: Builder,
    /// The trivia before the leaves ahead, in order.
    trivia: Vec<Lexed>,
    /// How many of them a node has already got.
    given: usize,
    diagnostics: Vec<Diagnostic>,
    pub(super) expected: Expected,
    /// What could stand at the end of the text, kept from the first error there.
    expected_at_end: Option<Expected>,
    /// End of the last significant leaf consumed.
    pub(super) last_end: usize,
    statement_start: usize,
    depth: usize,
    /// How many parentheses are open around the condition or query ahead.
    parens: usize,
    /// An error was reported and the parser has not found its feet again: further ones are noise.
    pub(super) panicking: bool,
    /// A limit was exceeded: nothing more is said about this statement.
    gave_up: bool,
    /// Start of the last flawed leaf that was reported.
    last_flaw: Option<usize>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            ahead: Vec::with_capacity(8),
            front: 0,
            at: 0,
            context: Context::default(),
            builder: Builder::new(),
            trivia: Vec::new(),
            given: 0,
            diagnostics: Vec::new(),
            expected: Expected::default(),
            expected_at_end: None,
            last_end: 0,
            statement_start: 0,
            depth: 0,
            parens: 0,
            panicking: false,
            gave_up: false,
            last_flaw: None,
        }
    }

    pub(super) fn finish(mut self, script: Script) -> (Parse, Expected) {
        self.take_trivia();
        let expected = self.expected_at_end.take().unwrap_or_else(|| self.expected.clone());
        self.diagnostics.sort_by_key(|d| d.span.start);
        let parse = Parse { tree: self.builder.take(), script, diagnostics: self.diagnostics };
        (parse, expected)
    }

    /// What was parsed since the last part, and a new tree begun.
    pub(super) fn part(&mut self, script: Script) -> Parse {
        let mut diagnostics = std::mem::take(&mut self.diagnostics);
        diagnostics.sort_by_key(|d| d.span.start);
        Parse { tree: self.builder.take(), script, diagnostics }
    }

    // ----- leaves ahead

    /// Makes sure that there are `n + 1` leaves ahead.
    #[inline]
    fn fill(&mut self, n: usize) {
        if self.ahead.len() <= self.front + n {
            self.look_ahead(n);
        }
    }

    #[inline(never)]
    fn look_ahead(&mut self, n: usize) {
        while self.ahead.len() <= self.front + n {
            let before = self.context;
            let leaf = loop {
                if self.at >= self.text.len() {
                    let end = self.text.len();
                    break Lexed { kind: K::Eof, start: end, end, kw: None, flaw: None };
                }
                let leaf = lexer::next(self.text, self.at, &mut self.context);
                self.at = leaf.end;
                if !leaf.kind.is_trivia() {
                    break leaf;
                }
                self.trivia.push(leaf);
            };
            self.ahead.push(Ahead { leaf, trivia_end: self.trivia.len(), before });
        }
    }

    /// The `n`th significant leaf ahead.
    #[inline]
    pub(super) fn nth(&mut self, n: usize) -> Lexed {
        self.fill(n);
        self.ahead.get(self.front + n).map_or(
            Lexed { kind: K::Eof, start: self.at, end: self.at, kw: None, flaw: None },
            |a| a.leaf,
        )
    }

    #[inline]
    pub(super) fn kind(&mut self) -> K {
        self.nth(0).kind
    }

    #[inline]
    pub(super) fn kw(&mut self) -> Option<Kw> {
        self.nth(0).kw
    }

    #[inline]
    pub(super) fn nth_kw(&mut self, n: usize) -> Option<Kw> {
        self.nth(n).kw
    }

    #[inline]
    pub(super) fn nth_kind(&mut self, n: usize) -> K {
        self.nth(n).kind
    }

    pub(super) fn text_of(&self, leaf: Lexed) -> &'a str {
        self.text.get(leaf.start..leaf.end).unwrap_or("")
    }

    pub(super) fn span(&mut self) -> Span {
        let leaf = self.nth(0);
        Span::new(leaf.start, leaf.end)
    }

    /// From `start` to the end of what was consumed last.
    pub(super) fn since(&self, start: usize) -> Span {
        Span::new(start, self.last_end.max(start))
    }

    #[inline]
    pub(super) fn start(&mut self) -> usize {
        self.nth(0).start
    }

    /// Nothing more in this statement.
    pub(super) fn at_end(&mut self) -> bool {
        matches!(self.kind(), K::Eof | K::Semicolon)
    }

    /// Makes the leaf ahead a bare id, if one can be read there.
    pub(super) fn relex_word(&mut self) -> bool {
        let leaf = self.nth(0);
        if leaf.kind == K::Id {
            return true;
        }
        if !matches!(leaf.kind, K::Word | K::Number | K::Timestamp | K::LegacySource) {
            return false;
        }
        let Some(end) = lexer::word_end(self.text, leaf.start) else { return false };
        self.relex(K::Id, end);
        true
    }

    /// Makes the leaf ahead a version number, if one can be read there.
    pub(super) fn relex_version(&mut self) -> bool {
        let leaf = self.nth(0);
        let Some(end) = lexer::version_end(self.text, leaf.start) else { return false };
        self.relex(K::Number, end);
        true
    }

    /// Takes the leaf ahead to be `kind` up to `end`, and everything behind it anew.
    fn relex(&mut self, kind: K, end: usize) {
        self.ahead.truncate(self.front + 1);
        if let Some(ahead) = self.ahead.get_mut(self.front) {
            self.trivia.truncate(ahead.trivia_end);
            ahead.leaf.kind = kind;
            ahead.leaf.flaw = None;
            if ahead.leaf.end != end {
                ahead.leaf.kw = None;
                ahead.leaf.end = end;
            }
            self.at = end;
            self.context = ahead.before.after_id();
        }
    }

    // ----- consuming

    /// Consumes the leaf ahead in the given role.
    pub(super) fn bump_as(&mut self, role: K) -> Lexed {
        self.fill(0);
        let Some(Ahead { leaf, trivia_end, .. }) = self.ahead.get(self.front).copied() else {
            return self.nth(0);
        };
        if leaf.kind == K::Eof {
            return leaf;
        }
        self.front += 1;
        self.give_trivia(trivia_end);
        self.report_flaw(leaf);
        self.push_leaf(leaf, role);
        if self.front == self.ahead.len() {
            self.front = 0;
            self.ahead.clear();
            self.trivia.clear();
            self.given = 0;
        }
        self.last_end = leaf.end;
        self.expected.clear();
        self.check_size();
        leaf
    }

    pub(super) fn bump(&mut self) -> Lexed {
        let kind = self.kind();
        self.bump_as(kind)
    }

    #[inline]
    fn push_leaf(&mut self, lexed: Lexed, kind: K) {
        let span = Span::new(lexed.start, lexed.end);
        self.builder.leaf(Leaf { kind, span, kw: lexed.kw });
    }

    /// The trivia up to `end` belongs to the node that is open now.
    fn give_trivia(&mut self, end: usize) {
        while self.given < end {
            let Some(trivia) = self.trivia.get(self.given).copied() else { return };
            self.given += 1;
            self.report_flaw(trivia);
            self.push_leaf(trivia, trivia.kind);
        }
    }

    // ----- the tree

    /// Opens a node before the leaf ahead.
    pub(super) fn open(&mut self, kind: K) {
        self.take_trivia();
        self.builder.open(kind);
    }

    pub(super) fn checkpoint(&mut self) -> Checkpoint {
        self.take_trivia();
        self.builder.checkpoint()
    }

    pub(super) fn open_at(&mut self, checkpoint: Checkpoint, kind: K) {
        self.builder.open_at(checkpoint, kind);
    }

    pub(super) fn close(&mut self) {
        self.builder.close();
    }

    /// The comments ahead on this line belong to the node that is open now; gives where they end.
    pub(super) fn take_trivia_of_line(&mut self) -> usize {
        self.fill(0);
        let all = self.ahead.get(self.front).map_or(0, |ahead| ahead.trivia_end);
        let ahead = self.trivia.get(self.given..all).unwrap_or(&[]);
        let ends_line =
            |leaf: &Lexed| leaf.kind == K::Whitespace && self.text_of(*leaf).contains('\n');
        let line = ahead.iter().position(ends_line).and_then(|end| ahead.get(..end));
        let comment = line.unwrap_or(ahead).iter().rposition(|leaf| leaf.kind.is_comment());
        let end = self.given + comment.map_or(0, |last| last + 1);
        self.give_trivia(end);
        let next = self.trivia.get(end).filter(|_| end < all).map(|leaf| leaf.start);
        next.unwrap_or_else(|| self.start())
    }

    /// The trivia ahead belongs to the node that is open now.
    pub(super) fn take_trivia(&mut self) {
        self.fill(0);
        let end = self.ahead.get(self.front).map_or(0, |ahead| ahead.trivia_end);
        self.give_trivia(end);
    }

    // ----- asking

    #[inline]
    pub(super) fn at(&mut self, kw: Kw) -> bool {
        self.expected.keyword(kw);
        self.kw() == Some(kw)
    }

    #[inline]
    pub(super) fn at_sign(&mut self, kind: K) -> bool {
        self.expected.sign(kind);
        self.kind() == kind
    }

    pub(super) fn eat(&mut self, kw: Kw) -> bool {
        let there = self.at(kw);
        if there {
            self.bump_as(K::Keyword);
        }
        there
    }

    pub(super) fn eat_sign(&mut self, kind: K) -> bool {
        let there = self.at_sign(kind);
        if there {
            self.bump();
        }
        there
    }

    #[inline]
    pub(super) fn want(&mut self, class: Class) {
        self.expected.class(class);
    }

    /// Consumes the keyword or reports that it is missing.
    pub(super) fn expect(&mut self, kw: Kw) -> bool {
        let there = self.eat(kw);
        if !there {
            self.unexpected();
        }
        there
    }

    /// Consumes the sign or reports that it is missing.
    pub(super) fn expect_sign(&mut self, kind: K) -> bool {
        let there = self.eat_sign(kind);
        if !there {
            self.unexpected();
        }
        there
    }

    // ----- errors

    /// Reports an error, unless it follows from one already reported.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        if self.kind() == K::Eof && self.expected_at_end.is_none() {
            self.expected_at_end = Some(self.expected.clone());
        }
        if self.panicking || self.gave_up {
            return;
        }
        let leaf = self.nth(0);
        self.panicking = true;
        if leaf.flaw.is_some() && leaf.start == diagnostic.span.start as usize {
            self.report_flaw(leaf);
            return;
        }
        self.push(diagnostic);
    }

    /// Reports something that does not disturb the parse.
    pub(super) fn note(&mut self, diagnostic: Diagnostic) {
        if !(self.gave_up || self.panicking && diagnostic.is_error()) {
            self.push(diagnostic);
        }
    }

    fn push(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    #[inline]
    fn report_flaw(&mut self, leaf: Lexed) {
        if leaf.flaw.is_some() {
            self.report_flawed(leaf);
        }
    }

    fn report_flawed(&mut self, leaf: Lexed) {
        if self.gave_up || self.last_flaw.is_some_and(|at| at >= leaf.start) {
            return;
        }
        if let Some(flaw) = leaf.flaw {
            self.last_flaw = Some(leaf.start);
            let diagnostic = flaw_diagnostic(leaf, flaw, self.text_of(leaf));
            self.push(diagnostic);
        }
    }

    /// The leaf ahead is wrong for another reason than its own flaw.
    pub(super) fn forgive_flaw(&mut self) {
        self.fill(0);
        if let Some(ahead) = self.ahead.get_mut(self.front) {
            ahead.leaf.flaw = None;
        }
    }

    /// Reports the leaf ahead, with all that could have stood there.
    pub(super) fn unexpected(&mut self) {
        let words = self.expected.words();
        self.unexpected_but(&words);
    }

    /// Reports the leaf ahead, with what should have stood there.
    pub(super) fn unexpected_but(&mut self, expected: &[impl AsRef<str>]) {
        let diagnostic = self.unexpected_diagnostic(Kind::UnexpectedToken, expected);
        self.report(diagnostic);
    }

    pub(super) fn unexpected_diagnostic(
        &mut self,
        kind: Kind,
        expected: &[impl AsRef<str>],
    ) -> Diagnostic {
        let leaf = self.nth(0);
        let shown = literal::shown(self.text_of(leaf));
        let message = match leaf.kind {
            K::Eof => "unexpected end of input".to_owned(),
            K::Semicolon => "unexpected end of the statement".to_owned(),
            _ => format!("unexpected {shown}"),
        };
        // At the end, point behind the last word rather than at the next line.
        let span = match leaf.kind {
            K::Eof => Span::new(self.last_end, self.last_end),
            _ => Span::new(leaf.start, leaf.end),
        };
        let mut diagnostic = Diagnostic::error(kind, span, message)
            .expected(expected.iter().map(|e| e.as_ref().to_owned()));
        if leaf.kind == K::Word {
            let words: Vec<&str> = self.expected.keywords().map(Kw::word).collect();
            if let Some(best) = closest(self.text_of(leaf), words) {
                diagnostic = diagnostic.hint(format!("did you mean `{best}`?")).fix(span, best);
            }
        }
        diagnostic
    }

    // ----- recovery

    /// Skips leaves into an `Error` node until `stop` says so or the statement ends; then the
    /// parser has its feet on the ground again.
    pub(super) fn recover(&mut self, stop: impl Fn(Lexed) -> bool) {
        if !self.panicking {
            return;
        }
        self.skip_until(stop);
        self.panicking = self.gave_up;
    }

    pub(super) fn skip_until(&mut self, stop: impl Fn(Lexed) -> bool) {
        let mut opened = false;
        // Brackets opened in what is skipped are closed in it.
        let mut inner = 0_usize;
        loop {
            let leaf = self.nth(0);
            let closes = matches!(leaf.kind, K::RightParen | K::RightBracket | K::RightBrace);
            let own = closes && inner > 0;
            if matches!(leaf.kind, K::Eof | K::Semicolon) || (!self.gave_up && !own && stop(leaf)) {
                break;
            }
            match leaf.kind {
                K::LeftParen | K::LeftBracket | K::LeftBrace => inner += 1,
                _ if own => inner -= 1,
                _ => {}
            }
            if !opened {
                self.open(K::Error);
                opened = true;
            }
            self.bump();
        }
        if opened {
            self.close();
        }
    }

    /// Reports a limit and skips the rest of the statement.
    fn give_up(&mut self, kind: Kind, span: Span, message: String, hint: &str) {
        if self.gave_up {
            return;
        }
        self.push(Diagnostic::error(kind, span, message).hint(hint));
        self.gave_up = true;
        self.panicking = true;
        self.skip_until(|_| false);
    }

    /// Runs `inside` one level deeper, or gives up.
    pub(super) fn deeper<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= limit::DEPTH {
            let span = self.span();
            let message = format!("nested deeper than {} levels", limit::DEPTH);
            self.give_up(Kind::NestingTooDeep, span, message, "split the statement");
            return None;
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        Some(result)
    }

    /// The same, between parentheses.
    pub(super) fn inside_parens<T>(&mut self, inside: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.parens += 1;
        let result = self.deeper(inside);
        self.parens = self.parens.saturating_sub(1);
        result
    }

    /// Goes on at the next `AND`, `OR`, clause, or the `)` that closes what is around.
    pub(super) fn recover_in_condition(&mut self) {
        let closes = self.parens > 0;
        self.recover(|leaf| {
            let word = |kw: Kw| kw.is_reserved() && !matches!(kw, Kw::Hexad | Kw::Not);
            (closes && leaf.kind == K::RightParen) || leaf.kw.is_some_and(word)
        });
    }

    pub(super) fn begin_statement(&mut self) {
        self.statement_start = self.start();
        self.depth = 0;
        self.parens = 0;
        self.panicking = false;
        self.gave_up = false;
    }

    /// Gives up when the statement is over its size.
    fn check_size(&mut self) {
        if self.last_end.saturating_sub(self.statement_start) > limit::STATEMENT_BYTES {
            let span = Span::new(self.statement_start, self.statement_start);
            let message = format!("statement over {} bytes", limit::STATEMENT_BYTES);
            self.give_up(
                Kind::StatementTooLarge,
                span,
                message,
                "load large data with `vql migrate import` or pass it as a parameter",
            );
        }
    }

    // ----- names

    /// Consumes a word in a role, as a name.
    pub(super) fn bump_name(&mut self, role: K) -> Name {
        let leaf = self.bump_as(role);
        Name { text: self.text_of(leaf).to_owned(), span: Span::new(leaf.start, leaf.end) }
    }

    /// A name that is not reserved.
    pub(super) fn name(&mut self, class: Class) -> Option<Name> {
        self.want(class);
        let leaf = self.nth(0);
        if leaf.kind == K::Word && !leaf.kw.is_some_and(Kw::is_reserved) {
            return Some(self.bump_name(K::Name));
        }
        self.expected_name(class);
        None
    }

    /// Any word, reserved or not.
    pub(super) fn any_name(&mut self, class: Class) -> Option<Name> {
        self.want(class);
        if self.kind() == K::Word {
            return Some(self.bump_name(K::Name));
        }
        self.unexpected_but(&[class.describe()]);
        None
    }

    fn expected_name(&mut self, class: Class) {
        let mut diagnostic = self.unexpected_diagnostic(Kind::UnexpectedToken, &[class.describe()]);
        if let Some(kw) = self.kw().filter(|kw| kw.is_reserved()) {
            diagnostic.fix = None;
            diagnostic.hint = Some(format!("`{}` is a reserved word", kw.word()));
        }
        self.report(diagnostic);
    }

    /// A name that is missing after an error.
    pub(super) fn missing_name(&mut self) -> Name {
        Name { text: String::new(), span: Span::new(self.last_end, self.last_end) }
    }
}

fn flaw_diagnostic(leaf: Lexed, flaw: Flaw, text: &str) -> Diagnostic {
    let span = Span::new(leaf.start, leaf.end);
    match (flaw, leaf.kind) {
        (Flaw::BadNumber, _) => Diagnostic::error(
            Kind::InvalidNumber,
            span,
            format!("malformed number {}", literal::shown(text)),
        )
        .hint("a name may not start with a digit; put a space after the number"),
        (Flaw::Unterminated, K::BlockComment) => Diagnostic::error(
            Kind::UnterminatedString,
            Span::new(leaf.start, leaf.start + 2),
            "comment is never closed",
        )
        .hint("close it with `*/`"),
        (Flaw::Unterminated, K::Regex) => {
            Diagnostic::error(Kind::UnterminatedString, span, "regular expression is never closed")
                .hint("close it with `/` on the same line")
        }
        (Flaw::Unterminated, _) => {
            let quote = text.chars().next().unwrap_or('\'');
            Diagnostic::error(Kind::UnterminatedString, span, "string is never closed")
                .hint(format!("close it with `{quote}`"))
        }
    }
}
