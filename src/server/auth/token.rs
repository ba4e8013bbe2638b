//! Signed tokens (JWT): whose signature is right, who issued it for whom, and whether it is good now.
//!
//! The keys, the issuer and the audience come from the settings and never from the token: what its head
//! says about keys (`jku`, `x5u`, `jwk`) is not read. A key is good for the one algorithm of its kind.
//! Heads and claims are read strictly: what is said twice, or is not of its type, makes the token
//! worthless.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;

use crate::engine::auth::{Principal, Scope};
use crate::engine::base::Timestamp;

/// Bytes a token may have.
const LONGEST: usize = 8 * 1024;
/// Seconds that clocks may differ.
const LEEWAY: i64 = 30;
/// Seconds a token may be good for from now on.
const FARTHEST: i64 = 30 * 24 * 3600;
/// Bytes of a shared secret at least: those of the hash.
const SHORTEST_SECRET: usize = 32;
/// Bits of an RSA modulus at least.
const RSA_BYTES: usize = 256;

/// Whose tokens are believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Who issues them.
    pub issuer: String,
    /// For whom: this server.
    pub audience: String,
    /// The claim that holds roles; none are taken from a token without it.
    pub roles: Option<String>,
    /// Tokens that are worthless although nothing is wrong with them, by `jti`.
    pub revoked: Vec<String>,
}

/// The keys that signatures are verified with.
#[derive(Clone, Default)]
pub struct Keys(BTreeMap<String, (Algorithm, DecodingKey)>);

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Why a token is worthless; for the audit log and not for whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worthless(pub &'static str);

type Result<T> = std::result::Result<T, Worthless>;

fn no<T>(why: &'static str) -> Result<T> {
    Err(Worthless(why))
}

/// A JSON object in which nothing is said twice.
struct Once(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Once;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(
                self,
                mut map: A,
            ) -> std::result::Result<Once, A::Error> {
                let mut all = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if all.insert(name, value).is_some() {
                        return Err(A::Error::custom("said twice"));
                    }
                }
                Ok(Once(all))
            }
        }

        from.deserialize_map(Members)
    }
}

impl Once {
    fn read(part: &str) -> Result<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| Worthless("no base64"))?;
        serde_json::from_slice(&bytes).map_err(|_| Worthless("no object, or something twice"))
    }

    /// A text, when it is there.
    fn text(&self, name: &str) -> Result<Option<&str>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => no("a text is something else"),
        }
    }

    /// Whole seconds, when they are there.
    fn seconds(&self, name: &str) -> Result<Option<i64>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(seconds) if seconds >= 0 => Ok(Some(seconds)),
                _ => no("a time is not whole seconds"),
            },
        }
    }
}

impl Keys {
    /// Those of a JSON Web Key Set. Keys for other things than signatures, and of other kinds than
    /// Ed25519, P-256 and RSA, are left out; a name that stands there twice spoils the set.
    pub fn of_set(text: &str) -> std::result::Result<Self, String> {
        let set: Value = serde_json::from_str(text).map_err(|_| "it is no JSON".to_owned())?;
        let Some(keys) = set.get("keys").and_then(Value::as_array) else {
            return Err("it has no list `keys`".to_owned());
        };
        let mut all = BTreeMap::new();
        for key in keys {
            let Ok(jwk) = serde_json::from_value::<Jwk>(key.clone()) else { continue };
            let Some(algorithm) = algorithm_of(&jwk) else { continue };
            let Ok(decoding) = DecodingKey::from_jwk(&jwk) else { continue };
            let name = jwk.common.key_id.clone().unwrap_or_default();
            if all.insert(name.clone(), (algorithm, decoding)).is_some() {
                return Err(format!("the key `{name}` is there twice"));
            }
        }
        if all.is_empty() {
            return Err("no key in it verifies EdDSA, ES256 or RS256".to_owned());
        }
        Ok(Self(all))
    }

    /// One secret that is shared with the issuer, for HS256 and nothing else.
    pub fn of_secret(secret: &[u8]) -> std::result::Result<Self, String> {
        if secret.len() < SHORTEST_SECRET {
            return Err(format!("a shared secret has at least {SHORTEST_SECRET} bytes"));
        }
        let key = (Algorithm::HS256, DecodingKey::from_secret(secret));
        Ok(Self(BTreeMap::from([(String::new(), key)])))
    }

    /// The key a head names; when it names none, the only one there is.
    fn find(&self, name: Option<&str>) -> Option<&(Algorithm, DecodingKey)> {
        match name {
            Some(name) => self.0.get(name).or_else(|| {
                // A set of one key without a name: the name in the head is the issuer's business.
                self.0.get("").filter(|_| self.0.len() == 1)
            }),
            None => self.0.values().next().filter(|_| self.0.len() == 1),
        }
    }
}

/// The one algorithm a key is good for.
fn algorithm_of(jwk: &Jwk) -> Option<Algorithm> {
    if !matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return None;
    }
    let (own, said) = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(pair) if pair.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::RSA(key) => {
            let modulus = BASE64_URL_SAFE_NO_PAD.decode(&key.n).ok()?;
            if modulus.len() < RSA_BYTES {
                return None;
            }
            (Algorithm::RS256, KeyAlgorithm::RS256)
        }
        _ => return None,
    };
    jwk.common.key_algorithm.is_none_or(|alg| alg == said).then_some(own)
}

fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::EdDSA => "EdDSA",
        Algorithm::ES256 => "ES256",
        Algorithm::RS256 => "RS256",
        Algorithm::HS256 => "HS256",
        _ => "",
    }
}

impl Trust {
    /// Who a token is of.
    pub fn principal(&self, keys: &Keys, token: &str, now: Timestamp) -> Result<Principal> {
        if token.len() > LONGEST {
            return no("too long");
        }
        let mut parts = token.split('.');
        let (Some(head), Some(body), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return no("not three parts");
        };
        verify(keys, head, body, signature)?;
        let claims = Once::read(body)?;
        self.judge(&claims, now.0.div_euclid(1_000_000))?;
        self.named(&claims)
    }

    /// Whether what is claimed is for us and good now.
    fn judge(&self, claims: &Once, now: i64) -> Result<()> {
        if claims.text("iss")? != Some(self.issuer.as_str()) {
            return no("another issuer");
        }
        // One that is good elsewhere too could be used here by whoever got it there.
        let for_us = match claims.0.get("aud") {
            Some(Value::String(one)) => *one == self.audience,
            Some(Value::Array(all)) => {
                matches!(&all[..], [Value::String(one)] if *one == self.audience)
            }
            _ => false,
        };
        if !for_us {
            return no("another audience");
        }
        let Some(expires) = claims.seconds("exp")? else { return no("no end") };
        if expires.saturating_add(LEEWAY) <= now {
            return no("expired");
        }
        if expires > now.saturating_add(FARTHEST) {
            return no("an end too far away");
        }
        for name in ["nbf", "iat"] {
            if claims.seconds(name)?.is_some_and(|from| from > now.saturating_add(LEEWAY)) {
                return no("not good yet");
            }
        }
        // Those tell a client about a user; they let nobody in.
        if ["at_hash", "c_hash", "nonce"].iter().any(|name| claims.0.contains_key(*name)) {
            return no("a token of another kind");
        }
        if claims.text("jti")?.is_some_and(|id| self.revoked.iter().any(|revoked| revoked == id)) {
            return no("revoked");
        }
        Ok(())
    }

    fn named(&self, claims: &Once) -> Result<Principal> {
        let Some(name) = claims.text("sub")? else { return no("no subject") };
        let mut who = Principal::named(name).map_err(|_| Worthless("no name"))?.known_by("token");
        if let Some(claim) = &self.roles {
            who = who.in_roles(words(claims.0.get(claim))?);
        }
        if let Some(scope) = claims.0.get("scope") {
            // Words of others (`openid`) limit nothing here; no word of ours allows nothing.
            let scopes = words(Some(scope))?;
            let known: Vec<Scope> = scopes.iter().filter_map(|word| Scope::parse(word)).collect();
            who = who.within(known);
        }
        Ok(who)
    }
}

/// A list of words, or one text with blanks between them.
fn words(claim: Option<&Value>) -> Result<Vec<String>> {
    match claim {
        None => Ok(Vec::new()),
        Some(Value::String(text)) => Ok(text.split_whitespace().map(str::to_owned).collect()),
        Some(Value::Array(all)) => {
            let word = |value: &Value| value.as_str().map(str::to_owned);
            all.iter().map(word).collect::<Option<_>>().ok_or(Worthless("a word is no text"))
        }
        Some(_) => no("words are something else"),
    }
}

fn verify(keys: &Keys, head: &str, body: &str, signature: &str) -> Result<()> {
    let said = Once::read(head)?;
    if said.0.contains_key("crit") || said.0.contains_key("b64") || said.0.contains_key("zip") {
        return no("something in the head must be understood and is not");
    }
    match said.text("typ")? {
        None => {}
        Some(of) if of.eq_ignore_ascii_case("JWT") || of.eq_ignore_ascii_case("at+jwt") => {}
        Some(_) => return no("a token of another kind"),
    }
    let Some(algorithm) = said.text("alg")? else { return no("no algorithm") };
    let Some((own, key)) = keys.find(said.text("kid")?) else { return no("an unknown key") };
    if algorithm != name_of(*own) {
        return no("another algorithm than that of the key");
    }
    if signature.is_empty() {
        return no("no signature");
    }
    let message = format!("{head}.{body}");
    match jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, *own) {
        Ok(true) => Ok(()),
        _ => no("a wrong signature"),
    }
}

#[cfg(test)]
mod tests;
