//! Virtuoso over HTTP with SPARQL: items as triples in a graph of its own, which goes at the end.
//!
//! The endpoint must let whoever asks it write; by its own defaults it does not.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::Making;
use super::http::Server;
use crate::cmd::bench::data::{Item, name};
use crate::cmd::bench::question::{Kind, Question};
use crate::cmd::bench::subject::{Answer, Result, Subject};

/// Items of one request: longer updates are more than its compiler takes.
const PAGE: usize = 20;

/// One graph.
pub(super) struct Virtuoso {
    server: Server,
    graph: String,
    keep: bool,
}

impl Virtuoso {
    /// Finds out whether it answers and may be written to.
    pub(super) fn create(url: &str, with: &Making<'_>) -> Result<Self> {
        let graph = format!("urn:vql-bench:{}", std::process::id());
        let made = Self { server: Server::new(url)?, graph, keep: with.keep };
        let probe = format!("INSERT DATA {{ GRAPH <{}> {{ <urn:a> <urn:b> 1 }} }}", made.graph);
        made.send(&probe).map_err(|e| {
            format!("{e}; the account `SPARQL` needs the role `SPARQL_UPDATE` to write")
        })?;
        made.send(&format!("CLEAR GRAPH <{}>", made.graph))?;
        Ok(made)
    }

    fn send(&self, statement: &str) -> Result<String> {
        let request = self
            .server
            .request("POST", "/sparql")?
            .header("Accept", "application/sparql-results+json")
            .header("Content-Type", "application/x-www-form-urlencoded")
            .body(format!("query={}", encoded(statement)));
        self.server.text(request)
    }

    /// The first variable of every row.
    fn rows(&self, select: &str) -> Result<Answer> {
        let answer: Json = serde_json::from_str(&self.send(select)?)?;
        let first = answer["head"]["vars"][0].as_str().unwrap_or("x").to_owned();
        let rows = answer["results"]["bindings"].as_array().ok_or("the answer has no rows")?;
        let cell = |row: &Json| row[&first]["value"].as_str().map(str::to_owned);
        Ok(rows.iter().filter_map(cell).collect())
    }
}

impl Subject for Virtuoso {
    fn name(&self) -> &'static str {
        "virtuoso"
    }

    fn remote(&self) -> bool {
        true
    }

    fn cannot(&self, kind: Kind) -> Option<String> {
        match kind {
            Kind::Load | Kind::Insert | Kind::Get | Kind::Hops | Kind::Aggregate => None,
            Kind::Text => Some("its text index cannot be made over SPARQL".to_owned()),
            Kind::AsOf => Some("it keeps no versions".to_owned()),
            Kind::Nearest | Kind::NearestWhere | Kind::Hybrid => {
                Some("it has no vectors".to_owned())
            }
            Kind::Writers | Kind::Recovery => Some("it is measured by one connection".to_owned()),
        }
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        for page in items.chunks(PAGE) {
            let mut triples = String::new();
            for (_, item) in page {
                let numbers = serde_json::to_string(&item.embedding)?;
                writeln!(
                    triples,
                    "<urn:{}> <urn:title> \"{}\" ; <urn:body> \"{}\" ; <urn:bucket> {} ; \
                     <urn:embedding> \"{numbers}\" ; <urn:link> <urn:{}> , <urn:{}> , <urn:{}> .",
                    item.id,
                    item.title,
                    item.body,
                    item.bucket,
                    name(item.targets[0]),
                    name(item.targets[1]),
                    name(item.targets[2])
                )?;
            }
            self.send(&format!("INSERT DATA {{ GRAPH <{}> {{ {triples} }} }}", self.graph))?;
        }
        Ok(())
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        let graph = &self.graph;
        match question {
            Question::Get(n) => {
                let id = name(*n);
                let title = format!(
                    "SELECT ?t ?b ?e ?l FROM <{graph}> WHERE {{ <urn:{id}> <urn:title> ?t ; \
                     <urn:body> ?b ; <urn:embedding> ?e ; <urn:link> ?l }}"
                );
                let mut titles = self.rows(&title)?;
                titles.truncate(1);
                Ok(titles)
            }
            Question::Hops(n, hops) => {
                let id = name(*n);
                let walks: Vec<String> = (1..=*hops as usize)
                    .map(|hops| {
                        let path = vec!["<urn:link>"; hops].join("/");
                        format!("{{ <urn:{id}> {path} ?x }}")
                    })
                    .collect();
                let walks = walks.join(" UNION ");
                let found =
                    self.rows(&format!("SELECT DISTINCT ?x FROM <{graph}> WHERE {{ {walks} }}"))?;
                Ok(found.iter().map(|x| x.trim_start_matches("urn:").to_owned()).collect())
            }
            Question::Aggregate(below) => self.rows(&format!(
                "SELECT (CONCAT(STR(?b), ':', STR(?n)) AS ?x) WHERE {{ \
                 SELECT ?b (COUNT(*) AS ?n) FROM <{graph}> \
                 WHERE {{ ?i <urn:bucket> ?b . FILTER(?b < {below}) }} GROUP BY ?b }}"
            )),
            _ => Err("it was not asked for this".into()),
        }
    }

    fn settings(&self) -> String {
        "Virtuoso, its own settings".to_owned()
    }
}

/// As the value of a form.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("a String takes any text");
        }
    }
    encoded
}

impl Drop for Virtuoso {
    fn drop(&mut self) {
        if !self.keep {
            drop(self.send(&format!("CLEAR GRAPH <{}>", self.graph)));
        }
    }
}
