//! Selection ranges: what a selection grows to, step by step, from the word to the whole text.

use super::leaf_at;
use crate::engine::base::Span;
use crate::engine::lang::kind::SyntaxKind as K;
use crate::engine::lang::tree::{Element, Node};
use crate::lsp::analysis::Analysis;

/// The spans around a byte, the smallest first; each holds the one before it and is larger.
pub fn selection(parts: &Analysis, offset: usize) -> Vec<Span> {
    let offset = offset.min(parts.text().len());
    let mut around = vec![Span::new(0, parts.text().len())];
    if let Some(part) = parts.at(offset) {
        let at = part.relative(offset) as u32;
        let mut inner = Vec::new();
        nodes(part.parse().tree.root(), at, &mut inner);
        if let Some(leaf) = leaf_at(&part, offset).filter(|leaf| leaf.kind != K::Whitespace) {
            inner.push(leaf.span);
            if leaf.kind == K::String && leaf.span.end > leaf.span.start + 1 {
                inner.push(Span { start: leaf.span.start + 1, end: leaf.span.end - 1 });
            }
        }
        around.push(part.span());
        around.extend(inner.into_iter().map(|span| part.absolute(span)));
    }
    around.retain(|span| span.start as usize <= offset && offset <= span.end as usize);
    around.sort_by_key(|span| (span.end - span.start, span.start));
    let mut chain: Vec<Span> = Vec::new();
    for span in around {
        let holds = |inner: &Span| span.start <= inner.start && inner.end <= span.end;
        if chain.last().is_none_or(|inner| holds(inner) && *inner != span) {
            chain.push(span);
        }
    }
    chain
}

/// The nodes around a byte, and what stands between the brackets of each.
fn nodes(node: Node<'_>, at: u32, found: &mut Vec<Span>) {
    let touches = |span: Span| span.start <= at && at <= span.end;
    if !touches(node.span()) {
        return;
    }
    if node.kind() != K::Script {
        found.push(node.span());
    }
    let mut open = Vec::new();
    for child in node.children() {
        match child {
            Element::Node(inner) => nodes(inner, at, found),
            Element::Leaf(leaf) => match leaf.kind {
                K::LeftParen | K::LeftBracket | K::LeftBrace => open.push(leaf.span.end),
                K::RightParen | K::RightBracket | K::RightBrace => {
                    if let Some(start) = open.pop() {
                        found.push(Span { start, end: leaf.span.start });
                    }
                }
                _ => {}
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::analysis;
    use super::*;

    #[test]
    fn a_selection_grows_from_the_word_to_the_text() {
        let text = "SHOW STATUS;\nSELECT id FROM hexads WHERE DOCUMENT.year > 3 LIMIT 1;\n";
        let found = selection(&analysis(text), text.find("year").unwrap() + 1);
        let shown: Vec<&str> = found.iter().map(|span| &text[span.range()]).collect();
        assert_eq!(shown.first(), Some(&"year"));
        assert_eq!(shown.get(1), Some(&"DOCUMENT.year"));
        assert_eq!(shown.get(2), Some(&"DOCUMENT.year > 3"));
        assert!(shown.contains(&"WHERE DOCUMENT.year > 3"));
        assert!(shown.contains(&"SELECT id FROM hexads WHERE DOCUMENT.year > 3 LIMIT 1"));
        assert_eq!(shown.last(), Some(&text));
    }

    #[test]
    fn in_a_string_its_words_come_first() {
        let text = "INSERT 'a b' 'c'";
        let found = selection(&analysis(text), 9);
        assert_eq!(&text[found[0].range()], "a b");
        assert_eq!(&text[found[1].range()], "'a b'");
    }
}
