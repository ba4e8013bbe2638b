//! `CREATE KEY`, `ROTATE KEY`, `DROP KEY`, `SHOW KEYS`. The secret of a key is in the answer of the
//! statement that made it and nowhere else.

use crate::engine::auth::key::{self, Wish};
use crate::engine::auth::{Action, Key, Principal, Resource};
use crate::engine::base::{Error, Kind, Result, Span, Timestamp, Value};
use crate::engine::exec::statement::{Job, done, table};
use crate::engine::lang::ast::{Assignment, IdRef, KeyStatement};
use crate::engine::outcome::Outcome;
use crate::engine::store::View;

/// For how long the old secret is good when nobody says.
const GRACE: i64 = 24 * HOUR;
const SECOND: i64 = 1_000_000;
const HOUR: i64 = 3600 * SECOND;

/// Runs one of them.
pub fn run(job: &Job<'_>, statement: &KeyStatement, span: Span) -> Result<Outcome> {
    job.alone(statement.keyword(), span)?;
    let outcome = match statement {
        KeyStatement::Create { principal, params } => create(job, principal, params, span),
        KeyStatement::Rotate { key, params } => rotate(job, key, params, span),
        KeyStatement::Drop(key) => drop_key(job, key, span),
    };
    job.shared.access.changed();
    outcome
}

/// Whether they may manage the keys of somebody: of everybody, or of themselves. Who is limited by
/// scopes makes no key without limits.
fn authorize(job: &Job<'_>, principal: &str, span: Span) -> Result<()> {
    let who = job.who.who();
    if who.name() == Some(principal) && who.scopes().is_none() {
        return Ok(());
    }
    job.who.authorize(Action::Keys, Resource::Database).map_err(|error| error.at(span))
}

fn create(job: &Job<'_>, principal: &IdRef, params: &[Assignment], span: Span) -> Result<Outcome> {
    let view = job.view()?;
    let name = job.lower(&view, |l| l.id(principal))?;
    Principal::named(name.as_str()).map_err(|error| Error::from(error).at(principal.span))?;
    authorize(job, &name, span)?;
    let mut wish = Wish::default();
    for (word, value, at) in given(job, &view, params)? {
        match word.as_str() {
            "label" => text(&word, &value, at)?.clone_into(&mut wish.label),
            "scopes" => {
                let scopes = key::scopes(text(&word, &value, at)?);
                wish.scopes = Some(scopes.ok_or_else(|| {
                    Error::new(Kind::InvalidInput, "there is no such scope").at(at).hint(
                        "read, write, admin, each alone or as read:document, and the names of acts",
                    )
                })?);
            }
            "expires" => wish.expires = Some(instant(job, &word, &value, at)?),
            _ => return Err(unknown(&word, "label, scopes, expires", at)),
        }
    }
    let by =
        job.who.who().name().map_or_else(|| job.shared.options.author().to_owned(), str::to_owned);
    let (made, secret) = Key::make(&name, wish, &by, job.now, job.shared.rng.as_ref());
    drop(view);
    job.write(|_, draft| {
        draft.catalog(made.put());
        Ok(())
    })?;
    Ok(shown_once("CREATE KEY", &made, key::reveal(&secret)))
}

fn shown_once(tag: &'static str, key: &Key, secret: &str) -> Outcome {
    let expires = key.expires.map_or(Value::Null, Value::Time);
    let row = vec![key.id.as_str().into(), key.principal.as_str().into(), secret.into(), expires];
    table(tag, &["id", "principal", "key", "expires"], vec![row])
}

/// A key that whoever asks may manage; of others nobody is told that they exist.
fn find(job: &Job<'_>, view: &View, key: &IdRef, span: Span) -> Result<Key> {
    let id = job.lower(view, |l| l.id(key))?;
    let _bare = view.bare();
    let found = Key::find(view, &id)?;
    let known = match found {
        Some(found) => match authorize(job, &found.principal, span) {
            Ok(()) => Ok(Some(found)),
            Err(error) => Err(error),
        },
        None => Ok(None),
    };
    let missing = || Error::new(Kind::NotFound, format!("no key is called `{id}`")).at(key.span);
    match known {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(missing()),
        Err(_) if job.who.who().scopes().is_none() => Err(missing()),
        Err(error) => Err(error),
    }
}

fn rotate(job: &Job<'_>, key: &IdRef, params: &[Assignment], span: Span) -> Result<Outcome> {
    let view = job.view()?;
    let mut grace = GRACE;
    for (word, value, at) in given(job, &view, params)? {
        match word.as_str() {
            "grace" => grace = duration(&word, &value, at)?,
            _ => return Err(unknown(&word, "grace", at)),
        }
    }
    drop(view);
    let until = Timestamp(job.now.0.saturating_add(grace));
    let mut made = None;
    job.write(|view, draft| {
        let mut found = find(job, view, key, span)?;
        let secret = found.rotate(until, job.now, job.shared.rng.as_ref());
        draft.catalog(found.put());
        made = Some((found, secret));
        Ok(())
    })?;
    let (found, secret) = made.expect("the write has made it");
    Ok(shown_once("ROTATE KEY", &found, key::reveal(&secret)))
}

fn drop_key(job: &Job<'_>, key: &IdRef, span: Span) -> Result<Outcome> {
    job.write(|view, draft| {
        let found = find(job, view, key, span)?;
        draft.catalog(Key::remove(&found.id));
        Ok(())
    })?;
    Ok(done("DROP KEY"))
}

/// `SHOW KEYS [name]`: of everybody, or of whoever asks.
pub fn show(job: &Job<'_>, view: &View, subject: Option<&IdRef>) -> Result<Outcome> {
    let mut wanted = subject.map(|id| job.lower(view, |l| l.id(id))).transpose()?;
    if !job.who.decide(Action::Keys, Resource::Database).allowed {
        let own = job.who.who().name().unwrap_or_default();
        if wanted.as_deref().is_some_and(|wanted| wanted != own) {
            return Err(job.who.refusal(Action::Keys, Resource::Database));
        }
        wanted = Some(own.to_owned());
    }
    let _bare = view.bare();
    let mut rows = Vec::new();
    for key in Key::all(view)? {
        if wanted.as_deref().is_some_and(|wanted| wanted != key.principal) {
            continue;
        }
        let scopes = key.scopes.as_ref().map_or(Value::Null, |scopes| {
            Value::List(scopes.iter().map(|scope| scope.text().into()).collect())
        });
        let used = job.shared.access.last_use(&key.id);
        rows.push(vec![
            key.id.as_str().into(),
            key.principal.as_str().into(),
            key.label.as_str().into(),
            scopes,
            key.expires.map_or(Value::Null, Value::Time),
            Value::Bool(key.expires.is_some_and(|expires| expires <= job.now)),
            used.map_or(Value::Null, Value::Time),
            key.by.as_str().into(),
            Value::Time(key.at),
        ]);
    }
    let columns =
        ["id", "principal", "label", "scopes", "expires", "expired", "last_use", "by", "since"];
    Ok(table("SHOW KEYS", &columns, rows))
}

// ----- what stands after WITH

type Given = (String, Value, Span);

fn given(job: &Job<'_>, view: &View, params: &[Assignment]) -> Result<Vec<Given>> {
    let read = |param: &Assignment| {
        let value = job.lower(view, |l| l.parameter_value(&param.value))?;
        Ok((param.path.field().to_ascii_lowercase(), value, param.value.span))
    };
    params.iter().map(read).collect()
}

fn unknown(word: &str, known: &str, at: Span) -> Error {
    Error::new(Kind::InvalidParameter, format!("a key has no `{word}`")).at(at).hint(known)
}

fn text<'v>(word: &str, value: &'v Value, at: Span) -> Result<&'v str> {
    value
        .as_str()
        .ok_or_else(|| Error::new(Kind::TypeMismatch, format!("{word} takes a text")).at(at))
}

/// An instant, or how long from now.
fn instant(job: &Job<'_>, word: &str, value: &Value, at: Span) -> Result<Timestamp> {
    let then = match value {
        Value::Time(then) => Some(*then),
        Value::Text(text) => Timestamp::parse(text).or_else(|| {
            let from_now = micros(text)?;
            Some(Timestamp(job.now.0.saturating_add(from_now)))
        }),
        _ => None,
    };
    let then = then.ok_or_else(|| {
        let message =
            format!("{word} takes an instant such as '2030-01-01', or a time such as '90d'");
        Error::new(Kind::TypeMismatch, message).at(at)
    })?;
    if then <= job.now {
        let message = format!("{word} is in the past");
        return Err(Error::new(Kind::InvalidInput, message).at(at));
    }
    Ok(then)
}

fn duration(word: &str, value: &Value, at: Span) -> Result<i64> {
    value.as_str().and_then(micros).ok_or_else(|| {
        let message = format!("{word} takes a time such as '15m', '24h' or '0s'");
        Error::new(Kind::TypeMismatch, message).at(at)
    })
}

/// `30s`, `15m`, `24h`, `90d`
fn micros(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => SECOND,
        'm' => 60 * SECOND,
        'h' => HOUR,
        'd' => 24 * HOUR,
        _ => return None,
    };
    let count: i64 = text.get(..text.len() - 1)?.trim_end().parse().ok()?;
    if count < 0 { None } else { count.checked_mul(unit) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_a_number_and_a_unit() {
        assert_eq!(micros("90d"), Some(90 * 24 * HOUR));
        assert_eq!(micros("15 m"), Some(15 * 60 * SECOND));
        for text in ["", "d", "-1d", "1", "1w", "99999999999999999d", "1.5h"] {
            assert_eq!(micros(text), None, "{text}");
        }
    }
}
