//! `vql fmt`: which files, what is written, what is reported, how it ends.

use crate::harness::Place;

const UGLY: &str = "select   document from hexads limit 3;\n";
const GOOD: &str = "SELECT DOCUMENT\nFROM hexads\nLIMIT 3;\n";

#[test]
fn directories_are_searched_but_for_what_is_ignored_or_excluded() {
    let place = Place::new();
    for name in ["a.vql", "b/c.vql", "b/ignored.vql", "b/x.gen.vql", "old/d.vql", "e.txt"] {
        place.write(name, UGLY);
    }
    place.write(".gitignore", "ignored.vql\n");
    place.write("vql.toml", "[fmt]\nexclude = ['/old/']\n");
    let run = place.vql(["fmt", "--check", "--exclude", "*.gen.vql"]);
    assert_eq!(run.code, 1, "{run}");
    assert_eq!(run.out, "would reformat a.vql\nwould reformat b/c.vql\n");
    assert_eq!(run.err, "2 files would be formatted, 0 files unchanged\n");
    let run = place.vql(["fmt", "--exclude", "*.gen.vql"]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run}");
    assert_eq!(place.read("a.vql"), GOOD);
    assert_eq!(place.read("b/ignored.vql"), UGLY);
    assert_eq!(place.read("old/d.vql"), UGLY);
    // Named, they are formatted all the same, unless that is not wanted.
    let named = ["b/ignored.vql", "b/x.gen.vql", "old/d.vql"];
    let force = ["fmt", "--check", "--force-exclude", "--exclude", "*.gen.vql"];
    let run = place.vql(force.into_iter().chain(named));
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run}");
    let run = place.vql(["fmt", "--check"].into_iter().chain(named));
    assert_eq!((run.code, run.out.lines().count()), (1, 3), "{run}");
}

#[test]
fn standard_input_goes_by_its_name() {
    let place = Place::new();
    place.write(".gitignore", "gen/\n");
    place.write("sub/vql.toml", "[fmt]\nkeyword_case = 'lower'\nindent = 4\n");
    let fmt = |name: &str| {
        place.with_input(["fmt", "-", "--force-exclude", "--stdin-filename", name], UGLY)
    };
    assert_eq!(fmt("a.vql").out, GOOD);
    assert_eq!(fmt("sub/a.vql").out, "select document\nfrom hexads\nlimit 3;\n");
    assert_eq!(fmt("gen/a.vql").out, UGLY);
    let run = place.with_input(["fmt", "-", "--isolated", "--stdin-filename", "sub/a.vql"], UGLY);
    assert_eq!(run.out, GOOD);
    let run = place.with_input(["fmt", "-", "--check", "--stdin-filename", "x.vql"], UGLY);
    assert_eq!((run.code, run.out.as_str()), (1, "would reformat x.vql\n"), "{run}");
}

#[test]
fn settings_have_places_and_unknown_ones_are_errors() {
    let place = Place::new();
    place.write("vql.toml", "[fmt]\nline-width = 60\n");
    place.write(".editorconfig", "[*.vql]\nindent_size = 3\n");
    let run = place.vql(["fmt", "--print-config", "--keyword-case", "preserve"]).redacted(&place);
    assert_eq!(
        run.out,
        "[fmt]\nline-width = 60            # [DIR]/vql.toml\nindent = 3                 # \
         [DIR]/.editorconfig\nkeyword-case = \"preserve\"  # flag\n"
    );
    place.write("sub/vql.toml", "[fmt]\nindent = 2\nline_with = 3\n");
    place.write("sub/a.vql", UGLY);
    place.write("b.vql", UGLY);
    let run = place.vql(["fmt", "sub/a.vql", "b.vql"]).redacted(&place);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.err.contains("[DIR]/sub/vql.toml:3: unknown field `line_with`"), "{run}");
    assert_eq!((place.read("sub/a.vql").as_str(), place.read("b.vql").as_str()), (UGLY, GOOD));
    for wrong in ["indent = 9", "line-width = 3", "keyword-case = 'big'"] {
        place.write("sub/vql.toml", format!("[fmt]\n{wrong}\n"));
        let run = place.vql(["fmt", "sub/a.vql"]);
        assert!(run.code == 2 && run.err.contains("vql.toml:2: "), "{run}");
    }
}

#[test]
fn what_is_broken_stays_and_the_rest_is_formatted() {
    let place = Place::new();
    place.write("a.vql", format!("{UGLY}\nSELECT  FROM\n WHERE ;\n{UGLY}"));
    place.write("b.vql", UGLY);
    let run = place.vql(["fmt", "a.vql", "b.vql", "none.vql"]);
    assert_eq!(run.code, 2, "{run}");
    assert_eq!(place.read("a.vql"), format!("{GOOD}\nSELECT  FROM\n WHERE ;\n{GOOD}"));
    assert_eq!(place.read("b.vql"), GOOD);
    assert!(run.err.contains("a.vql:3:9") && run.err.contains("none.vql"), "{run}");
}

#[test]
fn unchanged_files_are_not_written() {
    let place = Place::new();
    let path = place.write("a.vql", GOOD);
    let before = std::fs::metadata(&path).unwrap();
    let run = place.vql(["fmt"]);
    assert_eq!((run.code, run.err.as_str()), (0, "0 files formatted, 1 file unchanged\n"), "{run}");
    let after = std::fs::metadata(&path).unwrap();
    assert_eq!(before.modified().unwrap(), after.modified().unwrap());
}

#[test]
fn diffs_are_unified_and_colored_only_where_wanted() {
    let place = Place::new();
    place.write("a.vql", UGLY);
    let run = place.vql(["fmt", "--diff"]);
    assert_eq!(run.code, 1, "{run}");
    assert!(run.out.starts_with("--- a.vql\n+++ a.vql\n@@ -1 +1,3 @@\n-select"), "{run}");
    let run = place.vql(["fmt", "--diff", "--color", "always"]);
    assert!(run.out.contains("\u{1b}[32m+SELECT DOCUMENT\u{1b}[0m\n"), "{run}");
    assert_eq!(place.read("a.vql"), UGLY);
}

#[test]
fn a_range_is_formatted_alone() {
    let place = Place::new();
    let text = format!("{UGLY}{UGLY}{UGLY}");
    let run = place.with_input(["fmt", "-", "--range", "2:1-2:5"], &text);
    assert_eq!(run.out, format!("{UGLY}{GOOD}{UGLY}"), "{run}");
    let run = place.with_input(["fmt", "-", "--range", "2-3"], &text);
    assert_eq!(run.out, format!("{UGLY}{GOOD}{GOOD}"), "{run}");
    assert_eq!(place.with_input(["fmt", "-", "--range", "3:1-2:1"], &text).code, 2);
}

#[test]
fn markdown_keeps_everything_but_its_vql() {
    let place = Place::new();
    let text = "# A\n\n1. b\n   ```vql\n   select   document from hexads limit 3;\n\n   SELECT  FROM ;\n   ```\n\n```sql\nselect   1\n```\n";
    place.write("a.md", text);
    let run = place.vql(["fmt", "."]);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.err.contains("a.md:7:12"), "{run}");
    let expected = text.replace(
        "   select   document from hexads limit 3;",
        "   SELECT DOCUMENT\n   FROM hexads\n   LIMIT 3;",
    );
    assert_eq!(place.read("a.md"), expected);
}

#[test]
fn findings_have_forms_for_machines() {
    let place = Place::new();
    place.write("a.vql", "SELECT DOCUMENT FROM hexads;\nSELECT  FROM ;\n");
    let lint = |format: &str| place.vql(["fmt", "--lint", "--output-format", format]);
    let run = lint("github");
    assert_eq!(run.code, 1, "{run}");
    assert!(
        run.out.contains("::error file=a.vql,line=2,endLine=2,col=9,endColumn=13,title=vql "),
        "{run}"
    );
    assert!(run.out.contains("::warning file=a.vql,line=1,"), "{run}");
    let run = lint("json");
    let first: serde_json::Value = serde_json::from_str(run.out.lines().last().unwrap()).unwrap();
    assert_eq!(first["error"]["rule"], "VQL001", "{run}");
    assert_eq!(first["error"]["documentation"], "docs/reference/lint.md#vql001");
    let sarif: serde_json::Value = serde_json::from_str(&lint("sarif").out).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 3);
    let region = &results[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"], 2);
    place.write("a.vql", UGLY);
    let run = place.vql(["fmt", "--check", "--output-format", "github"]);
    assert_eq!(run.code, 1, "{run}");
    assert!(run.out.starts_with("::warning file=a.vql,line=1,endLine=1,col=1,"), "{run}");
}

#[test]
fn mistakes_with_one_remedy_are_fixed() {
    let place = Place::new();
    place.write("a.vql", "SELECT DOCUMENT FROM hexads LIMTI 3;\n");
    let run = place.vql(["fmt", "--lint", "--fix"]);
    assert_eq!(run.code, 0, "{run}");
    assert_eq!(place.read("a.vql"), "SELECT DOCUMENT FROM hexads LIMIT 3;\n");
    let run =
        place.with_input(["fmt", "--lint", "--fix", "-"], "SELECT DOCUMENT FROM hexads LIMTI 3");
    assert_eq!(run.out, "SELECT DOCUMENT FROM hexads LIMIT 3", "{run}");
}

#[test]
fn our_own_pages_are_in_the_standard_layout() {
    let place = Place::new();
    let root = env!("CARGO_MANIFEST_DIR");
    let pages = ["README.md", "docs"].map(|name| format!("{root}/{name}"));
    let run = place.vql(["fmt", "--check"].into_iter().chain(pages.iter().map(String::as_str)));
    assert_eq!(run.code, 0, "{run}");
}
