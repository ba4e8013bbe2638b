//! What the benchmark of drift found, for people and for programs, and the bars it is held to.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::Measured;
use super::harm::Kind;
use super::score::Finding;

/// Found of what was harmed, where the evidence is exact; where only hashes can tell.
const RECALL: f64 = 0.99;
const RECALL_FOREIGN: f64 = 0.95;
/// Harmed of what was found.
const PRECISION: f64 = 0.98;
/// Repaired of what can be.
const REPAIRED: f64 = 0.98;
/// What the check of a write may add to its CPU.
const CHECK: f64 = 0.25;
/// How long the sweep may take for so many hexads, on one core.
const SWEEP: Duration = Duration::from_secs(20);
const SWEPT: usize = 20_000;
/// With fewer hexads the clock says nothing.
const TIMED: usize = 1000;

/// The bars that were missed, one line each.
pub(super) fn missed(measured: &Measured) -> Vec<String> {
    let mut lines = Vec::new();
    for (kind, finding) in &measured.findings {
        let Some(finding) = finding else { continue };
        let mut bar = |what: &str, is: f64, least: f64| {
            if is < least {
                let (name, kind) = (&measured.name, kind.name());
                lines.push(format!("{name}, {kind}: {what} {is:.3}, at least {least} is wanted"));
            }
        };
        let exact = !(finding.foreign && *kind == Kind::SwappedVectors);
        bar("recall", finding.recall(), if exact { RECALL } else { RECALL_FOREIGN });
        bar("precision", finding.precision(), PRECISION);
        if let Some(why) = &finding.failed {
            lines.push(format!("{}, {}: no repair: {why}", measured.name, kind.name()));
            continue;
        }
        bar("repaired", finding.repaired_share().unwrap_or(1.0), REPAIRED);
        bar("verified of the reported", finding.verified_share().unwrap_or(1.0), 1.0);
        bar("queued of the rest", finding.queued_share().unwrap_or(1.0), 1.0);
        if finding.touched > 0 {
            let (name, kind, count) = (&measured.name, kind.name(), finding.touched);
            lines.push(format!("{name}, {kind}: {count} hexads changed that were well"));
        }
    }
    if measured.hexads >= TIMED {
        lines.extend(late(measured));
    }
    lines
}

/// How long the sweep may take for so many hexads.
fn sweep_bar(hexads: usize) -> Duration {
    SWEEP.mul_f64(hexads as f64 / SWEPT as f64)
}

fn late(measured: &Measured) -> Vec<String> {
    let Measured { name, hexads, cost, .. } = measured;
    let mut lines = Vec::new();
    let bar = sweep_bar(*hexads);
    if cost.sweep > bar {
        let (took, bar) = (seconds(cost.sweep), seconds(bar));
        lines.push(format!("{name}: the sweep took {took}, at most {bar} is wanted"));
    }
    if let Some(share) = cost.share().filter(|share| *share > CHECK) {
        let (share, most) = (percent(share), percent(CHECK));
        lines.push(format!("{name}: the check of a write adds {share}, at most {most} is wanted"));
    }
    lines
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// The costs of a set of data, in words.
fn costs(measured: &Measured) -> String {
    let cost = &measured.cost;
    let (took, bar) = (seconds(cost.sweep), seconds(sweep_bar(measured.hexads)));
    let mut text = format!("sweep of {} hexads: {took} (at most {bar})\n", measured.hexads);
    if let Some(share) = cost.share() {
        let micros = |time: Duration| time.as_micros();
        writeln!(
            text,
            "a write: {} µs of CPU, its check {} µs more: {} (at most {})",
            micros(cost.write),
            micros(cost.check),
            percent(share),
            percent(CHECK)
        )
        .expect("a String takes any text");
    }
    text
}

/// A table for each set of data.
pub(super) fn table(all: &[Measured], missed: &[String]) -> String {
    let mut text = String::new();
    for measured in all {
        let Measured { name, hexads, own, .. } = measured;
        writeln!(text, "{name}: {hexads} hexads, {own} with drift of their own")
            .expect("a String takes any text");
        let mut builder = tabled::builder::Builder::default();
        builder.push_record([
            "harm",
            "hexads",
            "recall",
            "precision",
            "repaired",
            "verified",
            "queued",
            "touched",
            "find /1000",
            "repair /1000",
        ]);
        for (kind, finding) in &measured.findings {
            match finding {
                Some(finding) => builder.push_record(row(*kind, finding)),
                None => builder.push_record([kind.name(), "none"]),
            }
        }
        let mut drawn = builder.build();
        drawn.with(tabled::settings::Style::rounded());
        writeln!(text, "{drawn}").expect("a String takes any text");
        text.push_str(&costs(measured));
    }
    text.push_str(
        "repaired: of what can be; verified: of what is reported as repaired; queued: of the rest;\n\
         touched: hexads changed though they were well; find: time per 1,000 hexads; repair: per 1,000 harmed\n",
    );
    for line in missed {
        writeln!(text, "missed: {line}").expect("a String takes any text");
    }
    text
}

fn row(kind: Kind, finding: &Finding) -> Vec<String> {
    let number = |x: Option<f64>| x.map_or_else(|| "-".to_owned(), |x| format!("{x:.3}"));
    vec![
        kind.name().to_owned(),
        finding.harmed.to_string(),
        number(Some(finding.recall())),
        number(Some(finding.precision())),
        number(finding.repaired_share()),
        number(finding.verified_share()),
        number(finding.queued_share()),
        finding.touched.to_string(),
        shown(finding.detecting),
        shown(finding.repairing),
    ]
}

fn shown(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1000.0)
}

/// One document.
pub(super) fn json(all: &[Measured], missed: &[String]) -> Json {
    let sets: Vec<Json> = all
        .iter()
        .map(|measured| {
            let kinds: Vec<Json> = (measured.findings.iter())
                .filter_map(|(kind, finding)| Some(finding_json(*kind, finding.as_ref()?)))
                .collect();
            json!({
                "data": measured.name,
                "hexads": measured.hexads,
                "own_drift": measured.own,
                "sweep_ms": measured.cost.sweep.as_secs_f64() * 1000.0,
                "write_cpu_us": measured.cost.write.as_secs_f64() * 1e6,
                "check_cpu_us": measured.cost.check.as_secs_f64() * 1e6,
                "kinds": kinds,
            })
        })
        .collect();
    json!({ "version": env!("CARGO_PKG_VERSION"), "sets": sets, "missed": missed })
}

fn finding_json(kind: Kind, finding: &Finding) -> Json {
    json!({
        "kind": kind.name(),
        "harmed": finding.harmed,
        "recall": finding.recall(),
        "precision": finding.precision(),
        "repairable": finding.repairable,
        "repaired": finding.repaired_share(),
        "verified": finding.verified_share(),
        "queued": finding.queued_share(),
        "touched": finding.touched,
        "find_ms_per_1000": finding.detecting.as_secs_f64() * 1000.0,
        "repair_ms_per_1000": finding.repairing.as_secs_f64() * 1000.0,
    })
}
