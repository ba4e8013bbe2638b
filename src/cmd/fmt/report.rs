//! Findings as text, JSON lines, annotations of GitHub Actions, or SARIF.

use serde_json::{Value, json};

use crate::cmd::args::{FmtArgs, ReportFormat};
use crate::cmd::ui::Ui;
use crate::engine::base::span::{Places, Position};
use crate::engine::lang::diag::{RenderOptions, payload, render};
use crate::engine::lang::lint::{RULES, Rule};
use crate::engine::lang::{Diagnostic, Severity};

/// How findings are shown, the same for all files.
#[derive(Clone, Copy, Debug)]
pub(super) struct Report {
    pub(super) format: ReportFormat,
    /// To standard output, because findings are the result.
    pub(super) to_out: bool,
    pub(super) color_diff: bool,
    color: bool,
    width: usize,
}

impl Report {
    pub(super) fn new(args: &FmtArgs, format: ReportFormat, from_input: bool, ui: &Ui) -> Self {
        let text_on_out = from_input && !(args.check || args.diff) && (!args.lint || args.fix);
        let asked = args.lint || args.output_format.is_some_and(|f| f != ReportFormat::Text);
        let to_out = asked && !text_on_out;
        Self {
            format,
            to_out,
            color_diff: ui.color(),
            color: if to_out { ui.color() } else { ui.color_messages() },
            width: ui.size().map_or(120, |(columns, _)| columns),
        }
    }

    /// One finding, but in SARIF, where they come all in one at the end.
    pub(super) fn show(&self, name: &str, places: &Places<'_>, finding: &Diagnostic) -> String {
        match self.format {
            ReportFormat::Text => {
                let options = RenderOptions { name, color: self.color, width: self.width };
                render(places, finding, &options)
            }
            ReportFormat::Json => format!("{}\n", line(name, places, finding)),
            ReportFormat::Github => annotation(name, places, finding),
            ReportFormat::Sarif => String::new(),
        }
    }
}

/// One JSON object: the error shape of everywhere, with the file and the edit.
fn line(name: &str, places: &Places<'_>, finding: &Diagnostic) -> Value {
    let mut json = payload(places, finding);
    if let Some(error) = json.get_mut("error").and_then(Value::as_object_mut) {
        error.insert("file".into(), name.into());
        error.insert("severity".into(), finding.severity.name().into());
        if let Some(page) = page(finding) {
            error.insert("documentation".into(), page.into());
        }
        if let Some(fix) = &finding.fix {
            let at = |offset: u32| {
                let at = places.at(offset as usize);
                json!({"line": at.line, "column": at.column, "offset": at.offset})
            };
            let span = json!({"start": at(fix.span.start), "end": at(fix.span.end)});
            error.insert("fix".into(), json!({"span": span, "text": fix.text}));
        }
    }
    json
}

/// The page that explains a finding, from the root of the documentation.
fn page(finding: &Diagnostic) -> Option<String> {
    match finding.rule {
        Some(code) => RULES.iter().find(|rule| rule.code == code).map(Rule::page),
        None => Some("docs/reference/errors.md".to_owned()),
    }
}

/// `::warning file=..,line=..::message`
fn annotation(name: &str, places: &Places<'_>, finding: &Diagnostic) -> String {
    let level = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "notice",
    };
    let data = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    let property = |text: &str| data(text).replace(':', "%3A").replace(',', "%2C");
    let (start, end) =
        (places.at(finding.span.start as usize), places.at(finding.span.end as usize));
    let mut message = finding.message.clone();
    if let Some(hint) = &finding.hint {
        message.push_str("\nhelp: ");
        message.push_str(hint);
    }
    // Columns mean something to GitHub only where lines do not.
    let columns = if start.line == end.line {
        format!(",col={},endColumn={}", start.column, end.column)
    } else {
        String::new()
    };
    format!(
        "::{level} file={},line={},endLine={}{columns},title={}::{}\n",
        property(name),
        start.line,
        end.line,
        property(&format!("vql {}", finding.name())),
        data(&message)
    )
}

/// One result of SARIF.
pub(super) fn result(name: &str, places: &Places<'_>, finding: &Diagnostic) -> Value {
    let (start, end) =
        (places.at(finding.span.start as usize), places.at(finding.span.end as usize));
    let uri = name.replace('\\', "/").replace('%', "%25").replace(' ', "%20");
    let artifact = json!({"uri": uri});
    let region = |start: Position, end: Position| {
        json!({
            "startLine": start.line, "startColumn": start.column,
            "endLine": end.line, "endColumn": end.column,
        })
    };
    let hint = finding.hint.iter().fold(String::new(), |_, hint| format!(" ({hint})"));
    let mut result = json!({
        "ruleId": finding.name(),
        "level": level(finding.severity),
        "message": {"text": format!("{}{hint}", finding.message)},
        "locations": [{"physicalLocation": {
            "artifactLocation": artifact, "region": region(start, end),
        }}],
    });
    if let (Some(fix), Some(fields)) = (&finding.fix, result.as_object_mut()) {
        let (start, end) = (places.at(fix.span.start as usize), places.at(fix.span.end as usize));
        let replacement = json!({
            "deletedRegion": region(start, end), "insertedContent": {"text": fix.text},
        });
        let changes = json!([{"artifactLocation": artifact, "replacements": [replacement]}]);
        fields.insert("fixes".into(), json!([{"artifactChanges": changes}]));
    }
    result
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Hint => "note",
    }
}

/// The document around the results.
pub(super) fn sarif(results: &[Value]) -> String {
    let rules: Vec<Value> = RULES
        .iter()
        .map(|rule| {
            json!({
                "id": rule.code,
                "shortDescription": {"text": rule.message},
                "help": {"text": format!("{}. See {}", rule.advice, rule.page())},
                "defaultConfiguration": {"level": level(rule.severity)},
            })
        })
        .collect();
    let driver = json!({"name": "vql", "version": env!("CARGO_PKG_VERSION"), "rules": rules});
    let run = json!({
        "tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results,
    });
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    format!("{document:#}\n")
}
