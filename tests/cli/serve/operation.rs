//! Running the server: health, figures, signals, settings.

use std::net::TcpStream;
use std::process::Stdio;

use rustix::process::Signal;
use serde_json::json;

use super::web::Served;
use crate::harness::Place;

#[test]
fn health_says_how_each_part_is() {
    let server = Served::start();
    let health = server.get("/health").is(200);
    assert_eq!((&health["status"], &health["writable"]), (&json!("healthy"), &json!(true)));
    assert_eq!(health["modalities"].as_object().unwrap().len(), 8);
    assert_eq!(server.get("/ready").is(200), json!({"status": "ready"}));
    assert_eq!(server.get("/api/v1/health/live").is(200), json!({"status": "ok"}));
    assert_eq!(server.get("/version").is(200)["version"], env!("CARGO_PKG_VERSION"));
}

#[test]
fn figures_follow_the_conventions() {
    let server = Served::start();
    server.vql("SHOW STATUS");
    let text = server.get("/metrics").text;
    assert!(text.ends_with("# EOF\n"), "{text}");
    let mut helped = std::collections::BTreeSet::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            assert!(helped.insert(rest.split(' ').next().unwrap().to_owned()), "{line}");
        } else if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().unwrap();
            assert!(name.starts_with("vql_"), "{line}");
            let family = ["_total", "_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| name.strip_suffix(end))
                .unwrap_or(name);
            assert!(helped.contains(family), "{line} has no help");
        }
    }
    assert!(text.contains("vql_statements_total{kind=\"SHOW\",outcome=\"ok\"} 1"), "{text}");
    assert!(
        text.contains("vql_http_requests_total{method=\"POST\",route=\"/query\",status=\"200\"} 1")
    );
}

#[test]
fn who_is_told_to_end_ends_in_order() {
    let mut server = Served::start();
    server.vql("INSERT HEXAD 'a' WITH DOCUMENT(title = 'A')");
    server.signal(Signal::TERM);
    assert_eq!(server.wait(), 0, "{}", server.log());
    let run = server.place.vql(["repl", "t.db", "-c", "COUNT HEXADS", "--format", "csv"]);
    assert_eq!(run.out, "count\r\n1\r\n");
}

#[test]
fn nothing_that_can_be_reached_is_open_to_everybody() {
    let place = Place::new();
    let run = place.vql(["serve", "t.db", "--listen", "0.0.0.0:0", "--insecure"]);
    assert_eq!(run.code, 2, "{run}");
    assert!(run.err.contains("--insecure"), "{run}");
    let run = place.vql(["serve", "t.db", "--listen", "0.0.0.0:0"]);
    assert!(run.code == 2 && run.err.contains("encrypted"), "{run}");
    assert!(!place.path("t.db").exists());
}

#[test]
fn settings_are_checked_without_serving() {
    let place = Place::new();
    place.write(
        "vql.toml",
        "[serve]\nlisten = '127.0.0.1:9'\n[serve.limits]\nstatement-time = '5s'\n",
    );
    let run = place.vql(["serve", "t.db", "--check-config"]);
    assert!(
        run.code == 0 && run.out.contains("127.0.0.1:9") && run.out.contains("5s each"),
        "{run}"
    );
    place.write("vql.toml", "[serve.limits]\nstatemnt-time = '5s'\n");
    let run = place.vql(["serve", "t.db", "--check-config"]);
    assert!(run.code == 2 && run.err.contains("statemnt-time"), "{run}");
    place.write("vql.toml", "[serve]\ntls-cert = 'no.pem'\ntls-key = 'no.pem'\n");
    let run = place.vql(["serve", "t.db", "--check-config"]);
    assert!(run.code == 2 && run.err.contains("no.pem"), "{run}");
}

#[test]
fn limits_change_while_it_runs() {
    let place = Place::new();
    place.write("vql.toml", "");
    let server = Served::with(place, &[]);
    let many: Vec<String> = (0..8).map(|n| format!("('h{n}', 'x')")).collect();
    server.vql(&format!("INSERT INTO hexads (id, title) VALUES {}", many.join(", ")));
    server.vql("SELECT id FROM hexads");
    server.place.write("vql.toml", "[serve.limits]\nrows = 5\n");
    server.signal(Signal::HUP);
    while !server.log().contains("settings were read again") {
        std::thread::yield_now();
    }
    let answer = server.post("/query", &json!({"query": "SELECT id FROM hexads"}));
    assert_eq!(answer.problem(422), "ResourceExhausted");
    // Settings that are wrong change nothing.
    server.place.write("vql.toml", "[serve.limits]\nrows = 'many'\n");
    server.signal(Signal::HUP);
    while !server.log().contains("the settings stay as they were") {
        std::thread::yield_now();
    }
    assert_eq!(
        server.post("/query", &json!({"query": "SELECT id FROM hexads"})).problem(422),
        "ResourceExhausted"
    );
}

#[test]
fn a_second_server_of_the_same_database_is_told_so() {
    let server = Served::start();
    server.vql("INSERT HEXAD 'a' WITH DOCUMENT(title = 'A')");
    let mut second =
        server.place.command(["serve", "t.db", "--listen", "127.0.0.1:0", "--insecure"]);
    let run = second.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    assert_eq!(run.status.code(), Some(3), "{run:?}");
}

#[test]
fn a_connection_that_says_nothing_is_let_go_of() {
    let place = Place::new();
    place.write("vql.toml", "[serve.limits]\nhead-time = '100ms'\n");
    let server = Served::with(place, &[]);
    let address = server.url.strip_prefix("http://").unwrap();
    let mut silent = TcpStream::connect(address).unwrap();
    std::io::Write::write_all(&mut silent, b"GET /health HTTP/1.1\r\nHost: x\r\n").unwrap();
    let mut rest = Vec::new();
    // Returns because the server hangs up.
    drop(std::io::Read::read_to_end(&mut silent, &mut rest));
    server.get("/health/live").is(200);
}
