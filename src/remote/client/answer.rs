//! What a server answers to a statement, read back into what the engine would have said.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use serde_json::{Map, Value as Json};

use crate::engine::base::{Error, Kind, Span, Value};
use crate::engine::outcome::{Column, Notice, Outcome};

/// An answer with its parts.
pub struct Answer(pub(super) Json);

impl Answer {
    /// As the engine would have said it; `None` when it is no answer to a statement.
    pub fn outcome(self) -> Option<Outcome> {
        let Json::Object(mut answer) = self.0 else { return None };
        let tag = tag(answer.get("tag")?.as_str()?);
        let columns: Vec<Column> = answer
            .get("columns")?
            .as_array()?
            .iter()
            .map(|column| Some(Column { name: column.get("name")?.as_str()?.to_owned() }))
            .collect::<Option<_>>()?;
        let Some(Json::Array(rows)) = answer.remove("rows") else { return None };
        let rows = rows.into_iter().map(|row| values(row, &columns)).collect::<Option<_>>()?;
        let notices = answer.get("notices").and_then(Json::as_array).map(Vec::as_slice);
        let notices = notices.unwrap_or_default().iter().filter_map(notice).collect();
        let affected = answer.get("affected").and_then(Json::as_u64);
        Some(Outcome { tag, columns, rows, affected, notices, ..Outcome::default() })
    }

    /// A member that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }
}

fn values(row: Json, columns: &[Column]) -> Option<Vec<Value>> {
    let Json::Object(mut row) = row else { return None };
    columns
        .iter()
        .map(|column| row.get_mut(&column.name).map(|cell| Value::from_json(cell.take())))
        .collect()
}

fn notice(notice: &Json) -> Option<Notice> {
    let hint = notice.get("hint").and_then(Json::as_str).map(str::to_owned);
    Some(Notice { message: notice.get("message")?.as_str()?.to_owned(), span: None, hint })
}

/// Tags seen so far. They live as long as the process does, so there may not be any number of them.
static TAGS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
/// More than there are.
const MOST_TAGS: usize = 256;
const LONGEST_TAG: usize = 64;

fn tag(said: &str) -> &'static str {
    let mut tags = TAGS.lock();
    if let Some(known) = tags.get(said) {
        return known;
    }
    if tags.len() >= MOST_TAGS || said.len() > LONGEST_TAG || said.chars().any(char::is_control) {
        return "DONE";
    }
    let fresh: &'static str = said.to_owned().leak();
    tags.insert(fresh);
    fresh
}

/// A problem as the engine would have said it: the kinds of the engine are the server's too.
pub(super) fn error(problem: &Map<String, Json>) -> Option<Error> {
    let text = |name: &str| problem.get(name).and_then(Json::as_str);
    let name = text("kind")?;
    let kind = Kind::ALL.iter().copied().find(|kind| kind.name() == name)?;
    let mut error = Error::new(kind, text("detail").unwrap_or(name));
    error.hint = text("hint").map(str::to_owned);
    error.span = problem.get("span").and_then(span);
    Some(error)
}

fn span(span: &Json) -> Option<Span> {
    let offset = |end: &str| usize::try_from(span.get(end)?.get("offset")?.as_u64()?).ok();
    Some(Span::new(offset("start")?, offset("end")?))
}
