//! Durable writes through the language and the direct door, one hexad a commit and a hundred.
use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use vql::engine::base::Value;
use vql::engine::hexad::HexadInput;
use vql::engine::modality::document::Document;

mod world;

fn input(n: usize) -> HexadInput {
    let document = Document {
        title: Some(format!("tide {n}")),
        body: Some("the flood came up the river before the ebb".to_owned()),
        fields: [("year".to_owned(), Value::Int(n as i64))].into(),
    };
    HexadInput { document: Some(document), ..HexadInput::default() }
}

fn commits(c: &mut Criterion) {
    let mut world = world::World::new(500);
    let mut group = c.benchmark_group("commit");
    group.sample_size(20);
    for count in [1, 100] {
        group.bench_function(format!("insert {count}"), |b| {
            b.iter_batched(
                || (0..count).map(input).collect::<Vec<_>>(),
                |inputs| world.engine.insert(inputs).expect("inserts"),
                BatchSize::SmallInput,
            );
        });
    }
    let text = "UPDATE HEXAD 'h-00007' SET DOCUMENT.year = year + 1";
    let script = world::parsed(text);
    group.bench_function("update 1", |b| b.iter(|| world.run(text, &script)));
}

criterion_group!(benches, commits);
criterion_main!(benches);
