//! The client against a server that says what it is told to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::*;
use crate::engine::base::{Kind, Value};
use crate::engine::outcome::Control;

/// Answers one request with this and gives what was asked.
fn server(status: &str, body: &str) -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (sender, asked) = mpsc::channel();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = n.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
            head.push_str(&line);
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        stream.write_all(answer.as_bytes()).unwrap();
        sender.send(head + &String::from_utf8(body).unwrap()).unwrap();
    });
    (address, asked)
}

fn client(address: &str, key: Option<&str>) -> Client {
    let key = key.map(|key| SecretString::from(key.to_owned()));
    Client::new(Address::parse(address).unwrap(), Means { key, ..Means::default() }).unwrap()
}

fn ask(client: &Client) -> Result<Answer, Failure> {
    client.ask(Method::POST, "/query", Some(&json!({"query": "SHOW STATUS"})), &Control::default())
}

#[test]
fn an_answer_is_what_the_engine_would_have_said() {
    let body = json!({
        "tag": "SELECT", "columns": [{"name": "b"}, {"name": "a"}],
        "rows": [{"a": 1, "b": [0.5, 2]}, {"b": null, "a": 1.0}],
        "row_count": 2, "elapsed_ms": 1.0, "notices": [{"message": "m", "hint": "h"}],
    });
    let (address, asked) = server("200 OK", &body.to_string());
    let outcome = ask(&client(&address, Some("vqlk_x"))).unwrap().outcome().unwrap();
    assert_eq!(outcome.tag, "SELECT");
    assert_eq!(outcome.columns[0].name, "b");
    let list = Value::List(vec![Value::Float(0.5), Value::Int(2)]);
    assert_eq!(outcome.rows[0], [list, Value::Int(1)]);
    assert_eq!(outcome.rows[1], [Value::Null, Value::Float(1.0)]);
    assert_eq!(outcome.notices[0].hint.as_deref(), Some("h"));
    let asked = asked.recv().unwrap();
    assert!(asked.starts_with("POST /api/v1/query HTTP/1.1"), "{asked}");
    assert!(asked.contains("authorization: Bearer vqlk_x"), "{asked}");
    assert!(asked.ends_with(r#"{"query":"SHOW STATUS"}"#), "{asked}");
}

#[test]
fn a_problem_is_the_error_of_the_engine_with_its_place() {
    let body = json!({
        "kind": "UnexpectedToken", "detail": "expected a name", "hint": "write one",
        "span": {"start": {"line": 1, "column": 6, "offset": 5}, "end": {"line": 1, "column": 7, "offset": 6}},
    });
    let (address, _asked) = server("400 Bad Request", &body.to_string());
    let Err(Failure::Statement(error)) = ask(&client(&address, None)) else {
        unreachable!("a statement that fails")
    };
    assert_eq!((error.kind, error.message.as_str()), (Kind::UnexpectedToken, "expected a name"));
    assert_eq!(error.span.map(|span| (span.start, span.end)), Some((5, 6)));
}

#[test]
fn who_is_not_known_is_told_how_to_be() {
    let body = json!({"kind": "Unauthenticated", "detail": "the request does not say who sent it"});
    let (address, _asked) = server("401 Unauthorized", &body.to_string());
    let Err(Failure::Refused { hint, .. }) = ask(&client(&address, None)) else {
        unreachable!("nobody is known")
    };
    assert!(hint.unwrap().contains("VQL_API_KEY"));
}

#[test]
fn somebody_else_is_not_taken_for_a_server_of_ours() {
    for (status, body) in [("200 OK", "<html>"), ("404 Not Found", "no"), ("302 Found", "")] {
        let (address, _asked) = server(status, body);
        let found = ask(&client(&address, None));
        assert!(matches!(found, Err(Failure::Unreachable { .. })), "{status}");
    }
    let (address, _asked) = server("200 OK", r#"{"tag":"SELECT"}"#);
    assert!(ask(&client(&address, None)).is_ok_and(|answer| answer.outcome().is_none()));
}

#[test]
fn nobody_there_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let Err(Failure::Unreachable { message, .. }) = ask(&client(&address, None)) else {
        unreachable!("nobody listens")
    };
    assert!(message.contains("cannot reach") && message.contains("refused"), "{message}");
}

#[test]
fn a_wish_to_stop_closes_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let cancel = Arc::new(AtomicBool::new(false));
    let control = Control { cancel: Arc::clone(&cancel), ..Control::default() };
    let held = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut some = [0; 1024];
        assert!(stream.read(&mut some).unwrap() > 0);
        cancel.store(true, Ordering::Relaxed);
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        while stream.read(&mut some).unwrap() > 0 {}
    });
    let body = json!({"query": "SHOW STATUS"});
    let found = client(&address, None).ask(Method::POST, "/query", Some(&body), &control);
    assert!(matches!(found, Err(Failure::Statement(error)) if error.kind == Kind::Cancelled));
    held.join().unwrap();
}

#[test]
fn addresses() {
    for (given, asked) in [
        ("https://db.example", "https://db.example/api/v1/query"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/api/v1/query"),
        ("https://x.example/vql", "https://x.example/vql/api/v1/query"),
        ("https://x.example/api/v1", "https://x.example/api/v1/query"),
    ] {
        assert_eq!(Address::parse(given).unwrap().of("/query").as_str(), asked);
    }
    for wrong in ["https://ada:secret@x.example", "https://x.example/?key=secret", "https://"] {
        let error = Address::parse(wrong).unwrap_err();
        assert!(!error.contains("secret"), "{error}");
    }
    assert!(
        Address::is_meant("HTTPS://x")
            && !Address::is_meant("file:x")
            && !Address::is_meant("x.db")
    );
}

#[test]
fn a_key_is_not_sent_in_the_clear_over_a_network() {
    let means = || Means { key: Some(SecretString::from("vqlk_x".to_owned())), ..Means::default() };
    assert!(Client::new(Address::parse("http://db.example").unwrap(), means()).is_err());
    for safe in ["https://db.example", "http://localhost:1", "http://[::1]:1", "http://127.0.0.1"] {
        assert!(Client::new(Address::parse(safe).unwrap(), means()).is_ok(), "{safe}");
    }
}
