//! Class `cycles`: open, write, close, three times over, with numbers of commits and hexads on both sides of
//! every boundary at which something is flushed, applied or saved; closed in order or killed.

use std::path::Path;

use crate::database::{self, said};
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::{Plan, workers};

/// Boundaries: commits before the files follow, commits in one batch, hexads an index reads at once,
/// changes an index leaves to its readers.
const COMMITS: &[u64] = &[1, 50, 257];
const COMMITS_FULL: &[u64] = &[1, 50, 255, 256, 257, 1023, 1024, 1025, 4095, 4096, 4097];
/// Hexads in one commit.
const TOGETHER: &[u64] = &[1, 17];
/// Bytes of the text of a hexad when the bytes are what fills something up.
const LONG: u64 = 100_000;

struct Cycles {
    commits: u64,
    together: u64,
    text: u64,
    killed: bool,
}

pub(crate) fn run(plan: &Plan) -> Report {
    let sandbox = Sandbox::new();
    let sizes = if plan.count(0, 1) == 1 { COMMITS_FULL } else { COMMITS };
    let mut jobs = Vec::new();
    for killed in [false, true] {
        for (commits, together) in sizes.iter().flat_map(|c| TOGETHER.iter().map(move |t| (*c, *t)))
        {
            if commits * together <= 5_000 {
                jobs.push(Cycles { commits, together, text: 10, killed });
            }
        }
        // More bytes than are kept before the files follow.
        jobs.push(Cycles { commits: 90, together: 1, text: LONG, killed });
    }
    let mut report = workers::each(&jobs, Cycles::name, |worker, cycles, report| {
        let dir = sandbox.path(&format!("w{worker}"));
        drop(std::fs::remove_dir_all(&dir));
        match cycles.run(&dir) {
            Ok(hexads) => report.add("hexads", hexads),
            Err(what) => report.violation(cycles.name(), what),
        }
    });
    report.count = jobs.len() as u64;
    report
}

impl Cycles {
    fn name(&self) -> String {
        format!(
            "cycles of {} commits of {} hexads of {} bytes, {}",
            self.commits,
            self.together,
            self.text,
            if self.killed { "killed" } else { "closed" }
        )
    }

    fn run(&self, dir: &Path) -> Result<u64, String> {
        let mut place = dir.join("0");
        let mut written = 0;
        for cycle in 1..=3 {
            let engine = database::create(&place).map_err(|e| said(&e))?;
            check(&engine, written)?;
            let mut session = engine.session();
            for _ in 0..self.commits {
                let rows: Vec<String> = (written..written + self.together)
                    .map(|n| format!("('h{n}', 'T{n}', '{}', {n})", self.words(n)))
                    .collect();
                let text =
                    format!("INSERT INTO hexads (id, title, body, n) VALUES {}", rows.join(", "));
                database::execute(&mut session, &text).map_err(|e| said(&e))?;
                written += self.together;
            }
            drop(session);
            if self.killed {
                // What another process would find if this one died now.
                let next = dir.join(cycle.to_string());
                database::copy(&place, &next).map_err(|e| e.to_string())?;
                place = next;
                drop(engine);
            } else {
                engine.close().map_err(|e| said(&e))?;
            }
        }
        let engine = database::open(&place).map_err(|e| said(&e))?;
        check(&engine, written)?;
        if let Some(fault) = database::faults(&engine).map_err(|e| said(&e))?.first() {
            return Err(fault.clone());
        }
        Ok(written)
    }

    fn words(&self, n: u64) -> String {
        format!("word{n} ").repeat((self.text / 8 + 1) as usize)
    }
}

/// Every hexad is there, under its id, with its text.
fn check(engine: &vql::engine::Engine, written: u64) -> Result<(), String> {
    if written == 0 {
        return Ok(());
    }
    let mut export = Vec::new();
    let count = engine.export(&mut export, &mut |_| Ok(())).map_err(|e| said(&e))?;
    if count != written {
        return Err(format!("{written} were written, {count} are there"));
    }
    let last = written - 1;
    let asked = format!("SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'word{last}'");
    let rows = database::execute(&mut engine.session(), &asked).map_err(|e| said(&e))?.rows;
    if rows.len() != 1 {
        return Err(format!("{asked}: {} rows", rows.len()));
    }
    Ok(())
}
