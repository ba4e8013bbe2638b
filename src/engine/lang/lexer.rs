//! Text to leaves.
//!
//! The lexer looks one token back and never ahead of what it returns: after `FEDERATION` a `/`
//! starts a path glob (even `/*`, elsewhere a comment), after `MATCHES` it starts a regular
//! expression. Bare ids with hyphens are not its business: where one may stand, the parser asks for
//! [`word_end`] at the place. Nothing is ever lost: the leaves cover the text without gaps.

use super::kind::{Kw, SyntaxKind};

/// A leaf as the lexer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lexed {
    /// What.
    pub kind: SyntaxKind,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// The keyword it would be, when it is a word.
    pub kw: Option<Kw>,
    /// What is wrong with it.
    pub flaw: Option<Flaw>,
}

/// What can be wrong with a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A string, comment or regular expression without its end.
    Unterminated,
    /// A number that runs into a word (`12abc`).
    BadNumber,
}

/// What the lexer remembers between two leaves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Context {
    /// The last leaf that was not trivia.
    last: Last,
    /// Quotes found to have no partner in the rest of the text: (`'`, `"`).
    ///
    /// After the first such quote, strings of its kind must end on their own line. It keeps lexing
    /// linear, and one forgotten quote does not hide the rest of the text.
    lonely: (bool, bool),
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Other,
    /// `.` or `FIELD`: a keyword after it is a name.
    Qualifier,
    /// `DETECT` and its sisters: `FEDERATION` after it is a flag.
    DriftAction,
    Federation,
    Legacy,
    Matches,
}

impl Context {
    /// The context behind a bare id.
    #[must_use]
    pub fn after_id(mut self) -> Self {
        self.last = Last::Other;
        self
    }
}

/// Cuts one leaf off `text` at `at`; `at` must be a character boundary before the end.
pub fn next(text: &str, at: usize, context: &mut Context) -> Lexed {
    let mut scan = Scan { bytes: text.as_bytes(), text, start: at, at };
    let (kind, flaw) = scan.leaf(context);
    let end = scan.at;
    let kw = match kind {
        SyntaxKind::Word => text.get(at..end).and_then(Kw::find),
        _ => None,
    };
    if !kind.is_trivia() {
        context.last = context.last.after(kind, kw);
    }
    Lexed { kind, start: at, end, kw, flaw }
}

impl Last {
    fn after(self, kind: SyntaxKind, kw: Option<Kw>) -> Self {
        match (kind, kw) {
            (SyntaxKind::Dot, _) => Self::Qualifier,
            (SyntaxKind::LegacySource, _) => Self::Legacy,
            (SyntaxKind::Word, Some(_)) if self == Self::Qualifier => Self::Other,
            (SyntaxKind::Word, Some(kw)) => match kw {
                Kw::Field => Self::Qualifier,
                Kw::Detect | Kw::Repair | Kw::Verify | Kw::History | Kw::Metrics => {
                    Self::DriftAction
                }
                Kw::Federation if self != Self::DriftAction => Self::Federation,
                Kw::Matches => Self::Matches,
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

/// All leaves of a text.
pub fn lex(text: &str) -> Vec<Lexed> {
    let mut context = Context::default();
    let mut leaves = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let leaf = next(text, at, &mut context);
        at = leaf.end;
        leaves.push(leaf);
    }
    leaves
}

/// Where a bare id that starts at `at` ends: letters, digits and `_`, single hyphens and dots
/// between them. `None` when there is none, or when it has no letter and is not a UUID (then it is a
/// number or an instant).
pub fn word_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_word = |i: usize| bytes.get(i).is_some_and(|b| is_word_byte(*b));
    let mut end = at;
    while is_word(end) {
        end += 1;
    }
    if end == at {
        return None;
    }
    while matches!(bytes.get(end), Some(b'-' | b'.')) && is_word(end + 1) {
        end += 1;
        while is_word(end) {
            end += 1;
        }
    }
    let word = text.get(at..end)?;
    let named = word.bytes().any(|b| b.is_ascii_alphabetic() || b == b'_');
    (named || is_uuid(word)).then_some(end)
}

fn is_uuid(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    parts.iter().map(|p| p.len()).eq([8, 4, 4, 4, 12])
        && word.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

/// Where a version number (`1.0`, `1.2.3`) that starts at `at` ends.
pub fn version_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |mut i: usize| {
        let from = i;
        while bytes.get(i).is_some_and(u8::is_ascii_digit) {
            i += 1;
        }
        (i > from).then_some(i)
    };
    let dotted = |i: usize| (bytes.get(i) == Some(&b'.')).then(|| digits(i + 1)).flatten();
    let minor = dotted(digits(at)?)?;
    let end = dotted(minor).unwrap_or(minor);
    (!bytes.get(end).is_some_and(|b| is_word_byte(*b) || *b == b'.')).then_some(end)
}

/// Letters, digits and `_`.
#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it")]
const WORD_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0_u8;
    while b < 128 {
        table[b as usize] = b.is_ascii_alphanumeric() || b == b'_';
        b += 1;
    }
    table
};

fn is_word_byte(b: u8) -> bool {
    WORD_BYTES.get(usize::from(b)).copied().unwrap_or(false)
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    start: usize,
    at: usize,
}

type Leaf = (SyntaxKind, Option<Flaw>);

impl Scan<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn skip_while(&mut self, test: impl Fn(u8) -> bool) {
        while self.bytes.get(self.at).is_some_and(|b| test(*b)) {
            self.at += 1;
        }
    }

    fn leaf(&mut self, context: &mut Context) -> Leaf {
        match self.peek(0) {
            b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c => self.blanks(),
            b'-' if self.peek(1) == b'-' => {
                self.skip_while(|b| b != b'\n');
                self.trim_carriage_return();
                (SyntaxKind::LineComment, None)
            }
            b'/' => self.slash(*context),
            b'\'' => self.string(b'\'', &mut context.lonely.0),
            b'"' => self.string(b'"', &mut context.lonely.1),
            b'0'..=b'9' => self.number(),
            b'$' | b'@' if is_word_byte(self.peek(1)) => {
                self.at += 1;
                self.skip_while(is_word_byte);
                (SyntaxKind::Param, None)
            }
            b if b.is_ascii_alphabetic() || b == b'_' => self.word(),
            _ => self.sign(),
        }
    }

    fn blanks(&mut self) -> Leaf {
        self.skip_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c));
        (SyntaxKind::Whitespace, None)
    }

    /// The `\r` of a line end is not part of the comment before it.
    fn trim_carriage_return(&mut self) {
        while self.at > self.start && self.bytes.get(self.at - 1) == Some(&b'\r') {
            self.at -= 1;
        }
    }

    fn word(&mut self) -> Leaf {
        self.skip_while(is_word_byte);
        let word = self.text.get(self.start..self.at).unwrap_or("");
        let next = self.peek(1);
        let named = next.is_ascii_alphabetic() || next == b'_';
        if self.peek(0) == b':' && named && word.eq_ignore_ascii_case("verisim") {
            self.at += 1;
            while is_word_byte(self.peek(0)) || (self.peek(0) == b'/' && self.peek(1) != b'*') {
                self.at += 1;
            }
            return (SyntaxKind::LegacySource, None);
        }
        (SyntaxKind::Word, None)
    }

    /// A comment, a glob, a regular expression, or a lone `/`.
    fn slash(&mut self, context: Context) -> Leaf {
        let glob = match context.last {
            Last::Federation => self.glob_end(true),
            Last::Legacy => self.glob_end(self.follows_word() && !self.comment_closes()),
            _ => None,
        };
        if let Some(end) = glob {
            self.at = end;
            return (SyntaxKind::Glob, None);
        }
        if self.peek(1) == b'*' {
            return self.block_comment();
        }
        if context.last == Last::Matches {
            return self.regex();
        }
        self.at += 1;
        (SyntaxKind::Slash, None)
    }

    fn follows_word(&self) -> bool {
        self.start
            .checked_sub(1)
            .and_then(|at| self.bytes.get(at))
            .is_some_and(|b| is_word_byte(*b))
    }

    /// `verisim:x/* c */` has a comment; `verisim:x/*` with none that ends, or with another that
    /// begins first, is a path.
    fn comment_closes(&self) -> bool {
        let inside = self.bytes.get(self.start + 2..).unwrap_or(&[]);
        let edge = |pair: &[u8]| pair == b"/*" || pair == b"*/";
        inside.windows(2).find(|pair| edge(pair)).is_some_and(|pair| pair == b"*/")
    }

    fn glob_end(&self, bare: bool) -> Option<usize> {
        let byte = |i: usize| self.bytes.get(i).copied().unwrap_or(0);
        let is_segment = |b: u8| is_word_byte(b) || b == b'.' || b == b'-';
        let mut at = self.start;
        let mut end = None;
        while byte(at) == b'/' {
            let mut i = at + 1;
            if byte(i) == b'*' {
                i += if byte(i + 1) == b'*' { 2 } else { 1 };
                return (bare || at > self.start).then_some(i).or(end);
            }
            while is_segment(byte(i)) {
                // `--` starts a comment even here.
                if byte(i) == b'-' && byte(i + 1) == b'-' {
                    break;
                }
                i += 1;
            }
            if i == at + 1 {
                break;
            }
            end = Some(i);
            at = i;
        }
        end
    }

    fn block_comment(&mut self) -> Leaf {
        self.at += 2;
        let rest = self.text.get(self.at..).unwrap_or("");
        if let Some(length) = rest.find("*/") {
            self.at += length + 2;
            (SyntaxKind::BlockComment, None)
        } else {
            self.at = self.bytes.len();
            (SyntaxKind::BlockComment, Some(Flaw::Unterminated))
        }
    }

    fn regex(&mut self) -> Leaf {
        self.at += 1;
        while self.at < self.bytes.len() {
            match self.peek(0) {
                b'/' => {
                    self.at += 1;
                    return (SyntaxKind::Regex, None);
                }
                b'\n' => break,
                b'\\' if self.peek(1) != b'\n' => self.skip_char_after(1),
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.bytes.len());
        self.trim_carriage_return();
        (SyntaxKind::Regex, Some(Flaw::Unterminated))
    }

    /// Skips `ahead` bytes and one whole character.
    fn skip_char_after(&mut self, ahead: usize) {
        self.at += ahead;
        let width =
            self.text.get(self.at..).and_then(|t| t.chars().next()).map_or(1, char::len_utf8);
        self.at += width;
    }

    fn string(&mut self, quote: u8, lonely: &mut bool) -> Leaf {
        self.at += 1;
        let mut line_end = None;
        while let Some(b) = self.bytes.get(self.at).copied() {
            match b {
                b'\\' => self.skip_char_after(1),
                b if b == quote && self.peek(1) == quote => self.at += 2,
                b if b == quote => {
                    self.at += 1;
                    return (SyntaxKind::String, None);
                }
                b'\n' if *lonely => break,
                b'\n' => {
                    line_end.get_or_insert(self.at);
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        *lonely = true;
        self.at = line_end.unwrap_or(self.at).min(self.bytes.len());
        self.trim_carriage_return();
        (SyntaxKind::String, Some(Flaw::Unterminated))
    }

    fn number(&mut self) -> Leaf {
        if let Some(end) = self.timestamp_end() {
            self.at = end;
            return (SyntaxKind::Timestamp, None);
        }
        self.skip_while(|b| b.is_ascii_digit());
        if self.peek(0) == b'.' && self.peek(1).is_ascii_digit() {
            self.at += 1;
            self.skip_while(|b| b.is_ascii_digit());
        }
        if matches!(self.peek(0), b'e' | b'E') {
            let sign = usize::from(matches!(self.peek(1), b'+' | b'-'));
            if self.peek(1 + sign).is_ascii_digit() {
                self.at += 1 + sign;
                self.skip_while(|b| b.is_ascii_digit());
            }
        }
        if is_word_byte(self.peek(0)) {
            self.skip_while(is_word_byte);
            return (SyntaxKind::Number, Some(Flaw::BadNumber));
        }
        (SyntaxKind::Number, None)
    }

    /// `dddd-dd-dd[Tdd:dd[:dd[.d+]][zone]]`
    fn timestamp_end(&self) -> Option<usize> {
        let byte = |i: usize| self.bytes.get(i).copied().unwrap_or(0);
        let digits = |i: usize, n: usize| (i..i + n).all(|i| byte(i).is_ascii_digit());
        let at = self.start;
        let date = digits(at, 4) && byte(at + 4) == b'-' && digits(at + 5, 2);
        if !(date && byte(at + 7) == b'-' && digits(at + 8, 2)) {
            return None;
        }
        let mut end = at + 10;
        if byte(end) == b'T' && digits(end + 1, 2) && byte(end + 3) == b':' && digits(end + 4, 2) {
            end += 6;
            if byte(end) == b':' && digits(end + 1, 2) {
                end += 3;
                if byte(end) == b'.' && byte(end + 1).is_ascii_digit() {
                    end += 1;
                    while byte(end).is_ascii_digit() {
                        end += 1;
                    }
                }
            }
            end = zone_end(byte, end);
        }
        (!is_word_byte(byte(end))).then_some(end)
    }

    fn sign(&mut self) -> Leaf {
        use SyntaxKind as K;
        let (kind, length) = match (self.peek(0), self.peek(1), self.peek(2)) {
            (b'.', b'.', b'.') => (K::Ellipsis, 3),
            (b'.', b'.', _) => (K::DotDot, 2),
            (b'=', b'=', _) => (K::EqualEqual, 2),
            (b'=', b'>', _) => (K::FatArrow, 2),
            (b'!', b'=', _) => (K::NotEqual, 2),
            (b'<', b'>', _) => (K::LessGreater, 2),
            (b'<', b'=', _) => (K::LessEqual, 2),
            (b'<', b'-', b'[') => (K::BackArrow, 2),
            (b'>', b'=', _) => (K::GreaterEqual, 2),
            (b'-', b'>', _) => (K::Arrow, 2),
            (b'.', ..) => (K::Dot, 1),
            (b'=', ..) => (K::Equal, 1),
            (b'<', ..) => (K::Less, 1),
            (b'>', ..) => (K::Greater, 1),
            (b'-', ..) => (K::Minus, 1),
            (b'+', ..) => (K::Plus, 1),
            (b'*', ..) => (K::Star, 1),
            (b'(', ..) => (K::LeftParen, 1),
            (b')', ..) => (K::RightParen, 1),
            (b'[', ..) => (K::LeftBracket, 1),
            (b']', ..) => (K::RightBracket, 1),
            (b'{', ..) => (K::LeftBrace, 1),
            (b'}', ..) => (K::RightBrace, 1),
            (b',', ..) => (K::Comma, 1),
            (b';', ..) => (K::Semicolon, 1),
            (b':', ..) => (K::Colon, 1),
            (b'?', ..) => (K::Question, 1),
            (b'|', ..) => (K::Bar, 1),
            _ => return self.other(),
        };
        self.at += length;
        (kind, None)
    }

    /// A sign outside ASCII, a byte order mark, or a run of what the language does not have.
    fn other(&mut self) -> Leaf {
        let rest = self.text.get(self.start..).unwrap_or("");
        let kind = match rest.chars().next() {
            Some('∀') => SyntaxKind::ForAll,
            Some('∃') => SyntaxKind::ThereIs,
            Some('∈') => SyntaxKind::ElementOf,
            Some('\u{feff}' | '\u{a0}' | '\u{2028}' | '\u{2029}') => SyntaxKind::Whitespace,
            _ => SyntaxKind::Unknown,
        };
        let stray = |c: char| {
            let sign =
                matches!(c, '∀' | '∃' | '∈' | '\u{feff}' | '\u{a0}' | '\u{2028}' | '\u{2029}');
            !sign && (!c.is_ascii() || c.is_ascii_control() && !c.is_ascii_whitespace())
        };
        let length = match kind {
            SyntaxKind::Unknown => {
                let first = rest.chars().next().map_or(1, char::len_utf8);
                let more: usize =
                    rest.chars().skip(1).take_while(|c| stray(*c)).map(char::len_utf8).sum();
                first + more
            }
            _ => rest.chars().next().map_or(1, char::len_utf8),
        };
        self.at += length;
        (kind, None)
    }
}

/// `Z`, `+02:00`, `-0500`, or nothing.
fn zone_end(byte: impl Fn(usize) -> u8, at: usize) -> usize {
    let digits = |i: usize| byte(i).is_ascii_digit() && byte(i + 1).is_ascii_digit();
    match byte(at) {
        b'Z' => at + 1,
        b'+' | b'-' if digits(at + 1) && byte(at + 3) == b':' && digits(at + 4) => at + 6,
        b'+' | b'-' if digits(at + 1) && digits(at + 3) => at + 5,
        _ => at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use SyntaxKind as K;

    fn kinds(text: &str) -> Vec<SyntaxKind> {
        lex(text).iter().map(|l| l.kind).filter(|k| *k != K::Whitespace).collect()
    }

    #[test]
    fn the_leaves_cover_the_text() {
        for text in ["SELECT 'a\\'b' -- c\r\n/*", "\u{0}\u{1}é日 ~", "'", "\"\n\"\n'", "/a", "1..5"]
        {
            let joined: String = lex(text).iter().map(|l| &text[l.start..l.end]).collect();
            assert_eq!(joined, text);
        }
    }

    #[test]
    fn a_slash_means_what_stands_before_it() {
        assert_eq!(kinds("FEDERATION /a-b/*"), [K::Word, K::Glob]);
        assert_eq!(kinds("FEDERATION /*"), [K::Word, K::Glob]);
        assert_eq!(kinds("FEDERATION -- c\n /a/b/**"), [K::Word, K::LineComment, K::Glob]);
        assert_eq!(kinds("x /* c */ y"), [K::Word, K::BlockComment, K::Word]);
        assert_eq!(kinds("h.federation /* c */"), [K::Word, K::Dot, K::Word, K::BlockComment]);
        assert_eq!(kinds("DETECT FEDERATION /* c */"), [K::Word, K::Word, K::BlockComment]);
        assert_eq!(kinds("matches /a\\/b;/ x"), [K::Word, K::Regex, K::Word]);
        assert_eq!(kinds("FIELD matches /* c */"), [K::Word, K::Word, K::BlockComment]);
        assert_eq!(kinds("verisim:x /u/*"), [K::LegacySource, K::Glob]);
        assert_eq!(kinds("verisim:x /* c */"), [K::LegacySource, K::BlockComment]);
        assert_eq!(kinds("verisim:x/* c */"), [K::LegacySource, K::BlockComment]);
        assert_eq!(kinds("verisim:x/*"), [K::LegacySource, K::Glob]);
        assert_eq!(kinds("verisim:x/* /* c */"), [K::LegacySource, K::Glob, K::BlockComment]);
        assert_eq!(kinds("verisim:x/y/** z"), [K::LegacySource, K::Glob, K::Word]);
    }

    #[test]
    fn numbers_instants_and_ranges() {
        assert_eq!(kinds("1..5"), [K::Number, K::DotDot, K::Number]);
        assert_eq!(kinds("2024-06-15T10:30:00Z"), [K::Timestamp]);
        assert_eq!(kinds("2024-06-15T10:30:00.5+0200"), [K::Timestamp]);
        assert_eq!(kinds("2024-06-15"), [K::Timestamp]);
        assert_eq!(kinds("1.5e-3"), [K::Number]);
        assert_eq!(lex("12abc")[0].flaw, Some(Flaw::BadNumber));
        assert_eq!(kinds("x<-5"), [K::Word, K::Less, K::Minus, K::Number]);
        assert_eq!(kinds("(a)<-[:T]-(b)")[3], K::BackArrow);
    }

    #[test]
    fn an_open_string_ends_with_its_line() {
        let leaves = lex("a 'b\nSELECT \"x\" 'c' 'd\n'");
        let open: Vec<_> = leaves.iter().filter(|l| l.flaw.is_some()).collect();
        assert_eq!(open.len(), 1, "{leaves:?}");
        let leaves = lex("x \"open\nAND y");
        assert_eq!(leaves[2].flaw, Some(Flaw::Unterminated));
        assert_eq!((leaves[2].start, leaves[2].end), (2, 7));
        assert_eq!(leaves[4].kw, Some(Kw::And));
    }

    #[test]
    fn ids_have_hyphens_dots_and_at_least_a_letter() {
        let word = |text: &str| word_end(text, 0).map(|end| text[..end].to_owned());
        assert_eq!(word("abc-123 x").as_deref(), Some("abc-123"));
        assert_eq!(word("CC-BY-4.0)").as_deref(), Some("CC-BY-4.0"));
        assert_eq!(word("a--b").as_deref(), Some("a"));
        assert_eq!(word("123e4567-e89b-12d3-a456-426614174000").map(|w| w.len()), Some(36));
        assert_eq!(word("00000000-0000-4000-8000-000000000000").map(|w| w.len()), Some(36));
        assert_eq!(word("123"), None);
        assert_eq!(word("2024-01-01"), None);
        assert_eq!(version_end("1.2.3;", 0), Some(5));
        assert_eq!(version_end("1;", 0), None);
    }
}
