//! Listening, accepting, shaking hands, and ending in order. What is said over a connection is hyper's
//! business and that of the router.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use parking_lot::RwLock;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::connection::Connection;
use super::shutdown::{Signals, Told};
use super::state::App;
use super::{rest, tls};

/// Bytes of the head of a request, and of what is read ahead.
const HEAD: usize = 64 << 10;
/// Headers of a request.
const HEADERS: usize = 100;
/// Streams of one connection of HTTP/2.
const STREAMS: u32 = 128;
/// How often what is idle is looked for.
const SWEEP: Duration = Duration::from_secs(1);

/// A server that listens and does not answer yet.
pub struct Server {
    app: Arc<App>,
    listener: TcpListener,
    tls: Option<Arc<RwLock<Arc<ServerConfig>>>>,
}

/// Where it listens.
#[derive(Clone, Copy, Debug)]
pub struct Bound {
    /// The address, its port known.
    pub address: SocketAddr,
    /// Whether connections are encrypted.
    pub encrypted: bool,
}

impl Server {
    /// Listens. `given` is a socket that somebody else has opened already.
    pub async fn bind(app: Arc<App>, given: Option<std::net::TcpListener>) -> Result<Self, String> {
        let tls = match &app.settings.tls {
            None => None,
            Some(files) => Some(Arc::new(RwLock::new(tls::load(files)?))),
        };
        let listener = match given {
            Some(socket) => {
                socket.set_nonblocking(true).and_then(|()| TcpListener::from_std(socket))
            }
            None => TcpListener::bind(app.settings.listen).await,
        };
        let listener = listener
            .map_err(|cause| format!("cannot listen on {}: {cause}", app.settings.listen))?;
        Ok(Self { app, listener, tls })
    }

    /// Where.
    pub fn bound(&self) -> io::Result<Bound> {
        Ok(Bound { address: self.listener.local_addr()?, encrypted: self.tls.is_some() })
    }

    /// Answers until it is told to end, then lets requests finish for as long as the settings say.
    /// `reload` is called when it is told to read its settings again. True when everybody was done.
    pub async fn serve(self, mut signals: Signals, reload: impl Fn()) -> bool {
        let Self { app, listener, tls } = self;
        let router = rest::router(&app);
        let places = Arc::new(Semaphore::new(app.settings.limits.connections));
        let graceful = GracefulShutdown::new();
        let mut sweep = tokio::time::interval(SWEEP);
        app.ready.store(true, Ordering::Relaxed);
        loop {
            tokio::select! {
                told = signals.next() => match told {
                    Told::End => break,
                    Told::Reload => {
                        reload();
                        again(&app, tls.as_ref());
                    }
                },
                _ = sweep.tick() => app.conversations.sweep(app.limits().idle),
                accepted = listener.accept() => match accepted {
                    Ok((stream, address)) => {
                        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
                            app.metrics.refused.inc();
                            continue;
                        };
                        let tls = tls.as_ref().map(|config| Arc::clone(&config.read()));
                        let peer = Peer { app: Arc::clone(&app), router: router.clone(), address };
                        tokio::spawn(peer.greet(stream, tls, place, graceful.watcher()));
                    }
                    Err(cause) => {
                        // Out of descriptors, most likely: some will be let go of.
                        tracing::warn!(%cause, "cannot accept a connection");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                },
            }
        }
        drop(listener);
        end(&app, graceful, signals).await
    }
}

/// Reads the certificates again; those that cannot be used change nothing.
fn again(app: &App, tls: Option<&Arc<RwLock<Arc<ServerConfig>>>>) {
    let (Some(files), Some(config)) = (&app.settings.tls, tls) else { return };
    match tls::load(files) {
        Ok(fresh) => *config.write() = fresh,
        Err(why) => tracing::error!(why, "the certificates stay as they were"),
    }
}

async fn end(app: &App, graceful: GracefulShutdown, mut signals: Signals) -> bool {
    app.ready.store(false, Ordering::Relaxed);
    app.ending.send_replace(true);
    tracing::info!(open = app.metrics.connections.get(), "ending: requests may finish");
    let impatient = async { while signals.next().await == Told::Reload {} };
    tokio::select! {
        () = graceful.shutdown() => true,
        () = tokio::time::sleep(app.settings.drain) => {
            tracing::warn!("requests did not finish in time");
            false
        }
        () = impatient => {
            tracing::warn!("told again: requests are cut");
            false
        }
    }
}

/// Somebody who has connected.
struct Peer {
    app: Arc<App>,
    router: Router,
    address: SocketAddr,
}

type Watcher = hyper_util::server::graceful::Watcher;

impl Peer {
    async fn greet(
        self,
        stream: TcpStream,
        tls: Option<Arc<ServerConfig>>,
        place: OwnedSemaphorePermit,
        watcher: Watcher,
    ) {
        drop(stream.set_nodelay(true));
        let Some(config) = tls else {
            let connection =
                Connection { address: Some(self.address), certificate: None, encrypted: false };
            return self.talk(stream, connection, place, watcher).await;
        };
        let limit = self.app.limits().head_time;
        let shaken = TlsAcceptor::from(config).accept(stream);
        match tokio::time::timeout(limit, shaken).await {
            Ok(Ok(stream)) => {
                let shown = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
                let certificate = shown.map(|leaf| Arc::from(leaf.as_ref()));
                let connection =
                    Connection { address: Some(self.address), certificate, encrypted: true };
                self.talk(stream, connection, place, watcher).await;
            }
            failed => {
                self.app.metrics.handshakes_failed.inc();
                let cause = failed.map(|result| result.err().map(|cause| cause.to_string()));
                tracing::info!(address = %self.address, ?cause, "a handshake failed");
            }
        }
    }

    async fn talk(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        connection: Connection,
        place: OwnedSemaphorePermit,
        watcher: Watcher,
    ) {
        let Self { app, router, address } = self;
        app.metrics.connections.inc();
        let open = Open(Arc::clone(&app));
        let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(connection.clone());
            router.clone().oneshot(request)
        });
        let mut builder = Builder::new(TokioExecutor::new());
        let timer = TokioTimer::new();
        builder
            .http1()
            .timer(timer.clone())
            .header_read_timeout(app.limits().head_time)
            .max_headers(HEADERS)
            .max_buf_size(HEAD)
            .http2()
            .timer(timer)
            .max_concurrent_streams(STREAMS)
            .max_header_list_size(HEAD as u32)
            .keep_alive_interval(Duration::from_secs(30));
        let talk = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
        if let Err(cause) = watcher.watch(talk.into_owned()).await {
            tracing::debug!(%address, cause, "a connection ended");
        }
        drop((open, place));
    }
}

/// A connection that is open, until it is dropped.
struct Open(Arc<App>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.metrics.connections.dec();
    }
}
