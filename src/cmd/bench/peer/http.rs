//! Requests to the servers that speak HTTP: with a time limit, and errors that say who was asked and
//! what the answer was.

use std::time::Duration;

use reqwest::blocking::{Client, RequestBuilder};
use serde_json::Value as Json;

use crate::cmd::bench::subject::Result;

/// How long a server may take to be reached, and to answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_mins(2);
/// How much of an answer that is an error is shown.
const SHOWN: usize = 300;

/// One server, by the address the user gave.
pub(super) struct Server {
    client: Client,
    base: String,
    user: Option<(String, Option<String>)>,
}

impl Server {
    /// For an address that may hold a name and a password: `http://name:password@host:port`.
    pub(super) fn new(url: &str) -> Result<Self> {
        let mut base = reqwest::Url::parse(url).map_err(|e| format!("`{url}`: {e}"))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(format!("`{url}`: the protocol must be http or https").into());
        }
        let user = (!base.username().is_empty())
            .then(|| (base.username().to_owned(), base.password().map(str::to_owned)));
        base.set_username("").ok();
        base.set_password(None).ok();
        let client = Client::builder().connect_timeout(CONNECT).timeout(ANSWER).build()?;
        Ok(Self { client, base: base.as_str().trim_end_matches('/').to_owned(), user })
    }

    /// A request to a path of the server.
    pub(super) fn request(&self, method: &str, path: &str) -> Result<RequestBuilder> {
        let method: reqwest::Method = method.parse()?;
        let request = self.client.request(method, format!("{}{path}", self.base));
        Ok(match &self.user {
            Some((name, password)) => request.basic_auth(name, password.as_ref()),
            None => request,
        })
    }

    /// Sends it and gives the text that was answered.
    pub(super) fn text(&self, request: RequestBuilder) -> Result<String> {
        let answer = request.send().map_err(|e| {
            let why = if e.is_connect() {
                "it cannot be reached".to_owned()
            } else if e.is_timeout() {
                format!("no answer within {} s", ANSWER.as_secs())
            } else {
                e.without_url().to_string()
            };
            format!("{}: {why}", self.base)
        })?;
        let status = answer.status();
        let text = answer.text().map_err(|e| format!("{}: {}", self.base, e.without_url()))?;
        if !status.is_success() {
            let shown: String = text.chars().take(SHOWN).collect();
            return Err(format!("{}: answered {status}: {shown}", self.base).into());
        }
        Ok(text)
    }

    /// Sends a body and reads JSON.
    pub(super) fn json(&self, method: &str, path: &str, body: Option<&Json>) -> Result<Json> {
        let mut request = self.request(method, path)?;
        if let Some(body) = body {
            request = request.json(body);
        }
        let text = self.text(request)?;
        serde_json::from_str(&text)
            .map_err(|e| format!("{}: the answer is not JSON: {e}", self.base).into())
    }
}

/// The texts of a list; what is not text is shown as JSON.
pub(super) fn texts(list: &Json) -> Vec<String> {
    let cell = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    list.as_array().into_iter().flatten().map(cell).collect()
}
