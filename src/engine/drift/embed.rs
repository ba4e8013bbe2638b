//! The built-in embedder `hash-384`: texts as points whose distance says how much of the text differs.
//!
//! Hashed words, pairs of neighboring words, and groups of three and four characters inside words,
//! each in two places of 384 with a sign of its own, normalized to length one. It knows no language
//! and no corpus: the same text gives the same numbers for ever and on every machine, so a distance
//! between then and now is drift of the text and of nothing else. It is not for finding meaning.

use std::collections::BTreeMap;

/// The name under which a vector says it was made here.
pub const MODEL: &str = "hash-384";

/// Numbers in an embedding.
pub const DIMENSIONS: usize = 384;

/// A word says most, a pair of words says in which order, a group of characters that a word was only
/// inflected or misspelled. Whole numbers, so that sums are exact in any order.
const WORD: i64 = 7;
const PAIR: i64 = 4;
const GROUP: i64 = 1;

/// The embedding of a text; all zero when it holds no word.
///
/// Case, spaces and punctuation do not count. A feature that comes often counts less each time: by the
/// square root, so that a long text is not drowned by its most frequent word.
pub fn embed(text: &str) -> Vec<f32> {
    let mut sums = [0.0_f64; DIMENSIONS];
    for (feature, (weight, count)) in features(text) {
        let strength = weight as f64 * (count as f64).sqrt();
        for half in [feature, mix(feature ^ 0x9E37_79B9_7F4A_7C15)] {
            let sign = if half >> 63 == 0 { 1.0 } else { -1.0 };
            sums[(half % DIMENSIONS as u64) as usize] += sign * strength;
        }
    }
    let norm = sums.iter().map(|x| x * x).sum::<f64>().sqrt();
    let scale = if norm > 0.0 { 1.0 / norm } else { 0.0 };
    sums.iter().map(|x| (x * scale) as f32).collect()
}

/// The words of a text: runs of letters and digits, in lower case.
pub fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Every feature by its hash, with its weight and how often it comes. Sorted, so that sums are made
/// in one order.
fn features(text: &str) -> BTreeMap<u64, (i64, u64)> {
    let words = words(text);
    let mut features = BTreeMap::new();
    let mut add = |kind: u8, weight: i64, parts: &[&str]| {
        features.entry(hash(kind, parts)).or_insert((weight, 0)).1 += 1;
    };
    for word in &words {
        add(1, WORD, &[word]);
        let framed: Vec<char> = [' '].into_iter().chain(word.chars()).chain([' ']).collect();
        for size in [3, 4] {
            for group in framed.windows(size) {
                add(size as u8, GROUP, &[&group.iter().collect::<String>()]);
            }
        }
    }
    for pair in words.windows(2) {
        add(2, PAIR, &[&pair[0], &pair[1]]);
    }
    features
}

/// FNV-1a over the kind and the parts, then mixed.
fn hash(kind: u8, parts: &[&str]) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut eat = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    eat(kind);
    for part in parts {
        part.bytes().for_each(&mut eat);
        eat(0xFF);
    }
    mix(hash)
}

/// Spreads every bit over all others (the finalizer of `SplitMix64`).
fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// The cosine of two vectors of one length; `None` when the lengths differ or one points nowhere.
pub fn cosine(a: &[f32], b: &[f32]) -> Option<f64> {
    if a.len() != b.len() {
        return None;
    }
    let (mut dot, mut left, mut right) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (f64::from(*x), f64::from(*y));
        dot += x * y;
        left += x * x;
        right += y * y;
    }
    let norms = (left * right).sqrt();
    (norms > 0.0).then(|| (dot / norms).clamp(-1.0, 1.0))
}

/// How far two texts are apart, `0..=1`; `None` when one of them holds no word.
pub fn text_distance(one: &str, other: &str) -> Option<f64> {
    let cosine = cosine(&embed(one), &embed(other))?;
    // Equal texts differ by nothing, not by what rounding leaves.
    let distance = 1.0 - cosine;
    Some(if distance < 1e-6 { 0.0 } else { distance.clamp(0.0, 1.0) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text of made-up words, a few of them frequent as in any language.
    fn sample(seed: u64, length: usize) -> Vec<String> {
        let syllables =
            ["ka", "ro", "mi", "len", "dus", "ta", "vor", "shi", "un", "pel", "go", "az"];
        let mut state = mix(seed);
        let mut next = |below: u64| {
            state = mix(state.wrapping_add(0x9E37_79B9_7F4A_7C15));
            state % below
        };
        let mut word = || {
            // Squaring makes low numbers frequent.
            let x = next(1000);
            let mut number = mix(x * x / 700 + 1);
            let parts = 1 + number % 3;
            let mut word = String::new();
            for _ in 0..=parts {
                number = mix(number);
                word += syllables[(number % syllables.len() as u64) as usize];
            }
            word
        };
        (0..length).map(|_| word()).collect()
    }

    /// The mean distance after a share of the words was replaced by those of another text.
    fn replaced(share: f64) -> f64 {
        let distance = |seed: u64| {
            let (text, other) = (sample(seed, 80), sample(seed + 1000, 80));
            let mut changed = text.clone();
            let count = (80.0 * share) as usize;
            for (i, word) in other.iter().take(count).enumerate() {
                changed[(i * 80 / count + seed as usize) % 80].clone_from(word);
            }
            text_distance(&text.join(" "), &changed.join(" ")).unwrap()
        };
        (0..20).map(distance).sum::<f64>() / 20.0
    }

    #[test]
    fn case_space_and_punctuation_are_no_drift() {
        let text = sample(7, 60).join(" ");
        let shouted = text.to_uppercase().replace(' ', ",\n  ");
        assert_eq!(text_distance(&text, &shouted), Some(0.0));
        assert_eq!(embed(&text), embed(&shouted));
    }

    #[test]
    fn the_distance_grows_with_what_was_replaced() {
        // On real package descriptions: 0.05, 0.18, 0.44, and 0.81 for another text.
        for (share, low, high) in [(0.05, 0.02, 0.08), (0.2, 0.12, 0.25), (0.5, 0.33, 0.52)] {
            let distance = replaced(share);
            assert!((low..high).contains(&distance), "{share}: {distance}");
        }
        assert!(replaced(1.0) > 0.6);
    }

    #[test]
    fn the_order_of_words_counts_a_little() {
        let text = sample(3, 40);
        let mut turned = text.clone();
        turned.reverse();
        let distance = text_distance(&text.join(" "), &turned.join(" ")).unwrap();
        assert!(distance > 0.05 && distance < 0.4, "{distance}");
    }

    #[test]
    fn without_a_word_there_is_no_distance() {
        assert!(embed(" ,.- ").iter().all(|x| *x == 0.0));
        assert_eq!(text_distance("", "word"), None);
    }

    #[test]
    fn the_numbers_never_change() {
        let numbers = embed("Tide tables of the river Elbe");
        let norm: f32 = numbers.iter().map(|x| x * x).sum();
        assert!((norm - 1.0).abs() < 1e-5);
        let bytes: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        assert_eq!(
            crate::engine::base::ContentHash::of(&bytes).to_hex(),
            "a13ccf13549b07209b1911df6fa2b005aa6b2234ef8b30a37357cb75f62e22a4"
        );
    }
}
