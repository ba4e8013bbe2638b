//! The shell on a server: what it says is what it says on a database of this machine.

use std::net::TcpListener;

use super::Served;
use crate::harness::{Place, Run};

fn on(place: &Place, served: &Served, args: &[&str], input: &str) -> Run {
    let mut all = vec!["repl", &served.url];
    all.extend(args);
    place.with_input(all, input)
}

#[test]
fn statements_answer_what_they_answer_on_this_machine() {
    let place = Place::new();
    let script = "INSERT HEXAD 'a' WITH DOCUMENT(title = 'x', year = 1911, share = 1.0), \
                  VECTOR([0.5, -1.0]);\n\
                  INSERT HEXAD 'b' WITH DOCUMENT(title = 'y');\n\
                  SELECT id, document.title, document.year, document.share, vector.embedding \
                  FROM hexads ORDER BY id;\n\
                  SELECT id, id FROM hexads ORDER BY id;\n\
                  COUNT HEXADS; UPDATE HEXAD 'b' SET document.title = 'z'; DELETE HEXAD 'b';\n";
    // In a table for people, a vector of a server is a list of numbers, and columns have names of their own.
    let alone = script.replace("id, id", "id");
    let plain = script.replace(", vector.embedding", "").replace("id, id", "id");
    for (format, script) in [
        ("jsonl", script),
        ("csv", &alone),
        ("json", script),
        ("table", &plain),
        ("markdown", &plain),
    ] {
        let args = ["repl", "local.db", "--format", format];
        let local = place.with_input(args, script).redacted(&place);
        std::fs::remove_dir_all(place.path("local.db")).unwrap();
        let served = Served::open(&place);
        let remote = on(&place, &served, &["--format", format], script).redacted(&place);
        drop(served);
        std::fs::remove_dir_all(place.path("t.db")).unwrap();
        assert_eq!((remote.code, &remote.err), (local.code, &local.err), "{format}");
        assert_eq!(remote.out, local.out, "{format}");
    }
}

#[test]
fn errors_are_shown_where_they_are() {
    let place = Place::new();
    place.script("INSERT HEXAD 'a' WITH DOCUMENT(title = 'x');");
    for script in [
        "SELECT id FROM hexads;\nSELEC * FROM hexads;",
        "COUNT HEXADS;  SELECT nothing.at.all FROM hexads;",
        "INSERT HEXAD 'a' WITH DOCUMENT(title = 'x');",
        "DELETE HEXAD 'nobody';",
        "DELETE FROM hexads;",
        "SELECT id FROM hexads WHERE document.title = $missing;",
    ] {
        let local = place.with_input(["repl", "t.db"], script);
        let served = Served::open(&place);
        let remote = on(&place, &served, &[], script);
        drop(served);
        assert_eq!((remote.code, &remote.err), (local.code, &local.err), "{script}");
        assert_eq!(remote.out, local.out, "{script}");
    }
}

#[test]
fn transactions_settings_and_prepared_statements_last_for_the_session() {
    let place = Place::new();
    let served = Served::open(&place);
    let script = "BEGIN; INSERT HEXAD 'a' WITH DOCUMENT(title = 'x'); COUNT HEXADS; ROLLBACK;\n\
                  COUNT HEXADS; SET timeout_ms = 9000; SHOW SETTINGS;\n\
                  PREPARE p AS COUNT HEXADS; EXECUTE p;\n\
                  BEGIN; INSERT HEXAD 'b' WITH DOCUMENT(title = 'x'); COMMIT; EXECUTE p;\n";
    let remote = on(&place, &served, &["--format", "jsonl"], script);
    drop(served);
    std::fs::remove_dir_all(place.path("t.db")).unwrap();
    let local = place.with_input(["repl", "t.db", "--format", "jsonl"], script);
    assert_eq!((remote.code, remote.out, remote.err), (local.code, local.out, local.err));
    assert_eq!(remote.code, 0);
}

#[test]
fn what_is_open_is_rolled_back_at_the_end_and_a_single_transaction_is_one() {
    let place = Place::new();
    let served = Served::open(&place);
    let run = on(&place, &served, &[], "BEGIN; INSERT HEXAD 'a' WITH DOCUMENT(title = 'x');");
    assert_eq!(run.code, 0);
    assert!(run.err.contains("rolled back"), "{run}");
    let args = ["-1", "-c", "INSERT HEXAD 'b' WITH DOCUMENT(title = 'x')", "-c", "SELEC"];
    assert_eq!(on(&place, &served, &args, "").code, 1);
    let run = on(&place, &served, &["-c", "COUNT HEXADS", "--format", "csv"], "");
    assert_eq!(run.out.lines().last(), Some("0"), "{run}");
}

#[test]
fn parameters_and_explain() {
    let place = Place::new();
    let served = Served::open(&place);
    let insert = "INSERT HEXAD 'a' WITH DOCUMENT(title = $t)";
    let run = on(&place, &served, &["-c", insert, "--param", "t=it's; DROP"], "");
    assert_eq!(run.code, 0, "{run}");
    let select = "SELECT document.title FROM hexads WHERE document.title = $t";
    let args = ["-c", select, "--param", "t=it's; DROP", "--format", "csv"];
    assert_eq!(on(&place, &served, &args, "").out.lines().last(), Some("it's; DROP"));
    let explained = place.vql(["explain", &served.url, "SELECT id FROM hexads"]);
    drop(served);
    let local = place.vql(["explain", "t.db", "SELECT id FROM hexads"]);
    assert_eq!((explained.code, explained.out), (local.code, local.out));
}

#[test]
fn connecting_from_one_to_the_other() {
    let place = Place::new();
    let served = Served::open(&place);
    let script = format!(
        "\\connect {}\nINSERT HEXAD 'far' WITH DOCUMENT(title = 'x');\n\\conninfo\n\
         \\connect here.db\nINSERT HEXAD 'near' WITH DOCUMENT(title = 'x');\n\
         \\connect {}\nSELECT id FROM hexads;\n\\import x.jsonl\n",
        served.url, served.url
    );
    let run = place.with_input(["repl", "here.db", "--format", "jsonl"], script);
    assert_eq!(run.code, 3, "{run}");
    assert!(run.out.contains(&served.url) && run.out.contains("\"far\""), "{run}");
    assert_eq!(run.out.lines().last(), Some(r#"{"id":"far"}"#), "{run}");
    assert!(run.err.contains("`\\import` works on the files of a database"), "{run}");
}

#[test]
fn who_cannot_be_reached_or_does_not_let_in_is_exit_three() {
    let place = Place::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let run = place.vql(["repl", &url, "-c", "COUNT HEXADS"]);
    assert_eq!(run.code, 3, "{run}");
    assert!(run.err.contains("cannot reach") && run.err.contains("refused"), "{run}");
    let served = Served::start(place.command(["serve", "t.db", "--listen", "127.0.0.1:0"]));
    let run = place.vql(["repl", &served.url, "-c", "COUNT HEXADS"]);
    assert_eq!(run.code, 3, "{run}");
    assert!(run.err.contains("VQL_API_KEY"), "{run}");
    place.write("key", "vqlk_00000000_wrong\n");
    let run = place.vql(["repl", &served.url, "--user-key", "key", "-c", "COUNT HEXADS"]);
    assert_eq!(run.code, 3, "{run}");
    assert!(!run.err.contains("vqlk_") && run.err.contains("not valid"), "{run}");
}

#[test]
fn keys_are_not_given_away() {
    let place = Place::new();
    place.write("key", "vqlk_00000000_canary\n");
    for url in
        ["http://192.0.2.1:1", "https://ada:canary@192.0.2.1", "https://192.0.2.1/?key=canary"]
    {
        let run = place.vql(["repl", url, "--user-key", "key", "-c", "COUNT HEXADS"]);
        assert_eq!(run.code, 2, "{run}");
        assert!(!run.err.contains("canary") && !run.out.contains("canary"), "{run}");
    }
    place.write("two", "vqlk_a\nvqlk_b\n");
    let run = place.vql(["repl", "https://192.0.2.1", "--user-key", "two", "-c", "COUNT HEXADS"]);
    assert_eq!(run.code, 2, "{run}");
}

/// One who signs certificates: what it is known by, and what it signs with.
fn authority() -> (String, rcgen::Issuer<'static, rcgen::KeyPair>) {
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    (pem, rcgen::Issuer::new(params, key))
}

#[test]
fn a_server_is_believed_when_the_right_one_has_signed_for_it() {
    let place = Place::new();
    let signer = authority();
    let key = rcgen::KeyPair::generate().unwrap();
    let made = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
    place.write("cert.pem", made.signed_by(&key, &signer.1).unwrap().pem());
    place.write("key.pem", key.serialize_pem());
    place.write("ca.pem", signer.0);
    place.write("other.pem", authority().0);
    let served = Served::start(place.command([
        "serve",
        "t.db",
        "--insecure",
        "--listen",
        "127.0.0.1:0",
        "--tls-cert",
        "cert.pem",
        "--tls-key",
        "key.pem",
    ]));
    let url = served.url.replace("127.0.0.1", "localhost");
    assert!(url.starts_with("https://"), "{url}");
    let count = |args: &[&str]| {
        let all = [&["repl", &url, "-c", "COUNT HEXADS", "--format", "csv"], args].concat();
        place.vql(all)
    };
    let run = count(&["--ca-cert", "ca.pem"]);
    assert_eq!((run.code, run.out.lines().last()), (0, Some("0")), "{run}");
    for args in [&["--ca-cert", "other.pem"][..], &[]] {
        let run = count(args);
        assert_eq!(run.code, 3, "{run}");
        assert!(run.err.contains("--ca-cert"), "{run}");
    }
    let by_number = place.vql(["repl", &served.url, "-c", "COUNT HEXADS", "--ca-cert", "ca.pem"]);
    assert_eq!(by_number.code, 3, "a certificate for another name: {by_number}");
    let run = count(&["--ca-cert", "key.pem"]);
    assert_eq!(run.code, 2, "{run}");
}

#[test]
fn flags_that_are_about_files_are_refused() {
    let place = Place::new();
    for flag in ["--read-only", "--accept-loss"] {
        let run = place.vql(["repl", "https://192.0.2.1", flag, "-c", "COUNT HEXADS"]);
        assert_eq!(run.code, 2, "{run}");
        assert!(run.err.contains(flag), "{run}");
    }
}
