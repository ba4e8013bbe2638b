//! What can be read.

use std::time::Duration;

use async_graphql::{Context, ID, Json, Object, Result, SimpleObject};
use serde_json::{Map, Value};

use crate::engine::base::{ModalitySet, Value as Cell};
use crate::engine::session::hexads::Range;
use crate::server::problem::Problem;

use super::failure::failed;
use super::hexad::{self, DriftScore, Hexad, Provenance};
use super::rows::{Answer, Ask, Row, asker, param};

/// Reads.
pub struct Query;

/// How the server is.
#[derive(Clone, Debug, SimpleObject)]
pub struct Health {
    /// `healthy` or `degraded`.
    pub status: String,
    /// The version of the program.
    pub version: String,
    /// Since it was started.
    pub uptime_seconds: f64,
    /// Why it is degraded.
    pub degraded_reason: Option<String>,
    /// Hexads there are.
    pub hexads: Option<u64>,
}

/// A hexad that was found.
#[derive(Clone, Debug, SimpleObject)]
pub struct SearchHit {
    /// Its id.
    pub id: ID,
    /// How well it fits; the best first.
    pub score: Option<f64>,
    /// Its title.
    pub title: Option<String>,
}

/// A hexad with a place.
#[derive(Clone, Debug, SimpleObject)]
pub struct SpatialHit {
    /// Its id.
    pub id: ID,
    /// Degrees north.
    pub latitude: Option<f64>,
    /// Degrees east.
    pub longitude: Option<f64>,
    /// Its title.
    pub title: Option<String>,
}

/// One kind of drift, over all hexads.
#[derive(Clone, Debug, SimpleObject)]
pub struct DriftStatus {
    /// Which.
    pub drift_type: String,
    /// The worst score now.
    pub current_score: Option<f64>,
    /// The average of the last measurements.
    pub moving_average: Option<f64>,
    /// The worst score ever.
    pub max_score: Option<f64>,
    /// How often it was measured.
    pub measurement_count: Option<u64>,
    /// Above which score it is drift.
    pub threshold: Option<f64>,
    /// Hexads that were measured.
    pub measured: Option<u64>,
    /// Hexads that have drifted.
    pub drifted: Option<u64>,
}

/// A page of the list of all hexads, in the order in which they were created.
#[derive(Clone, Debug, SimpleObject)]
pub struct HexadConnection {
    /// The hexads with their cursors.
    pub edges: Vec<HexadEdge>,
    /// The hexads.
    pub nodes: Vec<Hexad>,
    /// Where the page is.
    pub page_info: PageInfo,
    /// How many hexads there are.
    pub total_count: u64,
}

/// A hexad in a page.
#[derive(Clone, Debug, SimpleObject)]
pub struct HexadEdge {
    /// Goes on behind it, as `after`; only of the last of a page.
    pub cursor: String,
    /// The hexad.
    pub node: Hexad,
}

/// Where a page is.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there are more.
    pub has_next_page: bool,
    /// Goes on behind this page, as `after`.
    pub end_cursor: Option<String>,
}

fn hits(answer: &Answer) -> Vec<SearchHit> {
    let hit = |row: &Json<Map<String, Value>>| {
        let row = Row(row);
        SearchHit {
            id: ID(row.text("id")),
            score: row.number("score"),
            title: row.some_text("title"),
        }
    };
    answer.rows.iter().map(hit).collect()
}

/// Finds what has a place that satisfies a condition of ours.
async fn places(
    ctx: &Context<'_>,
    condition: &str,
    figures: &[f64],
    limit: u32,
) -> Result<Vec<SpatialHit>> {
    let text = format!(
        "SELECT id, SPATIAL.latitude AS latitude, SPATIAL.longitude AS longitude, \
         DOCUMENT.title AS title FROM hexads WHERE {condition} LIMIT $limit"
    );
    let figures = figures.iter().enumerate().map(|(n, x)| param(&format!("p{n}"), Cell::Float(*x)));
    let params = figures.chain([param("limit", Cell::Int(i64::from(limit)))]).collect();
    let answer = Ask::ours(text, params).here(ctx).await?;
    let hit = |row: &Json<Map<String, Value>>| {
        let row = Row(row);
        SpatialHit {
            id: ID(row.text("id")),
            latitude: row.number("latitude"),
            longitude: row.number("longitude"),
            title: row.some_text("title"),
        }
    };
    Ok(answer.rows.iter().map(hit).collect())
}

#[Object]
impl Query {
    /// How the server is.
    async fn health(&self, ctx: &Context<'_>) -> Result<Health> {
        let answer = Ask::ours("SHOW STATUS", [].into()).here(ctx).await?;
        let empty = Map::new();
        let row = Row(answer.rows.first().map_or(&empty, |row| row));
        Ok(Health {
            status: row.text("status"),
            version: row.text("version"),
            uptime_seconds: row.number("uptime_seconds").unwrap_or_default(),
            degraded_reason: row.some_text("degraded_reason"),
            hexads: row.count("hexads"),
        })
    }

    /// What the database says about itself, a row for each modality.
    async fn status(&self, ctx: &Context<'_>) -> Result<Vec<Json<Map<String, Value>>>> {
        Ok(Ask::ours("SHOW HEALTH", [].into()).here(ctx).await?.rows)
    }

    /// One hexad, as it is or as it was in one of its versions; null when it does not exist.
    async fn hexad(
        &self,
        ctx: &Context<'_>,
        id: ID,
        version: Option<u32>,
    ) -> Result<Option<Hexad>> {
        let Some(version) = version else {
            return Ok(hexad::load(ctx, vec![id.0]).await?.pop());
        };
        let (app, who) = asker(ctx)?;
        let read = app.run(who, None, move |session, control| {
            session.hexad_at(&id, version, ModalitySet::ALL, control)
        });
        Ok(read.await.map_err(failed)?.map(Hexad::from))
    }

    /// All hexads, page by page. Those that come and go meanwhile neither repeat nor hide others.
    #[graphql(complexity = "first as usize * child_complexity + 1")]
    async fn hexads(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 100, validator(minimum = 1, maximum = 1000))] first: u32,
        after: Option<String>,
        #[graphql(default = false)] descending: bool,
    ) -> Result<HexadConnection> {
        let (app, who) = asker(ctx)?;
        let list = if descending { "graphql desc" } else { "graphql asc" };
        let after = after.map(|text| app.cursors.read(list, &text)).transpose().map_err(failed)?;
        let (most, wanted) = (first as usize, ModalitySet::ALL);
        let range = Range { after, skip: 0, most, descending, wanted };
        let read = app.run(who, None, move |session, control| session.hexads(range, control));
        let listed = read.await.map_err(failed)?;
        let end_cursor = listed.next.map(|place| app.cursors.make(list, place));
        let nodes: Vec<Hexad> = listed.hexads.into_iter().map(Hexad::from).collect();
        let last = nodes.len().saturating_sub(1);
        let edges = nodes.iter().enumerate().map(|(n, node)| HexadEdge {
            cursor: end_cursor.clone().filter(|_| n == last).unwrap_or_default(),
            node: node.clone(),
        });
        Ok(HexadConnection {
            edges: edges.collect(),
            page_info: PageInfo { has_next_page: end_cursor.is_some(), end_cursor },
            total_count: listed.total,
            nodes,
        })
    }

    /// Runs a statement of VQL that only asks.
    #[graphql(complexity = "100 + child_complexity")]
    async fn query(
        &self,
        ctx: &Context<'_>,
        vql: String,
        params: Option<Json<Map<String, Value>>>,
        timeout_ms: Option<u32>,
    ) -> Result<Answer> {
        let timeout = timeout_ms.map(|ms| Duration::from_millis(u64::from(ms)));
        let ask = Ask { timeout, only_read: true, ..Ask::theirs(vql, params) };
        ask.here(ctx).await
    }

    /// The plan of a statement of VQL, which is not run.
    #[graphql(complexity = "100 + child_complexity")]
    async fn explain(
        &self,
        ctx: &Context<'_>,
        vql: String,
        params: Option<Json<Map<String, Value>>>,
    ) -> Result<Answer> {
        // `vql` may begin with ANALYZE, which runs what it explains.
        let ask = Ask { only_read: true, ..Ask::theirs(format!("EXPLAIN {vql}"), params) };
        ask.here(ctx).await
    }

    /// Hexads by the words of their text, the best first.
    #[graphql(complexity = "limit as usize * child_complexity + 1")]
    async fn search_text(
        &self,
        ctx: &Context<'_>,
        query: String,
        #[graphql(default = 10, validator(maximum = 1000))] limit: u32,
    ) -> Result<Vec<SearchHit>> {
        let params = [param("q", query), param("n", Cell::Int(i64::from(limit)))];
        let ask = Ask::ours("SEARCH TEXT $q LIMIT $n", params.into_iter().collect());
        Ok(hits(&ask.here(ctx).await?))
    }

    /// Hexads by their embedding, the nearest first.
    #[graphql(complexity = "k as usize * child_complexity + 1")]
    async fn search_vector(
        &self,
        ctx: &Context<'_>,
        vector: Vec<f32>,
        #[graphql(default = 10, validator(maximum = 1000))] k: u32,
    ) -> Result<Vec<SearchHit>> {
        if vector.iter().any(|x| !x.is_finite()) {
            return Err(failed(Problem::malformed("a vector with a number that is not finite")));
        }
        let params = [param("v", Cell::Vector(vector.into())), param("n", Cell::Int(i64::from(k)))];
        let ask = Ask::ours("SEARCH VECTOR $v LIMIT $n", params.into_iter().collect());
        Ok(hits(&ask.here(ctx).await?))
    }

    /// The hexads that an edge of this one leads to.
    #[graphql(complexity = "limit as usize * child_complexity + 1")]
    async fn related(
        &self,
        ctx: &Context<'_>,
        id: ID,
        predicate: Option<String>,
        #[graphql(default = 10, validator(maximum = 1000))] limit: u32,
    ) -> Result<Vec<Hexad>> {
        let Some(found) = hexad::load(ctx, vec![id.0]).await?.pop() else { return Ok(Vec::new()) };
        let mut targets = found.targets(predicate.as_deref());
        targets.truncate(limit as usize);
        hexad::load(ctx, targets).await
    }

    /// Hexads within a distance of a place.
    #[graphql(complexity = "limit as usize * child_complexity + 1")]
    async fn spatial_radius(
        &self,
        ctx: &Context<'_>,
        latitude: f64,
        longitude: f64,
        radius_km: f64,
        #[graphql(default = 10, validator(maximum = 1000))] limit: u32,
    ) -> Result<Vec<SpatialHit>> {
        let figures = [latitude, longitude, radius_km];
        places(ctx, "SPATIAL WITHIN RADIUS($p0, $p1, $p2)", &figures, limit).await
    }

    /// Hexads between two corners.
    #[graphql(complexity = "limit as usize * child_complexity + 1")]
    async fn spatial_bounds(
        &self,
        ctx: &Context<'_>,
        min_latitude: f64,
        min_longitude: f64,
        max_latitude: f64,
        max_longitude: f64,
        #[graphql(default = 10, validator(maximum = 1000))] limit: u32,
    ) -> Result<Vec<SpatialHit>> {
        let figures = [min_latitude, min_longitude, max_latitude, max_longitude];
        places(ctx, "SPATIAL WITHIN BOUNDS($p0, $p1, $p2, $p3)", &figures, limit).await
    }

    /// How far modalities have moved apart, by kind.
    async fn drift_status(&self, ctx: &Context<'_>) -> Result<Vec<DriftStatus>> {
        let answer = Ask::ours("SHOW DRIFT", [].into()).here(ctx).await?;
        let status = |row: &Json<Map<String, Value>>| {
            let row = Row(row);
            DriftStatus {
                drift_type: row.text("drift_type"),
                current_score: row.number("current_score"),
                moving_average: row.number("moving_average"),
                max_score: row.number("max_score"),
                measurement_count: row.count("measurement_count"),
                threshold: row.number("threshold"),
                measured: row.count("measured"),
                drifted: row.count("drifted"),
            }
        };
        Ok(answer.rows.iter().map(status).collect())
    }

    /// How far the modalities of one hexad have moved apart.
    async fn drift(&self, ctx: &Context<'_>, id: ID) -> Result<Vec<DriftScore>> {
        hexad::drift(ctx, &id).await
    }

    /// Where a hexad comes from; null when it does not exist.
    async fn provenance(&self, ctx: &Context<'_>, id: ID) -> Result<Option<Provenance>> {
        hexad::provenance(ctx, &id).await
    }

    /// What the normalizer left open.
    async fn conflicts(
        &self,
        ctx: &Context<'_>,
        #[graphql(default = 100, validator(maximum = 1000))] limit: u32,
    ) -> Result<Vec<Json<Map<String, Value>>>> {
        let params = [param("n", Cell::Int(i64::from(limit)))].into_iter().collect();
        Ok(Ask::ours("SHOW CONFLICTS LIMIT $n", params).here(ctx).await?.rows)
    }
}
