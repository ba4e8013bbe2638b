//! Who is let in to `vql serve`, what they may do there, and what is written down about it: through the
//! running program.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};
use vql::engine::auth::Action;
use vql::server::rest::routes::{Method, ROUTES};

use crate::harness::Place;

/// A server that asks who somebody is.
struct Locked {
    child: Child,
    _out: BufReader<ChildStdout>,
    url: String,
    /// The first key, when this start printed one.
    first: Option<String>,
    client: Client,
}

impl Drop for Locked {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Locked {
    fn start(place: &Place) -> Self {
        let log = File::create(place.path("stderr.log")).unwrap();
        let mut child = place
            .command(["serve", "t.db", "--listen", "127.0.0.1:0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut first = None;
        let url = loop {
            let mut line = String::new();
            assert!(out.read_line(&mut line).unwrap() > 0, "{}", place.read("stderr.log"));
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.trim().to_owned();
            }
            if line.starts_with("vqlk_") {
                first = Some(line.trim().to_owned());
            }
        };
        Self { child, _out: out, url, first, client: Client::new() }
    }

    fn send(&self, header: Option<(&str, &str)>, text: &str) -> Response {
        let mut request = self.client.post(format!("{}/api/v1/query", self.url));
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        request.json(&json!({ "query": text })).send().unwrap()
    }

    fn ask(&self, secret: &str, text: &str) -> (u16, Value) {
        let answer = self.send(Some(("authorization", &format!("Bearer {secret}"))), text);
        (answer.status().as_u16(), answer.json().unwrap_or(Value::Null))
    }

    #[track_caller]
    fn done(&self, secret: &str, text: &str) -> Value {
        let (status, answer) = self.ask(secret, text);
        assert_eq!(status, 200, "{text}: {answer}");
        answer
    }

    /// A new key of somebody.
    fn key(&self, admin: &str, of: &str, with: &str) -> String {
        let answer = self.done(admin, &format!("CREATE KEY FOR {of} {with}"));
        let text = answer.to_string();
        let begin = text.find("vqlk_").unwrap_or_else(|| panic!("{text}"));
        text[begin..].split('"').next().unwrap().to_owned()
    }
}

#[test]
fn the_first_start_prints_one_key_and_only_keys_open() {
    let place = Place::new();
    place.script("INSERT HEXAD 'a' WITH DOCUMENT(title = 'A');");
    let locked = Locked::start(&place);
    let admin = locked.first.clone().expect("the first start prints a key");
    let count = "COUNT HEXADS";
    assert_eq!(locked.send(None, count).status(), 401);
    locked.done(&admin, count);
    assert_eq!(locked.send(Some(("x-api-key", &admin)), count).status(), 200);
    assert_eq!(
        locked.send(Some(("authorization", &format!("Basic {admin}"))), count).status(),
        401
    );
    for header in ["x-forwarded-user", "x-remote-user", "x-user", "cookie"] {
        assert_eq!(locked.send(Some((header, "admin")), count).status(), 401, "{header}");
    }
    let wrong = format!("{}0", &admin[..admin.len() - 1]);
    let tries: Vec<u16> = (0..20).map(|_| locked.ask(&wrong, count).0).collect();
    assert!(tries.contains(&401) && tries.ends_with(&[429]), "{tries:?}");
    // Whoever has a key is let in all the same.
    locked.done(&admin, count);
    drop(locked);
    let again = Locked::start(&place);
    assert_eq!(again.first, None);
    again.done(&admin, count);
    let secret = admin.rsplit('_').next().unwrap();
    assert!(!place.read("stderr.log").contains(secret));
    drop(again);
    no_file_holds(place.root(), secret);
}

fn no_file_holds(folder: &Path, secret: &str) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            no_file_holds(&path, secret);
        } else if let Ok(bytes) = fs::read(&path) {
            let held = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!held, "{}", path.display());
        }
    }
}

#[test]
fn a_principal_sees_and_does_what_is_granted_and_the_log_says_so() {
    let place = Place::new();
    place.script(
        "INSERT HEXAD 'a' WITH DOCUMENT(title = 'open'), SEMANTIC(Paper);\n\
         INSERT HEXAD 'b' WITH DOCUMENT(title = 'hidden'), SEMANTIC(Secret);\n\
         GRANT read ON HEXADS TO alice; DENY read ON TYPE Secret TO alice;",
    );
    let locked = Locked::start(&place);
    let admin = locked.first.clone().unwrap();
    let alice = locked.key(&admin, "alice", "WITH scopes = 'read', expires = '1d'");
    let all = locked.done(&alice, "SELECT id FROM hexads ORDER BY id").to_string();
    assert!(all.contains("\"a\"") && !all.contains("\"b\""), "{all}");
    for text in [
        "SELECT id FROM HEXAD 'b'",
        "SELECT id, title FROM hexads WHERE title = 'hidden'",
        "SEARCH TEXT 'hidden'",
        "EXPLAIN SELECT id FROM hexads WHERE title = 'hidden'",
    ] {
        let (status, answer) = locked.ask(&alice, text);
        assert!(status < 500 && !answer.to_string().contains("Secret"), "{text}: {answer}");
    }
    let (status, answer) = locked.ask(&alice, "UPDATE HEXAD 'a' SET DOCUMENT.title = 'x'");
    assert_eq!((status, &answer["kind"]), (403, &json!("PermissionDenied")), "{answer}");
    let (hidden, told) = locked.ask(&admin, "DELETE HEXAD 'nobody'");
    let bob = locked.key(&admin, "bob", "");
    assert_eq!(locked.ask(&bob, "COUNT HEXADS").0, 403);
    locked.done(&admin, "GRANT ROLE writer TO bob");
    locked.done(&admin, "DENY read ON HEXAD 'b' TO bob");
    let (status, answer) = locked.ask(&bob, "DELETE HEXAD 'b'");
    assert_eq!((status, &answer["kind"]), (hidden, &told["kind"]));
    locked.done(&admin, "REVOKE ROLE writer FROM bob");
    assert_eq!(locked.ask(&bob, "COUNT HEXADS").0, 403);
    let log = locked.done(&admin, "SHOW AUDIT LIMIT 50").to_string();
    for word in ["denied", "alice", "UPDATE", "GRANT", "CREATE KEY"] {
        assert!(log.contains(word), "{word}: {log}");
    }
    drop(locked);
    let run = place.vql(["audit", "export", "t.db", "--head", "head.json", "--key", "audit.key"]);
    assert_eq!(run.code, 0, "{run}");
    place.write("exported.log", &run.out);
    let verify = |args: &[&str]| place.vql(["audit", "verify", "t.db"].iter().chain(args));
    assert_eq!(verify(&["--head", "head.json"]).code, 0);
    assert_eq!(verify(&["--head", "head.json", "--log", "exported.log"]).code, 0);
    let whole = place.read("t.db/audit/log");
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    place.write("t.db/audit/log", lines[..lines.len() - 1].concat());
    assert_eq!(verify(&[]).code, 0);
    let cut = verify(&["--head", "head.json"]);
    assert_eq!(cut.code, 4, "{cut}");
    assert!(cut.out.contains(&format!("line {}: it ends at entry", lines.len())), "{cut}");
    place.write("t.db/audit/log", whole.replacen("alice", "alicf", 1));
    let changed = verify(&[]);
    assert!(changed.code == 4 && changed.out.starts_with("line "), "{changed}");
}

fn token(secret: &[u8], changes: &[(&str, Value)]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut claims = json!({
        "iss": "https://issuer.example", "aud": "vql", "sub": "carol", "exp": now + 60,
        "roles": ["reader"],
    });
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(&json!({ "alg": "HS256" })), part(&claims));
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

#[test]
fn tokens_of_an_issuer_that_is_believed_open_and_no_others() {
    let place = Place::new();
    place.script("INSERT HEXAD 'a' WITH DOCUMENT(title = 'A');");
    let secret = b"a secret of more than thirty-two bytes";
    place.write("token.secret", secret);
    place.write(
        "vql.toml",
        "[serve.tokens]\nissuer = 'https://issuer.example'\naudience = 'vql'\n\
         secret = 'token.secret'\nroles = 'roles'\n",
    );
    let locked = Locked::start(&place);
    locked.done(&token(secret, &[]), "COUNT HEXADS");
    assert_eq!(locked.ask(&token(secret, &[]), "DELETE HEXAD 'a'").0, 403);
    assert_eq!(locked.ask(&token(secret, &[("scope", json!("write"))]), "COUNT HEXADS").0, 200);
    for (what, bad) in [
        ("another secret", token(b"another secret of more than thirty-two", &[])),
        ("expired", token(secret, &[("exp", json!(1_000))])),
        ("another audience", token(secret, &[("aud", json!("other"))])),
        ("no token", "a.b.c".to_owned()),
    ] {
        assert_eq!(locked.ask(&bad, "COUNT HEXADS").0, 401, "{what}");
    }
}

/// Every role against every route of the table: who is refused is refused before anything is read, and
/// who is let in is not.
#[test]
fn every_role_is_let_in_to_the_routes_of_its_rights() {
    let roles = ["nobody", "reader", "writer", "steward", "admin"];
    let place = Place::new();
    let mut script = "INSERT HEXAD 'a' WITH DOCUMENT(title = 'A');".to_owned();
    for role in &roles[1..] {
        script.extend(["GRANT ROLE ", role, " TO a_", role, ";"]);
    }
    place.script(&script);
    let locked = Locked::start(&place);
    let admin = locked.first.clone().unwrap();
    let keys: BTreeMap<&str, String> =
        roles.iter().map(|role| (*role, locked.key(&admin, &format!("a_{role}"), ""))).collect();
    let may = |role: &str, action: Action| match (role, action) {
        ("nobody", _) => false,
        ("admin", _)
        | (_, Action::Data)
        | ("steward", Action::Observe | Action::Normalize | Action::Define) => true,
        _ => false,
    };
    for route in ROUTES {
        let Some(action) = route.action else { continue };
        let path = route.path.replace('{', "x").replace(['}', '*'], "");
        let url = format!("{}/api/v1{path}", locked.url);
        for role in roles {
            let request = match route.method {
                Method::Get => locked.client.get(&url),
                Method::Post => locked.client.post(&url),
                Method::Put => locked.client.put(&url),
                Method::Patch => locked.client.patch(&url),
                Method::Delete => locked.client.delete(&url),
            };
            let unknown = request.try_clone().unwrap().send().unwrap().status();
            assert_eq!(unknown, 401, "{} {path}", route.method.key());
            let answer = request.bearer_auth(&keys[role]).send().unwrap();
            let refused = answer.status() == 403;
            assert_eq!(refused, !may(role, action), "{role}: {} {path}", route.method.key());
        }
    }
}
