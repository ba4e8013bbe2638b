//! The leaves cover any text without gaps, and so do its statements.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vql::engine::lang::{lexer, statements};

fuzz_target!(|text: &str| {
    let mut at = 0;
    for leaf in lexer::lex(text) {
        assert_eq!(leaf.start, at);
        assert!(leaf.end > leaf.start && text.is_char_boundary(leaf.end));
        at = leaf.end;
    }
    assert_eq!(at, text.len());
    let pieces: String = statements(text).iter().map(|p| &text[p.span.range()]).collect();
    assert_eq!(pieces, text);
});
