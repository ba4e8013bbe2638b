//! Ctrl-C. Pressed once it stops the running statement; pressed again, or when nothing runs, it
//! ends the program with its own exit code. Nothing is lost: what was answered is durable.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::SIGINT;
use signal_hook::flag;

use super::exit::ExitStatus;

/// The switch that Ctrl-C turns.
#[derive(Clone, Debug, Default)]
pub struct Interrupt {
    cancel: Arc<AtomicBool>,
    idle: Arc<AtomicBool>,
}

impl Interrupt {
    /// Takes over Ctrl-C for the rest of the program.
    pub fn install() -> io::Result<Self> {
        let this = Self::default();
        let status = ExitStatus::Interrupted as i32;
        // The order matters: the first press finds `cancel` still false and only sets it.
        flag::register_conditional_shutdown(SIGINT, status, Arc::clone(&this.idle))?;
        flag::register_conditional_shutdown(SIGINT, status, Arc::clone(&this.cancel))?;
        flag::register(SIGINT, Arc::clone(&this.cancel))?;
        this.rest();
        Ok(this)
    }

    /// Something starts that can be stopped; gives the switch it has to look at.
    pub fn start(&self) -> Arc<AtomicBool> {
        self.cancel.store(false, Ordering::Relaxed);
        self.idle.store(false, Ordering::Relaxed);
        Arc::clone(&self.cancel)
    }

    /// True when Ctrl-C was pressed since the start.
    pub fn pressed(&self) -> bool {
        self.cancel.load(Ordering::Relaxed)
    }

    /// Nothing runs: Ctrl-C may end the program at once.
    pub fn rest(&self) {
        self.cancel.store(false, Ordering::Relaxed);
        self.idle.store(true, Ordering::Relaxed);
    }

    /// A person sits at a prompt that has its own idea of Ctrl-C.
    pub fn prompt(&self) {
        self.cancel.store(false, Ordering::Relaxed);
        self.idle.store(false, Ordering::Relaxed);
    }
}
