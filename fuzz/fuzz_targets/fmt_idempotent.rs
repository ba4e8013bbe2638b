//! Formatting twice is formatting once, whatever is broken, and the formatter never finds that it
//! changed a meaning.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vql::engine::base::Kind;
use vql::engine::lang::format::{Options, format_script};

fuzz_target!(|text: &str| {
    let once = format_script(text, Options::default());
    assert!(once.diagnostics.iter().all(|d| d.kind != Kind::InternalError), "{once:?}");
    let twice = format_script(&once.text, Options::default());
    assert_eq!((&once.text, once.broken), (&twice.text, twice.broken));
});
