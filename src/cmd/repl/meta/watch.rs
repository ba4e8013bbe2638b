//! `\watch`: runs the last statement again and again until it was enough or Ctrl-C.

use std::time::{Duration, Instant};

use super::needs;
use crate::cmd::error::Result;
use crate::cmd::repl::shell::{Flow, Shell};

/// Seconds between two runs when none are given.
const PAUSE: f64 = 2.0;
/// How long Ctrl-C may go unnoticed.
const NAP: Duration = Duration::from_millis(50);

pub(super) fn watch(shell: &mut Shell<'_>, rest: &str) -> Result<Flow> {
    let mut words = rest.trim_end_matches(';').split_whitespace();
    let pause = match words.next().map(str::parse::<f64>) {
        None => PAUSE,
        Some(Ok(seconds)) if (0.0..=86_400.0).contains(&seconds) => seconds,
        Some(_) => return Err(needs("watch", "a number of seconds, such as `\\watch 2`")),
    };
    let times = match words.next().map(str::parse::<u64>) {
        None => u64::MAX,
        Some(Ok(times)) => times,
        Some(Err(_)) => return Err(needs("watch", "a number of times, such as `\\watch 2 10`")),
    };
    let piece = shell.last.clone().ok_or_else(|| needs("watch", "a statement that ran before"))?;
    let (pager, interactive) = (shell.look.pager.replace(String::new()), shell.interactive());
    let flow = repeat(shell, times, Duration::from_secs_f64(pause), |shell| {
        shell.statement("<watch>", &piece)
    });
    shell.look.pager = pager;
    if interactive {
        shell.interrupt.prompt();
    }
    flow
}

fn repeat(
    shell: &mut Shell<'_>,
    times: u64,
    pause: Duration,
    run: impl Fn(&mut Shell<'_>) -> Result<Flow>,
) -> Result<Flow> {
    for n in 0..times {
        let before = shell.status();
        let flow = run(shell)?;
        if flow != Flow::Next || (shell.interactive() && shell.status() != before) {
            return Ok(flow);
        }
        if n + 1 == times {
            break;
        }
        shell.interrupt.start();
        let started = Instant::now();
        while started.elapsed() < pause {
            if shell.interrupt.pressed() {
                return Ok(Flow::Next);
            }
            std::thread::sleep(NAP.min(pause.saturating_sub(started.elapsed())));
        }
    }
    Ok(Flow::Next)
}
