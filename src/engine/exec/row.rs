//! One row on its way through a query: a hexad in one state and what ranked it.

use std::rc::Rc;

use crate::engine::exec::entity::Entity;

/// A row.
#[derive(Clone)]
pub struct Row<'v> {
    /// The hexad.
    pub entity: Rc<Entity<'v>>,
    /// How well it ranks; greater is better.
    pub score: Option<f64>,
    /// The similarity of its embedding.
    pub similarity: Option<f64>,
    /// Kilometers to the point of the spatial condition.
    pub distance_km: Option<f64>,
}

impl<'v> Row<'v> {
    /// A hexad nothing has ranked.
    pub fn of(entity: Rc<Entity<'v>>) -> Self {
        Self { entity, score: None, similarity: None, distance_km: None }
    }
}
