//! Laws of writing, reading back, importing and exporting, on a real store.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use super::import::{Form, Watch};
use super::*;
use crate::engine::base::{
    Clock, ContentHash, HexadId, Iid, Kind, Modality, ModalitySet, Result, Rng, Timestamp, Value,
};
use crate::engine::demo;
use crate::engine::modality::document::Document;
use crate::engine::modality::provenance::Chain;
use crate::engine::modality::temporal::ValidTime;
use crate::engine::modality::vector::Embedding;
use crate::engine::store::{Appliers, OpenOptions, Store, View};

struct Ticks(AtomicI64);

impl Clock for Ticks {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1_000_000, Ordering::Relaxed))
    }
}

struct Counter(AtomicU64);

impl Rng for Counter {
    fn bits(&self) -> u128 {
        u128::from(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

fn open_at(dir: &Path, begin: i64) -> Store {
    let options = OpenOptions { create: true, ..OpenOptions::default() };
    let clock = Arc::new(Ticks(AtomicI64::new(begin)));
    Store::open(dir, options, clock, Appliers::default()).unwrap()
}

/// A store that goes away with its folder.
struct Place {
    store: Store,
    folder: tempfile::TempDir,
}

fn place() -> Place {
    let folder = tempfile::tempdir().unwrap();
    let store = open_at(&folder.path().join("test.db"), 1_700_000_000_000_000);
    Place { store, folder }
}

fn input(line: &str) -> HexadInput {
    json::parse(line).unwrap()
}

fn write<T>(store: &Store, work: impl FnOnce(&mut Draft<'_>) -> Result<T>) -> Result<T> {
    let view = store.view()?;
    let mut draft = Draft::new(&view, Author::new("ada"))?;
    let answer = work(&mut draft)?;
    let writes = draft.finish();
    if !writes.is_empty() {
        store.commit(writes)?;
    }
    Ok(answer)
}

fn insert(store: &Store, line: &str) -> Result<Iid> {
    let input = input(line);
    let iid = store.allocate_iids(1)?;
    let id = input.id.clone().unwrap();
    write(store, |draft| draft.insert(iid, id, input))?;
    Ok(iid)
}

fn read(view: &View, id: &str) -> Hexad {
    let iid = view.iid(id).unwrap().unwrap();
    assemble(view, iid, ModalitySet::ALL).unwrap().unwrap()
}

fn events(hexad: &Hexad) -> Vec<&str> {
    hexad.events.iter().map(|event| event.event_type.as_str()).collect()
}

fn exported(store: &Store) -> String {
    let mut out = Vec::new();
    export(&store.view().unwrap(), &mut out, &mut |_| Ok(())).unwrap();
    String::from_utf8(out).unwrap()
}

#[derive(Default)]
struct Notes {
    rejects: Vec<Reject>,
    stop_after: Option<u64>,
}

impl Watch for Notes {
    fn progress(&mut self, progress: &Progress) -> Result<()> {
        match self.stop_after {
            Some(lines) if progress.lines >= lines => {
                Err(crate::engine::base::Error::new(Kind::Cancelled, "enough"))
            }
            _ => Ok(()),
        }
    }

    fn rejected(&mut self, reject: &Reject) -> Result<()> {
        self.rejects.push(reject.clone());
        Ok(())
    }
}

fn load(store: &Store, text: &str, options: &ImportOptions, notes: &mut Notes) -> Result<Progress> {
    let mut source = import::decoded(text.as_bytes())?;
    let rng = Counter(AtomicU64::new(1));
    import(store, &rng, &mut *source, options, None, &attempt::unhindered, notes)
}

fn options() -> ImportOptions {
    ImportOptions {
        source: "test.jsonl".to_owned(),
        author: "import".to_owned(),
        batch: 7,
        ..ImportOptions::default()
    }
}

#[test]
fn an_insert_leaves_version_event_hashes_and_derivation() {
    let place = place();
    let line = r#"{"id":"a","document":{"title":"T"},"vector":{"embedding":[1,2]}}"#;
    insert(&place.store, line).unwrap();
    let view = place.store.view().unwrap();
    let hexad = read(&view, "a");
    assert_eq!(events(&hexad), ["created"]);
    assert_eq!(hexad.versions.len(), 1);
    assert_eq!(hexad.versions[0].author, "ada");
    assert_eq!(hexad.versions[0].at, hexad.created_at);
    let document = hexad.stamp(Modality::Document).unwrap().meta.content_hash;
    let vector = hexad.stamp(Modality::Vector).unwrap();
    assert_eq!(vector.meta.derived_from[0].content_hash, document);
    let contents = &hexad.events[0].contents;
    assert_eq!(
        contents,
        &[(Modality::Vector, vector.meta.content_hash), (Modality::Document, document)]
    );
    assert!(Chain(&hexad.events).verify().is_valid());
    assert!(hexad.present.contains(Modality::Temporal));
}

#[test]
fn a_name_is_taken_once() {
    let place = place();
    insert(&place.store, r#"{"id":"a","document":{"title":"T"}}"#).unwrap();
    let again = insert(&place.store, r#"{"id":"a"}"#).unwrap_err();
    assert_eq!(again.kind, Kind::InsertConflict);
    let twice = write(&place.store, |draft| {
        let first = place.store.allocate_iids(2)?;
        draft.insert(first, HexadId::new("b")?, HexadInput::default())?;
        draft.insert(Iid(first.0 + 1), HexadId::new("b")?, HexadInput::default())
    });
    assert_eq!(twice.unwrap_err().kind, Kind::InsertConflict);
}

#[test]
fn changes_make_versions_and_only_what_changed() {
    let place = place();
    let line = r#"{"id":"a","document":{"title":"T","n":1},"graph":[{"predicate":"P","target":"b"}],
        "vector":{"embedding":[1,2]},"temporal":{"valid_from":"2020-01-01"}}"#;
    let iid = insert(&place.store, line).unwrap();
    let changed = write(&place.store, |draft| {
        draft.update(
            iid,
            vec![
                Change::SetField("n".to_owned(), Value::Int(2)),
                Change::RemoveEdge(None, HexadId::new("b")?),
                Change::AddType("x".to_owned()),
            ],
        )
    });
    assert!(changed.unwrap());
    let view = place.store.view().unwrap();
    let hexad = read(&view, "a");
    assert_eq!(hexad.version, 2);
    assert_eq!(hexad.document.as_ref().unwrap().fields["n"], Value::Int(2));
    assert_eq!(hexad.graph, None);
    assert!(!hexad.present.contains(Modality::Graph));
    assert_eq!(hexad.versions[1].valid, hexad.versions[0].valid);
    let expected = [Modality::Document, Modality::Graph, Modality::Semantic];
    assert_eq!(hexad.versions[1].changed, expected.into_iter().collect());
    assert_eq!(events(&hexad), ["created", "modified"]);
    assert!(Chain(&hexad.events).verify().is_valid());
    // The vector describes the text that was.
    let derived = hexad.stamp(Modality::Vector).unwrap().meta.derived_from[0].content_hash;
    assert_ne!(derived, hexad.stamp(Modality::Document).unwrap().meta.content_hash);
    let before = assemble_at(&view, iid, 1, ModalitySet::ALL).unwrap().unwrap();
    assert_eq!(before.document.unwrap().fields["n"], Value::Int(1));
    assert_eq!(before.graph.unwrap().edges.len(), 1);
    assert_eq!(before.events.len(), 1);
    assert_eq!(
        assemble_at(&view, iid, 3, ModalitySet::ALL).unwrap_err().kind,
        Kind::VersionNotFound
    );
}

#[test]
fn a_change_that_changes_nothing_makes_no_version() {
    let place = place();
    let iid = insert(&place.store, r#"{"id":"a","document":{"title":"T"}}"#).unwrap();
    let same = vec![Change::SetField("title".to_owned(), Value::from("T"))];
    assert!(!write(&place.store, |draft| draft.update(iid, same)).unwrap());
    let replaced = write(&place.store, |draft| draft.replace(iid, input(r#"{"title":"T"}"#)));
    assert!(!replaced.unwrap());
    let valid = ValidTime { from: Some(Timestamp(5)), to: None };
    assert!(write(&place.store, |d| d.update(iid, vec![Change::Temporal(valid)])).unwrap());
    assert_eq!(read(&place.store.view().unwrap(), "a").versions[1].valid, valid);
}

#[test]
fn a_title_takes_text_and_a_history_stays() {
    let place = place();
    let iid = insert(&place.store, r#"{"id":"a","document":{"title":"T"}}"#).unwrap();
    for change in [
        Change::SetField("title".to_owned(), Value::Int(1)),
        Change::Remove(Modality::Provenance),
        Change::SetEmbedding(
            "embedding".to_owned(),
            Embedding { data: vec![f32::NAN].into(), model: None },
        ),
    ] {
        assert!(write(&place.store, |draft| draft.update(iid, vec![change])).is_err());
    }
    assert_eq!(read(&place.store.view().unwrap(), "a").version, 1);
}

#[test]
fn a_deletion_ends_the_hexad_and_keeps_its_history() {
    let place = place();
    let iid = insert(&place.store, r#"{"id":"a","document":{"title":"T"}}"#).unwrap();
    write(&place.store, |draft| draft.delete(iid)).unwrap();
    let view = place.store.view().unwrap();
    assert_eq!(view.iid("a").unwrap(), None);
    assert_eq!(assemble(&view, iid, ModalitySet::ALL).unwrap(), None);
    let before = assemble_at(&view, iid, 1, ModalitySet::ALL).unwrap().unwrap();
    assert_eq!(before.document.unwrap().title.as_deref(), Some("T"));
    assert_eq!(assemble_at(&view, iid, 2, ModalitySet::ALL).unwrap(), None);
    let again = insert(&place.store, r#"{"id":"a","document":{"title":"U"}}"#).unwrap();
    assert_ne!(again, iid);
    let gone = write(&place.store, |draft| draft.delete(iid)).unwrap_err();
    assert_eq!(gone.kind, Kind::UpdateNotFound);
}

#[test]
fn vectors_of_a_kind_have_one_length() {
    let place = place();
    let store = &place.store;
    insert(store, r#"{"id":"a","vector":{"embedding":[1,2]}}"#).unwrap();
    let wrong = insert(store, r#"{"id":"b","vector":{"embedding":[1,2,3]}}"#).unwrap_err();
    assert_eq!(wrong.kind, Kind::VectorDimensionMismatch);
    insert(store, r#"{"id":"c","vector":{"embedding":[1,2,3],"model":"m"}}"#).unwrap();
    let wrong = insert(store, r#"{"id":"d","vector":{"embedding":[1],"model":"m"}}"#).unwrap_err();
    assert_eq!(wrong.kind, Kind::VectorDimensionMismatch);
    let other = r#"{"id":"e","vector":{"named":{"caption":{"embedding":[1]}}}}"#;
    insert(store, other).unwrap();
}

#[test]
fn an_export_of_an_import_of_an_export_is_the_export() {
    let one = place();
    demo::fill(&one.store).unwrap();
    let first = exported(&one.store);
    let two = place();
    let mut notes = Notes::default();
    let progress = load(&two.store, &first, &options(), &mut notes).unwrap();
    assert_eq!(notes.rejects, []);
    assert_eq!(progress.inserted, first.lines().count() as u64);
    let second = exported(&two.store);
    for (a, b) in first.lines().zip(second.lines()) {
        assert_eq!(a, b);
    }
    assert_eq!(first, second);
    // And again into a database that has it all.
    let replace = ImportOptions { on_conflict: OnConflict::Replace, ..options() };
    let progress = load(&two.store, &first, &replace, &mut notes).unwrap();
    assert_eq!((progress.replaced, progress.skipped), (0, progress.lines));
    assert_eq!(exported(&two.store), first);
}

#[test]
fn an_edited_export_is_one_more_version() {
    let one = place();
    insert(&one.store, r#"{"id":"a","document":{"title":"old"}}"#).unwrap();
    let edited = exported(&one.store).replace("old", "new");
    let two = place();
    load(&two.store, &edited, &options(), &mut Notes::default()).unwrap();
    let view = two.store.view().unwrap();
    let hexad = read(&view, "a");
    assert_eq!((hexad.version, hexad.versions.len()), (2, 2));
    assert_eq!(events(&hexad), ["created", "imported"]);
    assert!(Chain(&hexad.events).verify().is_valid());
    let early = assemble_at(&view, hexad.iid, 1, ModalitySet::ALL).unwrap_err();
    assert_eq!(early.kind, Kind::VersionNotFound);
}

fn lines(n: usize) -> String {
    let line = |i| format!("{{\"id\":\"h{i:03}\",\"title\":\"T{i}\"}}");
    let mut all = (0..n).map(line).collect::<Vec<_>>().join("\n");
    all.push('\n');
    all
}

#[test]
fn bad_lines_are_reported_and_do_not_stop_the_rest() {
    let place = place();
    let text =
        format!("{}\n{{\"id\":\"x\",\"oops\":1}}\nnonsense\n{{\"title\":\"no id\"}}", lines(9));
    let mut notes = Notes::default();
    let progress = load(&place.store, &text, &options(), &mut notes).unwrap();
    assert_eq!((progress.lines, progress.inserted, progress.rejected), (13, 10, 2));
    let first = &notes.rejects[0];
    assert_eq!((first.line, first.key.as_str(), first.id.as_deref()), (11, "oops", Some("x")));
    let strict = ImportOptions { strict: true, source: "b".to_owned(), ..options() };
    let error = load(&place.store, &text.replace("h0", "g0"), &strict, &mut notes).unwrap_err();
    assert!(error.message.starts_with("line 11: oops: unknown key"), "{}", error.message);
}

#[test]
fn conflicts_are_settled_as_asked() {
    let place = place();
    let mut notes = Notes::default();
    load(&place.store, &lines(3), &options(), &mut notes).unwrap();
    let error = load(&place.store, &lines(5), &options(), &mut notes).unwrap_err();
    assert_eq!(error.kind, Kind::InsertConflict);
    assert!(error.message.contains("line 1"), "{}", error.message);
    let skip = ImportOptions { on_conflict: OnConflict::Skip, ..options() };
    let progress = load(&place.store, &lines(5), &skip, &mut notes).unwrap();
    assert_eq!((progress.inserted, progress.skipped), (2, 3));
    let replace = ImportOptions { on_conflict: OnConflict::Replace, ..options() };
    let text = lines(2).replace("T1", "other") + "{\"id\":\"h001\",\"title\":\"third\"}\n";
    let progress = load(&place.store, &text, &replace, &mut notes).unwrap();
    assert_eq!((progress.replaced, progress.skipped), (2, 1));
    let view = place.store.view().unwrap();
    let hexad = read(&view, "h001");
    assert_eq!((hexad.version, events(&hexad)), (3, vec!["imported"; 3]));
    assert_eq!(hexad.events[0].source.as_deref(), Some("test.jsonl"));
}

#[test]
fn an_interrupted_import_goes_on_where_it_stopped() {
    let place = place();
    let text = lines(30);
    let mut notes = Notes { stop_after: Some(14), ..Notes::default() };
    assert!(load(&place.store, &text, &options(), &mut notes).is_err());
    let done = place.store.view().unwrap().live().unwrap().len();
    assert!((14..30).contains(&done), "{done}");
    let progress = load(&place.store, &text, &options(), &mut Notes::default()).unwrap();
    assert_eq!((progress.resumed, progress.inserted), (done, 30 - done));
    assert_eq!(exported(&place.store).lines().count(), 30);
    // Finished means finished: another import begins at the first line.
    let again = load(&place.store, &text, &options(), &mut Notes::default()).unwrap_err();
    assert_eq!(again.kind, Kind::InsertConflict);
}

#[test]
fn a_changed_source_is_not_gone_on_with() {
    let place = place();
    let mut notes = Notes { stop_after: Some(7), ..Notes::default() };
    assert!(load(&place.store, &lines(30), &options(), &mut notes).is_err());
    let other = lines(30).replace("T1", "U1");
    let error = load(&place.store, &other, &options(), &mut Notes::default()).unwrap_err();
    assert_eq!(error.kind, Kind::InvalidInput);
    let restart = ImportOptions { restart: true, on_conflict: OnConflict::Replace, ..options() };
    load(&place.store, &other, &restart, &mut Notes::default()).unwrap();
    assert_eq!(exported(&place.store).lines().count(), 30);
}

#[test]
fn csv_is_loaded_through_its_mapping() {
    let place = place();
    let pairs = [
        ("id", "Code"),
        ("title", "Name"),
        ("spatial.latitude", "Lat"),
        ("spatial.longitude", "Lon"),
    ];
    let mapping = pairs.map(|(to, from)| (to.to_owned(), from.to_owned())).to_vec();
    let form = Form::Csv(csv::Mapping(mapping));
    let text = "Code,Name,Lat,Lon,pop\nx1,\"A\nB\",1.5,2,10\nx2,C,99,2,\n";
    let mut notes = Notes::default();
    let progress =
        load(&place.store, text, &ImportOptions { form, ..options() }, &mut notes).unwrap();
    assert_eq!((progress.inserted, progress.rejected), (1, 1));
    assert_eq!(notes.rejects[0].kind, Kind::InvalidCoordinates);
    let hexad = read(&place.store.view().unwrap(), "x1");
    let fields = BTreeMap::from([("pop".to_owned(), Value::Int(10))]);
    let expected = Document { title: Some("A\nB".to_owned()), body: None, fields };
    assert_eq!(hexad.document, Some(expected));
}

#[test]
fn gzip_is_seen_by_its_first_bytes() {
    use std::io::Write as _;
    let place = place();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(lines(3).as_bytes()).unwrap();
    let bytes = gzip.finish().unwrap();
    let mut source = import::decoded(bytes.as_slice()).unwrap();
    let rng = Counter(AtomicU64::new(1));
    let (options, mut notes) = (options(), Notes::default());
    let before = &attempt::unhindered;
    let progress =
        import(&place.store, &rng, &mut *source, &options, None, before, &mut notes).unwrap();
    assert_eq!(progress.inserted, 3);
}

#[test]
fn everything_is_there_after_reopening() {
    let Place { store, folder } = place();
    demo::fill(&store).unwrap();
    let before = exported(&store);
    store.close().unwrap();
    drop(store);
    let store = open_at(&folder.path().join("test.db"), 1_800_000_000_000_000);
    assert_eq!(exported(&store), before);
    let view = store.view().unwrap();
    let hexad = read(&view, "article:a-flood-seen-eight-ways");
    assert_eq!(hexad.versions.len(), 3);
    for stamp in &hexad.stamps {
        let body = view.record(stamp.modality, hexad.iid).unwrap().unwrap().body;
        assert_eq!(ContentHash::of(&body), stamp.meta.content_hash);
    }
}

/// What a transaction was told, said again after somebody else was faster.
#[test]
fn two_writers_of_one_hexad_in_different_modalities_both_get_through() {
    let place = place();
    let line = r#"{"id":"a","document":{"title":"T"},"semantic":{"types":["x"]}}"#;
    let iid = insert(&place.store, line).unwrap();
    let told = |change: Change| {
        let mut view = place.store.view().unwrap();
        let author = Author::new("tx");
        let mut draft = Draft::new(&view, author.clone()).unwrap().recording();
        draft.update(iid, vec![change]).unwrap();
        let (writes, recorded) = draft.finish_recorded();
        view.lay(&writes).unwrap();
        (view, writes, recorded)
    };
    let (_, _, first) = told(Change::SetField("n".to_owned(), Value::Int(1)));
    let (own, stale, second) = told(Change::AddType("y".to_owned()));
    assert_eq!(read(&own, "a").version, 2);
    assert_eq!(read(&own, "a").document.unwrap().fields.get("n"), None);

    let mut view = place.store.view().unwrap();
    place.store.commit(replay(&mut view, &[first]).unwrap()).unwrap();
    assert_eq!(place.store.commit(stale).unwrap_err().kind, Kind::WriteConflict);
    let mut view = place.store.view().unwrap();
    let writes = replay(&mut view, std::slice::from_ref(&second)).unwrap();
    place.store.commit(writes).unwrap();
    let hexad = read(&place.store.view().unwrap(), "a");
    assert_eq!(hexad, read(&view, "a"));
    assert_eq!(hexad.version, 3);
    assert_eq!(hexad.document.as_ref().unwrap().fields["n"], Value::Int(1));
    assert_eq!(hexad.semantic.as_ref().unwrap().types, ["x", "y"]);
    assert!(Chain(&hexad.events).verify().is_valid());
}

#[test]
fn the_statements_of_a_transaction_are_versions_of_one_commit() {
    let place = place();
    let iid = place.store.allocate_iids(1).unwrap();
    let mut view = place.store.view().unwrap();
    let mut told = vec![];
    for n in 0..4 {
        let mut draft = Draft::new(&view, Author::new(format!("u{n}"))).unwrap().recording();
        if n == 0 {
            let vector = r#"{"document":{"n":0},"vector":{"embedding":[1,2]}}"#;
            draft.insert(iid, HexadId::new("a").unwrap(), input(vector)).unwrap();
            // What is refused leaves nothing to be told again.
            let other = input(r#"{"vector":{"embedding":[1,2,3]}}"#);
            let refused = draft.insert(Iid(99), HexadId::new("b").unwrap(), other);
            assert_eq!(refused.unwrap_err().kind, Kind::VectorDimensionMismatch);
        } else {
            let set = Change::SetField("n".to_owned(), Value::Int(n));
            draft.update(iid, vec![set]).unwrap();
        }
        let (writes, recorded) = draft.finish_recorded();
        view.lay(&writes).unwrap();
        told.push(recorded);
    }
    assert_eq!(told[0].steps.len(), 1);
    let before = place.store.status().lsn;
    let mut fresh = place.store.view().unwrap();
    let committed = place.store.commit(replay(&mut fresh, &told).unwrap()).unwrap();
    assert_eq!(committed.lsn.0, before.0 + 1);
    let view = place.store.view().unwrap();
    let hexad = read(&view, "a");
    assert_eq!(
        hexad.versions.iter().map(|v| v.author.as_str()).collect::<Vec<_>>(),
        ["u0", "u1", "u2", "u3"]
    );
    assert!(hexad.versions.iter().all(|v| v.at == committed.time));
    assert!(Chain(&hexad.events).verify().is_valid());
    for version in 1..=4 {
        let past = assemble_at(&view, iid, version, ModalitySet::ALL).unwrap().unwrap();
        assert_eq!(past.document.unwrap().fields["n"], Value::Int(i64::from(version) - 1));
    }
    // The same id again: the transaction was too late.
    let mut later = place.store.view().unwrap();
    assert_eq!(replay(&mut later, &told).unwrap_err().kind, Kind::InsertConflict);
    assert!(!later.is_overlaid());
}
