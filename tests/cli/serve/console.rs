//! The files of the console, and the language server it speaks to; the page itself is used by a browser
//! in `console/test/run.mjs`.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::Served;
use crate::harness::Place;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

/// Opens the socket, as a page of `origin` would.
async fn open(served: &Served, origin: Option<&str>) -> Result<Socket, Error> {
    let url = format!("{}/console/lsp", served.url.replace("http", "ws"));
    let mut request = url.into_client_request()?;
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    Ok(connect_async(request).await?.0)
}

async fn say(socket: &mut Socket, mut message: Value) {
    message["jsonrpc"] = json!("2.0");
    socket.send(Message::text(message.to_string())).await.unwrap();
}

/// The next message that `wanted` picks, or how the socket was closed.
async fn hear(socket: &mut Socket, wanted: impl Fn(&Value) -> bool) -> Result<Value, u16> {
    let heard = async {
        while let Some(message) = socket.next().await {
            match message.map_err(|_| 0_u16)? {
                Message::Text(text) => {
                    let said: Value = serde_json::from_str(&text).unwrap();
                    if wanted(&said) {
                        return Ok(said);
                    }
                }
                Message::Close(frame) => return Err(frame.map_or(0, |frame| frame.code.into())),
                _ => {}
            }
        }
        Err(0)
    };
    tokio::time::timeout(Duration::from_mins(1), heard).await.unwrap()
}

async fn ask(socket: &mut Socket, id: u64, method: &str, params: Value) -> Value {
    say(socket, json!({"id": id, "method": method, "params": params})).await;
    hear(socket, |said| said["id"] == id && said.get("method").is_none()).await.unwrap()
}

/// A connection that has begun; `options` are what a client may set.
async fn begun(served: &Served, options: Value) -> Socket {
    let mut socket = open(served, Some(&served.url)).await.unwrap();
    say(&mut socket, json!({"method": "vql/authorize", "params": {}})).await;
    let params = json!({"processId": null, "rootUri": null, "capabilities": {}, "initializationOptions": options});
    ask(&mut socket, 1, "initialize", params).await;
    say(&mut socket, json!({"method": "initialized", "params": {}})).await;
    socket
}

fn filled(place: &Place) {
    let done = place.vql([
        "repl",
        "t.db",
        "-c",
        "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A', depth_m = 3)",
    ]);
    assert_eq!(done.code, 0, "{}", done.err);
}

#[test]
fn the_page_is_answered_with_its_policy() {
    let place = Place::new();
    let served = Served::open(&place);
    let page = reqwest::blocking::get(&served.url).unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(
        policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    let text = page.text().unwrap();
    let (_, script) = text.split_once("src=\"").unwrap();
    let script = script.split('"').next().unwrap();
    let script = reqwest::blocking::get(format!("{}/{script}", served.url)).unwrap();
    assert_eq!(script.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(script.headers()["x-content-type-options"], "nosniff");
    assert!(script.text().unwrap().len() > 100_000);
}

#[test]
fn the_language_server_knows_the_database_that_is_served() {
    let place = Place::new();
    filled(&place);
    let served = Served::open(&place);
    run(async {
        let mut socket = begun(&served, json!({})).await;
        let text = "SELECT id FROM hexads WHERE DOCUMENT.";
        let document =
            json!({"uri": "vql-console:///1.vql", "languageId": "vql", "version": 1, "text": text});
        say(
            &mut socket,
            json!({"method": "textDocument/didOpen", "params": {"textDocument": document}}),
        )
        .await;
        // Looking at the database ends with findings that know its fields.
        for id in 2.. {
            let params = json!({"textDocument": {"uri": "vql-console:///1.vql"}, "position": {"line": 0, "character": text.len()}});
            let said = ask(&mut socket, id, "textDocument/completion", params).await.to_string();
            if said.contains("depth_m") {
                break;
            }
            assert!(id < 2000, "{said}");
        }
        let run = |text: &str| json!({"command": "vql.server.run", "arguments": [{"text": text}]});
        let read =
            ask(&mut socket, 5000, "workspace/executeCommand", run("SELECT id FROM hexads")).await;
        assert_eq!(read["result"]["answer"]["rows"][0]["id"], "a", "{read}");
        let written =
            ask(&mut socket, 5001, "workspace/executeCommand", run("DELETE HEXAD 'a'")).await;
        assert!(written["error"].is_object(), "{written}");
        let read =
            ask(&mut socket, 5002, "workspace/executeCommand", run("SELECT id FROM hexads")).await;
        assert_eq!(read["result"]["answer"]["row_count"], 1, "nothing was written: {read}");
    });
}

#[test]
fn the_language_server_opens_nothing_else() {
    let place = Place::new();
    filled(&place);
    let other =
        place.vql(["repl", "other.db", "-c", "INSERT HEXAD 'secret' WITH DOCUMENT(title = 'S')"]);
    assert_eq!(other.code, 0, "{}", other.err);
    let served = Served::open(&place);
    run(async {
        let mut socket = begun(&served, json!({})).await;
        for target in ["other.db", "/etc", "t.db"] {
            let connect =
                json!({"command": "vql.server.connect", "arguments": [{"database": target}]});
            let said = ask(&mut socket, 9, "workspace/executeCommand", connect).await;
            assert!(
                said["error"]["message"].as_str().unwrap().contains("that is served"),
                "{said}"
            );
        }
    });
}

#[test]
fn pages_of_others_and_strangers_are_refused() {
    let place = Place::new();
    let served = Served::open(&place);
    run(async {
        for origin in ["http://example.org", "null", "http://localhost:1"] {
            match open(&served, Some(origin)).await {
                Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{origin}"),
                other => panic!("{origin}: {other:?}"),
            }
        }
        // A name of somebody else that leads here.
        let mut request = format!("{}/console/lsp", served.url.replace("http", "ws"))
            .into_client_request()
            .unwrap();
        request.headers_mut().insert("host", "example.org".parse().unwrap());
        request.headers_mut().insert("origin", "http://example.org".parse().unwrap());
        assert!(matches!(connect_async(request).await, Err(Error::Http(_))));
        let mut silent = open(&served, None).await.unwrap();
        say(&mut silent, json!({"id": 1, "method": "initialize", "params": {}})).await;
        assert_eq!(
            hear(&mut silent, |_| true).await,
            Err(4401),
            "nobody is served before they say who they are"
        );
    });
    let closed = Served::start(place.command(["serve", "closed.db", "--listen", "127.0.0.1:0"]));
    run(async {
        for params in [json!({}), json!({"authorization": "Bearer vqlk_00000000_wrong"})] {
            let mut socket = open(&closed, None).await.unwrap();
            say(&mut socket, json!({"method": "vql/authorize", "params": params})).await;
            assert_eq!(hear(&mut socket, |_| true).await, Err(4401));
        }
        let key =
            closed.greeting.split_whitespace().find(|word| word.starts_with("vqlk_")).unwrap();
        let mut socket = open(&closed, None).await.unwrap();
        let params = json!({"authorization": format!("Bearer {key}")});
        say(&mut socket, json!({"method": "vql/authorize", "params": params})).await;
        let params = json!({"processId": null, "rootUri": null, "capabilities": {}});
        let said = ask(&mut socket, 1, "initialize", params).await;
        assert_eq!(said["result"]["serverInfo"]["name"], "vql");
    });
}
