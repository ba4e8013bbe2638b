//! Sixty and more tokens that let nobody in, and the few that do.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use jsonwebtoken::EncodingKey;
use serde_json::json;

use super::*;

const NOW: i64 = 1_800_000_000;
const SECRET: &[u8] = b"a secret that is shared with one issuer";

fn b64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// An issuer with one Ed25519 key.
struct Issuer {
    pair: Ed25519KeyPair,
    pkcs8: Vec<u8>,
}

impl Issuer {
    fn new() -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        let pkcs8 = pair.to_pkcs8v1().unwrap().as_ref().to_vec();
        Self { pair, pkcs8 }
    }

    fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    fn jwk(&self, kid: &str) -> Value {
        json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(self.public()), "kid": kid, "use": "sig" })
    }

    fn sign(&self, head: &str, body: &str) -> String {
        let message = format!("{}.{}", b64(head), b64(body));
        let key = EncodingKey::from_ed_der(&self.pkcs8);
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::EdDSA).unwrap();
        format!("{message}.{signature}")
    }
}

fn hmac(secret: &[u8], head: &str, body: &str) -> String {
    let message = format!("{}.{}", b64(head), b64(body));
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn trust() -> Trust {
    Trust {
        issuer: "https://issuer.example".to_owned(),
        audience: "vql".to_owned(),
        roles: Some("roles".to_owned()),
        revoked: vec!["gone".to_owned()],
    }
}

fn keys(issuer: &Issuer) -> Keys {
    Keys::of_set(&json!({ "keys": [issuer.jwk("one")] }).to_string()).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": "https://issuer.example", "aud": "vql", "sub": "ada",
        "exp": NOW + 600, "nbf": NOW - 10, "iat": NOW - 10,
    })
}

fn with(name: &str, value: Value) -> String {
    let mut claims = claims();
    claims[name] = value;
    claims.to_string()
}

fn without(name: &str) -> String {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name);
    claims.to_string()
}

const HEAD: &str = r#"{"alg":"EdDSA","typ":"JWT","kid":"one"}"#;

fn head(extra: &str) -> String {
    format!(r#"{{"alg":"EdDSA","typ":"JWT","kid":"one",{extra}}}"#)
}

fn ask(keys: &Keys, token: &str) -> Result<Principal> {
    trust().principal(keys, token, Timestamp(NOW * 1_000_000))
}

#[test]
fn a_good_token_says_who_somebody_is() {
    let issuer = Issuer::new();
    let keys = keys(&issuer);
    let who = ask(&keys, &issuer.sign(HEAD, &claims().to_string())).unwrap();
    assert_eq!((who.name(), who.by(), who.scopes()), (Some("ada"), "token", None));
    let mut all = claims();
    all["roles"] = json!(["reader", "writer"]);
    all["scope"] = json!("openid read write:document");
    all["aud"] = json!(["vql"]);
    let who = ask(&keys, &issuer.sign(HEAD, &all.to_string())).unwrap();
    assert_eq!(who.roles(), ["reader", "writer"]);
    assert_eq!(who.scopes().unwrap().len(), 2);
    for good in [with("exp", json!(NOW - 20)), with("nbf", json!(NOW + 20)), without("nbf")] {
        ask(&keys, &issuer.sign(HEAD, &good)).unwrap();
    }
    // What a head says about keys is not read.
    for extra in [r#""jku":"https://evil.example/keys""#, r#""x5u":"https://evil.example/c""#] {
        ask(&keys, &issuer.sign(&head(extra), &claims().to_string())).unwrap();
    }
    let shared = Keys::of_secret(SECRET).unwrap();
    ask(&shared, &hmac(SECRET, r#"{"alg":"HS256"}"#, &claims().to_string())).unwrap();
}

/// By what they are, tokens that let nobody in.
#[expect(clippy::too_many_lines, reason = "it is a table")]
fn hostile(issuer: &Issuer, other: &Issuer) -> Vec<(String, String)> {
    let good = claims().to_string();
    let signed = issuer.sign(HEAD, &good);
    let parts: Vec<&str> = signed.split('.').collect();
    let (h, b, s) = (parts[0], parts[1], parts[2]);
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |what: &str, token: String| all.push((what.to_owned(), token));
    for alg in [
        "none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "RS256", "ES256", "ES384",
        "PS256", "EdDSA ", "eddsa", "EDDSA", "Ed25519",
    ] {
        let head = format!(r#"{{"alg":"{alg}","typ":"JWT","kid":"one"}}"#);
        add(&format!("alg {alg:?} without a signature"), format!("{}.{b}.", b64(&head)));
        add(&format!("alg {alg:?} signed"), issuer.sign(&head, &good));
    }
    let family = r#"{"alg":"HS256","typ":"JWT","kid":"one"}"#;
    add("hmac with the public key", hmac(issuer.public(), family, &good));
    add("hmac with the public key as text", hmac(b64(issuer.public()).as_bytes(), family, &good));
    add("no alg", issuer.sign(r#"{"typ":"JWT","kid":"one"}"#, &good));
    add("alg null", issuer.sign(r#"{"alg":null,"kid":"one"}"#, &good));
    add("alg a list", issuer.sign(r#"{"alg":["EdDSA"],"kid":"one"}"#, &good));
    for kid in ["../../../dev/null", "' OR 1=1 --", "unknown", "", "one\u{0}", "ONE"] {
        let head = json!({ "alg": "EdDSA", "kid": kid }).to_string();
        add(&format!("kid {kid:?}"), issuer.sign(&head, &good));
    }
    add("kid a number", issuer.sign(r#"{"alg":"EdDSA","kid":1}"#, &good));
    add("alg twice", issuer.sign(r#"{"alg":"none","alg":"EdDSA","kid":"one"}"#, &good));
    add("its own key", other.sign(&head(&format!(r#""jwk":{}"#, other.jwk("one"))), &good));
    add("keys from elsewhere", other.sign(&head(r#""jku":"https://evil.example/keys""#), &good));
    add(
        "certificate from elsewhere",
        other.sign(&head(r#""x5u":"https://evil.example/c""#), &good),
    );
    add("another issuer's signature", other.sign(HEAD, &good));
    add("no signature", format!("{h}.{b}."));
    add("no third part", format!("{h}.{b}"));
    add("four parts", format!("{signed}.{s}"));
    add("five parts", format!("{h}.{b}.{s}.{s}.{s}"));
    add("the signature of another token", format!("{h}.{}.{s}", b64(with("sub", json!("root")))));
    add("cut off", signed[..signed.len() - 4].to_owned());
    add("a signature of zeros", format!("{h}.{b}.{}", b64([0_u8; 64])));
    add("padded", format!("{signed}=="));
    add("empty", String::new());
    add("dots", "..".to_owned());
    add("no base64", "a!.b!.c!".to_owned());
    add("too long", issuer.sign(HEAD, &with("pad", json!("x".repeat(9000)))));
    for (what, value) in [
        ("long past", json!(NOW - 31)),
        ("ten minutes ago", json!(NOW - 600)),
        ("zero", json!(0)),
        ("negative", json!(-1)),
        ("huge", json!(u64::MAX)),
        ("far", json!(NOW + 10 * FARTHEST)),
        ("a float", json!(NOW as f64 + 600.5)),
        ("text", json!((NOW + 600).to_string())),
        ("null", Value::Null),
        ("a list", json!([NOW + 600])),
    ] {
        add(&format!("exp {what}"), issuer.sign(HEAD, &with("exp", value)));
    }
    for name in ["exp", "iss", "aud", "sub"] {
        add(&format!("no {name}"), issuer.sign(HEAD, &without(name)));
    }
    for (name, value) in [
        ("nbf", json!(NOW + 600)),
        ("nbf", json!("soon")),
        ("iat", json!(NOW + 600)),
        ("aud", json!("other")),
        ("aud", json!(["vql", "other"])),
        ("aud", json!([])),
        ("aud", json!("vql ")),
        ("aud", json!({ "vql": 1 })),
        ("iss", json!("https://evil.example")),
        ("iss", json!(["https://issuer.example"])),
        ("iss", json!("https://issuer.example/")),
        ("sub", json!("")),
        ("sub", json!(7)),
        ("sub", json!("a\nb")),
        ("jti", json!("gone")),
        ("jti", json!(1)),
        ("nonce", json!("x")),
        ("at_hash", json!("x")),
        ("roles", json!(7)),
        ("roles", json!([7])),
        ("scope", json!({ "read": true })),
    ] {
        add(&format!("{name} {value}"), issuer.sign(HEAD, &with(name, value)));
    }
    let twice = good.replacen('{', r#"{"sub":"root","#, 1);
    add("a claim twice", issuer.sign(HEAD, &twice));
    add("claims a list", issuer.sign(HEAD, "[]"));
    add("claims no JSON", issuer.sign(HEAD, "{"));
    for extra in
        [r#""crit":["exp"]"#, r#""crit":[]"#, r#""crit":["b64"],"b64":false"#, r#""zip":"DEF""#]
    {
        add(extra, issuer.sign(&head(extra), &good));
    }
    for typ in ["id+jwt", "dpop+jwt", "JWE", "logout+jwt"] {
        let head = json!({ "alg": "EdDSA", "kid": "one", "typ": typ }).to_string();
        add(&format!("typ {typ}"), issuer.sign(&head, &good));
    }
    all
}

#[test]
fn hostile_tokens_let_nobody_in() {
    let (issuer, other) = (Issuer::new(), Issuer::new());
    let keys = keys(&issuer);
    let all = hostile(&issuer, &other);
    assert!(all.len() >= 60, "{}", all.len());
    for (what, token) in &all {
        // One of the spellings is the algorithm itself, signed as it should be.
        let outcome = ask(&keys, token);
        assert!(outcome.is_err(), "{what}: {outcome:?}");
    }
    let shared = Keys::of_secret(SECRET).unwrap();
    for (what, token) in &all {
        assert!(ask(&shared, token).is_err(), "{what}");
    }
}

#[test]
fn a_key_that_was_rotated_out_is_worth_nothing() {
    let (old, new) = (Issuer::new(), Issuer::new());
    let both = Keys::of_set(&json!({ "keys": [old.jwk("one"), new.jwk("two")] }).to_string());
    let token = old.sign(HEAD, &claims().to_string());
    ask(&both.unwrap(), &token).unwrap();
    let later = Keys::of_set(&json!({ "keys": [new.jwk("two")] }).to_string()).unwrap();
    assert!(ask(&later, &token).is_err());
    let swapped = Keys::of_set(&json!({ "keys": [new.jwk("one")] }).to_string()).unwrap();
    assert!(ask(&swapped, &token).is_err());
}

#[test]
fn a_key_set_that_cannot_be_used_says_why() {
    let issuer = Issuer::new();
    let twice = json!({ "keys": [issuer.jwk("one"), issuer.jwk("one")] }).to_string();
    let shared = json!({ "keys": [{ "kty": "oct", "k": b64(SECRET), "kid": "x" }] }).to_string();
    let mut wrong = issuer.jwk("one");
    wrong["alg"] = json!("HS256");
    let wrong = json!({ "keys": [wrong] }).to_string();
    let mut sealing = issuer.jwk("one");
    sealing["use"] = json!("enc");
    let sealing = json!({ "keys": [sealing] }).to_string();
    for text in [&twice, &shared, &wrong, &sealing, "{}", "[]", "", "{\"keys\":[]}"] {
        assert!(Keys::of_set(text).is_err(), "{text}");
    }
    assert!(Keys::of_secret(b"short").is_err());
}
