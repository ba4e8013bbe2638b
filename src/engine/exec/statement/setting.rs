//! The settings of a session: which there are, and what `SET` may set them to.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::engine::Shared;
use crate::engine::auth::{Level, book};
use crate::engine::base::{Error, Kind, Result, Value};
use crate::engine::drift::threshold::{Change, Threshold};
use crate::engine::embed::DEFAULT;
use crate::engine::exec::context::RECALL;
use crate::engine::exec::drift::scoreboard::PERIOD;
use crate::engine::lang::ast::{Isolation, SetSetting};
use crate::engine::outcome::Outcome;
use crate::engine::statements::{Statements, slow};
use crate::engine::store::{CatalogOp, Space, SyncMode, View};

/// One setting.
pub struct Setting {
    /// Its name, lower case.
    pub name: &'static str,
    /// What it holds when nobody set it.
    pub default: Value,
    /// What it does, for `SHOW SETTINGS`.
    pub about: &'static str,
    takes: fn(&Value) -> bool,
    wanted: &'static str,
}

/// All settings, by name.
pub fn all() -> Vec<Setting> {
    let mut all = of_database();
    all.extend(of_session());
    all.extend(of_plans());
    all.sort_by_key(|setting| setting.name);
    all
}

fn setting(
    name: &'static str,
    default: Value,
    about: &'static str,
    takes: fn(&Value) -> bool,
    wanted: &'static str,
) -> Setting {
    Setting { name, default, about, takes, wanted }
}

/// What the owners of entities may grant and deny to others.
pub const OWNER_GRANTS: &str = "owner_grants";

/// Whether the statements of everybody are written into the audit log.
pub const AUDIT_READS: &str = "audit_statements";

/// Those that the database keeps, for everybody.
fn of_database() -> Vec<Setting> {
    vec![
        setting(
            AUDIT_READS,
            Value::Bool(false),
            "kept in the database: write every statement of everybody with a name into the audit log",
            |v| matches!(v, Value::Bool(_)),
            "true or false",
        ),
        setting(
            OWNER_GRANTS,
            Value::Text(book::DEFAULT_RANGE.name().to_owned()),
            "kept in the database: up to what the owners of entities may grant and deny to others",
            |v| v.as_str().is_some_and(|text| text == "none" || Level::from_name(text).is_some()),
            "'none', 'read', 'write' or 'admin'",
        ),
        setting(
            "database_embedder",
            Value::Text(DEFAULT.to_owned()),
            "kept in the database: the embedder that EMBED means when it names none",
            |v| v.is_null() || matches!(v, Value::Text(_)),
            "the name of an embedder, or NULL for the built-in one",
        ),
        setting(
            "drift_sweep_s",
            Value::Int(PERIOD as i64),
            "kept in the database: seconds between two rounds that measure drift, 0 for never",
            |v| matches!(v, Value::Int(n) if (0..=31_536_000).contains(n)),
            "a whole number of seconds up to a year",
        ),
        setting(
            "drift_threshold",
            Value::Null,
            "kept in the database: above which score a kind of drift is drift",
            |v| v.as_str().is_some_and(|text| Change::parse(text).is_some()),
            "'KIND = 0.2', 'KIND = 0.2 + 0.5 * average' or 'KIND = default', and then FOR TYPE type or FOR HEXAD id",
        ),
        setting(
            "slow_query_ms",
            Value::Int(slow::USUAL),
            "kept in the database: milliseconds from which on a statement is slow, -1 for never",
            |v| matches!(v, Value::Int(n) if (-1..=86_400_000).contains(n)),
            "a whole number of milliseconds up to a day, or -1",
        ),
        setting(
            "slow_query_text",
            Value::Text("redacted".to_owned()),
            "kept in the database: full: slow statements are written down with their values",
            |v| matches!(v, Value::Text(t) if ["redacted", "full"].contains(&t.to_ascii_lowercase().as_str())),
            "redacted or full",
        ),
        setting(
            "statement_history",
            Value::Text("on".to_owned()),
            "of this process: whether statements are counted, on, off or reset",
            |v| matches!(v, Value::Text(t) if ["on", "off", "reset"].contains(&t.to_ascii_lowercase().as_str())),
            "on, off or reset",
        ),
        setting(
            "database_sync",
            Value::Null,
            "kept in the database: when commits are safe, full, interval(50ms) or off",
            is_mode,
            "'full', 'interval(50ms)' (up to a minute) or 'off'",
        ),
    ]
}

/// Those of a session that say how plans come about, besides `plan`.
fn of_plans() -> Vec<Setting> {
    vec![setting(
        "plan_cache",
        Value::Text("on".to_owned()),
        "off: every statement is checked and planned anew",
        |v| matches!(v, Value::Text(t) if ["on", "off"].contains(&t.to_ascii_lowercase().as_str())),
        "on or off",
    )]
}

/// Those that live as long as the session.
fn of_session() -> Vec<Setting> {
    vec![
        setting(
            "allow_unbounded_writes",
            Value::Bool(false),
            "let UPDATE and DELETE run without an id and without WHERE",
            |v| matches!(v, Value::Bool(_)),
            "true or false",
        ),
        setting(
            "author",
            Value::Null,
            "who writes: the author of versions and the actor of events",
            |v| matches!(v, Value::Text(text) if !text.is_empty()),
            "text",
        ),
        setting(
            "embedder",
            Value::Null,
            "the embedder that EMBED means in this session, NULL for as the database says",
            |v| v.is_null() || matches!(v, Value::Text(_)),
            "the name of an embedder, or NULL",
        ),
        setting(
            "idle_transaction_timeout_ms",
            Value::Int(600_000),
            "milliseconds after which a transaction without a statement may be ended, 0 for never",
            |v| matches!(v, Value::Int(n) if *n >= 0),
            "a whole number from 0 on",
        ),
        setting(
            "isolation",
            Value::Text("serializable".to_owned()),
            "what transactions notice of others: read committed, snapshot or serializable",
            |v| v.as_str().is_some_and(|name| Isolation::from_name(name).is_some()),
            "'read committed', 'snapshot' or 'serializable'",
        ),
        setting(
            "lock_timeout_ms",
            Value::Int(10_000),
            "milliseconds a write waits for the transactions of others",
            |v| matches!(v, Value::Int(n) if *n >= 0),
            "a whole number from 0 on",
        ),
        setting(
            "message",
            Value::Null,
            "why: the message of the versions that are written",
            |v| matches!(v, Value::Text(_)),
            "text",
        ),
        setting(
            "plan",
            Value::Text("auto".to_owned()),
            "scan: look at every hexad instead of asking indexes",
            |v| matches!(v, Value::Text(t) if ["auto", "scan"].contains(&t.to_ascii_lowercase().as_str())),
            "auto or scan",
        ),
        setting(
            "recall_target",
            Value::Float(RECALL),
            "the share of the nearest vectors that must be found: 1 compares with every one",
            |v| v.as_f64().is_some_and(|share| (0.5..=1.0).contains(&share)),
            "a number from 0.5 to 1",
        ),
        setting(
            "sync",
            Value::Null,
            "when the commits of this session are safe, NULL for as the database says",
            |v| v.is_null() || is_mode(v),
            "'full', 'interval(50ms)' (up to a minute), 'off' or NULL",
        ),
        setting(
            "timeout_ms",
            Value::Int(0),
            "milliseconds after which a statement is stopped, 0 for never",
            |v| matches!(v, Value::Int(n) if *n >= 0),
            "a whole number from 0 on",
        ),
        setting(
            "verbosity",
            Value::Text("normal".to_owned()),
            "verbose: say with each query how its rows were found",
            |v| matches!(v, Value::Text(t) if ["normal", "verbose"].contains(&t.to_ascii_lowercase().as_str())),
            "normal or verbose",
        ),
    ]
}

fn is_mode(value: &Value) -> bool {
    value.as_str().is_some_and(|text| SyncMode::parse(text).is_some())
}

/// When the commits of the session are safe, when it says so.
pub fn sync(settings: &BTreeMap<String, Value>) -> Option<SyncMode> {
    settings.get("sync").and_then(Value::as_str).and_then(SyncMode::parse)
}

/// `SET name = value`
pub fn set(
    shared: &Shared,
    settings: &mut BTreeMap<String, Value>,
    set: &SetSetting,
) -> Result<Outcome> {
    let name = set.name.text.to_ascii_lowercase();
    let Some(setting) = all().into_iter().find(|s| s.name == name) else {
        let names: Vec<&str> = all().iter().map(|s| s.name).collect();
        return Err(Error::new(
            Kind::UnknownSetting,
            format!("unknown setting `{}`", set.name.text),
        )
        .at(set.name.span)
        .hint(format!("settings: {}", names.join(", "))));
    };
    if !(setting.takes)(&set.value) {
        let message = format!("setting {name} takes {}", setting.wanted);
        return Err(Error::new(Kind::TypeMismatch, message).at(set.value_span));
    }
    let kept = matches!(
        name.as_str(),
        "database_sync"
            | "database_embedder"
            | "drift_sweep_s"
            | "drift_threshold"
            | OWNER_GRANTS
            | AUDIT_READS
            | SLOW_MS
            | SLOW_TEXT
    );
    if kept && shared.options.read_only {
        return Err(Error::new(Kind::ReadOnlyStore, "the database is open for reading only"));
    }
    if name.ends_with("embedder")
        && let Some(embedder) = set.value.as_str()
    {
        // A name that nobody knows is a mistake now rather than at the next statement.
        shared.options.embedders.named(embedder).map_err(|error| error.at(set.value_span))?;
    }
    if name == "database_embedder" {
        keep_embedder(shared, set.value.as_str())?;
        return Ok(super::done("SET"));
    }
    match (name.as_str(), &set.value) {
        (OWNER_GRANTS, Value::Text(range)) => {
            keep(shared, book::RANGE.to_owned(), Some(range.to_ascii_lowercase()))?;
            shared.access.changed();
            return Ok(super::done("SET"));
        }
        (AUDIT_READS, Value::Bool(on)) => {
            keep(shared, AUDIT_READS.to_owned(), on.then(|| "true".to_owned()))?;
            shared.access.changed();
            return Ok(super::done("SET"));
        }
        ("drift_sweep_s", Value::Int(seconds)) => {
            keep(shared, SWEEP.to_owned(), Some(seconds.to_string()))?;
            shared.indexes.scores.set_period(seconds.unsigned_abs());
            shared.sweep.ring();
            return Ok(super::done("SET"));
        }
        (SLOW_MS, Value::Int(ms)) => {
            keep(shared, name, Some(ms.to_string()))?;
            shared.statements.slow.set_threshold(*ms);
            return Ok(super::done("SET"));
        }
        (SLOW_TEXT, Value::Text(text)) => {
            let full = text.eq_ignore_ascii_case("full");
            keep(shared, name, full.then(|| "full".to_owned()))?;
            shared.statements.slow.set_full_text(full);
            return Ok(super::done("SET"));
        }
        ("statement_history", Value::Text(text)) => {
            shared.statements.history.restart(!text.eq_ignore_ascii_case("off"));
            return Ok(super::done("SET"));
        }
        ("drift_threshold", Value::Text(text)) => {
            if let Some(change) = Change::parse(text) {
                keep(shared, change.entry(), change.threshold.map(Threshold::describe))?;
            }
            return Ok(super::done("SET"));
        }
        _ => {}
    }
    if name == "database_sync" {
        if let Some(mode) = set.value.as_str().and_then(SyncMode::parse) {
            shared.store.keep_sync(mode)?;
        }
        return Ok(super::done("SET"));
    }
    settings.insert(name, set.value.clone());
    Ok(super::done("SET"))
}

/// The entries of the catalogue that say which statements are slow, and what is written of them.
const SLOW_MS: &str = "slow_query_ms";
const SLOW_TEXT: &str = "slow_query_text";

/// Reads what the database keeps about remembering statements.
pub fn load(statements: &Statements, view: &View) -> Result<()> {
    let kept = |name: &str| -> Result<Option<String>> {
        Ok(view.entry(Space::Setting, name)?.and_then(|body| String::from_utf8(body).ok()))
    };
    if let Some(ms) = kept(SLOW_MS)?.and_then(|ms| ms.parse().ok()) {
        statements.slow.set_threshold(ms);
    }
    statements.slow.set_full_text(kept(SLOW_TEXT)?.is_some_and(|text| text == "full"));
    Ok(())
}

/// The values of the settings about remembering statements.
pub fn of_statements(statements: &Statements, name: &str) -> Option<Value> {
    let word =
        |yes: bool, one: &str, other: &str| Value::Text((if yes { one } else { other }).to_owned());
    Some(match name {
        SLOW_MS => Value::Int(statements.slow.threshold()),
        SLOW_TEXT => word(statements.slow.full_text(), "full", "redacted"),
        "statement_history" => word(statements.history.is_on(), "on", "off"),
        _ => return None,
    })
}

/// Whether plans are kept from one run of a statement to the next.
pub fn keeps_plans(settings: &BTreeMap<String, Value>) -> bool {
    !word(settings, "plan_cache", "off")
}

/// The entry of the catalogue that holds the default embedder.
const EMBEDDER: &str = "embedder";

fn keep_embedder(shared: &Shared, name: Option<&str>) -> Result<()> {
    keep(shared, EMBEDDER.to_owned(), name.map(str::to_owned))
}

/// Keeps a setting in the database, or gives it up.
fn keep(shared: &Shared, name: String, value: Option<String>) -> Result<()> {
    let mut writes = shared.store.view()?.write_set()?;
    let space = Space::Setting;
    writes.catalog(match value {
        Some(value) => CatalogOp::Set { space, name, body: value.into_bytes() },
        None => CatalogOp::Unset { space, name },
    });
    shared.store.commit(writes).map(drop)
}

/// The entry of the catalogue that holds the period of the sweep.
const SWEEP: &str = "drift.sweep_s";

/// Seconds between two rounds of the sweep, as the database says.
pub fn sweep_period(view: &View) -> Result<u64> {
    let kept = view.entry(Space::Setting, SWEEP)?;
    let kept = kept.and_then(|body| String::from_utf8(body).ok()?.parse().ok());
    Ok(kept.unwrap_or(PERIOD))
}

/// The thresholds that were set, one after the other; null when there are none.
pub fn thresholds(view: &View) -> Result<Value> {
    let mut all = Vec::new();
    for (name, body) in view.entries(Space::Setting)? {
        all.extend(Change::of_entry(&name, &body).map(|change| change.describe()));
    }
    Ok(if all.is_empty() { Value::Null } else { Value::Text(all.join("; ")) })
}

/// The embedder that the database means when nobody names one.
pub fn kept_embedder(view: &View) -> Result<String> {
    let kept = view.entry(Space::Setting, EMBEDDER)?;
    Ok(kept.and_then(|body| String::from_utf8(body).ok()).unwrap_or_else(|| DEFAULT.to_owned()))
}

fn milliseconds(settings: &BTreeMap<String, Value>, name: &str, default: u64) -> Duration {
    let set = settings.get(name).and_then(|value| match value {
        Value::Int(n) => u64::try_from(*n).ok(),
        _ => None,
    });
    Duration::from_millis(set.unwrap_or(default))
}

/// How long a write waits for others.
pub fn lock_timeout(settings: &BTreeMap<String, Value>) -> Duration {
    milliseconds(settings, "lock_timeout_ms", 10_000)
}

/// How long a transaction may rest; `None` for ever.
pub fn idle_timeout(settings: &BTreeMap<String, Value>) -> Option<Duration> {
    let most = milliseconds(settings, "idle_transaction_timeout_ms", 600_000);
    (!most.is_zero()).then_some(most)
}

/// The isolation of transactions that do not name theirs.
pub fn isolation(settings: &BTreeMap<String, Value>) -> Isolation {
    let named = settings.get("isolation").and_then(Value::as_str);
    named.and_then(Isolation::from_name).unwrap_or_default()
}

/// A setting that is text.
pub fn text(settings: &BTreeMap<String, Value>, name: &str) -> Option<String> {
    settings.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// A setting that is true or false.
pub fn flag(settings: &BTreeMap<String, Value>, name: &str) -> Option<bool> {
    match settings.get(name) {
        Some(Value::Bool(flag)) => Some(*flag),
        _ => None,
    }
}

/// True when no index may be asked.
pub fn scans(settings: &BTreeMap<String, Value>) -> bool {
    word(settings, "plan", "scan")
}

fn word(settings: &BTreeMap<String, Value>, name: &str, wanted: &str) -> bool {
    settings.get(name).and_then(Value::as_str).is_some_and(|w| w.eq_ignore_ascii_case(wanted))
}

/// The share of the nearest vectors that must be found.
pub fn recall(settings: &BTreeMap<String, Value>) -> f64 {
    settings.get("recall_target").and_then(Value::as_f64).unwrap_or(RECALL)
}

/// The number of the plan that a test forces.
#[cfg(test)]
pub fn forced(settings: &BTreeMap<String, Value>) -> Option<usize> {
    match settings.get("forced plan") {
        Some(Value::Int(n)) => usize::try_from(*n).ok(),
        _ => None,
    }
}

/// True when queries say how their rows were found.
pub fn verbose(settings: &BTreeMap<String, Value>) -> bool {
    word(settings, "verbosity", "verbose")
}
