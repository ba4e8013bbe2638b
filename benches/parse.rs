//! Parsing and formatting: one statement of each kind, and a script of a thousand.
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use vql::engine::lang::format::{Options, format_script};
use vql::engine::lang::parse;

const SELECT: &str = "SELECT id, DOCUMENT.title FROM hexads WHERE DOCUMENT.year >= 1990 AND \
    FULLTEXT CONTAINS 'harbor tide' AND (h)-[:LINKS*1..2]->(x) ORDER BY year DESC LIMIT 10";
const INSERT: &str = "INSERT HEXAD 'a' WITH DOCUMENT(title = 'tide', year = 1990), \
    VECTOR([0.1, 0.2, 0.3, 0.4]), GRAPH(LINKS, 'b')";
const UPDATE: &str = "UPDATE HEXAD 'a' SET DOCUMENT.title = 'ebb', DOCUMENT.year = year + 1";

fn statements(c: &mut Criterion) {
    for (name, text) in [("select", SELECT), ("insert", INSERT), ("update", UPDATE)] {
        c.bench_function(&format!("parse/{name}"), |b| b.iter(|| parse(text).is_ok()));
    }
    let script = format!("{SELECT};\n{INSERT};\n{UPDATE};\n").repeat(333);
    let mut group = c.benchmark_group("script");
    group.throughput(Throughput::Bytes(script.len() as u64)).sample_size(20);
    group.bench_function("parse", |b| b.iter(|| parse(&script).is_ok()));
    group.bench_function("fmt", |b| {
        b.iter(|| format_script(&script, Options::default()).text.len());
    });
}

criterion_group!(benches, statements);
criterion_main!(benches);
