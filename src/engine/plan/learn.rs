//! What the plans that ran teach the next ones: by how much estimates of a shape were wrong.
//!
//! Only the engine's own counts are learned from, one number for each shape of question: bounded, few,
//! and forgotten again unless it is confirmed. What was learned changes what plans cost, never what they
//! answer.

use std::collections::HashMap;

/// Shapes remembered; the one not heard of the longest is forgotten first.
const SHAPES: usize = 512;
/// How much of what is new counts at once.
const WEIGHT: f64 = 0.5;
/// An estimate is never corrected by more.
const MOST: f64 = 10_000.0;
/// Lessons of others after which a shape is believed half as much.
const HALF_LIFE: f64 = 5000.0;
/// Wrong by less than so many rows is not wrong.
const ROWS: f64 = 64.0;

/// What was learned.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lessons {
    shapes: HashMap<String, Lesson>,
    heard: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Lesson {
    /// The logarithm of actual to estimated.
    off: f64,
    /// When it was heard last.
    at: u64,
}

impl Lessons {
    /// By how much an estimate of this shape is to be multiplied; nothing when nothing is known.
    pub fn factor(&self, shape: &str) -> Option<f64> {
        let lesson = self.shapes.get(shape)?;
        let age = self.heard.saturating_sub(lesson.at) as f64;
        Some((lesson.off * 0.5_f64.powf(age / HALF_LIFE)).exp())
    }

    /// An estimate of this shape, corrected as the last answer of [`Self::factor`] said, was `expected`
    /// where really there were `actual` rows.
    pub fn hear(&mut self, shape: &str, expected: f64, actual: f64) {
        let close = (expected - actual).abs() < ROWS;
        if close && !self.shapes.contains_key(shape) || !expected.is_finite() {
            return;
        }
        self.heard += 1;
        let at = self.heard;
        let known = self.factor(shape).map_or(0.0, f64::ln);
        let error = if close { 0.0 } else { (actual.max(0.5) / expected.max(0.5)).ln() };
        let off = (known + WEIGHT * error).clamp(-MOST.ln(), MOST.ln());
        self.shapes.insert(shape.to_owned(), Lesson { off, at });
        if self.shapes.len() > SHAPES {
            let oldest = self.shapes.iter().min_by_key(|(_, lesson)| lesson.at);
            if let Some(oldest) = oldest.map(|(shape, _)| shape.clone()) {
                self.shapes.remove(&oldest);
            }
        }
    }

    /// How many shapes something is known of.
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// True when nothing was learned.
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_mistakes_are_corrected() {
        let mut lessons = Lessons::default();
        let actual = 5000.0;
        for _ in 0..12 {
            let expected = 50.0 * lessons.factor("city and country").unwrap_or(1.0);
            lessons.hear("city and country", expected, actual);
        }
        let corrected = 50.0 * lessons.factor("city and country").unwrap();
        assert!((4500.0..5500.0).contains(&corrected), "{corrected}");
        assert_eq!(lessons.factor("year"), None);
    }

    #[test]
    fn small_differences_teach_nothing() {
        let mut lessons = Lessons::default();
        lessons.hear("a", 1.0, 30.0);
        assert!(lessons.is_empty());
    }

    #[test]
    fn what_is_not_confirmed_fades_and_there_is_an_end_to_all() {
        let mut lessons = Lessons::default();
        lessons.hear("old", 1.0, 1e12);
        let fresh = lessons.factor("old").unwrap();
        assert!(fresh <= MOST * 1.001);
        for n in 0..400_u32 {
            lessons.hear(&format!("s{n}"), 10.0, 1000.0);
        }
        let faded = lessons.factor("old").unwrap();
        assert!(faded < fresh && faded > 1.0, "{fresh} {faded}");
        for n in 0..2000_u32 {
            lessons.hear(&format!("t{n}"), 10.0, 1000.0);
        }
        assert_eq!(lessons.len(), SHAPES);
        assert_eq!(lessons.factor("old"), None);
    }
}
