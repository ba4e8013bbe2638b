//! Embedders behind HTTP against a server that misbehaves. Times are short and never measured.

mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::engine::base::{Error, Kind, Result, Rng};
use crate::engine::embed::{Embedder as _, embed};
use crate::engine::outcome::Control;

use super::{HttpEmbedder, Key, Protocol, Settings};
use server::{Does, Server};

struct Zero;

impl Rng for Zero {
    fn bits(&self) -> u128 {
        0
    }
}

fn settings(url: &str) -> Settings {
    Settings {
        name: "near".to_owned(),
        protocol: Protocol::OpenAi,
        url: url.to_owned(),
        model: "m".to_owned(),
        dimension: 2,
        batch: 2,
        timeout: Duration::from_secs(20),
        retries: 2,
        pause: Duration::from_millis(1),
        key: Key::None,
    }
}

fn ask(settings: Settings, texts: &[&str]) -> Result<Vec<Vec<f32>>> {
    let embedder = HttpEmbedder::new(settings, Arc::new(Zero)).unwrap();
    let vectors = embed(&embedder, texts, &Control::default())?;
    Ok(vectors.iter().map(|v| v.to_vec()).collect())
}

/// What is said of a server that does this, and how often it was asked.
fn failure(does: &[Does]) -> (Error, usize) {
    let server = Server::that(does);
    let error = ask(settings(&server.url), &["a"]).unwrap_err();
    (error, server.requests().len())
}

fn says(status: u16, body: &str) -> Does {
    Does::Says(status, &[], body.to_owned())
}

#[test]
fn texts_go_in_batches_and_come_back_in_order() {
    for does in [Does::Answers, Does::AnswersBackwards] {
        let server = Server::that(&[does]);
        let vectors = ask(settings(&server.url), &["a", "bb", "ccc"]).unwrap();
        assert_eq!(vectors, [[1.0, 1.0], [2.0, 1.0], [3.0, 1.0]]);
        let requests = server.requests();
        assert_eq!(requests.len(), 2);
        assert_eq!(requests[0].path, "/v1/embeddings");
        assert_eq!(requests[0].body["input"], serde_json::json!(["a", "bb"]));
        assert_eq!(requests[0].body["model"], "m");
        assert_eq!(requests[0].authorization, None);
    }
}

#[test]
fn ollama_is_spoken_too() {
    let server = Server::that(&[Does::Answers]);
    let ollama = Settings { protocol: Protocol::Ollama, ..settings(&server.url) };
    assert_eq!(ask(ollama, &["a", "bb"]).unwrap(), [[1.0, 1.0], [2.0, 1.0]]);
    assert_eq!(server.requests()[0].path, "/api/embed");
    let empty = Server::that(&[says(200, r#"{"embeddings":[]}"#)]);
    let ollama = Settings { protocol: Protocol::Ollama, ..settings(&empty.url) };
    let error = ask(ollama, &["a"]).unwrap_err();
    assert_eq!(error.kind, Kind::EmbedderRefused);
}

#[test]
fn what_may_pass_is_tried_again() {
    let busy = Does::Says(429, &[("retry-after", "0")], String::new());
    let date = Does::Says(503, &[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")], String::new());
    let broken = Does::BreaksOff { promised: true };
    let cut = Does::BreaksOff { promised: false };
    for first in [busy, says(429, ""), says(500, "<html>"), date, broken, cut] {
        let server = Server::that(&[first.clone(), Does::Answers]);
        let vectors = ask(settings(&server.url), &["a"]);
        assert_eq!(vectors, Ok(vec![vec![1.0, 1.0]]), "{first:?}");
        assert_eq!(server.requests().len(), 2, "{first:?}");
    }
}

#[test]
fn patience_has_an_end() {
    let (error, asked) = failure(&[says(500, r#"{"error":{"message":"out of  memory"}}"#)]);
    assert_eq!((error.kind, asked), (Kind::EmbedderUnavailable, 3));
    assert!(error.message.contains("embedder `near` answered 500"), "{error}");
    assert!(error.message.contains("out of memory (tried 3 times)"), "{error}");
    assert!(error.kind.recoverable());
    // Longer than anybody waits: it is said at once.
    let (error, asked) = failure(&[Does::Says(429, &[("retry-after", "3600")], String::new())]);
    assert_eq!((error.kind, asked), (Kind::EmbedderUnavailable, 1));
    assert!(error.message.contains("left alone for 3600 s"), "{error}");
}

#[test]
fn what_will_not_pass_is_not_tried_again() {
    for (does, what) in [
        (says(401, r#"{"error":{"message":"bad key"}}"#), "answered 401 Unauthorized: bad key"),
        (says(404, r#"{"error":"model `m` not found"}"#), "model `m` not found"),
        (says(400, "no"), "answered 400 Bad Request: no"),
        (says(200, "<html>"), "cannot be read"),
        (says(200, "{}"), "cannot be read"),
        (says(200, r#"{"data":[]}"#), "0 vectors for 1 texts"),
        (says(200, r#"{"data":[{"index":1,"embedding":[1,2]}]}"#), "index 1 of 1"),
        (says(200, r#"{"data":[{"index":0,"embedding":[1,2,3]}]}"#), "3 numbers, 2 were promised"),
        (says(200, r#"{"data":[{"index":0,"embedding":[1,null]}]}"#), "cannot be read"),
        (says(200, r#"{"data":[{"index":0,"embedding":[1,1e99]}]}"#), "out of range"),
        (says(200, r#"{"data":[{"index":0,"embedding":[0,0]}]}"#), "zeros"),
        (Does::Floods, "more than"),
    ] {
        let (error, asked) = failure(&[does]);
        assert_eq!((error.kind, asked), (Kind::EmbedderRefused, 1), "{what}: {error}");
        assert!(error.message.contains(what), "{what}: {error}");
    }
}

#[test]
fn a_server_that_says_nothing_is_left() {
    let slow = Does::Sleeps(Duration::from_secs(30));
    let server = Server::that(std::slice::from_ref(&slow));
    let hasty = Settings { timeout: Duration::from_millis(40), ..settings(&server.url) };
    let error = ask(hasty, &["a"]).unwrap_err();
    assert_eq!(error.kind, Kind::EmbedderUnavailable);
    assert_eq!(server.requests().len(), 3);
    // The statement's own time is over before that of the request.
    let server = Server::that(std::slice::from_ref(&slow));
    let embedder = HttpEmbedder::new(settings(&server.url), Arc::new(Zero)).unwrap();
    let timeout = Some(Duration::from_millis(40));
    let error = embedder.embed(&["a"], &Control { timeout, ..Control::default() }).unwrap_err();
    assert_eq!(error.kind, Kind::QueryTimeout);
    // Somebody presses Ctrl-C.
    let cancel = Arc::new(AtomicBool::new(false));
    let control = Control { cancel: Arc::clone(&cancel), ..Control::default() };
    let presses = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(40));
        cancel.store(true, Ordering::Relaxed);
    });
    let error = embedder.embed(&["a"], &control).unwrap_err();
    assert_eq!(error.kind, Kind::Cancelled);
    presses.join().unwrap();
}

#[test]
fn nobody_there_is_said_without_the_address() {
    // Port 9 discards, where there is anything at all.
    let error = ask(settings("http://127.0.0.1:9"), &["a"]).unwrap_err();
    assert_eq!(error.kind, Kind::EmbedderUnavailable);
    assert_eq!(error.message, "embedder `near` cannot be reached (tried 3 times)");
}

#[test]
fn a_redirection_is_followed_on_the_same_host_only() {
    let other = Server::that(&[Does::Answers]);
    let target = format!("{}/v1/embeddings", other.url);
    let (error, _) = failure(&[Does::Redirects(target)]);
    assert_eq!(error.kind, Kind::EmbedderRefused);
    assert!(error.message.contains("another host"), "{error}");
    assert!(other.requests().is_empty());
    let server = Server::that(&[Does::Redirects("/v1/embeddings".to_owned()), Does::Answers]);
    assert_eq!(ask(settings(&server.url), &["a"]).unwrap(), [[1.0, 1.0]]);
}

#[test]
fn the_key_is_sent_and_never_shown() {
    let key = || Key::Secret("sk-verysecret".to_owned());
    let body = r#"{"error":{"message":"sk-verysecret is unknown"}}"#;
    let server = Server::that(&[says(401, body)]);
    let with = Settings { key: key(), ..settings(&server.url) };
    assert!(!format!("{with:?}").contains("verysecret"));
    let error = ask(with, &["a"]).unwrap_err();
    assert!(error.message.contains(".. is unknown"), "{error}");
    assert_eq!(server.requests()[0].authorization.as_deref(), Some("Bearer sk-verysecret"));
    // Only to this machine, or encrypted.
    let open = Settings { key: key(), ..settings("http://example.org") };
    assert!(HttpEmbedder::new(open, Arc::new(Zero)).err().unwrap().contains("encrypted"));
    let sealed = Settings { key: key(), ..settings("https://example.org") };
    assert!(HttpEmbedder::new(sealed, Arc::new(Zero)).is_ok());
    let missing = Settings { key: Key::Missing("MY_KEY".to_owned()), ..settings(&server.url) };
    let error = ask(missing, &["a"]).unwrap_err();
    assert!(error.hint.unwrap().contains("MY_KEY"));
}
