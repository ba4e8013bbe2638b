//! GraphQL, over POST and over a WebSocket.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value as Json, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::Served;
use super::grpc::run;
use crate::harness::Place;

pub(super) fn ask(served: &Served, query: &str, variables: &Json) -> Json {
    let client = reqwest::blocking::Client::new();
    let body = json!({"query": query, "variables": variables});
    let answer = client.post(format!("{}/graphql", served.url)).json(&body).send().unwrap();
    answer.json().unwrap()
}

/// The data of an answer without errors.
fn data(served: &Served, query: &str, variables: &Json) -> Json {
    let mut answer = ask(served, query, variables);
    assert!(answer.get("errors").is_none(), "{answer}");
    answer["data"].take()
}

/// The first error of an answer.
fn error(served: &Served, query: &str, variables: &Json) -> Json {
    let answer = ask(served, query, variables);
    answer["errors"][0].clone()
}

const CREATE: &str = "mutation($input: HexadInput!) { createHexad(input: $input) { id version etag title types \
                      hasGraph hasVector hasTensor document graph } }";

#[test]
fn hexads_are_made_read_changed_and_deleted() {
    let place = Place::new();
    let served = Served::open(&place);
    let input = json!({"id": "tides", "title": "Tides", "body": "Why.", "embedding": [0.5, -1.0],
        "types": ["Article"], "tensorShape": [2, 2], "tensorData": [0.0, 1.0, 2.0, 3.0],
        "graph": [{"predicate": "CITES", "target": "moon"}, {"predicate": "NEAR", "target": "sea"}]});
    let made = data(&served, CREATE, &json!({"input": input}))["createHexad"].clone();
    assert_eq!(
        (&made["id"], &made["version"], &made["types"]),
        (&json!("tides"), &json!(1), &json!(["Article"]))
    );
    assert_eq!(made["hasTensor"], json!(true));
    for (id, title) in [("moon", "Moon"), ("sea", "Sea")] {
        data(&served, CREATE, &json!({"input": {"id": id, "title": title}}));
    }
    let query = "query($id: ID!) { hexad(id: $id) { title vector tensor related(predicate: \"cites\") { id title } \
                 drift { driftType score } provenance { valid chainLength } } }";
    let read = data(&served, query, &json!({"id": "tides"}))["hexad"].clone();
    assert_eq!(read["related"], json!([{"id": "moon", "title": "Moon"}]));
    assert_eq!(read["vector"]["embedding"], json!([0.5, -1.0]));
    assert_eq!(read["provenance"], json!({"valid": true, "chainLength": 1}));
    let update = "mutation($id: ID!, $patch: JSON!, $tag: String) { \
                  updateHexad(id: $id, patch: $patch, ifMatch: $tag) { version title document } }";
    let patch = json!({"document": {"title": "Ebb", "year": 1911}});
    let wrong = error(&served, update, &json!({"id": "tides", "patch": patch, "tag": "77-77"}));
    assert_eq!(wrong["extensions"]["kind"], "PreconditionFailed");
    let tag = made["etag"].clone();
    let new =
        data(&served, update, &json!({"id": "tides", "patch": patch, "tag": tag}))["updateHexad"]
            .clone();
    assert_eq!(
        new,
        json!({"version": 2, "title": "Ebb", "document": {"title": "Ebb", "body": "Why.", "year": 1911}})
    );
    let delete = "mutation { deleteHexad(id: \"tides\") }";
    assert_eq!(data(&served, delete, &json!({}))["deleteHexad"], json!(true));
    assert_eq!(data(&served, delete, &json!({}))["deleteHexad"], json!(false));
    assert_eq!(data(&served, query, &json!({"id": "tides"}))["hexad"], Json::Null);
}

#[test]
fn all_hexads_page_by_page_while_some_come_and_go() {
    let place = Place::new();
    let served = Served::open(&place);
    for n in 0..7 {
        data(&served, CREATE, &json!({"input": {"id": format!("h{n}"), "title": "x"}}));
    }
    let page = "query($after: String) { hexads(first: 3, after: $after) { totalCount nodes { id } \
                edges { node { id } } pageInfo { hasNextPage endCursor } } }";
    let first = data(&served, page, &json!({}))["hexads"].clone();
    assert_eq!(first["totalCount"], json!(7));
    let mut seen: Vec<Json> = first["nodes"].as_array().unwrap().clone();
    data(&served, "mutation { deleteHexad(id: \"h0\") }", &json!({}));
    let mut cursor = first["pageInfo"]["endCursor"].clone();
    while !cursor.is_null() {
        let next = data(&served, page, &json!({"after": cursor}))["hexads"].clone();
        seen.extend(next["nodes"].as_array().unwrap().iter().cloned());
        cursor = next["pageInfo"]["endCursor"].clone();
    }
    let ids: Vec<Json> = (0..7).map(|n| json!({"id": format!("h{n}")})).collect();
    assert_eq!(seen, ids);
    let forged = error(&served, page, &json!({"after": "AAAA"}));
    assert_eq!(forged["extensions"]["kind"], "MalformedRequest");
}

#[test]
fn statements_searches_and_what_the_database_says_of_itself() {
    let place = Place::new();
    assert_eq!(place.vql(["repl", "--demo", "t.db", "-c", "COUNT HEXADS"]).code, 0);
    let served = Served::open(&place);
    let query = "query($vql: String!, $params: JSON) { query(vql: $vql, params: $params) { tag columns rows rowCount } }";
    let vql = "SELECT id, DOCUMENT.title FROM hexads WHERE id = $id";
    let answer =
        data(&served, query, &json!({"vql": vql, "params": {"id": "river:dunmere"}}))["query"]
            .clone();
    assert_eq!(answer["rows"], json!([{"id": "river:dunmere", "document.title": "River Dunmere"}]));
    for write in
        ["DELETE HEXAD 'river:dunmere'", "EXPLAIN ANALYZE DELETE HEXAD 'river:dunmere'", "BEGIN"]
    {
        let refused = error(&served, query, &json!({"vql": write}));
        assert!(refused["extensions"]["hint"].as_str().unwrap().contains("execute"), "{refused}");
    }
    let explain = "query($vql: String!) { explain(vql: $vql) { rows } }";
    assert!(
        ask(&served, explain, &json!({"vql": "ANALYZE DELETE HEXAD 'river:dunmere'"}))["errors"]
            .is_array()
    );
    data(&served, explain, &json!({"vql": vql.replace("$id", "'x'")}));
    let all = "{ health { status version uptimeSeconds hexads } status driftStatus { driftType threshold } \
               searchText(query: \"sea\", limit: 2) { id score title } conflicts(limit: 5) \
               spatialRadius(latitude: 54.5, longitude: -2.5, radiusKm: 500, limit: 3) { id latitude longitude } \
               spatialBounds(minLatitude: 50, minLongitude: -10, maxLatitude: 60, maxLongitude: 10, limit: 2) { id } \
               related(id: \"river:dunmere\") { id } drift(id: \"river:dunmere\") { driftType score } \
               provenance(id: \"river:dunmere\") { valid chainLength events versions } }";
    let all = data(&served, all, &json!({}));
    assert_eq!(
        (&all["health"]["status"], &all["health"]["hexads"]),
        (&json!("healthy"), &json!(67))
    );
    assert_eq!(all["status"].as_array().unwrap().len(), 8);
    assert_eq!(all["driftStatus"].as_array().unwrap().len(), 8);
    assert_eq!(all["searchText"][0]["id"], "river:dunmere");
    assert_eq!(all["spatialRadius"].as_array().unwrap().len(), 3);
    assert_eq!(all["spatialBounds"].as_array().unwrap().len(), 2);
    assert_eq!(all["provenance"]["valid"], json!(true));
    assert_eq!(
        data(&served, query, &json!({"vql": "COUNT HEXADS"}))["query"]["rows"],
        json!([{"count": 67}])
    );
    let execute = "mutation { execute(vql: \"DELETE HEXAD 'river:dunmere'\") { affected } \
                   normalize(id: \"article:three-centuries-of-floods\", dryRun: true) { tag } }";
    assert_eq!(data(&served, execute, &json!({}))["execute"]["affected"], json!(1));
}

#[test]
fn errors_carry_their_kind_their_code_and_their_place() {
    let place = Place::new();
    let served = Served::open(&place);
    let found = error(&served, "{ query(vql: \"SELEC *\") { tag } }", &json!({}));
    assert_eq!(found["extensions"]["kind"], "UnexpectedToken");
    assert_eq!(found["extensions"]["code"], "VQL_PARSE_ERROR");
    assert_eq!(found["extensions"]["span"]["end"]["offset"], json!(5));
    assert_eq!(found["path"], json!(["query"]));
    let found = error(&served, "{ nothing }", &json!({}));
    assert_eq!(found["extensions"]["code"], "VQL_REQUEST_ERROR");
    for limit in ["-1", "1001", "1e9"] {
        let query = format!("{{ searchText(query: \"x\", limit: {limit}) {{ id }} }}");
        assert_eq!(
            error(&served, &query, &json!({}))["extensions"]["code"],
            "VQL_REQUEST_ERROR",
            "{limit}"
        );
    }
}

#[test]
fn what_costs_too_much_is_refused_before_it_is_begun() {
    let place = Place::new();
    let served = Served::open(&place);
    let nested = |depth: usize| {
        format!(
            "{{ hexad(id: \"x\") {{ {}id{} }} }}",
            "related { ".repeat(depth),
            " }".repeat(depth)
        )
    };
    data(&served, &nested(3).replace("related", "related(first: 2)"), &json!({}));
    assert!(error(&served, &nested(40), &json!({}))["message"].is_string());
    let deep = nested(12).replace("related", "related(first: 1)");
    assert!(error(&served, &deep, &json!({}))["message"].as_str().unwrap().contains("deep"));
    let wide = "{ hexads(first: 1000) { nodes { related(first: 1000) { id title } } } }";
    assert!(error(&served, wide, &json!({}))["message"].as_str().unwrap().contains("complex"));
    let aliases: String = (0..300)
        .map(|n| format!("a{n}: query(vql: \"COUNT HEXADS\") {{ tag }} "))
        .collect::<Vec<_>>()
        .concat();
    assert!(error(&served, &format!("{{ {aliases} }}"), &json!({}))["message"].is_string());
}

#[test]
fn the_schema_is_shown_to_those_who_were_allowed_to_look() {
    let place = Place::new();
    let served = Served::open(&place);
    let look = "{ __schema { types { name } } }";
    assert!(
        ask(&served, look, &json!({}))["data"]["__schema"]["types"]
            .as_array()
            .is_none_or(Vec::is_empty)
    );
    let page = format!("{}/graphiql", served.url);
    assert_eq!(reqwest::blocking::get(&page).unwrap().status(), 404);
    drop(served);
    let args = ["serve", "t.db", "--insecure", "--introspection", "--listen", "127.0.0.1:0"];
    let served = Served::start(place.command(args));
    assert!(!data(&served, look, &json!({}))["__schema"]["types"].as_array().unwrap().is_empty());
    for path in ["/graphiql", "/graphql", "/graphql/page.js", "/graphql/page.css"] {
        let answer = reqwest::blocking::get(format!("{}{path}", served.url)).unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().unwrap();
        assert!(
            !text.contains("https://") && !text.contains("//cdn"),
            "{path} loads from elsewhere"
        );
    }
}

#[test]
fn nobody_who_is_not_known_is_answered() {
    let place = Place::new();
    let served = Served::start(place.command(["serve", "t.db", "--listen", "127.0.0.1:0"]));
    let client = reqwest::blocking::Client::new();
    let url = format!("{}/graphql", served.url);
    let body = json!({"query": "{ __typename }"});
    assert_eq!(client.post(&url).json(&body).send().unwrap().status(), 401);
    assert_eq!(client.get(&url).send().unwrap().status(), 405);
    run(async {
        let mut socket = open(&served).await;
        socket.send(Message::text(json!({"type": "connection_init"}).to_string())).await.unwrap();
        let end = socket.next().await.unwrap().unwrap();
        assert!(matches!(&end, Message::Close(Some(_))), "{end:?}");
    });
}

#[test]
fn a_form_of_another_page_is_not_a_request() {
    let place = Place::new();
    let served = Served::open(&place);
    let client = reqwest::blocking::Client::new();
    let url = format!("{}/graphql", served.url);
    let body = json!({"query": "{ __typename }"}).to_string();
    let answer = client.post(&url).header("content-type", "text/plain").body(body).send().unwrap();
    assert_eq!(answer.status(), 415);
    run(async {
        let mut request = address(&served).into_client_request().unwrap();
        let headers = request.headers_mut();
        headers.insert("sec-websocket-protocol", "graphql-transport-ws".parse().unwrap());
        headers.insert("origin", "https://elsewhere.example".parse().unwrap());
        assert!(tokio_tungstenite::connect_async(request).await.is_err());
    });
}

type Socket =
    tokio_tungstenite::WebSocketStream<tokio_tungstenite::MaybeTlsStream<tokio::net::TcpStream>>;

fn address(served: &Served) -> String {
    format!("{}/graphql", served.url.replace("http", "ws"))
}

async fn open(served: &Served) -> Socket {
    let mut request = address(served).into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let (socket, answer) = tokio_tungstenite::connect_async(request).await.unwrap();
    assert_eq!(answer.headers()["sec-websocket-protocol"], "graphql-transport-ws");
    socket
}

async fn next(socket: &mut Socket) -> Json {
    loop {
        let message = tokio::time::timeout(Duration::from_mins(1), socket.next()).await.unwrap();
        if let Message::Text(text) = message.unwrap().unwrap() {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

async fn subscribe(socket: &mut Socket, query: &str) {
    socket.send(Message::text(json!({"type": "connection_init"}).to_string())).await.unwrap();
    assert_eq!(next(socket).await["type"], "connection_ack");
    let message = json!({"id": "1", "type": "subscribe", "payload": {"query": query}});
    socket.send(Message::text(message.to_string())).await.unwrap();
}

#[test]
fn an_answer_comes_again_when_it_is_another_one() {
    let place = Place::new();
    let served = Served::open(&place);
    run(async {
        let mut socket = open(&served).await;
        let query = "subscription { queryResults(vql: \"COUNT HEXADS\") { rows } }";
        subscribe(&mut socket, query).await;
        let rows =
            |message: &Json| message["payload"]["data"]["queryResults"]["rows"][0]["count"].clone();
        assert_eq!(rows(&next(&mut socket).await), json!(0));
        for n in 1..3 {
            let body = json!({"query": CREATE, "variables": {"input": {"title": "x"}}});
            let url = format!("{}/graphql", served.url);
            reqwest::Client::new().post(url).json(&body).send().await.unwrap();
            assert_eq!(rows(&next(&mut socket).await), json!(n));
        }
        let refused = "subscription { queryResults(vql: \"CHECKPOINT\") { rows } }";
        let message = json!({"id": "2", "type": "subscribe", "payload": {"query": refused}});
        socket.send(Message::text(message.to_string())).await.unwrap();
        let told = next(&mut socket).await;
        assert!(told.to_string().contains("more than a question"), "{told}");
    });
}

#[test]
fn the_schema_is_the_one_that_is_kept() {
    let path =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/schema.graphql");
    let made = vql::server::graphql::sdl();
    if std::env::var_os("VQL_BLESS").is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/reference/schema.graphql is stale: run the tests with VQL_BLESS=1");
}
