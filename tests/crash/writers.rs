//! Writers at random: each changes hexads of its own and some of everybody's, and says before and after
//! each commit what it does. Every modality of a hexad carries the number of the write.

use std::collections::BTreeMap;

use vql::engine::base::{Kind, Value};
use vql::engine::{Engine, Session};

use crate::child::print;
use crate::database::{self, said};
use crate::dice::Dice;
use crate::world;

/// Hexads each writer has for itself.
const OWN: u64 = 6;
/// Hexads they share.
const SHARED: u64 = 4;

/// The name of a hexad of one writer.
fn own(writer: u64, n: u64) -> String {
    format!("w{writer}-{n}")
}

/// Runs until it is killed, or until each writer has tried `most` writes. `seed` also sets the first number, so that no number is used twice.
pub(crate) fn run(engine: &Engine, seed: u64, writers: u64, most: u64) -> i32 {
    let mut session = engine.session();
    let present = match ids(&mut session) {
        Ok(present) => present,
        Err(what) => {
            print(&format!("fatal {what}\n"));
            return 1;
        }
    };
    let transactions = database::execute(&mut session, "BEGIN").is_ok()
        && database::execute(&mut session, "ROLLBACK").is_ok();
    drop(session);
    std::thread::scope(|scope| {
        for writer in 0..writers {
            let known = (0..OWN).map(|n| own(writer, n)).collect::<Vec<_>>();
            let alive = known.iter().map(|id| (id.clone(), present.contains(id))).collect();
            let writer = Writer {
                number: writer,
                writers,
                session: engine.session(),
                dice: Dice::new(seed * 1000 + writer),
                // As small as a vector can say exactly, and different in all cycles of one database.
                seq: seed % 2000 * 1000,
                alive,
                shared: (0..SHARED)
                    .map(|n| format!("s{n}"))
                    .map(|id| (id.clone(), present.contains(&id)))
                    .collect(),
                transactions,
            };
            scope.spawn(move || writer.run(most));
        }
    });
    i32::from(engine.close().is_err())
}

fn ids(session: &mut Session) -> Result<Vec<String>, String> {
    let found = database::execute(session, "SELECT id FROM hexads LIMIT 1000").or_else(|e| {
        // A database that is still to be made.
        if e.kind == Kind::NotFound { Ok(vql::engine::Outcome::default()) } else { Err(said(&e)) }
    })?;
    Ok(found
        .rows
        .into_iter()
        .filter_map(|row| match row.into_iter().next() {
            Some(Value::Text(id)) => Some(id),
            _ => None,
        })
        .collect())
}

struct Writer {
    number: u64,
    writers: u64,
    session: Session,
    dice: Dice,
    seq: u64,
    alive: BTreeMap<String, bool>,
    shared: BTreeMap<String, bool>,
    transactions: bool,
}

impl Writer {
    fn run(mut self, most: u64) {
        for _ in 0..most {
            self.seq += 1;
            let value = self.seq * self.writers + self.number;
            let done = match self.dice.below(10) {
                0 => self.delete(),
                1 | 2 => self.share(value),
                3 | 4 if self.transactions => self.several(value),
                5 if self.transactions => self.taken_back(value),
                6 => self.both(value),
                _ => self.one(value),
            };
            if !done {
                return;
            }
        }
    }

    fn mine(&mut self) -> String {
        own(self.number, self.dice.below(OWN))
    }

    /// The statement that gives `id` this value, whether it exists or not.
    fn writing(&self, id: &str, value: u64) -> String {
        if self.alive.get(id).or_else(|| self.shared.get(id)).copied().unwrap_or_default() {
            world::update(id, value)
        } else {
            world::insert(id, value)
        }
    }

    /// Says what is tried, does it, and says how it went. False when writing is over.
    fn attempt(&mut self, effect: &[(&str, Option<u64>)], statements: &[String]) -> bool {
        let shown = |value: Option<u64>| value.map_or("-".to_owned(), |v| v.to_string());
        let effects: Vec<String> =
            effect.iter().map(|(id, value)| format!("{id}={}", shown(*value))).collect();
        let name = format!("{} {}", self.number, self.seq);
        print(&format!("try {name} {}\n", effects.join(" ")));
        for statement in statements {
            if let Err(error) = database::execute(&mut self.session, statement) {
                drop(database::execute(&mut self.session, "ROLLBACK"));
                let normal = error.kind.recoverable()
                    || matches!(error.kind, Kind::InsertConflict | Kind::UpdateNotFound);
                let word = if normal { "no" } else { "fatal" };
                print(&format!("{word} {name} {}\n", said(&error)));
                if matches!(error.kind, Kind::InsertConflict) {
                    // Somebody else made it.
                    self.shared.values_mut().for_each(|there| *there = true);
                }
                return normal;
            }
        }
        print(&format!("ok {name}\n"));
        for (id, value) in effect {
            let home =
                if self.alive.contains_key(*id) { &mut self.alive } else { &mut self.shared };
            home.insert((*id).to_owned(), value.is_some());
        }
        true
    }

    fn one(&mut self, value: u64) -> bool {
        let id = self.mine();
        let statement = self.writing(&id, value);
        self.attempt(&[(&id, Some(value))], &[statement])
    }

    fn delete(&mut self) -> bool {
        let id = self.mine();
        if !self.alive[&id] {
            return true;
        }
        self.attempt(&[(&id, None)], &[format!("DELETE HEXAD '{id}'")])
    }

    fn share(&mut self, value: u64) -> bool {
        let id = format!("s{}", self.dice.below(SHARED));
        let statement = self.writing(&id, value);
        self.attempt(&[(&id, Some(value))], &[statement])
    }

    /// Two hexads in one transaction.
    fn several(&mut self, value: u64) -> bool {
        let (a, b) = (self.mine(), self.mine());
        if a == b {
            return true;
        }
        let statements = [
            "BEGIN".to_owned(),
            self.writing(&a, value),
            self.writing(&b, value),
            "COMMIT".to_owned(),
        ];
        self.attempt(&[(&a, Some(value)), (&b, Some(value))], &statements)
    }

    /// A transaction that leaves nothing.
    fn taken_back(&mut self, value: u64) -> bool {
        let id = self.mine();
        let statements = ["BEGIN".to_owned(), self.writing(&id, value), "ROLLBACK".to_owned()];
        self.attempt(&[], &statements)
    }

    /// One statement that changes all hexads of one writer that exist.
    fn both(&mut self, value: u64) -> bool {
        let alive: Vec<String> =
            self.alive.iter().filter(|(_, there)| **there).map(|(id, _)| id.clone()).collect();
        let [a, b, ..] = alive.as_slice() else { return true };
        // A mark that is part of none of the numbers: it must arrive on both.
        let text = format!("UPDATE HEXAD SET DOCUMENT.mark = {value} WHERE id IN ['{a}', '{b}']");
        self.attempt(&[], &[text])
    }
}
