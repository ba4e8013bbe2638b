//! The limits of the system, in one place, so that messages, tests and documents can cite them.

/// Bytes of one hexad id.
pub const ID_BYTES: usize = 256;
/// Bytes of one VQL statement.
pub const STATEMENT_BYTES: usize = 1 << 20;
/// Nesting of conditions, expressions and arrays in a statement.
pub const DEPTH: usize = 64;
/// Rows a query returns when it has no LIMIT.
pub const DEFAULT_ROWS: u64 = 100;
/// Numbers in one embedding.
pub const DIMENSIONS: usize = 65_536;
/// Elements of one tensor.
pub const TENSOR_ELEMENTS: usize = 1 << 26;
/// Bytes of one encoded record of one modality.
pub const RECORD_BYTES: usize = 64 << 20;
/// Hops of a variable-length path without an upper bound.
pub const PATH_HOPS: u32 = 64;
/// Bytes of one input line of an import.
pub const LINE_BYTES: usize = 256 << 20;
