//! Where the benchmark runs: what a reader has to know to judge the figures.

use serde_json::{Value as Json, json};

/// The processor, how many of it, the memory and the system.
pub(crate) fn about() -> Json {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = info.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().find_map(|line| {
        line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse::<u64>().ok()
    });
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    json!({
        "processor": name.unwrap_or("unknown processor").trim(),
        "cores": cores,
        "memory_bytes": memory.map(|kib| kib * 1024),
        "system": format!("{} {} {}", std::env::consts::OS, release.trim(), std::env::consts::ARCH),
        "build": if cfg!(debug_assertions) { "debug" } else { "release" },
    })
}

/// The same in a line.
pub(crate) fn line() -> String {
    let about = about();
    let processor = about["processor"].as_str().unwrap_or_default().to_owned();
    let build = if cfg!(debug_assertions) { ", debug build: times mean nothing" } else { "" };
    format!("{processor} ({} cores){build}", about["cores"])
}
