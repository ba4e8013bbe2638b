//! `SHOW ..` and `CHECK INTEGRITY`.

use crate::engine::base::{Error, Kind, Modality, Result, Span, Timestamp, Value};
use crate::engine::exec::statement::{
    Job, access, audit, conflict, contract, drift, embedding, key, policy, query, remembered,
    setting, snapshot, table, target, trail,
};
use crate::engine::lang::ast::{RowCount, Show, ShowTarget};
use crate::engine::lang::resolve::{FieldRef, Scope};
use crate::engine::modality::document::text_search;
use crate::engine::modality::graph::GraphIndex;
use crate::engine::modality::vector::search;
use crate::engine::outcome::Outcome;
use crate::engine::parked::Listed;
use crate::engine::plan::logical::{Filter, Item, Order, Scalar, Select, Source};
use crate::engine::store::{Space, View};

/// Dangling edges listed in words at most.
const LISTED: usize = 5;

/// Runs `SHOW`.
pub fn run(job: &Job<'_>, show: &Show, span: Span) -> Result<Outcome> {
    let Some(shown) = show.target else {
        return Err(Error::new(Kind::UnexpectedToken, "SHOW what").at(span));
    };
    if let (ShowTarget::Drift, Some(subject)) = (shown, &show.subject) {
        return drift::show_one(job, &*job.view()?, subject);
    }
    let of_normalizer = [ShowTarget::Normalizer, ShowTarget::Conflicts, ShowTarget::Normalizations];
    if of_normalizer.contains(&shown) {
        return normalizer(job, shown, show);
    }
    if let Some(outcome) = of_access(job, shown, show, span)? {
        return Ok(outcome);
    }
    if let Some(subject) = &show.subject {
        let construct = format!("SHOW {} of one entity", shown.keyword());
        return Err(Error::not_supported(&construct, subject.span));
    }
    let view = job.view()?;
    let mut outcome = match shown {
        ShowTarget::Status => status(job, &view)?,
        ShowTarget::Health => health(job, &view)?,
        ShowTarget::Hexads => return hexads(job, &view, show.limit.as_ref(), span),
        ShowTarget::Contracts => contracts(&view)?,
        ShowTarget::Stores => stores(&view)?,
        ShowTarget::Settings => settings(job)?,
        ShowTarget::Snapshots => snapshot::show(&view)?,
        ShowTarget::Drift => drift::show(job, &view)?,
        ShowTarget::Transactions => transactions(job),
        ShowTarget::Policies => policy::show(&view)?,
        ShowTarget::Embedders => embedding::show(job, &view)?,
        ShowTarget::Statements => remembered::statements(job),
        ShowTarget::Slow => remembered::slow(job),
        // What belongs to a session is shown there.
        ShowTarget::Prepared
        | ShowTarget::Normalizer
        | ShowTarget::Conflicts
        | ShowTarget::Normalizations
        | ShowTarget::Grants
        | ShowTarget::Roles
        | ShowTarget::Keys
        | ShowTarget::Access
        | ShowTarget::Audit
        | ShowTarget::Peers
        | ShowTarget::Proofs => {
            let construct = format!("SHOW {}", shown.keyword());
            return Err(Error::not_supported(&construct, span));
        }
    };
    if let Some(limit) = &show.limit {
        let limit = job.lower(&view, |l| l.row_count(limit))?;
        outcome.rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Ok(outcome)
}

/// Who may do what, and what was decided.
fn of_access(job: &Job<'_>, shown: ShowTarget, show: &Show, span: Span) -> Result<Option<Outcome>> {
    let view = job.view()?;
    let subject = show.subject.as_ref();
    let mut outcome = match shown {
        ShowTarget::Grants => access::grants(job, &view, subject)?,
        ShowTarget::Roles if subject.is_none() => access::roles(job, &view)?,
        ShowTarget::Keys => key::show(job, &view, subject)?,
        ShowTarget::Access => access::explain(job, &view, subject, show.on.as_ref(), span)?,
        ShowTarget::Audit => return audit::show(job, show).map(Some),
        _ => return Ok(None),
    };
    if let Some(limit) = &show.limit {
        let limit = job.lower(&view, |l| l.row_count(limit))?;
        outcome.rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Ok(Some(outcome))
}

/// What the normalizer may do, did, and left open; of one hexad or of all.
fn normalizer(job: &Job<'_>, shown: ShowTarget, show: &Show) -> Result<Outcome> {
    let view = job.view()?;
    let limit = match &show.limit {
        Some(limit) => {
            let limit = job.lower(&view, |l| l.row_count(limit))?;
            Some(usize::try_from(limit).unwrap_or(usize::MAX))
        }
        None => None,
    };
    let subject = show.subject.as_ref();
    match shown {
        ShowTarget::Conflicts => conflict::show(job, &view, subject, limit),
        ShowTarget::Normalizations => trail::show(job, &view, subject, limit),
        _ => {
            let mut outcome = policy::normalizer(job, &view, subject)?;
            outcome.rows.truncate(limit.unwrap_or(usize::MAX));
            Ok(outcome)
        }
    }
}

fn int(n: u64) -> Value {
    Value::Int(n as i64)
}

fn status(job: &Job<'_>, view: &View) -> Result<Outcome> {
    let status = job.shared.store.status();
    let ailments =
        status.ailments.iter().map(|(modality, ailment)| format!("{modality} {ailment}"));
    let stopped = status.stopped.iter().map(|reason| format!("writing has stopped: {reason}"));
    let archive = job.shared.archive.as_ref();
    let failure = archive.and_then(|archive| archive.failure());
    let behind = failure.iter().map(|failure| failure.message.clone());
    let reasons: Vec<String> = stopped.chain(ailments).chain(behind).collect();
    let word = if reasons.is_empty() {
        "healthy".to_owned()
    } else if status.degraded.is_empty() {
        "degraded".to_owned()
    } else {
        let names: Vec<&str> = status.degraded.iter().map(|m| m.name()).collect();
        format!("degraded: {}", names.join(", "))
    };
    let reason = if reasons.is_empty() { Value::Null } else { Value::Text(reasons.join("; ")) };
    let uptime = job.shared.clock.now().0.saturating_sub(job.shared.opened.0) as f64 / 1e6;
    Ok(table(
        "SHOW STATUS",
        &[
            "status",
            "version",
            "uptime_seconds",
            "degraded_reason",
            "hexads",
            "commits",
            "read_only",
            "sync",
            "loss_window",
            "fsyncs",
            "log_bytes",
            "recovery",
            "archive",
            "drift",
        ],
        vec![vec![
            word.into(),
            env!("CARGO_PKG_VERSION").into(),
            Value::Float(uptime),
            reason,
            int(view.live()?.len()),
            int(status.lsn.0),
            Value::Bool(status.read_only),
            Value::Text(status.sync.describe()),
            Value::Text(status.sync.loss_window()),
            int(status.fsyncs),
            int(status.log_bytes),
            status.recovery.describe().map_or(Value::Null, Value::Text),
            archive.map_or(Value::Null, |archive| Value::Text(archive.describe(status.lsn))),
            Value::Text(drift::freshness(job)),
        ]],
    ))
}

fn health(job: &Job<'_>, view: &View) -> Result<Outcome> {
    let status = job.shared.store.status();
    let mut rows = vec![];
    for modality in Modality::ALL {
        let ailment = status.ailments.iter().find(|(ill, _)| *ill == modality);
        let damaged = ailment.is_some();
        let word = ailment.map_or_else(|| "serving".to_owned(), |(_, ailment)| ailment.to_string());
        let hexads = if damaged { Value::Null } else { int(view.present(modality)?.len()) };
        let problems = match modality {
            Modality::Graph if !damaged => dangling(view)?,
            _ => Value::Null,
        };
        rows.push(vec![modality.name().into(), word.into(), hexads, problems]);
    }
    Ok(table("SHOW HEALTH", &["modality", "status", "hexads", "problems"], rows))
}

/// Edges that lead to nothing, counted and the first of them named.
fn dangling(view: &View) -> Result<Value> {
    let edges = GraphIndex::dangling(view, usize::MAX)?;
    if edges.is_empty() {
        return Ok(Value::Null);
    }
    let mut named = vec![];
    for edge in edges.iter().take(LISTED) {
        let source = view.id_of(edge.source)?;
        let source = source.as_deref().unwrap_or("?");
        named.push(format!("{source} -[{}]-> {}", edge.predicate, edge.target));
    }
    let more = if edges.len() > LISTED { ", .." } else { "" };
    let (noun, verb) = if edges.len() == 1 { ("edge", "leads") } else { ("edges", "lead") };
    Ok(Value::Text(format!(
        "{} {noun} {verb} to a hexad that does not exist: {}{more}",
        edges.len(),
        named.join(", ")
    )))
}

fn bare(names: &[&str]) -> Scalar {
    use crate::engine::lang::ast::{ModalityRef, Name, Path};
    let span = Span::default();
    let modality = names
        .first()
        .filter(|_| names.len() > 1)
        .and_then(|n| Modality::from_keyword(n))
        .map(|modality| ModalityRef { modality, span });
    let rest = if modality.is_some() { &names[1..] } else { names };
    let segments = rest.iter().map(|n| Name { text: (*n).to_owned(), span }).collect();
    Scalar::Field(FieldRef::of(&Path { modality, segments, span }, &Scope::default()).into())
}

fn hexads(job: &Job<'_>, view: &View, limit: Option<&RowCount>, span: Span) -> Result<Outcome> {
    let item = |name: &str, value: Scalar| Item { name: name.to_owned(), value, span };
    let select = Select {
        items: vec![
            item("id", bare(&["id"])),
            item("title", bare(&["document", "title"])),
            item("version", bare(&["version"])),
            item("modified_at", bare(&["modified_at"])),
            item("modalities", bare(&["modalities"])),
        ],
        order: vec![Order { value: bare(&["id"]), descending: false, nulls_first: false, span }],
        limit: limit.map(|l| job.lower(view, |lower| lower.row_count(l))).transpose()?,
        ..target::rows_of(Source::All, Filter::Const(true))
    };
    let mut outcome = query::one(job, view, &select, true)?;
    outcome.tag = "SHOW HEXADS";
    Ok(outcome)
}

fn contracts(view: &View) -> Result<Outcome> {
    let mut rows = vec![];
    for (name, _) in view.entries(Space::Contract)? {
        if let Some((text, create)) = contract::definition(view, &name)? {
            let proof_type = create.proof_type.map_or(Value::Null, |t| Value::Text(t.text));
            let condition = text.get(create.condition.span.range()).unwrap_or_default();
            let params: Vec<Value> =
                create.params.iter().map(|p| Value::Text(p.path.field())).collect();
            rows.push(vec![name.into(), proof_type, condition.into(), Value::List(params)]);
        }
    }
    Ok(table("SHOW CONTRACTS", &["name", "proof_type", "condition", "parameters"], rows))
}

fn stores(view: &View) -> Result<Outcome> {
    let mut rows = vec![];
    for modality in Modality::ALL {
        let count = int(view.present(modality)?.len());
        rows.push(vec![modality.name().into(), "local".into(), count]);
    }
    Ok(table("SHOW STORES", &["store", "kind", "hexads"], rows))
}

/// The transactions that are open in this process, over all sessions.
fn transactions(job: &Job<'_>) -> Outcome {
    let locks = &job.shared.locks;
    let now = job.shared.clock.now();
    let row = |open: Listed| {
        let waits: Vec<Value> =
            locks.waits_for(open.party).into_iter().map(|party| int(party.0)).collect();
        let state = match (open.idle_since, waits.is_empty()) {
            (Some(_), _) => "idle",
            (None, true) => "active",
            (None, false) => "waiting",
        };
        let idle = |since: Timestamp| (now.0.saturating_sub(since.0).max(0) / 1000) as u64;
        vec![
            int(open.party.0),
            Value::Time(open.since),
            state.into(),
            open.options.isolation.name().into(),
            Value::Bool(open.options.read_only),
            open.lsn.map_or(Value::Null, |lsn| int(lsn.0)),
            int(open.writes as u64),
            int(locks.count(open.party) as u64),
            Value::List(waits),
            open.idle_since.map_or(Value::Null, |since| int(idle(since))),
        ]
    };
    let columns = [
        "id",
        "since",
        "state",
        "isolation",
        "read_only",
        "lsn",
        "writes",
        "locks",
        "waits_for",
        "idle_ms",
    ];
    let rows = job.shared.parked.list().into_iter().map(row).collect();
    table("SHOW TRANSACTIONS", &columns, rows)
}

fn settings(job: &Job<'_>) -> Result<Outcome> {
    let view = job.view()?;
    let embedder = setting::kept_embedder(&view)?;
    let (sweep, thresholds) = (setting::sweep_period(&view)?, setting::thresholds(&view)?);
    let rows = setting::all()
        .into_iter()
        .map(|s| -> Result<Vec<Value>> {
            let set = job.settings.get(s.name);
            let origin = if set.is_some() { "session" } else { "default" };
            let value = set.cloned().unwrap_or(s.default);
            let (value, origin) = match s.name {
                "database_sync" => (job.shared.store.status().sync.describe().into(), "database"),
                setting::OWNER_GRANTS => {
                    let range = crate::engine::auth::book::range(&view)?;
                    (range.map_or("none", crate::engine::auth::Level::name).into(), "database")
                }
                setting::AUDIT_READS => {
                    (Value::Bool(job.shared.access.audits_reads(job.shared)?), "database")
                }
                "database_embedder" => (embedder.as_str().into(), "database"),
                "drift_sweep_s" => (int(sweep), "database"),
                "drift_threshold" => (thresholds.clone(), "database"),
                name => match setting::of_statements(&job.shared.statements, name) {
                    Some(value) => (value, "database"),
                    None => (value, origin),
                },
            };
            Ok(vec![s.name.into(), value, origin.into(), s.about.into()])
        })
        .collect::<Result<_>>()?;
    Ok(table("SHOW SETTINGS", &["name", "value", "origin", "about"], rows))
}

/// `CHECK INTEGRITY`: one row for every fault; no rows when all is well.
pub fn integrity(job: &Job<'_>) -> Result<Outcome> {
    let mut rows: Vec<Vec<Value>> = job
        .shared
        .store
        .verify_watched(&mut |what, done, all| {
            job.control.tell(what, done, all);
            job.budget.check()
        })?
        .into_iter()
        .map(|f| vec![f.file.into(), f.subject.map_or(Value::Null, Value::Text), f.message.into()])
        .collect();
    let view = job.view()?;
    let indexes = &job.shared.indexes;
    job.control.tell("segments", 0, 1);
    let tick = &mut || job.budget.check();
    let texts = indexes.text.scrub(&text_search::records(&view), tick)?;
    let vectors = indexes.vector.scrub(&search::records(&view), tick)?;
    for defect in texts.into_iter().chain(vectors) {
        let subject = match defect.hexad {
            Some(iid) => view.id_of(iid)?.map_or(Value::Null, |id| Value::Text(id.to_string())),
            None => Value::Null,
        };
        rows.push(vec![defect.file.into(), subject, defect.what.into()]);
    }
    rows.extend(snapshot::faults(&view)?);
    job.control.tell("chains", 0, 1);
    for iid in view.ever()?.iter() {
        job.budget.tick()?;
        let iid = crate::engine::base::Iid(iid);
        let Some(entity) = crate::engine::exec::entity::Entity::now(&view, iid)? else { continue };
        // Rows that cannot be read are among the faults already.
        let Ok(events) = entity.events() else { continue };
        let verdict = crate::engine::modality::provenance::chain::Chain(events).verify();
        if let Some((number, fault)) = verdict.broken {
            rows.push(vec![
                "provenance".into(),
                entity.id().as_str().into(),
                format!("event {number}: {}", fault.describe()).into(),
            ]);
        }
    }
    rows.extend(trail::faults(&view)?);
    Ok(table("CHECK INTEGRITY", &["file", "subject", "fault"], rows))
}
