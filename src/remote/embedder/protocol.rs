//! What is sent and what comes back, as JSON: no connection is made here.

use reqwest::Url;
use serde::Deserialize;
use serde_json::{Value, json};

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `POST /v1/embeddings`, as `OpenAI` and many others.
    OpenAi,
    /// `POST /api/embed`.
    Ollama,
}

impl Protocol {
    /// The name in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "/v1/embeddings",
            Self::Ollama => "/api/embed",
        }
    }

    /// Where embeddings are made on the server of this address, which may be that place itself.
    pub(super) fn address(self, url: &str) -> Result<Url, String> {
        let mut address = Url::parse(url).map_err(|error| format!("`{url}` is no URL: {error}"))?;
        if !matches!(address.scheme(), "http" | "https") || address.host_str().is_none() {
            return Err(format!("`{url}` is no address of the web"));
        }
        if !address.username().is_empty() || address.password().is_some() {
            return Err("an address holds no name and no password: use `key_env`".to_owned());
        }
        let given = address.path().trim_end_matches('/').to_owned();
        let path = self.path();
        if !given.ends_with(path) {
            // `https://host/v1` is how many name the server.
            let begun = path.split('/').nth(1).map(|word| format!("/{word}")).unwrap_or_default();
            let root = given.strip_suffix(&begun).unwrap_or(&given);
            address.set_path(&format!("{root}{path}"));
        }
        Ok(address)
    }

    /// What decides about the vectors beside the text.
    pub(super) fn parameters(self, model: &str) -> String {
        json!({ "kind": self.name(), "model": model }).to_string()
    }

    /// The body of a request.
    pub(super) fn request(self, model: &str, texts: &[&str]) -> Value {
        match self {
            Self::OpenAi => json!({ "model": model, "input": texts, "encoding_format": "float" }),
            // A text too long for the model is an error and not silently another text.
            Self::Ollama => json!({ "model": model, "input": texts, "truncate": false }),
        }
    }

    /// The vectors of an answer to so many texts, in the order of the texts.
    pub(super) fn answer(self, body: &[u8], count: usize) -> Result<Vec<Vec<f32>>, Unusable> {
        match self {
            Self::OpenAi => in_order(serde_json::from_slice::<OpenAi>(body)?.data, count),
            Self::Ollama => {
                let vectors = serde_json::from_slice::<Ollama>(body)?.embeddings;
                counted(vectors.len(), count)?;
                Ok(vectors)
            }
        }
    }
}

/// Why an answer cannot be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unusable {
    /// It ends too early: the next one may be whole.
    Truncated,
    /// It is wrong.
    Wrong(String),
}

impl From<serde_json::Error> for Unusable {
    fn from(error: serde_json::Error) -> Self {
        if error.is_eof() {
            Self::Truncated
        } else {
            Self::Wrong(format!("what cannot be read: {error}"))
        }
    }
}

#[derive(Deserialize)]
struct OpenAi {
    data: Vec<OpenAiItem>,
}

#[derive(Deserialize)]
struct OpenAiItem {
    index: Option<usize>,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Ollama {
    embeddings: Vec<Vec<f32>>,
}

fn counted(got: usize, wanted: usize) -> Result<(), Unusable> {
    if got == wanted {
        return Ok(());
    }
    Err(Unusable::Wrong(format!("{got} vectors for {wanted} texts")))
}

/// Vectors belong to texts by their index, whatever order they come in.
fn in_order(items: Vec<OpenAiItem>, count: usize) -> Result<Vec<Vec<f32>>, Unusable> {
    counted(items.len(), count)?;
    let mut vectors: Vec<Option<Vec<f32>>> = vec![None; count];
    for (place, item) in items.into_iter().enumerate() {
        let index = item.index.unwrap_or(place);
        match vectors.get_mut(index) {
            Some(slot @ None) => *slot = Some(item.embedding),
            Some(Some(_)) => return Err(Unusable::Wrong(format!("two vectors of index {index}"))),
            None => {
                return Err(Unusable::Wrong(format!("a vector of index {index} of {count} texts")));
            }
        }
    }
    Ok(vectors.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_may_be_the_server_or_the_place() {
        for (protocol, given, expected) in [
            (Protocol::OpenAi, "http://h:1", "http://h:1/v1/embeddings"),
            (Protocol::OpenAi, "https://h/v1", "https://h/v1/embeddings"),
            (Protocol::OpenAi, "https://h/v1/embeddings", "https://h/v1/embeddings"),
            (Protocol::OpenAi, "https://h/proxy/", "https://h/proxy/v1/embeddings"),
            (Protocol::Ollama, "http://localhost:11434", "http://localhost:11434/api/embed"),
            (Protocol::Ollama, "http://localhost:11434/api/", "http://localhost:11434/api/embed"),
        ] {
            assert_eq!(protocol.address(given).unwrap().as_str(), expected);
        }
        for wrong in ["", "localhost", "file:///etc/passwd", "https://me:word@h/", "unix:/x"] {
            assert!(Protocol::OpenAi.address(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn vectors_belong_to_texts_by_index() {
        let read = |body: &str| Protocol::OpenAi.answer(body.as_bytes(), 2);
        let turned =
            r#"{"data":[{"index":1,"embedding":[2.0]},{"index":0,"embedding":[1.0]}],"usage":{}}"#;
        assert_eq!(read(turned), Ok(vec![vec![1.0], vec![2.0]]));
        let plain = r#"{"data":[{"embedding":[1.0]},{"embedding":[2.0]}]}"#;
        assert_eq!(read(plain), Ok(vec![vec![1.0], vec![2.0]]));
        for wrong in [
            r#"{"data":[{"index":0,"embedding":[1.0]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1.0]},{"index":0,"embedding":[1.0]}]}"#,
            r#"{"data":[{"index":0,"embedding":[1.0]},{"index":7,"embedding":[1.0]}]}"#,
            r#"{"data":[{"index":0,"embedding":[null]},{"index":1,"embedding":[1.0]}]}"#,
            "<html>",
            "[]",
        ] {
            assert!(matches!(read(wrong), Err(Unusable::Wrong(_))), "{wrong}");
        }
        assert_eq!(read(r#"{"data":[{"index":0,"embe"#), Err(Unusable::Truncated));
    }
}
