//! A diagnostic as people read it: the line of the text with carets under the place.

use std::fmt::Write as _;

use unicode_width::UnicodeWidthChar as _;

use super::{Diagnostic, Severity};
use crate::engine::base::span::Places;

/// How to show it.
#[derive(Clone, Copy, Debug)]
pub struct RenderOptions<'a> {
    /// What the text is called: a file name or `<stdin>`.
    pub name: &'a str,
    /// With ANSI colors.
    pub color: bool,
    /// Columns of the screen; longer lines are cut around the place.
    pub width: usize,
}

impl Default for RenderOptions<'_> {
    fn default() -> Self {
        Self { name: "<stdin>", color: false, width: 120 }
    }
}

/// How many expected words are listed before the rest is only counted.
const EXPECTED_SHOWN: usize = 12;
/// A tab is shown as this many spaces.
const TAB: usize = 4;

/// The snippet, ending with a line feed:
///
/// ```text
/// error[InvalidModality]: unknown modality `VECTRO`
///   --> <stdin>:1:15
///    |
///  1 | SELECT GRAPH, VECTRO FROM hexads
///    |               ^^^^^^ expected one of GRAPH, VECTOR, ..
///    = help: did you mean `VECTOR`?
/// ```
pub fn render(places: &Places<'_>, diagnostic: &Diagnostic, options: &RenderOptions<'_>) -> String {
    let place = places.at(diagnostic.span.start as usize);
    let paint = Paint { on: options.color, severity: diagnostic.severity };
    let number = place.line.to_string();
    let gutter = " ".repeat(number.len() + 2);
    let bar = paint.frame("|");
    let snippet = Snippet::of(places, diagnostic, options.width.saturating_sub(gutter.len() + 2));

    let mut out = String::new();
    let head = format!("{}[{}]", diagnostic.severity.name(), diagnostic.name());
    let message = one_line(&diagnostic.message);
    let _ = writeln!(out, "{}: {}", paint.head(&head), paint.strong(&message));
    let arrow = paint.frame("-->");
    let indent = " ".repeat(number.len() + 1);
    let _ = writeln!(out, "{indent}{arrow} {}:{}:{}", options.name, place.line, place.column);
    let _ = writeln!(out, "{gutter}{bar}");
    let _ = writeln!(out, " {} {bar} {}", paint.frame(&number), snippet.line);
    let pad = " ".repeat(snippet.before);
    let carets = "^".repeat(snippet.carets);
    let label = label(&diagnostic.expected);
    let marks = if label.is_empty() { carets } else { format!("{carets} {label}") };
    let _ = writeln!(out, "{gutter}{bar} {pad}{}", paint.head(&marks));
    if let Some(hint) = &diagnostic.hint {
        let _ = writeln!(out, "{gutter}{} help: {}", paint.frame("="), one_line(hint));
    }
    out
}

/// What could stand there, in one phrase.
fn label(expected: &[String]) -> String {
    match expected {
        [] => String::new(),
        [one] => format!("expected {one}"),
        many => {
            let shown: Vec<&str> = many.iter().take(EXPECTED_SHOWN).map(String::as_str).collect();
            let rest = many.len() - shown.len();
            let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
            format!("expected one of {}{more}", shown.join(", "))
        }
    }
}

/// A message may quote the text, and the text may hold line feeds or terminal controls.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// One line of the text made printable, and where the carets go under it.
struct Snippet {
    line: String,
    before: usize,
    carets: usize,
}

impl Snippet {
    fn of(places: &Places<'_>, diagnostic: &Diagnostic, width: usize) -> Self {
        let width = width.max(20);
        let text = places.text();
        let start = places.at(diagnostic.span.start as usize).offset as usize;
        let end = places.at(diagnostic.span.end as usize).offset as usize;
        let line = Line::around(text, start, width);
        let from = (start - line.start).min(line.text.len());
        let to = end.saturating_sub(line.start).clamp(from, line.text.len());

        let cells: Vec<Cell> = line.text.char_indices().map(|(at, c)| Cell::of(at, c)).collect();
        let columns = |range: std::ops::Range<usize>| -> usize {
            cells.iter().filter(|c| range.contains(&c.at)).map(|c| c.width).sum()
        };
        let (before, carets) = (columns(0..from), columns(from..to).max(1));
        cut(&cells, before, carets, width)
    }
}

/// What is looked at of a line: all of it, or of a very long one what is near the place.
struct Line<'a> {
    text: &'a str,
    start: usize,
}

impl<'a> Line<'a> {
    /// Keeps more than `width` columns on both sides, so that [`cut`] sees that there is more: a
    /// column is 4 bytes at most, but for marks without a width.
    fn around(text: &'a str, place: usize, width: usize) -> Self {
        let reach = 16 * width;
        let (low, high) = (place.saturating_sub(reach), place.saturating_add(reach));
        let (low, high) = (text.ceil_char_boundary(low), text.floor_char_boundary(high));
        let head = text.get(low..place).unwrap_or("");
        let tail = text.get(place..high).unwrap_or("");
        let start = head.rfind('\n').map_or(low, |at| low + at + 1);
        let end = tail.find('\n').map_or(high, |at| place + at);
        let line = text.get(start..end).unwrap_or("");
        Self { text: line.trim_end_matches('\r'), start }
    }
}

/// A character as it is shown.
struct Cell {
    at: usize,
    shown: char,
    width: usize,
    repeat: usize,
}

impl Cell {
    fn of(at: usize, c: char) -> Self {
        match c {
            '\t' => Self { at, shown: ' ', width: TAB, repeat: TAB },
            c if c.is_control() => Self { at, shown: '\u{fffd}', width: 1, repeat: 1 },
            c => Self { at, shown: c, width: c.width().unwrap_or(0), repeat: 1 },
        }
    }
}

/// Keeps the part of a long line around the carets.
fn cut(cells: &[Cell], before: usize, carets: usize, width: usize) -> Snippet {
    let total: usize = cells.iter().map(|c| c.width).sum();
    let print = |cells: &[&Cell]| -> String {
        cells.iter().flat_map(|c| std::iter::repeat_n(c.shown, c.repeat)).collect()
    };
    if total <= width {
        let all: Vec<&Cell> = cells.iter().collect();
        return Snippet { line: print(&all), before, carets };
    }
    let room = width - 2;
    let left = before.saturating_sub(room / 3).min(total.saturating_sub(room));
    let (mut column, mut skipped, mut kept) = (0, 0, Vec::new());
    for cell in cells {
        if column < left {
            skipped += cell.width;
        } else if column + cell.width <= left + room {
            kept.push(cell);
        }
        column += cell.width;
    }
    let head = if skipped > 0 { "…" } else { "" };
    let tail = if left + room < total { "…" } else { "" };
    let before = before - skipped + head.chars().count();
    let carets = carets.min((room + 1).saturating_sub(before)).max(1);
    Snippet { line: format!("{head}{}{tail}", print(&kept)), before, carets }
}

/// ANSI colors, or none.
struct Paint {
    on: bool,
    severity: Severity,
}

impl Paint {
    fn wrap(&self, style: nu_ansi_term::Style, text: &str) -> String {
        if self.on { style.paint(text).to_string() } else { text.to_owned() }
    }

    fn head(&self, text: &str) -> String {
        let color = match self.severity {
            Severity::Error => nu_ansi_term::Color::Red,
            Severity::Warning => nu_ansi_term::Color::Yellow,
            Severity::Hint => nu_ansi_term::Color::Cyan,
        };
        self.wrap(color.bold(), text)
    }

    fn frame(&self, text: &str) -> String {
        self.wrap(nu_ansi_term::Color::Blue.bold(), text)
    }

    fn strong(&self, text: &str) -> String {
        self.wrap(nu_ansi_term::Style::new().bold(), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::base::{Kind, Span};

    fn render(text: &str, diagnostic: &Diagnostic, options: &RenderOptions<'_>) -> String {
        super::render(&Places::of(text), diagnostic, options)
    }

    fn shown(text: &str, word: &str) -> String {
        let at = text.find(word).unwrap();
        let d = Diagnostic::error(
            Kind::InvalidModality,
            Span::new(at, at + word.len()),
            format!("unknown modality `{word}`"),
        );
        render(text, &d, &RenderOptions::default())
    }

    #[test]
    fn the_shape_is_the_documented_one() {
        let text = "SELECT GRAPH, VECTRO FROM hexads";
        let d = Diagnostic::error(
            Kind::InvalidModality,
            Span::new(14, 20),
            "unknown modality `VECTRO`",
        )
        .expected(["GRAPH", "VECTOR"])
        .hint("did you mean `VECTOR`?");
        insta::assert_snapshot!(render(text, &d, &RenderOptions::default()), @r"
        error[InvalidModality]: unknown modality `VECTRO`
          --> <stdin>:1:15
           |
         1 | SELECT GRAPH, VECTRO FROM hexads
           |               ^^^^^^ expected one of GRAPH, VECTOR
           = help: did you mean `VECTOR`?
        ");
    }

    #[test]
    fn tabs_and_wide_characters_keep_the_carets_in_place() {
        let out = shown("\t'日本' XX", "XX");
        assert!(out.contains("|     '日本' XX\n"), "{out}");
        assert!(out.contains("|            ^^\n"), "{out}");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let text = format!("{} WRONG {}", "a".repeat(5000), "b".repeat(5000));
        let out = shown(&text, "WRONG");
        assert!(out.lines().all(|l| l.chars().count() <= 120), "{out}");
        let lines: Vec<&str> = out.lines().collect();
        let line: Vec<char> = lines[3].chars().collect();
        let caret = lines[4].chars().position(|c| c == '^').unwrap();
        let under: String = line[caret..caret + 5].iter().collect();
        assert_eq!(under, "WRONG");
    }

    #[test]
    fn the_end_of_the_text_and_controls_are_shown() {
        let text = "SELECT \u{1b}[31m";
        let d = Diagnostic::error(
            Kind::UnexpectedToken,
            Span::new(text.len(), text.len()),
            "unexpected \u{7} end",
        );
        let out = render(text, &d, &RenderOptions::default());
        assert!(!out.contains('\u{1b}') && !out.contains('\u{7}'), "{out:?}");
        assert!(out.contains("^\n"));
    }
}
