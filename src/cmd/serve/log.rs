//! The log of the server on standard error: text for people, JSON for programs; how much of it there is
//! can change while it runs.

use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Registry, fmt, reload};

use crate::cmd::error::{CmdError, Result};
use crate::cmd::ui::Ui;
use crate::config::Config;

/// Changes how much is logged.
pub(super) struct Handle(reload::Handle<EnvFilter, Registry>);

impl Handle {
    /// As the settings say now.
    pub(super) fn reload(&self, config: &Config) -> Result<()> {
        self.0.reload(filter(config)?).map_err(|cause| CmdError::usage(cause.to_string()))
    }
}

/// Starts the log of this process.
pub(super) fn start(config: &Config, ui: &Ui) -> Result<Handle> {
    let (filter, handle) = reload::Layer::new(filter(config)?);
    let to = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let registry = tracing_subscriber::registry().with(filter);
    let started = if config.serve.log_json {
        registry
            .with(to.json().flatten_event(true).with_current_span(true).with_span_list(false))
            .try_init()
    } else {
        registry.with(to.with_ansi(ui.color_messages())).try_init()
    };
    started.map_err(|cause| CmdError::usage(format!("the log cannot be started: {cause}")))?;
    Ok(Handle(handle))
}

fn filter(config: &Config) -> Result<EnvFilter> {
    let level = config.serve.log_level.as_deref().unwrap_or("info");
    // What the libraries say below a warning is of no use to who runs a database.
    let full =
        if level.contains(['=', ',']) { level.to_owned() } else { format!("warn,vql={level}") };
    EnvFilter::try_new(full).map_err(|_| {
        CmdError::usage(format!("`{level}` is not a level of the log"))
            .hint("choose one of error, warn, info, debug, trace")
    })
}
