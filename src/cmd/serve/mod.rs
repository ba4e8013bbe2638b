//! `vql serve`: opens a database, hands it to the server, and tells it what signals mean. What is said
//! over the sockets is the business of `server`.

mod door;
mod log;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::args::{Cli, ServeArgs};
use super::database::Database;
use super::error::{CmdError, Result, plain};
use super::exit::ExitStatus;
use super::ui::Ui;
use crate::config::serve as said;
use crate::config::{Config, Env, SystemClock, SystemRng};
use crate::engine::Engine;
use crate::server::auth::{Authenticate, Door, Insecure};
use crate::server::shutdown::Signals;
use crate::server::{App, Bound, Limits, Server, Settings, TlsFiles, tls};

/// Where it listens when nobody says.
const LISTEN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);

/// Serves until it is told to end.
pub fn run(args: &ServeArgs, cli: &Cli, config: &Config, ui: &mut Ui) -> Result<ExitStatus> {
    let settings = settings(args, config)?;
    if let Some(files) = &settings.tls {
        tls::load(files).map_err(CmdError::usage)?;
    }
    let logging = log::start(config, ui)?;
    let target = args.target.as_deref().unwrap_or(&config.target.value);
    door::keep_out_of_dumps();
    if args.check_config {
        door::known(&config.serve.trusted)?;
        ui.print(&described(target, &settings))?;
        return Ok(ExitStatus::Ok);
    }
    let mut database =
        Database::new(target, args.read_only)?.with(&config.embedders).archiving(config);
    let engine = if args.read_only { database.engine()? } else { database.created()? }.clone();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("vql-serve")
        .max_blocking_threads(settings.limits.statements + 16)
        .build()
        .map_err(|cause| {
            CmdError::new(ExitStatus::Failed, format!("cannot start threads: {}", plain(&cause)))
        })?;
    let locked = if settings.insecure {
        None
    } else {
        Some(door::open(&engine, Arc::new(SystemClock), &config.serve.trusted, ui)?)
    };
    let orderly = runtime.block_on(serve(engine, args, settings, (cli, &logging), locked, ui));
    runtime.shutdown_timeout(Duration::from_secs(1));
    let orderly = orderly?;
    database.close()?;
    Ok(if orderly { ExitStatus::Ok } else { ExitStatus::Failed })
}

async fn serve(
    engine: Engine,
    args: &ServeArgs,
    settings: Settings,
    (cli, logging): (&Cli, &log::Handle),
    locked: Option<Arc<Door>>,
    ui: &mut Ui,
) -> Result<bool> {
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let authenticator: Arc<dyn Authenticate> = match &locked {
        Some(door) => Arc::clone(door) as Arc<dyn Authenticate>,
        None => Arc::new(Insecure),
    };
    let app = App::new(engine, authenticator, clock, rng, settings);
    let given = listenfd::ListenFd::from_env().take_tcp_listener(0).map_err(|cause| {
        CmdError::usage(format!(
            "the socket that was handed over cannot be used: {}",
            plain(&cause)
        ))
    })?;
    let server = Server::bind(Arc::clone(&app), given).await.map_err(CmdError::unreachable)?;
    let failed = |cause: std::io::Error| CmdError::unreachable(plain(&cause));
    let signals = Signals::install().map_err(failed)?;
    let Bound { address, encrypted } = server.bound().map_err(failed)?;
    let scheme = if encrypted { "https" } else { "http" };
    if app.settings.insecure {
        ui.note("nobody is asked for a key: everybody on this machine may do everything");
    }
    ui.print(&format!("listening on {scheme}://{address}\n"))?;
    ui.flush()?;
    // Without a service manager nobody listens, and that is as well.
    drop(sd_notify::notify(&[sd_notify::NotifyState::Ready]));
    let reload = || match Config::load(&cli.shared, Env::read()).and_then(|config| {
        let fresh = self::settings(args, &config)?;
        logging.reload(&config)?;
        if let Some(door) = &locked {
            door.know(door::known_again(&config.serve.trusted)?);
        }
        Ok(fresh)
    }) {
        Ok(fresh) => {
            app.set_limits(fresh.limits);
            tracing::info!("settings were read again");
        }
        Err(error) => tracing::error!(error = error.message, "the settings stay as they were"),
    };
    let orderly = server.serve(signals, reload).await;
    drop(sd_notify::notify(&[sd_notify::NotifyState::Stopping]));
    Ok(orderly)
}

/// Flags over files over defaults.
fn settings(args: &ServeArgs, config: &Config) -> Result<Settings> {
    let said = &config.serve;
    let listen = args.listen.or(said.listen).unwrap_or(LISTEN);
    if args.insecure && !listen.ip().is_loopback() {
        return Err(CmdError::usage(format!(
            "`--insecure` lets everybody do everything, and {listen} can be reached from elsewhere"
        ))
        .hint("listen on 127.0.0.1, or leave `--insecure` out and use keys"));
    }
    let either = |flag: &Option<PathBuf>, file: &Option<PathBuf>| flag.clone().or(file.clone());
    let tls = match (either(&args.tls_cert, &said.tls_cert), either(&args.tls_key, &said.tls_key)) {
        (Some(certificate), Some(key)) => {
            Some(TlsFiles { certificate, key, client_ca: either(&args.client_ca, &said.client_ca) })
        }
        (None, None) => None,
        _ => return Err(CmdError::usage("a certificate needs its key, and a key its certificate")),
    };
    if tls.is_none() && !listen.ip().is_loopback() {
        return Err(CmdError::usage(format!(
            "{listen} can be reached from elsewhere, and nothing would be encrypted"
        ))
        .hint("give `--tls-cert` and `--tls-key`, or listen on 127.0.0.1"));
    }
    Ok(Settings {
        listen,
        insecure: args.insecure,
        introspection: args.introspection,
        tls,
        limits: limits(&said.limits),
        origins: said.origins.clone(),
        drain: said.drain.unwrap_or(Duration::from_secs(30)),
        backups: said.backups.clone(),
    })
}

fn limits(said: &said::Limits) -> Limits {
    let default = Limits::default();
    Limits {
        statements: said.statements.unwrap_or(default.statements),
        queue: said.queue.unwrap_or(default.queue),
        connections: said.connections.unwrap_or(default.connections),
        body: said.body.unwrap_or(default.body),
        head_time: said.head_time.unwrap_or(default.head_time),
        body_time: said.body_time.unwrap_or(default.body_time),
        statement_time: said.statement_time.unwrap_or(default.statement_time),
        rows: said.rows.unwrap_or(default.rows),
        kept: said.transactions.unwrap_or(default.kept),
        idle: said.idle.unwrap_or(default.idle),
        subscribers: said.subscribers.unwrap_or(default.subscribers),
        rate: said.rate.filter(|rate| *rate > 0),
    }
}

/// What would be served.
fn described(target: &str, settings: &Settings) -> String {
    let Settings { listen, insecure, tls, limits, .. } = settings;
    let who = if *insecure { "nobody is asked for a key" } else { "keys, tokens, certificates" };
    let encryption = match tls {
        None => "none".to_owned(),
        Some(files) => {
            let clients =
                if files.client_ca.is_some() { ", clients show certificates" } else { "" };
            format!("TLS with {}{clients}", files.certificate.display())
        }
    };
    format!(
        "the settings are right\ndatabase    {target}\nlisten      {listen}\nencryption  {encryption}\n\
         who asks    {who}\nstatements  {} at once, {} wait, {:?} each\n",
        limits.statements, limits.queue, limits.statement_time
    )
}
