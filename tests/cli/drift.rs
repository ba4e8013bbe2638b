//! Drift through the command line: the gate, the shell's command, scores kept from one run to the next.

use crate::harness::{Place, Run};

const TOWN: &str = "INSERT HEXAD 'mill' WITH DOCUMENT(title = 'Mill', body = 'grinds corn by the river'), VECTOR([0, 1]);
INSERT HEXAD 'lane' WITH DOCUMENT(title = 'Mill Lane'), GRAPH(LEADS_TO, mill);
";
const REWRITE: &str =
    "UPDATE HEXAD 'mill' SET DOCUMENT.body = 'a hotel with forty rooms and a garden';\n";

fn gate(place: &Place, statement: &str) -> Run {
    place.vql(["repl", "t.db", "--format", "jsonl", "-c", statement])
}

#[test]
fn a_script_ends_with_status_6_when_something_has_drifted() {
    let place = Place::new();
    place.script(TOWN);
    assert_eq!(gate(&place, "DRIFT VERIFY FROM hexads").code, 0);
    place.script(REWRITE);
    let run = gate(&place, "DRIFT VERIFY FROM hexads");
    assert_eq!(run.code, 6, "{run}");
    assert!(run.out.contains("\"is_consistent\":false"), "{run}");
    // What only answers is no gate, and neither is what is well.
    for fine in [
        "DRIFT DETECT FROM hexads",
        "DRIFT VERIFY FROM HEXAD lane",
        "DRIFT VERIFY FROM hexads WITH DRIFT TOLERANCE 0.5",
    ] {
        assert_eq!(gate(&place, fine).code, 0, "{fine}");
    }
    assert_eq!(gate(&place, "DRIFT VERIFY FROM hexads WITH DRIFT TOLERANCE 0.4").code, 6);
    // A script stops at the gate.
    let script = "DRIFT VERIFY FROM hexads; INSERT HEXAD 'after' WITH DOCUMENT(title = 'After');";
    assert_eq!(gate(&place, script).code, 6);
    assert_eq!(place.script("COUNT hexads").trim(), "{\"count\":2}");
}

#[test]
fn the_shell_says_what_has_drifted_and_why() {
    let place = Place::new();
    place.script(TOWN);
    place.script(REWRITE);
    place.script("DELETE HEXAD 'lane'; INSERT HEXAD 'road' WITH GRAPH(LEADS_TO, lane);");
    let all = place.script("\\drift mill\n\\drift road\n");
    assert!(all.contains("words changed: -by -corn -grinds -river -the +a"), "{all}");
    assert!(all.contains("since version 2 of 20"), "{all}");
    assert!(all.contains("LEADS_TO leads to lane, which does not exist"), "{all}");
    let shown = place.script("\\drift\n");
    assert!(shown.contains("2 of 2 measured, not swept yet"), "{shown}");
}

#[test]
fn scores_outlive_the_process_and_follow_what_the_next_one_writes() {
    let place = Place::new();
    place.script(TOWN);
    let worst =
        "SELECT id, drift_score FROM hexads WHERE drift_score > 0.3 ORDER BY drift_score DESC";
    assert_eq!(place.script(worst), "");
    assert!(place.path("t.db/index/drift.scores").is_file());
    place.script("DELETE HEXAD 'mill'");
    assert_eq!(place.script(worst), "{\"id\":\"lane\",\"drift_score\":1.0}\n");
    let run = place.vql(["repl", "t.db", "--read-only", "--format", "jsonl", "-c", worst]);
    assert_eq!(
        (run.code, run.out.as_str()),
        (0, "{\"id\":\"lane\",\"drift_score\":1.0}\n"),
        "{run}"
    );
    let history = place.script("DRIFT HISTORY FROM hexads ORDER BY at DESC LIMIT 1");
    assert!(history.contains("\"cause\":\"surroundings\""), "{history}");
}
