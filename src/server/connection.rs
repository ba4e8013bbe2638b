//! What is known of a connection, handed to every request that comes over it.

use std::net::SocketAddr;
use std::sync::Arc;

/// One connection.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The other end; none for sockets that have no address.
    pub address: Option<SocketAddr>,
    /// The certificate of the client as DER, verified by the handshake.
    pub certificate: Option<Arc<[u8]>>,
    /// Whether it is encrypted.
    pub encrypted: bool,
}
