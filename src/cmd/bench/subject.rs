//! What is measured: the operations every subject of the benchmark offers, on the same data.

use std::path::{Path, PathBuf};

use super::data::Item;
use super::question::{Kind, Question};

/// Failures of a benchmark end it; the text is enough.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A failure with its causes: servers hide what they said behind `db error`.
pub(crate) fn whole(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

/// What was answered, in order: ids, or what the question says.
pub(crate) type Answer = Vec<String>;

/// One more hand that writes to a subject.
pub(crate) trait Hand: Send {
    /// One durable insert.
    fn insert(&mut self, n: usize, item: Item) -> Result<()>;
}

/// A database under measurement.
pub(crate) trait Subject {
    /// The name in the table.
    fn name(&self) -> &'static str;

    /// Whether it works in another process: then only the clock says what it costs.
    fn remote(&self) -> bool {
        false
    }

    /// Why it cannot do something; `None` when it can.
    fn cannot(&self, kind: Kind) -> Option<String>;

    /// Whether texts are ranked by the BM25 the exact answer is made with. Where they are not, it is
    /// checked that what is found has one of the words.
    fn ranks_alike(&self) -> bool {
        true
    }

    /// Takes items in as one transaction.
    fn load(&mut self, items: Vec<(usize, Item)>) -> Result<()>;

    /// One durable insert.
    fn insert(&mut self, n: usize, item: Item) -> Result<()> {
        self.load(vec![(n, item)])
    }

    /// Sets the `revision` of an item to 1, remembering what was.
    fn revise(&mut self, n: usize) -> Result<()> {
        Err(format!("item {n} cannot be revised").into())
    }

    /// Answers a question.
    fn ask(&mut self, question: &Question) -> Result<Answer>;

    /// Parses, checks and plans the statement of a question without running it; false when it does not
    /// tell these apart.
    fn plan(&mut self, _: &Question) -> Result<bool> {
        Ok(false)
    }

    /// Another hand that writes at the same time.
    fn hand(&self) -> Result<Box<dyn Hand>> {
        Err("it has one hand".into())
    }

    /// Copies the files as a crash at this moment would leave them, into `place`.
    fn crash(&self, place: &Path) -> Result<PathBuf> {
        Err(format!("nothing to copy to {}", place.display()).into())
    }

    /// Opens such a copy and reads one item of it; answers its title.
    fn reopen(&self, copy: &Path, n: usize) -> Result<Answer> {
        Err(format!("item {n} of {} cannot be read", copy.display()).into())
    }

    /// Brings what single writes left for the background to an end, inside their measurement.
    fn settle(&mut self) -> Result<()> {
        Ok(())
    }

    /// Lets all background work come to rest.
    fn finish(&mut self) -> Result<()> {
        Ok(())
    }

    /// Fsyncs so far, where the subject counts them.
    fn fsyncs(&self) -> Option<u64> {
        None
    }

    /// Settings that matter, for the record.
    fn settings(&self) -> String;
}
