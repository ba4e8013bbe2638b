//! Embedders of the settings, through the binary, against a server inside of the test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::harness::Place;

/// Speaks the protocol of `OpenAI`: a text's vector is how often it says `a`, and one. Answers the
/// address and what it is asked, the key first.
fn server() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let seen = Arc::clone(&seen);
            std::thread::spawn(move || {
                let stream = stream.unwrap();
                while answer(&stream, &seen).is_some() {}
            });
        }
    });
    (url, asked)
}

fn answer(stream: &TcpStream, seen: &Mutex<Vec<String>>) -> Option<()> {
    let (mut reader, mut length, mut key) = (BufReader::new(stream), 0, String::new());
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
        let lower = line.trim().to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length: ") {
            length = value.parse().ok()?;
        }
        if lower.starts_with("authorization: ") {
            line.trim().clone_into(&mut key);
        }
        if lower.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: serde_json::Value = serde_json::from_slice(&body).ok()?;
    let texts = body["input"].as_array()?;
    let vector =
        |text: &serde_json::Value| vec![text.as_str().unwrap_or_default().matches('a').count(), 1];
    let data: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(i, text)| serde_json::json!({ "index": i, "embedding": vector(text) }))
        .collect();
    seen.lock().unwrap().push(format!("{key} {}", body["input"]));
    let text = serde_json::json!({ "data": data }).to_string();
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{text}", text.len());
    let mut stream = stream;
    stream.write_all(head.as_bytes()).ok()
}

fn settings(url: &str) -> String {
    format!(
        "[embedder.near]\nkind = 'openai'\nurl = '{url}'\nmodel = 'm'\ndimension = 2\n\
         key_env = 'NEAR_KEY'\nretries = 0\n"
    )
}

#[test]
fn texts_become_vectors_and_vectors_know_their_maker() {
    let (place, (url, asked)) = (Place::new(), server());
    place.write("vql.toml", settings(&url));
    place.write(
        "in.jsonl",
        "{\"id\":\"x\",\"document\":{\"title\":\"banana\"}}\n\
         {\"id\":\"y\",\"document\":{\"title\":\"melon\"}}\n\
         {\"id\":\"given\",\"document\":{\"title\":\"plum\"},\"vector\":{\"embedding\":[7,1]}}\n",
    );
    let vql = |args: &[&str]| {
        let mut command = place.command(args);
        let run = crate::harness::run(command.env("NEAR_KEY", "sk-hush"), b"");
        assert!(!format!("{run}").contains("hush"), "{run}");
        run
    };
    let run = vql(&["migrate", "import", "in.jsonl", "t.db", "--embed", "near"]);
    assert_eq!(run.code, 0, "{run}");
    // Both texts in one request; the vector that came along stays.
    assert_eq!(*asked.lock().unwrap(), ["authorization: Bearer sk-hush [\"banana\",\"melon\"]"]);
    let ask = |text: &str| vql(&["repl", "t.db", "--format", "tsv", "-c", text]);
    let run = ask("SELECT id FROM hexads WHERE VECTOR SIMILAR TO EMBED('aaa', 'near') LIMIT 2");
    assert_eq!(run.out, "id\nx\ngiven\n", "{run}");
    let describe = ask("DESCRIBE HEXAD 'x'");
    assert!(describe.out.contains("near"), "{describe}");
    assert!(!describe.out.contains(&url), "{describe}");
    let run = ask(
        "SET database_embedder = 'near'; UPDATE HEXAD 'y' SET DOCUMENT.title = 'papayaaa', VECTOR = EMBED(DOCUMENT)",
    );
    assert_eq!(run.code, 0, "{run}");
    let run = ask("SEARCH VECTOR EMBED('papayaaa') LIMIT 1");
    assert!(run.out.contains("y\t1.0"), "{run}");
    // Nothing of the key or the address is in the files.
    for entry in std::fs::read_dir(place.path("t.db")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("hush") && !text.contains("127.0.0.1"), "{}", path.display());
        }
    }
}

#[test]
fn without_its_embedder_a_statement_fails_and_writes_nothing() {
    let place = Place::new();
    // Nobody listens on the port of discards.
    place.write("vql.toml", settings("http://127.0.0.1:9"));
    assert_eq!(
        place.vql(["repl", "t.db", "-c", "INSERT HEXAD 'b' WITH DOCUMENT(title = 'B')"]).code,
        0
    );
    let insert = "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A'), VECTOR(EMBED(DOCUMENT, 'near'))";
    let run = place.vql(["repl", "t.db", "-c", insert]);
    assert!(run.code == 1 && run.err.contains("NEAR_KEY"), "{run}");
    let mut command = place.command(["repl", "t.db", "-c", insert]);
    let run = crate::harness::run(command.env("NEAR_KEY", "sk-hush"), b"");
    assert!(run.code == 1 && run.err.contains("cannot be reached (tried once)"), "{run}");
    assert!(!run.err.contains("hush"), "{run}");
    let run = place.vql(["repl", "t.db", "-c", "COUNT HEXADS"]);
    assert!(run.out.contains("\"count\":1"), "{run}");
    // A plan asks nobody.
    let plan = "EXPLAIN SELECT id FROM hexads WHERE VECTOR SIMILAR TO EMBED('a', 'near')";
    let run = place.vql(["repl", "t.db", "-c", plan]);
    assert!(
        run.code == 0 && run.out.contains("1 text of the statement embedded with near"),
        "{run}"
    );
}

#[test]
fn vectors_that_are_made_again_together_are_asked_for_together() {
    let (place, (url, asked)) = (Place::new(), server());
    place.write("vql.toml", settings(&url));
    let line = |n: usize| format!("{{\"id\":\"h{n}\",\"document\":{{\"body\":\"a quay {n}\"}}}}\n");
    place.write("in.jsonl", (0..5).map(line).collect::<String>());
    let vql = |args: &[&str]| {
        let mut command = place.command(args);
        crate::harness::run(command.env("NEAR_KEY", "sk-hush"), b"")
    };
    let run = vql(&["migrate", "import", "in.jsonl", "t.db", "--embed", "near"]);
    assert_eq!(run.code, 0, "{run}");
    let ask = |text: &str| vql(&["repl", "t.db", "--format", "tsv", "-c", text]);
    ask("CREATE POLICY now FOR ALL AS queue_from = 1");
    let text = "UPDATE HEXAD SET DOCUMENT.body = 'lamps in the moss' WHERE id <> 'h4'; \
                UPDATE HEXAD 'h4' SET DOCUMENT.body = 'nothing of the kind'";
    assert_eq!(ask(text).code, 0);
    let before = asked.lock().unwrap().len();
    let run = ask("NORMALIZE ALL");
    assert_eq!(run.out.matches("normalized").count(), 5, "{run}");
    assert_eq!(asked.lock().unwrap()[before..].len(), 1, "{:?}", asked.lock().unwrap());
}

#[test]
fn hexads_wait_with_the_reason_when_the_embedder_does_not_answer() {
    let place = Place::new();
    place.write("vql.toml", settings("http://127.0.0.1:9"));
    let vql = |text: &str| {
        let mut command = place.command(["repl", "t.db", "--format", "tsv", "-c", text]);
        crate::harness::run(command.env("NEAR_KEY", "sk-hush"), b"")
    };
    let vector = "{\"embedding\":[1,2],\"model\":\"near\"}";
    let line = |id| {
        format!("{{\"id\":\"{id}\",\"document\":{{\"body\":\"a quay\"}},\"vector\":{vector}}}\n")
    };
    place.write("in.jsonl", ["a", "b"].map(line).concat());
    let run = place.vql(["migrate", "import", "in.jsonl", "t.db"]);
    assert_eq!(run.code, 0, "{run}");
    vql("CREATE POLICY now FOR ALL AS queue_from = 1");
    vql("UPDATE HEXAD SET DOCUMENT.body = 'lamps in the moss' WHERE VECTOR EXISTS");
    let run = vql("NORMALIZE ALL");
    assert_eq!(run.out.matches("queued").count(), 2, "{run}");
    assert_eq!(run.out.matches("cannot be reached").count(), 2, "{run}");
}
