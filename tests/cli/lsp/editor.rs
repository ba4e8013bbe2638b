//! An editor as simple as can be: says what it is told to say, and keeps what it is told.

use std::io::{BufRead, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::Place;

/// Longer than anything takes, also on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_mins(2);

/// The name of the one document most tests work on.
pub(super) const URI: &str = "file:///q.vql";

/// A running server and the editor that started it.
pub(super) struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    next: i64,
    /// Notifications of the server that nobody has looked at.
    pub(super) told: Vec<Value>,
    /// What is said when the server asks for settings.
    pub(super) settings: Value,
    version: i64,
}

impl Editor {
    /// Starts a server that nothing was said to.
    pub(super) fn silent(place: &Place, args: &[&str]) -> Self {
        let mut command = place.command(["lsp"].iter().chain(args));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            while let Some(message) = read(&mut output) {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let settings = Value::Null;
        Self { child, input, messages, next: 0, told: Vec::new(), settings, version: 0 }
    }

    /// Starts a server and says hello: `said` about the abilities of the client.
    pub(super) fn with(place: &Place, args: &[&str], capabilities: &Value) -> Self {
        let mut this = Self::silent(place, args);
        let root = format!("file://{}", place.root().display());
        let params = json!({ "processId": null, "rootUri": root, "capabilities": capabilities });
        this.ask("initialize", params);
        this.tell("initialized", json!({}));
        this
    }

    /// Starts a server for a client that can nothing in particular.
    pub(super) fn plain(place: &Place) -> Self {
        Self::with(place, &[], &json!({}))
    }

    /// Writes bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().unwrap();
        // A server that has gone is noticed when somebody waits for it.
        input.write_all(bytes).and_then(|()| input.flush()).ok();
    }

    fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    /// Sends a notification.
    pub(super) fn tell(&mut self, method: &str, params: Value) {
        let mut message = json!({ "jsonrpc": "2.0", "method": method });
        message["params"] = params;
        self.send(&message);
    }

    /// Sends a request and gives its number.
    pub(super) fn request(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let id = self.next;
        let mut message = json!({ "jsonrpc": "2.0", "id": id, "method": method });
        message["params"] = params;
        self.send(&message);
        id
    }

    /// The answer to a request, with its error if it has one.
    pub(super) fn answer(&mut self, id: i64) -> Value {
        let until = Instant::now() + PATIENCE;
        let answers = |message: &Value| message["id"] == id && message.get("method").is_none();
        if let Some(at) = self.told.iter().position(answers) {
            return self.told.remove(at);
        }
        loop {
            let message = self.message(until).unwrap_or_else(|| panic!("no answer to {id}"));
            if answers(&message) {
                return message;
            }
            self.told.push(message);
        }
    }

    /// Asks and waits for what is answered, which must be no error.
    pub(super) fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Asks and waits for the error that is answered.
    pub(super) fn refused(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        let answer = self.answer(id);
        assert!(answer.get("error").is_some(), "{method}: {answer}");
        answer["error"].clone()
    }

    /// The next message that is not answered here; `None` when nothing comes.
    fn message(&mut self, until: Instant) -> Option<Value> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let message = match self.messages.recv_timeout(left) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return None,
            };
            let asked = message.get("id").filter(|_| message.get("method").is_some()).cloned();
            let Some(id) = asked else { return Some(message) };
            let settings = message["method"] == "workspace/configuration";
            let result = if settings { json!([self.settings]) } else { Value::Null };
            self.send(&json!({ "jsonrpc": "2.0", "id": id, "result": result }));
            self.told.push(message);
        }
    }

    /// The first notification of this name that fits, said before or still to come.
    pub(super) fn told(&mut self, method: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let wanted = |m: &Value| m["method"] == method && fits(&m["params"]);
        if let Some(at) = self.told.iter().position(wanted) {
            return self.told.remove(at)["params"].clone();
        }
        let until = Instant::now() + PATIENCE;
        loop {
            let message = self.message(until).unwrap_or_else(|| panic!("never told {method}"));
            if wanted(&message) {
                return message["params"].clone();
            }
            self.told.push(message);
        }
    }

    /// Opens the document.
    pub(super) fn open(&mut self, text: &str) {
        self.version = 1;
        let item = json!({ "uri": URI, "languageId": "vql", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": item }));
    }

    /// Changes the document: `[from, to]` as `(line, character)` pairs, and what stands there then.
    pub(super) fn change(&mut self, range: Option<[(usize, usize); 2]>, text: &str) {
        self.version += 1;
        let mut change = json!({ "text": text });
        if let Some([from, to]) = range {
            change["range"] = json!({ "start": position(from), "end": position(to) });
        }
        let document = json!({ "uri": URI, "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": [change] });
        self.tell("textDocument/didChange", params);
    }

    /// The findings of the document as it is now, when the server publishes them.
    pub(super) fn findings(&mut self) -> Vec<Value> {
        let version = self.version;
        let fits = |p: &Value| p["uri"] == URI && p["version"] == version;
        let params = self.told("textDocument/publishDiagnostics", fits);
        params["diagnostics"].as_array().unwrap().clone()
    }

    /// Waits until the document has these findings, by their codes.
    pub(super) fn finds(&mut self, codes: &[&str]) {
        self.told("textDocument/publishDiagnostics", |p| {
            let found = p["diagnostics"].as_array().unwrap();
            p["uri"] == URI && found.iter().map(|d| &d["code"]).eq(codes)
        });
    }

    /// What a place of the document is asked with.
    pub(super) fn at(line: usize, character: usize) -> Value {
        json!({ "textDocument": { "uri": URI }, "position": position((line, character)) })
    }

    /// The labels offered at a place.
    pub(super) fn offered(&mut self, line: usize, character: usize) -> Vec<String> {
        let list = self.ask("textDocument/completion", Self::at(line, character));
        let items = list["items"].as_array().unwrap_or_else(|| panic!("{list}")).iter();
        items.map(|item| item["label"].as_str().unwrap().to_owned()).collect()
    }

    /// The text as the server sees it.
    pub(super) fn seen(&mut self) -> String {
        let seen = self.ask("vql/text", json!({ "uri": URI }));
        seen["text"].as_str().unwrap().to_owned()
    }

    /// Waits until the server knows that the document is closed, and forgets what it said before.
    pub(super) fn seen_closed(&mut self) {
        assert!(self.ask("vql/text", json!({ "uri": URI })).is_null());
        self.told.clear();
    }

    /// Says goodbye and gives the exit code; the input stays open to the end.
    pub(super) fn leave(mut self) -> i32 {
        self.ask("shutdown", Value::Null);
        self.tell("exit", Value::Null);
        let input = self.input.take();
        let code = self.child.wait().unwrap().code().unwrap();
        drop(input);
        code
    }

    /// Leaves without a word and gives the exit code.
    pub(super) fn vanish(mut self) -> i32 {
        drop(self.input.take());
        self.child.wait().unwrap().code().unwrap()
    }

    /// Waits for the end of a server that was told to go.
    pub(super) fn end(mut self) -> i32 {
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Editor {
    /// A test that failed leaves no server behind.
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            self.child.kill().and_then(|()| self.child.wait()).ok();
        }
    }
}

/// A position of the protocol.
pub(super) fn position((line, character): (usize, usize)) -> Value {
    json!({ "line": line, "character": character })
}

fn read(output: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if output.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end().split_once(": ") {
            Some(("Content-Length", value)) => length = value.parse().unwrap(),
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    output.read_exact(&mut body).ok()?;
    Some(serde_json::from_slice(&body).unwrap())
}
