//! A map that forgets what was not asked for the longest.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// At most so many entries.
#[derive(Clone, Debug)]
pub struct Recent<K, V> {
    most: usize,
    turn: u64,
    entries: HashMap<K, (u64, V)>,
    order: BTreeMap<u64, K>,
}

impl<K: Hash + Eq + Clone, V> Recent<K, V> {
    /// Empty, for at most `most` entries.
    pub fn new(most: usize) -> Self {
        Self { most: most.max(1), turn: 0, entries: HashMap::new(), order: BTreeMap::new() }
    }

    /// The entry of this key, which is now the one asked for last.
    pub fn get<Q>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (turn, value) = self.entries.get_mut(key)?;
        if let Some(key) = self.order.remove(turn) {
            self.turn += 1;
            *turn = self.turn;
            self.order.insert(self.turn, key);
        }
        Some(value)
    }

    /// Remembers; an entry that was not asked for the longest may go.
    pub fn put(&mut self, key: K, value: V) {
        self.turn += 1;
        if let Some((turn, _)) = self.entries.insert(key.clone(), (self.turn, value)) {
            self.order.remove(&turn);
        }
        self.order.insert(self.turn, key);
        while self.entries.len() > self.most
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.entries.remove(&oldest);
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.order.clear();
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// All entries, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.entries.iter().map(|(key, (_, value))| (key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_asked_for_the_longest_goes() {
        let mut recent = Recent::new(2);
        recent.put("a", 1);
        recent.put("b", 2);
        assert_eq!(recent.get("a"), Some(&mut 1));
        recent.put("c", 3);
        assert_eq!((recent.get("b").copied(), recent.len()), (None, 2));
        assert_eq!((recent.get("a").copied(), recent.get("c").copied()), (Some(1), Some(3)));
        recent.put("c", 4);
        assert_eq!((recent.get("c").copied(), recent.len()), (Some(4), 2));
        recent.clear();
        assert!(recent.is_empty() && recent.get("a").is_none());
    }
}
