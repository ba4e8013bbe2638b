//! The shell with a person in front of it, on a pseudo-terminal.

use crate::harness::Place;
use crate::screen::Screen;

fn shell(place: &Place) -> Screen {
    if !place.path("t.db").exists() {
        place.script("INSERT HEXAD 'first' WITH DOCUMENT(title = 'First', year = 1999)");
    }
    let mut screen = Screen::start(place, &["repl", "t.db"], 30, 100);
    screen.ready();
    screen
}

#[test]
fn a_statement_typed_is_answered_with_a_table_and_how_long_it_took() {
    let place = Place::new();
    let mut screen = shell(&place);
    screen.press("INSERT HEXAD 'a' WITH DOCUMENT(title = 'Tides');\r").see("1 hexad");
    screen.ready().press("SELECT id, DOCUMENT.title FROM hexads;\r").see("│ a     │ Tides");
    screen.see("(2 rows, ").ready();
    screen.press("\\quit\r");
    assert_eq!(screen.end(), 0);
}

#[test]
fn an_open_statement_waits_for_its_end() {
    let place = Place::new();
    let mut screen = shell(&place);
    screen.press("SHOW\r").see("...>").press("STATUS;\r").see("ms)");
    screen.ready().press("\\q\r");
    assert_eq!(screen.end(), 0);
}

#[test]
fn an_error_shows_the_place_and_the_shell_goes_on() {
    let place = Place::new();
    let mut screen = shell(&place);
    screen.press("SELECT GRAPH, VECTRO FROM HEXAD 'x';\r");
    screen.see("error[InvalidModality]: unknown modality `VECTRO`").see("<shell>:1:15");
    screen.see("did you mean `VECTOR`?").ready();
    screen.press("\\q\r");
    assert_eq!(screen.end(), 0);
}

#[test]
fn tab_completes_commands_and_keywords() {
    let place = Place::new();
    let mut screen = shell(&place);
    screen.press("\\conni\t").see("\\conninfo").press("\r").see("t.db").ready();
    screen.press("SEL\t").see("SELECT").press(" * FR\t").see("FROM");
    screen.press("\u{3}").ready().press("\\q\r");
    assert_eq!(screen.end(), 0);
}

#[test]
fn history_is_kept_across_sessions_and_searched() {
    let place = Place::new();
    let mut screen = shell(&place);
    screen.press("SHOW STATUS;\r").see("ms)").ready().press("\\q\r");
    assert_eq!(screen.end(), 0);
    let mut screen = shell(&place);
    screen.press("\u{12}STAT").see("SHOW STATUS;").press("\r\r").see("ms)").ready();
    screen.press("\\history\r").see("SHOW STATUS;").ready().press("\\q\r");
    assert_eq!(screen.end(), 0);
}

#[test]
fn ctrl_d_leaves_and_so_does_a_second_ctrl_c() {
    let place = Place::new();
    let mut screen = shell(&place);
    screen.press("\u{4}");
    assert_eq!(screen.end(), 0);
    let mut screen = shell(&place);
    screen.press("SELECT oops").see("oops").press("\u{3}").ready();
    screen.press("\u{3}").see("again").press("\u{3}");
    assert_eq!(screen.end(), 0);
}

#[test]
fn ctrl_c_throws_away_a_line_called_back_from_the_history() {
    let place = Place::new();
    let mut screen = shell(&place);
    screen.press("SHOW STATUS;\r").see("ms)").ready();
    for _ in 0..2 {
        screen.press("\u{1b}[A").prompt("vql> SHOW STATUS;").press("\u{3}").ready();
    }
    screen.press("\\echo still here\r").see("still here").ready().press("\\q\r");
    let raw = screen.raw();
    assert!(!raw.contains("again"), "{raw:?}");
    assert_eq!(screen.end(), 0);
}

#[test]
fn pasted_lines_arrive_as_they_are() {
    let place = Place::new();
    let mut screen = shell(&place);
    screen.paste("INSERT HEXAD 'b' WITH\nDOCUMENT(title = '日本語 😀');");
    screen.see("日本語").press("\r").see("1 hexad").ready();
    screen.press("SELECT id, DOCUMENT.title FROM hexads;\r").see("│ b     │ 日本語 😀").ready();
    screen.press("\\q\r");
    assert_eq!(screen.end(), 0);
}

#[test]
fn the_start_file_runs_and_may_change_the_form() {
    let place = Place::new();
    place.write("home/.vqlrc", "\\format json\n\\set topic rivers\n");
    let mut screen = shell(&place);
    screen.press("\\set\r").see("\"$topic\"").ready().press("\\q\r");
    assert_eq!(screen.end(), 0);
}

#[test]
fn without_color_no_color_is_written() {
    let place = Place::new();
    let mut screen = Screen::start_with(&place, &["repl", "t.db"], &[("NO_COLOR", "1")], 30, 100);
    screen.ready().press("SELECT VECTRO FROM HEXAD 'x';\r").see("error[").ready().press("\\q\r");
    let raw = screen.raw();
    assert!(!raw.contains("\u{1b}[3") && !raw.contains("\u{1b}[1m"), "{raw:?}");
    assert_eq!(screen.end(), 0);
}

#[test]
fn ctrl_c_stops_what_runs_and_not_the_shell() {
    let place = Place::new();
    let mut screen = shell(&place);
    screen.press("COUNT HEXADS;\r").see("(1 row, ").ready();
    screen.press("\\watch 600\r").see("\\watch 600\n╭").press("\u{3}").ready();
    screen.press("\\echo still here\r").see("still here\nvql>").press("\\q\r");
    assert_eq!(screen.end(), 0);
}

#[test]
fn tab_knows_the_names_of_the_database() {
    let place = Place::new();
    let mut screen = shell(&place);
    screen.press("SELECT DOCUMENT.ye\t").see("DOCUMENT.year").press("\u{3}").ready();
    screen.press("DESCRIBE HEXAD fir\t").see("HEXAD first").press("\u{3}").ready();
    screen.press("\\q\r");
    assert_eq!(screen.end(), 0);
}

#[test]
fn long_answers_go_through_the_pager() {
    let place = Place::new();
    let rows = (0..60).map(|n| format!("('note {n}', {n})")).collect::<Vec<_>>().join(", ");
    place.script(&format!("INSERT INTO hexads (title, n) VALUES {rows}"));
    place.write("pager", "#!/bin/sh\nwc -l\necho paged\n");
    let chmod =
        std::process::Command::new("/bin/chmod").arg("+x").arg(place.path("pager")).status();
    assert!(chmod.unwrap().success());
    let pager = place.path("pager").display().to_string();
    let env = [("PAGER", pager.as_str())];
    let mut screen = Screen::start_with(&place, &["repl", "t.db"], &env, 30, 100);
    screen.ready().press("SELECT DOCUMENT.title FROM hexads;\r").see("paged").see("(60 rows");
    screen.ready().press("COUNT HEXADS;\r").see("(1 row, ").ready().press("\\q\r");
    assert_eq!(screen.end(), 0);
}
