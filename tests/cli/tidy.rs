//! Checks what the compiler does not: which layer may name which, how long a file may be, that it
//! says what it is, and that nothing of the machine it was written on is left in it.

use std::fs;
use std::path::{Path, PathBuf};

/// For each layer (a directory or file under `src/`), the layers it may name; the more specific
/// rows come first.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("engine/base", &[]),
    ("engine/lang", &["engine/base"]),
    ("engine/catalog", &["engine/lang", "engine/base"]),
    ("engine/plan", &["engine/lang", "engine/catalog", "engine/outcome", "engine/base"]),
    ("engine/log", &["engine/base"]),
    ("engine/store", &["engine/log", "engine/base"]),
    ("engine/archive", &["engine/store", "engine/log", "engine/base"]),
    ("engine/index", &["engine/store", "engine/log", "engine/base"]),
    ("engine/modality/graph", BELOW_MODALITIES),
    ("engine/modality/vector", BELOW_MODALITIES),
    ("engine/modality/tensor", BELOW_MODALITIES),
    ("engine/modality/semantic", BELOW_MODALITIES),
    ("engine/modality/document", BELOW_MODALITIES),
    ("engine/modality/temporal", BELOW_MODALITIES),
    ("engine/modality/provenance", BELOW_MODALITIES),
    ("engine/modality/spatial", BELOW_MODALITIES),
    ("engine/drift", &["engine/modality", "engine/base"]),
    ("engine/embed", &["engine/drift", "engine/outcome", "engine/store", "engine/base"]),
    ("engine/auth", &["engine/store", "engine/base"]),
    (
        "engine/hexad",
        &[
            "engine/embed",
            "engine/outcome",
            "engine/drift",
            "engine/modality",
            "engine/index",
            "engine/store",
            "engine/base",
        ],
    ),
    (
        "engine/normalize",
        &["engine/hexad", "engine/drift", "engine/modality", "engine/store", "engine/base"],
    ),
    ("engine", &["engine"]),
    // Settings are written in the words of the command line.
    ("config", &["engine/base", "engine/embed", "remote", "cmd/args", "cmd/error"]),
    ("lsp", &["engine/lang", "engine/catalog", "engine/base"]),
    ("remote", &["engine/embed", "engine/outcome", "engine/base"]),
    ("server", &["engine", "lsp"]),
    ("cmd", &["engine", "config", "lsp", "remote", "server"]),
];

/// What the eight modalities have in common.
const BELOW_MODALITIES: &[&str] = &["engine/index", "engine/store", "engine/base"];

/// Lines of code allowed in one file, its tests not counted.
const FILE_LIMIT: usize = 800;

#[test]
fn layers() {
    let mut errors = Vec::new();
    for path in sources(Path::new("src")).into_iter().filter(|path| !is_test(path)) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for (n, line) in code.lines().enumerate() {
            if let Some(why) = breach(&path, line) {
                errors.push(format!("{}:{}: {why}", path.display(), n + 1));
            }
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn files_stay_readable() {
    let mut errors = Vec::new();
    for path in sources(Path::new("src")).into_iter().chain(sources(Path::new("tests"))) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap().lines().count();
        let shown = path.display();
        if code > FILE_LIMIT {
            errors.push(format!("{shown}: {code} lines before its tests, limit {FILE_LIMIT}"));
        }
        if !text.starts_with("//!") {
            errors.push(format!("{shown}: the first line must be `//!`: what is this?"));
        }
    }
    assert!(errors.is_empty(), "{}", errors.join("\n"));
}

#[test]
fn no_file_is_a_drawer() {
    for path in sources(Path::new("src")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let drawer = ["utils", "util", "helpers", "common", "types", "misc"].contains(&&*name);
        assert!(!drawer, "{}: name it after what it holds", path.display());
    }
}

#[test]
fn nothing_of_the_machine_is_left() {
    // Spelled apart, so that this file passes its own test.
    let machine = ["/wo", "rk/"].concat();
    let written = sources(Path::new("src")).into_iter().chain(sources(Path::new("tests")));
    for path in written.chain(editors(Path::new("editors"))) {
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
        assert!(!text.contains(&machine), "{} names {machine}", path.display());
        let resolved = path.ends_with("package-lock.json") && text.contains("\"resolved\"");
        assert!(!resolved, "{} names a registry", path.display());
    }
}

/// What is written for editors; not what is installed or built there.
fn editors(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let made =
            ["node_modules", "dist", "target", "parser"].iter().any(|name| path.ends_with(name));
        if path.is_dir() && !made {
            found.extend(editors(&path));
        } else if path.is_file() && path.extension().is_none_or(|e| e != "vsix") {
            found.push(path);
        }
    }
    found
}

#[test]
fn only_store_says_sql() {
    // The by-hand side of the benchmark stands for what a user would write without vql.
    let may = |path: &str| path.contains("engine/store/") || path.contains("cmd/bench/by_hand");
    for path in sources(Path::new("src")) {
        let shown = path.display().to_string().replace('\\', "/");
        let text = fs::read_to_string(&path).unwrap();
        assert!(may(&shown) || !text.contains("rusqlite"), "{shown} names rusqlite");
    }
}

#[test]
fn only_one_file_writes_to_the_terminal_and_only_one_folder_reads_the_environment() {
    for path in sources(Path::new("src")).into_iter().filter(|path| !is_test(path)) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        let named =
            |words: &[&'static str]| words.iter().copied().find(|word| code.contains(*word));
        if path != Path::new("src/cmd/ui.rs") {
            let direct =
                named(&["stdout().write", "stderr().write", "stdout().lock", "stderr().lock"]);
            assert_eq!(direct, None, "{}: write through `Ui`", path.display());
        }
        if !path.starts_with("src/config") {
            let direct = named(&["env::var", "env::vars"]);
            assert_eq!(direct, None, "{}: ask `config`", path.display());
        }
    }
}

/// Says how `line` leaves its layer, if it does.
fn breach(path: &Path, line: &str) -> Option<String> {
    let file = path.strip_prefix("src").unwrap().with_extension("");
    let file = file.to_string_lossy().replace('\\', "/");
    let (layer, allowed) = MAY_NAME.iter().find(|(layer, _)| within(&file, layer))?;
    let code = line.split("//").next()?;
    // How many levels up the layer's own module is.
    let inside = file.strip_prefix(layer).unwrap_or("").trim_start_matches('/');
    let levels = inside.split('/').filter(|word| !word.is_empty() && *word != "mod").count();
    if ups(code) > levels {
        return Some(format!("`super::` leaves `{layer}`; write `crate::`"));
    }
    for named in code.split("crate::").skip(1) {
        if named.starts_with('{') || named.starts_with("engine::{") && *layer != "cmd" {
            return Some("one layer per `use`, so that this check can read it".to_owned());
        }
        let words: Vec<&str> = named
            .split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
            .next()?
            .split("::")
            .filter(|word| !word.is_empty())
            .collect();
        let target = words.join("/");
        let may = |a: &&str| within(&target, a) || (within(a, &target) && words.len() < 2);
        if !within(&target, layer) && !allowed.iter().any(may) {
            return Some(format!("`{layer}` may not name `{target}`"));
        }
    }
    None
}

/// The longest chain of `super::` in a line; `use super::*` is how tests start.
fn ups(code: &str) -> usize {
    if code.contains("use super::*") {
        return 0;
    }
    (1..8).take_while(|n| code.contains(&"super::".repeat(*n))).last().unwrap_or(0)
}

fn within(path: &str, dir: &str) -> bool {
    path == dir || path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'))
}

/// True for files that are only compiled for tests.
fn is_test(path: &Path) -> bool {
    path.iter().any(|part| part == "tests" || part == "tests.rs" || part == "laws.rs")
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_check_sees_every_way_out() {
    let file = Path::new("src/engine/store/mod.rs");
    for line in [
        "use crate::engine::drift::score::DriftError;",
        "use crate::engine::{base::Modality, drift};",
        "use crate::{engine::drift, lsp};",
        "use super::drift;",
        "    let x = crate::lsp::server();",
        "use super::super::super::cmd;",
    ] {
        assert!(breach(file, line).is_some(), "{line}");
    }
    for line in [
        "use crate::engine::base::Modality;",
        "use crate::engine::base::{Clock, Modality};",
        "use crate::engine::store::sql;",
        "    use super::*;",
        "// crate::engine::drift is above us",
    ] {
        assert_eq!(breach(file, line), None, "{line}");
    }
    let modality = Path::new("src/engine/modality/graph/walk.rs");
    assert!(breach(modality, "use crate::engine::modality::vector::Metric;").is_some());
    assert!(breach(Path::new("src/config/mod.rs"), "use crate::cmd::ui::Ui;").is_some());
    assert!(breach(Path::new("src/engine/exec/mod.rs"), "use crate::cmd::ui::Ui;").is_some());
}
