//! The table of routes. The router, the OpenAPI document, the documentation and the tests of rights are
//! made from it: what is not in it does not exist.

use std::sync::Arc;

use axum::routing::{MethodRouter, delete, get, patch, post, put};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::engine::auth::Action;
use crate::server::rest::answer::Answer;
use crate::server::rest::{
    PREFIX, drift, health, hexads, openapi, provenance, query, search, sessions, snapshots,
    transactions,
};
use crate::server::state::App;

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Makes, or runs.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// Its name as a key of OpenAPI.
    pub fn key(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}

/// A row of a statement.
type Row = serde_json::Map<String, serde_json::Value>;

/// Makes the schema of a type.
pub type Shape = fn(&mut SchemaGenerator) -> Schema;

/// A parameter of a query string or a header.
#[derive(Clone, Copy, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// `query` or `header`.
    pub place: &'static str,
    /// Its type in JSON Schema.
    pub kind: &'static str,
    /// What it is.
    pub about: &'static str,
}

/// One of the answers a route gives when all is well.
#[derive(Clone, Copy)]
pub struct Good {
    /// The status.
    pub status: u16,
    /// The media type; empty when there is no body.
    pub media: &'static str,
    /// The body, when it is JSON.
    pub shape: Option<Shape>,
    /// When it is given.
    pub about: &'static str,
}

/// One route.
#[derive(Clone, Copy)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path behind [`PREFIX`].
    pub path: &'static str,
    /// Other paths of the same, written out.
    pub aliases: &'static [&'static str],
    /// What it takes to be let in; `None` lets everybody in. What may be seen and changed is decided
    /// by the engine from the statement.
    pub action: Option<Action>,
    /// Its name in OpenAPI, which makes the names of methods of generated clients.
    pub id: &'static str,
    /// What it is about.
    pub tag: &'static str,
    /// What it does, in a line.
    pub summary: &'static str,
    /// Parameters of the query string, and headers.
    pub params: &'static [Param],
    /// The body it takes.
    pub body: Option<Shape>,
    /// What it answers when all is well.
    pub answers: &'static [Good],
    /// The handler.
    pub mount: fn() -> MethodRouter<Arc<App>>,
}

impl Route {
    /// All its paths: with the prefix, bare, and the aliases.
    pub fn paths(&self) -> Vec<String> {
        let mut paths = vec![format!("{PREFIX}{}", self.path), self.path.to_owned()];
        for alias in self.aliases {
            paths.extend([format!("{PREFIX}{alias}"), (*alias).to_owned()]);
        }
        paths
    }
}

/// A route with nothing but what all routes have.
const fn route(
    method: Method,
    path: &'static str,
    id: &'static str,
    tag: &'static str,
    summary: &'static str,
    mount: fn() -> MethodRouter<Arc<App>>,
) -> Route {
    Route {
        method,
        path,
        aliases: &[],
        action: Some(Action::Data),
        id,
        tag,
        summary,
        params: &[],
        body: None,
        answers: &[],
        mount,
    }
}

/// The schema of a type.
fn shape<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// JSON of this type.
const fn ok(shape: Shape) -> Good {
    Good { status: 200, media: JSON, shape: Some(shape), about: "Done." }
}

/// JSON of this type, of something new.
const fn created(shape: Shape) -> Good {
    Good { status: 201, media: JSON, shape: Some(shape), about: "Made." }
}

const JSON: &str = "application/json";

const LIMIT: Param =
    Param { name: "limit", place: "query", kind: "integer", about: "No more than these." };
const MODALITIES: Param = Param {
    name: "modalities",
    place: "query",
    kind: "string",
    about: "Their names with commas between: only these are read.",
};
const TRANSACTION: Param = Param {
    name: "Vql-Transaction",
    place: "header",
    kind: "string",
    about: "The id of an open transaction that this belongs to.",
};
const IF_MATCH: Param = Param {
    name: "If-Match",
    place: "header",
    kind: "string",
    about: "The entity tag it must have.",
};
const IF_NONE_MATCH: Param = Param {
    name: "If-None-Match",
    place: "header",
    kind: "string",
    about: "`*`: it must not exist, and is made.",
};

/// Every route there is.
pub static ROUTES: &[Route] = &[
    Route {
        action: None,
        answers: &[ok(shape::<health::Word>)],
        aliases: &["/livez"],
        ..route(
            Method::Get,
            "/health/live",
            "live",
            "health",
            "Whether the process answers",
            || get(health::live),
        )
    },
    Route {
        action: None,
        answers: &[
            ok(shape::<health::Word>),
            Good {
                status: 503,
                media: JSON,
                shape: Some(shape::<health::Word>),
                about: "Not ready.",
            },
        ],
        aliases: &["/ready", "/readyz"],
        ..route(
            Method::Get,
            "/health/ready",
            "ready",
            "health",
            "Whether requests are welcome",
            || get(health::ready),
        )
    },
    Route {
        action: None,
        answers: &[ok(shape::<health::Health>)],
        aliases: &["/healthz"],
        ..route(Method::Get, "/health", "health", "health", "The state of every part", || {
            get(health::health)
        })
    },
    Route {
        action: None,
        answers: &[ok(shape::<health::Version>)],
        ..route(Method::Get, "/version", "version", "health", "The version of the server", || {
            get(health::version)
        })
    },
    Route {
        action: Some(Action::Observe),
        answers: &[Good {
            status: 200,
            media: "application/openmetrics-text",
            shape: None,
            about: "The figures.",
        }],
        ..route(Method::Get, "/metrics", "metrics", "health", "Figures for Prometheus", || {
            get(health::metrics)
        })
    },
    Route {
        action: None,
        answers: &[Good {
            status: 200,
            media: JSON,
            shape: None,
            about: "The description of this interface.",
        }],
        ..route(
            Method::Get,
            "/openapi.json",
            "openapi",
            "health",
            "This interface, as OpenAPI 3.1",
            || get(openapi::serve),
        )
    },
    Route {
        body: Some(shape::<query::QueryRequest>),
        answers: &[
            ok(shape::<Answer>),
            Good { status: 200, media: "application/jsonl", shape: None, about: "A row a line." },
            Good { status: 200, media: "text/csv", shape: None, about: "With a header." },
        ],
        ..route(Method::Post, "/query", "query", "query", "Run a statement of VQL", || {
            post(query::query)
        })
    },
    Route {
        body: Some(shape::<query::ExecuteRequest>),
        answers: &[ok(shape::<query::ExecuteAnswer>)],
        ..route(
            Method::Post,
            "/vql/execute",
            "execute",
            "query",
            "Run a statement, with the names of other servers",
            || post(query::execute),
        )
    },
    Route {
        body: Some(shape::<sessions::SessionRequest>),
        answers: &[Good {
            status: 201,
            media: JSON,
            shape: Some(shape::<sessions::SessionAnswer>),
            about: "Opened.",
        }],
        ..route(Method::Post, "/sessions", "openSession", "query", "Open a session", || {
            post(sessions::open)
        })
    },
    Route {
        answers: &[Good { status: 204, media: "", shape: None, about: "Closed." }],
        ..route(
            Method::Delete,
            "/sessions/{id}",
            "closeSession",
            "query",
            "Close a session, and roll back what is open in it",
            || delete(sessions::close),
        )
    },
    Route {
        params: &[
            LIMIT,
            Param {
                name: "offset",
                place: "query",
                kind: "integer",
                about: "Passes over as many; a cursor is better.",
            },
            Param { name: "cursor", place: "query", kind: "string", about: "Goes on there." },
            Param {
                name: "order",
                place: "query",
                kind: "string",
                about: "desc, the newest first, or asc.",
            },
            MODALITIES,
            TRANSACTION,
        ],
        answers: &[ok(shape::<hexads::Page>)],
        ..route(Method::Get, "/hexads", "listHexads", "hexads", "List hexads", || get(hexads::list))
    },
    Route {
        params: &[TRANSACTION],
        body: Some(shape::<hexads::Hexad>),
        answers: &[created(shape::<hexads::Hexad>)],
        ..route(Method::Post, "/hexads", "createHexad", "hexads", "Make a hexad", || {
            post(hexads::create)
        })
    },
    Route {
        params: &[TRANSACTION],
        body: Some(shape::<hexads::Batch>),
        answers: &[ok(shape::<hexads::BatchAnswer>)],
        ..route(
            Method::Post,
            "/hexads/batch",
            "writeHexads",
            "hexads",
            "Write several hexads as one commit; lines of JSON are new ones",
            || post(hexads::batch),
        )
    },
    Route {
        params: &[
            MODALITIES,
            Param {
                name: "version",
                place: "query",
                kind: "integer",
                about: "As it was in this version.",
            },
            Param {
                name: "If-None-Match",
                place: "header",
                kind: "string",
                about: "Entity tags that are known already.",
            },
            TRANSACTION,
        ],
        answers: &[
            ok(shape::<hexads::Hexad>),
            Good { status: 304, media: "", shape: None, about: "It is known already." },
        ],
        ..route(Method::Get, "/hexads/{id}", "getHexad", "hexads", "Read a hexad", || {
            get(hexads::read)
        })
    },
    Route {
        params: &[IF_MATCH, IF_NONE_MATCH, TRANSACTION],
        body: Some(shape::<hexads::Hexad>),
        answers: &[ok(shape::<hexads::Hexad>), created(shape::<hexads::Hexad>)],
        ..route(
            Method::Put,
            "/hexads/{id}",
            "replaceHexad",
            "hexads",
            "Make a hexad what the body says; what it does not say goes",
            || put(hexads::replace),
        )
    },
    Route {
        params: &[IF_MATCH, TRANSACTION],
        body: Some(shape::<hexads::Hexad>),
        answers: &[ok(shape::<hexads::Hexad>)],
        ..route(
            Method::Patch,
            "/hexads/{id}",
            "patchHexad",
            "hexads",
            "Change a hexad: a JSON Merge Patch (RFC 7396)",
            || patch(hexads::patch),
        )
    },
    Route {
        params: &[IF_MATCH, TRANSACTION],
        answers: &[Good { status: 204, media: "", shape: None, about: "It is gone." }],
        ..route(
            Method::Delete,
            "/hexads/{id}",
            "deleteHexad",
            "hexads",
            "Take a hexad away",
            || delete(hexads::delete),
        )
    },
    Route {
        params: &[Param { name: "q", place: "query", kind: "string", about: "The words." }, LIMIT],
        answers: &[ok(shape::<Vec<search::Found>>)],
        ..route(
            Method::Get,
            "/search/text",
            "searchText",
            "search",
            "Find by words, the best first",
            || get(search::text),
        )
    },
    Route {
        body: Some(shape::<search::VectorRequest>),
        answers: &[ok(shape::<Vec<search::Found>>)],
        ..route(
            Method::Post,
            "/search/vector",
            "searchVector",
            "search",
            "Find the nearest vectors",
            || post(search::vector),
        )
    },
    Route {
        params: &[
            Param {
                name: "predicate",
                place: "query",
                kind: "string",
                about: "The predicate of the edge; related by default.",
            },
            LIMIT,
        ],
        answers: &[ok(shape::<Vec<search::Found>>)],
        ..route(
            Method::Get,
            "/search/related/{id}",
            "searchRelated",
            "search",
            "Find what an edge leads to",
            || get(search::related),
        )
    },
    Route {
        body: Some(shape::<search::RadiusRequest>),
        answers: &[ok(shape::<Vec<search::Near>>)],
        ..route(
            Method::Post,
            "/spatial/search/radius",
            "searchRadius",
            "search",
            "Find what lies in a circle, the nearest first",
            || post(search::radius),
        )
    },
    Route {
        body: Some(shape::<search::BoundsRequest>),
        answers: &[ok(shape::<Vec<search::Near>>)],
        ..route(
            Method::Post,
            "/spatial/search/bounds",
            "searchBounds",
            "search",
            "Find what lies in a box",
            || post(search::bounds),
        )
    },
    Route {
        body: Some(shape::<search::NearestRequest>),
        answers: &[ok(shape::<Vec<search::Near>>)],
        ..route(
            Method::Post,
            "/spatial/search/nearest",
            "searchNearest",
            "search",
            "Find the nearest places",
            || post(search::nearest),
        )
    },
    Route {
        answers: &[ok(shape::<drift::DriftStatus>)],
        ..route(
            Method::Get,
            "/drift/status",
            "driftStatus",
            "drift",
            "How far everything has drifted",
            || get(drift::status),
        )
    },
    Route {
        answers: &[ok(shape::<drift::EntityDrift>)],
        ..route(
            Method::Get,
            "/drift/entity/{id}",
            "driftOf",
            "drift",
            "How far a hexad has drifted, with the evidence",
            || get(drift::entity),
        )
    },
    Route {
        params: &[LIMIT],
        answers: &[ok(shape::<Vec<Row>>)],
        ..route(
            Method::Get,
            "/drift/history",
            "driftHistory",
            "drift",
            "When scores passed their thresholds",
            || get(drift::history),
        )
    },
    Route {
        answers: &[Good { status: 200, media: JSON, shape: None, about: "Done." }],
        ..route(
            Method::Get,
            "/normalizer/status",
            "normalizerStatus",
            "drift",
            "What the normalizer may do and what waits",
            || get(drift::normalizer),
        )
    },
    Route {
        params: &[LIMIT],
        answers: &[ok(shape::<Vec<Row>>)],
        ..route(
            Method::Get,
            "/normalizer/history",
            "normalizations",
            "drift",
            "What was normalized, newest first",
            || get(drift::normalizations),
        )
    },
    Route {
        answers: &[ok(shape::<Vec<Row>>)],
        ..route(
            Method::Get,
            "/normalizer/policies",
            "policies",
            "drift",
            "The policies of the normalizer",
            || get(drift::policies),
        )
    },
    Route {
        action: Some(Action::Normalize),
        body: Some(shape::<drift::Trigger>),
        answers: &[ok(shape::<drift::Normalized>)],
        ..route(
            Method::Post,
            "/normalizer/trigger/{id}",
            "normalize",
            "drift",
            "Bring the modalities of a hexad back together",
            || post(drift::trigger),
        )
    },
    Route {
        params: &[LIMIT],
        answers: &[ok(shape::<Vec<Row>>)],
        ..route(
            Method::Get,
            "/conflicts",
            "conflicts",
            "drift",
            "What waits for a decision",
            || get(drift::conflicts),
        )
    },
    Route {
        action: Some(Action::Normalize),
        body: Some(shape::<drift::Decision>),
        answers: &[ok(shape::<Vec<Row>>)],
        ..route(
            Method::Post,
            "/conflicts/{id}/resolve",
            "resolveConflict",
            "drift",
            "Decide a conflict",
            || post(drift::resolve),
        )
    },
    Route {
        answers: &[ok(shape::<Vec<Row>>)],
        ..route(
            Method::Get,
            "/hexads/{id}/versions",
            "versions",
            "hexads",
            "The versions of a hexad, oldest first",
            || get(provenance::versions),
        )
    },
    Route {
        answers: &[ok(shape::<Vec<Row>>)],
        ..route(
            Method::Get,
            "/provenance/{id}",
            "provenance",
            "provenance",
            "The events of a hexad, oldest first",
            || get(provenance::list),
        )
    },
    Route {
        body: Some(shape::<provenance::Event>),
        answers: &[created(shape::<hexads::Written>)],
        ..route(
            Method::Post,
            "/provenance/{id}/record",
            "recordEvent",
            "provenance",
            "Record an event",
            || post(provenance::record),
        )
    },
    Route {
        answers: &[ok(shape::<provenance::Verified>)],
        ..route(
            Method::Get,
            "/provenance/{id}/verify",
            "verifyProvenance",
            "provenance",
            "Whether the chain of events holds",
            || get(provenance::verify),
        )
    },
    Route {
        body: Some(shape::<transactions::Begin>),
        answers: &[created(shape::<transactions::Transaction>)],
        ..route(
            Method::Post,
            "/transactions/begin",
            "begin",
            "transactions",
            "Begin a transaction",
            || post(transactions::begin),
        )
    },
    Route {
        answers: &[ok(shape::<transactions::Transaction>)],
        ..route(
            Method::Get,
            "/transactions/{id}",
            "transaction",
            "transactions",
            "Where a transaction stands",
            || get(transactions::read),
        )
    },
    Route {
        answers: &[ok(shape::<transactions::Transaction>)],
        ..route(
            Method::Post,
            "/transactions/{id}/commit",
            "commit",
            "transactions",
            "Commit a transaction",
            || post(transactions::commit),
        )
    },
    Route {
        answers: &[ok(shape::<transactions::Transaction>)],
        ..route(
            Method::Post,
            "/transactions/{id}/rollback",
            "rollback",
            "transactions",
            "Roll a transaction back",
            || post(transactions::rollback),
        )
    },
    Route {
        answers: &[ok(shape::<Vec<Row>>)],
        ..route(Method::Get, "/snapshots", "snapshots", "snapshots", "The snapshots", || {
            get(snapshots::list)
        })
    },
    Route {
        action: Some(Action::Backup),
        body: Some(shape::<snapshots::Named>),
        answers: &[created(shape::<Row>)],
        ..route(
            Method::Post,
            "/snapshots",
            "createSnapshot",
            "snapshots",
            "Keep the present under a name",
            || post(snapshots::create),
        )
    },
    Route {
        action: Some(Action::Backup),
        answers: &[Good { status: 200, media: JSON, shape: None, about: "Done." }],
        ..route(
            Method::Post,
            "/snapshots/{name}/restore",
            "restoreSnapshot",
            "snapshots",
            "Make the present what a snapshot holds",
            || post(snapshots::restore),
        )
    },
    Route {
        action: Some(Action::Backup),
        answers: &[Good { status: 204, media: "", shape: None, about: "It is gone." }],
        ..route(
            Method::Delete,
            "/snapshots/{name}",
            "dropSnapshot",
            "snapshots",
            "Forget a snapshot",
            || delete(snapshots::drop_one),
        )
    },
    Route {
        answers: &[ok(shape::<Vec<Row>>)],
        ..route(Method::Get, "/contracts", "contracts", "contracts", "The contracts", || {
            get(snapshots::contracts)
        })
    },
];
