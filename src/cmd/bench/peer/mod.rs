//! What vql is measured against, by the words of `--against`: libraries in this process, and servers
//! over their own protocols. Each holds the same data and is asked the same questions.

mod adjacency;
mod arangodb;
mod http;
#[cfg(feature = "peers")]
mod postgres;
mod qdrant;
mod surrealdb;
#[cfg(feature = "peers")]
mod tantivy;
#[cfg(feature = "ann")]
mod usearch;
mod virtuoso;

use std::path::Path;

#[cfg(feature = "peers")]
use super::by_hand;
use super::data::Source;
use super::subject::{Result, Subject};

/// A peer as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wish {
    name: &'static str,
    url: Option<String>,
}

/// The libraries, in the order of the table.
const LIBRARIES: [&str; 5] = ["sqlite", "row", "usearch", "tantivy", "adjacency"];
/// The servers, which need an address.
const SERVERS: [&str; 5] = ["postgres", "qdrant", "surrealdb", "arangodb", "virtuoso"];

/// What all peers need to know.
#[cfg_attr(not(feature = "peers"), expect(dead_code, reason = "without peers nobody asks for it"))]
pub(crate) struct Making<'a> {
    /// Where files may be put.
    pub(crate) place: &'a Path,
    /// The data.
    pub(crate) source: &'a Source,
    /// Numbers in an embedding.
    pub(crate) dimensions: usize,
    /// The data of servers is left where it is.
    pub(crate) keep: bool,
}

/// Reads the values of `--against`; each may be a list.
pub(crate) fn wishes(values: &[String]) -> std::result::Result<Vec<Wish>, String> {
    let mut wishes: Vec<Wish> = Vec::new();
    let mut add = |wish: Wish| {
        if !wishes.contains(&wish) {
            wishes.push(wish);
        }
    };
    for value in values {
        let (name, url) = match value.split_once('=') {
            Some((name, url)) => (name, Some(url)),
            None => (value.as_str(), None),
        };
        if let Some(url) = url {
            let Some(name) = SERVERS.into_iter().find(|known| *known == name) else {
                return Err(format!("no server is called `{name}`"));
            };
            if !url.contains("://") {
                return Err(format!("`{url}` is not an address; it begins with a protocol"));
            }
            add(Wish { name, url: Some(url.to_owned()) });
            continue;
        }
        for name in name.split(',') {
            if name == "libraries" {
                for name in LIBRARIES {
                    add(Wish { name, url: None });
                }
            } else if let Some(name) = LIBRARIES.into_iter().find(|known| *known == name) {
                add(Wish { name, url: None });
            } else if SERVERS.contains(&name) {
                return Err(format!("`{name}` needs an address: `{name}=URL`"));
            } else {
                return Err(format!("nothing to measure against is called `{name}`"));
            }
        }
    }
    Ok(wishes)
}

/// What may stand behind `--against`, for a hint.
pub(crate) fn known() -> String {
    format!("{}, libraries (all of them), {} with =URL", LIBRARIES.join(", "), SERVERS.join(", "))
}

/// Makes one, empty.
pub(crate) fn make<'a>(wish: &Wish, with: &Making<'_>) -> Result<Box<dyn Subject + 'a>> {
    let url = wish.url.as_deref().unwrap_or_default();
    Ok(match wish.name {
        #[cfg(feature = "peers")]
        "sqlite" => {
            let file = with.place.join("by-hand.sqlite");
            Box::new(by_hand::ByHand::create(&file, with.dimensions)?)
        }
        #[cfg(feature = "peers")]
        "row" => Box::new(by_hand::row::Rows::create(&with.place.join("row.sqlite"))?),
        #[cfg(feature = "peers")]
        "tantivy" => Box::new(tantivy::Tantivy::create(&with.place.join("tantivy"))?),
        #[cfg(feature = "ann")]
        "usearch" => Box::new(usearch::Usearch::create(with)?),
        "adjacency" => Box::new(adjacency::Adjacency::default()),
        #[cfg(feature = "peers")]
        "postgres" => Box::new(postgres::Postgres::create(url, with)?),
        "qdrant" => Box::new(qdrant::Qdrant::create(url, with)?),
        "surrealdb" => Box::new(surrealdb::SurrealDb::create(url, with)?),
        "arangodb" => Box::new(arangodb::ArangoDb::create(url, with)?),
        "virtuoso" => Box::new(virtuoso::Virtuoso::create(url, with)?),
        name => return Err(format!("this vql was built without {name} to measure against").into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_wishes_once() {
        let read = |words: &[&str]| {
            wishes(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>())
        };
        let names = |words: &[&str]| -> Vec<&str> {
            read(words).expect("known").iter().map(|wish| wish.name).collect()
        };
        assert_eq!(names(&["sqlite,row", "row"]), ["sqlite", "row"]);
        assert_eq!(names(&["libraries"]), LIBRARIES);
        assert_eq!(names(&["qdrant=http://localhost:6333"]), ["qdrant"]);
        for wrong in ["qdrant", "mysql", "sqlite=x://y", "qdrant=localhost"] {
            assert!(read(&[wrong]).is_err(), "{wrong}");
        }
    }
}
