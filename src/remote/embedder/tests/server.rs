//! A server of embeddings inside of the test: it speaks the protocol, as well or as badly as it is told.

use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(super) enum Does {
    /// Vectors of two numbers: how many characters the text has, and one.
    Answers,
    /// The same, the vectors from last to first, each with its index.
    AnswersBackwards,
    /// This status, with these headers, saying this.
    Says(u16, &'static [(&'static str, &'static str)], String),
    /// Nothing for this long, then an answer.
    Sleeps(Duration),
    /// The first half of an answer, as if it were all; or of what it promised.
    BreaksOff {
        /// With a length that promises more.
        promised: bool,
    },
    /// An endless answer.
    Floods,
    /// Sends the client elsewhere.
    Redirects(String),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) path: String,
    pub(super) authorization: Option<String>,
    pub(super) body: serde_json::Value,
}

/// The server; it ends with the test.
pub(super) struct Server {
    pub(super) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Does these things in turn, and the last of them from then on.
    pub(super) fn that(does: &[Does]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, does) = (Arc::clone(&requests), does.to_vec());
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, does) = (Arc::clone(&seen), does.clone());
                thread::spawn(move || serve(&stream.unwrap(), &seen, &does));
            }
        });
        Self { url, requests }
    }

    /// What it was asked so far.
    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// A client may go away whenever it likes: that is no failure of the server.
fn serve(stream: &TcpStream, seen: &Mutex<Vec<Request>>, does: &[Does]) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = request(&mut reader) {
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        let what = does.get(number).or(does.last()).unwrap();
        if act(stream, what, &request).is_none() {
            return;
        }
    }
}

fn request(reader: &mut impl std::io::BufRead) -> Option<Request> {
    let mut first = String::new();
    reader.read_line(&mut first).ok().filter(|n| *n > 0)?;
    let path = first.split(' ').nth(1)?.to_owned();
    let (mut length, mut authorization) = (0, None);
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().ok()?,
            "authorization" => authorization = Some(value.trim().to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Some(Request { path, authorization, body })
}

/// `None` when the connection is over with it.
fn act(stream: &TcpStream, does: &Does, request: &Request) -> Option<()> {
    let right = answer(request, false);
    match does {
        Does::Answers => send(stream, 200, &[], &right),
        Does::AnswersBackwards => send(stream, 200, &[], &answer(request, true)),
        Does::Says(status, headers, body) => send(stream, *status, headers, body),
        Does::Sleeps(time) => {
            thread::sleep(*time);
            send(stream, 200, &[], &right)
        }
        Does::BreaksOff { promised } => {
            let half = &right[..right.len() / 2];
            let length = if *promised { right.len() } else { half.len() };
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{half}");
            let mut stream = stream;
            stream.write_all(head.as_bytes()).ok()?;
            stream.shutdown(std::net::Shutdown::Both).ok();
            None
        }
        Does::Floods => {
            let mut stream = stream;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"data\":[").ok()?;
            loop {
                stream.write_all(&[b' '; 4096]).ok()?;
            }
        }
        Does::Redirects(to) => {
            let head = format!("HTTP/1.1 307 T\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n");
            let mut stream = stream;
            stream.write_all(head.as_bytes()).ok()
        }
    }
}

fn answer(request: &Request, backwards: bool) -> String {
    let texts = request.body["input"].as_array().cloned().unwrap_or_default();
    let vector = |text: &serde_json::Value| {
        serde_json::json!([text.as_str().unwrap_or_default().chars().count(), 1.0])
    };
    if request.path.ends_with("/api/embed") {
        let all: Vec<_> = texts.iter().map(vector).collect();
        return serde_json::json!({ "model": "m", "embeddings": all }).to_string();
    }
    let mut all: Vec<_> = (texts.iter().enumerate())
        .map(|(i, text)| serde_json::json!({ "index": i, "embedding": vector(text) }))
        .collect();
    if backwards {
        all.reverse();
    }
    serde_json::json!({ "object": "list", "data": all }).to_string()
}

fn send(mut stream: &TcpStream, status: u16, headers: &[(&str, &str)], body: &str) -> Option<()> {
    let mut head = format!("HTTP/1.1 {status} S\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    stream.write_all(format!("{head}\r\n{body}").as_bytes()).ok()
}
