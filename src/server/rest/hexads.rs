//! Hexads as resources: made, read, replaced, changed, removed and listed whole, in the JSON of the data
//! format, with entity tags for those who must not overwrite each other.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::http::header::{ETAG, IF_MATCH, IF_NONE_MATCH, LINK, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::engine::auth::Principal;
use crate::engine::base::{Error, HexadId, Kind, Modality, ModalitySet, Result as Checked};
use crate::engine::outcome::Control;
use crate::engine::session::Session;
use crate::engine::session::hexads::{Done, Expect, Held, HexadWrite, Range, Wrote};
use crate::server::problem::Problem;
use crate::server::rest::extract::{Args, At, Body, Raw, Who};
use crate::server::rest::{PREFIX, answer, query};
use crate::server::state::App;

/// Names the transaction that a request belongs to.
pub static TRANSACTION: HeaderName = HeaderName::from_static("vql-transaction");

/// Hexads of a page when nobody says.
const PAGE: usize = 100;
/// Hexads of the largest page.
const LARGEST: usize = 1000;
/// Writes of one batch.
const BATCH: usize = 10_000;

/// A hexad as clients send and get it. Its members are described by the data format and not by a type.
pub struct Hexad;

impl JsonSchema for Hexad {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hexad".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let flag = json_schema!({"type": "boolean", "readOnly": true});
        let count = json_schema!({"type": "integer", "minimum": 0, "readOnly": true});
        let time = json_schema!({"type": "string", "format": "date-time", "readOnly": true});
        let object = json_schema!({"type": ["object", "null"]});
        json_schema!({
            "type": "object",
            "description": "One entity: what is stated of each modality. `docs/reference/data-format.md` has the rules.",
            "properties": {
                "id": {"type": "string", "minLength": 1, "maxLength": 256},
                "document": object,
                "vector": object,
                "graph": {"type": ["array", "object", "null"]},
                "semantic": object,
                "tensor": object,
                "temporal": object,
                "provenance": {"type": ["array", "object", "null"]},
                "spatial": object,
                "version": count,
                "created_at": time,
                "modified_at": time,
                "status": {"type": "object", "readOnly": true},
                "has_graph": flag,
                "has_vector": flag,
                "has_tensor": flag,
                "has_semantic": flag,
                "has_document": flag,
                "has_temporal": flag,
                "has_provenance": flag,
                "has_spatial": flag,
                "version_count": count,
                "provenance_chain_length": count,
            },
        })
    }
}

/// A page of hexads.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "the shape of what is written by hand")]
pub struct Page {
    /// The hexads.
    items: Vec<Hexad>,
    /// Where the next page begins; null at the end.
    next_cursor: Option<String>,
    /// How many hexads there are.
    total_count: u64,
}

/// Which hexads, and what of them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ListArgs {
    limit: Option<usize>,
    offset: Option<u64>,
    cursor: Option<String>,
    order: Option<String>,
    modalities: Option<String>,
}

/// What of a hexad.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReadArgs {
    modalities: Option<String>,
    version: Option<u32>,
}

/// Several writes that are one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch {
    /// The writes, in order; each hexad once.
    pub operations: Vec<Operation>,
}

/// One write of a batch.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "op", rename_all = "lowercase", deny_unknown_fields)]
pub enum Operation {
    /// A hexad that must be new.
    Insert {
        /// The hexad.
        #[schemars(with = "Hexad")]
        hexad: Json,
    },
    /// A hexad that is made so, whether it exists or not.
    Put {
        /// The hexad, with its id.
        #[schemars(with = "Hexad")]
        hexad: Json,
        /// The state it must be in.
        #[serde(default)]
        if_match: Option<String>,
    },
    /// A change, as RFC 7396 says.
    Patch {
        /// Which.
        id: String,
        /// What to lay over it.
        patch: Json,
        /// The state it must be in.
        #[serde(default)]
        if_match: Option<String>,
    },
    /// A hexad that goes.
    Delete {
        /// Which.
        id: String,
        /// The state it must be in.
        #[serde(default)]
        if_match: Option<String>,
    },
}

/// What became of a batch.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BatchAnswer {
    /// What became of each write, in order.
    pub results: Vec<Written>,
}

/// What became of a write.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Written {
    /// The id.
    pub id: String,
    /// `created`, `changed`, `unchanged` or `deleted`.
    pub result: &'static str,
    /// The version it has now.
    pub version: u32,
    /// Its entity tag now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
}

impl From<Wrote> for Written {
    fn from(wrote: Wrote) -> Self {
        let result = match wrote.what {
            Done::Created => "created",
            Done::Changed => "changed",
            Done::Unchanged => "unchanged",
            Done::Deleted => "deleted",
        };
        let etag = wrote.tag.map(|tag| format!("\"{tag}\""));
        Self { id: wrote.id, result, version: wrote.version, etag }
    }
}

/// The modalities that a list of names means; all of them when there is none.
fn wanted(names: Option<&str>) -> Result<ModalitySet, Problem> {
    let Some(names) = names else { return Ok(ModalitySet::ALL) };
    let named = |name: &str| {
        Modality::from_keyword(name.trim()).ok_or_else(|| {
            Problem::malformed(format!("`modalities`: `{name}` is no modality"))
                .hint("graph, vector, tensor, semantic, document, temporal, provenance, spatial")
        })
    };
    names.split(',').filter(|name| !name.is_empty()).map(named).collect()
}

/// What goes with a hexad besides what it says itself.
fn whole(held: &Held) -> String {
    let mut out = held.json.clone();
    out.pop();
    let Held { version, created_at, modified_at, events, .. } = held;
    write!(
        out,
        ",\"version\":{version},\"created_at\":\"{created_at}\",\"modified_at\":\"{modified_at}\",\
         \"status\":{{\"created_at\":\"{created_at}\",\"modified_at\":\"{modified_at}\",\"version\":{version}}}"
    )
    .expect("a String takes any text");
    for modality in Modality::ALL {
        let has = held.present.contains(modality);
        write!(out, ",\"has_{}\":{has}", modality.name()).expect("a String takes any text");
    }
    write!(out, ",\"version_count\":{version},\"provenance_chain_length\":{events}}}")
        .expect("a String takes any text");
    out
}

fn tagged(mut response: Response, tag: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        response.headers_mut().insert(ETAG, value);
    }
    response
}

/// The entity tags of a header; `None` when it is not there, empty for `*`.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Vec<String>>, Problem> {
    let mut all = Vec::new();
    let mut any = false;
    let mut seen = false;
    for value in headers.get_all(name) {
        seen = true;
        let wrong = || Problem::malformed(format!("`{name}` is not a list of entity tags"));
        for tag in value.to_str().map_err(|_| wrong())?.split(',').map(str::trim) {
            if tag == "*" {
                any = true;
            } else {
                let tag = tag.strip_prefix("W/").unwrap_or(tag);
                let inner = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
                all.push(inner.ok_or_else(wrong)?.to_owned());
            }
        }
    }
    Ok(seen.then(|| if any { Vec::new() } else { all }))
}

/// What the headers of a write rely on.
fn expected(headers: &HeaderMap) -> Result<Expect, Problem> {
    let matching = tags(headers, &IF_MATCH)?;
    let none = tags(headers, &IF_NONE_MATCH)?;
    match (matching, none) {
        (None, None) => Ok(Expect::Known),
        (Some(tags), None) if tags.is_empty() => Ok(Expect::Present),
        (Some(tags), None) => Ok(Expect::Tagged(tags)),
        (None, Some(tags)) if tags.is_empty() => Ok(Expect::Absent),
        _ => Err(Problem::malformed("a write understands `If-Match`, or `If-None-Match: *`")),
    }
}

/// The tags that one write of a batch names.
fn one_tag(tag: Option<String>) -> Expect {
    match tag {
        None => Expect::Anything,
        Some(tag) if tag == "*" => Expect::Present,
        Some(tag) => Expect::Tagged(vec![tag.trim_matches('"').to_owned()]),
    }
}

/// Runs `work` for a request: in the transaction it names, or for itself; and counts it as `kind`.
pub async fn run<T: Send + 'static>(
    app: &Arc<App>,
    who: &Principal,
    headers: &HeaderMap,
    kind: &'static str,
    work: impl FnOnce(&mut Session, &Control) -> Checked<T> + Send + 'static,
) -> Result<T, Problem> {
    let began = Instant::now();
    let done = match headers.get(&TRANSACTION) {
        None => app.run(who, None, work).await,
        Some(id) => {
            let id =
                id.to_str().map_err(|_| Problem::malformed("`Vql-Transaction` is not text"))?;
            let kept = app.conversations.get(id, &who.to_string())?;
            let mut control = app.control(None);
            let run = app.work.run(move |gone| {
                control.cancel = Arc::clone(gone);
                let answer = work(&mut kept.session.lock(), &control);
                kept.count();
                answer
            });
            run.await?.map_err(Problem::from)
        }
    };
    let outcome = done.as_ref().map_or_else(|problem| problem.kind, |_| "ok");
    query::count(app, kind, outcome, began.elapsed());
    done
}

fn missing(id: &str) -> Problem {
    Problem::not_found(format!("no hexad `{id}`"))
}

/// `GET /hexads/{id}`
pub async fn read(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
    Args(args): Args<ReadArgs>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = wanted(args.modalities.as_deref())?;
    let known = tags(&headers, &IF_NONE_MATCH)?;
    let (asked, version) = (id.clone(), args.version);
    let held = run(&app, &who, &headers, "READ", move |session, control| match version {
        None => session.hexad(&asked, wanted, control),
        Some(version) => session.hexad_at(&asked, version, wanted, control),
    });
    let held = held.await?.ok_or_else(|| missing(&id))?;
    if known.is_some_and(|tags| tags.is_empty() || tags.contains(&held.tag)) {
        return Ok(tagged(StatusCode::NOT_MODIFIED.into_response(), &held.tag));
    }
    let body = whole(&held).into_bytes();
    Ok(tagged(answer::bytes(StatusCode::OK, "application/json", body), &held.tag))
}

/// The body of a hexad, which is meant to have this id.
fn input(body: &[u8], id: Option<&str>) -> Result<crate::engine::hexad::HexadInput, Problem> {
    let text =
        std::str::from_utf8(body).map_err(|_| Problem::malformed("the body is not UTF-8"))?;
    let mut input = HexadWrite::input(text).map_err(|fault| Problem::from(Error::from(fault)))?;
    if let Some(id) = id {
        let id = HexadId::new(id)?;
        if input.id.as_ref().is_some_and(|stated| *stated != id) {
            return Err(Error::new(Kind::InvalidInput, "id: not the id of the path").into());
        }
        input.id = Some(id);
    }
    Ok(input)
}

/// Writes one hexad and answers what it is now.
async fn write_one(
    app: &Arc<App>,
    who: &Principal,
    headers: &HeaderMap,
    kind: &'static str,
    write: HexadWrite,
) -> Result<Response, Problem> {
    let done = run(app, who, headers, kind, move |session, control| {
        let mut wrote = session.write_hexads(&[write], control)?;
        let wrote =
            wrote.pop().ok_or_else(|| Error::new(Kind::InternalError, "nothing written"))?;
        // What is answered is what somebody may see of it, which may be nothing.
        let held = session.hexad(&wrote.id, ModalitySet::EMPTY, control)?;
        Ok((wrote, held))
    });
    let (wrote, held) = done.await?;
    let created = wrote.what == Done::Created;
    let status = if created { StatusCode::CREATED } else { StatusCode::OK };
    let body = held.map_or_else(|| "{}".to_owned(), |held| whole(&held));
    let mut response = answer::bytes(status, "application/json", body.into_bytes());
    if created && let Ok(place) = HeaderValue::from_str(&location(&wrote.id)) {
        response.headers_mut().insert(LOCATION, place);
    }
    Ok(tagged(response, wrote.tag.as_deref().unwrap_or_default()))
}

/// Where a hexad is, its id escaped.
fn location(id: &str) -> String {
    let mut path = format!("{PREFIX}/hexads/");
    for byte in id.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:@".contains(&byte) {
            path.push(char::from(byte));
        } else {
            write!(path, "%{byte:02X}").expect("a String takes any text");
        }
    }
    path
}

/// `POST /hexads`
pub async fn create(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response, Problem> {
    let input = input(&body, None)?;
    write_one(&app, &who, &headers, "INSERT", HexadWrite::Insert(input)).await
}

/// `PUT /hexads/{id}`
pub async fn replace(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response, Problem> {
    let write = HexadWrite::Put(input(&body, Some(&id))?, expected(&headers)?);
    write_one(&app, &who, &headers, "UPDATE", write).await
}

/// `PATCH /hexads/{id}`
pub async fn patch(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
    headers: HeaderMap,
    Body(patch): Body<Json>,
) -> Result<Response, Problem> {
    if !patch.is_object() {
        return Err(Problem::malformed("a patch of a hexad is an object"));
    }
    let write = HexadWrite::Merge(HexadId::new(id)?, patch, expected(&headers)?);
    write_one(&app, &who, &headers, "UPDATE", write).await
}

/// `DELETE /hexads/{id}`
pub async fn delete(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let expect = match expected(&headers)? {
        Expect::Known => Expect::Anything,
        other => other,
    };
    let write = HexadWrite::Delete(HexadId::new(id)?, expect);
    run(&app, &who, &headers, "DELETE", move |s, control| s.write_hexads(&[write], control))
        .await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /hexads/batch`: operations as JSON, or new hexads as lines of JSON.
pub async fn batch(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response, Problem> {
    let media = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
    let writes = if media.contains("jsonl") || media.contains("ndjson") {
        lines(&body)?
    } else {
        let batch: Batch = serde_json::from_slice(&body).map_err(|cause| {
            Problem::malformed(format!("the body is not what is expected: {cause}"))
        })?;
        batch
            .operations
            .into_iter()
            .enumerate()
            .map(|(n, one)| operation(n, one))
            .collect::<Result<_, _>>()?
    };
    if writes.len() > BATCH {
        let message = format!("{} writes, the limit of a batch is {BATCH}", writes.len());
        return Err(Error::new(Kind::ResourceExhausted, message).into());
    }
    let wrote = run(&app, &who, &headers, "BATCH", move |session, control| {
        session.write_hexads(&writes, control)
    });
    let results = wrote.await?.into_iter().map(Written::from).collect();
    Ok(answer::json(StatusCode::OK, &BatchAnswer { results }))
}

fn lines(body: &[u8]) -> Result<Vec<HexadWrite>, Problem> {
    let lines = body.split(|b| *b == b'\n').enumerate();
    lines
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(n, line)| match input(line, None) {
            Ok(input) => Ok(HexadWrite::Insert(input)),
            Err(mut problem) => {
                problem.detail = format!("line {}: {}", n + 1, problem.detail);
                Err(problem)
            }
        })
        .collect()
}

fn operation(n: usize, one: Operation) -> Result<HexadWrite, Problem> {
    let read = |hexad: Json| input(hexad.to_string().as_bytes(), None);
    let made = match one {
        Operation::Insert { hexad } => read(hexad).map(HexadWrite::Insert),
        Operation::Put { hexad, if_match } => {
            read(hexad).map(|input| HexadWrite::Put(input, one_tag(if_match)))
        }
        Operation::Patch { id, patch, if_match } => HexadId::new(id)
            .map(|id| HexadWrite::Merge(id, patch, one_tag(if_match)))
            .map_err(Problem::from),
        Operation::Delete { id, if_match } => HexadId::new(id)
            .map(|id| HexadWrite::Delete(id, one_tag(if_match)))
            .map_err(Problem::from),
    };
    made.map_err(|mut problem| {
        problem.detail = format!("operations[{n}]: {}", problem.detail);
        problem
    })
}

/// `GET /hexads`
pub async fn list(
    State(app): State<Arc<App>>,
    Who(who): Who,
    Args(args): Args<ListArgs>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let descending = match args.order.as_deref() {
        None | Some("desc") => true,
        Some("asc") => false,
        Some(other) => {
            return Err(Problem::malformed(format!("`order`: `{other}` is neither asc nor desc")));
        }
    };
    let list = if descending { "hexads desc" } else { "hexads asc" };
    let after = args.cursor.as_deref().map(|text| app.cursors.read(list, text)).transpose()?;
    if after.is_some() && args.offset.is_some() {
        return Err(Problem::malformed("a list goes on behind a `cursor`, or at an `offset`"));
    }
    let most = args.limit.unwrap_or(PAGE).min(LARGEST);
    if most == 0 {
        return Err(Problem::malformed("`limit` is at least 1"));
    }
    let wanted = wanted(args.modalities.as_deref())?;
    let range = Range { after, skip: args.offset.unwrap_or(0), most, descending, wanted };
    let listed =
        run(&app, &who, &headers, "LIST", move |session, control| session.hexads(range, control));
    let listed = listed.await?;
    let next = listed.next.map(|place| app.cursors.make(list, place));
    let items: Vec<String> = listed.hexads.iter().map(whole).collect();
    let items = items.join(",");
    // Without the prefix a list is what other servers answer: the items alone.
    let body = if uri.path().starts_with(PREFIX) {
        let next = next.as_ref().map_or("null".to_owned(), |next| format!("\"{next}\""));
        format!("{{\"items\":[{items}],\"next_cursor\":{next},\"total_count\":{}}}", listed.total)
    } else {
        format!("[{items}]")
    };
    let mut response = answer::bytes(StatusCode::OK, "application/json", body.into_bytes());
    if let Some(next) = next {
        let mut link = format!("<{}?cursor={next}&limit={most}", uri.path());
        if !descending {
            link.push_str("&order=asc");
        }
        if let Some(names) = args.modalities {
            write!(link, "&modalities={names}").expect("a String takes any text");
        }
        link.push_str(">; rel=\"next\"");
        if let Ok(value) = HeaderValue::from_str(&link) {
            response.headers_mut().insert(LINK, value);
        }
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.clone(), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn preconditions_are_those_of_the_headers() {
        let ok = |pairs: &[(HeaderName, &'static str)]| expected(&headers(pairs)).ok();
        assert_eq!(ok(&[]), Some(Expect::Known));
        assert_eq!(ok(&[(IF_MATCH, "*")]), Some(Expect::Present));
        assert_eq!(
            ok(&[(IF_MATCH, "\"a\", W/\"b\"")]),
            Some(Expect::Tagged(vec!["a".to_owned(), "b".to_owned()]))
        );
        assert_eq!(ok(&[(IF_NONE_MATCH, "*")]), Some(Expect::Absent));
        assert_eq!(ok(&[(IF_NONE_MATCH, "\"a\"")]), None);
        assert_eq!(ok(&[(IF_MATCH, "a")]), None);
        assert_eq!(ok(&[(IF_MATCH, "\"a\""), (IF_NONE_MATCH, "*")]), None);
    }

    #[test]
    fn a_place_can_be_asked_for() {
        assert_eq!(location("a/b c:é"), "/api/v1/hexads/a%2Fb%20c:%C3%A9");
    }
}
