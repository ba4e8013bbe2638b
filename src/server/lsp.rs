//! The language server over a WebSocket, for the console: a message of the protocol is a message of the
//! socket. It knows the database that is served, as far as whoever asks may see it, and nothing else of
//! the machine.
//!
//! The key comes in the first message (`vql/authorize`): browsers cannot set headers here, and
//! addresses are written into logs.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Extension, State};
use axum::http::header::{AUTHORIZATION, HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Value as Json, json};
use tokio::io::{
    AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream,
};
use tokio::sync::Semaphore;

use crate::engine::Control;
use crate::engine::Params;
use crate::engine::Session;
use crate::engine::auth::{Action, Principal, Resource};
use crate::engine::base::{Error, Kind, Result, Value};
use crate::engine::catalog::Snapshot;
use crate::engine::lang::format::Options;
use crate::engine::lang::parse;
use crate::lsp::{self, Live, Settings, Stop, World};

use super::auth::{Refused, Shown};
use super::connection::Connection;
use super::front::Matched;
use super::problem::Problem;
use super::rest::answer::Answer;
use super::state::App;

/// What the database is called.
const DATABASE: &str = "this database";
/// A message over this many bytes ends the connection.
const LARGEST: usize = 4 << 20;
/// Bytes that wait between the socket and the language server.
const PIPE: usize = 64 << 10;
/// How long the first message may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked whether the key still holds, and the other end still there.
const ROUND: Duration = Duration::from_secs(30);
/// Rounds without a sign of life.
const SILENCE: u32 = 3;
/// No more rows than this are shown for a statement that is run from a text.
const ROWS: usize = 1000;

/// Whoever asks is not known, or not any more.
const UNKNOWN: u16 = 4401;
/// There are too many already.
const BUSY: u16 = 4429;

/// Connections at once; each holds texts in memory.
static PLACES: Semaphore = Semaphore::const_new(64);

/// `GET /console/lsp`
pub async fn upgrade(
    State(app): State<Arc<App>>,
    connection: Option<Extension<Connection>>,
    headers: HeaderMap,
    uri: Uri,
    socket: WebSocketUpgrade,
) -> Response {
    let host = uri.authority().map(ToString::to_string);
    if !own(&headers, host.as_deref(), &app) {
        let title = "The page that asks is not from here.";
        let detail = "a page of another origin may not speak to the language server";
        return Problem::new(StatusCode::FORBIDDEN, "ForeignOrigin", title, detail).into_response();
    }
    let connection = connection.map(|Extension(connection)| connection);
    let mut response = socket
        .max_message_size(LARGEST)
        .max_frame_size(LARGEST)
        .on_upgrade(move |socket| serve(app, connection, socket));
    response.extensions_mut().insert(Matched("/console/lsp"));
    response
}

/// Whether a request is from a page of this server, of an origin that the settings name, or from no
/// page at all. Pages may open sockets to anywhere, and only this header says who they are.
pub(super) fn own(headers: &HeaderMap, authority: Option<&str>, app: &App) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let Some(host) = text(HOST).or(authority) else { return false };
    // A name of somebody else that leads to this machine is no name of this machine.
    if app.settings.insecure && !loopback(host) {
        return false;
    }
    match headers.get(ORIGIN) {
        None => true,
        Some(_) => text(ORIGIN).is_some_and(|origin| {
            let place = origin.split_once("://").map(|(_, place)| place);
            place == Some(host) || app.settings.origins.iter().any(|one| one == origin)
        }),
    }
}

/// True for the names and addresses of this machine.
fn loopback(host: &str) -> bool {
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| !port.contains(']'))
        .map_or(host, |(name, _)| name);
    let bare = name.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost"
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Serves one page.
async fn serve(app: Arc<App>, connection: Option<Connection>, mut socket: WebSocket) {
    let Ok(_place) = PLACES.try_acquire() else {
        return close(socket, BUSY, "too many pages").await;
    };
    let first = tokio::time::timeout(PATIENCE, socket.recv()).await;
    let Some(shown) = first.ok().flatten().and_then(io_ok).and_then(|said| credentials(&said))
    else {
        return close(socket, UNKNOWN, "the first message says who asks").await;
    };
    let who = match known(&app, connection.as_ref(), &shown) {
        Ok(who) => who,
        Err(why) => return close(socket, UNKNOWN, why).await,
    };
    let (input, to_server) = tokio::io::duplex(PIPE);
    let (output, from_server) = tokio::io::duplex(PIPE);
    let settings = Settings { database: Some(DATABASE.to_owned()), ..Settings::default() };
    let world = Arc::new(Around { app: Arc::clone(&app), who });
    let serving = tokio::spawn(lsp::run(input, output, settings, world));
    let again = || known(&app, connection.as_ref(), &shown).is_ok();
    let (code, why) = pass(&app, &mut socket, to_server, from_server, again).await;
    // Without its streams it ends by itself, after the grace it gives to what is being done.
    drop(serving);
    close(socket, code, why).await;
}

fn io_ok<T, E>(result: std::result::Result<T, E>) -> Option<T> {
    result.ok()
}

async fn close(mut socket: WebSocket, code: u16, why: &str) {
    let frame = CloseFrame { code, reason: why.into() };
    drop(socket.send(Message::Close(Some(frame))).await);
}

/// The headers that the first message stands for.
fn credentials(said: &Message) -> Option<HeaderMap> {
    let message: Json = serde_json::from_str(said.to_text().ok()?).ok()?;
    if message["method"] != "vql/authorize" {
        return None;
    }
    let mut headers = HeaderMap::new();
    if let Some(key) = message["params"]["authorization"].as_str() {
        let mut value = HeaderValue::from_str(key).ok()?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Some(headers)
}

/// Who asks, decided as for any other request.
fn known(
    app: &App,
    connection: Option<&Connection>,
    headers: &HeaderMap,
) -> std::result::Result<Principal, &'static str> {
    let shown = Shown {
        headers,
        address: connection.and_then(|c| c.address).map(|address| address.ip()),
        certificate: connection.and_then(|c| c.certificate.as_deref()),
    };
    let who = app.authenticator.authenticate(&shown).map_err(|refused| match refused {
        Refused::Missing => "a key is needed",
        Refused::Invalid => "the key is not valid",
        Refused::TooMany(_) => "too many wrong keys",
        Refused::Unavailable => "who you are cannot be decided now",
    })?;
    let allowed = app.engine.authorize(&who, Action::Data, Resource::Database);
    allowed.map(|()| who).map_err(|_| "the key may not ask this database")
}

/// Carries messages both ways until one side ends; says how the socket is to be closed.
async fn pass(
    app: &App,
    socket: &mut WebSocket,
    mut to_server: DuplexStream,
    from_server: DuplexStream,
    still: impl Fn() -> bool,
) -> (u16, &'static str) {
    let (sender, mut answers) = tokio::sync::mpsc::channel::<String>(16);
    tokio::spawn(collect(from_server, sender));
    let mut ending = app.ending.subscribe();
    let mut round = tokio::time::interval(ROUND);
    round.reset();
    let mut silent = 0;
    loop {
        tokio::select! {
            said = socket.recv() => {
                silent = 0;
                match said {
                    Some(Ok(Message::Text(text))) => {
                        let head = format!("Content-Length: {}\r\n\r\n", text.len());
                        let written = to_server.write_all(head.as_bytes()).await;
                        if written.is_err() || to_server.write_all(text.as_bytes()).await.is_err() {
                            return (1011, "the language server ended");
                        }
                    }
                    Some(Ok(Message::Binary(_))) => return (1003, "messages are texts"),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return (1000, ""),
                }
            }
            answer = answers.recv() => match answer {
                Some(text) => if socket.send(Message::Text(text.into())).await.is_err() {
                    return (1000, "");
                },
                None => return (1011, "the language server ended"),
            },
            _ = round.tick() => {
                silent += 1;
                if silent > SILENCE {
                    return (1001, "nobody is there");
                }
                if !still() {
                    return (UNKNOWN, "the key is not valid any more");
                }
                if socket.send(Message::Ping(axum::body::Bytes::new())).await.is_err() {
                    return (1000, "");
                }
            }
            () = ended(&mut ending) => return (1001, "the server ends"),
        }
    }
}

/// Waits until the server is told to end.
async fn ended(ending: &mut tokio::sync::watch::Receiver<bool>) {
    drop(ending.wait_for(|ends| *ends).await);
}

/// Hands the messages of the language server on, without their headers.
async fn collect(from: DuplexStream, to: tokio::sync::mpsc::Sender<String>) {
    let mut from = BufReader::new(from);
    while let Ok(Some(body)) = message(&mut from).await {
        if to.send(body).await.is_err() {
            return;
        }
    }
}

async fn message(from: &mut BufReader<DuplexStream>) -> io::Result<Option<String>> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if from.read_line(&mut line).await? == 0 {
            return Ok(None);
        }
        match line.trim_end().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            Some(_) => {}
            None => break,
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).await?;
    String::from_utf8(body).map(Some).map_err(io::Error::other)
}

/// What lies around the language server: one database and nothing else.
struct Around {
    app: Arc<App>,
    who: Principal,
}

impl World for Around {
    fn connect(&self, database: &str) -> Result<Arc<dyn Live>> {
        if database != DATABASE {
            let message = "the language server of the console looks at the database that is served";
            return Err(Error::new(Kind::NotSupported, message));
        }
        Ok(Arc::new(Served { app: Arc::clone(&self.app), who: self.who.clone() }))
    }

    fn schema(&self, _: &Path) -> Result<Arc<Snapshot>> {
        Err(Error::new(Kind::NotSupported, "the language server of the console reads no files"))
    }

    fn texts(&self, _: &Path) -> Vec<(PathBuf, String)> {
        Vec::new()
    }

    fn layout(&self, _: Option<&Path>) -> Result<Options> {
        Ok(Options::default())
    }
}

/// The database, as one principal sees it.
struct Served {
    app: Arc<App>,
    who: Principal,
}

impl Served {
    fn session(&self) -> Session {
        self.app.session(&self.who)
    }
}

impl Live for Served {
    fn name(&self) -> &str {
        DATABASE
    }

    fn names(&self) -> Result<Arc<Snapshot>> {
        self.session().names()
    }

    fn ids(&self, prefix: &str, most: usize) -> Result<Vec<String>> {
        self.session().ids(prefix, most)
    }

    fn run(&self, statement: &str, stop: &Stop, patience: Option<Duration>) -> Result<lsp::Answer> {
        let began = Instant::now();
        let mut session = self.session();
        let control = Control { cancel: stop.flag(), ..self.app.control(patience) };
        // An editor looks and does not write: a transaction that may only read sees to it.
        once(&mut session, "BEGIN READ ONLY", &control)?;
        let mut outcome = once(&mut session, statement, &control)?;
        let mut notices: Vec<String> =
            outcome.notices.iter().map(|notice| notice.message.clone()).collect();
        if outcome.rows.len() > ROWS {
            notices.push(format!("only the first {ROWS} of {} rows", outcome.rows.len()));
            outcome.rows.truncate(ROWS);
        }
        let mut json =
            serde_json::to_value(Answer::of(&outcome, began.elapsed())).unwrap_or_default();
        json["columns"] = json!(outcome.unique_names());
        let line = |row: &Vec<Value>| {
            row.iter().map(|value| value.to_json().to_string()).collect::<Vec<_>>().join(" | ")
        };
        let lines: Vec<String> = outcome.rows.iter().map(line).collect();
        Ok(lsp::Answer { json, text: lines.join("\n"), notices })
    }
}

fn once(session: &mut Session, text: &str, control: &Control) -> Result<crate::engine::Outcome> {
    let parsed = parse(text);
    if let Some(error) = parsed.errors().next() {
        return Err(error.clone().into());
    }
    let [statement] = parsed.script.statements.as_slice() else {
        return Err(Error::new(Kind::InvalidInput, "expected one statement"));
    };
    session.execute(text, statement, &Params::new(), control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine() {
        for host in ["localhost", "localhost:8080", "127.0.0.1:8080", "[::1]:8080", "[::1]"] {
            assert!(loopback(host), "{host}");
        }
        for host in ["example.org", "example.org:80", "127.0.0.1.example.org", "10.0.0.1:80", ""] {
            assert!(!loopback(host), "{host}");
        }
    }

    #[test]
    fn the_first_message_says_who_asks() {
        let text = |json: Json| Message::Text(json.to_string().into());
        let said =
            text(json!({"method": "vql/authorize", "params": {"authorization": "Bearer k"}}));
        assert_eq!(credentials(&said).unwrap()[AUTHORIZATION], "Bearer k");
        assert!(credentials(&text(json!({"method": "vql/authorize"}))).unwrap().is_empty());
        assert!(credentials(&text(json!({"method": "initialize"}))).is_none());
        let split = json!({"method": "vql/authorize", "params": {"authorization": "a\r\nb: c"}});
        assert!(credentials(&text(split)).is_none());
    }

    #[tokio::test]
    async fn frames_become_messages() {
        let (mut write, read) = tokio::io::duplex(64);
        write.write_all(b"Content-Length: 2\r\n\r\n{}content-length: 4\r\n\r\nnull").await.unwrap();
        drop(write);
        let mut from = BufReader::new(read);
        assert_eq!(message(&mut from).await.unwrap().as_deref(), Some("{}"));
        assert_eq!(message(&mut from).await.unwrap().as_deref(), Some("null"));
        assert_eq!(message(&mut from).await.unwrap(), None);
    }
}
