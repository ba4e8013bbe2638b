//! Time and randomness as arguments: nothing below the edge asks the host for either.

use super::Timestamp;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The present instant, UTC.
    fn now(&self) -> Timestamp;
}

/// Gives random bits.
pub trait Rng: Send + Sync {
    /// 128 fresh random bits.
    fn bits(&self) -> u128;
}
