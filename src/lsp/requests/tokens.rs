//! What words are, for colors: all of them, those of a range, or what has changed.

use tower_lsp::ls_types as lsp;

use crate::lsp::features::tokens::{self, LEGEND, MODIFIERS};
use crate::lsp::session::View;

/// The names of the kinds of token.
pub(in crate::lsp) fn legend() -> lsp::SemanticTokensLegend {
    lsp::SemanticTokensLegend {
        token_types: LEGEND.iter().map(|name| lsp::SemanticTokenType::from(*name)).collect(),
        token_modifiers: MODIFIERS
            .iter()
            .map(|name| lsp::SemanticTokenModifier::from(*name))
            .collect(),
    }
}

/// The tokens of a text or of a range, each placed relative to the one before it.
pub(in crate::lsp) fn tokens(view: &View, range: Option<lsp::Range>) -> Vec<lsp::SemanticToken> {
    let found = tokens::tokens(&view.document.analysis(), range.map(|range| view.span(range)));
    let mut last = lsp::Position::default();
    let relative = |token: &tokens::Token| {
        let lsp::Range { start, end } = view.range(token.span);
        let same = start.line == last.line;
        let delta_start = start.character - if same { last.character } else { 0 };
        let delta_line = start.line - last.line;
        last = start;
        lsp::SemanticToken {
            delta_line,
            delta_start,
            length: end.character.saturating_sub(start.character),
            token_type: token.kind,
            token_modifiers_bitset: token.modifiers,
        }
    };
    found.iter().map(relative).collect()
}

/// The one edit between two lists of tokens; none where they are the same. Its places count
/// numbers, of which a token has five.
pub(in crate::lsp) fn difference(
    old: &[lsp::SemanticToken],
    new: &[lsp::SemanticToken],
) -> Vec<lsp::SemanticTokensEdit> {
    let head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old, new) = (old.get(head..).unwrap_or(&[]), new.get(head..).unwrap_or(&[]));
    let tail = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count();
    let gone = old.len() - tail;
    let added = new.get(..new.len() - tail).unwrap_or(&[]);
    if gone == 0 && added.is_empty() {
        return Vec::new();
    }
    vec![lsp::SemanticTokensEdit {
        start: 5 * head as u32,
        delete_count: 5 * gone as u32,
        data: Some(added.to_vec()),
    }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token(kind: u32) -> lsp::SemanticToken {
        lsp::SemanticToken {
            delta_line: 0,
            delta_start: 1,
            length: 1,
            token_type: kind,
            token_modifiers_bitset: 0,
        }
    }

    proptest! {
        #[test]
        fn the_difference_leads_from_one_list_to_the_other(
            old in prop::collection::vec(0_u32..3, 0..12),
            new in prop::collection::vec(0_u32..3, 0..12),
        ) {
            let old: Vec<_> = old.into_iter().map(token).collect();
            let new: Vec<_> = new.into_iter().map(token).collect();
            let mut edited = old.clone();
            for edit in difference(&old, &new) {
                let from = edit.start as usize / 5;
                let to = from + edit.delete_count as usize / 5;
                edited.splice(from..to, edit.data.unwrap());
            }
            prop_assert_eq!(edited, new);
        }
    }
}
