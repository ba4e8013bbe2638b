//! A server that is asked over HTTP, with a log and signals.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Stdio};
use std::time::Duration;

use reqwest::blocking::{Client, RequestBuilder, Response};
use reqwest::{Method, StatusCode};
use serde_json::Value as Json;

use crate::harness::Place;

/// A running server.
pub(crate) struct Served {
    pub(crate) place: Place,
    child: Child,
    pub(crate) url: String,
    pub(crate) client: Client,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Said {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The body of an answer that had to be this one.
    pub(crate) fn is(&self, status: u16) -> Json {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        if self.text.is_empty() { Json::Null } else { self.json() }
    }

    /// The kind of the problem that this had to be.
    pub(crate) fn problem(&self, status: u16) -> String {
        let body = self.is(status);
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        assert_eq!(body["status"], status);
        assert_eq!(body["error"], body["detail"]);
        body["kind"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

impl Served {
    /// A server of an empty database, without keys.
    pub(crate) fn start() -> Self {
        Self::with(Place::new(), &[])
    }

    /// A server of the database `t.db` in this place.
    pub(crate) fn with(place: Place, more: &[&str]) -> Self {
        let mut args = vec!["serve", "t.db", "--listen", "127.0.0.1:0", "--insecure"];
        args.extend(more);
        let log = std::fs::File::create(place.path("log")).unwrap();
        let mut child = place.command(&args).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let url = url.unwrap_or_else(|| panic!("{line:?} {}", place.read("log")));
        let client = Client::builder().timeout(Duration::from_mins(1)).build().unwrap();
        Self { place, child, url, client }
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub(crate) fn get(&self, path: &str) -> Said {
        said(self.ask(Method::GET, path))
    }

    pub(crate) fn send(&self, method: Method, path: &str, body: &Json) -> Said {
        said(self.ask(method, path).json(body))
    }

    pub(crate) fn post(&self, path: &str, body: &Json) -> Said {
        self.send(Method::POST, path, body)
    }

    /// The answer to a statement, which must succeed.
    pub(crate) fn vql(&self, statement: &str) -> Json {
        self.post("/api/v1/query", &serde_json::json!({"query": statement})).is(200)
    }

    /// Everything that was logged so far.
    pub(crate) fn log(&self) -> String {
        self.place.read("log")
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Waits for the end, and gives the status.
    pub(crate) fn wait(&mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap_or(-1)
    }

    /// Kills it and starts it again on the same database.
    pub(crate) fn again(mut self) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let place = std::mem::replace(&mut self.place, Place::new());
        drop(self);
        Self::with(place, &[])
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

pub(crate) fn said(request: RequestBuilder) -> Said {
    let mut response: Response = request.send().unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let mut bytes = Vec::new();
    response.read_to_end(&mut bytes).unwrap();
    Said { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}
