//! A picture of a plan: one page with everything in it, light or dark as its reader prefers. It loads
//! nothing and runs nothing.

use std::fmt::Write as _;

use crate::cmd::format::cell;
use crate::engine::base::Modality;
use crate::engine::plan::explain::json::modality;
use crate::engine::plan::explain::text::{FAR, bytes, duration, rounded};
use crate::engine::plan::explain::{Expected, Explained, Op};

/// Pixels of a box and between two of them.
const WIDE: f64 = 380.0;
const ACROSS: f64 = 28.0;
const DOWN: f64 = 42.0;
/// Letters of a line in a box, lines of a label, pixels of a line.
const LETTERS: usize = 50;
const LINES: usize = 3;
const LINE: f64 = 17.0;

/// The page.
pub(super) fn page(plan: &Explained, statement: &str) -> String {
    let mut page = String::new();
    page.push_str("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.push_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    let title = if plan.run.is_some() { "Plan, measured" } else { "Plan" };
    let _ = writeln!(page, "<title>{title}: {}</title>", escaped(plan.statement));
    let _ = writeln!(page, "<style>{STYLE}</style>\n</head>\n<body>\n<main>");
    let _ =
        writeln!(page, "<h1>{title}</h1>\n<pre class=\"statement\">{}</pre>", escaped(statement));
    page.push_str(&summary(plan));
    page.push_str(&picture(plan));
    page.push_str(&said(plan));
    let json = escaped(&cell::exact(&plan.to_value()));
    let _ =
        writeln!(page, "<details><summary>The plan as JSON</summary><pre>{json}</pre></details>");
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // No page may hold them.
            c if c.is_control() && c != '\n' && c != '\t' => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

fn hue(of: Option<Modality>) -> &'static str {
    match of {
        None => "m0",
        Some(Modality::Graph) => "m1",
        Some(Modality::Vector) => "m2",
        Some(Modality::Tensor) => "m3",
        Some(Modality::Semantic) => "m4",
        Some(Modality::Document) => "m5",
        Some(Modality::Temporal) => "m6",
        Some(Modality::Provenance) => "m7",
        Some(Modality::Spatial) => "m8",
    }
}

/// Figures of the whole: what it took, and the share of each modality in the expected cost.
fn summary(plan: &Explained) -> String {
    let mut text = String::from("<dl class=\"figures\">\n");
    let mut figure = |name: &str, value: &str| {
        let _ = writeln!(text, "<div><dt>{name}</dt><dd>{}</dd></div>", escaped(value));
    };
    let shares = plan.by_modality();
    let whole: f64 = shares.iter().map(|(_, micros)| micros).sum();
    if let Some(rows) = plan.root.rows() {
        figure("rows expected", &rounded(rows));
    }
    if whole > 0.0 {
        figure("cost expected", &duration(whole));
    }
    if let Some(run) = &plan.run {
        figure("rows", &run.rows.to_string());
        figure("time", &duration(run.micros as f64));
        figure("of it planning", &duration(run.planning as f64));
        figure("records read", &format!("{} ({})", run.records, bytes(run.bytes)));
        figure("pages fetched", &run.pages.to_string());
        figure("memory held", &bytes(run.memory));
    }
    text.push_str("</dl>\n");
    if whole > 0.0 {
        text.push_str("<div class=\"shares\" role=\"img\" aria-label=\"share of each modality in the expected cost\">");
        for (of, micros) in &shares {
            let _ = write!(
                text,
                "<span class=\"{}\" style=\"flex-grow:{:.4}\"></span>",
                hue(*of),
                micros / whole
            );
        }
        text.push_str("</div>\n<ul class=\"legend\">");
        for (of, micros) in &shares {
            let _ = write!(
                text,
                "<li><i class=\"{}\"></i>{} {:.0} %</li>",
                hue(*of),
                modality(*of),
                micros / whole * 100.0
            );
        }
        text.push_str("</ul>\n");
    }
    text
}

/// Hints, notes, and the ways that were not taken.
fn said(plan: &Explained) -> String {
    let mut text = String::new();
    for hint in &plan.hints {
        let _ = writeln!(
            text,
            "<p class=\"hint\"><b>{}</b> {}</p>",
            escaped(&hint.message),
            escaped(&hint.advice)
        );
    }
    for note in &plan.notes {
        let _ = writeln!(text, "<p class=\"note\">{}</p>", escaped(note));
    }
    let mut others = String::new();
    plan.root.each(&mut |op, _| {
        for other in &op.alternatives {
            let expected = other.expected.as_ref();
            let _ = writeln!(
                others,
                "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(&other.label),
                expected.map_or(String::new(), |e| rounded(e.rows)),
                expected.and_then(Expected::cost).map_or(String::new(), duration),
                escaped(&other.reason)
            );
        }
    });
    if !others.is_empty() {
        text.push_str("<h2>Ways that were not taken</h2>\n<table><thead><tr><th>way</th><th>rows</th><th>cost</th><th>why not</th></tr></thead><tbody>\n");
        text.push_str(&others);
        text.push_str("</tbody></table>\n");
    }
    text
}

/// A box of the picture.
struct Place<'p> {
    op: &'p Op,
    x: f64,
    y: f64,
    high: f64,
    lines: Vec<String>,
    above: Option<usize>,
}

/// Sets the boxes: an operator above what it reads from.
fn set<'p>(
    op: &'p Op,
    left: f64,
    y: f64,
    above: Option<usize>,
    places: &mut Vec<Place<'p>>,
) -> f64 {
    let lines = wrapped(&op.label);
    let figures = figures(op).len() as f64;
    let high = 34.0 + (lines.len() as f64 + figures) * LINE;
    let own = places.len();
    places.push(Place { op, x: 0.0, y, high, lines, above });
    let mut at = left;
    for input in &op.inputs {
        at = set(input, at, y + high + DOWN, Some(own), places) + ACROSS;
    }
    let right = (at - ACROSS).max(left + WIDE);
    places[own].x = f64::midpoint(left, right) - WIDE / 2.0;
    right
}

/// A label in lines that fit a box, at blanks where there are any.
fn wrapped(label: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in label.split_whitespace() {
        let line = lines.last_mut().expect("there is always one");
        let room = LETTERS.saturating_sub(line.chars().count());
        if !line.is_empty() && word.chars().count() + 1 > room {
            lines.push(String::new());
        }
        let line = lines.last_mut().expect("there is always one");
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().take(LETTERS));
        if word.chars().count() > LETTERS {
            line.push('…');
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    lines
}

/// The lines of figures in a box.
fn figures(op: &Op) -> Vec<String> {
    let mut lines = vec![];
    if let Some(expected) = &op.expected {
        let cost = expected.cost().map_or(String::new(), |cost| format!(", {}", duration(cost)));
        let origin = expected.origin.as_deref().map_or(String::new(), |o| format!(" ({o})"));
        lines.push(format!("expected {} rows{cost}{origin}", rounded(expected.rows)));
    }
    if let Some(actual) = &op.actual {
        let time = actual.micros.map_or(String::new(), |us| format!(", {}", duration(us as f64)));
        let read = match actual.records {
            0 => String::new(),
            records => format!(", read {records}"),
        };
        lines.push(format!("really {} rows{time}{read}", actual.rows));
    }
    lines
}

fn picture(plan: &Explained) -> String {
    let mut places = vec![];
    let wide = set(&plan.root, 0.0, 0.0, None, &mut places).max(WIDE);
    let high = places.iter().map(|p| p.y + p.high).fold(0.0, f64::max);
    let worst = plan.worst().filter(|worst| worst.factor >= FAR).map(|worst| worst.op);
    let spent = |op: &Op| match (&plan.run, &op.actual) {
        (Some(_), Some(done)) => done.micros.unwrap_or(0) as f64,
        (Some(_), None) => 0.0,
        (None, _) => op.expected.as_ref().and_then(Expected::cost).unwrap_or(0.0),
    };
    let whole: f64 = places.iter().map(|place| spent(place.op)).sum();
    let mut svg = format!(
        "<div class=\"picture\"><svg viewBox=\"-12 -12 {:.0} {:.0}\" width=\"{:.0}\" role=\"img\" aria-label=\"the operators of the plan\">\n",
        wide + 24.0,
        high + 24.0,
        wide + 24.0
    );
    for place in &places {
        let Some(above) = place.above.and_then(|at| places.get(at)) else { continue };
        let (from, to) = (place.x + WIDE / 2.0, above.x + WIDE / 2.0);
        let (top, bottom) = (above.y + above.high, place.y);
        let middle = f64::midpoint(top, bottom);
        let rows = place.op.actual.map_or(place.op.rows().unwrap_or(0.0), |done| done.rows as f64);
        let thick = (1.5 + (rows + 1.0).log10() * 1.6).min(12.0);
        let _ = writeln!(
            svg,
            "<path class=\"edge\" style=\"stroke-width:{thick:.1}\" d=\"M{from:.1} {bottom:.1} C{from:.1} {middle:.1} {to:.1} {middle:.1} {to:.1} {top:.1}\"/>"
        );
        let _ = writeln!(
            svg,
            "<text class=\"flow\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            from + 12.0,
            middle + 9.0,
            rounded(rows)
        );
    }
    for place in &places {
        let share = if whole > 0.0 { spent(place.op) / whole } else { 0.0 };
        svg.push_str(&drawn(place, share, worst == Some(place.op.id)));
    }
    svg.push_str("</svg></div>\n");
    svg
}

fn drawn(place: &Place<'_>, share: f64, worst: bool) -> String {
    let op = place.op;
    let mut svg = format!(
        "<g class=\"op{}\" transform=\"translate({:.1} {:.1})\"><title>{}</title>",
        if worst { " worst" } else { "" },
        place.x,
        place.y,
        escaped(&tip(op))
    );
    let _ =
        write!(svg, "<rect class=\"box\" width=\"{WIDE}\" height=\"{:.1}\" rx=\"8\"/>", place.high);
    let _ = write!(
        svg,
        "<rect class=\"{}\" width=\"6\" height=\"{:.1}\" rx=\"3\"/>",
        hue(op.modality),
        place.high
    );
    let mut y = 20.0;
    let of = op.modality.map_or(String::new(), |modality| format!(" · {modality}"));
    let _ = write!(svg, "<text class=\"kind\" x=\"18\" y=\"{y}\">{}{of}</text>", op.kind.name());
    if share >= 0.005 {
        let _ = write!(
            svg,
            "<text class=\"share\" x=\"{}\" y=\"{y}\">{:.0} %</text>",
            WIDE - 12.0,
            share * 100.0
        );
        let _ = write!(
            svg,
            "<rect class=\"bar\" x=\"6\" y=\"{:.1}\" width=\"{:.1}\" height=\"3\"/>",
            place.high - 3.0,
            (WIDE - 6.0) * share
        );
    }
    for (class, lines) in [("label", &place.lines), ("figure", &figures(op))] {
        for line in lines {
            y += LINE;
            let _ =
                write!(svg, "<text class=\"{class}\" x=\"18\" y=\"{y}\">{}</text>", escaped(line));
        }
    }
    svg.push_str("</g>\n");
    svg
}

/// What is said of an operator when one points at it.
fn tip(op: &Op) -> String {
    let mut tip = op.label.clone();
    if let Some(reason) = &op.reason {
        let _ = write!(tip, "\nbecause {reason}");
    }
    if let Some(exact) = op.exact {
        tip.push_str(if exact { "\nno row is asked again" } else { "\nrows are asked again" });
    }
    tip
}

const STYLE: &str = "
:root{color-scheme:light dark;--page:#f6f7f9;--card:#fff;--ink:#1c2330;--soft:#5b6577;--line:#c4ccd8;--alarm:#c62828;--hint:#fff4d6;--hintink:#6b4e00}
@media (prefers-color-scheme:dark){:root{--page:#12161d;--card:#1b212b;--ink:#e5eaf2;--soft:#94a0b4;--line:#3a4454;--alarm:#ff7b72;--hint:#3a2f10;--hintink:#f2d48a}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{max-width:1080px;margin:0 auto;padding:24px 20px 48px}
h1{font-size:22px;margin:0 0 12px}h2{font-size:17px;margin:28px 0 8px}
pre{margin:0;padding:12px 14px;background:var(--card);border:1px solid var(--line);border-radius:8px;font:13px/1.5 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
.figures{display:flex;flex-wrap:wrap;gap:10px;margin:16px 0}
.figures div{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:8px 14px}
dt{color:var(--soft);font-size:12px}dd{margin:0;font-weight:600;font-variant-numeric:tabular-nums}
.shares{display:flex;height:12px;border-radius:6px;overflow:hidden;gap:2px}
.shares span{min-width:2px;background:currentColor}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;list-style:none;padding:0;margin:8px 0 20px;color:var(--soft);font-size:13px}
.legend i{display:inline-block;width:10px;height:10px;border-radius:3px;margin-right:6px;background:currentColor}
.m0{color:#8a94a6;fill:#8a94a6}.m1{color:#7c5cff;fill:#7c5cff}.m2{color:#1f9d8a;fill:#1f9d8a}.m3{color:#b0579b;fill:#b0579b}.m4{color:#3d7eff;fill:#3d7eff}.m5{color:#e0853a;fill:#e0853a}.m6{color:#b8a125;fill:#b8a125}.m7{color:#6d8b3c;fill:#6d8b3c}.m8{color:#d2566a;fill:#d2566a}
.picture{overflow-x:auto;padding:4px 0}
.picture svg{display:block;max-width:none;margin:0 auto;font-family:system-ui,sans-serif}
.box{fill:var(--card);stroke:var(--line)}
.worst .box{stroke:var(--alarm);stroke-width:2}
.worst .figure{fill:var(--alarm);font-weight:600}
.edge{fill:none;stroke:var(--line);stroke-linecap:round}
.flow{fill:var(--soft);font-size:12px}
.kind{fill:var(--soft);font-size:12px}
.label{fill:var(--ink);font-size:14px}
.figure{fill:var(--soft);font-size:12.5px}
.share{fill:var(--soft);font-size:12px;text-anchor:end}
.bar{fill:var(--alarm);opacity:.55}
.hint{background:var(--hint);color:var(--hintink);border-radius:8px;padding:10px 14px;margin:10px 0}
.note{color:var(--soft);margin:10px 0}
table{border-collapse:collapse;width:100%;background:var(--card);border:1px solid var(--line);border-radius:8px;font-size:14px}
th,td{text-align:left;padding:7px 12px;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600;font-size:12px}tbody tr:last-child td{border-bottom:0}
td:nth-child(2),td:nth-child(3){white-space:nowrap;font-variant-numeric:tabular-nums}
details{margin-top:24px}summary{cursor:pointer;color:var(--soft);margin-bottom:8px}
";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::plan::explain::OpKind;

    fn plan(label: &str) -> Explained {
        let side = |n: f64| Op::new(OpKind::Source, "all hexads").expecting_rows(n);
        let index = Op::new(OpKind::Index, label)
            .within(Some(Modality::Document))
            .expecting(Expected {
                rows: 3.0,
                micros: vec![(Some(Modality::Document), 5.0)],
                origin: None,
            })
            .over(side(10.0));
        Explained::new("SELECT", Op::new(OpKind::Set, "union").over(index).over(side(1000.0)))
    }

    #[test]
    fn nothing_of_a_statement_becomes_a_part_of_the_page() {
        let hostile = "<script>alert('x')</script>\"&\u{0}";
        let page = page(&plan(hostile), hostile);
        assert!(!page.contains("<script") && !page.contains('\u{0}'));
        assert!(page.contains("&lt;script&gt;"));
    }

    #[test]
    fn the_page_loads_nothing() {
        let page = page(&plan("text index"), "SELECT id FROM hexads");
        for outside in ["http:", "https:", "src=", "href=", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
    }

    #[test]
    fn boxes_do_not_lie_over_each_other() {
        let plan = plan(&"a long label of many words ".repeat(20));
        let mut places = vec![];
        set(&plan.root, 0.0, 0.0, None, &mut places);
        for (n, a) in places.iter().enumerate() {
            assert!(a.lines.len() <= LINES);
            for b in &places[n + 1..] {
                let apart = a.x + WIDE <= b.x
                    || b.x + WIDE <= a.x
                    || a.y + a.high <= b.y
                    || b.y + b.high <= a.y;
                assert!(apart, "{} {}", a.op.label, b.op.label);
            }
        }
    }
}
