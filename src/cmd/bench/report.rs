//! The findings of a benchmark as a table for people and as one JSON document for programs.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value as Json, json};

use super::measure::Cost;
use super::suite::Finding;

/// What was measured where.
pub(crate) struct Setting {
    /// Items loaded.
    pub(crate) size: usize,
    /// Numbers in an embedding.
    pub(crate) dimensions: usize,
    /// Names of the subjects, ours first.
    pub(crate) subjects: Vec<&'static str>,
    /// Largest resident memory of the process, bytes.
    pub(crate) memory: u64,
    /// The processor, as the system names it.
    pub(crate) machine: String,
}

/// Lines of a table: a suite a line, the first subject against the second.
pub(crate) fn table(setting: &Setting, findings: &[Finding]) -> String {
    let mut text = format!(
        "{} items, {} dimensions; {}; peak memory {} MiB\n",
        setting.size,
        setting.dimensions,
        setting.machine,
        setting.memory >> 20
    );
    let mut head = vec!["suite".to_owned()];
    for name in &setting.subjects {
        head.extend([format!("{name} cpu"), "median".to_owned(), "p99".to_owned()]);
    }
    head.extend(["ratio", "bar", "same answers", "fsyncs"].map(str::to_owned));
    let mut builder = tabled::builder::Builder::default();
    builder.push_record(head);
    for finding in findings {
        let mut row = vec![finding.suite.to_owned()];
        for cost in &finding.costs {
            row.extend([shown(cost.cpu), shown(cost.median), shown(cost.p99)]);
        }
        // What nothing stands beside.
        row.resize(1 + 3 * setting.subjects.len(), String::new());
        let number = |x: Option<f64>| x.map_or_else(String::new, |x| format!("{x:.3}"));
        row.push(number(ratio(finding)));
        row.push(number(finding.bar));
        row.push(number(finding.agreement));
        row.push(number(finding.costs.first().and_then(|cost| cost.fsyncs)));
        builder.push_record(row);
    }
    let mut drawn = builder.build();
    drawn.with(tabled::settings::Style::rounded());
    writeln!(text, "{drawn}").expect("a String takes any text");
    text.push_str("cpu, median, p99: of one operation; ratio: CPU time, first against second\n");
    text
}

/// One document.
pub(crate) fn json(setting: &Setting, findings: &[Finding]) -> Json {
    let suites: Vec<Json> = findings
        .iter()
        .map(|finding| {
            let costs: serde_json::Map<String, Json> = setting
                .subjects
                .iter()
                .zip(&finding.costs)
                .map(|(name, cost)| ((*name).to_owned(), cost_json(cost)))
                .collect();
            json!({
                "suite": finding.suite,
                "operation": finding.operation,
                "costs": costs,
                "cpu_ratio": ratio(finding),
                "bar": finding.bar,
                "same_answers": finding.agreement,
            })
        })
        .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "machine": setting.machine,
        "size": setting.size,
        "dimensions": setting.dimensions,
        "peak_memory_bytes": setting.memory,
        "suites": suites,
    })
}

fn cost_json(cost: &Cost) -> Json {
    json!({
        "cpu_us": micros(cost.cpu),
        "wall_median_us": micros(cost.median),
        "wall_p99_us": micros(cost.p99),
        "fsyncs": cost.fsyncs,
        "operations": cost.operations,
    })
}

/// CPU of the first subject over CPU of the second.
fn ratio(finding: &Finding) -> Option<f64> {
    match finding.costs.as_slice() {
        [ours, theirs, ..] if !theirs.cpu.is_zero() => {
            Some(ours.cpu.as_secs_f64() / theirs.cpu.as_secs_f64())
        }
        _ => None,
    }
}

fn micros(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e7).round() / 10.0
}

fn shown(time: Duration) -> String {
    let us = time.as_secs_f64() * 1e6;
    if us < 1000.0 { format!("{us:.1} us") } else { format!("{:.2} ms", us / 1000.0) }
}
