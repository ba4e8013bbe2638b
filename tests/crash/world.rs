//! What is written and what is asked: a script with every kind of write over all eight modalities, and
//! questions that go through every index.

use crate::dice::Dice;

/// Statements that make a full hexad whose every modality depends on `value`.
pub(crate) fn insert(id: &str, value: u64) -> String {
    let (lat, lon) = place(value);
    format!(
        "INSERT HEXAD '{id}' WITH DOCUMENT(title = 'Title {value}', body = 'common word{value} text', \
         n = {value}), VECTOR({}), GRAPH(NEXT, 'h{}'), GRAPH(KNOWS, 'k{value}'), SEMANTIC(Thing), \
         SEMANTIC(Kind{}), TENSOR([2, 2], [{value}, 1, 2, 3]), SPATIAL(latitude = {lat}, \
         longitude = {lon}), TEMPORAL('{}'), PROVENANCE(event = 'measured', actor = 'actor{}')",
        vector(value),
        value % 7,
        value % 3,
        instant(value),
        value % 3,
    )
}

/// A statement that changes every modality of one hexad to `value`.
pub(crate) fn update(id: &str, value: u64) -> String {
    let (lat, lon) = place(value);
    format!(
        "UPDATE HEXAD '{id}' SET DOCUMENT.n = {value}, DOCUMENT.body = 'common word{value} text', \
         VECTOR.embedding = {}, GRAPH.NEXT = ['h{}', 'h{}'], GRAPH.KNOWS = ['k{value}'], \
         SEMANTIC.n = {value}, TENSOR.data = [{value}, 2, 3, 4], SPATIAL.latitude = {lat}, \
         SPATIAL.longitude = {lon}, TEMPORAL.valid_from = '{}', PROVENANCE.event = 'changed'",
        vector(value),
        value % 7,
        value % 5,
        instant(value),
    )
}

fn vector(value: u64) -> String {
    let mut dice = Dice::new(value);
    let mut number = || dice.below(2000) as f64 / 1000.0 - 1.0;
    format!("[{}, {}, {}, {value}]", number(), number(), number())
}

fn place(value: u64) -> (f64, f64) {
    ((value % 80) as f64 + 0.25, (value % 170) as f64 - 20.5)
}

fn instant(value: u64) -> String {
    format!("2026-01-{:02}T00:00:00Z", 1 + value % 28)
}

/// A script of `rounds` rounds; each has every kind of write at least once.
pub(crate) fn script(seed: u64, rounds: u64) -> Vec<String> {
    let mut dice = Dice::new(seed);
    let mut script = Vec::new();
    let mut value = 10;
    let mut next = |dice: &mut Dice| {
        value += 1 + dice.below(5);
        value
    };
    for round in 0..rounds {
        let id = |n: u64| format!("h{}", round * 4 + n);
        script.push(format!("CREATE CONTRACT Rule{round} AS (FIELD n >= {})", dice.below(20)));
        for n in 0..3 {
            script.push(insert(&id(n), next(&mut dice)));
        }
        let rows = [next(&mut dice), next(&mut dice), next(&mut dice)];
        script.push(format!(
            "INSERT INTO hexads (id, types, title, n) VALUES ('{}', ['Row'], 'R{}', {}), \
             ('{}', ['Row'], 'R{}', {})",
            id(3),
            rows[0],
            rows[0],
            format_args!("r{round}"),
            rows[1],
            rows[1],
        ));
        script.push(update(&id(0), next(&mut dice)));
        script.push("BEGIN".to_owned());
        script.push(update(&id(1), next(&mut dice)));
        script.push(insert(&format!("t{round}"), next(&mut dice)));
        script.push("SAVEPOINT here".to_owned());
        script.push(update(&id(2), next(&mut dice)));
        script.push("ROLLBACK TO here".to_owned());
        script.push(format!("DELETE HEXAD 'r{round}'"));
        script.push("COMMIT".to_owned());
        script.push(format!("UPDATE HEXAD SET DOCUMENT.mark = {round} WHERE n >= 12"));
        if dice.once_in(2) {
            script.push("CHECKPOINT".to_owned());
        }
        script.push("BEGIN".to_owned());
        script.push(update(&id(0), next(&mut dice)));
        script.push(format!("DELETE HEXAD '{}'", id(1)));
        script.push("ROLLBACK".to_owned());
        script.push(format!("CREATE SNAPSHOT before{round}"));
        script.push(update(&id(2), next(&mut dice)));
        script.push(format!("DELETE HEXAD '{}'", id(1)));
        script.push(insert(&format!("s{round}"), next(&mut dice)));
        script.push(format!("DROP CONTRACT Rule{round}"));
        script.push(format!("RESTORE SNAPSHOT before{round}"));
        script.push(format!("DROP SNAPSHOT before{round}"));
        script.push(format!("DELETE HEXAD '{}'", id(2)));
        script.push(insert(&id(2), next(&mut dice)));
        script.push(format!("UPDATE HEXAD '{}' SET VECTOR = NULL, TENSOR = NULL", id(0)));
        script.push(format!("DROP CONTRACT Rule{round}"));
        script.push(format!("CREATE CONTRACT Last{round} AS (FIELD n >= 1)"));
    }
    script.push("CHECKPOINT".to_owned());
    for n in 0..2 {
        script.push(update(&format!("h{}", n * 3), next(&mut dice)));
    }
    script
}

/// Snapshots and little else: made, gone back to and dropped, over changes of every kind.
pub(crate) fn snapshots(seed: u64) -> Vec<String> {
    let mut dice = Dice::new(seed);
    let mut script: Vec<String> = (0..4).map(|n| insert(&format!("h{n}"), 10 + n)).collect();
    script.push("CREATE CONTRACT Kept AS (FIELD n >= 11)".to_owned());
    script.push("CREATE SNAPSHOT first".to_owned());
    script.push(update("h0", 30 + dice.below(9)));
    script.push("DELETE HEXAD 'h1'".to_owned());
    script.push(insert("h1", 40));
    script.push("DELETE HEXAD 'h2'".to_owned());
    script.push(insert("h9", 50));
    script.push("DROP CONTRACT Kept".to_owned());
    script.push("CREATE SNAPSHOT second".to_owned());
    script.push("RESTORE SNAPSHOT first".to_owned());
    if dice.once_in(2) {
        script.push("CHECKPOINT".to_owned());
    }
    script.push("RESTORE SNAPSHOT second".to_owned());
    script.push("DROP SNAPSHOT first".to_owned());
    script.push("DELETE HEXAD 'h9'".to_owned());
    script.push("RESTORE SNAPSHOT second".to_owned());
    script.push("DROP SNAPSHOT second".to_owned());
    script
}

/// Texts that change under their vectors, and what brings them together again: of one hexad, of all
/// where one is left, undone, and with an edge that leads nowhere.
pub(crate) fn repairs() -> Vec<String> {
    let text = |words: &str| format!("title = 'A text', body = '{words}'");
    let mut script = Vec::new();
    for (id, words) in [("h0", "boats on a lake"), ("h1", "trains in a valley"), ("h2", "stars")] {
        let data = format!("DOCUMENT ({}), VECTOR (EMBED(DOCUMENT))", text(words));
        script.push(format!("INSERT HEXAD '{id}' WITH {data}"));
    }
    for (id, words) in [("h0", "bread and butter"), ("h1", "violins"), ("h2", "wool and linen")] {
        script.push(format!("UPDATE HEXAD '{id}' SET DOCUMENT.body = '{words}'"));
    }
    script
        .push("CREATE POLICY all FOR ALL AS mode = 'aggressive', overwrite_user = true".to_owned());
    script.push("NORMALIZE HEXAD 'h0'".to_owned());
    script.push("NORMALIZE HEXAD 'h1'".to_owned());
    script.push("REVERT NORMALIZATION 'n-1'".to_owned());
    script.push("NORMALIZE HEXAD 'h0'".to_owned());
    script.push("CHECKPOINT".to_owned());
    script.push("NORMALIZE ALL".to_owned());
    script.push("DROP POLICY all".to_owned());
    script
}

/// Questions that go through every index and every file.
pub(crate) const QUESTIONS: &[&str] = &[
    "SELECT * FROM hexads ORDER BY id",
    "SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'common'",
    "SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'word14 OR word15 OR word16 OR word17'",
    "SELECT id FROM hexads WHERE h.embedding NEAREST 3 TO [0.5, 0.1, 0.2, 20]",
    "SELECT id FROM hexads WHERE n >= 20",
    "SELECT id FROM hexads WHERE DOCUMENT.title = 'Title 14'",
    "SELECT id, n FROM hexads WHERE n < 30 ORDER BY n DESC",
    "SELECT id FROM hexads WHERE hexad.types INCLUDES 'Kind1'",
    "SELECT id FROM hexads WHERE SEMANTIC.n >= 15",
    "SELECT id FROM hexads WHERE WITHIN BOUNDS(0, -20, 40, 40)",
    "SELECT id FROM hexads WHERE WITHIN RADIUS(20, 0, 3000 km)",
    "SELECT id FROM hexads WHERE NEAREST(20, 0, 3)",
    "SELECT id FROM hexads WHERE (h)-[:NEXT]->(x) AND x.n >= 15",
    "SELECT id FROM hexads WHERE (h)-[:NEXT*1..3]->(x)",
    "SELECT id FROM hexads WHERE PROVENANCE.actor = 'actor1'",
    "SELECT id FROM hexads WHERE MODIFIED BY user",
    "SELECT id FROM hexads WHERE TEMPORAL.version >= 2",
    "SELECT id FROM hexads WHERE tensor.data SHAPE == [2, 2]",
    "SELECT * FROM hexads WHERE VERSION 1 ORDER BY id",
    "SHOW CONTRACTS",
    "COUNT HEXADS",
];

/// Lines to import, each a full hexad.
pub(crate) fn lines(count: u64) -> String {
    let line = |n: u64| {
        let (lat, lon) = place(n);
        format!(
            "{{\"id\":\"i{n}\",\"document\":{{\"title\":\"Line {n}\",\"body\":\"common word{n}\",\
             \"n\":{n}}},\"vector\":{{\"embedding\":{}}},\"graph\":[{{\"predicate\":\"NEXT\",\
             \"target\":\"i{}\"}}],\"semantic\":{{\"types\":[\"Kind{}\"]}},\"tensor\":{{\"shape\":[2],\
             \"data\":[{n},1]}},\"spatial\":{{\"latitude\":{lat},\"longitude\":{lon}}},\"temporal\":\
             {{\"valid_from\":\"{}\"}},\"provenance\":[{{\"event\":\"measured\",\"actor\":\"a{n}\"}}]}}\n",
            vector(n),
            n + 1,
            n % 3,
            instant(n),
        )
    };
    (0..count).map(line).collect()
}
