//! The door with a lock: keys, tokens and certificates, and those who try too often.
//!
//! Exactly one thing is believed: when a request shows a key or a token, that decides, also when it is
//! wrong; the certificate of the connection counts when it shows neither. Whoever
//! is wrong too often from one address is told to wait; who is right from there is let in.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::http::HeaderMap;
use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use parking_lot::RwLock;

use crate::engine::Engine;
use crate::engine::auth::Principal;
use crate::engine::auth::key::PREFIX;
use crate::engine::base::Clock;

use super::certificate::Certificates;
use super::token::{Keys, Trust};
use super::{Authenticate, Refused, Shown};

/// Wrong tries at once from one address.
const TRIES: NonZeroU32 = NonZeroU32::new(10).expect("it is not zero");
/// Addresses that are remembered before those that have waited long enough are forgotten.
const MANY: usize = 10_000;

/// Whom the door knows beside those with keys, which the database knows.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Whose tokens are believed, and the keys they are signed with.
    pub tokens: Option<(Trust, Keys)>,
    /// Which certificate is whose.
    pub certificates: Certificates,
}

/// Decides who somebody is.
pub struct Door {
    engine: Engine,
    clock: Arc<dyn Clock>,
    known: RwLock<Arc<Known>>,
    wrong: RateLimiter<IpAddr, DashMapStateStore<IpAddr>, DefaultClock>,
}

impl Door {
    /// In front of a database.
    pub fn new(engine: Engine, clock: Arc<dyn Clock>, known: Known) -> Self {
        let wrong = RateLimiter::keyed(Quota::per_minute(TRIES));
        Self { engine, clock, known: RwLock::new(Arc::new(known)), wrong }
    }

    /// Knows others from now on: the settings, or the keys of an issuer, were read again.
    pub fn know(&self, known: Known) {
        *self.known.write() = Arc::new(known);
    }

    /// Who is known now.
    pub fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read())
    }

    /// What a request shows, in the first of the places where it may.
    fn decide(&self, shown: &Shown<'_>) -> Result<Principal, (Refused, String)> {
        let known = self.known();
        match secret(shown.headers)? {
            Some(text) if text.starts_with(PREFIX) => match self.engine.principal_of_key(text) {
                Ok(Some(who)) => Ok(who),
                Ok(None) => Err((Refused::Invalid, format!("key {}", id_of(text)))),
                // Whoever cannot be looked up is nobody.
                Err(_) => Err((Refused::Unavailable, String::new())),
            },
            Some(text) => {
                let Some((trust, keys)) = &known.tokens else {
                    return Err((Refused::Invalid, "token: none is believed".to_owned()));
                };
                trust
                    .principal(keys, text, self.clock.now())
                    .map_err(|why| (Refused::Invalid, format!("token: {}", why.0)))
            }
            None => match shown.certificate {
                Some(der) => known
                    .certificates
                    .principal(der)
                    .ok_or((Refused::Invalid, "certificate: nobody's".to_owned())),
                None => Err((Refused::Missing, String::new())),
            },
        }
    }

    /// Seconds until somebody at this address is listened to again.
    fn waits(&self, address: IpAddr) -> Option<u32> {
        if self.wrong.len() > MANY {
            self.wrong.retain_recent();
        }
        let full = self.wrong.check_key(&address).err()?;
        let wait = full.wait_time_from(DefaultClock::default().now()).as_secs();
        Some(u32::try_from(wait).unwrap_or(u32::MAX).max(1))
    }
}

/// The name of a key, which is no secret.
fn id_of(text: &str) -> &str {
    crate::engine::auth::Key::id_in(text).unwrap_or("malformed")
}

/// The secret a request shows: `Authorization: Bearer ..` or `X-API-Key`; two are as bad as a wrong one.
fn secret(headers: &HeaderMap) -> Result<Option<&str>, (Refused, String)> {
    let wrong = |why: &str| (Refused::Invalid, why.to_owned());
    let mut found = None;
    for (header, scheme) in [("authorization", "bearer "), ("x-api-key", "")] {
        for value in headers.get_all(header) {
            let text = value.to_str().map_err(|_| wrong("a header is no text"))?;
            let begins = text.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme));
            if !begins {
                return Err(wrong("another scheme than Bearer"));
            }
            let text = text.get(scheme.len()..).unwrap_or_default().trim();
            if found.replace(text).is_some() {
                return Err(wrong("two secrets in one request"));
            }
        }
    }
    Ok(found)
}

impl Authenticate for Door {
    fn authenticate(&self, shown: &Shown<'_>) -> Result<Principal, Refused> {
        self.decide(shown).map_err(|(refused, why)| {
            if refused != Refused::Invalid {
                return refused;
            }
            if let Some(seconds) = shown.address.and_then(|address| self.waits(address)) {
                return Refused::TooMany(seconds);
            }
            let from = shown.address.map_or_else(String::new, |address| format!(" from {address}"));
            // It stays refused if it cannot be written down.
            drop(self.engine.audit(&Principal::owner(), "LOG IN", &format!("{why}{from}"), false));
            refused
        })
    }
}
