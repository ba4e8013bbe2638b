//! Whatever the policies say and however they lie over each other: what a user wrote is not replaced
//! unless they say so. Many hexads in one database, normalized together, so that it can be tried often:
//! `VQL_NORMALIZATIONS=100000 cargo test --lib policy_tests`.

use std::collections::{BTreeMap, BTreeSet};

use super::law_tests::Dice;
use super::normalize_tests::{change, insert, kept, ok, open, records};
use crate::engine::base::Modality;
use crate::engine::modality::semantic;
use crate::engine::session::Session;

/// Hexads of one database.
const HEXADS: u64 = 60;
/// How often all of them are changed and normalized.
const ROUNDS: u64 = 4;

/// What policies say of users' records: the one for all, that of a type, those of hexads.
#[derive(Default)]
struct Said {
    owners_may: bool,
    all: Option<bool>,
    of_type: Option<bool>,
    of_hexad: BTreeMap<String, bool>,
}

impl Said {
    /// Whether the user's records of a hexad may be replaced.
    fn overwrites(&self, id: &str, is_paper: bool) -> bool {
        let mut may = self.all.unwrap_or(false);
        if self.owners_may {
            may = self.of_type.filter(|_| is_paper).unwrap_or(may);
            may = self.of_hexad.get(id).copied().unwrap_or(may);
        }
        may
    }
}

fn parts(dice: &mut Dice) -> (String, Option<bool>) {
    let mut parts = vec![format!("queue_from = {}", dice.pick(&["1", "0.9", "0.5"]))];
    let mut some = |part: &str, of: &[&str]| {
        if dice.chance(60) {
            parts.push(format!("{part} = {}", dice.pick(of)));
        }
    };
    some("mode", &["conservative", "balanced", "aggressive"]);
    some("conflicts", &["manual", "last_writer_wins", "modality_priority", "auto_merge"]);
    let strategies = ["from_authoritative", "merge", "user_resolve", "last_writer_wins"];
    some("strategy", &strategies);
    some("strategy.vector", &strategies);
    some("strategy.spatial.document", &strategies);
    some("authority", &["['document']", "['semantic', 'graph']", "['graph']", "['vector']"]);
    some("fill", &["[]", "['vector', 'semantic']", "['document', 'graph', 'spatial']"]);
    some("retraction", &["flag", "queue", "off"]);
    let overwrite = dice.chance(50).then(|| dice.chance(50));
    parts.extend(overwrite.map(|may| format!("overwrite_user = {may}")));
    (parts.join(", "), overwrite)
}

fn policies(dice: &mut Dice, session: &mut Session) -> Said {
    let mut said = Said { owners_may: dice.chance(70), ..Said::default() };
    let (mut all, overwrite) = parts(dice);
    said.all = overwrite;
    if !said.owners_may {
        all += ", owner_may = ['strategy', 'mode', 'authority', 'conflicts', 'fill']";
    }
    // What owners said while they might is not heard once they may not.
    ok(session, "CREATE OR REPLACE POLICY everything FOR ALL AS queue_from = 1");
    let (of_type, overwrite) = parts(dice);
    said.of_type = overwrite;
    ok(session, &format!("CREATE OR REPLACE POLICY papers FOR TYPE Paper AS {of_type}"));
    for n in 0..HEXADS / 10 {
        let id = format!("h{}", n * 10);
        let (of_hexad, overwrite) = parts(dice);
        said.of_hexad.extend(overwrite.map(|may| (id.clone(), may)));
        ok(session, &format!("CREATE OR REPLACE POLICY own_{n} FOR HEXAD '{id}' AS {of_hexad}"));
    }
    ok(session, &format!("CREATE OR REPLACE POLICY everything FOR ALL AS {all}"));
    said
}

fn statement(dice: &mut Dice) -> String {
    let from = match dice.roll(4) {
        0 => format!(" FROM {}", dice.pick(&["document", "semantic", "graph", "vector"])),
        _ => String::new(),
    };
    let strategy = match dice.roll(4) {
        0 => format!(" USING STRATEGY {}", dice.pick(&["merge", "last_writer_wins"])),
        _ => String::new(),
    };
    match dice.roll(5) {
        0 => format!("DRIFT REPAIR FROM hexads{strategy}"),
        _ => format!("NORMALIZE ALL{from}{strategy}"),
    }
}

/// A round; answers for how many hexads there was something to do, and how many may not be
/// overwritten.
fn round(dice: &mut Dice, engine: &crate::engine::Engine, session: &mut Session) -> (u64, u64) {
    for n in 0..HEXADS {
        if dice.chance(80) {
            ok(session, &change(dice, &format!("h{n}")));
        }
    }
    let said = policies(dice, session);
    let before: Vec<_> = (0..HEXADS).map(|n| records(engine, &format!("h{n}")).1).collect();
    let text = statement(dice);
    let outcome = ok(session, &text);
    let concerned: BTreeSet<&str> = outcome.rows.iter().filter_map(|r| r[0].as_str()).collect();
    let (mut runs, mut held) = (0, 0);
    for (n, before) in before.iter().enumerate() {
        let id = format!("h{n}");
        let is_paper = before.get(&Modality::Semantic).is_some_and(|(body, _)| {
            semantic::codec::decode(body).unwrap().types.contains(&"Paper".to_owned())
        });
        runs += u64::from(concerned.contains(id.as_str()));
        if !said.overwrites(&id, is_paper) {
            held += 1;
            kept(before, &records(engine, &id).1);
        }
    }
    (runs, held)
}

#[test]
fn what_a_user_wrote_stays_under_every_policy_that_does_not_give_it_away() {
    let wanted = option_env!("VQL_NORMALIZATIONS").and_then(|n| n.parse().ok()).unwrap_or(300_u64);
    let mut dice = Dice(0x0A11_0F17);
    let (mut runs, mut held, mut all) = (0, 0, 0);
    while runs < wanted {
        let (_dir, engine, mut session) = open();
        ok(&mut session, "INSERT HEXAD 'anchor' WITH DOCUMENT(title = 'Anchor of all')");
        for n in 0..HEXADS {
            ok(&mut session, &insert(&mut dice, &format!("h{n}")));
        }
        for _ in 0..ROUNDS {
            let (done, kept) = round(&mut dice, &engine, &mut session);
            (runs, held, all) = (runs + done, held + kept, all + HEXADS);
        }
    }
    assert!(held > 0 && held < all, "{held} of {all} may not be overwritten");
}
