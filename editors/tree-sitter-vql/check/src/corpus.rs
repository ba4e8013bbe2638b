//! Texts and what the grammar makes of them.

use std::fs;
use std::path::{Path, PathBuf};

use crate::parse;

/// The examples of `test/corpus`: a name between lines of `=`, a text, `---`, the tree.
pub fn examples(dir: &Path, problems: &mut Vec<String>) {
    for path in files(dir, "txt") {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let parts: Vec<&str> = text.split("==================\n").collect();
        for pair in parts[1..].chunks(2) {
            let [name, body] = pair else { continue };
            let Some((source, wanted)) = body.split_once("\n---\n") else {
                problems.push(format!("{}: {name} has no tree", path.display()));
                continue;
            };
            let found = parse(source).root_node().to_sexp();
            let wanted = wanted
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .replace("( ", "(")
                .replace(" )", ")");
            if found != wanted {
                problems.push(format!(
                    "{}: {}\n  found  {found}\n  wanted {wanted}",
                    path.display(),
                    name.trim()
                ));
            }
        }
    }
}

/// A folder of statements, each with a `.json` beside it that says whether it is accepted.
pub fn folder(dir: &Path, problems: &mut Vec<String>) {
    let (mut accepted, mut rejected, mut agreed) = (0, 0, 0);
    for path in files(dir, "vql") {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let about = fs::read_to_string(path.with_extension("json")).unwrap_or_default();
        let tree = parse(&text);
        let fine = !tree.root_node().has_error();
        // What is refused later than by the parser is no business of a grammar.
        let later =
            !about.contains("\"reject_phase\": \"parse\"") && about.contains("\"reject_phase\"");
        if about.contains("\"expect\": \"accept\"") || later {
            accepted += 1;
            if !fine {
                problems.push(format!("{}: {}", path.display(), tree.root_node().to_sexp()));
            }
            problems.extend(boundaries(&path, &text, &tree));
        } else {
            rejected += 1;
            agreed += usize::from(!fine);
        }
    }
    println!("{}: {accepted} accepted; {agreed} of {rejected} refused here too", dir.display());
}

#[cfg(feature = "compare")]
fn boundaries(path: &Path, text: &str, tree: &tree_sitter::Tree) -> Option<String> {
    let wanted: Vec<(usize, usize)> = vql::engine::lang::parse(text)
        .script
        .statements
        .iter()
        .map(|statement| (statement.span.start as usize, statement.span.end as usize))
        .collect();
    let root = tree.root_node();
    let found: Vec<(usize, usize)> = (0..root.named_child_count())
        .filter_map(|n| root.named_child(n.try_into().ok()?))
        .filter(|node| node.kind() == "statement")
        .map(|node| (node.start_byte(), node.end_byte()))
        .collect();
    (found != wanted)
        .then(|| format!("{}: statements {found:?}, vql has {wanted:?}", path.display()))
}

#[cfg(not(feature = "compare"))]
fn boundaries(_: &Path, _: &str, _: &tree_sitter::Tree) -> Option<String> {
    None
}

fn files(dir: &Path, extension: &str) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(dir).map(|all| all.flatten().map(|entry| entry.path()).collect::<Vec<_>>());
    let mut paths = entries.unwrap_or_default();
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    paths
}
