//! Which known entities a text mentions: their titles and other names, as whole words.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::engine::base::Value;
use crate::engine::modality::document::Document;

use super::embed::words;

/// Titles of this many letters or fewer are words by accident.
const TOO_SHORT: usize = 3;
/// Words of a title that are looked at.
const LONGEST: usize = 12;

/// The fields of a document that hold other names of what it is about.
const ALIASES: [&str; 4] = ["alias", "aliases", "also_known_as", "alternate_names"];

/// The names by which texts may mention the entity of a document, as words joined by spaces: its title
/// and its aliases. Names too short or too long to be recognized are left out.
pub fn names_of(document: &Document) -> Vec<String> {
    let mut names = BTreeSet::new();
    let mut add = |name: &str| names.extend(recognizable(name));
    if let Some(title) = &document.title {
        add(title);
    }
    for (field, value) in &document.fields {
        if ALIASES.iter().any(|alias| field.eq_ignore_ascii_case(alias)) {
            match value {
                Value::Text(name) => add(name),
                Value::List(all) => all.iter().filter_map(Value::as_str).for_each(&mut add),
                _ => {}
            }
        }
    }
    names.into_iter().collect()
}

/// A name as words joined by spaces, if it can be told from words that only happen to stand there.
fn recognizable(name: &str) -> Option<String> {
    let words = words(name);
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    (letters > TOO_SHORT && words.len() <= LONGEST).then(|| words.join(" "))
}

/// A name a text mentions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention<'a> {
    /// As words joined by spaces.
    pub name: &'a str,
    /// The entities that are called so.
    pub ids: &'a BTreeSet<String>,
}

/// Titles and other names of entities, for finding them in texts.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    by_name: HashMap<String, BTreeSet<String>>,
    /// The most words of a name that begins with this one.
    longest: HashMap<String, usize>,
    named: HashSet<String>,
}

impl Dictionary {
    /// From pairs of an entity's id and a name of it; an entity may come several times.
    pub fn new<I: Into<String>>(names: impl IntoIterator<Item = (I, String)>) -> Self {
        let mut dictionary = Self::default();
        for (id, name) in names {
            if let Some(name) = recognizable(&name) {
                dictionary.add(id.into(), name);
            }
        }
        dictionary
    }

    /// Adds a name that [`names_of`] gave.
    pub fn add(&mut self, id: String, name: String) {
        let first = name.split(' ').next().unwrap_or_default();
        let length = name.split(' ').count();
        match self.longest.get_mut(first) {
            Some(longest) => *longest = (*longest).max(length),
            None => drop(self.longest.insert(first.to_owned(), length)),
        }
        self.named.insert(id.clone());
        self.by_name.entry(name).or_default().insert(id);
    }

    /// True when the entity has a name that could be mentioned.
    pub fn knows(&self, id: &str) -> bool {
        self.named.contains(id)
    }

    /// The names a text mentions, each once. The longest name wins: `New York Times` does not mention
    /// `New York`. A name that several entities share says only that it is one of them.
    pub fn mentioned(&self, text: &str) -> BTreeSet<Mention<'_>> {
        let words = words(text);
        let mut found = BTreeSet::new();
        let mut at = 0;
        while at < words.len() {
            match self.longest_at(&words[at..]) {
                Some((length, mention)) => {
                    found.insert(mention);
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }

    /// The longest name these words begin with.
    fn longest_at(&self, words: &[String]) -> Option<(usize, Mention<'_>)> {
        let longest = (*self.longest.get(words.first()?)?).min(words.len());
        (1..=longest).rev().find_map(|length| {
            let (name, ids) = self.by_name.get_key_value(&words[..length].join(" "))?;
            Some((length, Mention { name, ids }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dictionary() -> Dictionary {
        let names = [("ny", "New York"), ("nyt", "New York Times"), ("x", "Io"), ("b", "Bonn")];
        Dictionary::new(names.map(|(id, name)| (id, name.to_owned())))
    }

    #[test]
    fn names_are_found_as_whole_words_and_the_longest_wins() {
        let dictionary = dictionary();
        let found = |text: &str| {
            let all = dictionary.mentioned(text);
            all.iter().flat_map(|mention| mention.ids.iter().cloned()).collect::<Vec<_>>()
        };
        assert_eq!(found("He left new york, for BONN."), ["b", "ny"]);
        assert_eq!(found("the New-York Times wrote"), ["nyt"]);
        assert!(found("Bonnville and newyork").is_empty());
    }

    #[test]
    fn very_short_names_are_left_alone() {
        assert!(!dictionary().knows("x") && dictionary().knows("b"));
        assert!(dictionary().mentioned("Io").is_empty());
    }

    #[test]
    fn aliases_are_names_too() {
        let fields = [("Aliases", Value::List(vec!["Colonia".into(), Value::Int(7)]))];
        let document = Document {
            title: Some("Köln, am Rhein".into()),
            body: Some("not a name".into()),
            fields: fields.map(|(name, value)| (name.to_owned(), value)).into(),
        };
        assert_eq!(names_of(&document), ["colonia", "köln am rhein"]);
    }
}
