//! What every modality finds, asked in the language over two thousand hexads.
use criterion::{Criterion, criterion_group, criterion_main};

mod world;

/// The search of each modality; `$v` stands for an embedding.
const SEARCHES: [(&str, &str); 12] = [
    ("document/field", "SELECT id FROM hexads WHERE DOCUMENT.year >= 1990 AND year < 1993"),
    ("document/text", "SELECT id FROM hexads WHERE FULLTEXT CONTAINS 'harbor OR tide' LIMIT 10"),
    ("document/phrase", "SELECT id FROM hexads WHERE FULLTEXT CONTAINS '\"tide river\"' LIMIT 10"),
    ("vector/nearest", "SELECT id FROM hexads WHERE VECTOR SIMILAR TO [$v] LIMIT 10"),
    (
        "vector/filtered",
        "SELECT id FROM hexads WHERE DOCUMENT.year = 1950 AND VECTOR SIMILAR TO [$v] LIMIT 10",
    ),
    ("graph/1 hop", "SELECT id FROM hexads WHERE (a)-[:LINKS]->(h) AND a.id = 'h-00007'"),
    ("graph/3 hops", "SELECT id FROM hexads WHERE (a)-[:LINKS*1..3]->(h) AND a.id = 'h-00007'"),
    ("semantic/type", "SELECT id FROM hexads WHERE SEMANTIC.types = 'bench:Kind3' LIMIT 10"),
    ("tensor/shape", "SELECT id FROM hexads WHERE TENSOR.rank = 2 LIMIT 10"),
    ("spatial/radius", "SELECT id FROM hexads WHERE WITHIN RADIUS(10.0, 20.0, 500.0)"),
    ("temporal/as of", "SELECT DOCUMENT.title FROM HEXAD 'h-00007' AS OF '2990-01-01T00:00:00Z'"),
    ("provenance/actor", "SELECT id FROM hexads WHERE MODIFIED BY 'user' LIMIT 10"),
];

fn searches(c: &mut Criterion) {
    let mut world = world::World::new(2000);
    for (name, text) in SEARCHES {
        let text = text.replace("$v", &world::embedding(3));
        let script = world::parsed(&text);
        c.bench_function(name, |b| b.iter(|| world.run(&text, &script)));
    }
}

criterion_group!(benches, searches);
criterion_main!(benches);
