//! Which known entities a text mentions: their titles as whole words.

use std::collections::{BTreeMap, BTreeSet};

use super::embed::words;

/// Titles of this many letters or fewer are words by accident.
const TOO_SHORT: usize = 3;
/// Words of a title that are looked at.
const LONGEST: usize = 12;

/// Titles and other names of entities, for finding them in texts.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    by_words: BTreeMap<Vec<String>, BTreeSet<String>>,
    titled: BTreeSet<String>,
    longest: usize,
}

impl Dictionary {
    /// From pairs of an entity's id and a name of it; an entity may come several times.
    pub fn new<I: Into<String>>(names: impl IntoIterator<Item = (I, String)>) -> Self {
        let mut dictionary = Self::default();
        for (id, name) in names {
            let (id, words) = (id.into(), words(&name));
            let letters: usize = words.iter().map(|word| word.chars().count()).sum();
            if letters <= TOO_SHORT || words.len() > LONGEST {
                continue;
            }
            dictionary.longest = dictionary.longest.max(words.len());
            dictionary.titled.insert(id.clone());
            dictionary.by_words.entry(words).or_default().insert(id);
        }
        dictionary
    }

    /// True when the entity has a name that could be mentioned.
    pub fn knows(&self, id: &str) -> bool {
        self.titled.contains(id)
    }

    /// The ids of the entities a text mentions. The longest name wins: `New York Times` does not
    /// mention `New York`. A name several entities share mentions all of them.
    pub fn mentioned(&self, text: &str) -> BTreeSet<String> {
        let words = words(text);
        let mut found = BTreeSet::new();
        let mut at = 0;
        while at < words.len() {
            let longest = self.longest.min(words.len() - at);
            let hit = (1..=longest)
                .rev()
                .find_map(|n| self.by_words.get(&words[at..at + n]).map(|ids| (n, ids)));
            match hit {
                Some((n, ids)) => {
                    found.extend(ids.iter().cloned());
                    at += n;
                }
                None => at += 1,
            }
        }
        found
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
        let found = |text: &str| dictionary().mentioned(text).into_iter().collect::<Vec<_>>();
        assert_eq!(found("He left new york, for BONN."), ["b", "ny"]);
        assert_eq!(found("the New-York Times wrote"), ["nyt"]);
        assert!(found("Bonnville and newyork").is_empty());
    }

    #[test]
    fn very_short_names_are_left_alone() {
        assert!(!dictionary().knows("x") && dictionary().knows("b"));
        assert!(dictionary().mentioned("Io").is_empty());
    }
}
