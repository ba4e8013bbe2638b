//! Transactions: what they lock and who waits for whom. Reads no records and writes none: that is
//! the business of the sessions that hold transactions.

pub mod locks;
