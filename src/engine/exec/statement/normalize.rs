//! `NORMALIZE ..` and `DRIFT REPAIR ..`: hexad after hexad, each in a commit of its own.

use std::collections::BTreeMap;

use crate::engine::base::{ContentHash, Error, Iid, Kind, Result, Span, Value};
use crate::engine::drift::embed::cosine;
use crate::engine::exec::normalize::{Examined, Fixed, Knots, Repairer, Wish, book};
use crate::engine::exec::statement::{Job, table, target};
use crate::engine::hexad::Draft;
use crate::engine::lang::ast::{DriftStatement, Name, Normalize};
use crate::engine::normalize::make::brief;
use crate::engine::normalize::policy::STRATEGIES;
use crate::engine::normalize::{Auto, Strategy};
use crate::engine::outcome::{Notice, Outcome};
use crate::engine::plan::logical::Source;
use crate::engine::store::{CatalogOp, Space};

/// How often a repair is tried when others are faster.
const ATTEMPTS: u32 = 32;
/// Hexads that are looked at through one view.
const STRIDE: usize = 256;

const COLUMNS: [&str; 7] = ["hexad", "outcome", "about", "before", "after", "detail", "entry"];

/// `NORMALIZE`
pub fn run(job: &Job<'_>, normalize: &Normalize, span: Span) -> Result<Outcome> {
    job.alone("NORMALIZE", span)?;
    if !normalize.dry_run {
        job.writable()?;
    }
    let wish = Wish {
        from: normalize.from.map(|from| from.modality),
        strategy: normalize.strategy.as_ref().map(strategy).transpose()?,
        ..Wish::default()
    };
    let view = job.shared.store.view()?;
    let source = target::source(job, &view, normalize.id.as_ref())?;
    let targets = target::find(job, &view, source, normalize.condition.as_ref())?;
    if let (Some(id), true) = (&normalize.id, targets.iids.is_empty())
        && normalize.condition.is_none()
    {
        let name = targets.named.unwrap_or_default();
        let message = format!("no hexad `{name}` to normalize");
        return Err(Error::new(Kind::UpdateNotFound, message).at(id.span));
    }
    drop(view);
    let text = job.text.get(span.range()).unwrap_or_default();
    let resumes = normalize.id.is_none() && !normalize.dry_run;
    let pass = Pass { job, wish, dry_run: normalize.dry_run, resumes: resumes.then_some(text) };
    let mut outcome = pass.over(&targets.iids)?;
    outcome.tag = "NORMALIZE";
    Ok(outcome)
}

/// `DRIFT REPAIR FROM source [WHERE ..] [USING STRATEGY ..]`
pub fn repair(job: &Job<'_>, drift: &DriftStatement, span: Span) -> Result<Outcome> {
    job.alone("DRIFT REPAIR", span)?;
    job.writable()?;
    if drift.federation || !drift.stores.is_empty() || drift.coordinator.is_some() {
        return Err(Error::not_supported("DRIFT REPAIR across peers", span));
    }
    if let Some(modifier) = drift.modifiers.first() {
        return Err(Error::not_supported("a modifier of DRIFT REPAIR", modifier.span));
    }
    if !drift.order_by.is_empty() {
        return Err(Error::not_supported("ORDER BY of DRIFT REPAIR", span));
    }
    let wish =
        Wish { strategy: drift.strategy.as_ref().map(strategy).transpose()?, ..Wish::default() };
    let view = job.shared.store.view()?;
    let source = job.lower(&view, |l| l.source(&drift.source))?;
    let one = matches!(source, Source::One(_));
    let mut targets = target::find(job, &view, source, drift.condition.as_ref())?;
    if let (true, Some(id)) = (one && targets.iids.is_empty(), &targets.named) {
        let message = format!("no hexad `{id}` to repair");
        return Err(Error::new(Kind::UpdateNotFound, message).at(drift.source.span));
    }
    if let Some(limit) = &drift.limit {
        let limit = job.lower(&view, |l| l.row_count(limit))?;
        targets.iids.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    drop(view);
    let pass = Pass { job, wish, dry_run: false, resumes: None };
    let mut outcome = pass.over(&targets.iids)?;
    outcome.tag = "DRIFT REPAIR";
    Ok(outcome)
}

/// `WITH DRIFT REPAIR` of a query over these hexads; says what was done, when anything was.
pub fn before_answer(job: &Job<'_>, iids: &[Iid], span: Span) -> Result<Option<Notice>> {
    let pass = Pass { job, wish: Wish::default(), dry_run: false, resumes: None };
    let outcome = pass.over(iids)?;
    let normalized = outcome.affected.unwrap_or(0);
    let left = outcome.rows.iter().filter(|row| row[1] == "queued".into()).count();
    if normalized == 0 && left == 0 {
        return Ok(None);
    }
    Ok(Some(Notice {
        message: format!("normalized before the answer: {normalized}, left to people: {left}"),
        span: Some(span),
        hint: (left > 0).then(|| "SHOW CONFLICTS lists them".to_owned()),
    }))
}

fn strategy(name: &Name) -> Result<Strategy> {
    if ["quorum", "consensus"].iter().any(|word| name.is(word)) {
        let construct = format!("strategy {} without peers", name.text);
        return Err(Error::not_supported(&construct, name.span));
    }
    Strategy::from_name(&name.text).ok_or_else(|| {
        Error::new(Kind::NotFound, format!("no strategy is called `{}`", name.text))
            .at(name.span)
            .hint(format!("strategies: {}", STRATEGIES.join(", ")))
    })
}

/// Many hexads, one after the other.
struct Pass<'j> {
    job: &'j Job<'j>,
    wish: Wish,
    dry_run: bool,
    /// The statement, when it may be stopped and taken up again.
    resumes: Option<&'j str>,
}

/// What is counted.
#[derive(Default)]
struct Count {
    normalized: u64,
    queued: usize,
}

impl Pass<'_> {
    fn over(&self, iids: &[Iid]) -> Result<Outcome> {
        let (mut rows, mut count, mut notices) = (Vec::new(), Count::default(), Vec::new());
        let start = self.bookmark(iids)?;
        if start > 0 {
            notices.push(Notice {
                message: format!("taken up where it was stopped: {start} hexads were done before"),
                span: None,
                hint: None,
            });
        }
        let total = iids.len() as u64;
        let knots = self.knots(iids)?;
        for (n, part) in iids[start..].chunks(STRIDE).enumerate() {
            let before = count.normalized;
            let concerned = self.or_stop(part[0], || self.concerned(part, knots.as_ref()))?;
            self.or_stop(part[0], || self.embed_together(&concerned))?;
            for iid in concerned {
                self.or_stop(iid, || self.one(iid, &mut rows, &mut count))?;
            }
            let seen = (start + (n + 1) * STRIDE).min(iids.len());
            self.job.control.tell("hexads", seen as u64, total);
            // After a crash too it goes on from here.
            if let Some(next) = iids.get(seen).filter(|_| count.normalized > before) {
                self.keep(*next)?;
            }
        }
        self.finished()?;
        if rows.is_empty() {
            let all = iids.len();
            let noun =
                if all == 1 { "hexad agrees with itself" } else { "hexads agree with themselves" };
            notices.push(Notice {
                message: format!("nothing to do: {all} {noun}, and no question is open"),
                span: None,
                hint: None,
            });
        }
        if count.queued > 0 && !self.dry_run {
            notices.push(Notice {
                message: format!("{} left to people", count.queued),
                span: None,
                hint: Some("SHOW CONFLICTS lists them, RESOLVE CONFLICT decides".to_owned()),
            });
        }
        let mut outcome = table("NORMALIZE", &COLUMNS, rows);
        outcome.affected = Some(count.normalized);
        outcome.notices = notices;
        Ok(outcome)
    }

    /// Those of some hexads that there may be something to do for.
    fn concerned(&self, part: &[Iid], knots: Option<&Knots>) -> Result<Vec<Iid>> {
        let view = self.job.shared.store.view()?;
        Repairer::new(self.job, &view, self.wish)?.concerned(&view, part, knots)
    }

    /// Where citations may lead back, found once for many hexads.
    fn knots(&self, iids: &[Iid]) -> Result<Option<Knots>> {
        if iids.len() < 8 {
            return Ok(None);
        }
        let view = self.job.shared.store.view()?;
        Repairer::new(self.job, &view, self.wish)?.knots(&view).map(Some)
    }

    /// Sends the texts of all vectors that will be made to their embedders together. Only where there
    /// are any but the built-in one: it costs a second look at each hexad.
    fn embed_together(&self, iids: &[Iid]) -> Result<()> {
        let embedders = &self.job.shared.options.embedders;
        if iids.len() < 2 || embedders.all().count() < 2 {
            return Ok(());
        }
        let memo = self.job.memo;
        memo.listen(|| {
            let mut view = self.job.shared.store.view()?;
            let repairer = Repairer::new(self.job, &view, self.wish)?;
            for iid in iids {
                self.job.budget.check()?;
                repairer.examine(&mut view, *iid)?;
            }
            Ok(())
        })?;
        match memo.fetch(|name| embedders.named(name), &self.job.budget.left()) {
            Ok(()) => Ok(()),
            // Nothing is wrong with the hexads: each of them says why it has to wait.
            Err(_) => self.job.budget.check(),
        }
    }

    fn one(&self, iid: Iid, rows: &mut Vec<Vec<Value>>, count: &mut Count) -> Result<()> {
        if self.dry_run {
            let mut view = self.job.shared.store.view()?;
            let repairer = Repairer::new(self.job, &view, self.wish)?;
            if let Some(examined) = repairer.examine(&mut view, iid)? {
                count.normalized += u64::from(!examined.changes.is_empty());
                count.queued += examined.open.len();
                rehearsed(&examined, rows);
            }
            return Ok(());
        }
        if let Some((examined, noted)) = commit(self.job, self.wish, iid)? {
            count.normalized += u64::from(!examined.changes.is_empty());
            count.queued += noted.conflicts.iter().filter(|(_, id)| id.is_some()).count();
            done(&examined, &noted, rows);
        }
        Ok(())
    }

    /// What `work` gives; when it was stopped, the place is kept.
    fn or_stop<T>(&self, at: Iid, mut work: impl FnMut() -> Result<T>) -> Result<T> {
        let done = self.job.budget.check().and_then(|()| work());
        if let Err(error) = &done
            && (error.kind == Kind::Cancelled || error.kind.recoverable())
        {
            self.keep(at)?;
        }
        done
    }

    /// The name under which the progress of this very work is kept.
    fn name(&self) -> Option<String> {
        let text = self.resumes?;
        Some(format!("normalize/{}", ContentHash::of(text.as_bytes()).to_hex()))
    }

    /// How many of the hexads were done when the same statement was stopped.
    fn bookmark(&self, iids: &[Iid]) -> Result<usize> {
        let Some(name) = self.name() else { return Ok(0) };
        let view = self.job.shared.store.view()?;
        let Some(body) = view.entry(Space::Job, &name)? else { return Ok(0) };
        let id = String::from_utf8_lossy(&body).into_owned();
        // Names come in order; the one that was next may be gone meanwhile.
        let mut at = 0;
        while at < iids.len() && view.id_of(iids[at])?.is_some_and(|name| *name < *id) {
            at += 1;
        }
        Ok(at)
    }

    /// Keeps how far it is: before this hexad.
    fn keep(&self, next: Iid) -> Result<()> {
        let Some(name) = self.name() else { return Ok(()) };
        self.job.write_anyway(|view, draft| {
            let body = view.id_of(next)?.map(|id| id.as_bytes().to_vec()).unwrap_or_default();
            draft.catalog(CatalogOp::Set { space: Space::Job, name: name.clone(), body });
            Ok(())
        })
    }

    fn finished(&self) -> Result<()> {
        let Some(name) = self.name() else { return Ok(()) };
        if self.job.shared.store.view()?.entry(Space::Job, &name)?.is_none() {
            return Ok(());
        }
        self.job.write_anyway(|_, draft| {
            draft.catalog(CatalogOp::Unset { space: Space::Job, name: name.clone() });
            Ok(())
        })
    }
}

/// Normalizes those of some hexads whose policies say that it is done by itself on this occasion, as
/// many as may be in a minute. Says what was done, when anything was.
pub fn automatic(job: &Job<'_>, iids: &[Iid], occasion: Auto) -> Result<Option<Notice>> {
    let (mut normalized, mut queued, mut late) = (0, 0, 0);
    let mut iids = iids.to_vec();
    let mut at = 0;
    while let Some(iid) = iids.get(at).copied() {
        at += 1;
        job.budget.check()?;
        let view = job.shared.store.view()?;
        let repairer = Repairer::new(job, &view, Wish::default())?;
        let effective = repairer.effective(&view, iid)?;
        if effective.auto() != occasion {
            continue;
        }
        for reached in repairer.reached(&view, iid, &effective)? {
            if !iids.contains(&reached) {
                iids.push(reached);
            }
        }
        if repairer.concerned(&view, &[iid], None)?.is_empty() {
            continue;
        }
        drop(view);
        if !job.shared.take_rated(effective.rate()) {
            late += 1;
            continue;
        }
        if let Some((examined, noted)) = commit(job, Wish::default(), iid)? {
            normalized += u64::from(!examined.changes.is_empty());
            queued += noted.conflicts.iter().filter(|(_, id)| id.is_some()).count();
        }
    }
    if normalized == 0 && queued == 0 && late == 0 {
        return Ok(None);
    }
    let mut message = format!("normalized automatically: {normalized}, left to people: {queued}");
    if late > 0 {
        message = format!("{message}, not in this minute: {late}");
    }
    Ok(Some(Notice { message, span: None, hint: None }))
}

/// What the retraction of some hexads, or taking that back, means for those that cite them: questions,
/// and marks where their policies say so. Says what came of it, when anything did.
pub fn retractions(job: &Job<'_>, iids: &[Iid]) -> Result<Option<Notice>> {
    let wish = Wish { retractions: true, ..Wish::default() };
    let (mut marked, mut queued) = (0, 0);
    let view = job.shared.store.view()?;
    let mut reached = Vec::new();
    let repairer = Repairer::new(job, &view, wish)?;
    for iid in iids {
        reached.extend(repairer.linking(&view, *iid)?);
    }
    reached.sort_unstable();
    reached.dedup();
    drop(view);
    for iid in reached {
        job.budget.check()?;
        if let Some((examined, noted)) = commit(job, wish, iid)? {
            marked += u64::from(!examined.changes.is_empty());
            queued += noted.conflicts.iter().filter(|(_, id)| id.is_some()).count();
        }
    }
    if marked == 0 && queued == 0 {
        return Ok(None);
    }
    let message =
        format!("hexads that cite what was retracted: {queued} asked about, {marked} marked");
    Ok(Some(Notice { message, span: None, hint: Some("SHOW CONFLICTS lists them".to_owned()) }))
}

/// Repairs one hexad in one commit; `None` when there was nothing to do.
pub fn commit(job: &Job<'_>, wish: Wish, iid: Iid) -> Result<Option<(Examined, book::Noted)>> {
    let mut attempt = 0;
    loop {
        let mut view = job.shared.store.view()?;
        let repairer = Repairer::new(job, &view, wish)?;
        let Some(examined) = repairer.examine(&mut view, iid)? else { return Ok(None) };
        let author = job.author();
        let mut draft = Draft::new(&view, author.clone())?;
        let occasion = book::Occasion { what: "normalized", by: &author.name, of: None };
        let noted = book::write(&view, &mut draft, &examined, &occasion)?;
        let writes = draft.finish();
        if writes.is_empty() {
            return Ok(Some((examined, noted)));
        }
        attempt += 1;
        match job.commit(&view, writes) {
            Ok(()) => return Ok(Some((examined, noted))),
            Err(error) if error.kind == Kind::WriteConflict && attempt < ATTEMPTS => {}
            Err(error) => return Err(error),
        }
    }
}

fn score(score: Option<f64>) -> Value {
    // What is behind the fourth digit says nothing.
    score.map_or(Value::Null, |score| Value::Float((score * 10_000.0).round() / 10_000.0))
}

fn fixed_row(examined: &Examined, fixed: &Fixed, word: &str, entry: Value) -> Vec<Value> {
    vec![
        examined.id.as_str().into(),
        word.into(),
        fixed.about.as_str().into(),
        score(fixed.before),
        score(fixed.after),
        fixed.how.as_str().into(),
        entry,
    ]
}

fn done(examined: &Examined, noted: &book::Noted, rows: &mut Vec<Vec<Value>>) {
    let entry = noted.entry.as_deref().map_or(Value::Null, Value::from);
    for fixed in &examined.fixed {
        rows.push(fixed_row(examined, fixed, "normalized", entry.clone()));
    }
    let ids: BTreeMap<&str, Option<&str>> =
        noted.conflicts.iter().map(|(about, id)| (about.as_str(), id.as_deref())).collect();
    for open in &examined.open {
        let id = ids.get(open.about.as_str()).copied().flatten();
        let word = if id.is_some() { "queued" } else { "dismissed before" };
        rows.push(vec![
            examined.id.as_str().into(),
            word.into(),
            open.about.as_str().into(),
            score(open.score),
            score(open.score),
            open.reason.as_str().into(),
            id.map_or(Value::Null, Value::from),
        ]);
    }
}

/// A change in words; of two vectors how far they point apart, and not their numbers.
fn told(before: &Value, after: &Value) -> String {
    let numbers = |value: &Value| -> Option<Vec<f32>> {
        match value {
            Value::Vector(data) => Some(data.to_vec()),
            Value::List(items) if items.len() > 8 => {
                items.iter().map(|item| item.as_f64().map(|x| x as f32)).collect()
            }
            _ => None,
        }
    };
    match (numbers(before), numbers(after)) {
        (Some(was), Some(is)) => match cosine(&was, &is) {
            Some(cosine) => format!("{} numbers -> {}, cosine {cosine:.3}", was.len(), is.len()),
            None => format!("{} numbers -> {}", was.len(), is.len()),
        },
        (None, Some(is)) => format!("{} -> {} numbers", brief(before), is.len()),
        (Some(was), None) => format!("{} numbers -> {}", was.len(), brief(after)),
        (None, None) => format!("{} -> {}", brief(before), brief(after)),
    }
}

/// What would be done, then what would change.
fn rehearsed(examined: &Examined, rows: &mut Vec<Vec<Value>>) {
    for fixed in &examined.fixed {
        rows.push(fixed_row(examined, fixed, "would normalize", Value::Null));
    }
    for open in &examined.open {
        rows.push(vec![
            examined.id.as_str().into(),
            "would queue".into(),
            open.about.as_str().into(),
            score(open.score),
            score(open.score),
            open.reason.as_str().into(),
            Value::Null,
        ]);
    }
    for difference in &examined.differences {
        rows.push(vec![
            examined.id.as_str().into(),
            "change".into(),
            difference.path.join(".").into(),
            Value::Null,
            Value::Null,
            told(&difference.before, &difference.after).into(),
            Value::Null,
        ]);
    }
}
