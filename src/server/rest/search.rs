//! Searches: by words, by vector, by relation, by place. Short forms of queries, answered as a list of
//! what was found, the best first.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::server::problem::Problem;
use crate::server::rest::extract::{Args, At, Body, Who};
use crate::server::rest::{answer, told};
use crate::server::state::App;

/// Rows of the largest answer.
const LARGEST: u64 = 10_000;

/// What was found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Found {
    /// The id.
    pub id: String,
    /// How well it fits: greater is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// The title of its document.
    pub title: Option<String>,
}

/// A place that was found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Near {
    /// The id.
    pub entity_id: String,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// How far away; null where no point was asked for.
    pub distance_km: Option<f64>,
}

/// Words to look for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TextArgs {
    q: String,
    limit: Option<u64>,
}

/// A vector to look for.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VectorRequest {
    /// The vector, as long as those that are stored.
    pub vector: Vec<f64>,
    /// How many are answered.
    #[serde(default, alias = "limit")]
    #[schemars(range(min = 1, max = 10_000))]
    pub k: Option<u64>,
    /// `cosine`, `euclidean`, `dot_product` or `jaccard`.
    #[serde(default)]
    pub metric: Option<String>,
}

/// Along which edge.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RelatedArgs {
    predicate: Option<String>,
    limit: Option<u64>,
}

/// A circle.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RadiusRequest {
    /// Degrees north of the middle.
    pub latitude: f64,
    /// Degrees east of it.
    pub longitude: f64,
    /// How far from it.
    pub radius_km: f64,
    /// How many are answered.
    #[serde(default)]
    pub limit: Option<u64>,
}

/// A box.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BoundsRequest {
    /// Its southern edge.
    pub min_lat: f64,
    /// Its western edge.
    pub min_lon: f64,
    /// Its northern edge.
    pub max_lat: f64,
    /// Its eastern edge.
    pub max_lon: f64,
    /// How many are answered.
    #[serde(default)]
    pub limit: Option<u64>,
}

/// The nearest.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NearestRequest {
    /// Degrees north of the point.
    pub latitude: f64,
    /// Degrees east of it.
    pub longitude: f64,
    /// How many are answered.
    #[serde(default, alias = "limit")]
    pub k: Option<u64>,
}

/// How many are answered when nobody says, and no more than so many.
fn most(wanted: Option<u64>, default: u64) -> Result<u64, Problem> {
    match wanted {
        Some(0) => Err(Problem::malformed("`limit` is at least 1")),
        wanted => Ok(wanted.unwrap_or(default).min(LARGEST)),
    }
}

fn found(rows: told::Rows) -> Response {
    let text = |row: &Map<String, Json>, name: &str| row.get(name)?.as_str().map(str::to_owned);
    let one = |row: Map<String, Json>| Found {
        id: text(&row, "id").unwrap_or_default(),
        score: row.get("score").and_then(Json::as_f64),
        title: text(&row, "title"),
    };
    answer::json(StatusCode::OK, &rows.into_iter().map(one).collect::<Vec<_>>())
}

fn near(rows: told::Rows) -> Response {
    let one = |row: Map<String, Json>| Near {
        entity_id: row.get("id").and_then(Json::as_str).unwrap_or_default().to_owned(),
        latitude: row.get("latitude").and_then(Json::as_f64),
        longitude: row.get("longitude").and_then(Json::as_f64),
        distance_km: row.get("distance_km").and_then(Json::as_f64),
    };
    answer::json(StatusCode::OK, &rows.into_iter().map(one).collect::<Vec<_>>())
}

/// `GET /search/text`
pub async fn text(
    State(app): State<Arc<App>>,
    Who(who): Who,
    Args(TextArgs { q, limit }): Args<TextArgs>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let statement = format!("SEARCH TEXT $q LIMIT {}", most(limit, 10)?);
    Ok(found(told::rows(&app, &who, &headers, &statement, &[("q", json!(q))]).await?))
}

/// `POST /search/vector`
pub async fn vector(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
    Body(VectorRequest { vector, k, metric }): Body<VectorRequest>,
) -> Result<Response, Problem> {
    let metric = match metric.as_deref().map(str::to_ascii_lowercase).as_deref() {
        None => "",
        Some("cosine") => "USING COSINE",
        Some("euclidean") => "USING EUCLIDEAN",
        Some("dot" | "dot_product") => "USING DOT_PRODUCT",
        Some("jaccard") => "USING JACCARD",
        Some(other) => {
            return Err(Problem::malformed(format!("`metric`: `{other}` is no metric"))
                .hint("cosine, euclidean, dot_product, jaccard"));
        }
    };
    let statement = format!("SEARCH VECTOR $v {metric} LIMIT {}", most(k, 10)?);
    Ok(found(told::rows(&app, &who, &headers, &statement, &[("v", json!(vector))]).await?))
}

/// `GET /search/related/{id}`
pub async fn related(
    State(app): State<Arc<App>>,
    Who(who): Who,
    At(id): At<String>,
    Args(RelatedArgs { predicate, limit }): Args<RelatedArgs>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let statement = format!("SEARCH RELATED $id BY $p LIMIT {}", most(limit, 100)?);
    let predicate = predicate.unwrap_or_else(|| "related".to_owned());
    let params = [("id", json!(id)), ("p", json!(predicate))];
    Ok(found(told::rows(&app, &who, &headers, &statement, &params).await?))
}

const PLACE: &str = "SELECT id, SPATIAL.latitude AS latitude, SPATIAL.longitude AS longitude";

/// `POST /spatial/search/radius`
pub async fn radius(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
    Body(request): Body<RadiusRequest>,
) -> Result<Response, Problem> {
    let statement = format!(
        "{PLACE}, distance_km FROM hexads WHERE SPATIAL WITHIN RADIUS($a, $o, $r km) \
         ORDER BY distance_km LIMIT {}",
        most(request.limit, 100)?
    );
    let RadiusRequest { latitude, longitude, radius_km, .. } = request;
    let params = [("a", json!(latitude)), ("o", json!(longitude)), ("r", json!(radius_km))];
    Ok(near(told::rows(&app, &who, &headers, &statement, &params).await?))
}

/// `POST /spatial/search/bounds`
pub async fn bounds(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
    Body(request): Body<BoundsRequest>,
) -> Result<Response, Problem> {
    let statement = format!(
        "{PLACE} FROM hexads WHERE SPATIAL WITHIN BOUNDS($s, $w, $n, $e) LIMIT {}",
        most(request.limit, 100)?
    );
    let BoundsRequest { min_lat, min_lon, max_lat, max_lon, .. } = request;
    let params = [
        ("s", json!(min_lat)),
        ("w", json!(min_lon)),
        ("n", json!(max_lat)),
        ("e", json!(max_lon)),
    ];
    Ok(near(told::rows(&app, &who, &headers, &statement, &params).await?))
}

/// `POST /spatial/search/nearest`
pub async fn nearest(
    State(app): State<Arc<App>>,
    Who(who): Who,
    headers: HeaderMap,
    Body(NearestRequest { latitude, longitude, k }): Body<NearestRequest>,
) -> Result<Response, Problem> {
    let k = most(k, 10)?;
    let statement =
        format!("{PLACE}, distance_km FROM hexads WHERE SPATIAL NEAREST($a, $o, {k}) LIMIT {k}");
    let params = [("a", json!(latitude)), ("o", json!(longitude))];
    Ok(near(told::rows(&app, &who, &headers, &statement, &params).await?))
}
