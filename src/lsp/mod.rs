//! The language server: the editor protocol over `engine/lang`.
//!
//! It holds the texts that are open in an editor and answers about them. It opens no database and
//! reads no file: streams, settings and a [`World`] to ask come in through [`run`].

mod abilities;
pub mod analysis;
mod backend;
pub mod catalogue;
mod commands;
mod document;
pub mod features;
mod frames;
mod live;
mod requests;
mod server;
mod session;
mod settings;
mod to_proto;

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tower_lsp::{LspService, Server};

use self::backend::Backend;

pub use self::live::{Answer, Live, Stop, World};
pub use self::settings::Settings;

/// Requests worked on at once; a cancellation must never wait behind the request it is about.
const CONCURRENCY: usize = 256;

/// How long what is being done may go on when the client has gone.
const GRACE: Duration = Duration::from_secs(2);

/// Bytes and messages that wait between two parts of the server.
const PIPE: usize = 64 << 10;
const QUEUE: usize = 64;

/// Serves one client until it says `exit` or goes away. True when it had said `shutdown` before.
pub async fn run<I, O>(input: I, mut output: O, settings: Settings, world: Arc<dyn World>) -> bool
where
    I: AsyncRead + Unpin + Send + 'static,
    O: AsyncWrite + Unpin + Send + 'static,
{
    let orderly = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&orderly);
    let (service, socket) = LspService::build(|client| Backend::new(client, settings, world, seen))
        .custom_method("vql/text", Backend::text)
        .finish();
    let (to_server, from_client) = tokio::io::duplex(PIPE);
    let (to_client, from_server) = tokio::io::duplex(PIPE);
    let (answers, mut frames) = mpsc::channel::<Vec<u8>>(QUEUE);
    let mut judging = tokio::spawn(frames::judge(input, to_server, answers.clone()));
    tokio::spawn(frames::collect(from_server, answers));
    let writing = tokio::spawn(async move {
        while let Some(frame) = frames.recv().await {
            let written = output.write_all(&frame).await;
            if written.is_err() || output.flush().await.is_err() {
                return;
            }
        }
    });
    let server = Server::new(from_client, to_client, socket).concurrency_level(CONCURRENCY);
    serve(server.serve(service), &mut judging).await;
    // Only the reader of the input may still wait, for an editor that said `exit`.
    judging.abort();
    let written = writing.await;
    written.is_ok() && orderly.load(Ordering::Relaxed)
}

/// Serves to the end. Once nothing more can come, what still waits for the client waits in vain.
async fn serve(serving: impl Future<Output = ()>, judging: &mut JoinHandle<()>) {
    let mut serving = pin!(serving);
    tokio::select! {
        () = &mut serving => {}
        _ = judging => {
            let ended = tokio::time::timeout(GRACE, serving).await;
            drop(ended);
        }
    }
}
