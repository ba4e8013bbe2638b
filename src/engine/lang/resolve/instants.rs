//! Instants and lengths of time as users write them in strings: ISO 8601 and a closed list of words.
//!
//! Nothing here knows what time it is; whoever executes a statement brings the present instant.

use crate::engine::base::Timestamp;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// An instant, said absolutely or from the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// This instant.
    At(Timestamp),
    /// So many microseconds before the present; 0 is `now`.
    Ago(i64),
}

impl When {
    /// Reads a date, a date with a time, `now`, `yesterday`, `last 7 days` or `last 24 hours`.
    ///
    /// `yesterday` is the instant one day before the present, and `last 7 days` the instant at which
    /// the last seven days began. The list is closed: what is not on it is an error, never a guess.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(instant) = Timestamp::parse(text) {
            return Some(Self::At(instant));
        }
        let mut words = text.split_ascii_whitespace();
        let first = words.next()?.to_ascii_lowercase();
        let ago = match (first.as_str(), words.next(), words.next(), words.next()) {
            ("now", None, None, None) => 0,
            ("yesterday", None, None, None) => DAY,
            ("last", Some(count), Some(unit), None) => {
                let count: i64 = count.parse().ok().filter(|n| *n >= 0)?;
                let unit = match unit.to_ascii_lowercase().as_str() {
                    "day" | "days" => DAY,
                    "hour" | "hours" => 3600 * SECOND,
                    _ => return None,
                };
                count.checked_mul(unit)?
            }
            _ => return None,
        };
        Some(Self::Ago(ago))
    }

    /// The instant, given the present one.
    pub fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(instant) => instant,
            Self::Ago(micros) => Timestamp(now.0.saturating_sub(micros)),
        }
    }
}

/// Reads a length of time such as `30 days`, `1 hour` or `1 day 12 hours`, in microseconds.
///
/// A month is 30 days and a year 365: lengths here are lengths, not walks through a calendar.
pub fn interval(text: &str) -> Option<i64> {
    let mut total: i64 = 0;
    let mut words = text.split_ascii_whitespace().peekable();
    words.peek()?;
    while let Some(count) = words.next() {
        let count: i64 = count.parse().ok()?;
        let unit = match words.next()?.to_ascii_lowercase().as_str() {
            "second" | "seconds" | "sec" | "s" => SECOND,
            "minute" | "minutes" | "min" => 60 * SECOND,
            "hour" | "hours" | "h" => 3600 * SECOND,
            "day" | "days" | "d" => DAY,
            "week" | "weeks" => 7 * DAY,
            "month" | "months" => 30 * DAY,
            "year" | "years" => 365 * DAY,
            _ => return None,
        };
        total = total.checked_add(count.checked_mul(unit)?)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_words_is_closed() {
        assert_eq!(When::parse("now"), Some(When::Ago(0)));
        assert_eq!(When::parse("Yesterday"), Some(When::Ago(DAY)));
        assert_eq!(When::parse("last 7 days"), Some(When::Ago(7 * DAY)));
        assert_eq!(When::parse("last 24 HOURS"), Some(When::Ago(DAY)));
        assert!(matches!(When::parse("2026-01-01"), Some(When::At(_))));
        for text in ["", "someday", "last week", "last -1 days", "last 7 days ago", "now now"] {
            assert_eq!(When::parse(text), None, "{text}");
        }
        assert_eq!(When::parse("last 9223372036854775807 days"), None);
    }

    #[test]
    fn resolving_counts_back_from_the_present() {
        let now = Timestamp(10 * DAY);
        assert_eq!(When::Ago(DAY).resolve(now), Timestamp(9 * DAY));
        assert_eq!(When::At(Timestamp(5)).resolve(now), Timestamp(5));
    }

    #[test]
    fn intervals_add_up() {
        assert_eq!(interval("30 days"), Some(30 * DAY));
        assert_eq!(interval("1 day 12 hours"), Some(DAY + DAY / 2));
        for text in ["", "days", "3", "3 fortnights", "1 day 2"] {
            assert_eq!(interval(text), None, "{text}");
        }
    }
}
