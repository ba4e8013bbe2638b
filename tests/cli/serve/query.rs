//! Statements over HTTP, and what every answer has.

use reqwest::Method;
use serde_json::json;

use super::web::{Served, said};

fn filled() -> Served {
    let server = Served::start();
    server.vql(
        "INSERT INTO hexads (id, title, year) VALUES ('a', 'Río \"x\"', 1999), ('b', 'B, c', 2001)",
    );
    server
}

#[test]
fn a_statement_answers_rows_in_the_form_that_is_accepted() {
    let server = filled();
    let body = json!({
        "query": "SELECT id, DOCUMENT.title AS t FROM hexads WHERE year < $most ORDER BY id",
        "params": {"most": 2010},
    });
    let answer = server.post("/api/v1/query", &body).is(200);
    assert_eq!(answer["columns"], json!([{"name": "id"}, {"name": "t"}]));
    assert_eq!(answer["rows"][0], json!({"id": "a", "t": "Río \"x\""}));
    assert_eq!((&answer["row_count"], &answer["tag"]), (&json!(2), &json!("SELECT")));
    let form = |accept: &str| {
        said(server.ask(Method::POST, "/query").header("accept", accept).json(&body))
    };
    assert_eq!(form("text/csv").text, "id,t\r\na,\"Río \"\"x\"\"\"\r\nb,\"B, c\"\r\n");
    let lines = form("application/x-ndjson");
    assert_eq!(
        lines.text,
        "{\"id\":\"a\",\"t\":\"Río \\\"x\\\"\"}\n{\"id\":\"b\",\"t\":\"B, c\"}\n"
    );
    assert_eq!(lines.header("content-type"), "application/jsonl");
    assert_eq!(form("image/png").problem(406), "NotAcceptable");
}

#[test]
fn clients_of_other_servers_find_their_names() {
    let server = filled();
    let body = json!({"query": "SELECT id FROM hexads ORDER BY id"});
    let answer = server.post("/vql/execute", &body).is(200);
    assert_eq!(answer["success"], true);
    assert_eq!((&answer["statement_type"], &answer["row_count"]), (&json!("SELECT"), &json!(2)));
    assert_eq!(answer["data"], json!([{"id": "a"}, {"id": "b"}]));
    assert_eq!(answer["results"], answer["data"]);
    let wrong = server.post("/vql/execute", &json!({"query": "SELECT"})).is(400);
    assert!(wrong["error"].is_string() && wrong["code"] == "VQL_PARSE_ERROR", "{wrong}");
}

#[test]
fn a_mistake_has_a_place_and_a_kind() {
    let server = filled();
    let body = json!({"query": "SELECT id\nFROM hexads WHERE titel = 'x' LIMIT -1"});
    let answer = server.post("/api/v1/query", &body);
    assert_eq!(answer.problem(400), "InvalidNumber");
    assert_eq!(answer.json()["span"]["start"]["line"], 2);
    let body = json!({"query": "SELECT unheard(1) FROM hexads", "explain": true});
    let answer = server.post("/api/v1/query", &body);
    assert_eq!(answer.problem(400), "UnknownFunction");
    // Where it is in what was sent, and not in what is run.
    assert_eq!(answer.json()["span"]["start"]["offset"], 7);
    let answer = server.post("/api/v1/query", &json!({"query": "SHOW STATUS; SHOW STATUS"}));
    assert_eq!(answer.problem(400), "InvalidInput");
    let answer = server.post("/api/v1/query", &json!({"query": "SHOW STATUS", "paramz": {}}));
    assert_eq!(answer.problem(400), "MalformedRequest");
    let answer = server.post("/api/v1/query", &json!({"query": "SNAPSHOT INTO '/tmp/elsewhere'"}));
    assert_eq!(answer.problem(501), "NotSupported");
    let answer = server.post("/api/v1/query", &json!({"query": "DELETE FROM hexads"}));
    assert_eq!(answer.problem(400), "UnboundedWrite");
    let answer =
        server.post("/api/v1/query", &json!({"query": "DELETE FROM hexads", "force": true}));
    assert_eq!(answer.is(200)["affected"], 2);
}

#[test]
fn a_statement_that_takes_too_long_is_stopped() {
    let server = Served::start();
    let rows: Vec<String> = (0..2000).map(|n| format!("('h{n}', 'title {n}')")).collect();
    server.vql(&format!("INSERT INTO hexads (id, title) VALUES {}", rows.join(", ")));
    let body = json!({
        "query": "SELECT id FROM hexads WHERE title MATCHES '(.*t){12}x' OR title MATCHES '(.*i){12}y'",
        "timeout_ms": 1,
    });
    assert_eq!(server.post("/api/v1/query", &body).problem(408), "QueryTimeout");
}

#[test]
fn values_are_never_read_as_syntax() {
    let server = Served::start();
    for hostile in
        ["'", "\"; DELETE FROM hexads; --", "\u{0}", "$1", "a\nb", "\u{202e}x", "' OR '1'='1"]
    {
        let body = json!({
            "query": "INSERT HEXAD 'x' WITH DOCUMENT(title = $t)", "params": {"t": hostile},
        });
        server.post("/api/v1/query", &body).is(200);
        let body = json!({
            "query": "SELECT DOCUMENT.title AS t FROM hexads WHERE title = $t", "params": {"t": hostile},
        });
        assert_eq!(server.post("/api/v1/query", &body).is(200)["rows"], json!([{"t": hostile}]));
        server.vql("DELETE HEXAD 'x'");
    }
}

#[test]
fn what_is_not_in_the_table_is_a_problem_too() {
    let server = Served::start();
    assert_eq!(server.get("/nowhere").problem(404), "RouteNotFound");
    let wrong = said(server.ask(Method::DELETE, "/api/v1/health"));
    assert_eq!(wrong.problem(405), "MethodNotAllowed");
    let form = server.ask(Method::POST, "/query").body("{\"query\":\"SHOW STATUS\"}");
    assert_eq!(said(form).problem(415), "UnsupportedMediaType");
    let large = "x".repeat(33 << 20);
    // Who is refused may still be sending when the connection ends, and miss the answer.
    let large = json!({"query": large});
    let sent = || server.ask(Method::POST, "/query").json(&large).send().ok();
    let answer = (0..20).find_map(|_| sent()).expect("one answer of twenty is seen");
    assert_eq!(answer.status(), 413);
    assert_eq!(answer.json::<serde_json::Value>().unwrap()["kind"], "BodyTooLarge");
    let deep = format!("{{\"query\": {}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let answer = server.ask(Method::POST, "/query").header("content-type", "application/json");
    assert_eq!(said(answer.body(deep)).problem(400), "MalformedRequest");
}

#[test]
fn every_answer_has_an_id_and_the_headers_that_browsers_heed() {
    let server = Served::start();
    let given = server.ask(Method::GET, "/health/live").header("x-request-id", "mine-1");
    let answer = said(given);
    assert_eq!(answer.header("x-request-id"), "mine-1");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(answer.header("content-security-policy").contains("default-src 'none'"));
    assert_eq!(answer.header("access-control-allow-origin"), "");
    // One that would forge a line of the log is not taken over.
    let forged = server.ask(Method::GET, "/health/live").header("x-request-id", "a b=1");
    assert_eq!(said(forged).header("x-request-id").len(), 32);
    assert!(server.log().contains("id=\"mine-1\""), "{}", server.log());
}

#[test]
fn the_description_is_the_one_that_is_checked_in() {
    let server = Served::start();
    let served = server.get("/api/v1/openapi.json").is(200);
    let mut text = serde_json::to_string_pretty(&served).unwrap();
    text.push('\n');
    let path = std::path::Path::new("docs/reference/openapi.json");
    crate::artifacts::fresh(path, text.as_bytes());
}
