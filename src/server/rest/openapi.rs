//! The table of routes as an OpenAPI 3.1 document.

use std::sync::LazyLock;

use axum::http::StatusCode;
use axum::response::Response;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value as Json, json};

use crate::server::problem::{Body, PROBLEM_JSON};
use crate::server::rest::routes::{Good, ROUTES, Route};
use crate::server::rest::{PREFIX, answer};

static TEXT: LazyLock<Vec<u8>> =
    LazyLock::new(|| serde_json::to_vec(&document()).unwrap_or_default());

/// `GET /openapi.json`
pub async fn serve() -> Response {
    answer::bytes(StatusCode::OK, "application/json", TEXT.clone())
}

/// The document.
pub fn document() -> Json {
    let settings =
        SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into());
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<Body>().to_value();
    let mut paths: Map<String, Json> = Map::new();
    for route in ROUTES {
        let path = format!("{PREFIX}{}", route.path);
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        if let Some(methods) = entry.as_object_mut() {
            methods.insert(route.method.key().to_owned(), operation(&mut generator, route));
        }
    }
    let schemas = generator.take_definitions(true);
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "vql",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "One entity, eight modalities, one query language.",
            "description": "Every path is also understood without its prefix. Failures are problems (RFC 9457).",
            "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                "Problem": {
                    "description": "What went wrong.",
                    "content": {PROBLEM_JSON: {"schema": problem}},
                },
            },
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    })
}

fn operation(generator: &mut SchemaGenerator, route: &Route) -> Json {
    let mut operation = json!({
        "operationId": route.id,
        "tags": [route.tag],
        "summary": route.summary,
        "responses": responses(generator, route.answers),
    });
    let parameters = parameters(route);
    let Some(members) = operation.as_object_mut() else { return operation };
    match route.action {
        None => drop(members.insert("security".into(), json!([]))),
        Some(action) => drop(members.insert("x-action".into(), json!(action.to_string()))),
    }
    if !parameters.is_empty() {
        members.insert("parameters".into(), json!(parameters));
    }
    if let Some(shape) = route.body {
        let schema = shape(generator).to_value();
        let body = json!({
            "required": true,
            "content": {"application/json": {"schema": schema}},
        });
        members.insert("requestBody".into(), body);
    }
    operation
}

/// Those of the path, then the others.
fn parameters(route: &Route) -> Vec<Json> {
    let names = route.path.split('{').skip(1).filter_map(|part| part.split_once('}'));
    let in_path = names.map(|(name, _)| {
        let schema = json!({"type": "string", "minLength": 1, "maxLength": 256});
        json!({"name": name, "in": "path", "required": true, "schema": schema})
    });
    let others = route.params.iter().map(|param| {
        json!({
            "name": param.name,
            "in": param.place,
            "description": param.about,
            "schema": {"type": param.kind},
        })
    });
    in_path.chain(others).collect()
}

fn responses(generator: &mut SchemaGenerator, answers: &[Good]) -> Json {
    let mut responses: Map<String, Json> = Map::new();
    for good in answers {
        let entry = responses
            .entry(good.status.to_string())
            .or_insert_with(|| json!({"description": good.about}));
        let (Some(entry), false) = (entry.as_object_mut(), good.media.is_empty()) else { continue };
        let schema = match good.shape {
            Some(shape) => json!({"schema": shape(generator).to_value()}),
            None => json!({}),
        };
        let content = entry.entry("content").or_insert_with(|| json!({}));
        if let Some(content) = content.as_object_mut() {
            content.insert(good.media.to_owned(), schema);
        }
    }
    responses.insert("default".into(), json!({"$ref": "#/components/responses/Problem"}));
    Json::Object(responses)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_route_has_a_name_of_its_own_and_says_what_it_answers() {
        let mut ids = BTreeSet::new();
        let mut paths = BTreeSet::new();
        for route in ROUTES {
            assert!(ids.insert(route.id), "{} twice", route.id);
            assert!(!route.answers.is_empty(), "{} answers nothing", route.id);
            for path in route.paths() {
                assert!(paths.insert((path.clone(), route.method.key())), "{path} twice");
            }
        }
    }
}
