//! Writes `src/` from `grammar.js`, or says that it is stale.

use std::path::Path;

use tree_sitter_generate::{OptLevel, generate_parser_in_directory};

/// Neovim before 0.10 loads no later one.
const ABI: usize = 14;

/// Generates the parser of `repository` into `out`.
pub fn generate(repository: &Path, out: &Path) -> Result<(), String> {
    let grammar = repository.join("grammar.js");
    generate_parser_in_directory(
        repository,
        Some(out),
        Some(grammar),
        ABI,
        None,
        Some("native"),
        true,
        OptLevel::default(),
        &mut Vec::new(),
    )
    .map_err(|error| error.to_string())
}
