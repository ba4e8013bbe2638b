//! One request. It ends early when the user asks to stop: the connection is closed, and by that the
//! server stops the statement too.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Method, Response, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::Value as Json;

use crate::engine::base::{Error, Kind};
use crate::engine::outcome::Control;

use super::{Answer, Client, answer};

/// Bytes of an answer.
const MOST: usize = 1 << 30;
/// How often the wish to stop is looked at.
const LOOK: Duration = Duration::from_millis(20);
/// What a server may take longer than the time of a statement, to queue it and to answer.
const MARGIN: Duration = Duration::from_secs(15);
/// Characters of what a server says that are passed on.
const SAID: usize = 300;

/// Why there is no answer.
#[derive(Debug)]
pub enum Failure {
    /// The server was not reached, or does not do what a server of ours does.
    Unreachable {
        /// What happened.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The server does not know who asks, or does not let them in.
    Refused {
        /// What it says.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The statement failed.
    Statement(Error),
}

impl Failure {
    fn unreachable(message: impl Into<String>) -> Self {
        Self::Unreachable { message: message.into(), hint: None }
    }
}

impl Client {
    /// Asks, and waits for the answer until it is there or `control` says that it is enough.
    pub fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<&Json>,
        control: &Control,
    ) -> Result<Answer, Failure> {
        control.check().map_err(Failure::Statement)?;
        let request = self.talk(method, path, body);
        let most = control.timeout.map(|time| time.saturating_add(MARGIN));
        self.runtime.block_on(async {
            tokio::select! {
                answer = request => answer,
                () = stopped(control) => {
                    Err(Failure::Statement(Error::new(Kind::Cancelled, "the statement was cancelled")))
                }
                () = over(most) => {
                    let late = format!("`{}` did not answer in time", self.address);
                    Err(Failure::Statement(Error::new(Kind::QueryTimeout, late)))
                }
            }
        })
    }

    async fn talk(
        &self,
        method: Method,
        path: &str,
        body: Option<&Json>,
    ) -> Result<Answer, Failure> {
        let mut request =
            self.http.request(method, self.address.of(path)).header(ACCEPT, "application/json");
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        if let Some(key) = &self.key {
            request = request.bearer_auth(key.expose_secret());
        }
        let mut response = request.send().await.map_err(|cause| self.unreached(&cause))?;
        let mut bytes = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|cause| self.unreached(&cause))? {
            if bytes.len() + part.len() > MOST {
                return Err(Failure::unreachable(format!(
                    "`{}` answers without end",
                    self.address
                )));
            }
            bytes.extend_from_slice(&part);
        }
        self.judge(&response, &bytes)
    }

    fn judge(&self, response: &Response, bytes: &[u8]) -> Result<Answer, Failure> {
        let status = response.status();
        let json: Option<Json> = serde_json::from_slice(bytes).ok();
        if status.is_success() {
            return match json {
                Some(json) => Ok(Answer(json)),
                None if bytes.is_empty() => Ok(Answer(Json::Null)),
                None => Err(self.stranger(status)),
            };
        }
        let Some(Json::Object(problem)) = json else { return Err(self.stranger(status)) };
        let text = |name: &str| problem.get(name).and_then(Json::as_str).map(said);
        if status != StatusCode::UNAUTHORIZED
            && let Some(error) = answer::error(&problem)
        {
            return Err(Failure::Statement(error));
        }
        let Some(message) = text("detail") else { return Err(self.stranger(status)) };
        let mut hint = text("hint");
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                if self.key.is_none() {
                    hint = Some("set VQL_API_KEY, or name a file with `--user-key`".to_owned());
                }
                Err(Failure::Refused { message, hint })
            }
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                let after = response.headers().get(RETRY_AFTER).and_then(|v| v.to_str().ok());
                let hint = hint.or(after.map(|seconds| format!("try again in {seconds} s")));
                Err(Failure::Unreachable { message, hint })
            }
            _ => {
                let mut error = Error::new(Kind::InvalidInput, message);
                error.hint = hint;
                Err(Failure::Statement(error))
            }
        }
    }

    /// Somebody answers who does not speak as we do.
    fn stranger(&self, status: StatusCode) -> Failure {
        Failure::Unreachable {
            message: format!("`{}` answers {status}, but not as vql does", self.address),
            hint: Some("name the address that `vql serve` prints".to_owned()),
        }
    }

    fn unreached(&self, cause: &reqwest::Error) -> Failure {
        let mut words = Vec::new();
        let mut at = cause.source();
        while let Some(cause) = at {
            words.push(cause.to_string());
            at = cause.source();
        }
        let last = words.pop().unwrap_or_else(|| "the connection ended".to_owned());
        // Of an unknown signer, or of one who is called like the right one.
        let certificate = last.contains("UnknownIssuer") || last.contains("BadSignature");
        let last = said(last.split(" (os error").next().unwrap_or(&last));
        Failure::Unreachable {
            message: format!("cannot reach `{}`: {last}", self.address),
            hint: certificate.then(|| {
                "`--ca-cert FILE` names who signs the certificate of the server".to_owned()
            }),
        }
    }
}

/// What somebody else says, short enough to be passed on, and without what a terminal would obey.
fn said(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(SAID).collect()
}

async fn stopped(control: &Control) {
    while control.check().is_ok() {
        tokio::time::sleep(LOOK).await;
    }
}

async fn over(most: Option<Duration>) {
    match most {
        Some(most) => tokio::time::sleep(most).await,
        None => std::future::pending().await,
    }
}
