//! Text as words: shared by the full-text index, by queries, and by the predicate that is the law.
//!
//! A word is a run of letters and digits in the sense of Unicode, with the marks that combine with
//! them, in lower case. A character of a script written without spaces (Han, kana) is a word of its
//! own, so that a phrase finds what is written together. Nothing is stemmed and nothing is left out: a
//! query means what it says in every language. Words are cut after 128 bytes.

use crate::engine::base::Value;

use super::Document;

/// Bytes of a word that count.
const WORD_BYTES: usize = 128;

/// Calls `visit` with the words of `text`, in order.
pub fn words(text: &str, visit: &mut dyn FnMut(&str)) {
    let mut word = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            push(&mut word, c.to_ascii_lowercase());
        } else if c.is_ascii() {
            end(&mut word, visit);
        } else if stands_alone(c) {
            end(&mut word, visit);
            push(&mut word, c);
            end(&mut word, visit);
        } else if c.is_alphanumeric() || combines(c) && !word.is_empty() {
            c.to_lowercase().for_each(|c| push(&mut word, c));
        } else {
            end(&mut word, visit);
        }
    }
    end(&mut word, visit);
}

fn push(word: &mut String, c: char) {
    if word.len() + c.len_utf8() <= WORD_BYTES {
        word.push(c);
    }
}

fn end(word: &mut String, visit: &mut dyn FnMut(&str)) {
    if !word.is_empty() {
        visit(word);
        word.clear();
    }
}

/// Han and kana.
fn stands_alone(c: char) -> bool {
    matches!(u32::from(c),
        0x3041..=0x3096 | 0x309D..=0x309F | 0x30A1..=0x30FA | 0x30FC..=0x30FF | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Marks that belong to the letter before them.
fn combines(c: char) -> bool {
    matches!(u32::from(c),
        0x0300..=0x036F | 0x0483..=0x0487 | 0x0591..=0x05BD | 0x064B..=0x065F | 0x093C | 0x094D
        | 0x09CD | 0x0A4D | 0x0ACD | 0x0B4D | 0x0BCD | 0x0C4D | 0x0CCD | 0x0D4D | 0x0E38..=0x0E3A
        | 0x0E47..=0x0E4E | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0x200C | 0x200D)
}

/// Calls `visit` with every text of a document that full-text search looks at: the title (with
/// `true`), the body, and all text in its fields, by their names.
pub fn texts<'a>(document: &'a Document, visit: &mut dyn FnMut(&'a str, bool)) {
    if let Some(title) = &document.title {
        visit(title, true);
    }
    if let Some(body) = &document.body {
        visit(body, false);
    }
    for value in document.fields.values() {
        texts_in(value, visit);
    }
}

fn texts_in<'a>(value: &'a Value, visit: &mut dyn FnMut(&'a str, bool)) {
    match value {
        Value::Text(text) => visit(text, false),
        Value::List(items) => items.iter().for_each(|item| texts_in(item, visit)),
        Value::Map(map) => map.values().for_each(|item| texts_in(item, visit)),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Time(_)
        | Value::Vector(_) => {}
    }
}

/// Calls `visit` with every word of a document and its position. Positions of words that follow each
/// other differ by one; between two texts there is a gap, which no phrase crosses. Gives the position
/// at which the title ends, and the number of words.
pub(super) fn positions(document: &Document, visit: &mut dyn FnMut(&str, u32)) -> (u32, u32) {
    let (mut next, mut title_end, mut count) = (0, 0, 0);
    texts(document, &mut |text, title| {
        words(text, &mut |word| {
            visit(word, next);
            next += 1;
            count += 1;
        });
        next += 1;
        if title {
            title_end = next;
        }
    });
    (title_end, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        words(text, &mut |word| found.push(word.to_owned()));
        found
    }

    #[test]
    fn words_are_letters_and_digits_in_lower_case() {
        assert_eq!(split("The C++-Guide, v2.0!"), ["the", "c", "guide", "v2", "0"]);
        assert_eq!(split("Ärger mit ÉCOLE"), ["ärger", "mit", "école"]);
        assert_eq!(split("cafe\u{301} 東京"), ["cafe\u{301}", "東", "京"]);
        assert_eq!(split(" \u{301}... "), [""; 0]);
        assert_eq!(split(&"x".repeat(300)), ["x".repeat(128)]);
    }

    #[test]
    fn no_phrase_crosses_from_one_text_to_the_next() {
        let document = Document {
            title: Some("Red Fox".into()),
            body: Some("runs".into()),
            fields: [("tags".into(), Value::List(vec!["a".into(), Value::Int(3), "b".into()]))]
                .into(),
        };
        let mut found = Vec::new();
        let ends = positions(&document, &mut |word, at| found.push((word.to_owned(), at)));
        let wanted = [("red", 0), ("fox", 1), ("runs", 3), ("a", 5), ("b", 7)];
        assert_eq!(found, wanted.map(|(word, at)| (word.to_owned(), at)));
        assert_eq!(ends, (3, 5));
    }
}
