//! One request with everything that can come between: time, refusals, redirections, broken answers.

use std::io::Read as _;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use reqwest::blocking::{Client, Response};
use reqwest::redirect::{Action, Attempt};
use reqwest::{StatusCode, header};

use crate::engine::base::{Error, Kind, Result};
use crate::engine::outcome::Control;

use super::protocol::Unusable;
use super::{HttpEmbedder, Key};

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
/// Bytes of an answer beside its numbers, and of each number: enough for any way to write one.
const BODY_BYTES: u64 = 64 << 10;
const NUMBER_BYTES: u64 = 40;
/// Characters of what a server says that are passed on.
const SAID: usize = 200;
/// How often the wish to stop is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// One batch of texts.
pub(super) struct Call<'a> {
    pub(super) embedder: &'a HttpEmbedder,
    pub(super) client: &'a Client,
    pub(super) texts: &'a [&'a str],
    pub(super) control: &'a Control,
}

/// Why a try failed.
enum Failure {
    /// Another try may succeed, after a pause the server may have named.
    Passing(String, Option<Duration>),
    /// It would fail again.
    Lasting(Error),
}

impl Call<'_> {
    /// Tries until it succeeds, cannot, or may not.
    pub(super) fn run(&self) -> Result<Vec<Vec<f32>>> {
        let until = self.control.timeout.map(|allowed| Instant::now() + allowed);
        let mut tries = 0;
        loop {
            let (what, asked) = match self.once(until) {
                Ok(vectors) => return Ok(vectors),
                Err(Failure::Lasting(error)) => return Err(error),
                Err(Failure::Passing(what, asked)) => (what, asked),
            };
            tries += 1;
            if tries > self.embedder.settings.retries {
                return Err(self.unavailable(&what, tries));
            }
            let pause = asked.unwrap_or_else(|| self.pause(tries));
            if pause > LONGEST_PAUSE {
                let what = format!("{what}, and asks to be left alone for {} s", pause.as_secs());
                return Err(self.unavailable(&what, tries));
            }
            self.wait(pause, until)?;
        }
    }

    /// Doubles with every try; by chance up to half shorter, so that many who failed together do not
    /// come back together.
    fn pause(&self, tries: u32) -> Duration {
        let doubled = self.embedder.settings.pause.saturating_mul(1 << (tries - 1).min(16));
        let share = (self.embedder.rng.bits() % 1000) as f64 / 1000.0;
        doubled.min(LONGEST_PAUSE).mul_f64(1.0 - share / 2.0)
    }

    fn wait(&self, pause: Duration, until: Option<Instant>) -> Result<()> {
        let end = Instant::now() + pause;
        loop {
            self.control.check()?;
            let now = Instant::now();
            if until.is_some_and(|until| now >= until) {
                return Err(out_of_time());
            }
            if now >= end {
                return Ok(());
            }
            thread::sleep((end - now).min(LOOK));
        }
    }

    /// One try. It runs beside us: a server that says nothing does not keep us from stopping.
    fn once(&self, until: Option<Instant>) -> Result<Vec<Vec<f32>>, Failure> {
        let settings = &self.embedder.settings;
        let begun = Instant::now();
        let body = settings.protocol.request(&settings.model, self.texts).to_string();
        let mut request = self
            .client
            .post(self.embedder.address.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(body);
        if let Key::Secret(key) = &settings.key {
            request = request.bearer_auth(key);
        }
        let most = self.most_bytes();
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            let answer = request.send().map_err(|error| said(&error)).and_then(|r| read(r, most));
            // Nobody listens any more when the time was over.
            drop(sender.send(answer));
        });
        loop {
            match receiver.recv_timeout(LOOK) {
                Ok(Ok(answer)) => return self.judge(&answer),
                Ok(Err(Broken::Off(what))) => return Err(Failure::Passing(what, None)),
                Ok(Err(Broken::Refused(what))) => return Err(self.lasting(&what)),
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(self.lasting("failed in a way nobody expected"));
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
            }
            self.control.check().map_err(Failure::Lasting)?;
            if until.is_some_and(|until| Instant::now() >= until) {
                return Err(Failure::Lasting(out_of_time()));
            }
            if begun.elapsed() >= settings.timeout {
                let ms = settings.timeout.as_millis();
                return Err(Failure::Passing(format!("did not answer within {ms} ms"), None));
            }
        }
    }

    fn most_bytes(&self) -> u64 {
        let numbers = self.texts.len() as u64 * u64::from(self.embedder.settings.dimension);
        BODY_BYTES + numbers * NUMBER_BYTES
    }

    fn judge(&self, answer: &Answer) -> Result<Vec<Vec<f32>>, Failure> {
        let status = answer.status;
        if status.is_success() {
            let protocol = self.embedder.settings.protocol;
            return protocol.answer(&answer.body, self.texts.len()).map_err(|why| match why {
                Unusable::Truncated => Failure::Passing("broke off its answer".to_owned(), None),
                Unusable::Wrong(what) => self.lasting(&format!("answered {what}")),
            });
        }
        let what = format!("answered {status}{}", self.words(&answer.body));
        let passing = status.is_server_error()
            || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT);
        if passing {
            return Err(Failure::Passing(what, answer.retry_after));
        }
        let error = Error::new(Kind::EmbedderRefused, self.name(&what));
        Err(Failure::Lasting(match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                error.hint("check the variable that `key_env` names")
            }
            StatusCode::NOT_FOUND => error.hint("check `url` and `model` of the embedder"),
            _ => error,
        }))
    }

    /// What the server said of a failure, in one line and without the key.
    fn words(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        let parsed: Option<serde_json::Value> = serde_json::from_str(&text).ok();
        let message = parsed.as_ref().and_then(|json| {
            let error = json.get("error")?;
            error.as_str().or_else(|| error.get("message")?.as_str())
        });
        let mut text = message.unwrap_or(&text).to_owned();
        if let Key::Secret(key) = &self.embedder.settings.key {
            text = text.replace(key.as_str(), "..");
        }
        let text: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).collect();
        let text: String = text
            .join(" ")
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(SAID)
            .collect();
        if text.is_empty() { text } else { format!(": {text}") }
    }

    fn name(&self, what: &str) -> String {
        format!("embedder `{}` {what}", self.embedder.settings.name)
    }

    fn lasting(&self, what: &str) -> Failure {
        Failure::Lasting(Error::new(Kind::EmbedderRefused, self.name(what)))
    }

    fn unavailable(&self, what: &str, tries: u32) -> Error {
        let times = if tries == 1 { "once" } else { &format!("{tries} times") };
        Error::new(Kind::EmbedderUnavailable, format!("{} (tried {times})", self.name(what)))
            .hint("nothing was written; try again later, or raise `retries` and `timeout_ms`")
    }
}

fn out_of_time() -> Error {
    Error::new(Kind::QueryTimeout, "the statement ran out of time while it waited for an embedder")
}

/// What came back.
struct Answer {
    status: StatusCode,
    retry_after: Option<Duration>,
    body: Vec<u8>,
}

/// Why nothing came back.
enum Broken {
    /// The connection.
    Off(String),
    /// The answer is such that it will not be better.
    Refused(String),
}

fn read(response: Response, most: u64) -> Result<Answer, Broken> {
    let (status, retry_after) = (response.status(), retry_after(&response));
    let mut body = Vec::new();
    response
        .take(most + 1)
        .read_to_end(&mut body)
        .map_err(|_| Broken::Off("broke off its answer".to_owned()))?;
    if body.len() as u64 > most {
        return Err(Broken::Refused(format!("answered more than {most} bytes")));
    }
    Ok(Answer { status, retry_after, body })
}

/// In seconds, or until an instant.
fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0)
            .then(|| Duration::from_secs_f64(seconds.min(1e6)));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp().as_microsecond();
    let now = jiff::Timestamp::now().as_microsecond();
    Some(Duration::from_micros(u64::try_from(at.saturating_sub(now)).unwrap_or(0)))
}

/// What became of a request that was not answered; never its address, which the settings know.
fn said(error: &reqwest::Error) -> Broken {
    if error.is_redirect() {
        let message = "leads to another host, where texts are not sent".to_owned();
        return Broken::Refused(message);
    }
    Broken::Off(if error.is_timeout() {
        "did not answer in time".to_owned()
    } else if error.is_connect() {
        "cannot be reached".to_owned()
    } else {
        "broke off the connection".to_owned()
    })
}

/// A redirection is followed on the same server only: nobody else was meant to have the texts.
pub(super) fn follow(attempt: Attempt<'_>) -> Action {
    let same =
        attempt.previous().first().is_some_and(|first| first.origin() == attempt.url().origin());
    if same && attempt.previous().len() <= 3 {
        attempt.follow()
    } else {
        attempt.error("another host")
    }
}
