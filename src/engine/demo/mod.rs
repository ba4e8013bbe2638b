//! A small made-up world to try things on: people who watch four rivers, and what they write.
//!
//! Everything is generated, the same on every machine; only commit times differ. All eight
//! modalities occur, some entities have several versions, and a few disagree with themselves on
//! purpose (`semantic.properties.planted` says how).

mod world;

use crate::engine::base::{Error, HexadId, Iid, Kind, Result};
use crate::engine::hexad::{Author, Change, Draft, HexadInput};
use crate::engine::store::Store;

pub use world::hexads;

/// A query worth trying.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// What it asks, in words.
    pub title: &'static str,
    /// The statement.
    pub statement: &'static str,
}

/// Five queries that have an answer in the demo database, one for each way of asking.
pub const SUGGESTIONS: [Suggestion; 5] = [
    Suggestion {
        title: "which articles speak of floods, best first",
        statement: "SELECT DOCUMENT.title, DOCUMENT.year FROM HEXAD \
                    WHERE FULLTEXT CONTAINS 'flood' \
                    AND hexad.types INCLUDES 'river:Article' LIMIT 5;",
    },
    Suggestion {
        title: "which recent articles build on one from before 2015",
        statement: "SELECT DOCUMENT.title FROM HEXAD \
                    WHERE (h)-[:CITES*1..3]->(older) AND older.year < 2015 \
                    ORDER BY DOCUMENT.year DESC LIMIT 5;",
    },
    Suggestion {
        title: "what reads like the article on salmon",
        statement: "SELECT DOCUMENT.title FROM HEXAD \
                    WHERE VECTOR SIMILAR TO ENTITY 'article:salmon-and-warm-water' \
                    AND hexad.types INCLUDES 'river:Article' LIMIT 5;",
    },
    Suggestion {
        title: "which stations lie within 12 km of Hollin Bridge",
        statement: "SELECT DOCUMENT.title, SPATIAL.latitude, SPATIAL.longitude FROM HEXAD \
                    WHERE SPATIAL WITHIN RADIUS(54.31, -2.43, 12 km) \
                    AND hexad.types INCLUDES 'river:Station';",
    },
    Suggestion {
        title: "how many articles there are on each river, and since when",
        statement: "SELECT DOCUMENT.river, COUNT(*), MIN(DOCUMENT.year) FROM HEXAD \
                    WHERE hexad.types INCLUDES 'river:Article' AND PROVENANCE EXISTS \
                    GROUP BY DOCUMENT.river ORDER BY DOCUMENT.river;",
    },
];

/// Fills an empty database and says how many hexads it has then.
///
/// Three commits: the world, what its people changed afterwards, and one thing taken back.
pub fn fill(store: &Store) -> Result<u64> {
    let inputs = hexads();
    let count = inputs.len() as u64;
    write(store, "demo", "the world of the demo", |draft, store| {
        let first = store.allocate_iids(inputs.len() as u32)?;
        for (offset, (id, input)) in inputs.iter().enumerate() {
            let iid = Iid(first.0 + offset as u32);
            draft.insert(iid, HexadId::new(id.as_str())?, input.clone())?;
        }
        Ok(())
    })?;
    for (author, message, id, changes) in world::afterwards() {
        let view = store.view()?;
        let iid = view.iid(id)?.ok_or_else(|| {
            Error::new(Kind::InternalError, format!("the demo has no `{id}` to change"))
        })?;
        write(store, author, message, |draft, _| draft.update(iid, changes.clone()).map(drop))?;
    }
    Ok(count)
}

fn write(
    store: &Store,
    author: &str,
    message: &str,
    mut prepare: impl FnMut(&mut Draft<'_>, &Store) -> Result<()>,
) -> Result<()> {
    let view = store.view()?;
    let author = Author { message: Some(message.to_owned()), ..Author::new(author) };
    let mut draft = Draft::new(&view, author)?;
    prepare(&mut draft, store)?;
    store.commit(draft.finish()).map(drop)
}

/// What is done to a hexad after the world exists: by whom, why, to which, what.
pub(crate) type Later = (&'static str, &'static str, &'static str, Vec<Change>);

/// A hexad of the demo, with its id.
pub(crate) type Named = (String, HexadInput);

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::engine::Engine;
    use crate::engine::base::{Clock, Rng, Timestamp};
    use crate::engine::lang::parse::parse;
    use crate::engine::outcome::{Control, Options, Params};

    #[test]
    fn the_world_is_the_same_every_time_and_valid() {
        let world = hexads();
        assert_eq!(world, hexads());
        assert!((60..=100).contains(&world.len()), "{}", world.len());
        let ids: HashSet<&str> = world.iter().map(|(id, _)| id.as_str()).collect();
        assert_eq!(ids.len(), world.len());
        for (id, input) in &world {
            input.clone().admit().unwrap_or_else(|fault| panic!("{id}: {fault:?}"));
        }
        for (_, _, id, _) in world::afterwards() {
            assert!(ids.contains(id), "{id}");
        }
    }

    #[test]
    fn exactly_the_planted_edges_lead_nowhere() {
        let world = hexads();
        let ids: HashSet<&str> = world.iter().map(|(id, _)| id.as_str()).collect();
        let mut nowhere = Vec::new();
        for (_, input) in &world {
            let edges = input.graph.iter().flat_map(|graph| &graph.edges);
            nowhere.extend(edges.map(|e| e.target.as_str()).filter(|t| !ids.contains(t)));
        }
        assert_eq!(nowhere, ["article:lost-in-the-archive"]);
    }

    #[test]
    fn every_modality_occurs() {
        let world = hexads();
        let full = world.iter().filter(|(_, input)| {
            input.document.is_some()
                && input.vector.is_some()
                && input.graph.is_some()
                && input.semantic.is_some()
                && input.tensor.is_some()
                && input.spatial.is_some()
                && input.temporal.is_some()
                && !input.provenance.is_empty()
        });
        assert!(full.count() >= 10);
    }

    struct Ticks(AtomicI64);

    impl Clock for Ticks {
        fn now(&self) -> Timestamp {
            Timestamp(self.0.fetch_add(1_000_000, Ordering::Relaxed))
        }
    }

    impl Rng for Ticks {
        fn bits(&self) -> u128 {
            self.now().0.unsigned_abs().into()
        }
    }

    #[test]
    fn every_suggestion_has_an_answer() {
        let folder = tempfile::tempdir().unwrap();
        let options = Options { create: true, ..Options::default() };
        let ticks = Arc::new(Ticks(AtomicI64::new(1_700_000_000_000_000)));
        let path = folder.path().join("demo.db");
        let engine = Engine::open(&path, options, Arc::clone(&ticks) as _, ticks).unwrap();
        assert_eq!(engine.fill_demo().unwrap(), hexads().len() as u64);
        let mut session = engine.session();
        for Suggestion { title, statement } in SUGGESTIONS {
            let parsed = parse(statement);
            assert!(parsed.diagnostics.is_empty(), "{title}: {:?}", parsed.diagnostics);
            let asked = &parsed.script.statements[0];
            let answer = session.execute(statement, asked, &Params::default(), &Control::default());
            assert!(!answer.unwrap().rows.is_empty(), "{title}");
        }
    }
}
