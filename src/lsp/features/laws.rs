//! What holds of every feature: the written examples of `tests/lsp/`, and laws over all texts.
//!
//! An example is a request, a text with `|` where the cursor is, and the answer; with `VQL_BLESS=1`
//! the answers are written anew. With `VQL_CORPUS` set to a directory of statements, some of them
//! are taken apart byte by byte too.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::engine::catalog::Snapshot;
use crate::engine::lang::diag::{Fix, apply};
use crate::engine::lang::format::Options;
use crate::engine::lang::resolve::Ty;
use crate::lsp::catalogue::Catalogue;

fn catalogue() -> Catalogue {
    let mut stored = Snapshot::default();
    stored.note_type(crate::engine::base::Modality::Document, "year", Ty::Int);
    stored.note_type(crate::engine::base::Modality::Document, "author.name", Ty::Text);
    stored.note_type(crate::engine::base::Modality::Vector, "embedding", Ty::Vector(Some(3)));
    stored.note_type(crate::engine::base::Modality::Graph, "cites", Ty::Any);
    stored.contracts.insert("Reviewed".to_owned());
    stored.settings.insert("author".to_owned());
    Catalogue::default().with(Some(std::sync::Arc::new(stored)), None)
}

// ----- examples

/// The answer to one request.
fn answer(request: &str, text: &str, at: usize) -> String {
    let parsed = analysis(text);
    let names = catalogue();
    let words = |span: Span| text.get(span.range()).unwrap_or("?");
    let mut out = String::new();
    let mut line = |words: String| writeln!(out, "{words}").unwrap();
    match request {
        "completion" => {
            let found = completion::completion(&[&parsed], 0, at, &names);
            line(format!("replace `{}`", words(found.replace)));
            for c in found.candidates.iter().take(12) {
                let tail = c.tail.as_deref().unwrap_or("");
                line(format!("{:?} {}{tail} -> {:?}", c.kind, c.label, c.insert));
            }
        }
        "hover" => match hover::hover(&[&parsed], 0, at, &names) {
            Some(hover) => line(format!("`{}`\n{}", words(hover.span), hover.text)),
            None => line("nothing".to_owned()),
        },
        "signature" => match signature::signature(&[&parsed], 0, at) {
            Some(found) => {
                let active = found.params.get(found.active).map(|p| &found.label[p.range()]);
                line(format!("{} active {active:?}", found.label));
            }
            None => line("nothing".to_owned()),
        },
        "definition" => {
            if let Some(found) = navigate::symbol_at(&parsed, at) {
                for place in navigate::definitions(&parsed, &found.symbol, Some(found.part)) {
                    line(format!("{} in {}", words(place.span), words(place.statement)));
                }
            }
        }
        "references" => {
            for place in navigate::highlights(&parsed, at) {
                line(format!("{} {:?} at {}", words(place.span), place.role, place.span.start));
            }
        }
        "rename" => match rename::rename(&[&parsed], 0, at, "renamed") {
            Ok(edits) => {
                let fixes: Vec<Fix> = edits.into_iter().map(|edit| edit.fix).collect();
                line(apply(text, &fixes));
            }
            Err(why) => line(format!("refused: {why}")),
        },
        "symbols" => {
            for entry in symbols::outline(&parsed) {
                line(format!("{:?} {}", entry.kind, entry.name));
                for child in entry.children {
                    line(format!("  {:?} {}", child.kind, child.name));
                }
            }
        }
        "tokens" => {
            for token in tokens::tokens(&parsed, None) {
                let kind = tokens::LEGEND[token.kind as usize];
                line(format!("{kind} {} {}", token.modifiers, words(token.span)));
            }
        }
        _ => return answer_about_text(request, text, at),
    }
    out.trim_end().to_owned()
}

/// The answer to a request about all of a text, or about what can be done in it.
fn answer_about_text(request: &str, text: &str, at: usize) -> String {
    let parsed = analysis(text);
    let names = catalogue();
    let words = |span: Span| text.get(span.range()).unwrap_or("?");
    let mut out = String::new();
    let mut line = |words: String| writeln!(out, "{words}").unwrap();
    match request {
        "folding" => {
            for fold in folding::folds(&parsed) {
                let of = |at: u32| text[..at as usize].matches('\n').count();
                line(format!("{:?} {}-{}", fold.kind, of(fold.span.start), of(fold.span.end)));
            }
        }
        "selection" => {
            for span in selection::selection(&parsed, at) {
                line(format!("{:?}", words(span)));
            }
        }
        "hints" => {
            let mut shown = text.to_owned();
            for hint in hints::hints(&parsed, Span::new(0, text.len()), &names).iter().rev() {
                shown.insert_str(hint.at as usize, &format!("‹{}›", hint.text));
            }
            line(shown);
        }
        "actions" => {
            let found = parsed.findings(&names, 100, &|| false);
            let range = Span::new(at, at);
            for action in actions::actions(&parsed, range, &found, Options::default()) {
                let changed = apply(text, &action.edits);
                let same = changed == text;
                line(format!(
                    "{}{}",
                    action.title,
                    if same { String::new() } else { format!(": {changed}") }
                ));
            }
        }
        "lens" => {
            for lens in lens::lenses(&parsed) {
                line(format!("{} {}", lens.kind.title(), lens.statement));
            }
        }
        "links" => {
            for link in links::links(&parsed) {
                line(format!("{} {:?}", words(link.span), link.target));
            }
        }
        other => line(format!("unknown request {other}")),
    }
    out.trim_end().to_owned()
}

/// One file of examples: `=== request`, the text, `---`, the answer.
fn run_examples(path: &Path, bless: bool) -> Vec<String> {
    let file = fs::read_to_string(path).unwrap();
    let (mut wrong, mut new) = (Vec::new(), String::new());
    let (head, cases) = file.split_once("=== ").unwrap();
    new.push_str(head);
    for case in cases.split("\n=== ") {
        let (request, rest) = case.split_once('\n').unwrap();
        let (input, expected) = rest.split_once("\n---").unwrap();
        let (text, at) = marked(input);
        let found = answer(request.trim(), &text, at);
        if found != expected.trim() {
            wrong.push(format!(
                "{}: {request}\n{input}\n--- expected\n{}\n--- found\n{found}\n",
                path.display(),
                expected.trim()
            ));
        }
        writeln!(new, "=== {request}\n{input}\n---\n{found}\n").unwrap();
    }
    if bless && !wrong.is_empty() {
        fs::write(path, format!("{}\n", new.trim_end())).unwrap();
        wrong.clear();
    }
    wrong
}

#[test]
fn examples() {
    let bless = std::env::var_os("VQL_BLESS").is_some();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lsp");
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    files.sort();
    assert!(!files.is_empty());
    let wrong: Vec<String> = files.iter().flat_map(|path| run_examples(path, bless)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

// ----- laws

/// Asks everything about a place.
fn ask_everything(text: &str, at: usize) {
    let parsed = analysis(text);
    let names = Catalogue::default();
    let all = Span::new(0, text.len());
    completion::completion(&[&parsed], 0, at, &names);
    hover::hover(&[&parsed], 0, at, &names);
    signature::signature(&[&parsed], 0, at);
    rename::rename(&[&parsed], 0, at, "renamed").ok();
    navigate::highlights(&parsed, at);
    lens::lenses(&parsed);
    links::links(&parsed);
    hints::hints(&parsed, all, &names);
    for entry in symbols::outline(&parsed) {
        assert!(entry.span.start <= entry.name_span.start, "{text}: {entry:?}");
        assert!(entry.name_span.end <= entry.span.end, "{text}: {entry:?}");
        assert!(!entry.name.is_empty(), "{text}: {entry:?}");
    }
    let found = parsed.findings(&names, 20, &|| false);
    actions::actions(&parsed, Span::new(at, at), &found, Options::default());
    laws_of_places(text, &parsed, at);
}

/// Tokens cover nothing twice, in order; selections nest; folds lie inside.
fn laws_of_places(text: &str, parsed: &Analysis, at: usize) {
    let mut end = 0;
    for token in tokens::tokens(parsed, None) {
        assert!(token.span.start >= end, "{text}: {token:?}");
        let words = text.get(token.span.range()).unwrap();
        assert!(!words.is_empty() && !words.contains('\n'), "{text}: {token:?}");
        assert!((token.kind as usize) < tokens::LEGEND.len());
        end = token.span.end;
    }
    let chain = selection::selection(parsed, at);
    assert_eq!(chain.last(), Some(&Span::new(0, text.len())), "{text}");
    for pair in chain.windows(2) {
        let (inner, outer) = (pair[0], pair[1]);
        assert!(outer.start <= inner.start && inner.end <= outer.end && inner != outer, "{text}");
    }
    for fold in folding::folds(parsed) {
        assert!(text.get(fold.span.range()).unwrap().contains('\n'), "{text}: {fold:?}");
    }
}

fn every_prefix(text: &str) {
    for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
        ask_everything(&text[..at], at);
        ask_everything(text, at);
    }
}

/// A statement for each construct with names in it.
const STATEMENTS: &[&str] = &[
    "SELECT paper.title AS t, COUNT(*) FROM hexads WHERE (h)-[:CITES*1..3]->(paper) AND id IN ('a', $b) ORDER BY t LIMIT 3;",
    "INSERT HEXAD 'é😀' WITH DOCUMENT(title = 'x', n = [1, 2, 3, 4, 5]), GRAPH(cites, 'b'), TEMPORAL(2026-01-01);",
    "-- vql: allow(VQL001)\nCREATE CONTRACT C AS (FIELD year > $least AND HEXAD : { h : Base | h.a = 1 }) WITH least = 3; SELECT id FROM hexads WHERE SATISFIES C(least=4)",
    "PREPARE q (int) AS SEARCH VECTOR [1, 2] WITHIN 0.5 LIMIT $1; EXECUTE q(3, name => 'x'); DEALLOCATE q",
    "(SELECT id FROM HEXAD 'a') UNION ALL (SELECT round(DOCUMENT.x, 2) FROM hexads PROOF UNIVERSAL { ∀ r ∈ Result. r.year > 3 });",
    "BEGIN; SAVEPOINT s;\n/* a\n b */ ROLLBACK TO s; IMPORT FROM 'f.jsonl'; COUNT HEXADS WHERE WITHIN RADIUS(1, 2, 3 km) OR DRIFT(VECTOR, DOCUMENT) > 0.3",
];

#[test]
fn no_prefix_of_a_statement_is_too_short() {
    for text in STATEMENTS {
        every_prefix(text);
    }
}

#[test]
fn statements_of_the_corpus_can_be_asked_about() {
    let Some(dir) = std::env::var_os("VQL_CORPUS") else { return };
    let mut found = Vec::new();
    corpus(Path::new(&dir), &mut found);
    found.sort();
    // Some of them, spread over all, and not the few that are very long.
    let step = (found.len() / 40).max(1);
    for path in found.iter().step_by(step) {
        let text = fs::read_to_string(path).unwrap_or_default();
        let end = text.char_indices().nth(300).map_or(text.len(), |(at, _)| at);
        every_prefix(&text[..end]);
    }
}

fn corpus(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            corpus(&path, found);
        } else if path.extension().is_some_and(|e| e == "vql") {
            found.push(path);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_words_can_be_asked_about(
        words in prop::collection::vec(WORDS, 0..14),
        share in 0.0..1.0f64,
    ) {
        let text = words.join(" ");
        let mut at = (text.len() as f64 * share) as usize;
        while !text.is_char_boundary(at) { at -= 1; }
        ask_everything(&text, at);
    }

    /// A name that was given can be taken back.
    #[test]
    fn renaming_back_is_the_identity(index in 0..STATEMENTS.len(), share in 0.0..1.0f64) {
        let text = STATEMENTS[index];
        let parsed = analysis(text);
        let mut at = (text.len() as f64 * share) as usize;
        while !text.is_char_boundary(at) { at -= 1; }
        let Ok(target) = rename::prepare(&parsed, at) else { return Ok(()) };
        let edits = rename::rename(&[&parsed], 0, at, "renamed");
        // A name that another thing has too is refused, and then nothing is to be taken back.
        let Ok(edits) = edits else { return Ok(()) };
        let fixes: Vec<Fix> = edits.into_iter().map(|edit| edit.fix).collect();
        prop_assert!(!fixes.is_empty());
        let changed = apply(text, &fixes);
        prop_assert!(changed != text);
        let before = fixes.iter().filter(|fix| fix.span.end <= target.span.start).count();
        let place = target.span.start as usize + before * "renamed".len()
            - fixes.iter().take(before).map(|f| f.span.range().len()).sum::<usize>();
        let back = rename::rename(&[&analysis(&changed)], 0, place, &target.name).unwrap();
        let fixes: Vec<Fix> = back.into_iter().map(|edit| edit.fix).collect();
        prop_assert_eq!(apply(&changed, &fixes), text);
    }
}

const WORDS: &str = "SELECT|FROM hexads|WHERE|\\(|\\)|\\[|\\]|,|;|'|'a'|\\$p|h|paper|\\(h\\)-\\[:A\\]->\\(x\\)|DRIFT|AND|=|1|é😀|\n|-- c\n|/\\*|\\*/|INSERT HEXAD|WITH|DOCUMENT\\(|EXECUTE q\\(|CREATE CONTRACT C AS|SATISFIES C\\(|\\{|\\}|PREPARE q AS|-- region\n|-- endregion\n";
