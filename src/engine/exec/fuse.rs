//! Several rankings made one: reciprocal rank fusion.
//!
//! Scores of different kinds (a cosine, a BM25 score, a distance) have no common scale, their ranks
//! have. Nothing here knows where a ranking came from.

use crate::engine::base::Iid;

/// How little the very first ranks count beyond the following ones; the usual constant.
pub const K: f64 = 60.0;

/// Ranks of one list, best first; equal scores share the better rank, so that the order in which
/// ties happen to arrive changes nothing.
pub fn ranks(scores: &[(Iid, f64)]) -> Vec<(Iid, u32)> {
    let mut sorted: Vec<(Iid, f64)> = scores.to_vec();
    sorted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut ranked = Vec::with_capacity(sorted.len());
    let mut rank = 0;
    let mut before = f64::NAN;
    for (place, (iid, score)) in sorted.into_iter().enumerate() {
        if score.total_cmp(&before).is_ne() {
            rank = place as u32 + 1;
            before = score;
        }
        ranked.push((iid, rank));
    }
    ranked
}

/// What a place at `rank` (from 1) adds to the fused score.
pub fn share(rank: u32) -> f64 {
    1.0 / (K + f64::from(rank))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_share_a_rank() {
        let ranked = ranks(&[(Iid(3), 0.5), (Iid(1), 0.9), (Iid(2), 0.5), (Iid(4), 0.1)]);
        assert_eq!(ranked, [(Iid(1), 1), (Iid(2), 2), (Iid(3), 2), (Iid(4), 4)]);
    }

    #[test]
    fn a_better_rank_adds_more() {
        assert!(share(1) > share(2));
    }
}
