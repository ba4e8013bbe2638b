//! Class `errors`: a write, a sync or a rename is refused by the device (`EIO`), once. From then on nothing
//! is acknowledged, the program ends with an error, and opens again with everything it had answered.

use crate::points::{self, Scenario};
use crate::program::{self, Ended, Point};
use crate::report::Report;
use crate::sandbox::Sandbox;
use crate::{Plan, trace, workers};

/// Calls that can be refused.
const CALLS: &[&str] =
    &["write", "writev", "pwrite64", "fsync", "fdatasync", "ftruncate", "rename"];

struct Refusal<'a> {
    scenario: &'a Scenario,
    point: Point,
    /// Whether the program is told to go on after a statement that failed.
    going_on: bool,
}

pub(crate) fn run(plan: &Plan) -> Report {
    if let Some(why) = trace::missing() {
        return Report::skip(why);
    }
    let sandbox = Sandbox::new();
    let mut report = Report::default();
    let listed = points::script(&sandbox).and_then(|scenario| {
        let points = scenario.points(&sandbox.path("list"))?;
        Ok((scenario, points))
    });
    let (scenario, points) = match listed {
        Ok(listed) => listed,
        Err(why) => {
            report.violation("errors", why);
            return report;
        }
    };
    let mut jobs: Vec<Refusal<'_>> = points
        .into_iter()
        .filter(|point| CALLS.contains(&point.call.as_str()))
        .flat_map(|point| {
            // What concerns the log is final, so that asking again must not help.
            let log = point.file.contains(".vlog");
            [false, true]
                .into_iter()
                .filter(move |going_on| log || !going_on)
                .map(move |going_on| (point.clone(), going_on))
        })
        .map(|(point, going_on)| Refusal { scenario: &scenario, point, going_on })
        .collect();
    jobs.retain(|refusal| plan.wants(&refusal.name()));
    // Those of the log are few among many of the files, and the ones that matter most.
    let (log, files): (Vec<_>, Vec<_>) =
        jobs.into_iter().partition(|refusal| refusal.point.file.contains(".vlog"));
    let mut jobs = plan.spread(log, 50);
    jobs.extend(plan.spread(files, 50));
    report.merge(workers::each(&jobs, Refusal::name, |worker, refusal, report| {
        let dir = sandbox.path(&format!("w{worker}"));
        if let Err(what) = refusal.run(&dir, report) {
            report.violation(refusal.name(), what);
        }
    }));
    report.count = jobs.len() as u64;
    report
}

impl Refusal<'_> {
    fn name(&self) -> String {
        let how = if self.going_on { " --keep-going" } else { "" };
        format!("errors --full --only {}{how}", self.point.name())
    }

    fn run(&self, dir: &std::path::Path, report: &mut Report) -> Result<(), String> {
        self.scenario.prepare(dir)?;
        let Point { call, nth, .. } = &self.point;
        let trace = format!("trace={call}");
        let inject = format!("inject={call}:error=EIO:when={nth}");
        let options = ["-o", "/dev/null", "-e", &trace, "-e", &inject];
        let mut arguments = self.scenario.on(dir);
        if self.going_on {
            arguments.push("--keep-going".into());
        }
        let input = &self.scenario.input;
        let ended = program::run(&mut program::under_strace(&options, arguments), input)?;
        if ended.err.contains("panicked") {
            return Err(format!("a panic: {}", ended.err));
        }
        match ended.status {
            None => return Err("it died instead of ending".to_owned()),
            Some(0) if ended.answers == self.scenario.truth.script.len() => {
                report.add("answered in full in spite of it", 1);
            }
            Some(0) => return Err(format!("exit status 0 after an error: {}", ended.err)),
            Some(_) if ended.answers == self.scenario.truth.script.len() => {
                report.add("reported at the end", 1);
            }
            Some(_) => report.add("stopped", 1),
        }
        self.late(&ended)?;
        if self.point.file.contains(".vlog") && ended.status == Some(0) {
            return Err("the log failed and the program says that all is well".to_owned());
        }
        self.scenario.look(dir, ended.answers, report)
    }

    /// Nothing that changes something is acknowledged behind the first error.
    fn late(&self, ended: &Ended) -> Result<(), String> {
        let truth = &self.scenario.truth;
        let lines = ended.out.lines().enumerate().skip(ended.answers);
        for (n, line) in lines.filter(|(_, line)| !line.starts_with("{\"error\"")) {
            let changes = truth.states.get(n) != truth.states.get(n + 1);
            let nothing = line.contains("\"affected\":0");
            if changes && !nothing && truth.script.get(n).is_some() {
                return Err(format!("acknowledged after the error: {}: {line}", truth.script[n]));
            }
        }
        Ok(())
    }
}
