//! A walk over lists of neighbors in memory: the least that following edges can cost.

use std::collections::HashMap;

use crate::cmd::bench::data::{Item, name};
use crate::cmd::bench::question::{Kind, Question};
use crate::cmd::bench::subject::{Answer, Result, Subject};

/// Ids by number, numbers by id, and where the edges of each lead.
#[derive(Default)]
pub(super) struct Adjacency {
    numbers: HashMap<String, u32>,
    ids: Vec<String>,
    links: Vec<[u32; 3]>,
    /// The walk that saw a number last: no set has to be emptied between walks.
    seen: Vec<u32>,
    walk: u32,
}

impl Adjacency {
    fn walk(&mut self, from: u32, hops: u32) -> Answer {
        self.walk += 1;
        let (mut edge, mut reached) = (vec![from], Vec::new());
        for _ in 0..hops {
            let mut next = Vec::new();
            for n in &edge {
                for to in self.links.get(*n as usize).into_iter().flatten() {
                    let seen = &mut self.seen[*to as usize];
                    if *seen != self.walk {
                        *seen = self.walk;
                        next.push(*to);
                    }
                }
            }
            reached.extend_from_slice(&next);
            edge = next;
        }
        let mut ids: Answer = reached.iter().map(|n| self.ids[*n as usize].clone()).collect();
        ids.sort_unstable();
        ids
    }
}

impl Subject for Adjacency {
    fn name(&self) -> &'static str {
        "adjacency"
    }

    fn cannot(&self, kind: Kind) -> Option<String> {
        let can = matches!(kind, Kind::Load | Kind::Insert | Kind::Hops);
        (!can).then(|| "it holds nothing but edges".to_owned())
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        for (n, item) in items {
            if self.ids.len() <= n {
                self.ids.resize(n + 1, String::new());
                self.links.resize(n + 1, [0; 3]);
                self.seen.resize(n + 1, 0);
            }
            self.numbers.insert(item.id.clone(), n as u32);
            self.ids[n] = item.id;
            self.links[n] = item.targets.map(|target| target as u32);
        }
        Ok(())
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        match question {
            Question::Hops(n, hops) => {
                let from = *self.numbers.get(&name(*n)).ok_or("no such item")?;
                Ok(self.walk(from, *hops))
            }
            _ => Err("it holds nothing but edges".into()),
        }
    }

    fn settings(&self) -> String {
        "edges in memory, nothing durable".to_owned()
    }
}
