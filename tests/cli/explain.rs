//! `vql explain`: the tree, the JSON form, the picture; what is remembered of statements from one
//! process to the next.

use serde_json::Value as Json;

use crate::harness::Place;

fn filled() -> Place {
    let place = Place::new();
    let mut lines = String::new();
    for n in 0..80 {
        let kind = if n % 8 == 0 { "gem" } else { "rock" };
        let line = format!(
            "{{\"id\":\"h{n}\",\"document\":{{\"title\":\"stone {n}\",\"kind\":\"{kind}\",\"year\":{n}}}}}\n"
        );
        lines.push_str(&line);
    }
    place.write("stones.jsonl", lines);
    let run = place.vql(["migrate", "import", "stones.jsonl", "a.db"]);
    assert_eq!(run.code, 0, "{run:?}");
    place
}

const QUERY: &str = "SELECT id FROM hexads WHERE kind = 'gem' AND lower(title) = 'stone 8' LIMIT 3";

#[test]
fn the_tree_is_text_wherever_it_goes_and_colored_on_demand() {
    let place = filled();
    let plain = place.vql(["explain", "a.db", QUERY]);
    assert_eq!(plain.code, 0, "{plain:?}");
    assert!(plain.out.contains("\n-> project id"), "{}", plain.out);
    assert!(plain.out.contains("field index on document.kind: kind = 'gem'"), "{}", plain.out);
    assert!(plain.out.contains("because") && plain.out.contains("cost: about"), "{}", plain.out);
    let colored = place.vql(["explain", "a.db", QUERY, "--color", "always"]);
    assert!(colored.out.contains("\u{1b}[1;36mlimit"), "{}", colored.out);
    let measured = place.vql(["explain", "a.db", "--analyze", QUERY]);
    assert!(measured.out.contains("ran: 1 row in"), "{}", measured.out);
}

#[test]
fn the_json_form_is_the_plan_and_nothing_else() {
    let place = filled();
    let run = place.vql(["explain", "a.db", "--analyze", QUERY, "--format", "json"]);
    let plan: Json = serde_json::from_str(&run.out).unwrap();
    assert_eq!((plan["version"].as_i64(), plan["analyzed"].as_bool()), (Some(1), Some(true)));
    assert_eq!(plan["run"]["rows"].as_i64(), Some(1));
    let documented =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reference/explain.md"));
    let documented = documented.unwrap();
    let mut at = &plan["plan"];
    let mut members: Vec<&String> = plan.as_object().unwrap().keys().collect();
    loop {
        members.extend(at.as_object().unwrap().keys());
        for part in ["estimate", "actual"] {
            members.extend(at[part].as_object().into_iter().flat_map(|part| part.keys()));
        }
        let Some(next) = at["inputs"].get(0) else { break };
        at = next;
    }
    for member in members {
        assert!(documented.contains(&format!("`{member}`")), "{member} is not documented");
    }
}

#[test]
fn the_picture_is_one_page_that_loads_nothing() {
    let place = filled();
    let hostile = "SELECT id FROM hexads WHERE kind = '</svg><script>alert(1)</script>'";
    let run = place.vql(["explain", "a.db", "--html", "plan.html", hostile]);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{run:?}");
    let page = place.read("plan.html");
    assert!(page.contains("<svg") && page.contains("prefers-color-scheme"));
    assert!(!page.contains("<script") && !page.contains("http"));
    let run = place.vql(["explain", "a.db", "--html", "no/such/place.html", QUERY]);
    assert_ne!(run.code, 0);
    let run = place.vql(["explain", "a.db", "--html", "other.html", "SELECT FROM"]);
    assert!(run.code != 0 && !place.path("other.html").exists(), "{run:?}");
}

#[test]
fn analyze_of_a_write_leaves_the_database_as_it_is() {
    let place = filled();
    let run = place.vql(["explain", "a.db", "--analyze", "DELETE FROM hexads WHERE kind = 'gem'"]);
    assert!(run.out.contains("note: nothing was written"), "{run:?}");
    let count = place.vql(["repl", "a.db", "-c", "COUNT HEXADS"]);
    assert!(count.out.contains("80"), "{count:?}");
}

#[test]
fn slow_statements_are_known_to_the_next_process_without_their_values() {
    let place = filled();
    let script = "SET slow_query_ms = 0; SELECT id FROM hexads WHERE kind = 'secret'";
    assert_eq!(place.vql(["repl", "a.db", "-c", script]).code, 0);
    let run = place.vql(["repl", "a.db", "--format", "json", "-c", "SHOW SLOW QUERIES"]);
    assert!(run.out.contains("SELECT id FROM hexads WHERE kind = ?"), "{run:?}");
    assert!(run.out.contains("index document [kind = ?]"), "{run:?}");
    assert!(!run.out.contains("secret") && !place.read("a.db/slow.jsonl").contains("secret"));
    let run = place.vql(["repl", "a.db", "-c", "CHECK INTEGRITY"]);
    assert_eq!(run.code, 0, "{run:?}");
}
