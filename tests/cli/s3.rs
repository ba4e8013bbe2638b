//! Backups in an object store, against a real server: `VQL_TEST_S3` is `ENDPOINT KEY SECRET BUCKET`, as
//! `.ci/s3-server.py` prints it. Without it everything here is skipped, loudly.
#![cfg(feature = "s3")]
#![expect(clippy::print_stderr, reason = "what is skipped must be seen")]

use std::fmt::Write as _;
use std::io::{self, Read as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread;

use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectStore as _, ObjectStoreExt as _};

use crate::harness::{Place, Run, run};

/// The server, and a prefix of this test alone.
struct Server {
    endpoint: String,
    key: String,
    secret: String,
    bucket: String,
    prefix: String,
}

fn server(prefix: &str) -> Option<Server> {
    let Ok(line) = std::env::var("VQL_TEST_S3") else {
        eprintln!("SKIPPED: no object store to test with; see `.ci/s3-server.py`");
        return None;
    };
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut next = || words.next().unwrap();
    let (endpoint, key, secret, bucket) = (next(), next(), next(), next());
    // A server that lives longer than one run keeps what it has.
    let prefix = format!("{prefix}/{}", std::process::id());
    Some(Server { endpoint, key, secret, bucket, prefix })
}

impl Server {
    fn place(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.prefix)
    }

    fn vql(&self, place: &Place, args: &[&str]) -> Run {
        self.vql_at(place, &self.endpoint, args)
    }

    fn vql_at(&self, place: &Place, endpoint: &str, args: &[&str]) -> Run {
        let mut command = place.command(args);
        command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", "us-east-1");
        command.env("AWS_ACCESS_KEY_ID", &self.key).env("AWS_SECRET_ACCESS_KEY", &self.secret);
        command.env("AWS_MAX_ATTEMPTS", "2");
        let run = run(&mut command, b"");
        for text in [&run.out, &run.err] {
            assert!(!text.contains(&self.secret) && !text.contains(&self.key), "{run}");
            assert!(!text.contains("panicked"), "{run}");
        }
        run
    }

    fn good(&self, place: &Place, args: &[&str]) -> Run {
        let run = self.vql(place, args);
        assert_eq!(run.code, 0, "{args:?}\n{run}");
        run
    }

    /// What a program that is not ours does to the bucket.
    fn with<T>(&self, work: impl AsyncFnOnce(&AmazonS3) -> T) -> T {
        let store = AmazonS3Builder::new()
            .with_endpoint(&self.endpoint)
            .with_allow_http(true)
            .with_region("us-east-1")
            .with_access_key_id(&self.key)
            .with_secret_access_key(&self.secret)
            .with_bucket_name(&self.bucket)
            .build()
            .unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(work(&store))
    }

    fn object(&self, name: &str) -> Path {
        Path::from(format!("{}/{name}", self.prefix))
    }

    fn get(&self, name: &str) -> Vec<u8> {
        let path = self.object(name);
        self.with(async |store| store.get(&path).await.unwrap().bytes().await.unwrap().to_vec())
    }

    fn put(&self, name: &str, bytes: Vec<u8>) {
        let path = self.object(name);
        self.with(async |store| store.put(&path, bytes.into()).await.map(drop).unwrap());
    }

    fn delete(&self, name: &str) {
        let path = self.object(name);
        self.with(async |store| store.delete(&path).await.unwrap());
    }

    fn names(&self, below: &str) -> Vec<String> {
        let path = self.object(below);
        let listed = self.with(async |store| store.list_with_delimiter(Some(&path)).await.unwrap());
        let objects = listed.objects.iter().map(|object| object.location.as_ref().to_owned());
        objects.chain(listed.common_prefixes.iter().map(|p| p.as_ref().to_owned())).collect()
    }
}

fn export(place: &Place, database: &str) -> String {
    let run = place.vql(["migrate", "export", database, "-"]);
    assert_eq!(run.code, 0, "{run}");
    run.out
}

fn insert(place: &Place, n: usize) {
    place.script(&format!("INSERT HEXAD 'n:{n}' WITH DOCUMENT(title = 'Note {n}');"));
}

#[test]
fn a_bucket_keeps_backups_as_a_directory_does() {
    let Some(server) = server("life") else { return };
    let (place, there) = (Place::new(), server.place());
    let run = server.vql(&place, &["backup", "list", &there]);
    assert!(run.code == 0 && run.out.is_empty(), "{run}");
    let mut exports = Vec::new();
    for n in 0..3 {
        insert(&place, n);
        let mut args = vec!["backup", "create", "t.db", &there];
        args.extend((n > 0).then_some("--incremental"));
        server.good(&place, &args);
        exports.push(export(&place, "t.db"));
    }
    let run = server.good(&place, &["backup", "list", &there]);
    assert_eq!(run.out.matches("\"whole\"").count(), 3, "{run}");
    let run = server.good(&place, &["backup", "verify", &there]);
    assert_eq!(run.out.matches("\"good\"").count(), 3, "{run}");
    for (n, expected) in exports.iter().enumerate() {
        let (name, id) = (format!("r{n}"), format!("00000{}", n + 1));
        server.good(&place, &["backup", "restore", &there, &name, "--backup", &id]);
        assert_eq!(export(&place, &name), *expected);
    }
    server.good(&place, &["backup", "create", "t.db", &there]);
    let run = server.good(&place, &["backup", "prune", &there, "--keep", "1", "--dry-run"]);
    assert_eq!(run.out.matches("would be removed").count(), 3, "{run}");
    server.good(&place, &["backup", "prune", &there, "--keep", "1"]);
    let run = server.good(&place, &["backup", "list", &there]);
    assert!(run.out.lines().count() == 1 && run.out.contains("000004"), "{run}");
    assert_eq!(server.names("").len(), 1, "nothing is left of the others");
    server.good(&place, &["backup", "restore", &there, "r9"]);
    assert_eq!(export(&place, "r9"), exports[2]);
    // Another database does not get in between.
    place.script("");
    let run =
        place.with_input(["repl", "o.db", "-q"], "INSERT HEXAD 'o:1' WITH DOCUMENT(title = 'o');");
    assert_eq!(run.code, 0, "{run}");
    let run = server.vql(&place, &["backup", "create", "o.db", &there]);
    assert!(run.code == 1 && run.err.contains("another database"), "{run}");
}

#[test]
fn a_large_file_goes_in_parts() {
    let Some(server) = server("large") else { return };
    let (place, there) = (Place::new(), server.place());
    let mut lines = String::new();
    let mut seed = 7_u64;
    for n in 0..24 {
        let mut text = String::new();
        while text.len() < 1_000_000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            write!(text, "{seed:016x}").unwrap();
        }
        writeln!(lines, "{{\"id\":\"x:{n}\",\"document\":{{\"body\":\"{text}\"}}}}").unwrap();
    }
    let run = place.with_input(["migrate", "import", "-", "t.db"], &lines);
    assert_eq!(run.code, 0, "{run}");
    server.good(&place, &["backup", "create", "t.db", &there]);
    assert!(server.get("000001/data/document.db").len() > 20 << 20);
    server.good(&place, &["backup", "restore", &there, "r.db"]);
    assert_eq!(export(&place, "r.db"), export(&place, "t.db"));
}

#[test]
fn who_may_not_come_in_is_told_so_without_secrets() {
    let Some(server) = server("refused") else { return };
    let (place, there) = (Place::new(), server.place());
    insert(&place, 1);
    let create = ["backup", "create", "t.db", there.as_str()];
    let other = |key: &str, secret: &str| Server {
        endpoint: server.endpoint.clone(),
        key: key.into(),
        secret: secret.into(),
        bucket: server.bucket.clone(),
        prefix: server.prefix.clone(),
    };
    let run = other(&server.key, "wrong-secret").vql(&place, &create);
    assert!(run.code == 3 && run.err.contains("(SignatureDoesNotMatch)"), "{run}");
    let run = other("AKIAWRONGKEY", &server.secret).vql(&place, &create);
    assert!(run.code == 3 && run.err.contains("refuses the access (Invalid"), "{run}");
    let run = server.vql(&place, &["backup", "create", "t.db", "s3://no-such-bucket-here/x"]);
    assert!(run.code == 1 && run.err.contains("there is no bucket no-such-bucket-here"), "{run}");
    let run = server.vql_at(&place, "http://127.0.0.1:1", &create);
    assert!(run.code == 3 && run.err.contains("cannot be reached"), "{run}");
    for endpoint in ["nonsense", "http://", "http://host:port"] {
        let run = server.vql_at(&place, endpoint, &create);
        assert!(run.code == 1 && run.err.contains("is not the address"), "{run}");
    }
    // The endpoint may stand in the settings; the environment counts first.
    place.write(
        "vql.toml",
        format!("[s3]\nendpoint = '{}'\nregion = 'us-east-1'\n", server.endpoint),
    );
    let mut command = place.command(create);
    command.env("AWS_ACCESS_KEY_ID", &server.key).env("AWS_SECRET_ACCESS_KEY", &server.secret);
    assert_eq!(run_of(&mut command).code, 0);
    command.env("AWS_ENDPOINT_URL", "http://127.0.0.1:1").env("AWS_MAX_ATTEMPTS", "1");
    assert_eq!(run_of(&mut command).code, 3);
}

fn run_of(command: &mut std::process::Command) -> Run {
    run(command, b"")
}

#[test]
fn damage_and_what_does_not_belong_there_are_found() {
    let Some(server) = server("damage") else { return };
    let (place, there) = (Place::new(), server.place());
    insert(&place, 1);
    server.good(&place, &["backup", "create", "t.db", &there]);
    insert(&place, 2);
    server.good(&place, &["backup", "create", "t.db", &there, "--incremental"]);
    let log = server.names("000002/log").remove(0);
    let log = format!("000002/log/{}", log.rsplit('/').next().unwrap());
    for (n, name) in ["000001/manifest.json", "000001/data/graph.db", "000002/manifest.json", &log]
        .into_iter()
        .enumerate()
    {
        let whole = server.get(name);
        let mut bytes = whole.clone();
        let at = (n * 7919 + 101) % bytes.len();
        bytes[at] ^= 4;
        let refused = |what: &str| {
            let run = server.vql(&place, &["backup", "verify", &there]);
            assert!(run.code == 3 || run.code == 4, "{name} {what}: {run}");
            let run = server.vql(&place, &["backup", "restore", &there, "no.db"]);
            assert!(run.code != 0 && !place.path("no.db").exists(), "{name} {what}: {run}");
        };
        server.put(name, bytes);
        refused("flipped");
        server.put(name, whole[..whole.len() - 1].to_vec());
        refused("short");
        server.delete(name);
        refused("missing");
        server.put(name, whole);
    }
    server.put("000001/data/more.db", vec![1, 2, 3]);
    let run = server.vql(&place, &["backup", "verify", &there, "000001"]);
    assert!(run.code == 4 && run.err.contains("more.db does not belong"), "{run}");
    server.delete("000001/data/more.db");
    server.good(&place, &["backup", "verify", &there]);
    // What somebody is still making, or died making, does not count and is not continued.
    server.put("000003/making", Vec::new());
    server.put("000003/data/graph.db", vec![0; 100]);
    let run = server.good(&place, &["backup", "list", &there]);
    assert_eq!(run.out.lines().count(), 2, "{run}");
    let run = server.good(&place, &["backup", "create", "t.db", &there]);
    assert!(run.err.contains("backup 000004"), "{run}");
}

/// A way to the server that breaks once so many bytes went through it.
struct Proxy {
    endpoint: String,
    left: Arc<AtomicI64>,
    broken: Arc<AtomicBool>,
}

impl Proxy {
    fn new(server: &Server, bytes: i64) -> Self {
        let target = server.endpoint.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let left = Arc::new(AtomicI64::new(bytes));
        let broken = Arc::new(AtomicBool::new(false));
        let (theirs, flag) = (Arc::clone(&left), Arc::clone(&broken));
        thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { return };
                if flag.load(Ordering::SeqCst) {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&target) else { return };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let (left, flag) = (Arc::clone(&theirs), Arc::clone(&flag));
                    thread::spawn(move || pump(from, to, &left, &flag));
                }
            }
        });
        Self { endpoint, left, broken }
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream, left: &AtomicI64, broken: &AtomicBool) {
    let mut block = vec![0; 16 << 10];
    loop {
        let n = from.read(&mut block).unwrap_or(0);
        if n == 0 || broken.load(Ordering::SeqCst) {
            break;
        }
        if left.fetch_sub(n as i64, Ordering::SeqCst) < n as i64 {
            broken.store(true, Ordering::SeqCst);
            break;
        }
        if io::Write::write_all(&mut to, &block[..n]).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        stream.shutdown(Shutdown::Both).ok();
    }
}

#[test]
fn a_server_that_dies_in_the_middle_leaves_nothing_that_counts() {
    let Some(server) = server("dying") else { return };
    let (place, there) = (Place::new(), server.place());
    insert(&place, 1);
    let expected = export(&place, "t.db");
    let create = ["backup", "create", "t.db", there.as_str()];
    let mut whole = 0;
    for bytes in [1_000, 3_000, 20_000, 100_000, 300_000, 500_000, 800_000, i64::MAX] {
        let proxy = Proxy::new(&server, bytes);
        let run = server.vql_at(&place, &proxy.endpoint, &create);
        let broken = proxy.broken.load(Ordering::SeqCst);
        assert_eq!(run.code, if broken { 3 } else { 0 }, "after {bytes} bytes: {run}");
        whole += usize::from(!broken);
        let list = server.good(&place, &["backup", "list", &there]);
        assert_eq!(list.out.matches("\"whole\"").count(), list.out.lines().count(), "{list}");
        assert_eq!(list.out.lines().count(), whole, "{list}");
        if bytes == i64::MAX {
            assert!(!broken && bytes - proxy.left.load(Ordering::SeqCst) > 500_000);
        }
    }
    // The same while reading.
    for bytes in [1_000, 5_000, 100_000, 400_000] {
        let proxy = Proxy::new(&server, bytes);
        let run = server.vql_at(&place, &proxy.endpoint, &["backup", "restore", &there, "no.db"]);
        assert!(run.code == 3 && !place.path("no.db").exists(), "after {bytes} bytes: {run}");
    }
    server.good(&place, &["backup", "verify", &there]);
    server.good(&place, &["backup", "restore", &there, "r.db"]);
    assert_eq!(export(&place, "r.db"), expected);
}
