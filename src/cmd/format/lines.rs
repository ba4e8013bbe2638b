//! `jsonl`: one object a row and nothing else.

use std::io::{self, Write};

use super::json::object;
use super::{Answer, Form, Page, unique_names};

pub(super) struct Lines;

impl Form for Lines {
    fn write(&self, answer: &Answer<'_>, _: &Page, out: &mut dyn Write) -> io::Result<()> {
        let names = unique_names(answer.outcome);
        for row in &answer.outcome.rows {
            serde_json::to_writer(&mut *out, &object(&names, row))?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}
