//! Hexads as resources.

use reqwest::Method;
use serde_json::{Value as Json, json};

use super::web::{Served, said};

fn full() -> Json {
    json!({
        "id": "article:tides/1",
        "document": {"title": "Tides", "body": "Why the sea rises.", "year": 1911, "ratio": 1.0},
        "vector": {"embedding": [0.12, -0.4], "model": "m-2", "named": {"caption": {"embedding": [1.0, 0.0]}}},
        "graph": [{"predicate": "CITES", "target": "article:moon", "properties": {"page": 7}}],
        "semantic": {"types": ["river:Article"], "properties": {"any": {"thing": [1, null]}}},
        "tensor": {"shape": [2, 2], "dtype": "float32", "data": [0.0, 1.0, 2.0, 3.0]},
        "spatial": {"latitude": 48.85, "longitude": 2.35, "altitude": 35.0},
        "temporal": {"valid_from": "2026-01-01T00:00:00Z"},
    })
}

const PATH: &str = "/api/v1/hexads/article:tides%2F1";

/// What the client said, out of what the server answers.
fn stated(answer: &Json) -> Json {
    let names = ["id", "document", "vector", "graph", "semantic", "tensor", "spatial", "temporal"];
    names
        .iter()
        .filter(|n| answer.get(**n).is_some())
        .map(|n| ((*n).to_owned(), answer[*n].clone()))
        .collect()
}

#[test]
fn what_is_written_is_what_is_read() {
    let server = Served::start();
    let made = server.post("/api/v1/hexads", &full());
    let body = made.is(201);
    assert_eq!(made.header("location"), PATH);
    assert_eq!((&body["id"], &body["has_tensor"]), (&full()["id"], &json!(true)));
    let read = server.get(PATH);
    let body = read.is(200);
    assert_eq!(stated(&body), full());
    assert_eq!(read.header("etag"), made.header("etag"));
    assert_eq!((&body["status"]["version"], &body["version_count"]), (&json!(1), &json!(1)));
    assert_eq!(body["provenance_chain_length"], 1);
    // Sent back as it was answered it changes nothing.
    let again = server.send(Method::PUT, PATH, &body);
    assert_eq!(again.is(200)["version"], 1);
    assert_eq!(again.header("etag"), made.header("etag"));
    assert_eq!(stated(&server.get(PATH).is(200)), full());
    // The same over the other door.
    let rows = server.vql("SELECT id, DOCUMENT.title AS t FROM hexads");
    assert_eq!(rows["rows"], json!([{"id": "article:tides/1", "t": "Tides"}]));
    let some = server.get(&format!("{PATH}?modalities=document,spatial")).is(200);
    assert!(some["document"].is_object() && some.get("vector").is_none(), "{some}");
    let wrong = server.get(&format!("{PATH}?modalities=sound"));
    assert_eq!(wrong.problem(400), "MalformedRequest");
}

#[test]
fn an_id_is_taken_once_and_what_is_wrong_is_named() {
    let server = Served::start();
    server.post("/hexads", &json!({"id": "a", "title": "A", "embedding": [1, 0]})).is(201);
    assert_eq!(server.post("/hexads", &json!({"id": "a"})).problem(409), "InsertConflict");
    let made = server.post("/hexads", &json!({"title": "without"})).is(201);
    assert!(made["id"].as_str().unwrap().len() > 30, "{made}");
    for (body, kind, part) in [
        (json!({"titel": "x"}), "InvalidInput", "unknown key"),
        (json!({"embedding": [1, 0, 0]}), "VectorDimensionMismatch", "2"),
        (json!({"spatial": {"latitude": 91, "longitude": 0}}), "InvalidCoordinates", "spatial"),
        (json!({"id": ""}), "InvalidHexadId", "empty"),
        (json!({"tensor": {"shape": [2], "data": [1]}}), "ShapeMismatch", "tensor"),
    ] {
        let answer = server.post("/api/v1/hexads", &body);
        assert_eq!(answer.problem(400), kind, "{body}");
        assert!(answer.json()["detail"].as_str().unwrap().contains(part), "{answer:?}");
    }
    let twice = server.ask(Method::POST, "/hexads").header("content-type", "application/json");
    assert_eq!(said(twice.body(r#"{"id":"b","id":"c"}"#)).problem(400), "InvalidInput");
    assert_eq!(server.vql("COUNT HEXADS")["rows"][0]["count"], 2);
}

#[test]
fn nobody_overwrites_what_they_have_not_seen() {
    let server = Served::start();
    let made = server.post("/hexads", &json!({"id": "a", "title": "one"}));
    let first = made.header("etag").to_owned();
    let put = |tag: &str, title: &str| {
        said(
            server
                .ask(Method::PUT, "/hexads/a")
                .header("if-match", tag)
                .json(&json!({"title": title})),
        )
    };
    let second = put(&first, "two");
    second.is(200);
    assert_ne!(second.header("etag"), first);
    assert_eq!(put(&first, "three").problem(412), "PreconditionFailed");
    assert_eq!(server.get("/hexads/a").is(200)["document"]["title"], "two");
    let known = server.ask(Method::GET, "/hexads/a").header("if-none-match", second.header("etag"));
    let known = said(known);
    assert_eq!((known.status.as_u16(), known.text.as_str()), (304, ""));
    // Made only when it is not there.
    let create = |id: &str| {
        let request =
            server.ask(Method::PUT, &format!("/hexads/{id}")).header("if-none-match", "*");
        said(request.json(&json!({"title": "new"})))
    };
    create("b").is(201);
    assert_eq!(create("b").problem(412), "PreconditionFailed");
    let missing = server.send(Method::PUT, "/hexads/c", &json!({"title": "x"}));
    assert_eq!(missing.problem(404), "UpdateNotFound");
    let gone = |tag: &str| said(server.ask(Method::DELETE, "/hexads/a").header("if-match", tag));
    assert_eq!(gone(&first).problem(412), "PreconditionFailed");
    assert_eq!(gone(second.header("etag")).status.as_u16(), 204);
    assert_eq!(server.get("/hexads/a").problem(404), "NotFound");
    assert_eq!(said(server.ask(Method::DELETE, "/hexads/a")).problem(404), "DeleteNotFound");
    // One that comes again is not the one that was there.
    let made = server.post("/hexads", &json!({"id": "a", "title": "one"}));
    assert_ne!(made.header("etag"), first);
}

#[test]
fn a_patch_changes_what_it_names() {
    let server = Served::start();
    server.post("/hexads", &full()).is(201);
    let patch = json!({"document": {"year": 1912, "body": null}, "spatial": null});
    let answer = server.send(Method::PATCH, PATH, &patch).is(200);
    assert_eq!((&answer["version"], &answer["has_spatial"]), (&json!(2), &json!(false)));
    let mut expected = full();
    expected["document"] = json!({"title": "Tides", "year": 1912, "ratio": 1.0});
    expected.as_object_mut().unwrap().remove("spatial");
    let now = server.get(PATH).is(200);
    assert_eq!(stated(&now), expected);
    // What it was is still there.
    let before = server.get(&format!("{PATH}?version=1")).is(200);
    assert_eq!(stated(&before), full());
    assert_eq!(server.get(&format!("{PATH}?version=9")).problem(404), "VersionNotFound");
    assert_eq!(server.send(Method::PATCH, PATH, &json!({"id": "x"})).problem(400), "InvalidInput");
    assert_eq!(server.send(Method::PATCH, PATH, &json!([])).problem(400), "MalformedRequest");
    let missing = server.send(Method::PATCH, "/hexads/none", &json!({"title": "x"}));
    assert_eq!(missing.problem(404), "UpdateNotFound");
}

#[test]
fn pages_neither_repeat_nor_lose_what_stays() {
    let server = Served::start();
    for n in 0..25 {
        server.post("/hexads", &json!({"id": format!("h{n:02}"), "title": "x"})).is(201);
    }
    for order in ["asc", "desc"] {
        let mut seen = Vec::new();
        let mut path = format!("/api/v1/hexads?limit=7&order={order}&modalities=document");
        loop {
            let page = server.get(&path);
            let body = page.is(200);
            for item in body["items"].as_array().unwrap() {
                seen.push(item["id"].as_str().unwrap().to_owned());
            }
            // Others come and go between the pages.
            let id = format!("z{order}{}", seen.len());
            server.post("/hexads", &json!({"id": id, "title": "y"})).is(201);
            said(server.ask(Method::DELETE, &format!("/hexads/{id}")));
            if body["next_cursor"].is_null() {
                assert_eq!(page.header("link"), "");
                break;
            }
            let link = page.header("link");
            link.strip_prefix('<').unwrap().split('>').next().unwrap().clone_into(&mut path);
        }
        let mut expected: Vec<String> = (0..25).map(|n| format!("h{n:02}")).collect();
        if order == "desc" {
            expected.reverse();
        }
        assert_eq!(seen, expected);
    }
    let bare = server.get("/hexads?limit=2&offset=1").is(200);
    assert_eq!((bare[0]["id"].as_str(), bare[1]["id"].as_str()), (Some("h23"), Some("h22")));
    let cursor =
        server.get("/api/v1/hexads?limit=1").is(200)["next_cursor"].as_str().unwrap().to_owned();
    let other = server.get(&format!("/api/v1/hexads?order=asc&cursor={cursor}"));
    assert_eq!(other.problem(400), "MalformedRequest");
    for wrong in ["limit=0", "limit=-1", "cursor=AAAA", "order=up", "unheard=1", "offset=x"] {
        assert_eq!(server.get(&format!("/api/v1/hexads?{wrong}")).problem(400), "MalformedRequest");
    }
}

#[test]
fn a_batch_is_one_commit_or_nothing() {
    let server = Served::start();
    server.post("/hexads", &json!({"id": "a", "title": "A"})).is(201);
    let operations = json!({"operations": [
        {"op": "insert", "hexad": {"id": "b", "title": "B"}},
        {"op": "put", "hexad": {"id": "c", "document": {"title": "C"}}},
        {"op": "patch", "id": "a", "patch": {"document": {"year": 1}}},
    ]});
    let answer = server.post("/api/v1/hexads/batch", &operations).is(200);
    let results: Vec<&str> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["result"].as_str().unwrap())
        .collect();
    assert_eq!(results, ["created", "created", "changed"]);
    let before = server.vql("SHOW STATUS")["rows"][0]["commits"].clone();
    let broken = json!({"operations": [
        {"op": "delete", "id": "a"},
        {"op": "insert", "hexad": {"id": "b"}},
    ]});
    assert_eq!(server.post("/api/v1/hexads/batch", &broken).problem(409), "InsertConflict");
    server.get("/hexads/a").is(200);
    assert_eq!(server.vql("SHOW STATUS")["rows"][0]["commits"], before);
    let broken = json!({"operations": [{"op": "insert", "hexad": {"id": "d", "no": 1}}]});
    let answer = server.post("/api/v1/hexads/batch", &broken);
    assert_eq!(answer.problem(400), "InvalidInput");
    assert!(answer.json()["detail"].as_str().unwrap().starts_with("operations[0]: "), "{answer:?}");
    let lines = "{\"id\":\"e\",\"title\":\"E\"}\n\n{\"id\":\"f\",\"title\":\"F\"}\n";
    let request = server.ask(Method::POST, "/api/v1/hexads/batch");
    let answer = said(request.header("content-type", "application/x-ndjson").body(lines));
    assert_eq!(answer.is(200)["results"][1]["id"], "f");
}

#[test]
fn what_was_acknowledged_survives_a_kill() {
    let server = Served::start();
    for n in 0..20 {
        server.post("/hexads", &json!({"id": format!("k{n}"), "title": "kept"})).is(201);
    }
    let cursor =
        server.get("/api/v1/hexads?limit=5").is(200)["next_cursor"].as_str().unwrap().to_owned();
    let server = server.again();
    let rest = server.get(&format!("/api/v1/hexads?cursor={cursor}")).is(200);
    assert_eq!((rest["items"].as_array().unwrap().len(), &rest["total_count"]), (15, &json!(20)));
}
