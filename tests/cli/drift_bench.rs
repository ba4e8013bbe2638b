//! `vql bench drift` on a little data: every bar is met, and what is printed can be read by a program.

use crate::harness::Place;

#[test]
fn harm_is_found_and_undone() {
    let place = Place::new();
    let run = place.vql(["bench", "drift", "--size", "80", "--format", "json"]);
    assert_eq!(run.code, 0, "{run}");
    let found: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(found["missed"], serde_json::json!([]));
    let kinds = found["sets"][0]["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), 8);
    for kind in kinds {
        assert_eq!(kind["harmed"], 4, "{kind}");
        assert_eq!(
            (kind["recall"].as_f64(), kind["touched"].as_u64()),
            (Some(1.0), Some(0)),
            "{kind}"
        );
    }
    for figure in ["sweep_ms", "write_cpu_us", "check_cpu_us"] {
        assert!(found["sets"][0][figure].as_f64().unwrap() > 0.0, "{figure}: {run}");
    }
    // Nothing is left behind.
    assert_eq!(std::fs::read_dir(place.root()).unwrap().count(), 0);
}

#[test]
fn wishes_that_make_no_sense_are_refused() {
    let place = Place::new();
    for (args, message) in [
        (&["bench", "drift", "get"][..], "measured alone"),
        (&["bench", "get", "--data", "x"], "for `vql bench drift`"),
    ] {
        let run = place.vql(args.iter().copied());
        assert!(run.code == 2 && run.err.contains(message), "{run}");
    }
}
