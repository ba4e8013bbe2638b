//! The bare text library: tantivy over title and body as one field, with the numbers of the items
//! beside it.
//!
//! Its BM25 counts words of the title once and rounds lengths, so its ranks are its own.

use std::path::Path;

use ::tantivy::collector::TopDocs;
use ::tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use ::tantivy::schema::{FAST, Field, IndexRecordOption, Schema, TEXT};
use ::tantivy::{Index, IndexReader, IndexWriter, TantivyDocument, Term};

use crate::cmd::bench::data::{Item, name, word};
use crate::cmd::bench::question::{K, Kind, Question};
use crate::cmd::bench::subject::{Answer, Result, Subject};

/// Memory the writer may use before it begins a new segment.
const ARENA: usize = 64 << 20;

/// One index in a directory.
pub(super) struct Tantivy {
    writer: IndexWriter,
    reader: IndexReader,
    text: Field,
    number: Field,
}

impl Tantivy {
    /// An empty one.
    pub(super) fn create(path: &Path) -> Result<Self> {
        std::fs::create_dir_all(path)?;
        let mut schema = Schema::builder();
        let text = schema.add_text_field("text", TEXT);
        let number = schema.add_u64_field("number", FAST);
        let index = Index::create_in_dir(path, schema.build())?;
        let writer = index.writer_with_num_threads(1, ARENA)?;
        let reader = index.reader()?;
        Ok(Self { writer, reader, text, number })
    }
}

impl Subject for Tantivy {
    fn name(&self) -> &'static str {
        "tantivy"
    }

    fn cannot(&self, kind: Kind) -> Option<String> {
        let can = matches!(kind, Kind::Load | Kind::Text);
        (!can).then(|| "it holds nothing but texts".to_owned())
    }

    fn ranks_alike(&self) -> bool {
        false
    }

    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()> {
        for (n, item) in items {
            let mut document = TantivyDocument::new();
            document.add_text(self.text, format!("{} {}", item.title, item.body));
            document.add_u64(self.number, n as u64);
            self.writer.add_document(document)?;
        }
        Ok(())
    }

    fn ask(&mut self, question: &Question) -> Result<Answer> {
        let Question::Text(a, b) = question else {
            return Err("it holds nothing but texts".into());
        };
        let either = [*a, *b].map(|rank| {
            let term = Term::from_field_text(self.text, &word(rank));
            let query: Box<dyn Query> =
                Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs));
            (Occur::Should, query)
        });
        let searcher = self.reader.searcher();
        let query = BooleanQuery::new(either.into());
        let best = searcher.search(&query, &TopDocs::with_limit(K).order_by_score())?;
        let mut answer = Answer::new();
        for (_, place) in best {
            let numbers = searcher.segment_reader(place.segment_ord).fast_fields().u64("number")?;
            let number = numbers.first(place.doc_id).ok_or("a text without a number")?;
            answer.push(name(number as usize));
        }
        Ok(answer)
    }

    fn finish(&mut self) -> Result<()> {
        self.writer.commit()?;
        self.reader.reload()?;
        Ok(())
    }

    fn settings(&self) -> String {
        format!("{}, one field, one thread writing", ::tantivy::version_string())
    }
}
