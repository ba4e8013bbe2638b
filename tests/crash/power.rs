//! Class `power`: a real file system on a real block device loses power. An ext4 in a file is mounted,
//! written to by eight writers and shut down without flushing its journal; then it is mounted again.
//! Needs root.

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::Plan;
use crate::dice::Dice;
use crate::kills::{self, Writing};
use crate::oracle::Oracle;
use crate::report::Report;

/// Cuts after which a new file system is made.
const PER_DISK: u64 = 5;
/// What `interval(50)` may lose, with time for a machine that is busy.
const WINDOW: Duration = Duration::from_secs(1);

/// What shuts a mounted ext4 down without flushing its journal, once it is told to.
const SHUTDOWN: &str = "import fcntl, os, struct, sys\n\
    fd = os.open(sys.argv[1], os.O_RDONLY)\n\
    print(flush=True)\n\
    sys.stdin.readline()\n\
    fcntl.ioctl(fd, 0x8004587d, struct.pack('I', 2))\n";

/// Somebody with a hand on the plug.
struct Plug(Child);

impl Plug {
    fn of(disk: &Disk) -> Result<Self, String> {
        let mut command = Command::new("python3");
        command.args(["-c", SHUTDOWN]).arg(disk.at());
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("python3: {e}"))?;
        let mut ready = [0];
        let out = process.stdout.as_mut().expect("it was asked for");
        out.read_exact(&mut ready).map_err(|e| format!("python3: {e}"))?;
        Ok(Self(process))
    }

    /// The power is gone, from some moment after the one that is told.
    fn pull(mut self) -> Result<Instant, String> {
        let mut input = self.0.stdin.take().expect("it was asked for");
        let cut = Instant::now();
        input.write_all(b"\n").map_err(|e| e.to_string())?;
        let output = self.0.wait_with_output().map_err(|e| e.to_string())?;
        if output.status.success() {
            return Ok(cut);
        }
        Err(String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned())
    }
}

/// An ext4 in a file, mounted; unmounted when dropped.
struct Disk {
    place: TempDir,
    mounted: bool,
}

impl Disk {
    fn new() -> Result<Self, String> {
        let place = tempfile::tempdir().map_err(|e| e.to_string())?;
        let image = fs::File::create(place.path().join("image")).map_err(|e| e.to_string())?;
        image.set_len(192 << 20).map_err(|e| e.to_string())?;
        fs::create_dir(place.path().join("mnt")).map_err(|e| e.to_string())?;
        let mut disk = Self { place, mounted: false };
        tool("mkfs.ext4", &["-q", "-F", &disk.image()])?;
        disk.mount()?;
        Ok(disk)
    }

    fn image(&self) -> String {
        self.place.path().join("image").display().to_string()
    }

    fn at(&self) -> PathBuf {
        self.place.path().join("mnt")
    }

    fn mount(&mut self) -> Result<(), String> {
        tool("mount", &["-o", "loop", &self.image(), &self.at().display().to_string()])?;
        self.mounted = true;
        Ok(())
    }

    fn back(&mut self) -> Result<(), String> {
        tool("umount", &[&self.at().display().to_string()])?;
        self.mounted = false;
        self.mount()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if self.mounted {
            // Nothing more can be done about one that is still in use.
            drop(tool("umount", &["-l", &self.at().display().to_string()]));
        }
    }
}

fn tool(name: &str, arguments: &[&str]) -> Result<(), String> {
    let output = Command::new(name).args(arguments).output().map_err(|e| format!("{name}: {e}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr).trim()))
}

pub(crate) fn run(plan: &Plan) -> Report {
    if let Err(why) = Disk::new().and_then(|disk| Plug::of(&disk)?.pull()) {
        return Report::skip(format!("an ext4 cannot be mounted and shut down here ({why})"));
    }
    let count = plan.count(20, 500);
    let mut report = Report::default();
    let mut at = 0;
    while at < count {
        let end = count.min(at + PER_DISK);
        // Three disks of five are written in the mode that promises most.
        let mode = ["full", "full", "50", "full", "off"][(at / PER_DISK % 5) as usize];
        let mode = ["full", "50", "off"].into_iter().find(|m| plan.is_only(m)).unwrap_or(mode);
        let how = format!("power --only {mode} --seed {} --count {}", plan.seed + at, end - at);
        if let Err(what) = disk(mode, plan.seed + at..plan.seed + end, &mut report) {
            report.violation(how, what);
        }
        at = end;
    }
    report
}

/// Cuts one disk's power again and again.
fn disk(mode: &str, seeds: std::ops::Range<u64>, report: &mut Report) -> Result<(), String> {
    let mut disk = Disk::new()?;
    let mut oracle = Oracle::default();
    for seed in seeds {
        let db = disk.at().join("d.db");
        let started = Instant::now();
        let plug = Plug::of(&disk)?;
        let writing = Writing::start(&db, mode, seed)?;
        thread::sleep(Duration::from_millis(150 + Dice::new(seed).below(500)));
        let cut = plug.pull()?;
        writing.kill(&mut oracle)?;
        // Once the power is gone every call fails, and the writers say so.
        oracle.fatal.clear();
        disk.back()?;
        report.count += 1;
        report.add("answers", std::mem::take(&mut oracle.answers));
        let forgiven = match mode {
            // A sync that is under way while the plug is pulled may say that all is well: this is so for
            // a program that does nothing but write and sync, within the same few milliseconds.
            "full" => Some(cut),
            "off" => Some(started),
            _ => cut.checked_sub(WINDOW),
        };
        let look = kills::look(Path::new(&db), &mut oracle, cut, forgiven, report)
            .map_err(|what| format!("mode {mode}, seed {seed}: {what}"))?;
        match mode {
            "full" => {
                report.add("answers lost that were given while the plug was pulled", look.lost);
                report.time("of them after it", look.after);
            }
            "off" => report.add("answers lost in off", look.lost),
            _ => {
                report.add("answers lost in interval(50ms)", look.lost);
                report.time("window of interval(50ms)", look.window);
            }
        }
    }
    Ok(())
}
