//! `generate` writes the parser from `grammar.js`; `check [FOLDER]` holds it against its tests and,
//! for a folder of statements with what is expected of them, against vql's own parser.

mod corpus;
mod generate;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use tree_sitter::{Language, Parser, Query, Tree};
use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_vql() -> *const ();
}

/// The language of the compiled parser.
fn language() -> Language {
    // SAFETY: the function is the one that the generator writes into `parser.c`.
    unsafe { LanguageFn::from_raw(tree_sitter_vql) }.into()
}

fn parse(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(&language()).expect("the ABI is one this library reads");
    parser.parse(text, None).expect("no limit is set")
}

/// Text that must be the same as what is kept.
fn stale(kept: &Path, made: &Path, problems: &mut Vec<String>) {
    if fs::read(kept).ok() != fs::read(made).ok() {
        problems.push(format!("{} is stale: cargo run -- generate", kept.display()));
    }
}

fn regenerated(root: &Path, problems: &mut Vec<String>) {
    let made = std::env::temp_dir().join(format!("tree-sitter-vql-{}", std::process::id()));
    match generate::generate(root, &made) {
        Err(problem) => problems.push(problem),
        Ok(()) => {
            for name in ["parser.c", "grammar.json", "node-types.json"] {
                stale(&root.join("src").join(name), &made.join(name), problems);
            }
        }
    }
    drop(fs::remove_dir_all(made));
}

fn queries(root: &Path, problems: &mut Vec<String>) {
    for name in ["highlights", "folds", "injections", "locals", "indents", "textobjects"] {
        let path = root.join("queries").join(format!("{name}.scm"));
        match fs::read_to_string(&path) {
            Err(problem) => problems.push(format!("{}: {problem}", path.display())),
            Ok(text) => {
                if let Err(problem) = Query::new(&language(), &text) {
                    problems.push(format!("{}: {problem}", path.display()));
                }
            }
        }
        let copy = root.join("../nvim/queries/vql").join(format!("{name}.scm"));
        stale(&copy, &path, problems);
    }
}

fn main() -> ExitCode {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut problems = Vec::new();
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["generate"] => problems.extend(generate::generate(&root, &root.join("src")).err()),
        ["check", folders @ ..] => {
            regenerated(&root, &mut problems);
            queries(&root, &mut problems);
            corpus::examples(&root.join("test/corpus"), &mut problems);
            for folder in folders {
                corpus::folder(Path::new(folder), &mut problems);
            }
        }
        _ => problems.push("generate, or check [FOLDER]..".to_owned()),
    }
    for problem in &problems {
        eprintln!("{problem}");
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
