//! The tree of a plan on a terminal: as wide as the page, in color where color is wanted.

use nu_ansi_term::{Color as Ink, Style};

use crate::cmd::format::cell;
use crate::engine::plan::explain::Explained;
use crate::engine::plan::explain::text::{Tone, lines};

/// The tree, ending with a line end.
pub fn tree(plan: &Explained, width: Option<usize>, color: bool) -> String {
    let mut text = String::new();
    for line in lines(plan, width) {
        let mut written = String::new();
        for (tone, piece) in line {
            let piece = cell::visible(&piece);
            match style(tone).filter(|_| color && !piece.trim().is_empty()) {
                Some(style) => written.push_str(&style.paint(piece.as_str()).to_string()),
                None => written.push_str(&piece),
            }
        }
        text.push_str(written.trim_end());
        text.push('\n');
    }
    text
}

fn style(tone: Tone) -> Option<Style> {
    match tone {
        Tone::Plain => None,
        Tone::Head => Some(Style::new().underline()),
        Tone::Faint => Some(Style::new().dimmed()),
        Tone::Operator => Some(Ink::Cyan.bold()),
        Tone::Figure => Some(Ink::Green.normal()),
        Tone::Alarm => Some(Ink::Red.bold()),
        Tone::Advice => Some(Ink::Yellow.bold()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::plan::explain::{Op, OpKind};

    fn plan() -> Explained {
        let source = Op::new(OpKind::Source, "all hexads").expecting_rows(7.0);
        Explained::new("SELECT", Op::new(OpKind::Limit, "limit 3").expecting_rows(3.0).over(source))
    }

    #[test]
    fn colors_change_nothing_but_colors() {
        let plain = tree(&plan(), None, false);
        let colored = tree(&plan(), None, true);
        assert!(!plain.contains('\u{1b}') && colored.contains("\u{1b}[1;36mlimit"));
        let mut bare = String::new();
        let mut rest = colored.as_str();
        while let Some((before, after)) = rest.split_once('\u{1b}') {
            bare.push_str(before);
            rest = after.split_once('m').unwrap().1;
        }
        bare.push_str(rest);
        assert_eq!(bare, plain);
    }
}
