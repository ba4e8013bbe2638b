//! Strings that mean harm, through every place of gRPC and GraphQL where a string can stand: each comes
//! back as it was, and nothing else is touched.

use serde_json::{Value as Json, json};
use tokio_stream::StreamExt as _;
use vql::server::grpc::proto::write_request::What;
use vql::server::grpc::proto::{GetHexadRequest, QueryRequest, WriteRequest};

use super::Served;
use super::graphql::ask;
use super::grpc::{connect, hexad, map, query, run, text};
use crate::harness::Place;

/// How many there are, each of them a few commits; `VQL_HOSTILE=2000` asks for more.
const MANY: usize = 150;

/// What somebody may try, in pieces.
const PIECES: &[&str] = &[
    "'",
    "\"",
    "`",
    "''",
    "\\",
    "\\'",
    "';",
    "--",
    "/*",
    "*/",
    ";",
    "#",
    "%",
    "_",
    "$id",
    "$1",
    "@x",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "<script>",
    "</title>",
    "\u{0}",
    "\n",
    "\r\n",
    "\t",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{202e}",
    "\u{feff}",
    "\u{200d}",
    "é",
    "日本",
    "👩‍🚀",
    "a\u{301}",
    "' OR '1'='1",
    "' OR 1=1 --",
    "'; DROP TABLE hexads; --",
    "\" }] }) { __schema }",
    "') UNION SELECT * FROM sqlite_master --",
    "DELETE FROM hexads",
    "ROLLBACK;",
    "INSERT HEXAD 'x' WITH DOCUMENT(title = 'x')",
    "${7*7}",
    "{{7*7}}",
    "../../etc/passwd",
    "%00",
    "%27",
    "\\u0027",
    "null",
    "true",
    "0x27",
    "1e309",
    "NaN",
    "\u{10ffff}",
    "\u{fffd}",
    "SLEEP(5)",
    "||",
    "&&",
    "\\x00",
    "/**/OR/**/",
];

/// Strings made of the pieces, each another one.
pub(super) fn strings() -> Vec<String> {
    let many = std::env::var("VQL_HOSTILE").ok().and_then(|n| n.parse().ok()).unwrap_or(MANY);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % most as u64).unwrap()
    };
    let mut all: Vec<String> = PIECES.iter().map(|piece| (*piece).to_owned()).collect();
    all.push("x'".repeat(1 << 16));
    while all.len() < many {
        let mut made = String::new();
        for _ in 0..=next(5) {
            made.push_str(PIECES[next(PIECES.len())]);
        }
        all.push(format!("{made}{}", all.len()));
    }
    all.truncate(many);
    all
}

/// The same as an id: without what no id may hold.
fn id(n: usize, hostile: &str) -> String {
    let plain: String = hostile.chars().filter(|c| !c.is_control()).take(40).collect();
    format!("h{n}:{plain}")
}

const WATCHED: &str =
    "INSERT HEXAD 'watched' WITH DOCUMENT(title = 'untouched', body = 'as it was')";

fn start(place: &Place) -> Served {
    place.script(WATCHED);
    Served::open(place)
}

#[test]
fn through_every_string_of_grpc() {
    let place = Place::new();
    let served = start(&place);
    let strings = strings();
    run(async {
        let mut client = connect(&served).await;
        let made = strings.iter().enumerate().map(|(n, hostile)| {
            let document = map([
                ("title", text(hostile)),
                ("note", map([("k", text(hostile))])),
                ("body", text(hostile)),
            ]);
            // No name of a property holds a control character, and none is empty.
            let plain: String = hostile.chars().filter(|c| !c.is_control()).take(80).collect();
            let name = format!("p{plain}");
            let semantic = map([("properties", map([(&name, text(hostile))]))]);
            hexad(&id(n, hostile), [("document", document), ("semantic", semantic)])
        });
        let made: Vec<_> = made.collect();
        let messages =
            made.clone().into_iter().map(|h| WriteRequest { what: Some(What::Hexad(h)) });
        let done = client.write(tokio_stream::iter(messages)).await.unwrap().into_inner();
        assert_eq!(done.inserted as usize, strings.len(), "{:?}", done.rejects.first());
        for (wanted, hostile) in made.iter().zip(&strings) {
            let request = GetHexadRequest { id: wanted.id.clone(), modalities: Vec::new() };
            let read = client.get_hexad(request).await.unwrap().into_inner();
            assert_eq!(read.modalities["document"], wanted.modalities["document"], "{hostile:?}");
            assert_eq!(read.modalities["semantic"], wanted.modalities["semantic"], "{hostile:?}");
        }
        let requests: Vec<_> = made
            .iter()
            .zip(&strings)
            .map(|(hexad, hostile)| QueryRequest {
                params: [("id".to_owned(), text(&hexad.id)), ("t".to_owned(), text(hostile))]
                    .into(),
                ..query("SELECT id FROM hexads WHERE id = $id AND DOCUMENT.title = $t")
            })
            .collect();
        let mut turns = client.converse(tokio_stream::iter(requests)).await.unwrap().into_inner();
        for hexad in &made {
            let turn = turns.next().await.unwrap().unwrap();
            let Some(vql::server::grpc::proto::turn::Outcome::Answer(answer)) = turn.outcome else {
                panic!("{:?}: {turn:?}", hexad.id)
            };
            assert_eq!(answer.rows.len(), 1, "{:?}", hexad.id);
        }
        // As statements, ids and names of calls they do nothing that they do not say.
        for hostile in &strings {
            if !hostile.contains("DELETE") && !hostile.contains("INSERT") {
                drop(client.query(query(hostile)).await);
            }
            let request =
                GetHexadRequest { id: hostile.clone(), modalities: vec![hostile.clone()] };
            assert!(client.get_hexad(request).await.is_err(), "{hostile:?}");
        }
    });
    untouched(&served, strings.len());
}

#[test]
fn through_every_string_of_graphql() {
    let place = Place::new();
    let served = start(&place);
    let strings = strings();
    let http = reqwest::blocking::Client::new();
    let url = format!("{}/graphql", served.url);
    let send = |query: &str, variables: &Json| -> Json {
        let body = json!({"query": query, "variables": variables});
        http.post(&url).json(&body).send().unwrap().json().unwrap()
    };
    let create = "mutation($input: HexadInput!) { createHexad(input: $input) { id title body document semantic } }";
    let search = "query($id: ID!, $p: JSON!, $q: String!) { hexad(id: $id) { title } \
                  query(vql: \"SELECT id FROM hexads WHERE id = $id AND DOCUMENT.title = $t\", params: $p) { rows } \
                  related(id: $id, predicate: $q) { id } searchText(query: \"untouched\") { id } }";
    let wild = "query($s: String!, $id: ID!) { hexad(id: $id) { id } explain(vql: $s) { tag } }";
    for (n, hostile) in strings.iter().enumerate() {
        let id = id(n, hostile);
        let flat = json!({"id": id, "title": hostile, "body": hostile});
        let whole = json!({"id": id, "document": {"title": hostile, "body": hostile, "note": hostile},
                           "semantic": {"properties": {"p": hostile}}});
        let made = send(create, &json!({"input": if n % 2 == 0 { &whole } else { &flat }}));
        let made = &made["data"]["createHexad"];
        assert_eq!(
            (&made["id"], &made["title"], &made["body"]),
            (&json!(id), &json!(hostile), &json!(hostile))
        );
        assert!(n % 2 == 1 || made["semantic"]["properties"]["p"] == json!(hostile), "{hostile:?}");
        let found = send(search, &json!({"id": id, "q": hostile, "p": {"id": id, "t": hostile}}));
        assert_eq!(found["data"]["query"]["rows"], json!([{"id": id}]), "{hostile:?} {found}");
        assert_eq!(found["data"]["hexad"]["title"], json!(hostile));
        send(wild, &json!({"s": hostile, "id": hostile}));
        // As the document itself.
        if n < PIECES.len() {
            send(hostile, &json!({}));
        }
    }
    untouched(&served, strings.len());
}

/// There is what was written, and what was there before is as it was.
fn untouched(served: &Served, many: usize) {
    let query = "{ hexads(first: 1) { totalCount } hexad(id: \"watched\") { version title body } }";
    let found = ask(served, query, &json!({}));
    assert_eq!(found["data"]["hexads"]["totalCount"], json!(many + 1), "{found}");
    let watched = json!({"version": 1, "title": "untouched", "body": "as it was"});
    assert_eq!(found["data"]["hexad"], watched);
}
