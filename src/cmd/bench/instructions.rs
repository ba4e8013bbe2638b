//! `vql bench instructions CASE`: a fixed amount of work of one kind, for counting instructions.
//!
//! Nothing is timed here. Whoever counts turns the count on where [`counted`] is entered and off where
//! it is left, on this thread only: what is prepared before, and what the background does, is not meant.

use std::path::Path;

use super::data::Source;
use super::language::statements;
use super::ours::Ours;
use super::question::{Kind, Question, shapes};
use super::subject::{Result, Subject as _};
use crate::engine::lang::format::{Options, format_script};
use crate::engine::lang::parse::chunks;

/// The cases, in the order they are counted.
pub(crate) const CASES: [&str; 11] = [
    "parse",
    "fmt",
    "plan",
    "load",
    "get",
    "knn",
    "knn-filtered",
    "text",
    "hops",
    "hybrid",
    "aggregate",
];

/// Items of the database, and numbers in an embedding.
const SIZE: usize = 600;
const DIMENSIONS: usize = 64;
/// Bytes of the scripts that are parsed and formatted.
const BYTES: usize = 100_000;
/// Questions of a shape.
const QUESTIONS: usize = 20;

/// Whatever happens in here is what is counted.
#[inline(never)]
pub(crate) fn counted<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    let done = work();
    // Not a call in tail position: the end of this function must be seen.
    std::hint::black_box(&done);
    done
}

/// Does the work of a case.
pub(super) fn run(case: &str, place: &Path) -> Result<()> {
    match case {
        "parse" => {
            let text = script();
            counted(|| Ok(chunks(&text).filter(|chunk| chunk.parse.is_ok()).count())).map(drop)
        }
        "fmt" => {
            let text = script();
            counted(|| Ok(format_script(&text, Options::default()).text.len())).map(drop)
        }
        "load" => {
            let (source, mut ours) = empty(place)?;
            let items: Vec<_> = (0..SIZE).map(|n| (n, source.item(n))).collect();
            counted(|| ours.load(items))
        }
        _ => ask(case, place),
    }
}

fn script() -> String {
    let mut text = String::new();
    for line in statements().split_inclusive(";\n") {
        text.push_str(line);
        if text.len() >= BYTES {
            break;
        }
    }
    text
}

fn empty(place: &Path) -> Result<(Source, Ours)> {
    let source = Source::new(1, SIZE, DIMENSIONS);
    Ok((source, Ours::create(&place.join("vql.db"))?))
}

/// Asks the questions of a suite; of all of them, without running them, for `plan`.
fn ask(case: &str, place: &Path) -> Result<()> {
    let (source, mut ours) = empty(place)?;
    ours.load((0..SIZE).map(|n| (n, source.item(n))).collect())?;
    ours.finish()?;
    let plan = case == "plan";
    let wanted = shapes()
        .into_iter()
        .filter(|shape| shape.suite == case || plan && !matches!(shape.suite, "get" | "as-of"));
    let mut questions: Vec<Question> = Vec::new();
    for shape in wanted {
        questions.extend((0..QUESTIONS).map(|n| shape.question(&source, SIZE, n)));
    }
    if questions.iter().any(|question| question.kind() == Kind::AsOf) || questions.is_empty() {
        return Err(format!("no case is called `{case}`").into());
    }
    let mut all = || -> Result<()> {
        for question in &questions {
            if plan {
                ours.plan(question)?;
            } else {
                std::hint::black_box(ours.ask(question)?);
            }
        }
        Ok(())
    };
    // What is made once is made before.
    all()?;
    counted(all)
}
