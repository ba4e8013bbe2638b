//! What one statement has embedded: a text is sent once, however often the statement is tried.
//!
//! A statement that writes many hexads asks for their texts twice: first only to learn which they are
//! (every answer is a placeholder), then, after all of them went to the embedder together, in earnest.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use crate::engine::base::{Error, Kind, Result};
use crate::engine::outcome::Control;

use super::{Embedder, Numbers, embed};

/// The texts of one statement and what became of them.
#[derive(Debug, Default)]
pub struct Memo {
    known: RefCell<BTreeMap<String, BTreeMap<String, Numbers>>>,
    /// Texts asked for while only listening.
    wanted: RefCell<BTreeMap<String, BTreeSet<String>>>,
    listening: Cell<bool>,
    /// The embedders that did not answer: after all its patience a statement does not wait for one of
    /// them again.
    troubles: RefCell<BTreeMap<String, Error>>,
}

impl Memo {
    /// The vector of a text: remembered, or asked for now.
    pub fn get(&self, embedder: &dyn Embedder, text: &str, control: &Control) -> Result<Numbers> {
        let name = embedder.name();
        if let Some(known) = self.known.borrow().get(name).and_then(|texts| texts.get(text)) {
            return Ok(Numbers::clone(known));
        }
        if self.listening.get() {
            let mut wanted = self.wanted.borrow_mut();
            wanted.entry(name.to_owned()).or_default().insert(text.to_owned());
            return Ok(placeholder(embedder));
        }
        if let Some(trouble) = self.troubles.borrow().get(name) {
            return Err(trouble.clone());
        }
        let vectors = embed(embedder, &[text], control);
        let vectors = vectors.inspect_err(|error| self.note(name, error))?;
        let vector = vectors.into_iter().next().ok_or_else(|| {
            Error::new(Kind::InternalError, "an embedder gave nothing for a text")
        })?;
        self.keep(name, text, &vector);
        Ok(vector)
    }

    /// Runs `ask` only to learn which texts it wants: every text that is not known yet is answered
    /// with a placeholder.
    pub fn listen<T>(&self, ask: impl FnOnce() -> Result<T>) -> Result<T> {
        let before = self.listening.replace(true);
        let asked = ask();
        self.listening.set(before);
        asked
    }

    /// True when texts were asked for while listening that nobody has embedded yet.
    pub fn wants(&self) -> bool {
        !self.wanted.borrow().is_empty()
    }

    /// Every embedder that was asked, and for how many texts.
    pub fn asked(&self) -> BTreeMap<String, usize> {
        let mut asked = BTreeMap::new();
        for (name, texts) in self.known.borrow().iter() {
            *asked.entry(name.clone()).or_default() += texts.len();
        }
        for (name, texts) in self.wanted.borrow().iter() {
            *asked.entry(name.clone()).or_default() += texts.len();
        }
        asked
    }

    /// Embeds every text that was asked for while listening, of each embedder at once.
    pub fn fetch<'e>(
        &self,
        find: impl Fn(&str) -> Result<&'e dyn Embedder>,
        control: &Control,
    ) -> Result<()> {
        for (name, texts) in std::mem::take(&mut *self.wanted.borrow_mut()) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let vectors = embed(find(&name)?, &texts, control);
            let vectors = vectors.inspect_err(|error| self.note(&name, error))?;
            for (text, vector) in texts.into_iter().zip(&vectors) {
                self.keep(&name, text, vector);
            }
        }
        Ok(())
    }

    fn note(&self, name: &str, error: &Error) {
        if error.kind == Kind::EmbedderUnavailable {
            self.troubles.borrow_mut().insert(name.to_owned(), error.clone());
        }
    }

    fn keep(&self, name: &str, text: &str, vector: &Numbers) {
        let mut known = self.known.borrow_mut();
        known.entry(name.to_owned()).or_default().insert(text.to_owned(), Numbers::clone(vector));
    }
}

/// As long as a real one, and as valid.
pub(super) fn placeholder(embedder: &dyn Embedder) -> Numbers {
    vec![1.0; embedder.dimension() as usize].into()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// Remembers what it was asked.
    #[derive(Default)]
    struct Counts(Mutex<Vec<usize>>);

    impl Embedder for Counts {
        fn name(&self) -> &'static str {
            "counts"
        }
        fn dimension(&self) -> u32 {
            1
        }
        fn parameters(&self) -> &'static str {
            ""
        }
        fn batch(&self) -> usize {
            100
        }
        fn embed(&self, texts: &[&str], _: &Control) -> Result<Vec<Vec<f32>>> {
            self.0.lock().unwrap().push(texts.len());
            Ok(texts.iter().map(|text| vec![text.len() as f32]).collect())
        }
    }

    #[test]
    fn many_texts_are_one_question_and_none_is_asked_twice() {
        let (counts, memo, control) = (Counts::default(), Memo::default(), Control::default());
        let ask = || {
            let one = |text| memo.get(&counts, text, &control).map(|v| v[0] as i32);
            Ok([one("a")?, one("bb")?, one("a")?])
        };
        memo.listen(ask).unwrap();
        assert!(counts.0.lock().unwrap().is_empty(), "listening asks nobody");
        memo.fetch(|_| Ok(&counts), &control).unwrap();
        let expected = [1, 2, 1];
        assert_eq!(ask().unwrap(), expected);
        assert_eq!(ask().unwrap(), expected);
        assert_eq!(*counts.0.lock().unwrap(), [2]);
        memo.get(&counts, "ccc", &control).unwrap();
        assert_eq!(*counts.0.lock().unwrap(), [2, 1]);
    }
}
