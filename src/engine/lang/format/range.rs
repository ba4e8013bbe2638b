//! Formatting a part of a text, as edits of it.

use super::Options;
use super::script::Script;
use crate::engine::base::Span;
use crate::engine::lang::diag::Fix;
use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::parse::{Chunk, chunks};

/// The edits that put every statement that `range` touches in the standard layout, in the order of
/// the text. Whole statements are laid out, the others stay as they are, and so do broken ones.
///
/// The command line and the language server share this; applied to the range of the whole text the
/// edits give what [`super::format_script`] gives.
pub fn format_range(text: &str, range: Span, options: Options) -> Vec<Fix> {
    let mut script = Script::new(text, options);
    let mut edits = Vec::new();
    for chunk in chunks(text) {
        let before = script.out.len();
        if touches(&chunk, range) {
            script.add(&chunk);
            if chunk.span.end as usize == text.len() {
                script.end();
            }
        } else {
            script.pass(&chunk);
        }
        let old = text.get(chunk.span.range()).unwrap_or("");
        let new = script.out.get(before..).unwrap_or("");
        if old != new {
            edits.push(smallest(chunk.span.start as usize, old, new));
        }
    }
    edits
}

/// True when the range and the words and comments of a chunk have a place in common.
fn touches(chunk: &Chunk, range: Span) -> bool {
    let leaves = || chunk.parse.tree.leaves().filter(|leaf| leaf.kind != K::Whitespace);
    match (leaves().next(), leaves().next_back()) {
        (Some(first), Some(last)) => first.span.start <= range.end && range.start <= last.span.end,
        _ => chunk.span.start <= range.end && chunk.span.end <= range.end,
    }
}

/// The edit without what both sides have in common at their ends.
fn smallest(at: usize, old: &str, new: &str) -> Fix {
    let alike = |a: &str, b: &str| {
        a.char_indices().zip(b.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at)
    };
    let head = alike(old, new).unwrap_or(old.len().min(new.len()));
    let (old, new) = (old.get(head..).unwrap_or(""), new.get(head..).unwrap_or(""));
    let pairs = old.chars().rev().zip(new.chars().rev());
    let tail: usize = pairs.take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let start = at + head;
    let text = new.get(..new.len() - tail).unwrap_or(new).to_owned();
    Fix { span: Span::new(start, start + old.len() - tail), text }
}

#[cfg(test)]
mod tests {
    use super::super::format_script;
    use super::*;
    use proptest::prelude::*;

    fn apply(text: &str, edits: &[Fix]) -> String {
        let mut out = text.to_owned();
        for edit in edits.iter().rev() {
            out.replace_range(edit.span.range(), &edit.text);
        }
        out
    }

    #[test]
    fn only_touched_statements_change() {
        let text = "show   status;\nshow   peers; show stores\n";
        let at = text.find("peers").unwrap();
        let edits = format_range(text, Span::new(at, at), Options::default());
        assert_eq!(apply(text, &edits), "show   status;\nSHOW PEERS; show stores\n");
        let at = text.find("stores").unwrap();
        let edits = format_range(text, Span::new(at, at), Options::default());
        assert_eq!(apply(text, &edits), "show   status;\nshow   peers;\nSHOW STORES\n");
    }

    proptest! {
        #[test]
        fn the_range_of_everything_is_everything(
            words in prop::collection::vec(
                "show status|select a from hexads|;|;|'|\n|\n\n|-- c\n|/\\* d\n \\*/|-- fmt: off\n|-- fmt: on\n|-- fmt: skip\n|where|\u{feff}| ",
                0..30,
            ),
        ) {
            let text = words.join(" ");
            let all = format_script(&text, Options::default()).text;
            let edits = format_range(&text, Span::new(0, text.len()), Options::default());
            prop_assert_eq!(apply(&text, &edits), all.clone());
            prop_assert_eq!(&format_script(&all, Options::default()).text, &all, "{}", text);
        }
    }
}
