//! One hexad brought back together on a view: what drifted is made again, tried over the view,
//! measured again, and kept only when it helped.
//!
//! Nothing is committed here. A view that was tried on shows its own state again at the end.

mod around;
pub mod book;
mod concern;
mod cycle;
mod sweep;

pub use cycle::Knots;
pub use sweep::sweep;

use std::collections::BTreeMap;

use crate::engine::base::{Error, Iid, Kind, Modality, ModalitySet, Result, Value};
use crate::engine::drift::{DriftKind, Evidence, Finding, Report};
use crate::engine::exec::entity::Entity;
use crate::engine::exec::statement::{Job, policy};
use crate::engine::exec::{content, drift};
use crate::engine::hexad::assemble::CONTENTS;
use crate::engine::hexad::{Change, Draft, ProvenanceInput, Stored};
use crate::engine::modality::temporal::diff::{self, Difference};
use crate::engine::normalize::make::{self, Known, Made, Making, Subject};
use crate::engine::normalize::trail::{Scored, Touched};
use crate::engine::normalize::{Candidate, Effective, Policy, Retraction, Strategy, merge};
use crate::engine::plan::logical::When;
use crate::engine::store::{View, WriteSet};

use around::Surroundings;

/// The order in which kinds of drift are repaired: what others are made from comes first.
const ORDER: [DriftKind; 7] = [
    DriftKind::Schema,
    DriftKind::GraphDocument,
    DriftKind::Spatial,
    DriftKind::Tensor,
    DriftKind::SemanticVector,
    DriftKind::Temporal,
    DriftKind::Provenance,
];

/// The order in which modalities that are not there are made.
const FILLED: [Modality; 5] =
    [Modality::Document, Modality::Semantic, Modality::Graph, Modality::Spatial, Modality::Vector];

/// The property that names the retracted hexads one cites.
const FLAG: &str = "cites_retracted";

/// Evidence names only the first of many faults: a repair may need several rounds.
const ROUNDS: usize = 64;

/// What the statement asks for beside the policies.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// `FROM modality`
    pub from: Option<Modality>,
    /// `USING STRATEGY`
    pub strategy: Option<Strategy>,
    /// Somebody decided: what users wrote may be replaced, and no score is too high.
    pub decided: bool,
    /// Only this kind.
    pub only: Option<DriftKind>,
    /// Only what follows from hexads that were retracted or reinstated.
    pub retractions: bool,
}

/// Repairs hexads for one statement.
pub struct Repairer<'j> {
    job: &'j Job<'j>,
    policies: Vec<Policy>,
    wish: Wish,
}

/// Something that was put right.
#[derive(Clone, Debug, PartialEq)]
pub struct Fixed {
    /// A kind of drift, or what else it was.
    pub about: String,
    /// The kind.
    pub kind: Option<DriftKind>,
    /// The score before.
    pub before: Option<f64>,
    /// The score after; `None` when there is nothing left to measure.
    pub after: Option<f64>,
    /// What was done.
    pub how: String,
}

/// Something that is left to people.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// What it is about.
    pub about: String,
    /// The modality that would have to change.
    pub target: Modality,
    /// What it is held against.
    pub sources: Vec<Modality>,
    /// Why.
    pub reason: String,
    /// The score.
    pub score: Option<f64>,
    /// What could be right.
    pub candidates: Vec<Candidate>,
}

/// The questions that an examination answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covered {
    /// One kind of drift, or none.
    Part,
    /// What the hexad cites.
    Retractions,
    /// All of them.
    Whole,
}

/// What a conflict over citations that lead back is about.
const CYCLE: &str = "citation cycle";
/// What a conflict over a retracted hexad is about, before its id.
const RETRACTED: &str = "retracted ";

impl Covered {
    /// Whether a question about this was asked.
    pub fn asks(self, about: &str) -> bool {
        match self {
            Self::Part => false,
            Self::Retractions => about.starts_with(RETRACTED),
            Self::Whole => true,
        }
    }
}

/// What came of looking at a hexad.
#[derive(Clone, Debug)]
pub struct Examined {
    /// The hexad.
    pub iid: Iid,
    /// Its id.
    pub id: String,
    /// The policies that were followed.
    pub policy: Vec<String>,
    /// What was looked at: of that, what is not open is settled.
    pub covered: Covered,
    /// What to write; empty for nothing.
    pub changes: Vec<Change>,
    /// What that puts right.
    pub fixed: Vec<Fixed>,
    /// What is left open.
    pub open: Vec<Open>,
    /// What changes, by modality and name.
    pub differences: Vec<Difference>,
    /// The records that change, as they were and as they will be.
    pub touched: Vec<Touched>,
}

impl Examined {
    /// The scores, for the trail.
    pub fn scores(&self) -> Vec<Scored> {
        let scored = |fixed: &Fixed| Scored {
            kind: fixed.about.clone(),
            before: fixed.before,
            after: fixed.after,
        };
        self.fixed.iter().map(scored).collect()
    }
}

/// The work on one hexad.
struct Bench<'r, 'j> {
    repairer: &'r Repairer<'j>,
    iid: Iid,
    effective: Effective,
    /// What the hexad was found to be.
    first: Report,
    /// What helped so far.
    accepted: Vec<Change>,
    fixed: Vec<Fixed>,
    open: Vec<Open>,
}

impl<'j> Repairer<'j> {
    /// With the policies that a view shows.
    pub fn new(job: &'j Job<'j>, view: &View, wish: Wish) -> Result<Self> {
        Ok(Self { job, policies: policy::all(view)?, wish })
    }

    /// The report of a live hexad in the state a view shows.
    pub fn report(&self, view: &View, iid: Iid) -> Result<Option<Report>> {
        self.job.within(view, When::Now, |ctx| match Entity::now(ctx.view, iid)? {
            Some(entity) if entity.header().deleted_at.is_none() => {
                drift::report(ctx, &entity).map(Some)
            }
            _ => Ok(None),
        })
    }

    /// The policy in force for a hexad.
    pub fn effective(&self, view: &View, iid: Iid) -> Result<Effective> {
        match Entity::now(view, iid)? {
            Some(entity) => self.effective_of(&entity),
            None => Ok(Effective::general(&self.policies)),
        }
    }

    fn effective_of(&self, entity: &Entity<'_>) -> Result<Effective> {
        let types = entity.semantic()?.map(|s| s.types.clone()).unwrap_or_default();
        let effective = Effective::of(&self.policies, entity.id().as_str(), &types);
        Ok(match self.wish.strategy {
            Some(strategy) => effective.with_strategy(strategy),
            None => effective,
        })
    }

    /// Looks at a hexad and finds out what to write and what to ask. `None` when it is not there.
    ///
    /// The view must show a commit and nothing over it; it does so again at the end.
    pub fn examine(&self, view: &mut View, iid: Iid) -> Result<Option<Examined>> {
        view.set_overlay(None);
        let examined = self.examine_on(view, iid);
        view.set_overlay(None);
        examined
    }

    fn examine_on(&self, view: &mut View, iid: Iid) -> Result<Option<Examined>> {
        let Some(first) = self.report(view, iid)? else { return Ok(None) };
        let effective = self.effective(view, iid)?;
        let id = view.id_of(iid)?.map(|id| (*id).to_owned()).unwrap_or_default();
        let mut bench = Bench {
            repairer: self,
            iid,
            effective,
            first,
            accepted: Vec::new(),
            fixed: Vec::new(),
            open: Vec::new(),
        };
        let covered = match self.wish {
            Wish { retractions: true, .. } => Covered::Retractions,
            Wish { only: Some(_), .. } => Covered::Part,
            _ => Covered::Whole,
        };
        bench.everything(view, covered)?;
        bench.judge(view)?;
        let policy = bench.effective.names();
        let (touched, differences) = compare(view, iid)?;
        let Bench { accepted: changes, fixed, open, .. } = bench;
        Ok(Some(Examined { iid, id, policy, covered, changes, fixed, open, differences, touched }))
    }

    /// What stated changes would do: the score of a kind before and after, the records that change,
    /// and how.
    #[expect(clippy::type_complexity, reason = "two scores and two lists")]
    pub fn rehearse(
        &self,
        view: &mut View,
        iid: Iid,
        changes: &[Change],
        kind: Option<DriftKind>,
    ) -> Result<(Option<f64>, Option<f64>, Vec<Touched>, Vec<Difference>)> {
        let score = |view: &View| -> Result<Option<f64>> {
            let report = self.report(view, iid)?;
            Ok(kind.and_then(|kind| report?.score(kind)))
        };
        view.set_overlay(None);
        let before = score(view)?;
        self.lay(view, iid, changes)?;
        let after = score(view)?;
        let (touched, differences) = compare(view, iid)?;
        view.set_overlay(None);
        Ok((before, after, touched, differences))
    }

    /// What is written of a hexad when these changes are made.
    fn draft(&self, view: &View, iid: Iid, changes: &[Change]) -> Result<WriteSet> {
        let mut draft = Draft::new(view, self.job.author())?;
        let mut all = changes.to_vec();
        all.push(Change::Event(event("normalized")));
        draft.update(iid, all)?;
        Ok(draft.finish())
    }

    /// Shows the hexad with these changes.
    fn lay(&self, view: &mut View, iid: Iid, changes: &[Change]) -> Result<()> {
        view.set_overlay(None);
        if changes.is_empty() {
            return Ok(());
        }
        let writes = self.draft(view, iid, changes)?;
        view.lay(&writes)
    }

    /// Hands over the hexad as a view shows it.
    fn with<T>(
        &self,
        view: &View,
        iid: Iid,
        effective: &Effective,
        damaged: ModalitySet,
        act: impl FnOnce(&Subject<'_>) -> Result<T>,
    ) -> Result<T> {
        self.job.within(view, When::Now, |ctx| {
            let Some(entity) = Entity::now(ctx.view, iid)? else {
                return Err(Error::new(Kind::InternalError, "a hexad that went while it was read"));
            };
            let mut records = Vec::new();
            for modality in entity.present().iter().filter(|m| CONTENTS.contains(m)) {
                if let Some(record) = ctx.view.record(modality, iid)? {
                    let (producer, written) = (record.meta.producer, record.updated_at);
                    records.push(Known { modality, producer, written });
                }
            }
            let around = Surroundings { job: self.job, ctx, iid };
            act(&Subject {
                id: entity.id().as_str(),
                document: entity.document()?,
                vector: entity.vector()?,
                graph: entity.graph()?,
                semantic: entity.semantic()?,
                tensor: entity.tensor()?,
                place: entity.spatial()?,
                versions: entity.versions()?,
                events: entity.events()?,
                records: &records,
                around: &around,
                policy: effective,
                from: self.wish.from,
                decided: self.wish.decided,
                damaged,
            })
        })
    }

    /// The retracted hexads that a hexad cites, as a view shows it.
    fn retracted(&self, view: &View, iid: Iid, effective: &Effective) -> Result<Vec<String>> {
        self.job.within(view, When::Now, |ctx| match Entity::now(ctx.view, iid)? {
            Some(entity) => self.cited(ctx, &entity, effective),
            None => Ok(Vec::new()),
        })
    }
}

/// What a view shows differently with what is laid over it.
fn compare(view: &mut View, iid: Iid) -> Result<(Vec<Touched>, Vec<Difference>)> {
    let Some(laid) = view.overlay().cloned() else { return Ok((Vec::new(), Vec::new())) };
    let state = |view: &View| -> Result<BTreeMap<Modality, (Option<Stored>, Value)>> {
        let mut all = BTreeMap::new();
        let Some(entity) = Entity::now(view, iid)? else { return Ok(all) };
        for modality in CONTENTS {
            let stored = view.record(modality, iid)?.map(|record| Stored {
                body: record.body,
                producer: record.meta.producer,
                derived_from: record.meta.derived_from,
            });
            let stored = stored.filter(|_| entity.present().contains(modality));
            all.insert(modality, (stored, content::modality(&entity, modality)?));
        }
        Ok(all)
    };
    let after = state(view)?;
    view.set_overlay(None);
    let before = state(view)?;
    view.set_overlay(Some(laid));
    let (mut touched, mut differences) = (Vec::new(), Vec::new());
    for (modality, (was, said)) in before {
        let Some((is, says)) = after.get(&modality) else { continue };
        for mut difference in diff::diff(&said, says) {
            difference.path.insert(0, modality.name().to_owned());
            differences.push(difference);
        }
        if was != *is {
            let after = is.as_ref().map(|s| crate::engine::base::ContentHash::of(&s.body));
            touched.push(Touched { modality, before: was, after });
        }
    }
    Ok((touched, differences))
}

/// An event with nothing but its type.
pub(super) fn event(word: &str) -> ProvenanceInput {
    ProvenanceInput { event: word.to_owned(), ..ProvenanceInput::default() }
}

/// Refusals of what was made, as opposed to trouble with the database.
fn is_refusal(error: &Error) -> bool {
    matches!(
        error.kind,
        Kind::VectorDimensionMismatch
            | Kind::ConstraintViolation
            | Kind::FieldTypeMismatch
            | Kind::InvalidInput
            | Kind::InvalidVector
            | Kind::InvalidCoordinates
            | Kind::ShapeMismatch
            | Kind::InvalidHexadId
    )
}

/// The modalities whose own faults keep others from following them.
fn damaged(report: &Report, but: Option<DriftKind>) -> ModalitySet {
    let mut all = ModalitySet::EMPTY;
    for finding in report.drifted().into_iter().filter(|f| Some(f.kind) != but) {
        for evidence in &finding.evidence {
            let pointed = evidence.modalities();
            // What two modalities share says nothing of which of them is wrong.
            if pointed.iter().count() == 1 {
                all = all.union(pointed);
            }
        }
    }
    all
}

/// The kinds that drifted only since, those left out that are repaired later anyway.
fn harmed(before: &Report, after: &Report, later: &[DriftKind]) -> Option<DriftKind> {
    let fine = |kind: DriftKind| !before.get(kind).is_some_and(Finding::drifted);
    let new =
        |f: &&&Finding| f.kind != DriftKind::Quality && fine(f.kind) && !later.contains(&f.kind);
    let drifted = after.drifted();
    drifted.iter().find(new).map(|finding| finding.kind)
}

/// Why somebody has to decide, behind what was found: whoever decides reads nothing else.
fn told(found: Option<String>, reason: String) -> String {
    match found {
        Some(found) if !reason.starts_with(&found) => format!("{found}; {reason}"),
        _ => reason,
    }
}

impl Bench<'_, '_> {
    fn report(&self, view: &View) -> Result<Report> {
        Ok(self.repairer.report(view, self.iid)?.unwrap_or_default())
    }

    /// Shows the hexad with what was accepted and some more; the reason when that is refused.
    fn try_with(&self, view: &mut View, more: &[Change]) -> Result<Result<Report, String>> {
        let all: Vec<Change> = self.accepted.iter().chain(more).cloned().collect();
        match self.repairer.lay(view, self.iid, &all) {
            Ok(()) => Ok(Ok(self.report(view)?)),
            Err(error) if is_refusal(&error) => {
                self.show(view)?;
                Ok(Err(error.message))
            }
            Err(error) => Err(error),
        }
    }

    /// Shows the hexad with what was accepted.
    fn show(&self, view: &mut View) -> Result<()> {
        self.repairer.lay(view, self.iid, &self.accepted)
    }

    fn with<T>(
        &self,
        view: &View,
        damaged: ModalitySet,
        act: impl FnOnce(&Subject<'_>) -> Result<T>,
    ) -> Result<T> {
        self.repairer.with(view, self.iid, &self.effective, damaged, act)
    }

    /// Goes through what the wish asks for.
    fn everything(&mut self, view: &mut View, covered: Covered) -> Result<()> {
        if covered == Covered::Whole {
            self.contradictions(view)?;
        }
        let only = self.repairer.wish.only;
        let wanted = |kind: &DriftKind| only.is_none_or(|only| only == *kind);
        if covered != Covered::Retractions {
            for kind in ORDER.into_iter().filter(wanted) {
                self.kind(view, kind)?;
            }
        }
        if covered == Covered::Whole {
            for modality in FILLED {
                self.fill(view, modality)?;
            }
        }
        if covered != Covered::Part {
            self.retractions(view)?;
        }
        if covered == Covered::Whole {
            self.cycle(view)?;
        }
        Ok(())
    }

    /// Brings one kind of drift down, or leaves it open.
    fn kind(&mut self, view: &mut View, kind: DriftKind) -> Result<()> {
        let before = self.report(view)?;
        let Some(finding) = before.get(kind).filter(|f| f.drifted()) else { return Ok(()) };
        let score = finding.score;
        // What a contract wants is in the reason already.
        let said = finding.evidence.first().filter(|_| kind != DriftKind::Schema);
        let why = said.map(Evidence::describe);
        let high = self.effective.queue_from().filter(|from| score >= *from);
        if let Some(from) = high.filter(|_| !self.repairer.wish.decided) {
            let reason =
                format!("the score {score:.2} is not below {from:.2}: somebody has to decide");
            self.leave(kind, score, told(why, reason), Vec::new());
            return Ok(());
        }
        match self.bring_down(view, kind, &before)? {
            Ok((made, after)) => {
                self.accepted.extend(made.changes);
                let (about, kind) = (kind.name().to_owned(), Some(kind));
                let (before, how) = (Some(score), made.how);
                self.fixed.push(Fixed { about, kind, before, after, how });
            }
            Err((reason, candidates)) => {
                self.leave(kind, score, told(why, reason), candidates);
                self.show(view)?;
            }
        }
        Ok(())
    }

    /// Rounds of making and measuring until the score is not above its threshold. The view then shows
    /// the result; otherwise why it cannot be done.
    #[expect(clippy::type_complexity, reason = "what was made and its score, or why not")]
    fn bring_down(
        &self,
        view: &mut View,
        kind: DriftKind,
        before: &Report,
    ) -> Result<Result<(Made, Option<f64>), (String, Vec<Candidate>)>> {
        let mut made = Made { changes: Vec::new(), how: String::new() };
        let mut report = before.clone();
        for _ in 0..ROUNDS {
            let Some(finding) = report.get(kind).filter(|f| f.drifted()) else { break };
            let hurt = damaged(&report, Some(kind));
            let more = match self.with(view, hurt, |subject| make::make(subject, finding))? {
                Making::Made(more) => more,
                Making::Cannot(reason) => return Ok(Err((reason, Vec::new()))),
                Making::Undecided(reason, candidates) => return Ok(Err((reason, candidates))),
            };
            let (score, threshold) = (finding.score, finding.threshold);
            made.changes.extend(more.changes);
            if made.how.is_empty() {
                made.how = more.how;
            } else if !made.how.contains(&more.how) {
                made.how = format!("{}, {}", made.how, more.how);
            }
            let after = match self.try_with(view, &made.changes)? {
                Ok(after) => after,
                Err(reason) => return Ok(Err((reason, Vec::new()))),
            };
            let reached = after.score(kind).unwrap_or(0.0);
            if reached >= score && reached > threshold {
                let reason = format!(
                    "{}; the score would stay at {reached:.2}, above {threshold:.2}",
                    made.how
                );
                return Ok(Err((reason, Vec::new())));
            }
            report = after;
        }
        if report.get(kind).is_some_and(Finding::drifted) {
            return Ok(Err(("too many faults at once".to_owned(), Vec::new())));
        }
        let at = ORDER.iter().position(|k| *k == kind).map_or(0, |at| at + 1);
        if let Some(other) = harmed(before, &report, &ORDER[at..]) {
            let reason = format!("{}; then {} would drift", made.how, other.name());
            return Ok(Err((reason, Vec::new())));
        }
        Ok(Ok((made, report.score(kind))))
    }

    fn leave(&mut self, kind: DriftKind, score: f64, reason: String, candidates: Vec<Candidate>) {
        self.open.push(Open {
            about: kind.name().to_owned(),
            target: make::target(kind),
            sources: make::sources(kind).to_vec(),
            reason,
            score: Some(score),
            candidates,
        });
    }

    /// Settles what document and semantics say differently.
    fn contradictions(&mut self, view: &mut View) -> Result<()> {
        let find = |subject: &Subject<'_>| {
            Ok(match (subject.document, subject.semantic) {
                (Some(document), Some(semantics)) => merge::contradictions(document, semantics),
                _ => Vec::new(),
            })
        };
        for contradiction in self.with(view, ModalitySet::EMPTY, find)? {
            let before = self.report(view)?;
            let hurt = damaged(&before, None);
            let making =
                self.with(view, hurt, |subject| Ok(make::settle(subject, &contradiction)))?;
            let about = format!("contradiction {}", contradiction.property);
            let (reason, candidates) = match making {
                Making::Made(made) => match self.try_with(view, &made.changes)? {
                    Ok(after) => match harmed(&before, &after, &ORDER) {
                        None => {
                            self.accepted.extend(made.changes);
                            let (kind, before, after) = (None, None, None);
                            self.fixed.push(Fixed { about, kind, before, after, how: made.how });
                            continue;
                        }
                        Some(other) => {
                            self.show(view)?;
                            (format!("{}; then {} would drift", made.how, other.name()), vec![])
                        }
                    },
                    Err(reason) => (reason, Vec::new()),
                },
                Making::Cannot(reason) => (reason, Vec::new()),
                Making::Undecided(reason, candidates) => (reason, candidates),
            };
            let (target, sources) = (Modality::Semantic, vec![Modality::Document]);
            self.open.push(Open { about, target, sources, reason, score: None, candidates });
        }
        Ok(())
    }

    /// Makes a modality that the policy wants and that is not there.
    fn fill(&mut self, view: &mut View, modality: Modality) -> Result<()> {
        if !self.effective.fills(modality) {
            return Ok(());
        }
        let before = self.report(view)?;
        let hurt = damaged(&before, None);
        let filled = self.with(view, hurt, |subject| make::fill(subject, modality))?;
        // What cannot be made is not missed: nothing has drifted.
        let Some(Making::Made(made)) = filled else { return Ok(()) };
        match self.try_with(view, &made.changes)? {
            Ok(after) if harmed(&before, &after, &[]).is_none() => {
                self.accepted.extend(made.changes);
                let (about, how) = (format!("no {modality}"), made.how);
                self.fixed.push(Fixed { about, kind: None, before: None, after: None, how });
            }
            _ => self.show(view)?,
        }
        Ok(())
    }

    /// Tells of citations that lead back here. Of the hexads on a cycle only the first in the alphabet
    /// tells: it is one question.
    fn cycle(&mut self, view: &View) -> Result<()> {
        let (job, iid, cites) = (self.repairer.job, self.iid, self.effective.list("citations"));
        let names = job.within(view, When::Now, |ctx| {
            let way = cycle::back(ctx, iid.0, &cites)?.unwrap_or_default();
            way.into_iter().map(|iid| ctx.id_of(iid)).collect::<Result<Vec<_>>>()
        })?;
        let Some(first) = names.first().filter(|first| names.iter().all(|n| n >= *first)) else {
            return Ok(());
        };
        let way = names.iter().chain([first]).cloned().collect::<Vec<_>>().join(" -> ");
        self.open.push(Open {
            about: CYCLE.to_owned(),
            target: Modality::Graph,
            sources: vec![Modality::Temporal],
            reason: format!("its citations lead back to it: {way}"),
            score: None,
            candidates: Vec::new(),
        });
        Ok(())
    }

    /// Tells of the retracted hexads this one cites.
    fn retractions(&mut self, view: &mut View) -> Result<()> {
        let found = self.repairer.retracted(view, self.iid, &self.effective)?;
        for id in &found {
            self.open.push(Open {
                about: format!("{RETRACTED}{id}"),
                target: Modality::Graph,
                sources: vec![Modality::Provenance],
                reason: format!("it cites {id}, which was retracted"),
                score: None,
                candidates: Vec::new(),
            });
        }
        if self.effective.retraction() != Retraction::Flag {
            return Ok(());
        }
        let flag = Value::List(found.iter().map(|id| id.as_str().into()).collect());
        let property = FLAG;
        let known = self.with(view, ModalitySet::EMPTY, |subject| {
            Ok(subject.semantic.and_then(|s| s.properties.get(property).cloned()))
        })?;
        let changes = match (&known, found.is_empty()) {
            (None, true) => return Ok(()),
            (Some(known), false) if *known == flag => return Ok(()),
            // What was retracted is reinstated, or cited no more.
            (Some(_), true) => vec![Change::UnsetProperty(property.to_owned())],
            _ => vec![Change::SetProperty(property.to_owned(), flag)],
        };
        if self.try_with(view, &changes)?.is_ok() {
            self.accepted.extend(changes);
            let how = match found.as_slice() {
                [] => format!("{property} is taken away"),
                found => format!("{property} names {}", found.join(", ")),
            };
            let about = "retraction".to_owned();
            self.fixed.push(Fixed { about, kind: None, before: None, after: None, how });
        }
        Ok(())
    }

    /// The last look: everything that was put right is still right with all changes made, and nothing
    /// else became worse. Otherwise nothing is written.
    fn judge(&mut self, view: &mut View) -> Result<()> {
        if self.accepted.is_empty() {
            return self.show(view);
        }
        self.show(view)?;
        let last = self.report(view)?;
        let back = self.fixed.iter().find_map(|fixed| {
            fixed.kind.filter(|kind| last.get(*kind).is_some_and(Finding::drifted))
        });
        let Some(kind) = back.or_else(|| harmed(&self.first, &last, &[])) else {
            for fixed in &mut self.fixed {
                fixed.after = fixed.kind.and_then(|kind| last.score(kind));
            }
            return Ok(());
        };
        self.accepted.clear();
        for fixed in std::mem::take(&mut self.fixed) {
            if let Some(of) = fixed.kind {
                let reason = format!("{}; with all of it {} would drift", fixed.how, kind.name());
                self.leave(of, fixed.before.unwrap_or(0.0), reason, Vec::new());
            }
        }
        self.show(view)
    }
}
