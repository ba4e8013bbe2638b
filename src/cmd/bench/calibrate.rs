//! `vql bench calibrate`: what elementary work costs on this machine, measured on made-up data, and
//! kept in a database (`--database`) for its planner.
//!
//! Each price is read off a statement that consists of almost nothing else, many times over. What
//! cannot be measured apart keeps its built-in relation to what can.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::data::Draw;
use crate::cmd::args::{BenchArgs, Format};
use crate::cmd::error::{CmdError, Result};
use crate::cmd::exit::ExitStatus;
use crate::cmd::ui::Ui;
use crate::config::{Config, SystemClock, SystemRng};
use crate::engine::base::{Error, Value};
use crate::engine::outcome::{Control, Options, Params};
use crate::engine::{Engine, ImportOptions, Progress, Reject, Session, Watch, lang};

type Fallible<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Times each statement is run; the median counts.
const ROUNDS: usize = 7;
/// Times it is run before, unmeasured: indexes are made when they are first asked for.
const WARM: usize = 3;
/// Ids looked up at once.
const IDS: usize = 500;

/// One price.
struct Price {
    name: &'static str,
    about: &'static str,
    built_in: f64,
    measured: f64,
    /// It was measured itself, and not only scaled with the others.
    apart: bool,
}

/// Measures, tells, and keeps.
pub(super) fn run(
    args: &BenchArgs,
    place: &Path,
    config: &Config,
    ui: &mut Ui,
) -> Result<ExitStatus> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        CmdError::new(ExitStatus::Failed, format!("the benchmark stopped: {error}"))
    };
    let size = args.size.first().copied().unwrap_or_default().max(2000);
    ui.detail(&format!("loading {size} hexads"));
    let prices = measured(&place.join("calibrate.db"), size, args).map_err(failed)?;
    if let Some(database) = &args.database {
        keep(database, &prices).map_err(failed)?;
        ui.note(&format!("the planner of {} goes by these prices", database.display()));
    }
    match config.format.value {
        Some(Format::Json | Format::Jsonl) => ui.print(&format!("{}\n", as_json(&prices)))?,
        _ => ui.print(&as_table(&prices))?,
    }
    Ok(ExitStatus::Ok)
}

fn as_json(prices: &[Price]) -> serde_json::Value {
    let price = |p: &Price| {
        json!({ "price": p.name, "about": p.about, "built_in_us": p.built_in,
            "measured_us": p.measured, "measured_itself": p.apart })
    };
    prices.iter().map(price).collect()
}

fn as_table(prices: &[Price]) -> String {
    let mut text = format!("{:<14} {:>12} {:>12}\n", "price (us)", "built in", "this machine");
    for price in prices {
        let scaled = if price.apart { "" } else { "  (scaled)" };
        let (name, built_in, here) = (price.name, price.built_in, price.measured);
        let line = format!("{name:<14} {built_in:>12.3} {here:>12.3}{scaled}\n");
        text.push_str(&line);
    }
    text
}

fn keep(database: &Path, prices: &[Price]) -> Fallible<()> {
    let options = Options { unswept: true, ..Options::default() };
    let engine = Engine::open(database, options, Arc::new(SystemClock), Arc::new(SystemRng))?;
    let prices: Vec<(&str, f64)> = prices.iter().map(|p| (p.name, p.measured)).collect();
    engine.keep_prices(&prices)?;
    Ok(engine.close()?)
}

/// A database of made-up hexads and a session on it.
struct Bench {
    session: Session,
    size: f64,
    dimensions: f64,
}

struct Silent;

impl Watch for Silent {
    fn progress(&mut self, _: &Progress) -> crate::engine::base::Result<()> {
        Ok(())
    }

    fn rejected(&mut self, reject: &Reject) -> crate::engine::base::Result<()> {
        Err(Error::new(reject.kind, reject.reason.clone()))
    }
}

fn lines(size: usize, dimensions: usize, seed: u64) -> String {
    let mut draw = Draw(seed);
    let mut text = String::new();
    for n in 0..size {
        let words: Vec<String> = (0..30).map(|_| draw.word()).collect();
        let common = if n % 2 == 0 { " everywhere" } else { "" };
        let numbers: Vec<String> =
            (0..dimensions).map(|_| format!("{:.3}", draw.unit() - 0.5)).collect();
        let line = json!({
            "id": format!("n{n}"),
            "document": { "title": words[..4].join(" "), "body": words[4..].join(" ") + common,
                "year": draw.below(1000) },
            "semantic": { "types": [if n % 2 == 0 { "Even" } else { "Odd" }] },
            "spatial": { "latitude": draw.unit() * 120.0 - 60.0,
                "longitude": draw.unit() * 300.0 - 150.0 },
            "graph": (0..8).map(|_| json!({ "predicate": "LINKS",
                "target": format!("n{}", draw.below(size)) })).collect::<Vec<_>>(),
        });
        let vector = format!(r#""vector":{{"embedding":[{}]}}"#, numbers.join(","));
        let line = line.to_string();
        text.push_str(line.strip_suffix('}').unwrap_or(&line));
        text.push(',');
        text.push_str(&vector);
        text.push_str("}\n");
    }
    text
}

impl Bench {
    fn ask(&mut self, text: &str, params: &Params) -> Fallible<Vec<Vec<Value>>> {
        let parsed = lang::parse(text);
        if let Some(wrong) = parsed.diagnostics.first() {
            return Err(format!("{text}: {}", wrong.message).into());
        }
        let mut rows = vec![];
        for statement in &parsed.script.statements {
            rows = self.session.execute(text, statement, params, &Control::default())?.rows;
        }
        Ok(rows)
    }

    /// Microseconds of a statement, and the number it answers: its only cell, or how many rows.
    fn timed(&mut self, text: &str) -> Fallible<(f64, f64)> {
        let mut params = Params::new();
        if text.contains("$v") {
            let numbers: Vec<f32> =
                (0..self.dimensions as u32).map(|n| 1.0 - n as f32 / 999.0).collect();
            params.insert("v".to_owned(), Value::Vector(numbers.into()));
        }
        let mut answer = vec![];
        for _ in 0..WARM {
            answer = self.ask(text, &params)?;
        }
        let mut times = vec![];
        for _ in 0..ROUNDS {
            let began = Instant::now();
            answer = self.ask(text, &params)?;
            times.push(began.elapsed().as_secs_f64() * 1e6);
        }
        times.sort_by(f64::total_cmp);
        let number = match answer.as_slice() {
            [row] => match row.as_slice() {
                [Value::Int(count)] => *count as f64,
                _ => 1.0,
            },
            rows => rows.len() as f64,
        };
        Ok((times[ROUNDS / 2], number))
    }

    /// Microseconds for each of `count`, beyond those of `base`.
    fn each(&mut self, text: &str, base: f64, count: Option<f64>) -> Fallible<f64> {
        let (micros, answered) = self.timed(text)?;
        Ok((micros - base).max(0.01) / count.unwrap_or(answered).max(1.0))
    }

    /// The prices that can be told apart.
    fn prices(&mut self) -> Fallible<Vec<(&'static str, f64)>> {
        let (n, share) = (self.size, 384.0 / self.dimensions.max(1.0));
        let count = |condition: &str| format!("SELECT COUNT(*) FROM hexads WHERE {condition}");
        let (base, _) = self.timed(&count("id = 'n1'"))?;
        let header = self.each(&count("version = 77"), base, Some(n))?;
        let valued = self.each(&count("lower(title) = 'x'"), base, Some(n))?;
        let text = self.each(&count("title LIKE '%zzzz%'"), base, Some(n))?;
        let test = 0.1 * header;
        let record = (valued - header - test).max(0.1 * header);
        let ids: Vec<String> = (0..IDS).map(|at| format!("'n{at}'")).collect();
        let lookup = self.each(&count(&format!("id IN ({})", ids.join(", "))), base, None)?;
        let none = self.timed(&count("types INCLUDES 'None'"))?.0;
        self.ask("SET recall_target = 1.0", &Params::new())?;
        let vectors = self.each(
            "SELECT id FROM hexads WHERE h.embedding SIMILAR TO $v LIMIT 1",
            base,
            Some(n),
        )?;
        let one = self.timed(&count("(s)-[:LINKS*1..1]->(h) AND s.id = 'n1'"))?;
        let three = self.timed(&count("(s)-[:LINKS*1..3]->(h) AND s.id = 'n1'"))?;
        let named = self.each("SELECT id FROM hexads LIMIT 1", base, Some(n))?;
        let half = Some(n / 2.0);
        let shown = self.each(
            "SELECT id, title, DOCUMENT.year FROM hexads WHERE DOCUMENT.year < 500 LIMIT 1000",
            base,
            None,
        )?;
        let words = "FULLTEXT CONTAINS 'everywhere'";
        Ok(vec![
            ("probe", (none - base).max(0.2)),
            ("header", header),
            ("record", record),
            ("test_value", test),
            ("test_text", (text - header - record).max(test)),
            ("id_lookup", lookup),
            ("index_row", self.each(&count("types INCLUDES 'Even'"), base, None)?),
            ("column_entry", self.each(&count("DOCUMENT.year < 500"), base, None)?),
            ("place", self.each(&count("WITHIN BOUNDS(-60, -150, 0, 150)"), base, None)?),
            ("posting", self.each(&count(words), base, half)?),
            (
                "score_text",
                self.each(&format!("SELECT id FROM hexads WHERE {words} LIMIT 1"), base, half)?,
            ),
            ("vector_code", vectors * share),
            ("edge", (three.0 - one.0).max(0.1) / (2.0 * (8.0 + 64.0 + 512.0))),
            ("walk", (one.0 - base).max(0.2)),
            ("name", named * 0.6),
            ("sort", named * 0.4 / n.max(2.0).log2()),
            ("cell", (shown / 3.0 - record / 3.0).max(0.05)),
        ])
    }
}

fn measured(path: &Path, size: usize, args: &BenchArgs) -> Fallible<Vec<Price>> {
    let options = Options { create: true, unswept: true, ..Options::default() };
    let engine = Engine::open(path, options, Arc::new(SystemClock), Arc::new(SystemRng))?;
    let lines = lines(size, args.dimensions, args.seed);
    engine.import(&mut lines.as_bytes(), &ImportOptions::default(), &mut Silent)?;
    engine.settle()?;
    let (session, dimensions) = (engine.session(), args.dimensions as f64);
    let mut bench = Bench { session, size: size as f64, dimensions };
    bench.ask("ANALYZE", &Params::new())?;
    let apart = bench.prices()?;
    drop(bench);
    engine.close()?;
    let mut ratios: Vec<f64> = vec![];
    let built_in = crate::engine::plan_prices();
    for (name, micros) in &apart {
        let known = built_in.iter().find(|price| price.0 == *name);
        ratios.extend(known.map(|price| micros / price.1));
    }
    ratios.sort_by(f64::total_cmp);
    let usual = ratios.get(ratios.len() / 2).copied().unwrap_or(1.0);
    let price = |(name, built_in, about): (&'static str, f64, &'static str)| {
        let found = apart.iter().find(|(known, _)| *known == name);
        let measured = found.map_or(built_in * usual, |(_, micros)| *micros);
        Price { name, about, built_in, measured, apart: found.is_some() }
    };
    Ok(built_in.into_iter().map(price).collect())
}
