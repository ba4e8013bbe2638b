//! The findings as one file for a browser: bars on a logarithmic scale, the figures beside them, and
//! the document itself for programs. Nothing is loaded from anywhere.

use std::fmt::Write as _;

use serde_json::Value as Json;

const HEAD: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><title>vql bench</title><style>\
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color:#222;background:#fff}h2{margin:2rem 0 .5rem}p.about{color:#666;margin:.2rem 0}\
table{border-collapse:collapse;width:100%}td,th{padding:.15rem .6rem .15rem 0;text-align:left;\
vertical-align:middle}td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
th{font-weight:600;padding-top:.8rem}svg{display:block;width:100%;height:14px}\
.missed{color:#b00020;font-weight:600}@media(prefers-color-scheme:dark){body{color:#ddd;\
background:#181818}p.about{color:#999}.missed{color:#ff8a80}}</style>";

/// A color for each subject, ours first.
const COLORS: [&str; 8] =
    ["#1f6feb", "#8b949e", "#bf8700", "#1a7f37", "#a475f9", "#cf222e", "#0a7ea4", "#9a6700"];

/// The whole file.
pub(crate) fn page(document: &Json) -> String {
    let mut page = String::from(HEAD);
    page.push_str("<h1>vql bench</h1>");
    let about = |page: &mut String, name: &str, value: &Json| {
        let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let (name, shown) = (escaped(name), escaped(&shown));
        write!(page, "<p class=\"about\">{name}: {shown}</p>").expect("a String takes any text");
    };
    about(&mut page, "version", &document["version"]);
    for (name, value) in document["machine"].as_object().into_iter().flatten() {
        about(&mut page, name, value);
    }
    let names: Vec<&str> = list(&document["subjects"]).filter_map(|s| s["name"].as_str()).collect();
    for subject in list(&document["subjects"]) {
        about(&mut page, subject["name"].as_str().unwrap_or_default(), &subject["settings"]);
    }
    for run in list(&document["runs"]) {
        match run["size"].as_u64() {
            Some(size) => write!(page, "<h2>{size} items</h2>"),
            None => write!(page, "<h2>Statements</h2>"),
        }
        .expect("a String takes any text");
        chart(&mut page, &names, run);
        goals(&mut page, &run["goals"]);
    }
    if !list(&document["growth"]).collect::<Vec<_>>().is_empty() {
        page.push_str("<h2>Growth</h2>");
        goals(&mut page, &document["growth"]);
    }
    // A document may hold the statements of a user: what would end the element is written otherwise.
    let json = document.to_string().replace("</", "<\\/");
    writeln!(page, "<script type=\"application/json\" id=\"document\">{json}</script></html>")
        .expect("a String takes any text");
    page
}

fn list(value: &Json) -> impl Iterator<Item = &Json> {
    value.as_array().into_iter().flatten()
}

/// CPU time, or wall time of a server.
fn micros(document_cost: &Json, remote: bool) -> Option<f64> {
    document_cost[if remote { "wall_us" } else { "cpu_us" }].as_f64().filter(|us| *us > 0.0)
}

fn chart(page: &mut String, names: &[&str], run: &Json) {
    let all = list(&run["suites"]).flat_map(|line| {
        names.iter().filter_map(|name| micros(&line["costs"][*name], line["remote"][*name] == true))
    });
    let (low, high) = all.fold((f64::MAX, f64::MIN), |(low, high), us| (low.min(us), high.max(us)));
    let (low, span) = ((low / 2.0).ln(), ((high / low * 4.0).ln()).max(1.0));
    page.push_str("<table>");
    for line in list(&run["suites"]) {
        let text = |name: &str| escaped(line[name].as_str().unwrap_or_default());
        write!(
            page,
            "<tr><th colspan=\"4\" title=\"{}\">{}</th></tr>",
            text("operation"),
            text("name")
        )
        .expect("a String takes any text");
        for (index, name) in names.iter().enumerate() {
            let remote = line["remote"][*name] == true;
            let cost = &line["costs"][*name];
            let Some(us) = micros(cost, remote) else { continue };
            let width = ((us.ln() - low) / span * 100.0).clamp(0.5, 100.0);
            let color = COLORS[index % COLORS.len()];
            let clock = if remote { "wall" } else { "cpu" };
            let p99 = cost["wall_p99_us"].as_f64().unwrap_or(0.0);
            write!(
                page,
                "<tr><td>{}</td><td style=\"width:55%\"><svg viewBox=\"0 0 100 14\" \
                 preserveAspectRatio=\"none\"><rect width=\"{width:.2}\" height=\"14\" \
                 fill=\"{color}\"/></svg></td><td class=\"n\">{us:.1} us {clock}</td>\
                 <td class=\"n\">p99 {p99:.1} us</td></tr>",
                escaped(name)
            )
            .expect("a String takes any text");
        }
    }
    page.push_str("</table><p class=\"about\">Bars are on a logarithmic scale.</p>");
}

fn goals(page: &mut String, goals: &Json) {
    if list(goals).next().is_none() {
        return;
    }
    page.push_str("<table><tr><th>goal</th><th>is</th><th>bar</th><th></th></tr>");
    for goal in list(goals) {
        let met = goal["met"] == true;
        let (class, word) = if met { ("", "met") } else { ("missed", "missed") };
        let bound = if goal["at_least"] == true { "at least" } else { "at most" };
        let figure = |name: &str| goal[name].as_f64().unwrap_or(0.0);
        write!(
            page,
            "<tr><td>{}</td><td class=\"n\">{:.3}</td><td>{bound} {}</td>\
             <td class=\"{class}\">{word}</td></tr>",
            escaped(goal["name"].as_str().unwrap_or_default()),
            figure("value"),
            figure("bar")
        )
        .expect("a String takes any text");
    }
    page.push_str("</table>");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_user_wrote_cannot_become_markup() {
        let name = "1: SELECT '</script><b>'";
        let cost = json!({ "cpu_us": 3.0, "wall_p99_us": 4.0 });
        let page = page(&json!({
            "subjects": [{ "name": "vql", "settings": "<i>" }],
            "runs": [{ "suites": [{ "name": name, "operation": name, "costs": { "vql": cost } }] }],
        }));
        assert!(page.contains("&lt;/script&gt;&lt;b&gt;"), "{page}");
        assert!(!page.contains("<b>'") || page.matches("</script>").count() == 1, "{page}");
        assert_eq!(page.matches("</script>").count(), 1);
        assert!(page.contains("<rect"));
    }
}
