//! The suites of the language: parsing and formatting a megabyte of statements. Nothing stands beside
//! them; the cost of one operation is that of one megabyte on one core.

use super::data::{Draw, word};
use super::measure::Meter;
use super::subject::Result;
use super::suite::Finding;
use crate::engine::lang::format::{Options, format_script};
use crate::engine::lang::parse::chunks;

/// Bytes of the text.
const BYTES: usize = 1_000_000;
/// Rounds of a suite, and operations of a round.
const ROUNDS: (usize, usize) = (5, 4);

/// Runs the suites asked for.
pub(crate) fn run(wanted: &dyn Fn(&str) -> bool) -> Result<Vec<Finding>> {
    let mut found = Vec::new();
    if !wanted("parse") && !wanted("fmt") {
        return Ok(found);
    }
    let text = statements();
    if wanted("parse") {
        found.push(measure("parse", "one megabyte of statements, parsed one by one", || {
            chunks(&text).filter(|chunk| chunk.parse.is_ok()).count()
        })?);
    }
    if wanted("fmt") {
        let what = "one megabyte of statements, formatted and compared with what they said";
        found.push(measure("fmt", what, || format_script(&text, Options::default()).text.len())?);
    }
    Ok(found)
}

fn measure(suite: &'static str, what: &str, operation: impl Fn() -> usize) -> Result<Finding> {
    let mut meter = Meter::default();
    std::hint::black_box(operation());
    for _ in 0..ROUNDS.0 {
        meter.round(ROUNDS.1, |_| {
            std::hint::black_box(operation());
            Ok(())
        })?;
    }
    let mut finding = Finding::new(suite, suite, what);
    finding.costs.push(Some(meter.cost()));
    Ok(finding)
}

/// Statements of every length, none of them in the standard layout.
pub(super) fn statements() -> String {
    let mut text = String::with_capacity(BYTES + 1000);
    let mut draw = Draw(7);
    while text.len() < BYTES {
        let (a, b, n) = (word(draw.below(1000)), word(draw.below(1000)), draw.below(2000));
        let next = match draw.below(6) {
            0 => format!("select   document.{a}, {b} from hexads where {a} = {n} limit 5 ;\n"),
            1 => format!(
                "SELECT GRAPH, DOCUMENT FROM HEXAD {a}-{n}\n-- about {b}\nWHERE (h)-[:CITES*1..3]->(x) \
                 AND x.year >= {n} AND FULLTEXT CONTAINS '{a} {b}' ORDER BY year DESC LIMIT 10;\n"
            ),
            2 => format!(
                "insert hexad '{a}-{n}' with document(title = '{a} {b}', year = {n}), \
                 vector([0.1, 0.2, 0.3]), graph(cites, {b}-1);\n"
            ),
            3 => format!("update hexad {a} set document.{b} = '{n}' where {b} <> 'it''s' ;\n"),
            4 => format!("/* {a} */ delete hexad {b} ; count hexads where {a} in (1, 2, {n});\n"),
            _ => format!(
                "SELECT id, COUNT(*) FROM hexads WHERE h.embedding SIMILAR TO [0.5, -0.25, 1] \
                 WITHIN 0.9 USING COSINE AND NOT ({a} LIKE '%{b}%' OR {b} BETWEEN 1 AND {n}) \
                 GROUP BY id HAVING FIELD count > {n};\n"
            ),
        };
        text.push_str(&next);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_is_one_and_is_changed() {
        let text: String = statements().split_inclusive(";\n").take(200).collect();
        let formatted = format_script(&text, Options::default());
        assert_eq!(formatted.diagnostics, []);
        assert_ne!(formatted.text, text);
    }
}
