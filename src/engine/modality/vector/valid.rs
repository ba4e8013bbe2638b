//! What makes embeddings valid. Whether they fit the others of the database is not asked here.

use super::{Embedding, Embeddings};
use crate::engine::base::{Fault, Kind, limit, plain};

/// The embeddings as they are stored, or what is wrong with them.
pub fn admit(embeddings: Embeddings) -> Result<Embeddings, Fault> {
    for (name, embedding) in &embeddings.named {
        plain::check_name("the name of an embedding", name)?;
        check(embedding).map_err(|fault| fault.within(name))?;
    }
    Ok(embeddings)
}

fn check(embedding: &Embedding) -> Result<(), Fault> {
    let wrong = |key: String, message: String| Err(Fault::new(Kind::InvalidVector, key, message));
    let count = embedding.data.len();
    if count == 0 {
        return wrong(String::new(), "an embedding needs at least one number".to_owned());
    }
    if count > limit::DIMENSIONS {
        let message = format!("{count} numbers, the limit is {}", limit::DIMENSIONS);
        return wrong(String::new(), message);
    }
    if let Some(at) = embedding.data.iter().position(|x| !x.is_finite()) {
        let message = format!("{} is not a finite 32-bit number", embedding.data[at]);
        return wrong(format!("[{at}]"), message);
    }
    match &embedding.model {
        Some(model) => plain::check_name("the name of a model", model),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn one(data: &[f32]) -> Embeddings {
        let embedding = Embedding { data: data.into(), model: None };
        Embeddings { named: BTreeMap::from([("embedding".to_owned(), embedding)]) }
    }

    #[test]
    fn only_finite_numbers_and_at_least_one() {
        assert!(admit(one(&[0.0])).is_ok());
        assert_eq!(admit(one(&[])).unwrap_err().kind, Kind::InvalidVector);
        let fault = admit(one(&[1.0, f32::NAN])).unwrap_err();
        assert_eq!((fault.kind, fault.key.as_str()), (Kind::InvalidVector, "embedding[1]"));
        assert!(admit(one(&vec![0.5; limit::DIMENSIONS + 1])).is_err());
    }
}
