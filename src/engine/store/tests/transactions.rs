//! What transactions need of the store: overlays that can be gone back to, a trail of what others
//! committed, and commits nobody can get in before.

use std::thread;

use crate::engine::base::{Kind, Lsn};

use super::super::{Attempt, Space, SyncMode, Touch, Verdict};
use super::*;

fn iid(view: &View, id: &str) -> Iid {
    view.iid(id).expect("readable").expect("there")
}

fn body(view: &View, id: &str) -> u64 {
    let bytes = read(view, id).expect("there");
    u64::from_le_bytes(bytes.try_into().expect("eight bytes"))
}

/// Somebody was faster in anything at all.
fn nothing_behind(touches: &[&Touch]) -> Verdict {
    if touches.is_empty() { Verdict::Free } else { Verdict::Wait }
}

#[test]
fn an_overlay_is_gone_back_to_and_taken_away() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"0").expect("committed");
    let mut view = store.view().expect("a view");
    view.lay(&change(&view, "a", b"1")).expect("laid");
    let saved = view.overlay().cloned();
    view.lay(&remove(&view, "a")).expect("laid");
    let mut writes = view.write_set().expect("writable");
    create(&mut writes, Iid(77), "a", b"2");
    view.lay(&writes).expect("laid");
    assert_eq!(read(&view, "a"), Some(b"2".to_vec()));
    assert_eq!(view.iids_named("a").expect("readable"), [Iid(1), Iid(77)]);
    assert_eq!(count(&view), 1);

    view.set_overlay(saved);
    assert_eq!(read(&view, "a"), Some(b"1".to_vec()));
    assert_eq!(view.history(Modality::Document, Iid(1)).expect("readable").len(), 1);
    assert_eq!(view.header(Iid(77)).expect("readable"), None);
    assert_eq!(view.uncommitted(Modality::Vector), None);
    assert!(view.uncommitted(Modality::Graph).is_some_and(|touched| touched.contains(1)));

    let mut wrong = view.write_set().expect("writable");
    wrong.catalog(CatalogOp::Change { iid: Iid(500), version: 2, present: both() });
    assert!(view.lay(&wrong).is_err());
    assert_eq!(read(&view, "a"), Some(b"1".to_vec()));
    view.set_overlay(None);
    assert!(view.lay(&wrong).is_err() && !view.is_overlaid());
    assert_eq!(read(&view, "a"), Some(b"0".to_vec()));
    assert_eq!(read(&store.view().expect("a view"), "a"), Some(b"0".to_vec()));
}

#[test]
fn several_versions_of_a_hexad_are_one_commit() {
    let (_dir, path) = place();
    let store = open(&path);
    let mut view = store.view().expect("a view");
    let mut all = view.write_set().expect("writable");
    create(&mut all, Iid(9), "a", b"1");
    view.lay(&all).expect("laid");
    for n in 2..5 {
        let next = change(&view, "a", &[n]);
        view.lay(&next).expect("laid");
        all.absorb(next);
    }
    let committed = store.commit(all).expect("committed");
    let view = store.view().expect("a view");
    assert_eq!(committed.lsn, Lsn(1));
    assert_eq!(read(&view, "a"), Some(vec![4]));
    assert_eq!(view.header(Iid(9)).expect("readable").expect("there").version, 4);
    assert_eq!(view.appended(Modality::Temporal, Iid(9)).expect("readable").len(), 4);
    let past = view.history(Modality::Graph, Iid(9)).expect("readable");
    let past: Vec<_> = past.iter().map(|p| (p.record.version, p.until)).collect();
    assert_eq!(past, [(1, 2), (2, 3), (3, 4)]);
    for version in 1..5 {
        let record = view.record_at(Modality::Graph, Iid(9), version).expect("readable");
        assert_eq!(record.expect("there").version, version);
    }
    drop(view);
    let (_kept, crashed) = snapshot(&path);
    assert_eq!(read(&open(&crashed).view().expect("a view"), "a"), Some(vec![4]));
}

#[test]
fn a_follower_learns_what_was_committed() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"0").expect("committed");
    assert_eq!(store.touched_since(Lsn(1)), None, "nobody follows");

    let (mut follower, view) = store.follow().expect("follows");
    assert_eq!((follower.lsn(), view.lsn()), (Lsn(1), Lsn(1)));
    assert_eq!(store.touched_since(Lsn(0)), None, "from before it began");
    assert_eq!(store.touched_since(Lsn(1)), Some(vec![]));
    store.commit(change(&view, "a", b"1")).expect("committed");
    insert(&store, "b", b"0").expect("committed");
    let mut writes = remove(&store.view().expect("a view"), "a");
    writes.catalog(CatalogOp::Unset { space: Space::Contract, name: "c".into() });
    store.commit(writes).expect("committed");

    let touches = store.touched_since(Lsn(1)).expect("known");
    let touched = both().union([Modality::Temporal].into_iter().collect());
    assert_eq!(touches.iter().map(|t| t.lsn).collect::<Vec<_>>(), [2, 3, 4].map(|n| Some(Lsn(n))));
    assert_eq!(touches[0].hexads, [(Iid(1), touched)]);
    assert_eq!(touches[1].created, [(HexadId::new("b").expect("an id"), Iid(2))]);
    assert_eq!(touches[2].deleted, [Iid(1)]);
    assert_eq!(touches[2].entries, [(Space::Contract, "c".to_owned())]);

    follower.advance(Lsn(3));
    assert_eq!(store.touched_since(Lsn(1)), None, "let go of");
    assert_eq!(store.touched_since(Lsn(3)).expect("known").len(), 1);
    let (other, _) = store.follow().expect("follows");
    drop(follower);
    assert_eq!(store.touched_since(Lsn(4)), Some(vec![]));
    drop(other);
    assert_eq!(store.touched_since(Lsn(4)), None);
}

#[test]
fn too_much_is_not_remembered() {
    let (_dir, path) = place();
    let store = open(&path);
    let (_follower, view) = store.follow().expect("follows");
    for n in 0..20 {
        let mut writes = store.view().expect("a view").write_set().expect("writable");
        for i in 0..100 {
            let name = format!("{n}/{i}");
            writes.catalog(CatalogOp::Set { space: Space::Job, name, body: vec![] });
        }
        store.commit(writes).expect("committed");
    }
    assert_eq!(store.touched_since(view.lsn()), None);
    assert!(store.touched_since(Lsn(15)).is_some_and(|touches| touches.len() == 5));
    let mut old = view.write_set().expect("writable");
    old.catalog(CatalogOp::Unset { space: Space::Job, name: "x".into() });
    let refused = store.commit_checked(old, &|_| Verdict::Free).map_err(|e| e.kind);
    assert_eq!(refused, Err(Kind::WriteConflict));
}

#[test]
fn a_checked_commit_is_done_again_or_refused() {
    let (_dir, path) = place();
    let store = open(&path);
    insert(&store, "a", b"0").expect("committed");
    insert(&store, "b", b"0").expect("committed");
    let (_follower, view) = store.follow().expect("follows");
    let done = store.commit_checked(change(&view, "a", b"1"), &nothing_behind);
    assert!(matches!(done, Ok(Attempt::Done(committed)) if committed.lsn == Lsn(3)));

    // Another hexad, but the check wants to look at what was done to `a`.
    let seen = std::cell::Cell::new(0);
    let look = |touches: &[&Touch]| {
        seen.set(touches.len());
        nothing_behind(touches)
    };
    let again = store.commit_checked(change(&view, "b", b"1"), &look);
    assert_eq!((again, seen.get()), (Ok(Attempt::Again), 1));
    let refused = store.commit_checked(change(&view, "b", b"1"), &|_| Verdict::Changed);
    assert_eq!(refused.map_err(|e| e.kind), Err(Kind::WriteConflict));
    let overruled = store.commit_checked(change(&view, "b", b"1"), &|_| Verdict::Free);
    assert!(matches!(overruled, Ok(Attempt::Done(_))));
    // The same hexad cannot be overruled: versions would be lost.
    let again = store.commit_checked(change(&view, "b", b"2"), &|_| Verdict::Free);
    assert_eq!(again, Ok(Attempt::Again));
    let nothing = store.commit_checked(view.write_set().expect("ok"), &|_| Verdict::Changed);
    assert!(matches!(nothing, Ok(Attempt::Done(_))));
}

/// Each thread writes a hexad of its own, one more than the greatest of all: only when nobody gets in
/// between looking and writing are all numbers different.
#[test]
fn nobody_slips_in_between_the_check_and_the_commit() {
    const THREADS: u64 = 6;
    const EACH: u64 = 15;
    let (_dir, path) = place();
    let options = OpenOptions { sync: Some(SyncMode::Off), ..writable() };
    let store = try_open(&path, options, Appliers::default()).expect("opens");
    for t in 0..THREADS {
        insert(&store, &format!("t{t}"), &0_u64.to_le_bytes()).expect("committed");
    }
    let bump = |own: &str| {
        loop {
            let (_follower, view) = store.follow().expect("follows");
            let most = (0..THREADS).map(|t| body(&view, &format!("t{t}"))).max().unwrap_or(0);
            let writes = change(&view, own, &(most + 1).to_le_bytes());
            if let Attempt::Done(_) =
                store.commit_checked(writes, &nothing_behind).expect("no refusal")
            {
                return most + 1;
            }
        }
    };
    let mut all: Vec<u64> = thread::scope(|scope| {
        let spawn = |t: u64| {
            let bump = &bump;
            scope.spawn(move || (0..EACH).map(|_| bump(&format!("t{t}"))).collect::<Vec<_>>())
        };
        let threads: Vec<_> = (0..THREADS).map(spawn).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no panic")).collect()
    });
    all.sort_unstable();
    assert_eq!(all, (1..=THREADS * EACH).collect::<Vec<_>>());
}

/// Commits that were taken before anybody followed are in the view, those after in the trail.
#[test]
fn whoever_begins_to_follow_misses_nothing() {
    let (_dir, path) = place();
    let store = open(&path);
    thread::scope(|scope| {
        let store = &store;
        for t in 0..4 {
            scope.spawn(move || {
                for n in 0..40 {
                    insert(store, &format!("{t}-{n}"), b"x").expect("committed");
                }
            });
        }
        for _ in 0..2 {
            scope.spawn(move || {
                for _ in 0..40 {
                    let (follower, view) = store.follow().expect("follows");
                    thread::yield_now();
                    let later = store.view().expect("a view");
                    let mut created: Vec<u32> = Vec::new();
                    // What is in the files may not have been answered yet: then it is pending here.
                    let mut writes = view.write_set().expect("writable");
                    let name = "never".to_owned();
                    writes.catalog(CatalogOp::Set { space: Space::Job, name, body: vec![] });
                    let seen = std::sync::Mutex::new(&mut created);
                    let verdict = store.commit_checked(writes, &|touches| {
                        let mut seen = seen.lock().expect("alone");
                        seen.extend(touches.iter().flat_map(|t| &t.created).map(|(_, iid)| iid.0));
                        Verdict::Changed
                    });
                    assert_eq!(verdict.map_err(|e| e.kind), Err(Kind::WriteConflict));
                    let fresh = later.live().expect("readable").as_ref()
                        - view.live().expect("readable").as_ref();
                    assert!(fresh.iter().all(|iid| created.contains(&iid)));
                    drop(follower);
                }
            });
        }
    });
}

#[test]
fn a_transaction_may_want_more_or_less_of_the_disk() {
    let (_dir, path) = place();
    let lazy = try_open(
        &path,
        OpenOptions { sync: Some(SyncMode::Off), ..writable() },
        Appliers::default(),
    )
    .expect("opens");
    insert(&lazy, "a", b"0").expect("committed");
    let before = lazy.status().fsyncs;
    let mut writes = change(&lazy.view().expect("a view"), "a", b"1");
    let looked = lazy.status().fsyncs;
    writes.sync(SyncMode::Full);
    lazy.commit(writes).expect("committed");
    assert!(looked >= before && lazy.status().fsyncs > looked);

    let (_dir, path) = place();
    let strict = open(&path);
    insert(&strict, "a", b"0").expect("committed");
    let mut writes = change(&strict.view().expect("a view"), "a", b"1");
    writes.sync(SyncMode::Off);
    strict.commit(writes).expect("committed");
    // Seen means in the files, and these never hold what the log may lose.
    let synced = strict.status().fsyncs;
    assert_eq!(read(&strict.view().expect("a view"), "a"), Some(b"1".to_vec()));
    assert!(strict.status().fsyncs >= synced);
    let (_kept, crashed) = snapshot(&path);
    assert_eq!(read(&open(&crashed).view().expect("a view"), "a"), Some(b"1".to_vec()));
    assert_eq!(iid(&strict.view().expect("a view"), "a"), Iid(1));
}
