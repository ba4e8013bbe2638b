//! Any text has a lossless tree, and every diagnostic points into it and can be shown.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vql::engine::base::span::Places;
use vql::engine::lang::diag::{RenderOptions, payload, render};
use vql::engine::lang::parse;

fuzz_target!(|text: &str| {
    let parsed = parse(text);
    let leaves: String = parsed.tree.leaves().map(|leaf| leaf.text(text)).collect();
    assert_eq!(leaves, text);
    let places = Places::of(text);
    for diagnostic in &parsed.diagnostics {
        assert!(diagnostic.span.end as usize <= text.len());
        render(&places, diagnostic, &RenderOptions::default());
        payload(&places, diagnostic);
    }
});
