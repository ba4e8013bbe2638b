//! The pattern language of `LIKE`: `%` stands for any run of characters, everything else for itself.

/// True when the whole of `text` fits `pattern`. Letters count with their case; `\%` is a percent
/// sign and `\\` a backslash.
///
/// Greedy with a single point of return, so that hostile patterns cost at most the product of the
/// two lengths.
pub fn like(text: &str, pattern: &str) -> bool {
    let pieces = pieces(pattern);
    let Some((first, rest)) = pieces.split_first() else { return text.is_empty() };
    let Some(mut left) = text.strip_prefix(first.as_str()) else { return false };
    let Some((last, middle)) = rest.split_last() else { return left.is_empty() };
    for piece in middle {
        let Some(at) = left.find(piece.as_str()) else { return false };
        left = left.get(at + piece.len()..).unwrap_or("");
    }
    left.ends_with(last.as_str())
}

/// The literal text between the `%` signs; one more than there are signs.
fn pieces(pattern: &str) -> Vec<String> {
    let mut pieces = vec![];
    let mut piece = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '%' => pieces.push(std::mem::take(&mut piece)),
            '\\' if chars.peek().is_some_and(|next| matches!(next, '%' | '\\')) => {
                piece.extend(chars.next());
            }
            other => piece.push(other),
        }
    }
    pieces.push(piece);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_any_run_and_the_rest_is_literal() {
        for (text, pattern, fits) in [
            ("climate change", "%change", true),
            ("climate change", "climate%", true),
            ("climate change", "%mate%an%", true),
            ("climate change", "climate", false),
            ("aba", "a%ba", true),
            ("aa", "a%a", true),
            ("a", "a%a", false),
            ("", "%", true),
            ("", "", true),
            ("x", "", false),
            ("a_b", "a_b", true),
            ("axb", "a_b", false),
            ("50%", "50\\%", true),
            ("500", "50\\%", false),
            ("Zürich", "Z%rich", true),
            ("Climate", "climate", false),
        ] {
            assert_eq!(like(text, pattern), fits, "{text} LIKE {pattern}");
        }
    }

    #[test]
    fn a_hostile_pattern_is_quick() {
        assert!(!like(&"a".repeat(20_000), &format!("{}b", "a%".repeat(2_000))));
    }
}
