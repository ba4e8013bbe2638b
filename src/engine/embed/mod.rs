//! Embedders: what makes points out of texts, by name.
//!
//! [`HASH_384`](crate::engine::drift::embed::MODEL) is always there. Others come with the settings of
//! whoever opens the database: this room knows neither addresses nor keys nor the network, only what
//! an embedder promises and how its answer is checked before anything is made of it.

mod built_in;
mod memo;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::engine::base::{Error, Kind, Result, limit};
use crate::engine::drift;
use crate::engine::outcome::Control;
use crate::engine::store::Producer;

pub use built_in::BuiltIn;
pub use memo::Memo;

/// The embedder that is meant when nobody names one.
pub const DEFAULT: &str = drift::embed::MODEL;

/// Makes a vector of a text. The same text gives the same vector, as far as the model behind it does.
pub trait Embedder: Send + Sync {
    /// The name it goes by: in the settings, in statements, and in the vectors it made.
    fn name(&self) -> &str;

    /// Numbers in each of its vectors.
    fn dimension(&self) -> u32;

    /// What decides about its vectors beside the text, as canonical JSON text; empty for nothing.
    /// Never an address and never a key: it is stored with every vector.
    fn parameters(&self) -> &str;

    /// Texts it takes at once; more are given to it in several calls.
    fn batch(&self) -> usize;

    /// One vector for each text, in their order, unless `control` says stop before.
    ///
    /// Fails with `EmbedderUnavailable` when trying later may help, with `EmbedderRefused` when not.
    fn embed(&self, texts: &[&str], control: &Control) -> Result<Vec<Vec<f32>>>;
}

/// The embedders of a database, by name.
#[derive(Clone)]
pub struct Embedders(Arc<BTreeMap<String, Arc<dyn Embedder>>>);

impl Default for Embedders {
    /// The built-in one alone.
    fn default() -> Self {
        Self::with([])
    }
}

impl fmt::Debug for Embedders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

impl PartialEq for Embedders {
    /// The same makers under the same names.
    fn eq(&self, other: &Self) -> bool {
        let made = |all: &Self| all.0.values().map(|e| producer(e.as_ref())).collect::<Vec<_>>();
        made(self) == made(other)
    }
}

impl Eq for Embedders {}

impl Embedders {
    /// The built-in embedder and these. One of the same name as another takes its place, but nothing
    /// takes the place of the built-in one.
    pub fn with(more: impl IntoIterator<Item = Arc<dyn Embedder>>) -> Self {
        let mut all: BTreeMap<String, Arc<dyn Embedder>> =
            more.into_iter().map(|e| (e.name().to_owned(), e)).collect();
        all.insert(DEFAULT.to_owned(), Arc::new(BuiltIn));
        Self(Arc::new(all))
    }

    /// Their names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// All of them, in the order of their names.
    pub fn all(&self) -> impl Iterator<Item = &dyn Embedder> {
        self.0.values().map(AsRef::as_ref)
    }

    /// The embedder of this name. `EmbedderNotFound` names those there are.
    pub fn named(&self, name: &str) -> Result<&dyn Embedder> {
        self.0.get(name).map(AsRef::as_ref).ok_or_else(|| {
            let known: Vec<&str> = self.names().collect();
            Error::new(Kind::EmbedderNotFound, format!("no embedder is called `{name}`")).hint(
                format!(
                    "configured are {}; more are described by [embedder.NAME] in vql.toml",
                    known.join(", ")
                ),
            )
        })
    }

    /// The embedder that made a record, if it is at hand and still what it was then.
    pub fn maker(&self, of: &Producer) -> Option<&dyn Embedder> {
        let Producer::Model { name, .. } = of else { return None };
        self.0.get(name).map(AsRef::as_ref).filter(|e| producer(*e) == *of)
    }
}

/// What a record made by this embedder says of its maker.
pub fn producer(embedder: &dyn Embedder) -> Producer {
    Producer::Model {
        name: embedder.name().to_owned(),
        dimension: embedder.dimension(),
        parameters: embedder.parameters().to_owned(),
    }
}

/// A vector as it is stored.
pub type Numbers = Arc<[f32]>;

/// Embeds texts, in as many calls as the embedder needs, and believes nothing of what it answers: as
/// many vectors as texts, each as long as promised, of finite numbers, and not all zero.
pub fn embed(embedder: &dyn Embedder, texts: &[&str], control: &Control) -> Result<Vec<Numbers>> {
    let mut all = Vec::with_capacity(texts.len());
    for part in texts.chunks(embedder.batch().max(1)) {
        control.check()?;
        if let Some(text) = part.iter().find(|text| text.trim().is_empty()) {
            let message = if text.is_empty() { "an empty text" } else { "a text without a word" };
            return Err(Error::new(Kind::InvalidInput, format!("{message} cannot be embedded")));
        }
        let vectors = embedder.embed(part, control)?;
        if vectors.len() != part.len() {
            let (got, wanted) = (vectors.len(), part.len());
            return Err(refused(embedder, &format!("gave {got} vectors for {wanted} texts")));
        }
        for vector in vectors {
            all.push(checked(embedder, vector)?);
        }
    }
    Ok(all)
}

fn checked(embedder: &dyn Embedder, vector: Vec<f32>) -> Result<Numbers> {
    let (got, wanted) = (vector.len(), embedder.dimension() as usize);
    if got != wanted || got == 0 || got > limit::DIMENSIONS {
        return Err(refused(embedder, &format!("gave {got} numbers, {wanted} were promised"))
            .hint(format!("set dimension = {got} of the embedder, or choose another model")));
    }
    if !vector.iter().all(|x| x.is_finite()) {
        return Err(refused(embedder, "gave a number that is not finite"));
    }
    if vector.iter().all(|x| *x == 0.0) {
        return Err(refused(embedder, "gave a vector of zeros, which points nowhere"));
    }
    Ok(vector.into())
}

fn refused(embedder: &dyn Embedder, what: &str) -> Error {
    Error::new(Kind::EmbedderRefused, format!("embedder `{}` {what}", embedder.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers whatever it was told to.
    struct Says(Vec<Vec<f32>>);

    impl Embedder for Says {
        fn name(&self) -> &'static str {
            "says"
        }
        fn dimension(&self) -> u32 {
            2
        }
        fn parameters(&self) -> &'static str {
            "{\"model\":\"m\"}"
        }
        fn batch(&self) -> usize {
            1
        }
        fn embed(&self, _: &[&str], _: &Control) -> Result<Vec<Vec<f32>>> {
            Ok(self.0.clone())
        }
    }

    fn says(answer: &[&[f32]]) -> Result<Vec<Numbers>> {
        let answer = answer.iter().map(|v| v.to_vec()).collect();
        embed(&Says(answer), &["one", "two"], &Control::default())
    }

    #[test]
    fn an_answer_is_checked_before_it_is_believed() {
        // Two calls of one text each, because that is all it takes at once.
        assert_eq!(says(&[&[1.0, 2.0]]).unwrap().len(), 2);
        for (wrong, what) in [
            (&[][..], "gave 0 vectors for 1 texts"),
            (&[&[1.0, 2.0][..], &[1.0, 2.0]], "gave 2 vectors for 1 texts"),
            (&[&[1.0]], "gave 1 numbers, 2 were promised"),
            (&[&[1.0, f32::NAN]], "not finite"),
            (&[&[1.0, f32::INFINITY]], "not finite"),
            (&[&[0.0, 0.0]], "points nowhere"),
        ] {
            let error = says(wrong).unwrap_err();
            assert_eq!(error.kind, Kind::EmbedderRefused);
            assert!(error.message.contains(what), "{error:?}");
        }
        let blank = embed(&Says(vec![]), &["  "], &Control::default()).unwrap_err();
        assert_eq!(blank.kind, Kind::InvalidInput);
    }

    #[test]
    fn embedders_are_found_by_name_and_by_what_they_made() {
        let all = Embedders::with([Arc::new(Says(vec![])) as Arc<dyn Embedder>]);
        assert_eq!(all.names().collect::<Vec<_>>(), ["hash-384", "says"]);
        let error = all.named("other").err().expect("there is none");
        assert_eq!(error.kind, Kind::EmbedderNotFound);
        assert!(error.hint.unwrap().contains("hash-384, says"));
        let made = producer(all.named("says").unwrap());
        assert_eq!(all.maker(&made).map(Embedder::name), Some("says"));
        let Producer::Model { name, dimension, .. } = made else { panic!("it is a model") };
        // Another model under the same name did not make it.
        let other = Producer::Model { name, dimension, parameters: String::new() };
        assert!(all.maker(&other).is_none());
        assert!(all.maker(&Producer::User).is_none());
        assert_ne!(all, Embedders::default());
    }
}
