//! The public keys of an issuer of tokens, fetched from the address the settings name and from no
//! other: over TLS, without following anybody elsewhere, and no more than a key set can be long.

use std::io::Read as _;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::blocking::Client;
use reqwest::redirect::Policy;

/// Bytes of a key set.
const LONGEST: u64 = 256 << 10;
/// Time for all of it.
const PATIENCE: Duration = Duration::from_secs(10);

/// Fetches the text of a key set. What goes wrong is said in words, for the log.
pub fn fetch(address: &str) -> Result<String, String> {
    if !address.starts_with("https://") {
        return Err("keys are fetched over https only".to_owned());
    }
    let client = Client::builder()
        .redirect(Policy::none())
        .https_only(true)
        .timeout(PATIENCE)
        .build()
        .map_err(|_| "no connection can be made".to_owned())?;
    let answer = client
        .get(address)
        .header(reqwest::header::ACCEPT, "application/json")
        .send()
        .map_err(|_| "the address of the keys does not answer".to_owned())?;
    if answer.status() != StatusCode::OK {
        return Err(format!("the address of the keys answers {}", answer.status()));
    }
    let mut text = String::new();
    let mut body = answer.take(LONGEST + 1);
    body.read_to_string(&mut text).map_err(|_| "the keys are no text".to_owned())?;
    if text.len() as u64 > LONGEST {
        return Err("the keys are too long".to_owned());
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_fetched_in_the_clear_or_from_a_file() {
        for address in ["http://127.0.0.1/keys", "file:///etc/passwd", "ftp://a", "", "HTTPS://a"] {
            assert!(fetch(address).unwrap_err().contains("https"), "{address}");
        }
    }
}
