//! What an editor asks about a text: pure functions over [`Analysis`](super::analysis::Analysis),
//! byte places and the [`Catalogue`](super::catalogue::Catalogue).
//!
//! Nothing here speaks the protocol: places are bytes of the text, answers are small types of their
//! own, and `requests` translates both.
