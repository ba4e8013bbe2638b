//! The matrix: roles against what is done, from one table, every cell asserted; and the single rules of
//! precedence, ownership, writing and the audit log, each through sessions.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::engine::Engine;
use crate::engine::auth::{Action, BUILT_IN, Principal, Scope};
use crate::engine::base::{Kind, Result, Rng, Value};
use crate::engine::exec::access::admit::needed;
use crate::engine::exec::law_tests::Ticking;
use crate::engine::lang::parse;
use crate::engine::outcome::{Control, Options, Outcome, Params, Sync};
use crate::engine::session::Session;

fn open(path: &Path) -> Engine {
    let options = Options { create: true, sync: Sync::Off, ..Options::default() };
    let clock = Arc::new(Ticking(AtomicI64::new(1_767_225_600_000_000)));
    Engine::open(path, options, clock, Arc::new(Scattered(AtomicU64::new(1)))).unwrap()
}

/// Bits that look like chance.
struct Scattered(AtomicU64);

impl Rng for Scattered {
    fn bits(&self) -> u128 {
        let hash = blake3::hash(&self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes());
        u128::from_le_bytes(*hash.as_bytes().first_chunk().unwrap())
    }
}

fn run(session: &mut Session, text: &str) -> Result<Outcome> {
    let parsed = parse(text);
    let faults: Vec<_> = parsed.errors().map(|d| d.message.clone()).collect();
    assert!(faults.is_empty(), "{text}\n{faults:?}");
    let mut outcome = Outcome::default();
    for statement in &parsed.script.statements {
        outcome = session.execute(text, statement, &Params::new(), &Control::default())?;
    }
    Ok(outcome)
}

struct House {
    engine: Engine,
    owner: Session,
    place: tempfile::TempDir,
}

impl House {
    fn new(script: &str) -> Self {
        let place = tempfile::tempdir().unwrap();
        let engine = open(&place.path().join("house.db"));
        let mut owner = engine.session();
        run(&mut owner, script).unwrap();
        Self { engine, owner, place }
    }

    fn of(&self, name: &str) -> Session {
        self.engine.session_as(&Principal::named(name).unwrap())
    }

    fn owner(&mut self, text: &str) -> Outcome {
        run(&mut self.owner, text).unwrap_or_else(|e| panic!("{text}: {e}"))
    }
}

fn ids(outcome: &Outcome) -> Vec<String> {
    outcome.rows.iter().map(|row| row[0].as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn refused(result: Result<Outcome>) {
    match result {
        Err(error) => assert_eq!(error.kind, Kind::PermissionDenied, "{error}"),
        Ok(outcome) => panic!("it was allowed: {outcome:?}"),
    }
}

const WORLD: &str = "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A', year = 2001), SEMANTIC(Paper); \
    INSERT HEXAD 'b' WITH DOCUMENT(title = 'B', year = 2002), SEMANTIC(Secret), GRAPH(CITES, a); \
    INSERT HEXAD 'c' WITH DOCUMENT(title = 'C', year = 2003), GRAPH(CITES, b), GRAPH(CITES, a);";

const ROLES: [&str; 6] = ["everyone", "reader", "writer", "steward", "admin", "(owner)"];

/// What is done, the action it is when that is an act, and who may: in the order of [`ROLES`].
const MATRIX: &[(&str, Option<Action>, [bool; 6])] = &[
    ("SELECT id FROM hexads", None, [false, true, true, true, true, true]),
    ("COUNT HEXADS", None, [false, true, true, true, true, true]),
    ("SEARCH TEXT 'a'", None, [false, true, true, true, true, true]),
    ("EXPLAIN SELECT id FROM hexads", None, [false, true, true, true, true, true]),
    ("DESCRIBE HEXAD a", None, [false, true, true, true, true, true]),
    ("DRIFT DETECT FROM HEXAD a", None, [false, true, true, true, true, true]),
    ("DRIFT HISTORY FROM HEXAD a", None, [false, true, true, true, true, true]),
    ("SHOW HEXADS", None, [false, true, true, true, true, true]),
    ("SHOW CONFLICTS", None, [false, true, true, true, true, true]),
    ("SHOW GRANTS", None, [false, true, true, true, true, true]),
    ("INSERT HEXAD 'new' WITH DOCUMENT(title = 'N')", None, [false, false, true, true, true, true]),
    ("UPDATE HEXAD 'a' SET DOCUMENT.title = 'X'", None, [false, false, true, true, true, true]),
    (
        "UPDATE HEXAD SET DOCUMENT.year = 1 WHERE year = 2001",
        None,
        [false, false, true, true, true, true],
    ),
    ("DELETE HEXAD 'c'", None, [false, false, true, true, true, true]),
    (
        "BEGIN; UPDATE HEXAD 'a' SET DOCUMENT.year = 7; COMMIT",
        None,
        [false, false, true, true, true, true],
    ),
    ("SHOW STATUS", Some(Action::Observe), [false, false, false, true, true, true]),
    ("SHOW TRANSACTIONS", Some(Action::Observe), [false, false, false, true, true, true]),
    ("NORMALIZE HEXAD a", Some(Action::Normalize), [false, false, false, true, true, true]),
    (
        "CREATE CONTRACT k AS (FIELD year >= 1)",
        Some(Action::Define),
        [false, false, false, true, true, true],
    ),
    (
        "CREATE POLICY p FOR ALL AS rate = 60",
        Some(Action::Define),
        [false, false, false, true, true, true],
    ),
    ("CHECKPOINT", Some(Action::Maintain), [false, false, false, false, true, true]),
    ("CHECK INTEGRITY", Some(Action::Maintain), [false, false, false, false, true, true]),
    ("CREATE SNAPSHOT s", Some(Action::Backup), [false, false, false, false, true, true]),
    ("EXPORT TO 'x.jsonl'", Some(Action::Transfer), [false, false, false, false, true, true]),
    ("SET drift_sweep_s = 100", Some(Action::Configure), [false, false, false, false, true, true]),
    (
        "SET owner_grants = 'read'",
        Some(Action::Configure),
        [false, false, false, false, true, true],
    ),
    ("CREATE ROLE r", Some(Action::Grant), [false, false, false, false, true, true]),
    ("GRANT read ON HEXADS TO zoe", Some(Action::Grant), [false, false, false, false, true, true]),
    ("DENY read ON HEXAD a TO zoe", Some(Action::Grant), [false, false, false, false, true, true]),
    ("GRANT ROLE reader TO zoe", Some(Action::Grant), [false, false, false, false, true, true]),
    ("CREATE KEY FOR zoe", Some(Action::Keys), [false, false, false, false, true, true]),
    ("SHOW AUDIT", Some(Action::Audit), [false, false, false, false, true, true]),
];

#[test]
fn every_role_may_do_what_the_table_says_and_nothing_else() {
    for (at, role) in ROLES.iter().enumerate() {
        let mut house = House::new(WORLD);
        for (text, action, may) in MATRIX {
            let mut session = match *role {
                "(owner)" => house.engine.session(),
                "everyone" => house.of("nobody"),
                role => {
                    house.owner(&format!("GRANT ROLE {role} TO me"));
                    house.of("me")
                }
            };
            let outcome = run(&mut session, text);
            let denied = matches!(&outcome, Err(error) if error.kind == Kind::PermissionDenied);
            assert_eq!(denied, !may[at], "{role}: {text}: {outcome:?}");
            if let Err(error) = &outcome {
                let known = [Kind::PermissionDenied, Kind::NotSupported];
                assert!(known.contains(&error.kind), "{role}: {text}: {error}");
            }
            // Alone, the act is what it needs.
            let alone = |action: &Action| {
                !["GRANT", "DENY", "CREATE KEY"]
                    .iter()
                    .any(|w| text.starts_with(w) && matches!(action, Action::Grant | Action::Keys))
            };
            if let Some(action) = action.filter(alone) {
                let parsed = parse(text);
                assert_eq!(needed(&parsed.script.statements[0].kind).action, action, "{text}");
            }
        }
    }
}

#[test]
fn every_act_stands_in_the_table_and_each_is_granted_alone() {
    for action in Action::ACTS {
        let row = MATRIX.iter().find(|(_, of, _)| of == &Some(*action));
        let Some((text, ..)) = row else { panic!("{action} has no row") };
        let mut house = House::new(WORLD);
        house.owner(&format!("GRANT read ON HEXADS TO me; GRANT {} TO me", action.name()));
        house.owner("GRANT write ON HEXADS TO me");
        let outcome = run(&mut house.of("me"), text);
        let fine = match &outcome {
            Ok(_) => true,
            Err(error) => error.kind == Kind::NotSupported,
        };
        assert!(fine, "{action}: {text}: {outcome:?}");
        for other in Action::ACTS.iter().filter(|other| *other != action) {
            let (text, ..) = MATRIX.iter().find(|(_, of, _)| of == &Some(*other)).unwrap();
            refused(run(&mut house.of("me"), text));
        }
        house.owner(&format!("REVOKE {} FROM me", action.name()));
        refused(run(&mut house.of("me"), text));
        house.owner(&format!("GRANT ROLE steward TO me; DENY {} TO me", action.name()));
        refused(run(&mut house.of("me"), text));
    }
    assert!(BUILT_IN.iter().all(|role| ROLES.contains(&role.name)));
}

#[test]
fn the_deepest_rule_counts_and_a_denial_beats_a_grant_of_its_depth() {
    let mut house = House::new(WORLD);
    house.owner("GRANT read ON HEXADS TO me; DENY read ON TYPE Secret TO me");
    let mut me = house.of("me");
    let all = "SELECT id FROM hexads ORDER BY id";
    assert_eq!(ids(&run(&mut me, all).unwrap()), ["a", "c"]);
    house.owner("GRANT read ON HEXAD 'b' TO me");
    assert_eq!(ids(&run(&mut me, all).unwrap()), ["a", "b", "c"]);
    house.owner(
        "CREATE ROLE outsiders; GRANT ROLE outsiders TO me; \
        DENY read ON HEXAD 'b' TO ROLE outsiders",
    );
    assert_eq!(ids(&run(&mut me, all).unwrap()), ["a", "c"]);
    house.owner("GRANT read ON DOCUMENT OF HEXAD 'b' TO me");
    let shown = run(&mut me, "SELECT id, modalities FROM hexads WHERE id = 'b'").unwrap();
    assert_eq!(shown.rows[0][1], Value::List(vec!["document".into()]));
    // For everyone is said more softly than for one.
    house.owner("DENY read ON HEXAD 'a' TO ROLE everyone; GRANT read ON HEXAD 'a' TO me");
    assert!(ids(&run(&mut me, all).unwrap()).contains(&"a".to_owned()));
    house.owner("REVOKE read ON HEXAD 'a' FROM me");
    assert!(!ids(&run(&mut me, all).unwrap()).contains(&"a".to_owned()));
    // A role that is dropped takes its rules with it.
    house.owner("DROP ROLE outsiders");
    assert!(ids(&run(&mut me, all).unwrap()).contains(&"b".to_owned()));
}

#[test]
fn what_is_not_seen_is_not_there_to_be_written_either() {
    let mut house = House::new(WORLD);
    house.owner("GRANT ROLE writer TO me; DENY read ON HEXAD 'b' TO me");
    let mut me = house.of("me");
    for text in ["UPDATE HEXAD 'b' SET DOCUMENT.year = 1", "DELETE HEXAD 'b'"] {
        let hidden = run(&mut me, text).unwrap_err();
        let missing = run(&mut me, &text.replace("'b'", "'nothing'")).unwrap_err();
        assert_eq!(hidden.kind, missing.kind, "{hidden}");
        assert_eq!(
            hidden.message.replace('b', ""),
            missing.message.replace("nothing", "").replace('b', "")
        );
    }
    run(&mut me, "UPDATE HEXAD SET DOCUMENT.year = 1 WHERE year > 2000").unwrap();
    let years = house.owner("SELECT id, year FROM hexads ORDER BY id");
    let years: Vec<&Value> = years.rows.iter().map(|row| &row[1]).collect();
    assert_eq!(years, [&Value::Int(1), &Value::Int(2002), &Value::Int(1)]);
    // The edges nobody sees stay when others are changed, and are not thrown away with all.
    run(&mut me, "UPDATE HEXAD 'c' SET DOCUMENT.title = 'C2'").unwrap();
    let shown =
        run(&mut me, "SELECT id FROM hexads WHERE (h)-[:CITES]->(x) AND x.id = 'b'").unwrap();
    assert!(shown.rows.is_empty());
    let kept = house.owner("SELECT id FROM hexads WHERE (h)-[:CITES]->(x) AND x.id = 'b'");
    assert_eq!(ids(&kept), ["c"]);
}

#[test]
fn a_write_is_decided_by_the_types_before_and_after() {
    let mut house = House::new(WORLD);
    house.owner("GRANT read ON HEXADS TO me; GRANT write ON TYPE Paper TO me");
    let mut me = house.of("me");
    run(&mut me, "UPDATE HEXAD 'a' SET DOCUMENT.year = 5").unwrap();
    refused(run(&mut me, "UPDATE HEXAD 'c' SET DOCUMENT.year = 5"));
    refused(run(&mut me, "UPDATE HEXAD 'c' SET SEMANTIC.types = ['Paper']"));
    refused(run(&mut me, "INSERT HEXAD 'd' WITH DOCUMENT(title = 'D')"));
    run(&mut me, "INSERT HEXAD 'e' WITH DOCUMENT(title = 'E'), SEMANTIC(Paper)").unwrap();
    house.owner("DENY write ON TYPE Secret TO me");
    refused(run(&mut me, "UPDATE HEXAD 'a' SET SEMANTIC.types = ['Paper', 'Secret']"));
    house.owner("DENY write ON DOCUMENT OF TYPE Paper TO me");
    refused(run(&mut me, "UPDATE HEXAD 'a' SET DOCUMENT.year = 6"));
    refused(run(&mut me, "DELETE HEXAD 'a'"));
    // Nobody writes over what they do not see.
    house.owner("GRANT write ON HEXADS TO you; GRANT read ON SEMANTIC TO you");
    let mut you = house.of("you");
    refused(run(&mut you, "UPDATE HEXAD 'a' SET DOCUMENT.year = 6"));
    let kept = house.owner("SELECT year FROM hexads WHERE id = 'a'");
    assert_eq!(kept.rows[0][0], Value::Int(5));
}

#[test]
fn owners_share_what_is_theirs_within_the_range_and_never_what_is_denied() {
    let mut house = House::new(WORLD);
    house.owner("GRANT write ON HEXADS TO ada; GRANT observe TO bob; GRANT observe TO eve");
    let (mut ada, mut bob) = (house.of("ada"), house.of("bob"));
    run(&mut ada, "INSERT HEXAD 'mine' WITH DOCUMENT(title = 'M'), SEMANTIC(Note)").unwrap();
    let all = "SELECT id FROM hexads ORDER BY id";
    assert_eq!(ids(&run(&mut ada, all).unwrap()), ["mine"]);
    assert!(run(&mut bob, all).unwrap().rows.is_empty());
    run(&mut ada, "GRANT read ON HEXAD 'mine' TO bob").unwrap();
    assert_eq!(ids(&run(&mut bob, all).unwrap()), ["mine"]);
    refused(run(&mut bob, "GRANT read ON HEXAD 'mine' TO eve"));
    refused(run(&mut ada, "GRANT read ON HEXADS TO bob"));
    refused(run(&mut ada, "GRANT admin ON HEXAD 'mine' TO bob"));
    refused(run(&mut ada, "GRANT backup TO bob"));
    run(&mut ada, "GRANT write ON HEXAD 'mine' TO bob").unwrap();
    run(&mut bob, "UPDATE HEXAD 'mine' SET DOCUMENT.title = 'B'").unwrap();
    house.owner("SET owner_grants = 'read'");
    refused(run(&mut bob, "UPDATE HEXAD 'mine' SET DOCUMENT.title = 'C'"));
    // What an administrator denies no owner allows, and no owner escapes.
    house.owner("DENY read ON TYPE Note TO bob");
    assert!(run(&mut bob, all).unwrap().rows.is_empty());
    house.owner("DENY read ON TYPE Note TO ada");
    assert!(run(&mut ada, all).unwrap().rows.is_empty());
    house.owner("REVOKE read ON TYPE Note FROM ada; GRANT ROLE reader TO eve");
    // An owner keeps readers out, but no administrator.
    run(&mut ada, "DENY read ON HEXAD 'mine' TO ROLE everyone").unwrap();
    assert_eq!(ids(&run(&mut house.of("eve"), all).unwrap()), ["a", "b", "c"]);
    house.owner("GRANT ROLE admin TO eve");
    assert_eq!(ids(&run(&mut house.of("eve"), all).unwrap()).len(), 4);
    let why = run(&mut ada, "SHOW ACCESS FOR bob ON HEXAD 'mine'").unwrap();
    assert_eq!(why.rows.len(), 24);
    assert!(why.rows[0][3].as_str().unwrap().contains("denies read on type Note to bob"));
    refused(run(&mut bob, "SHOW ACCESS FOR ada ON HEXAD 'a'").map_err(|error| {
        // Nor is it told that there is one.
        assert_eq!(error.kind, Kind::NotFound);
        crate::engine::base::Error { kind: Kind::PermissionDenied, ..error }
    }));
}

#[test]
fn scopes_take_away_and_never_add() {
    let mut house = House::new(WORLD);
    house.owner("GRANT ROLE admin TO me; GRANT ROLE reader TO you");
    let who = |name: &str, scope: &str| Principal::named(name).unwrap().within(Scope::parse(scope));
    let mut key = house.engine.session_as(&who("me", "read:document"));
    let shown = run(&mut key, "SELECT id, modalities FROM hexads WHERE id = 'b'").unwrap();
    assert_eq!(shown.rows[0][1], Value::List(vec!["document".into()]));
    refused(run(&mut key, "UPDATE HEXAD 'a' SET DOCUMENT.year = 1"));
    refused(run(&mut key, "GRANT read ON HEXADS TO zoe"));
    refused(run(&mut key, "CREATE KEY FOR me"));
    let mut key = house.engine.session_as(&who("you", "write"));
    refused(run(&mut key, "INSERT HEXAD 'n' WITH DOCUMENT(title = 'N')"));
    let mut none = house.engine.session_as(&Principal::named("me").unwrap().within([]));
    refused(run(&mut none, "SELECT id FROM hexads"));
}

#[test]
fn what_is_revoked_is_gone_with_the_next_statement_also_in_a_transaction() {
    let mut house = House::new(WORLD);
    house.owner("GRANT ROLE writer TO me");
    let mut me = house.of("me");
    run(&mut me, "BEGIN; UPDATE HEXAD 'a' SET DOCUMENT.year = 9").unwrap();
    house.owner("DENY read ON TYPE Secret TO me");
    let all = run(&mut me, "SELECT id, year FROM hexads ORDER BY id").unwrap();
    assert_eq!(ids(&all), ["a", "c"]);
    assert_eq!(all.rows[0][1], Value::Int(9));
    run(&mut me, "UPDATE HEXAD 'a' SET SEMANTIC.types = ['Secret']").unwrap();
    assert_eq!(ids(&run(&mut me, "SELECT id FROM hexads ORDER BY id").unwrap()), ["c"]);
    run(&mut me, "COMMIT").unwrap();
    house.owner("REVOKE ROLE writer FROM me");
    refused(run(&mut me, "SELECT id FROM hexads"));
}

#[test]
fn a_role_may_be_in_a_role_and_never_in_itself() {
    let mut house = House::new(WORLD);
    house.owner(
        "CREATE ROLE inner; CREATE ROLE outer; GRANT ROLE outer TO ROLE inner; \
        GRANT ROLE reader TO ROLE outer; GRANT ROLE inner TO me",
    );
    assert_eq!(run(&mut house.of("me"), "SELECT id FROM hexads").unwrap().rows.len(), 3);
    for text in ["GRANT ROLE inner TO ROLE outer", "GRANT ROLE inner TO ROLE inner"] {
        assert_eq!(run(&mut house.owner, text).unwrap_err().kind, Kind::CycleDetected);
    }
    for text in
        ["GRANT ROLE nobody TO me", "GRANT read ON HEXADS TO ROLE nobody", "DROP ROLE nobody"]
    {
        assert_eq!(run(&mut house.owner, text).unwrap_err().kind, Kind::NotFound, "{text}");
    }
    for text in
        ["DROP ROLE admin", "DENY read ON HEXADS TO ROLE admin", "GRANT ROLE everyone TO me"]
    {
        let error = run(&mut house.owner, text).unwrap_err();
        assert_eq!(error.kind, Kind::ConstraintViolation, "{text}");
    }
    assert_eq!(run(&mut house.owner, "GRANT fly TO me").unwrap_err().kind, Kind::InvalidInput);
    assert_eq!(
        run(&mut house.owner, "GRANT backup ON HEXADS TO me").unwrap_err().kind,
        Kind::InvalidInput
    );
    run(&mut house.owner, "DROP ROLE IF EXISTS nobody").unwrap();
    let nothing = house.owner("REVOKE write ON HEXADS FROM me");
    assert_eq!((nothing.affected, nothing.notices.len()), (Some(0), 1));
}

#[test]
fn keys_open_as_long_as_they_are_good_and_their_secrets_are_nowhere() {
    let mut house = House::new(WORLD);
    house.owner("GRANT ROLE reader TO ada");
    let made =
        house.owner("CREATE KEY FOR ada WITH label = 'ci', scopes = 'read', expires = '90d'");
    let (id, text) = (made.rows[0][0].as_str().unwrap(), made.rows[0][2].as_str().unwrap());
    let who = house.engine.principal_of_key(text).unwrap().expect("it opens");
    assert_eq!((who.name(), who.by()), (Some("ada"), format!("key {id}").as_str()));
    assert!(who.scopes().is_some());
    let wrong = format!("{}x", &text[..text.len() - 1]);
    for wrong in [wrong.as_str(), "", "vqlk_00000000_x", &text.replace(id, "00000000")] {
        assert!(house.engine.principal_of_key(wrong).unwrap().is_none(), "{wrong}");
    }
    let again = house.owner(&format!("ROTATE KEY '{id}' WITH grace = '0s'"));
    let newer = again.rows[0][2].as_str().unwrap();
    assert!(house.engine.principal_of_key(text).unwrap().is_none());
    assert!(house.engine.principal_of_key(newer).unwrap().is_some());
    let shown = house.owner("SHOW KEYS");
    assert!(!format!("{shown:?}").contains(newer.rsplit('_').next().unwrap()));
    // Ada may make one for herself, and drop it; of that of others she is told nothing.
    let mut ada = house.of("ada");
    let own = run(&mut ada, "CREATE KEY FOR ada").unwrap();
    refused(run(&mut ada, "CREATE KEY FOR bob"));
    let other = house.owner("CREATE KEY FOR bob").rows[0][0].as_str().unwrap().to_owned();
    let error = run(&mut ada, &format!("DROP KEY '{other}'")).unwrap_err();
    assert_eq!(error.kind, Kind::NotFound);
    assert_eq!(run(&mut ada, "SHOW KEYS").unwrap().rows.len(), 2);
    refused(run(&mut ada, "SHOW KEYS bob"));
    run(&mut ada, &format!("DROP KEY '{}'", own.rows[0][0].as_str().unwrap())).unwrap();
    house.owner(&format!("DROP KEY '{id}'"));
    assert!(house.engine.principal_of_key(newer).unwrap().is_none());
    let secrets: Vec<&str> = [text, newer].map(|text| text.rsplit('_').next().unwrap()).into();
    house.engine.close().unwrap();
    for entry in walk(house.place.path()) {
        let bytes = std::fs::read(&entry).unwrap();
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{}", entry.display());
        }
    }
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut all = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(walk(&path)) } else { all.push(path) }
    }
    all
}

#[test]
fn the_first_key_is_made_once() {
    let house = House::new(WORLD);
    let text = house.engine.ensure_admin_key().unwrap().expect("there was none");
    let text = crate::engine::auth::key::reveal(&text);
    let who = house.engine.principal_of_key(text).unwrap().unwrap();
    run(&mut house.engine.session_as(&who), "CREATE ROLE r").unwrap();
    assert!(house.engine.ensure_admin_key().unwrap().is_none());
}

#[test]
fn denials_and_changes_of_rights_are_in_the_audit_log_and_it_verifies() {
    let mut house = House::new(WORLD);
    house.owner("GRANT ROLE reader TO me");
    let mut me = house.of("me");
    refused(run(&mut me, "DELETE HEXAD 'a'"));
    run(&mut me, "SELECT id FROM hexads").unwrap();
    house.owner("SET audit_statements = true");
    run(&mut me, "SELECT id FROM hexads").unwrap();
    let log = house.owner("SHOW AUDIT LIMIT 10");
    let acts: Vec<(&str, &str, &str)> = log
        .rows
        .iter()
        .map(|row| (row[2].as_str().unwrap(), row[4].as_str().unwrap(), row[5].as_str().unwrap()))
        .collect();
    assert_eq!(
        acts,
        [
            ("me", "SELECT", "allowed"),
            ("(owner)", "SET", "allowed"),
            ("me", "DELETE", "denied"),
            ("(owner)", "GRANT", "allowed"),
        ]
    );
    assert_eq!(house.owner("SHOW AUDIT me").rows.len(), 2);
    assert_eq!(house.engine.audit_log().verify(None).unwrap(), None);
    assert_eq!(house.engine.audit_log().head().unwrap().entries, 4);
}

#[test]
fn who_is_known_by_a_name_writes_under_it() {
    let mut house = House::new(WORLD);
    house.owner("GRANT ROLE writer TO me");
    let mut me = house.of("me");
    refused(run(&mut me, "SET author = 'somebody else'"));
    run(&mut me, "UPDATE HEXAD 'a' SET DOCUMENT.year = 9").unwrap();
    assert_eq!(ids(&house.owner("SELECT id FROM hexads WHERE MODIFIED BY me")), ["a"]);
}
