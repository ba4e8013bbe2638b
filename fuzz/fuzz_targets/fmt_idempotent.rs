//! Formatting twice is formatting once, and the formatter never finds that it changed a meaning.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vql::engine::base::Kind;
use vql::engine::lang::format::format;

fuzz_target!(|text: &str| match format(text) {
    Ok(once) => assert_eq!(format(&once).as_ref(), Ok(&once)),
    Err(found) => assert!(found.iter().all(|d| d.kind != Kind::InternalError), "{found:?}"),
});
