//! `vql bench` on very little data: what it prints, what it checks, what it refuses. Never how long
//! anything took.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use serde_json::{Value as Json, json};

use crate::harness::Place;

const SMALL: [&str; 6] = ["--size", "60", "--dimensions", "8", "--format", "json"];

fn document(place: &Place, args: &[&str]) -> Json {
    let run = place.vql([&["bench"], args, &SMALL].concat());
    assert_eq!(run.code, 0, "{run}");
    serde_json::from_str(&run.out).unwrap()
}

fn lines(run: &Json) -> &Vec<Json> {
    run["suites"].as_array().unwrap()
}

#[test]
fn every_answer_is_the_exact_one() {
    let place = Place::new();
    let suites =
        ["insert", "get", "knn", "knn-filtered", "text", "hops", "hybrid", "aggregate", "as-of"];
    let found = document(&place, &[&suites[..], &["--against", "libraries"]].concat());
    assert_eq!(found["format"], 1);
    let names: Vec<&str> =
        found["subjects"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["vql", "sqlite", "row", "usearch", "tantivy", "adjacency"]);
    let lines = lines(&found["runs"][0]);
    assert_eq!(lines.len(), 16, "{lines:#?}");
    for line in lines.iter().filter(|line| line["suite"] != "insert") {
        for (subject, share) in line["exact"].as_object().unwrap() {
            // The graph of usearch alone is never asked again by anybody.
            let least = if subject == "usearch" { 0.9 } else { 1.0 };
            assert!(share.as_f64().unwrap() >= least, "{}: {subject} {share}", line["name"]);
        }
        assert!(line["exact"].get("vql").is_some(), "{line}");
        assert!(line["ratio"]["sqlite"].as_f64().unwrap() > 0.0, "{line}");
    }
    let knn = lines.iter().find(|line| line["name"] == "knn").unwrap();
    assert_eq!(knn["bar"]["usearch"], 1.5);
    assert!(knn["cannot"]["adjacency"].as_str().unwrap().contains("edges"), "{knn}");
    let goals = found["runs"][0]["goals"].as_array().unwrap();
    for name in
        ["get against row", "text against tantivy", "2-hop against adjacency", "recall of knn"]
    {
        assert!(goals.iter().any(|goal| goal["name"] == name), "{name}: {goals:#?}");
    }
    // Nothing is left behind.
    assert_eq!(std::fs::read_dir(place.root()).unwrap().count(), 0);
}

#[test]
fn what_writes_is_counted() {
    let place = Place::new();
    let found = document(&place, &["insert", "writers", "mixed", "recovery", "plan", "--alone"]);
    let lines = lines(&found["runs"][0]);
    let line =
        |name: &str| &lines.iter().find(|line| line["name"] == name).unwrap()["costs"]["vql"];
    assert_eq!(line("insert")["fsyncs"], 1.0);
    assert!(line("64 writers")["fsyncs"].as_f64().unwrap() < 1.0, "{}", line("64 writers"));
    assert_eq!(line("8 writers")["operations"], 1536);
    assert_eq!(line("plan")["operations"], 3500);
    let recovery = lines.iter().find(|line| line["name"] == "recovery").unwrap();
    assert_eq!(recovery["exact"]["vql"], 1.0);
}

#[test]
fn several_sizes_show_growth() {
    let place = Place::new();
    let run = place.vql(["bench", "load", "get", "--alone", "--size", "20,60", "--format", "json"]);
    let found: Json = serde_json::from_str(&run.out).unwrap();
    let sizes: Vec<&Json> = found["runs"].as_array().unwrap().iter().map(|r| &r["size"]).collect();
    assert_eq!(sizes, [&json!(20), &json!(60)]);
    let growth = found["growth"].as_array().unwrap();
    assert_eq!(growth.len(), 2, "{growth:#?}");
    assert_eq!(growth[0]["at_least"], true);
}

#[test]
fn a_regression_is_found_and_ends_with_one() {
    let place = Place::new();
    let mut old = document(&place, &["hops", "get", "--alone"]);
    let cost = &mut old["runs"][0]["suites"][0]["costs"]["vql"];
    for name in ["cpu_us", "cpu_low_us", "cpu_high_us"] {
        cost[name] = json!(0.001);
    }
    place.write("old.json", old.to_string());
    let compare = ["bench", "hops", "get", "--alone", "--compare", "old.json"];
    let run = place.vql([&compare[..], &SMALL].concat());
    assert_eq!(run.code, 1, "{run}");
    let found: Json = serde_json::from_str(&run.out).unwrap();
    let changes = found["comparison"]["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 6, "{changes:#?}");
    assert_eq!((&changes[0]["name"], &changes[0]["slower"]), (&json!("60: get"), &json!(true)));

    for (text, message) in [("{}", "was not written by"), ("nonsense", "is not the JSON")] {
        place.write("old.json", text);
        let run = place.vql([&compare[..], &SMALL].concat());
        assert!(run.code == 2 && run.err.contains(message), "{run}");
    }
}

#[test]
fn own_statements_are_measured_and_nothing_is_written() {
    let place = Place::new();
    place.script("INSERT HEXAD 'a' WITH DOCUMENT(title = 'x', n = 1)");
    place.write("q.vql", "SELECT id FROM hexads WHERE n = $n;\nCOUNT HEXADS;\n");
    let args = ["bench", "--database", "t.db", "--queries", "q.vql", "--param", "n=1"];
    let run = place.vql([&args[..], &["--format", "json", "--html", "out.html"]].concat());
    assert_eq!(run.code, 0, "{run}");
    let found: Json = serde_json::from_str(&run.out).unwrap();
    let lines = lines(&found["runs"][0]);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["operation"], "SELECT id FROM hexads WHERE n = $n; 1 rows");
    let page = place.read("out.html");
    assert!(page.contains("1: SELECT id FROM hexads") && !page.contains("http"), "{page}");

    for (text, message) in [
        ("COUNT HEXADS;\nDELETE HEXAD 'a';", "q.vql:2: DELETE is not a question"),
        ("COUNT HEXADS;\nSELECT FROM", "q.vql:2: "),
        ("SELECT unheard(1) FROM hexads", "q.vql:1: "),
        ("", "has no statement"),
    ] {
        place.write("q.vql", text);
        let run = place.vql(args);
        assert!(run.code != 0 && run.err.contains(message), "{text}: {run}");
    }
    assert!(place.script("COUNT HEXADS").contains("{\"count\":1}"));
}

#[test]
fn wishes_that_make_no_sense_are_refused() {
    let place = Place::new();
    for (args, message) in [
        (&["bench", "unheard"][..], "no suite is called `unheard`"),
        (&["bench", "--against", "mysql"], "nothing to measure against is called `mysql`"),
        (&["bench", "--against", "qdrant"], "`qdrant` needs an address"),
        (&["bench", "--size", "0"], "0 hexads"),
        (&["bench", "get", "--compare", "none.json"], "cannot read `none.json`"),
        (&["bench", "--queries", "q.vql"], "--database"),
        (&["bench", "--database", "none.db", "--queries", "none.vql"], "cannot read `none.vql`"),
    ] {
        let run = place.vql(args.iter().copied());
        assert!(run.code == 2 && run.err.contains(message), "{run}");
    }
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let place = Place::new();
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for (name, protocol) in [
        ("postgres", "postgres"),
        ("qdrant", "http"),
        ("surrealdb", "http"),
        ("arangodb", "http"),
        ("virtuoso", "http"),
    ] {
        let against = format!("{name}={protocol}://me:secret@127.0.0.1:{port}/x");
        let run = place.vql(["bench", "get", "--size", "5", "--against", &against]);
        assert_eq!(run.code, 1, "{run}");
        assert!(run.err.contains("cannot be reached"), "{run}");
        assert!(!run.err.contains("secret"), "{run}");
    }
}

/// A server that answers every request with what `answer` makes of its first line and body.
fn serve(answer: impl Fn(&str, &str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            while let Some((line, body)) = request(stream.as_ref().unwrap()) {
                let text = answer(&line, &body);
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", text.len());
                stream.as_ref().unwrap().write_all((head + &text).as_bytes()).unwrap();
            }
        }
    });
    address
}

fn request(stream: &TcpStream) -> Option<(String, String)> {
    let mut reader = BufReader::new(stream);
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first).ok().filter(|n| *n > 0)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if let Some(n) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = n.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((first.trim().to_owned(), String::from_utf8(body).ok()?))
}

/// The title of an item, from what was sent to a server.
fn item(points: &[Json], n: u64) -> Option<&Json> {
    points.iter().find(|point| point["id"] == n)
}

#[test]
fn a_vector_server_is_asked_in_its_own_words() {
    let place = Place::new();
    let points = std::sync::Mutex::new(Vec::<Json>::new());
    let address = serve(move |line, body| {
        let body: Json = serde_json::from_str(body).unwrap_or_default();
        let mut points = points.lock().unwrap();
        let found = if line.starts_with("PUT") && line.contains("/points?wait=true") {
            points.extend(body["points"].as_array().unwrap().iter().cloned());
            json!({})
        } else if line.contains("/points/query") {
            let numbers = |v: &Json| -> Vec<f64> {
                v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
            };
            let (query, bound) =
                (numbers(&body["query"]), &body["filter"]["must"][0]["range"]["lt"]);
            let mut scored: Vec<(f64, u64)> = points
                .iter()
                .filter(|p| bound.is_null() || p["payload"]["bucket"].as_u64() < bound.as_u64())
                .map(|p| {
                    let pairs = numbers(&p["vector"]);
                    (pairs.iter().zip(&query).map(|(a, b)| a * b).sum(), p["id"].as_u64().unwrap())
                })
                .collect();
            scored.sort_by(|a, b| b.0.total_cmp(&a.0));
            let ids: Vec<Json> =
                scored.iter().take(10).map(|(_, id)| json!({ "id": id })).collect();
            json!({ "result": { "points": ids } })
        } else if let Some(n) = line.split("/points/").nth(1) {
            let n = n.split(' ').next().unwrap().parse().unwrap();
            json!({ "result": item(&points, n) })
        } else {
            json!({ "version": "1.0-test", "result": { "status": "green" } })
        };
        found.to_string()
    });
    let against = format!("qdrant={address}");
    let suites = ["get", "knn", "knn-filtered", "text", "--against", &against];
    let found = document(&place, &suites);
    assert_eq!(found["subjects"][1]["settings"], "Qdrant 1.0-test, its own settings, hnsw_ef 128");
    for line in lines(&found["runs"][0]) {
        if line["name"] == "text" {
            assert!(line["cannot"]["qdrant"].is_string() && line["costs"].get("qdrant").is_none());
            continue;
        }
        assert_eq!(line["exact"]["qdrant"], 1.0, "{line}");
        assert_eq!(line["remote"]["qdrant"], true);
        assert!(line["ratio"]["qdrant"].as_f64().unwrap() > 0.0);
    }
}

#[test]
fn servers_of_documents_and_of_tables_are_asked_in_their_own_words() {
    let place = Place::new();
    let titles = std::sync::Mutex::new(std::collections::BTreeMap::<String, String>::new());
    let arango = serve(move |line, body| {
        let body: Json = serde_json::from_str(body).unwrap_or_default();
        let mut titles = titles.lock().unwrap();
        if line.contains("/_api/document/item?waitForSync=true") {
            for item in body.as_array().unwrap() {
                let text = |name: &str| item[name].as_str().unwrap().to_owned();
                titles.insert(text("_key"), text("title"));
            }
        }
        let id = body["bindVars"]["id"].as_str().unwrap_or_default();
        let title = titles.get(id.trim_start_matches("item/"));
        json!({ "version": "3-test", "error": false, "result": [[title, {}, []]] }).to_string()
    });
    let rows = std::sync::Mutex::new(std::collections::BTreeMap::<String, String>::new());
    let surreal = serve(move |line, body| {
        if line.starts_with("GET") {
            return "surrealdb-2.test".to_owned();
        }
        let row = regex::Regex::new(r#"id: item:(\d+), name: "[^"]*", title: "([^"]*)""#).unwrap();
        let mut rows = rows.lock().unwrap();
        for found in row.captures_iter(body) {
            rows.insert(found[1].to_owned(), found[2].to_owned());
        }
        let asked = regex::Regex::new(r"FROM item:(\d+)$").unwrap();
        let title = asked.captures(body).and_then(|found| rows.get(&found[1]));
        let ok = |result: Json| json!({ "status": "OK", "result": result });
        json!([ok(Json::Null), ok(json!([{ "title": title }]))]).to_string()
    });
    let (arango, surreal) = (format!("arangodb={arango}"), format!("surrealdb={surreal}"));
    let found = document(&place, &["get", "--against", &arango, "--against", &surreal]);
    let line = &lines(&found["runs"][0])[0];
    for name in ["arangodb", "surrealdb"] {
        assert_eq!(line["exact"][name], 1.0, "{line}");
    }
}
