//! VQL in Markdown: a text in which all but the fenced blocks is blank.
//!
//! Every place keeps its byte, so that whatever is found in the blank text is found in the text.

use crate::engine::lang::fences::blocks;

/// The text with spaces for everything that is not VQL, of the same length and with the same lines.
///
/// Behind each block stands a `;` in place of its fence, so that a last statement without one ends
/// there.
pub fn mask(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for block in blocks(text) {
        blank(text.get(at..block.range.start).unwrap_or(""), &mut out);
        out.push_str(text.get(block.range.clone()).unwrap_or(""));
        at = block.range.end;
        if let Some(first) = text.get(at..).and_then(|rest| rest.chars().next()) {
            out.push(';');
            out.extend(std::iter::repeat_n(' ', first.len_utf8() - 1));
            at += first.len_utf8();
        }
    }
    blank(text.get(at..).unwrap_or(""), &mut out);
    out
}

fn blank(text: &str, out: &mut String) {
    out.extend(
        text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { byte as char } else { ' ' }),
    );
}

#[cfg(test)]
mod tests {
    use super::super::{analysis, body};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn blocks_stay_where_they_are() {
        let text = "# Tïtle\n\n```vql\nSHOW STATUS\n```\n\n- x\n\n  ~~~vql\n  SHOW PEERS;\n  ~~~\n```sql\nSHOW x\n```\n";
        let masked = mask(text);
        let analysis = analysis(&masked);
        let shown: Vec<&str> =
            analysis.parts().filter_map(|part| body(&part)).map(|s| &text[s.range()]).collect();
        assert_eq!(shown, ["SHOW STATUS", "SHOW PEERS"]);
        assert!(analysis.parts().all(|part| part.parse().is_ok()));
    }

    proptest! {
        #[test]
        fn every_place_keeps_its_byte(parts in prop::collection::vec("```vql\n|```\n|  ~~~ vql\n|  ~~~\n|SHOW é;\n|日\r\n|~~~|[a-z]", 0..20)) {
            let text = parts.concat();
            let masked = mask(&text);
            prop_assert_eq!(masked.len(), text.len());
            let ends = |t: &str| t.match_indices('\n').map(|m| m.0).collect::<Vec<_>>();
            prop_assert_eq!(ends(&masked), ends(&text));
        }
    }
}
