//! The forms in which an answer is printed: one trait, one file each. Nothing here decides where
//! the text goes or whether there is a terminal; that comes in with the [`Page`].

use std::io::{self, Write};
use std::time::Duration;

use super::args::Format;
use crate::engine::base::Value;
use crate::engine::outcome::Outcome;

pub mod cell;
mod expanded;
mod json;
mod lines;
mod markdown;
mod separated;
mod table;

pub use self::json::failure;

/// The answer to one statement, ready to be printed.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    /// What the engine said.
    pub outcome: &'a Outcome,
    /// How long it took.
    pub elapsed: Duration,
    /// Columns that are null in every row may be left out where a person reads: nobody named them.
    pub hide_empty: bool,
}

/// What the answer is printed on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Page {
    /// Columns of the terminal; `None` for a file or pipe, where nothing is cut or shortened.
    pub width: Option<usize>,
    /// Whether color may be used.
    pub color: bool,
}

/// One form.
pub trait Form {
    /// Writes the whole answer, ending with a line end when there is anything to say.
    fn write(&self, answer: &Answer<'_>, page: &Page, out: &mut dyn Write) -> io::Result<()>;
}

/// The form with this name.
pub fn form(format: Format) -> &'static dyn Form {
    match format {
        Format::Table => &table::Table,
        Format::Expanded => &expanded::Expanded,
        Format::Json => &json::Json,
        Format::Jsonl => &lines::Lines,
        Format::Csv => &separated::Separated::CSV,
        Format::Tsv => &separated::Separated::TSV,
        Format::Markdown => &markdown::Markdown,
    }
}

/// The column names, each one once.
pub fn unique_names(outcome: &Outcome) -> Vec<String> {
    outcome.unique_names()
}

/// The positions of the columns a person sees.
fn shown(answer: &Answer<'_>) -> Vec<usize> {
    let outcome = answer.outcome;
    let all = 0..outcome.columns.len();
    if !answer.hide_empty || outcome.rows.is_empty() {
        return all.collect();
    }
    let empty = |c: usize| outcome.rows.iter().all(|row| row.get(c).is_none_or(Value::is_null));
    all.filter(|c| !empty(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::outcome::Column;

    pub(super) fn outcome(names: &[&str], rows: Vec<Vec<Value>>) -> Outcome {
        let columns = names.iter().map(|name| Column { name: (*name).to_owned() }).collect();
        Outcome { tag: "SELECT", columns, rows, ..Outcome::default() }
    }

    pub(super) fn printed(format: Format, outcome: &Outcome, page: &Page) -> String {
        let answer = Answer { outcome, elapsed: Duration::from_micros(1500), hide_empty: false };
        let mut out = Vec::new();
        form(format).write(&answer, page, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn sample() -> Outcome {
        let row = |id: &str, title: Value, n: i64| vec![Value::from(id), title, Value::Int(n)];
        outcome(
            &["id", "title", "n"],
            vec![row("a", "River, \"wide\"\nand slow".into(), 1), row("b", Value::Null, -20)],
        )
    }

    #[test]
    fn a_second_column_of_a_name_gets_a_number() {
        let names = unique_names(&outcome(&["x", "x", "x_2", "x"], vec![]));
        assert_eq!(names, ["x", "x_3", "x_2", "x_4"]);
    }

    #[test]
    fn json_is_one_line() {
        insta::assert_snapshot!(printed(Format::Json, &sample(), &Page::default()), @r#"{"columns":["id","title","n"],"rows":[{"id":"a","title":"River, \"wide\"\nand slow","n":1},{"id":"b","title":null,"n":-20}],"row_count":2,"elapsed_ms":1.5}"#);
    }

    #[test]
    fn json_lines_are_rows() {
        insta::assert_snapshot!(printed(Format::Jsonl, &sample(), &Page::default()), @r#"
        {"id":"a","title":"River, \"wide\"\nand slow","n":1}
        {"id":"b","title":null,"n":-20}
        "#);
    }

    #[test]
    fn csv_quotes_what_must_be_quoted() {
        let text = printed(Format::Csv, &sample(), &Page::default());
        assert_eq!(text, "id,title,n\r\na,\"River, \"\"wide\"\"\nand slow\",1\r\nb,,-20\r\n");
    }

    #[test]
    fn tsv_keeps_one_row_on_one_line() {
        let text = printed(Format::Tsv, &sample(), &Page::default());
        assert_eq!(text, "id\ttitle\tn\na\tRiver, \"wide\"\\nand slow\t1\nb\t\t-20\n");
    }

    #[test]
    fn tables_are_drawn() {
        insta::assert_snapshot!(printed(Format::Table, &sample(), &Page::default()), @r#"
        ╭────┬─────────────────────────┬─────╮
        │ id │ title                   │   n │
        ├────┼─────────────────────────┼─────┤
        │ a  │ River, "wide"\nand slow │   1 │
        │ b  │                         │ -20 │
        ╰────┴─────────────────────────┴─────╯
        "#);
        insta::assert_snapshot!(printed(Format::Markdown, &sample(), &Page::default()), @r#"
        | id | title                     | n   |
        |----|---------------------------|-----|
        | a  | River, "wide"<br>and slow | 1   |
        | b  |                           | -20 |
        "#);
    }

    #[test]
    fn a_table_without_rows_is_closed() {
        let text = printed(Format::Table, &outcome(&["id", "n"], vec![]), &Page::default());
        assert_eq!(text, "╭────┬───╮\n│ id │ n │\n╰────┴───╯\n");
    }

    #[test]
    fn a_table_fits_its_page_and_turns_when_it_cannot() {
        let wide = "w".repeat(200);
        let row = vec![Value::from("a"), wide.as_str().into(), Value::from("日本語日本語")];
        let rows = vec![row; 4];
        let small = outcome(&["id", "body", "name"], rows);
        let text = printed(Format::Table, &small, &Page { width: Some(40), color: false });
        for line in text.lines() {
            assert_eq!(unicode_width::UnicodeWidthStr::width(line), 40, "{text}");
        }
        let names: Vec<String> = (0..12).map(|n| format!("column_{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let many = outcome(&names, vec![vec![wide.as_str().into(); 12]]);
        let text = printed(Format::Table, &many, &Page { width: Some(80), color: false });
        assert!(text.starts_with("── 1 ─"), "{text}");
    }

    #[test]
    fn columns_nobody_named_and_nothing_fills_are_left_out() {
        let rows = vec![vec![Value::from("a"), Value::Null]];
        let outcome = outcome(&["id", "spatial"], rows);
        let answer = Answer { outcome: &outcome, elapsed: Duration::ZERO, hide_empty: true };
        let mut out = Vec::new();
        form(Format::Table).write(&answer, &Page::default(), &mut out).unwrap();
        assert!(!String::from_utf8(out).unwrap().contains("spatial"));
    }
}
