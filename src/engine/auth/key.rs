//! API keys: `vqlk_<8 hex>_<base62>`, the digits a name, the rest 256 random bits that are kept as a
//! hash alone and shown once.
//!
//! A hash without salt and without stretching is right here: nobody guesses 256 random bits, and a
//! look-up by the name costs one hash.

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

use crate::engine::base::codec::{self, Reader};
use crate::engine::base::{Result, Rng, Timestamp};
use crate::engine::store::{CatalogOp, Space, View};

use super::action::Scope;

/// What every key begins with: scanners for secrets look for it.
pub const PREFIX: &str = "vqlk_";

const VERSION: u8 = 1;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of 256 bits.
const LENGTH: usize = 43;

/// A key as the database knows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// Its name: eight hexadecimal digits.
    pub id: String,
    /// Whose it is.
    pub principal: String,
    /// What it is for, as whoever made it says.
    pub label: String,
    /// What it is limited to.
    pub scopes: Option<Vec<Scope>>,
    /// Who made it, and when.
    pub by: String,
    /// When it was made, or rotated last.
    pub at: Timestamp,
    /// From when on it is worth nothing.
    pub expires: Option<Timestamp>,
    hash: [u8; 32],
    /// What it was before it was rotated, and until when that is good.
    before: Option<([u8; 32], Timestamp)>,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({} of {})", self.id, self.principal)
    }
}

/// What a new key is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// What it is for.
    pub label: String,
    /// What it is limited to.
    pub scopes: Option<Vec<Scope>>,
    /// From when on it is worth nothing.
    pub expires: Option<Timestamp>,
}

impl Key {
    /// A new one, with the text that is shown once.
    pub fn make(
        principal: &str,
        wish: Wish,
        by: &str,
        now: Timestamp,
        rng: &dyn Rng,
    ) -> (Self, SecretString) {
        let id = format!("{:08x}", (rng.bits() >> 96) as u32);
        let (hash, text) = fresh(&id, rng);
        let key = Self {
            id,
            principal: principal.to_owned(),
            label: wish.label,
            scopes: wish.scopes,
            by: by.to_owned(),
            at: now,
            expires: wish.expires,
            hash,
            before: None,
        };
        (key, text)
    }

    /// Another secret under the same name; the old one is good until `grace`.
    pub fn rotate(&mut self, grace: Timestamp, now: Timestamp, rng: &dyn Rng) -> SecretString {
        let (hash, text) = fresh(&self.id, rng);
        let old = std::mem::replace(&mut self.hash, hash);
        self.before = (grace > now).then_some((old, grace));
        self.at = now;
        text
    }

    /// Whether `text` is this key, and is worth something at `now`. Takes as long when it is not.
    pub fn opens(&self, text: &str, now: Timestamp) -> bool {
        let hash = hash(text);
        let mut same = self.hash.ct_eq(&hash);
        if let Some((before, until)) = &self.before
            && now < *until
        {
            same |= before.ct_eq(&hash);
        }
        bool::from(same) && self.expires.is_none_or(|expires| now < expires)
    }

    /// The name in the text of a key, when it looks like one.
    pub fn id_in(text: &str) -> Option<&str> {
        let (id, secret) = text.strip_prefix(PREFIX)?.split_once('_')?;
        let hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        let looks = id.len() == 8
            && id.bytes().all(hex)
            && secret.len() == LENGTH
            && secret.bytes().all(|b| b.is_ascii_alphanumeric());
        looks.then_some(id)
    }

    /// What writes it.
    pub fn put(&self) -> CatalogOp {
        CatalogOp::Set { space: Space::Key, name: self.id.clone(), body: self.encode() }
    }

    /// What takes a key away.
    pub fn remove(id: &str) -> CatalogOp {
        CatalogOp::Unset { space: Space::Key, name: id.to_owned() }
    }

    /// The key of this name.
    pub fn find(view: &View, id: &str) -> Result<Option<Self>> {
        let body = view.entry(Space::Key, id)?;
        body.map(|body| Self::decode(id, &body)).transpose()
    }

    /// All of them, by name.
    pub fn all(view: &View) -> Result<Vec<Self>> {
        view.entries(Space::Key)?.iter().map(|(id, body)| Self::decode(id, body)).collect()
    }

    fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        codec::put_text(&mut out, &self.principal);
        codec::put_text(&mut out, &self.label);
        let scopes = self.scopes.as_ref().map(|scopes| {
            let words: Vec<String> = scopes.iter().map(Scope::text).collect();
            words.join(",")
        });
        codec::put_opt_text(&mut out, scopes.as_deref());
        codec::put_text(&mut out, &self.by);
        codec::put_int(&mut out, self.at.0);
        codec::put_opt_time(&mut out, self.expires);
        out.extend_from_slice(&self.hash);
        codec::put_opt_time(&mut out, self.before.map(|(_, until)| until));
        if let Some((before, _)) = &self.before {
            out.extend_from_slice(before);
        }
        out
    }

    fn decode(id: &str, bytes: &[u8]) -> Result<Self> {
        let mut reader = Reader::new(bytes, "key");
        if reader.byte()? != VERSION {
            return Err(reader.damaged("is of a version nobody knows"));
        }
        let (principal, label) = (reader.text()?.to_owned(), reader.text()?.to_owned());
        let scopes = match reader.opt_text()? {
            None => None,
            Some(words) => {
                let scopes = scopes(words).ok_or_else(|| reader.damaged("has unknown scopes"))?;
                Some(scopes)
            }
        };
        let by = reader.text()?.to_owned();
        let at = Timestamp(reader.int()?);
        let expires = reader.opt_time()?;
        let hash = reader.hash()?.0;
        let before = match reader.opt_time()? {
            None => None,
            Some(until) => Some((reader.hash()?.0, until)),
        };
        reader.finish()?;
        Ok(Self { id: id.to_owned(), principal, label, scopes, by, at, expires, hash, before })
    }
}

/// Scopes as they are written: words, with commas or blanks between them.
pub fn scopes(text: &str) -> Option<Vec<Scope>> {
    let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
    words.map(Scope::parse).collect()
}

fn hash(text: &str) -> [u8; 32] {
    blake3::derive_key("vql api key 1", text.as_bytes())
}

/// A secret, as its hash and its text.
fn fresh(id: &str, rng: &dyn Rng) -> ([u8; 32], SecretString) {
    let mut bits = [rng.bits(), rng.bits()];
    let mut text = String::with_capacity(PREFIX.len() + 9 + LENGTH);
    text.push_str(PREFIX);
    text.push_str(id);
    text.push('_');
    for _ in 0..LENGTH {
        text.push(char::from(DIGITS[usize::from(next_digit(&mut bits))]));
    }
    bits.zeroize();
    let hash = hash(&text);
    (hash, SecretString::from(text))
}

/// Divides a number of 256 bits, its lower half first, by 62 and gives the remainder.
fn next_digit([low, high]: &mut [u128; 2]) -> u8 {
    let mut rest = 0_u128;
    for half in [high, low] {
        // In steps of 64 bits: the remainder and what follows fit.
        let (upper, lower) = (*half >> 64, *half & u128::from(u64::MAX));
        let first = (rest << 64) | upper;
        let second = ((first % 62) << 64) | lower;
        *half = ((first / 62) << 64) | (second / 62);
        rest = second % 62;
    }
    rest as u8
}

/// The text of a secret, for whoever shows it once.
pub fn reveal(secret: &SecretString) -> &str {
    secret.expose_secret()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    struct Counter(AtomicU64);

    impl Rng for Counter {
        fn bits(&self) -> u128 {
            let n = self.0.fetch_add(1, Ordering::Relaxed);
            let hash = blake3::hash(&n.to_le_bytes());
            u128::from_le_bytes(hash.as_bytes()[..16].try_into().unwrap())
        }
    }

    fn key(wish: Wish) -> (Key, SecretString, Counter) {
        let rng = Counter(AtomicU64::new(0));
        let (key, text) = Key::make("ada", wish, "root", Timestamp(10), &rng);
        (key, text, rng)
    }

    #[test]
    fn a_key_opens_with_its_text_and_with_no_other() {
        let (key, text, _) = key(Wish::default());
        let text = reveal(&text);
        assert_eq!(Key::id_in(text), Some(key.id.as_str()));
        assert!(key.opens(text, Timestamp(11)));
        for at in 0..text.len() {
            let mut other = text.as_bytes().to_vec();
            other[at] = if other[at] == b'x' { b'y' } else { b'x' };
            assert!(!key.opens(std::str::from_utf8(&other).unwrap(), Timestamp(11)));
        }
    }

    #[test]
    fn keys_are_all_different_and_all_digits_occur() {
        let rng = Counter(AtomicU64::new(7));
        let mut seen = HashSet::new();
        let mut digits = HashSet::new();
        for _ in 0..500 {
            let (_, text) = Key::make("ada", Wish::default(), "root", Timestamp(0), &rng);
            let secret = reveal(&text).rsplit('_').next().unwrap().to_owned();
            digits.extend(secret.bytes());
            assert!(seen.insert(secret));
        }
        assert_eq!(digits.len(), 62);
    }

    #[test]
    fn the_digits_are_the_number() {
        let mut bits = [62 * 62 + 5, 0];
        assert_eq!([0; 3].map(|_: u8| next_digit(&mut bits)), [5, 0, 1]);
        // 2^128 = 62 * q + 4, by hand: 2^128 mod 62.
        let expected = (0..128).fold(1_u32, |n, _| n * 2 % 62) as u8;
        assert_eq!(next_digit(&mut [0, 1]), expected);
    }

    #[test]
    fn rotation_leaves_the_old_secret_good_for_its_grace_and_no_longer() {
        let (mut key, old, rng) = key(Wish::default());
        let new = key.rotate(Timestamp(100), Timestamp(50), &rng);
        assert!(key.opens(reveal(&old), Timestamp(99)) && key.opens(reveal(&new), Timestamp(99)));
        assert!(
            !key.opens(reveal(&old), Timestamp(100)) && key.opens(reveal(&new), Timestamp(100))
        );
        let newest = key.rotate(Timestamp(60), Timestamp(60), &rng);
        assert!(!key.opens(reveal(&old), Timestamp(61)) && !key.opens(reveal(&new), Timestamp(61)));
        assert!(key.opens(reveal(&newest), Timestamp(61)));
    }

    #[test]
    fn an_expired_key_opens_nothing() {
        let (key, text, _) = key(Wish { expires: Some(Timestamp(20)), ..Wish::default() });
        assert!(key.opens(reveal(&text), Timestamp(19)));
        assert!(!key.opens(reveal(&text), Timestamp(20)));
    }

    #[test]
    fn what_is_stored_is_read_back_and_holds_no_secret() {
        let wish = Wish {
            label: "ci".into(),
            scopes: scopes("read, write:document backup"),
            expires: Some(Timestamp(9)),
        };
        let (mut key, text, rng) = key(wish);
        key.rotate(Timestamp(100), Timestamp(50), &rng);
        let body = key.encode();
        assert_eq!(Key::decode(&key.id, &body).unwrap(), key);
        let secret = reveal(&text).rsplit('_').next().unwrap();
        assert!(!String::from_utf8_lossy(&body).contains(secret));
        assert!(!format!("{key:?}").contains(secret));
    }

    #[test]
    fn what_does_not_look_like_a_key_is_none() {
        for text in ["", "vqlk_", "vqlk_12345678_", "vqlk_1234567G_x", "Vqlk_12345678_x", "a_b_c"] {
            assert_eq!(Key::id_in(text), None, "{text}");
        }
        let long = format!("vqlk_12345678_{}", "a".repeat(44));
        assert_eq!(Key::id_in(&long), None);
    }
}
