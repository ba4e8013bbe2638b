//! The store against a map: any sequence of statements, deaths and reopenings.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use proptest::prelude::*;

use crate::engine::base::{Lsn, Modality, Result};

use super::super::{Applier, Changes, IndexTx, RecordScan, Space};
use super::*;

/// An index as a modality would write it: bodies by hexad, beside the records.
#[derive(Debug, Default)]
struct Mirror {
    told: Mutex<Vec<Lsn>>,
}

impl Applier for Mirror {
    fn schema(&self, tx: &IndexTx<'_>) -> Result<()> {
        tx.conn()
            .execute_batch("CREATE TABLE IF NOT EXISTS mirror (iid INTEGER PRIMARY KEY, body BLOB)")
            .map_err(|e| tx.error(&e))
    }

    fn apply(&self, tx: &IndexTx<'_>, batch: &[Changes<'_>]) -> Result<()> {
        for op in batch.iter().flat_map(|c| c.ops) {
            let changed = match op {
                Op::Put { iid, body, .. } => tx
                    .conn()
                    .execute("INSERT OR REPLACE INTO mirror VALUES (?1, ?2)", (iid.0, body)),
                Op::Delete { iid, .. } => {
                    tx.conn().execute("DELETE FROM mirror WHERE iid = ?1", [iid.0])
                }
                Op::Append { .. } => Ok(0),
            };
            changed.map_err(|e| tx.error(&e))?;
        }
        Ok(())
    }

    fn applied(&self, batch: &[Changes<'_>]) {
        self.told.lock().extend(batch.iter().map(|c| c.lsn));
    }

    fn rebuild(&self, tx: &IndexTx<'_>, scan: RecordScan<'_>) -> Result<()> {
        tx.conn().execute("DELETE FROM mirror", []).map_err(|e| tx.error(&e))?;
        scan(&mut |op| {
            let one = Changes { lsn: Lsn(0), time: Timestamp(0), ops: std::slice::from_ref(op) };
            self.apply(tx, &[one])
        })
    }
}

fn mirror(view: &View) -> BTreeMap<u32, Vec<u8>> {
    let reader = view.ground().index(Modality::Graph).expect("readable");
    let mut select = reader.conn().prepare("SELECT iid, body FROM mirror").expect("a table");
    let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).expect("rows");
    rows.collect::<rusqlite::Result<_>>().expect("rows")
}

fn with_mirror(dir: &Path) -> (Store, Arc<Mirror>) {
    let hook = Arc::new(Mirror::default());
    let mut appliers = Appliers::default();
    appliers[Modality::Graph as usize] = Some(Arc::clone(&hook) as Arc<dyn Applier>);
    (try_open(dir, writable(), appliers).expect("opens"), hook)
}

#[derive(Clone, Debug)]
enum Step {
    Write(u8, Vec<u8>),
    Remove(u8),
    Setting(u8, Option<u8>),
    Look,
    Reopen,
    Die,
    Checkpoint,
    Rebuild,
}

fn steps() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_u8..6, proptest::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(id, body)| Step::Write(id, body)),
        3 => (0_u8..6).prop_map(Step::Remove),
        2 => (0_u8..3, proptest::option::of(any::<u8>())).prop_map(|(n, v)| Step::Setting(n, v)),
        3 => Just(Step::Look),
        1 => Just(Step::Reopen),
        1 => Just(Step::Die),
        1 => Just(Step::Checkpoint),
        1 => Just(Step::Rebuild),
    ]
}

type Model = (BTreeMap<u8, Vec<u8>>, BTreeMap<u8, u8>);

fn write(store: &Store, model: &mut Model, id: u8, body: &[u8]) {
    let name = format!("h{id}");
    let view = store.view().expect("a view");
    if view.iid(&name).expect("readable").is_some() {
        store.commit(change(&view, &name, body)).expect("alone");
    } else {
        insert(store, &name, body).expect("alone");
    }
    model.0.insert(id, body.to_vec());
}

fn look(store: &Store, model: &Model) {
    let view = store.view().expect("a view");
    assert_eq!(count(&view), model.0.len() as u64);
    let mut bodies = BTreeMap::new();
    for id in 0..6 {
        let found = read(&view, &format!("h{id}"));
        assert_eq!(found.as_ref(), model.0.get(&id));
        if let (Some(iid), Some(body)) = (view.iid(&format!("h{id}")).expect("readable"), found) {
            bodies.insert(iid.0, body);
        }
    }
    assert_eq!(mirror(&view), bodies, "index rows follow the records");
    for n in 0..3 {
        let found = view.entry(Space::Setting, &format!("s{n}")).expect("readable");
        assert_eq!(found, model.1.get(&n).map(|v| vec![*v]));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn the_store_is_a_map_that_survives(steps in proptest::collection::vec(steps(), 1..30)) {
        let (_dir, mut path) = place();
        let mut kept = Vec::new();
        let (mut store, mut hook) = with_mirror(&path);
        let mut model = Model::default();
        for step in steps {
            match step {
                Step::Write(id, body) => write(&store, &mut model, id, &body),
                Step::Remove(id) => {
                    if model.0.remove(&id).is_some() {
                        let view = store.view().expect("a view");
                        store.commit(remove(&view, &format!("h{id}"))).expect("alone");
                    }
                }
                Step::Setting(n, value) => {
                    let mut writes = store.view().expect("a view").write_set().expect("writable");
                    let (space, name) = (Space::Setting, format!("s{n}"));
                    writes.catalog(match value {
                        Some(v) => CatalogOp::Set { space, name, body: vec![v] },
                        None => CatalogOp::Unset { space, name },
                    });
                    store.commit(writes).expect("alone");
                    match value {
                        Some(v) => model.1.insert(n, v),
                        None => model.1.remove(&n),
                    };
                }
                Step::Look => look(&store, &model),
                Step::Checkpoint => store.checkpoint().expect("durable"),
                Step::Rebuild => store.rebuild_index(Modality::Graph).expect("rebuilt"),
                Step::Reopen => {
                    store.close().expect("closed");
                    (store, hook) = with_mirror(&path);
                }
                Step::Die if path.exists() => {
                    let (dir, crashed) = snapshot(&path);
                    kept.push(dir);
                    path = crashed;
                    (store, hook) = with_mirror(&path);
                }
                Step::Die => {}
            }
        }
        look(&store, &model);
        prop_assert!(hook.told.lock().is_sorted_by(|a, b| a < b), "each commit once, in order");
        if path.exists() {
            prop_assert_eq!(store.verify(), Ok(Vec::new()));
        }
    }
}
