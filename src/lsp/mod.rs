//! The language server: the editor protocol over `engine/lang`.
//!
//! It holds the texts that are open in an editor and answers about them. It opens no database and
//! reads no file; streams and settings come in through [`run`].

mod document;
mod server;
mod to_proto;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::io::{AsyncRead, AsyncWrite};
use tower_lsp::{LspService, Server};

use self::server::Backend;
use crate::engine::lang::format::Options;

/// Requests worked on at once; a cancellation must never wait behind the request it is about.
const CONCURRENCY: usize = 256;

/// Serves one client until it says `exit` or goes away. True when it had said `shutdown` before.
pub async fn run<I, O>(input: I, output: O, layout: Options) -> bool
where
    I: AsyncRead + Unpin,
    O: AsyncWrite,
{
    let orderly = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&orderly);
    let (service, socket) = LspService::new(|client| Backend::new(client, layout, seen));
    Server::new(input, output, socket).concurrency_level(CONCURRENCY).serve(service).await;
    orderly.load(Ordering::Relaxed)
}
