//! The table of routes. The router, the OpenAPI document, the documentation and the tests of rights are
//! made from it: what is not in it does not exist.

use std::sync::Arc;

use axum::routing::{MethodRouter, delete, get, patch, post, put};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::engine::auth::Action;
use crate::server::rest::answer::Answer;
use crate::server::rest::{PREFIX, health, hexads, openapi, query, sessions};
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
const IDEMPOTENCY: Param = Param {
    name: "Idempotency-Key",
    place: "header",
    kind: "string",
    about: "A request that is sent again under the same key is done once.",
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
            Good { status: 200, media: "text/event-stream", shape: None, about: "Row by row." },
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
        params: &[TRANSACTION, IDEMPOTENCY],
        body: Some(shape::<hexads::Hexad>),
        answers: &[created(shape::<hexads::Hexad>)],
        ..route(Method::Post, "/hexads", "createHexad", "hexads", "Make a hexad", || {
            post(hexads::create)
        })
    },
    Route {
        params: &[TRANSACTION, IDEMPOTENCY],
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
        params: &[IF_MATCH, IF_NONE_MATCH, TRANSACTION, IDEMPOTENCY],
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
        params: &[IF_MATCH, TRANSACTION, IDEMPOTENCY],
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
        params: &[IF_MATCH, TRANSACTION, IDEMPOTENCY],
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
];
