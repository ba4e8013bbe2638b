//! `SHOW STATEMENTS` and `SHOW SLOW QUERIES`: what the database remembers of what ran.

use crate::engine::base::{Timestamp, Value};
use crate::engine::exec::statement::{Job, table};
use crate::engine::outcome::{Notice, Outcome};

fn int(n: u64) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

/// Microseconds as milliseconds, to a thousandth.
fn ms(micros: f64) -> Value {
    Value::Float(micros.round() / 1000.0)
}

/// Figures by statement, those first that took longest in all.
pub fn statements(job: &Job<'_>) -> Outcome {
    let history = &job.shared.statements.history;
    let rows = history.all().into_iter().map(|(text, figures)| {
        vec![
            Value::Text(text.to_string()),
            int(figures.calls),
            int(figures.errors),
            int(figures.rows),
            ms(figures.mean()),
            ms(figures.within(0.95)),
            ms(figures.longest as f64),
            ms(figures.total as f64),
            int(figures.records),
            int(figures.plan_changes),
            Value::Time(figures.last),
        ]
    });
    let columns = [
        "statement",
        "calls",
        "errors",
        "rows",
        "mean_ms",
        "p95_ms",
        "max_ms",
        "total_ms",
        "records_read",
        "plan_changes",
        "last_run",
    ];
    let mut outcome = table("SHOW STATEMENTS", &columns, rows.collect());
    if !history.is_on() {
        outcome.notices.push(Notice {
            message: "statements are not counted".to_owned(),
            span: None,
            hint: Some("SET statement_history = on".to_owned()),
        });
    }
    outcome
}

/// The slow statements, the newest first.
pub fn slow(job: &Job<'_>) -> Outcome {
    let slow = &job.shared.statements.slow;
    let rows = slow.all().into_iter().map(|slow| {
        vec![
            Timestamp::parse(&slow.at).map_or(Value::Null, Value::Time),
            Value::Float(slow.ms),
            Value::Text(slow.statement),
            Value::Text(slow.plan),
            int(slow.rows),
            int(slow.records_read),
            int(slow.pages_fetched),
            int(slow.memory_bytes),
            Value::Text(slow.principal),
            slow.error.map_or(Value::Null, Value::Text),
        ]
    });
    let columns = [
        "at",
        "ms",
        "statement",
        "plan",
        "rows",
        "records_read",
        "pages_fetched",
        "memory_bytes",
        "principal",
        "error",
    ];
    let mut outcome = table("SHOW SLOW QUERIES", &columns, rows.collect());
    if slow.threshold() < 0 {
        outcome.notices.push(Notice {
            message: "slow statements are not written down".to_owned(),
            span: None,
            hint: Some("SET slow_query_ms = 100".to_owned()),
        });
    }
    outcome
}
