//! The blocks of a Markdown text that are fenced as `vql`. Everything else in the text is none of
//! ours and stays as it is.

use std::ops::Range;

use crate::engine::base::Span;

/// A fenced block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Block {
    /// Where its lines stand in the text, without the fences.
    pub range: Range<usize>,
    /// Its lines without the indentation of the fence.
    pub body: String,
    indent: String,
    /// Where each line begins, in the body and in the text.
    lines: Vec<(usize, usize)>,
}

impl Block {
    /// Where a place of the body is in the text.
    pub fn place(&self, span: Span) -> Span {
        let place = |at: u32| {
            let at = at as usize;
            let line = self.lines.partition_point(|(begin, _)| *begin <= at).saturating_sub(1);
            self.lines.get(line).map_or(self.range.start, |(body, text)| text + at - body)
        };
        Span::new(place(span.start), place(span.end))
    }

    /// The lines of another body, as they stand in the text.
    pub fn indented(&self, body: &str) -> String {
        let line = |line: &str| {
            let indent = if line.trim().is_empty() { "" } else { &self.indent };
            format!("{indent}{line}")
        };
        body.split_inclusive('\n').map(line).collect()
    }

    /// Adds a line; false when it is less indented than its fence, so that it cannot be taken out
    /// and put back as it was.
    fn add(&mut self, line: &str, at: usize) -> bool {
        let stripped = match line.strip_prefix(self.indent.as_str()) {
            Some(rest) => rest,
            None if line.trim().is_empty() => line.trim_start_matches([' ', '\t']),
            None => return false,
        };
        self.lines.push((self.body.len(), at + line.len() - stripped.len()));
        self.body.push_str(stripped);
        true
    }
}

/// The blocks fenced as `vql`, in order. A block that is never closed, or whose lines are less
/// indented than its fence, is left out.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut open: Option<(Fence, Option<Block>)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let next = at + line.len();
        match &mut open {
            None => {
                open = Fence::opened(line).map(|(fence, ours)| {
                    let block = Block {
                        range: next..next,
                        indent: fence.indent.clone(),
                        ..Block::default()
                    };
                    (fence, ours.then_some(block))
                });
            }
            Some((fence, block)) if fence.is_closed_by(line) => {
                found.extend(block.take());
                open = None;
            }
            Some((_, block)) => {
                if let Some(ours) = block {
                    ours.range.end = next;
                    if !ours.add(line, at) {
                        *block = None;
                    }
                }
            }
        }
        at = next;
    }
    found
}

/// The line that begins a block.
struct Fence {
    indent: String,
    sign: char,
    length: usize,
}

impl Fence {
    /// The fence a line opens, and whether the block is VQL.
    fn opened(line: &str) -> Option<(Self, bool)> {
        let rest = line.trim_start_matches([' ', '\t']);
        let indent = line.get(..line.len() - rest.len())?.to_owned();
        let sign = rest.chars().next().filter(|c| matches!(c, '`' | '~'))?;
        let info = rest.trim_start_matches(sign);
        let length = rest.len() - info.len();
        if length < 3 || (sign == '`' && info.contains('`')) {
            return None;
        }
        let word = info.trim().split([' ', ',', '\t', '{']).next().unwrap_or("");
        Some((Self { indent, sign, length }, word.eq_ignore_ascii_case("vql")))
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.chars().all(|c| c == self.sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_vql_blocks_are_found_and_places_are_those_of_the_text() {
        let text = "# A\n```vql\nshow status\n```\n```sql\nshow x\n```\n- b\n\n  ~~~ VQL x\n  a\n\n  bc\n  ~~~\n";
        let all = blocks(text);
        let bodies: Vec<&str> = all.iter().map(|block| block.body.as_str()).collect();
        assert_eq!(bodies, ["show status\n", "a\n\nbc\n"]);
        let at = all[1].body.find('c').unwrap();
        let span = all[1].place(Span::new(at, at + 1));
        assert_eq!(&text[span.range()], "c");
        assert_eq!(all[1].indented(&all[1].body), text[all[1].range.clone()]);
    }

    #[test]
    fn what_cannot_be_put_back_is_left_out() {
        for text in ["```vql\nshow status\n", "  ```vql\nshow\n  ```\n", "````vql\n```\n"] {
            assert!(blocks(text).is_empty(), "{text}");
        }
    }
}
