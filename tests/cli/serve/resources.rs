//! What else there is besides statements and hexads.

use reqwest::Method;
use serde_json::{Value as Json, json};

use super::web::{Served, said};

fn world() -> Served {
    let server = Served::start();
    for body in [
        json!({"id": "a", "title": "slow river", "body": "A river that is slow.", "embedding": [1.0, 0.0],
            "spatial": {"latitude": 10.0, "longitude": 10.0}, "graph": [{"predicate": "NEAR", "target": "b"}]}),
        json!({"id": "b", "title": "fast river", "embedding": [0.0, 1.0],
            "spatial": {"latitude": 11.0, "longitude": 10.0}}),
        json!({"id": "c", "title": "hill", "embedding": [0.6, 0.8],
            "spatial": {"latitude": 40.0, "longitude": 10.0}}),
    ] {
        server.post("/hexads", &body).is(201);
    }
    server
}

fn ids<'a>(found: &'a Json, name: &str) -> Vec<&'a str> {
    found.as_array().unwrap().iter().map(|row| row[name].as_str().unwrap()).collect()
}

#[test]
fn searches_find_the_best_first() {
    let server = world();
    let found = server.get("/api/v1/search/text?q=slow%20river&limit=5").is(200);
    assert_eq!(ids(&found, "id")[0], "a");
    assert!(found[0]["score"].as_f64().unwrap() > found[1]["score"].as_f64().unwrap(), "{found}");
    let found = server.post("/search/vector", &json!({"vector": [0.1, 1.0], "k": 2})).is(200);
    assert_eq!(ids(&found, "id"), ["b", "c"]);
    let wrong = server.post("/search/vector", &json!({"vector": [1.0, 0.0, 0.0]}));
    assert_eq!(wrong.problem(400), "VectorDimensionMismatch");
    assert!(wrong.json().get("span").is_none(), "{wrong:?}");
    let found = server.get("/search/related/a?predicate=NEAR").is(200);
    assert_eq!(ids(&found, "id"), ["b"]);
    let hostile = server.get("/search/related/a?predicate=NEAR'%20OR%20'1");
    assert_eq!(hostile.is(200), json!([]));
    let circle = json!({"latitude": 10.0, "longitude": 10.0, "radius_km": 200.0});
    let found = server.post("/spatial/search/radius", &circle).is(200);
    assert_eq!(ids(&found, "entity_id"), ["a", "b"]);
    let away = found[1]["distance_km"].as_f64().unwrap();
    assert!((away - 111.0).abs() < 1.0, "{found}");
    let bounds = json!({"min_lat": 30.0, "min_lon": 0.0, "max_lat": 50.0, "max_lon": 20.0});
    let found = server.post("/spatial/search/bounds", &bounds).is(200);
    assert_eq!(ids(&found, "entity_id"), ["c"]);
    let point = json!({"latitude": 39.0, "longitude": 10.0, "k": 1});
    assert_eq!(ids(&server.post("/spatial/search/nearest", &point).is(200), "entity_id"), ["c"]);
    assert_eq!(server.get("/search/text").problem(400), "MalformedRequest");
    assert_eq!(server.get("/search/text?q=x&limit=0").problem(400), "MalformedRequest");
}

#[test]
fn a_transaction_goes_over_several_requests() {
    let server = world();
    let begun = server.post("/api/v1/transactions/begin", &json!({})).is(201);
    assert_eq!(begun["state"], "active");
    let id = begun["id"].as_str().unwrap();
    let within = |method: Method, path: &str, body: &Json| {
        said(server.ask(method, path).header("vql-transaction", id).json(body))
    };
    within(Method::POST, "/hexads", &json!({"id": "t", "title": "inside"})).is(201);
    within(Method::PATCH, "/hexads/a", &json!({"document": {"year": 7}})).is(200);
    let statement = json!({"query": "COUNT HEXADS", "transaction": id});
    assert_eq!(server.post("/query", &statement).is(200)["rows"][0]["count"], 4);
    // Others see nothing of it.
    assert_eq!(server.get("/hexads/t").problem(404), "NotFound");
    assert_eq!(server.get(&format!("/transactions/{id}")).is(200)["operation_count"], 3);
    let ended = server.post(&format!("/transactions/{id}/commit"), &json!({})).is(200);
    assert_eq!(ended["state"], "committed");
    server.get("/hexads/t").is(200);
    assert_eq!(server.get("/hexads/a").is(200)["document"]["year"], 7);
    assert_eq!(
        server.post(&format!("/transactions/{id}/commit"), &json!({})).problem(404),
        "NotFound"
    );
    let begun = server.post("/transactions/begin", &json!({"isolation": "snapshot"})).is(201);
    let id = begun["id"].as_str().unwrap();
    let gone = said(server.ask(Method::DELETE, "/hexads/t").header("vql-transaction", id));
    assert_eq!(gone.status.as_u16(), 204);
    let ended = server.post(&format!("/transactions/{id}/rollback"), &json!({})).is(200);
    assert_eq!(ended["state"], "rolled_back");
    server.get("/hexads/t").is(200);
    let wrong = server.post("/transactions/begin", &json!({"isolation": "chaos"}));
    assert_eq!(wrong.problem(400), "MalformedRequest");
    let read = server.post("/transactions/begin", &json!({"read_only": true})).is(201);
    let id = read["id"].as_str().unwrap();
    let refused = said(server.ask(Method::DELETE, "/hexads/t").header("vql-transaction", id));
    assert_eq!(refused.problem(403), "ReadOnlyStore");
}

#[test]
fn an_idle_transaction_is_rolled_back() {
    let place = crate::harness::Place::new();
    place.write("vql.toml", "[serve.limits]\nidle = '100ms'\ntransactions = 2\n");
    let server = Served::with(place, &[]);
    let begun = server.post("/transactions/begin", &json!({})).is(201);
    server.post("/transactions/begin", &json!({})).is(201);
    assert_eq!(server.post("/transactions/begin", &json!({})).problem(429), "TooManyRequests");
    let path = format!("/transactions/{}", begun["id"].as_str().unwrap());
    while server.get(&path).status != 404 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    server.post("/transactions/begin", &json!({})).is(201);
}

#[test]
fn where_it_comes_from_can_be_told_and_checked() {
    let server = world();
    let event = json!({"event_type": "reviewed", "actor": "ada", "description": "by hand"});
    server.post("/provenance/a/record", &event).is(201);
    let events = server.get("/provenance/a").is(200);
    assert_eq!((&events[0]["event"], &events[1]["actor"]), (&json!("created"), &json!("ada")));
    let verified = server.get("/provenance/a/verify").is(200);
    assert_eq!((&verified["valid"], &verified["chain_length"]), (&json!(true), &json!(2)));
    assert_eq!(server.get("/hexads/a/versions").is(200).as_array().unwrap().len(), 2);
    assert_eq!(server.get("/provenance/unheard").problem(404), "NotFound");
    assert_eq!(server.post("/provenance/unheard/record", &event).problem(404), "UpdateNotFound");
}

#[test]
fn drift_is_told_and_repaired() {
    let server = Served::start();
    server.vql("INSERT HEXAD 'd' WITH DOCUMENT(title = 'Tides', body = 'Why the sea rises.'), VECTOR(EMBED(DOCUMENT))");
    assert_eq!(server.get("/drift/status").is(200)["status"], "healthy");
    server.vql("UPDATE HEXAD 'd' SET DOCUMENT.title = 'Glaciers', DOCUMENT.body = 'Ice in high mountains moves.'");
    let drift = server.get("/api/v1/drift/entity/d").is(200);
    assert!(drift["overall_score"].as_f64().unwrap() > 0.3, "{drift}");
    assert_eq!((&drift["needs_normalization"], &drift["entity_id"]), (&json!(true), &json!("d")));
    assert!(drift["modality_scores"]["vector"].as_f64().unwrap() > 0.3, "{drift}");
    let planned = server.post("/normalizer/trigger/d", &json!({"dry_run": true})).is(200);
    assert_eq!(planned["status"], "planned");
    let done = server.post("/normalizer/trigger/d", &json!({})).is(200);
    // So far apart that somebody has to decide.
    assert_eq!((&done["status"], &done["repairs"][0]["entry"]), (&json!("open"), &json!("c-1")));
    assert_eq!(server.get("/normalizer/status").is(200)["pending_count"], 1);
    server.post("/conflicts/c-1/resolve", &json!({"keep": "document"})).is(200);
    assert_eq!(server.get("/drift/entity/d").is(200)["needs_normalization"], false);
    let again = server.post("/normalizer/trigger/d", &json!({})).is(200);
    assert_eq!(again["status"], "no_drift");
    assert_eq!(server.get("/normalizer/history").is(200)[0]["hexad"], "d");
    let wrong = server.post("/normalizer/trigger/d", &json!({"from": "sound"}));
    assert_eq!(wrong.problem(400), "MalformedRequest");
    assert_eq!(server.get("/normalizer/status").is(200)["pending_count"], 0);
    assert_eq!(server.get("/conflicts").is(200), json!([]));
    let missing = server.post("/conflicts/c-1/resolve", &json!({"keep": "document"}));
    assert!(missing.status.is_client_error(), "{missing:?}");
    let missing = server.post("/conflicts/unheard/resolve", &json!({}));
    assert_eq!(missing.problem(404), "NotFound");
    assert_eq!(server.get("/drift/entity/unheard").problem(404), "NotFound");
}

#[test]
fn the_present_can_be_kept_and_brought_back() {
    let server = world();
    let made = server.post("/snapshots", &json!({"name": "before"})).is(201);
    assert_eq!((&made["name"], &made["hexads"]), (&json!("before"), &json!(3)));
    said(server.ask(Method::DELETE, "/hexads/a"));
    assert_eq!(server.post("/snapshots/before/restore", &json!({})).is(200)["affected"], 1);
    server.get("/hexads/a").is(200);
    for hostile in ["x'; DROP SNAPSHOT before; --", "", "a b"] {
        let answer = server.post("/snapshots", &json!({"name": hostile}));
        assert_eq!(answer.problem(400), "MalformedRequest");
    }
    assert_eq!(said(server.ask(Method::DELETE, "/snapshots/before")).status.as_u16(), 204);
    assert_eq!(server.get("/snapshots").is(200), json!([]));
    server.vql("CREATE CONTRACT Dated AS (FIELD year > 1900)");
    assert_eq!(server.get("/contracts").is(200)[0]["name"], "Dated");
}
