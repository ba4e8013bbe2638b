//! From the text of a statement to its plan, with nothing run.
use criterion::{Criterion, criterion_group, criterion_main};
use vql::engine::Params;

mod world;

const STATEMENTS: [(&str, &str); 5] = [
    ("fields", "SELECT id FROM hexads WHERE DOCUMENT.year >= 1990 AND DOCUMENT.kind = 'tide'"),
    ("text", "SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'harbor OR tide' LIMIT 10"),
    ("walk", "SELECT id FROM hexads WHERE (a)-[:LINKS*1..2]->(h) AND a.id = 'h-00007' LIMIT 10"),
    (
        "hybrid",
        "SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'tide' AND DOCUMENT.year < 1950 \
         AND (h)-[:LINKS*1..2]->(a) AND a.id = 'h-00007' ORDER BY year LIMIT 10",
    ),
    ("groups", "SELECT DOCUMENT.kind, COUNT(*) FROM hexads GROUP BY DOCUMENT.kind"),
];

fn plans(c: &mut Criterion) {
    let world = world::World::new(500);
    for (name, text) in STATEMENTS {
        c.bench_function(&format!("plan/{name}"), |b| {
            b.iter(|| world.engine.plan(text, &Params::new()).expect("plans"));
        });
    }
}

criterion_group!(benches, plans);
criterion_main!(benches);
