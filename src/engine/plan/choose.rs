//! Chooses a plan by cost: which conjuncts are answered by indexes and in which order, which are left
//! to the rows, and whether rows are ranked before they are tested.
//!
//! Up to [`ALL_ORDERS`] conjuncts every set and order of indexes is weighed; of more the one that saves
//! most is added until none saves anything. The same choice is made again, with the rows that are
//! really there, while a plan runs.

use crate::engine::base::Modality;
use crate::engine::lang::resolve::Subject;
use crate::engine::plan::access::{self, Access, Facts};
use crate::engine::plan::cost::{Cost, Estimate, Origin, Units};
use crate::engine::plan::logical::{Filter, Leaf, Test};
use crate::engine::plan::physical::{
    Alternative, Choice, Finish, Goal, Plan, Search, Step, Why, only_ranks,
};
use crate::engine::plan::shape;
use crate::engine::plan::world::{Asking, Testing, World, asking, rows_of, testing};

/// Conjuncts with an index up to which all orders are weighed.
const ALL_ORDERS: usize = 5;
/// How many times slower or faster than its price a question may be believed to be.
const SLOWER: f64 = 8.0;
/// Alternatives that are told.
const TOLD: usize = 4;

/// A conjunct an index can say something about.
#[derive(Clone, Debug, PartialEq)]
struct Candidate {
    conjunct: usize,
    access: Access,
    exact: bool,
    settles: Vec<usize>,
    /// The share of all rows it leaves.
    share: f64,
    origin: Origin,
    asking: Asking,
    /// What it is about, without its constants.
    shape: String,
}

/// How the one ranking is made.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ranker {
    /// By nearness of vectors: for each candidate, for the graph (if it may be asked), of so many.
    Vector { each: f64, graph: Option<f64>, vectors: f64 },
    /// By words: so many documents have them.
    Text { postings: f64 },
    /// By distance: places there are.
    Place { places: f64 },
}

/// Everything a choice depends on, so that it can be made more than once.
#[derive(Clone, Debug, PartialEq)]
pub struct Chooser {
    total: f64,
    candidates: Vec<Candidate>,
    /// For each conjunct what testing it costs; `None` for what only ranks.
    tests: Vec<Option<Testing>>,
    /// The conjuncts in the order in which rows are tested by them.
    order: Vec<usize>,
    /// The conjunct that is the one ranking, when it is answered by it.
    ranked: Option<usize>,
    rankers: Vec<Ranker>,
    need: Option<f64>,
    recall: f64,
    units: Units,
    /// By how much sets of candidates were estimated wrong before, by their bits; empty for not at all.
    joint: Vec<f64>,
    /// The shape of each test.
    shapes: Vec<String>,
}

/// A set of indexes asked in an order, and what follows.
#[derive(Clone, Debug, PartialEq)]
struct Way {
    /// Numbers of candidates.
    steps: Vec<usize>,
    from: f64,
    asked: Cost,
    left: f64,
    end: End,
}

/// What follows after the steps.
#[derive(Clone, Copy, Debug, PartialEq)]
struct End {
    finish: Finish,
    reading: Cost,
    ranking: Cost,
    passing: f64,
    search: Search,
}

impl Way {
    fn cost(&self) -> Cost {
        self.asked + self.end.reading + self.end.ranking
    }

    fn micros(&self) -> f64 {
        self.cost().micros()
    }
}

impl Chooser {
    /// Of a filter over a source of `total` rows.
    pub fn new(
        filter: &Filter,
        facts: &Facts,
        total: u64,
        goal: &Goal,
        world: &mut dyn World,
    ) -> Self {
        let population = world.population().max(1.0);
        let conjuncts = filter.conjuncts();
        let members = access::members(filter, facts);
        let mut candidates = vec![];
        let learns = world.has_learned();
        for (conjunct, access::Member { access, settles }) in members.into_iter().enumerate() {
            if access == Access::All {
                continue;
            }
            let exact = access::exact(&access);
            let (mut rows, mut origin) = rows_of(&access, world);
            // A guess is wrong in another way than what statistics say.
            let shape = format!("{} ({origin})", shape::of_access(&conjuncts[conjunct], &access));
            let mut asking = asking(&access, world);
            if learns {
                // What an index has counted needs no correction.
                if let (true, Some(factor)) = (origin < Origin::Counted, world.learned(&shape)) {
                    rows *= factor;
                    origin = Origin::Learned;
                }
                let time = world.learned(&timed(&shape)).unwrap_or(1.0);
                asking = asking.times(time.clamp(1.0 / SLOWER, SLOWER));
            }
            let share = (rows / population).clamp(0.0, 1.0);
            candidates.push(Candidate {
                conjunct,
                access,
                exact,
                settles,
                share,
                origin,
                asking,
                shape,
            });
        }
        let joint = if learns { joint(&candidates, world) } else { vec![] };
        let mut tests: Vec<Option<Testing>> = conjuncts
            .iter()
            .map(|member| (!only_ranks(member)).then(|| testing(member, world)))
            .collect();
        let shapes: Vec<String> = conjuncts.iter().map(shape::of_filter).collect();
        for (test, shape) in tests.iter_mut().zip(&shapes) {
            if let (true, Some(test)) = (learns, test)
                && let Some(factor) = world.learned(&tested_by(shape))
            {
                test.share = (test.share * factor).clamp(0.0, 1.0);
            }
        }
        for candidate in candidates.iter().filter(|c| c.exact) {
            if let Some(Some(test)) = tests.get_mut(candidate.conjunct) {
                test.share = candidate.share;
            }
        }
        let single = match goal.rankings.as_slice() {
            [one] => Some(one.number),
            _ => None,
        };
        let ranked = conjuncts.iter().position(|member| {
            matches!(member, Filter::Leaf(leaf) if Some(leaf.number) == single && answers(leaf))
        });
        let rankers = goal.rankings.iter().filter_map(|leaf| ranker(leaf, world)).collect();
        let units = world.units().clone();
        let mut order: Vec<usize> =
            tests.iter().enumerate().filter(|(_, t)| t.is_some()).map(|(i, _)| i).collect();
        order.sort_by(|a, b| {
            let worth = |at: &usize| tests[*at].as_ref().map_or((false, 0.0), |t| worth(t, &units));
            let (a, b) = (worth(a), worth(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        Self {
            total: total as f64,
            candidates,
            tests,
            order,
            ranked,
            rankers,
            need: goal.need.map(|n| n as f64),
            recall: world.recall(),
            units,
            joint,
            shapes,
        }
    }

    /// What the conjuncts `asked` of indexes, taken together, are about.
    pub fn shape_of(&self, asked: &[usize]) -> String {
        let shapes = self.candidates.iter().filter(|c| asked.contains(&c.conjunct));
        together_as(shapes.map(|c| c.shape.as_str()).collect())
    }

    /// What asking one index is about, for what is learned of its time.
    pub fn time_of(&self, conjunct: usize) -> String {
        timed(&self.shape_of(&[conjunct]))
    }

    /// What the one conjunct rows are tested by is about, and the share that should pass; nothing when
    /// there are several.
    pub fn tested_alone(&self, residual: &[usize]) -> Option<(String, f64)> {
        let [one] = residual else { return None };
        let share = self.tests.get(*one)?.as_ref()?.share;
        Some((tested_by(self.shapes.get(*one)?), share))
    }

    /// The cheapest plan.
    pub fn plan(&self) -> Plan {
        let mut ways = self.ways(&[], self.total);
        ways.sort_by(|a, b| a.micros().total_cmp(&b.micros()));
        let mut ways = ways.into_iter();
        let best = ways.next().unwrap_or_else(|| self.way(&[], vec![], self.total));
        let others: Vec<Way> = ways.collect();
        let mut plan = self.described(&best, &[]);
        plan.choices = self.choices(&best, &others);
        plan.alternatives = others
            .iter()
            .take(TOLD)
            .map(|way| Alternative {
                steps: way.steps.iter().map(|at| self.candidates[*at].conjunct).collect(),
                finish: way.end.finish,
                cost: way.cost(),
                rows: way.left.ceil() as u64,
            })
            .collect();
        plan
    }

    /// The cheapest way on from `left` rows, when the conjuncts `asked` have been asked of indexes
    /// already, with or without an answer.
    pub fn onward(&self, asked: &[usize], left: u64) -> Plan {
        let before: Vec<usize> = (0..self.candidates.len())
            .filter(|at| asked.contains(&self.candidates[*at].conjunct))
            .collect();
        let ways = self.ways(&before, left as f64);
        let best = ways.into_iter().min_by(|a, b| a.micros().total_cmp(&b.micros()));
        let best = best.unwrap_or_else(|| self.way(&before, vec![], left as f64));
        self.described(&best, &before)
    }

    /// Every plan there is: each set of indexes in each order, with each finish. For tests that all of
    /// them answer the same.
    #[cfg(test)]
    pub fn every(&self) -> Vec<Plan> {
        let mut plans = vec![];
        let mut begun = vec![vec![]];
        while let Some(steps) = begun.pop() {
            for at in 0..self.candidates.len() {
                if !steps.contains(&at) {
                    let mut longer: Vec<usize> = steps.clone();
                    longer.push(at);
                    begun.push(longer);
                }
            }
            let left = self.left(&[], &steps, self.total);
            for end in self.ends(&steps, left) {
                let (asked, from) = (Cost::NONE, self.total);
                let way = Way { steps: steps.clone(), from, asked, left, end };
                plans.push(self.described(&way, &[]));
            }
        }
        plans
    }

    /// The ways worth weighing from `from` rows on, after the candidates `before`.
    fn ways(&self, before: &[usize], from: f64) -> Vec<Way> {
        let open: Vec<usize> =
            (0..self.candidates.len()).filter(|at| !before.contains(at)).collect();
        if open.len() > ALL_ORDERS {
            return self.greedy(before, &open, from);
        }
        // The best order of each set: whatever its last member is, the others stand in their own best.
        let sets = 1_usize << open.len();
        let mut best: Vec<Option<Way>> = vec![None; sets];
        best[0] = Some(self.way(before, vec![], from));
        for set in 1..sets {
            let members = (0..open.len()).filter(|bit| set & (1 << bit) != 0);
            let mut cheapest: Option<(f64, usize)> = None;
            for bit in members {
                let Some(shorter) = &best[set & !(1 << bit)] else { continue };
                let step = self.candidates[open[bit]].asking.within(shorter.left);
                let micros = shorter.asked.micros() + step.micros();
                if cheapest.is_none_or(|(least, _)| micros < least) {
                    cheapest = Some((micros, bit));
                }
            }
            if let Some((_, bit)) = cheapest
                && let Some(shorter) = &best[set & !(1 << bit)]
            {
                let mut steps = shorter.steps.clone();
                steps.push(open[bit]);
                best[set] = Some(self.way(before, steps, from));
            }
        }
        best.into_iter().flatten().collect()
    }

    fn greedy(&self, before: &[usize], open: &[usize], from: f64) -> Vec<Way> {
        let mut ways = vec![self.way(before, vec![], from)];
        let mut current = ways[0].clone();
        loop {
            let longer = open.iter().filter(|at| !current.steps.contains(at)).map(|at| {
                let mut steps = current.steps.clone();
                steps.push(*at);
                self.way(before, steps, from)
            });
            let Some(next) = longer.min_by(|a, b| a.micros().total_cmp(&b.micros())) else {
                return ways;
            };
            let better = next.micros() < current.micros();
            ways.push(next.clone());
            if !better {
                return ways;
            }
            current = next;
        }
    }

    fn way(&self, before: &[usize], steps: Vec<usize>, from: f64) -> Way {
        let mut asked = Cost::NONE;
        for (number, at) in steps.iter().enumerate() {
            asked += self.candidates[*at].asking.within(self.left(before, &steps[..number], from));
        }
        let left = self.left(before, &steps, from);
        let all: Vec<usize> = before.iter().chain(&steps).copied().collect();
        let end = self
            .ends(&all, left)
            .into_iter()
            .min_by(|a, b| {
                (a.reading + a.ranking).micros().total_cmp(&(b.reading + b.ranking).micros())
            })
            .unwrap_or_else(|| self.test_all(&all, left));
        Way { steps, from, asked, left, end }
    }

    /// Rows left of `from` after steps; of what was asked before, `from` speaks.
    fn left(&self, before: &[usize], steps: &[usize], from: f64) -> f64 {
        let mut shares: Vec<f64> = steps.iter().map(|at| self.candidates[*at].share).collect();
        shares.sort_by(f64::total_cmp);
        let mut exponent = if before.is_empty() { 1.0 } else { 0.5 };
        let mut left = from;
        for share in shares {
            left *= share.powf(exponent);
            exponent /= 2.0;
        }
        if self.joint.is_empty() || steps.is_empty() {
            return left;
        }
        let bits = |of: &[usize]| of.iter().fold(0, |bits, at| bits | 1_usize << at);
        let (then, now) = (bits(before), bits(before) | bits(steps));
        let learned = |bits: usize| self.joint.get(bits).copied().unwrap_or(1.0);
        (left * learned(now) / learned(then)).min(from)
    }

    /// The conjuncts that rows have to be tested by after these candidates were asked.
    fn residual(&self, steps: &[usize], rank_first: bool) -> Vec<usize> {
        let answered = |conjunct: usize| {
            steps
                .iter()
                .map(|at| &self.candidates[*at])
                .any(|c| c.exact && (c.conjunct == conjunct || c.settles.contains(&conjunct)))
        };
        let by_rank = |conjunct: usize| rank_first && self.ranked == Some(conjunct);
        self.order.iter().copied().filter(|c| !answered(*c) && !by_rank(*c)).collect()
    }

    /// What reading a row and testing it by these conjuncts costs, and the share of rows that pass.
    fn tested(&self, residual: &[usize]) -> (Cost, f64) {
        let mut cost = Cost::engine(self.units.header);
        let (mut pass, mut exponent) = (1.0_f64, 1.0_f64);
        let mut read = [false; Modality::ALL.len()];
        for test in residual.iter().filter_map(|at| self.tests.get(*at)?.as_ref()) {
            cost += test.cost(read, &self.units) * pass;
            read.iter_mut().zip(test.reads).for_each(|(read, more)| *read |= more);
            pass *= test.share.clamp(0.0, 1.0).powf(exponent);
            exponent /= 2.0;
        }
        (cost, pass)
    }

    fn ends(&self, steps: &[usize], left: f64) -> Vec<End> {
        let mut ends = vec![];
        match (self.need, self.rankers.as_slice()) {
            (Some(need), []) => ends.push(self.until_enough(steps, left, need)),
            (Some(need), [one]) if self.ranks_first(steps) => {
                ends.push(self.rank_first(steps, left, need, *one));
                ends.push(self.test_all(steps, left));
            }
            _ => ends.push(self.test_all(steps, left)),
        }
        ends
    }

    /// Ranking first pays where something is left to test, or the ranking answers something itself.
    fn ranks_first(&self, steps: &[usize]) -> bool {
        !self.residual(steps, false).is_empty()
    }

    fn test_all(&self, steps: &[usize], left: f64) -> End {
        let residual = self.residual(steps, false);
        let (each, pass) = self.tested(&residual);
        let reading = if residual.is_empty() { Cost::NONE } else { each * left };
        let passing = left * pass;
        let mut ranking = Cost::NONE;
        let mut search = Search::None;
        for ranker in &self.rankers {
            let (cost, how) = self.ranking(*ranker, passing, self.need.unwrap_or(passing));
            ranking += cost;
            if how != Search::None {
                search = how;
            }
        }
        End { finish: Finish::TestAll, reading, ranking, passing, search }
    }

    fn until_enough(&self, steps: &[usize], left: f64, need: f64) -> End {
        let residual = self.residual(steps, false);
        let (each, pass) = self.tested(&residual);
        let names = self.units.name * left + self.units.sort * left * left.max(2.0).log2();
        let reads = if residual.is_empty() { 0.0 } else { (need / pass.max(1e-9)).min(left) };
        End {
            finish: if residual.is_empty() { Finish::TestAll } else { Finish::TestUntilEnough },
            reading: each * reads + Cost::engine(names),
            ranking: Cost::NONE,
            passing: left * pass,
            search: Search::None,
        }
    }

    fn rank_first(&self, steps: &[usize], left: f64, need: f64, ranker: Ranker) -> End {
        let residual = self.residual(steps, true);
        let (each, pass) = self.tested(&residual);
        let depth = (need / pass.max(1e-9)).min(left);
        // Who has to look further asks again for four times as many.
        let rounds = 1.0 + (depth / (2.0 * need).max(32.0)).max(1.0).log(4.0).ceil();
        let (once, search) = self.ranking(ranker, left, depth);
        let reading = if residual.is_empty() { Cost::NONE } else { each * depth };
        let passing = left * pass;
        End { finish: Finish::RankFirst, reading, ranking: once * rounds, passing, search }
    }

    /// Ranking `rows` rows for the best `most`.
    fn ranking(&self, ranker: Ranker, rows: f64, most: f64) -> (Cost, Search) {
        let units = &self.units;
        match ranker {
            Ranker::Vector { each, graph, vectors } => {
                let scanned = rows.min(vectors);
                let scan = units.probe + scanned * each;
                let approximate = graph.filter(|graph| {
                    *graph < scan && scanned * 2.0 >= vectors && most * 4.0 <= 512.0
                });
                match approximate {
                    Some(graph) => {
                        (Cost::of(Modality::Vector, graph), Search::Approximate(self.recall))
                    }
                    None => (Cost::of(Modality::Vector, scan), Search::Exact),
                }
            }
            Ranker::Text { postings } => {
                let micros = units.probe + postings * units.score_text;
                (Cost::of(Modality::Document, micros), Search::None)
            }
            Ranker::Place { places } => {
                // Outwards from the point until enough of those wanted were met.
                let met = (most * places / rows.max(1.0)).min(places);
                (Cost::of(Modality::Spatial, units.probe + met * units.place), Search::None)
            }
        }
    }

    /// A way as a plan.
    fn described(&self, way: &Way, before: &[usize]) -> Plan {
        let mut steps = vec![];
        for (number, at) in way.steps.iter().enumerate() {
            let candidate = &self.candidates[*at];
            let here = self.left(before, &way.steps[..number], way.from);
            let rows = self.left(before, &way.steps[..=number], way.from);
            steps.push(Step {
                conjunct: candidate.conjunct,
                access: candidate.access.clone(),
                estimate: (candidate.share * self.total).ceil() as u64,
                exact: candidate.exact,
                settles: candidate.settles.clone(),
                expected: Estimate {
                    rows,
                    selectivity: candidate.share,
                    cost: candidate.asking.within(here),
                    origin: candidate.origin,
                },
            });
        }
        let all: Vec<usize> = before.iter().chain(&way.steps).copied().collect();
        let share = |rows: f64| rows / self.total.max(1.0);
        let estimate = |cost| Estimate {
            rows: way.end.passing,
            selectivity: share(way.end.passing),
            cost,
            origin: self.candidates.iter().map(|c| c.origin).min().unwrap_or_default(),
        };
        Plan {
            total: self.total as u64,
            steps,
            residual: self.residual(&all, way.end.finish == Finish::RankFirst),
            rows: (way.left.ceil() as u64).min(self.total as u64),
            finish: way.end.finish,
            reading: estimate(way.end.reading),
            ranking: (!self.rankers.is_empty()).then(|| estimate(way.end.ranking)),
            search: way.end.search,
            cost: way.cost(),
            rules: vec![],
            choices: vec![],
            alternatives: vec![],
        }
    }

    /// Why each conjunct is asked of an index, or not.
    fn choices(&self, best: &Way, others: &[Way]) -> Vec<Choice> {
        let mut choices = vec![];
        for conjunct in 0..self.tests.len() {
            let at = self.candidates.iter().position(|c| c.conjunct == conjunct);
            let settled =
                best.steps.iter().any(|s| self.candidates[*s].settles.contains(&conjunct));
            let asked = at.is_some_and(|at| best.steps.contains(&at));
            let other = others
                .iter()
                .filter(|way| at.is_some_and(|at| way.steps.contains(&at) != asked))
                .map(Way::micros)
                .fold(f64::INFINITY, f64::min);
            let difference = (other - best.micros()).max(0.0);
            let why = match at {
                _ if settled => Why::Settled,
                _ if best.end.finish == Finish::RankFirst
                    && !asked
                    && self.ranked == Some(conjunct) =>
                {
                    Why::Ranked
                }
                None => Why::NoIndex,
                Some(_) if asked => Why::Saves(difference),
                Some(_) => Why::Costs(difference),
            };
            choices.push(Choice { conjunct, why });
        }
        choices
    }
}

/// The shape under which the time of a question is remembered.
fn timed(shape: &str) -> String {
    format!("time of {shape}")
}

/// The shape under which the share of rows that pass a test is remembered.
fn tested_by(shape: &str) -> String {
    format!("test of {shape}")
}

fn together_as(mut shapes: Vec<&str>) -> String {
    shapes.sort_unstable();
    shapes.join(" & ")
}

/// What was learned of each set of candidates beyond what was learned of each of them.
fn joint(candidates: &[Candidate], world: &mut dyn World) -> Vec<f64> {
    if candidates.len() > ALL_ORDERS {
        return vec![];
    }
    let factor = |set: usize| {
        if set.count_ones() < 2 {
            return 1.0;
        }
        let members = (0..candidates.len()).filter(|at| set & (1 << at) != 0);
        let shapes = members.map(|at| candidates[at].shape.as_str()).collect();
        world.learned(&together_as(shapes)).unwrap_or(1.0)
    };
    (0..1_usize << candidates.len()).map(factor).collect()
}

/// What is tested first: what leaves most out for its price, and late tests last.
fn worth(test: &Testing, units: &Units) -> (bool, f64) {
    let cost = test.cost([false; Modality::ALL.len()], units).micros();
    (test.late, cost / (1.0 - test.share).max(0.001))
}

/// Whether a ranking says itself which rows pass its test.
fn answers(leaf: &Leaf) -> bool {
    match &leaf.test {
        Test::FullText(_) => true,
        Test::Similar(search) => search.subject == Subject::Row,
        _ => false,
    }
}

fn ranker(leaf: &Leaf, world: &mut dyn World) -> Option<Ranker> {
    match &leaf.test {
        Test::Similar(search) => {
            let dimensions = world.dimensions(&search.embedding);
            let has_graph = world.recall() < 1.0 && world.has_graph(&search.embedding);
            let vectors = world.present(Modality::Vector);
            let units = world.units();
            Some(Ranker::Vector {
                each: units.vector_code * dimensions / 384.0,
                graph: has_graph.then_some(units.vector_graph),
                vectors,
            })
        }
        Test::FullText(_) => {
            let probe = access::Probe {
                leaf: std::sync::Arc::new(leaf.clone()),
                ask: access::Ask::Text,
                exact: true,
            };
            Some(Ranker::Text { postings: world.rows(&probe).0 })
        }
        Test::NearestPoint { .. } => {
            Some(Ranker::Place { places: world.present(Modality::Spatial) })
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "choose_tests.rs"]
mod tests;
