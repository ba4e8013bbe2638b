//! The guides of `docs/`: every command in a `console` block is run, in order and in one place for a
//! page, and prints what stands under it. `VQL_BLESS=1` writes what they print into the page; read the
//! difference before you keep it. A `text` block whose first line is `# file: NAME` is written first.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::harness::{Place, run};

#[test]
fn what_the_guides_show_is_what_happens() {
    for page in ["docs/guide-drift.md"] {
        let text = std::fs::read_to_string(page).unwrap();
        let (place, mut made) = (Place::new(), String::new());
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            writeln!(made, "{line}").unwrap();
            let Some(fence) = line.strip_prefix("```").filter(|fence| !fence.is_empty()) else {
                continue;
            };
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            if fence == "console" {
                made += &conversation(&place, &block);
            } else {
                if let Some(name) = block.first().and_then(|l| l.strip_prefix("# file: ")) {
                    place.write(name, block[1..].join("\n") + "\n");
                }
                for line in &block {
                    writeln!(made, "{line}").unwrap();
                }
            }
            made += "```\n";
        }
        if std::env::var_os("VQL_BLESS").is_some() {
            std::fs::write(page, &made).unwrap();
        }
        if made != text {
            let changed = similar::TextDiff::from_lines(text.as_str(), made.as_str());
            let shown = changed.unified_diff().to_string();
            assert!(std::env::var_os("VQL_BLESS").is_some(), "{page} is stale:\n{shown}");
        }
    }
}

/// The commands of a block, each with what it prints; the exit status when it is not zero.
fn conversation(place: &Place, block: &[&str]) -> String {
    let bin = Path::new(env!("CARGO_BIN_EXE_vql")).parent().unwrap().display().to_string();
    let mut made = String::new();
    let mut lines = block.iter().peekable();
    while let Some(line) = lines.next() {
        let Some(first) = line.strip_prefix("$ ") else { continue };
        let mut script = first.to_owned();
        writeln!(made, "{line}").unwrap();
        while script.ends_with('\\') {
            let more = lines.next().unwrap();
            script.pop();
            script += more.trim_start();
            writeln!(made, "{more}").unwrap();
        }
        let mut command = Command::new("bash");
        command.args(["-c", &format!("exec 2>&1; {script}")]).current_dir(place.root());
        command.env_clear().env("PATH", format!("{bin}:/usr/bin:/bin")).env("HOME", place.root());
        command.env("COLUMNS", "120").env("LANG", "C.UTF-8");
        // What a terminal shows, where there is none.
        if !script.starts_with("vql migrate") {
            command.env("VQL_FORMAT", "table");
        }
        let run = run(&mut command, b"");
        made += &settled(&run.out);
        if run.code != 0 {
            writeln!(made, "(exit status {})", run.code).unwrap();
        }
    }
    made
}

/// Instants and long hashes are others each time.
fn settled(text: &str) -> String {
    let instant = regex::Regex::new(r"\d{4}-\d\d-\d\dT[0-9:.]+Z").unwrap();
    let hash = regex::Regex::new(r"[0-9a-f]{64}").unwrap();
    let text = text.replace('\r', "");
    hash.replace_all(&instant.replace_all(&text, "2026-01-01T09:00:00Z"), "(hash)").into_owned()
}
