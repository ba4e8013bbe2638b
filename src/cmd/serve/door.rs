//! Who is let in: the door of the server from the settings, the first key of a new database, and the
//! keys of an issuer, read again from time to time.

use std::fs;
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use crate::cmd::error::{CmdError, Result, plain};
use crate::cmd::ui::Ui;
use crate::config::trust::{KeysAt, Tokens, Trusted};
use crate::engine::Engine;
use crate::engine::auth::key::reveal;
use crate::engine::base::Clock;
use crate::remote::keys::fetch;
use crate::server::auth::certificate::Certificates;
use crate::server::auth::token::{Keys, Trust};
use crate::server::auth::{Door, Known};

/// How often keys are fetched again.
const PERIOD: Duration = Duration::from_mins(5);

/// The door in front of a database.
pub(super) fn open(
    engine: &Engine,
    clock: Arc<dyn Clock>,
    trusted: &Trusted,
    ui: &mut Ui,
) -> Result<Arc<Door>> {
    let door = Arc::new(Door::new(engine.clone(), clock, known(trusted)?));
    if let Some(text) = engine.ensure_admin_key()? {
        ui.print(&format!(
            "the database has no keys: this is one of `admin`, it is shown this once\n{}\n",
            reveal(&text)
        ))?;
        ui.flush()?;
    }
    refresh(&door, trusted);
    Ok(door)
}

/// Whom the settings name.
pub(super) fn known(trusted: &Trusted) -> Result<Known> {
    let certificates = Certificates::of(&trusted.certificates)
        .map_err(|why| CmdError::usage(format!("[serve.certificates] {why}")))?;
    let tokens = match &trusted.tokens {
        None => None,
        Some(tokens) => Some((trust(tokens), keys(tokens)?)),
    };
    Ok(Known { tokens, certificates })
}

/// The same from a thread on which nobody may wait: keys may have to be fetched.
pub(super) fn known_again(trusted: &Trusted) -> Result<Known> {
    thread::scope(|scope| {
        let read = scope.spawn(|| known(trusted));
        read.join().unwrap_or_else(|_| Err(CmdError::usage("the keys cannot be read")))
    })
}

fn trust(tokens: &Tokens) -> Trust {
    Trust {
        issuer: tokens.issuer.clone(),
        audience: tokens.audience.clone(),
        roles: tokens.roles.clone(),
        revoked: tokens.revoked.clone(),
    }
}

fn keys(tokens: &Tokens) -> Result<Keys> {
    let read = |path: &std::path::Path| {
        fs::read(path).map_err(|cause| {
            CmdError::usage(format!("cannot read `{}`: {}", path.display(), plain(&cause)))
        })
    };
    let (place, found) = match &tokens.keys {
        KeysAt::File(path) => {
            let text = String::from_utf8_lossy(&read(path)?).into_owned();
            (path.display().to_string(), Keys::of_set(&text))
        }
        KeysAt::Secret(path) => {
            (path.display().to_string(), Keys::of_secret(read(path)?.trim_ascii()))
        }
        KeysAt::Url(url) => (url.clone(), fetch(url).and_then(|text| Keys::of_set(&text))),
    };
    found.map_err(|why| CmdError::usage(format!("the keys of `{place}` cannot be used: {why}")))
}

/// Fetches the keys of an issuer again while the door stands. When that fails, those that are known
/// stay good.
fn refresh(door: &Arc<Door>, trusted: &Trusted) {
    let Some(Tokens { keys: KeysAt::Url(url), .. }) = trusted.tokens.clone() else { return };
    let door: Weak<Door> = Arc::downgrade(door);
    thread::spawn(move || {
        loop {
            thread::sleep(PERIOD);
            let Some(door) = door.upgrade() else { return };
            match fetch(&url).and_then(|text| Keys::of_set(&text)) {
                Ok(keys) => {
                    let mut known = Known::clone(&door.known());
                    if let Some((_, old)) = &mut known.tokens {
                        *old = keys;
                        door.know(known);
                    }
                }
                Err(why) => tracing::warn!(why, "the keys of the issuer stay as they were"),
            }
        }
    });
}

/// Keeps what is in memory out of core dumps: secrets pass through it.
pub(super) fn keep_out_of_dumps() {
    // Where there is no such file there is nothing to be said against dumps.
    drop(fs::write("/proc/self/coredump_filter", "0"));
}
