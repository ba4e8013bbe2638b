//! What every operator of one statement shares: the view, the indexes, the instant, the budget, and
//! what is prepared or looked up once.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::engine::base::{Error, Iid, Kind, Lsn, Modality, Result, Timestamp};
use crate::engine::drift::Measured;
use crate::engine::drift::board::Board;
use crate::engine::exec::budget::Budget;
use crate::engine::exec::conjunction::Conjunction;
use crate::engine::exec::drift;
use crate::engine::exec::drift::rules::Rules;
use crate::engine::exec::drift::scoreboard::Scoreboard;
use crate::engine::exec::entity::Entity;
use crate::engine::exec::eval;
use crate::engine::exec::past::PastGraph;
use crate::engine::exec::prepared::Prepared;
use crate::engine::exec::row::Row;
use crate::engine::exec::statistics::Statistician;
use crate::engine::modality::document::field_index::FieldIndex;
use crate::engine::modality::document::text_search::TextIndex;
use crate::engine::modality::graph::{GraphIndex, Neighbors, Predicates};
use crate::engine::modality::temporal::History;
use crate::engine::modality::vector::search::VectorIndex;
use crate::engine::plan::access::Facts;
use crate::engine::plan::logical::{Filter, Leaf, When};
use crate::engine::store::View;

/// The indexes of a database that live beside its store.
pub struct Indexes {
    /// The graph in memory.
    pub graph: Arc<GraphIndex>,
    /// Embeddings.
    pub vector: Arc<VectorIndex>,
    /// Texts.
    pub text: Arc<TextIndex>,
    /// Fields of documents.
    pub fields: Arc<FieldIndex>,
    /// Scores of drift.
    pub scores: Arc<Scoreboard>,
    /// What plans go by.
    pub statistics: Arc<Statistician>,
    /// What plans want to know of the data, as of the commit it was read at.
    pub facts: Mutex<Option<(Lsn, Arc<Facts>)>>,
    /// The plan chosen last.
    #[cfg(test)]
    pub plan: Mutex<Option<crate::engine::plan::physical::Plan>>,
    /// How many plans the last query had whose plan was forced.
    #[cfg(test)]
    pub plans: std::sync::atomic::AtomicUsize,
}

/// Lowered contracts by name, for whoever asks which of them a hexad satisfies.
pub type ContractFilters<'v> = &'v dyn Fn() -> Result<Vec<(String, Filter)>>;

/// What the contracts demand, for whoever asks for drift.
pub type RulesOf<'v> = &'v dyn Fn() -> Result<Rules>;

/// The surroundings of one statement.
pub struct Context<'v> {
    /// What is read.
    pub view: &'v View,
    /// What makes reading faster.
    pub indexes: &'v Indexes,
    /// What may be used.
    pub budget: &'v Budget<'v>,
    /// The instant of the statement.
    pub now: Timestamp,
    /// Which state is read.
    pub when: When,
    /// No index is asked: every hexad is looked at.
    pub scan: bool,
    /// The share of the nearest vectors that must be found; 1 for all of them.
    pub recall: f64,
    /// A plan is held on to, whatever its steps find.
    pub keeps_plan: bool,
    /// The plan that is taken whatever it costs, by its number among all there are.
    #[cfg(test)]
    pub forced: Option<usize>,
    contracts: ContractFilters<'v>,
    rules: RulesOf<'v>,
    opened_rules: OnceCell<Rules>,
    board: OnceCell<Arc<Board>>,
    opened_contracts: OnceCell<Vec<(String, Filter)>>,
    graph: OnceCell<(Box<dyn Neighbors>, Arc<Predicates>)>,
    entities: RefCell<HashMap<u32, Option<Rc<Entity<'v>>>>>,
    leaves: RefCell<HashMap<usize, Rc<Prepared>>>,
    conjunctions: RefCell<HashMap<usize, Rc<Conjunction>>>,
}

/// The board of what somebody may see, kept with what is hidden.
struct Scored(Arc<Board>);

/// The share of the nearest vectors that is found when nobody says otherwise.
pub const RECALL: f64 = 0.99;

/// Bound hexads remembered at once.
const REMEMBERED: usize = 4096;

impl<'v> Context<'v> {
    /// For one statement.
    pub fn new(
        view: &'v View,
        indexes: &'v Indexes,
        budget: &'v Budget<'v>,
        now: Timestamp,
        when: When,
        contracts: ContractFilters<'v>,
        rules: RulesOf<'v>,
    ) -> Self {
        Self {
            view,
            indexes,
            budget,
            now,
            when,
            scan: false,
            recall: RECALL,
            keeps_plan: false,
            #[cfg(test)]
            forced: None,
            contracts,
            rules,
            opened_rules: OnceCell::new(),
            board: OnceCell::new(),
            opened_contracts: OnceCell::new(),
            graph: OnceCell::new(),
            entities: RefCell::default(),
            leaves: RefCell::default(),
            conjunctions: RefCell::default(),
        }
    }

    fn walked(&self) -> Result<&(Box<dyn Neighbors>, Arc<Predicates>)> {
        if self.graph.get().is_none() {
            let graph: (Box<dyn Neighbors>, Arc<Predicates>) = match self.when {
                When::At(instant) => {
                    let past = PastGraph::read(self, instant)?;
                    let predicates = Arc::new(past.predicates());
                    (Box::new(past), predicates)
                }
                When::Now | When::Version(..) | When::Between(..) => {
                    let graph = self.indexes.graph.at(self.view)?;
                    let predicates = Arc::clone(graph.predicates());
                    (Box::new(graph), predicates)
                }
            };
            return Ok(self.graph.get_or_init(|| graph));
        }
        Ok(self.graph.get().expect("was filled above"))
    }

    /// The graph in the state that is read.
    pub fn graph(&self) -> Result<&dyn Neighbors> {
        Ok(self.walked()?.0.as_ref())
    }

    /// Its predicates.
    pub fn predicates(&self) -> Result<&Predicates> {
        Ok(&self.walked()?.1)
    }

    /// How many hexads there are now.
    pub fn population(&self) -> Result<u64> {
        Ok(self.view.live()?.len())
    }

    /// The id of a hexad of this view.
    pub fn id_of(&self, iid: u32) -> Result<String> {
        match self.view.id_of(Iid(iid))? {
            Some(name) => Ok((*name).to_owned()),
            None => Err(Error::new(Kind::InternalError, format!("hexad number {iid} has no id"))),
        }
    }

    /// Whether a variable may be bound to a hexad: it exists in the state that is read.
    pub fn exists(&self, iid: u32) -> Result<bool> {
        match self.when {
            When::At(_) => Ok(self.entity(iid)?.is_some()),
            When::Now | When::Version(..) | When::Between(..) => {
                Ok(self.view.live()?.contains(iid))
            }
        }
    }

    /// A hexad a variable is bound to, in the state that is read; `None` when it did not exist then.
    pub fn entity(&self, iid: u32) -> Result<Option<Rc<Entity<'v>>>> {
        if let Some(known) = self.entities.borrow().get(&iid) {
            return Ok(known.clone());
        }
        let entity = match Entity::now(self.view, Iid(iid))? {
            None => None,
            Some(entity) => self.neighbor_state(entity)?,
        };
        let mut entities = self.entities.borrow_mut();
        if entities.len() >= REMEMBERED {
            entities.clear();
        }
        entities.insert(iid, entity.clone());
        Ok(entity)
    }

    fn neighbor_state(&self, entity: Entity<'v>) -> Result<Option<Rc<Entity<'v>>>> {
        Ok(match self.when {
            When::At(instant) => History(entity.versions()?)
                .as_of(instant)
                .map(|version| Rc::new(entity.at(version))),
            When::Now | When::Version(..) | When::Between(..) => {
                entity.header().deleted_at.is_none().then(|| Rc::new(entity))
            }
        })
    }

    /// The states of a hexad that are rows: none, one, or one for each version in an interval.
    pub fn states(&self, entity: Entity<'v>) -> Result<Vec<Rc<Entity<'v>>>> {
        Ok(match &self.when {
            When::Now => {
                let live = entity.header().deleted_at.is_none();
                live.then(|| Rc::new(entity)).into_iter().collect()
            }
            When::At(instant) => {
                let version = History(entity.versions()?).as_of(*instant);
                version.map(|v| Rc::new(entity.at(v))).into_iter().collect()
            }
            When::Version(name, _) => {
                let version = History(entity.versions()?).named(name).filter(|v| !v.deletes());
                version.map(|v| Rc::new(entity.at(v))).into_iter().collect()
            }
            When::Between(from, to) => {
                let versions = History(entity.versions()?).between(*from, *to);
                versions.into_iter().map(|v| Rc::new(entity.at(v))).collect()
            }
        })
    }

    /// What a test needs beyond its own words, made once.
    pub fn prepared(&self, leaf: &Leaf) -> Result<Rc<Prepared>> {
        if let Some(known) = self.leaves.borrow().get(&leaf.number) {
            return Ok(Rc::clone(known));
        }
        let prepared = Rc::new(Prepared::of(self, leaf)?);
        self.leaves.borrow_mut().insert(leaf.number, Rc::clone(&prepared));
        Ok(prepared)
    }

    /// How a conjunction with graph patterns is searched, made once. The filter stays where it is
    /// while its statement runs, so its address is its name.
    pub fn conjunction(&self, members: &[Filter]) -> Rc<Conjunction> {
        let key = members.as_ptr() as usize;
        let mut known = self.conjunctions.borrow_mut();
        Rc::clone(known.entry(key).or_insert_with(|| Rc::new(Conjunction::of(members))))
    }

    /// What the contracts demand, and the thresholds.
    pub fn rules(&self) -> Result<&Rules> {
        if self.opened_rules.get().is_none() {
            let rules = (self.rules)()?;
            return Ok(self.opened_rules.get_or_init(|| rules));
        }
        Ok(self.opened_rules.get().expect("was filled above"))
    }

    /// The scores of all hexads in the present state, as far as they were measured.
    pub fn board(&self) -> Result<&Arc<Board>> {
        if self.board.get().is_none() {
            let rules = self.rules()?.hash;
            let check = || self.budget.tick();
            let board = if self.scan {
                Scoreboard::blank(self.view, rules, &check)?
            } else if let Some(mask) = self.view.mask() {
                let scored = || self.indexes.scores.at(self.view, rules, &check).map(Scored);
                Arc::clone(&mask.kept(scored)?.0)
            } else {
                self.indexes.scores.at(self.view, rules, &check)?
            };
            return Ok(self.board.get_or_init(|| board));
        }
        Ok(self.board.get().expect("was filled above"))
    }

    /// The drift scores of a hexad: those on the board, or measured now. The present state of a hexad
    /// that nothing has touched is never measured twice.
    pub fn drift(&self, entity: &Entity<'_>) -> Result<Measured> {
        let entry = if entity.is_present() { self.board()?.entry(entity.iid().0) } else { None };
        let Some(entry) = entry else { return drift::measure(self, entity) };
        if let Some(scores) = entry.scores() {
            for modality in Modality::ALL {
                self.view.note(modality, entity.iid());
            }
            return Ok(scores.clone());
        }
        let scores = drift::measure(self, entity)?;
        self.indexes.scores.touched();
        Ok(entry.measured(scores).clone())
    }

    /// The contracts a row satisfies, by name.
    pub fn satisfied_contracts(&self, row: &Row<'v>) -> Result<Vec<String>> {
        if self.opened_contracts.get().is_none() {
            let opened = (self.contracts)()?;
            self.opened_contracts.get_or_init(|| opened);
        }
        let mut names = vec![];
        for (name, filter) in self.opened_contracts.get().into_iter().flatten() {
            if eval::holds(self, filter, &eval::Env::of(row))? {
                names.push(name.clone());
            }
        }
        Ok(names)
    }
}
