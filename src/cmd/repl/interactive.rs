//! The shell with a person in front of it: line editor, history, completion, start file. Only
//! entered when both standard input and standard output are terminals.

use std::io;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nu_ansi_term::{Color, Style};
use parking_lot::Mutex;
use reedline::{
    DefaultHinter, DescriptionMode, EditCommand, Emacs, IdeMenu, KeyCode, KeyModifiers,
    MenuBuilder as _, Reedline, ReedlineEvent, ReedlineMenu, Signal, default_emacs_keybindings,
};

use super::demo::Demo;
use super::edit::{Colors, Complete, Known, Words};
use super::history;
use super::prompt::Vql;
use super::run_script;
use super::shell::{Flow, Shell};
use crate::cmd::error::{CmdError, Result, plain};
use crate::cmd::exit::ExitStatus;

/// The menu of completions, by the name the editor knows it by.
const MENU: &str = "completions";

/// Reads and runs until the user leaves.
pub(super) fn run(shell: &mut Shell<'_>, demo: Option<&Demo>, no_init: bool) -> Result<ExitStatus> {
    greet(shell, demo)?;
    if !no_init {
        run_init_file(shell)?;
    }
    let typed = Arc::new(AtomicBool::new(false));
    let known = Arc::new(Mutex::new(Known::default()));
    let mut editor = editor(shell, &typed, &known);
    let mut leaving = false;
    loop {
        *known.lock() = shell.known();
        shell.interrupt.prompt();
        let prompt = Vql(shell.target.transaction());
        let signal = editor.read_line(&prompt).map_err(|error| {
            let cause = io::Error::other(error.to_string());
            CmdError::new(ExitStatus::Failed, format!("the terminal failed: {}", plain(&cause)))
        })?;
        let line = match signal {
            Signal::Success(line) => line,
            // What was typed is thrown away, and nothing else.
            Signal::CtrlC if typed.swap(false, Ordering::Relaxed) => {
                leaving = false;
                continue;
            }
            Signal::CtrlC if leaving => break,
            Signal::CtrlC => {
                shell.ui.note("press Ctrl-C again, or Ctrl-D, to leave");
                leaving = true;
                continue;
            }
            Signal::CtrlD => break,
            _ => continue,
        };
        leaving = false;
        typed.store(false, Ordering::Relaxed);
        editor.sync_history().ok();
        let text = line.replace("\\\n", "\n");
        if run_script(shell, "<shell>", text.as_bytes())? == Flow::Quit {
            break;
        }
    }
    // A shell that a person leaves has done its work, whatever failed on the way.
    Ok(ExitStatus::Ok)
}

fn greet(shell: &mut Shell<'_>, demo: Option<&Demo>) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let (path, state) = (shell.target.shown(), shell.target.greet()?);
    shell.ui.note(&format!("vql {version} on `{path}`{state}. \\help for help, \\quit to leave."));
    if demo.is_some() {
        shell.ui.note(&Demo::welcome());
    }
    Ok(())
}

/// Runs `~/.vqlrc` when there is one.
fn run_init_file(shell: &mut Shell<'_>) -> Result<()> {
    let Some(path) = shell.config.init_file() else { return Ok(()) };
    match std::fs::File::open(&path) {
        Ok(file) => {
            let name = path.display().to_string();
            run_script(shell, &name, io::BufReader::new(file))?;
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => {
            shell.ui.warn(&CmdError::file("read", &path, &error).message, None);
            Ok(())
        }
    }
}

fn editor(shell: &mut Shell<'_>, typed: &Arc<AtomicBool>, known: &Arc<Mutex<Known>>) -> Reedline {
    let color = shell.ui.color();
    let menu = IdeMenu::default()
        .with_name(MENU)
        .with_marker("> ")
        .with_max_completion_height(12)
        .with_description_mode(DescriptionMode::PreferRight);
    let gray = Style::new().italic().fg(Color::DarkGray);
    let hints = DefaultHinter::default().with_style(gray).with_min_chars(2);
    let colors = Colors { color, typed: Arc::clone(typed) };
    let mut editor = Reedline::create()
        .with_validator(Box::new(Complete))
        .with_completer(Box::new(Words { known: Arc::clone(known) }))
        .with_menu(ReedlineMenu::EngineCompleter(Box::new(menu)))
        .with_hinter(Box::new(hints))
        .with_highlighter(Box::new(colors))
        .with_ansi_colors(color)
        .with_edit_mode(Box::new(Emacs::new(keys())))
        .with_quick_completions(true)
        .use_bracketed_paste(true);
    if let Some(path) = shell.config.history() {
        match history::open(&path) {
            Ok(history) => editor = editor.with_history(Box::new(history)),
            Err(error) => {
                let message = format!("no history: `{}`: {}", path.display(), plain(&error));
                shell.ui.warn(&message, None);
            }
        }
    }
    if let Some(command) = &shell.config.env.editor {
        let mut words = command.split_whitespace();
        if let Some(program) = words.next() {
            let mut command = Command::new(program);
            command.args(words);
            let file = std::env::temp_dir().join(format!("vql-{}.vql", std::process::id()));
            editor = editor.with_buffer_editor(command, file);
        }
    }
    editor
}

fn keys() -> reedline::Keybindings {
    let mut keys = default_emacs_keybindings();
    let tab = ReedlineEvent::UntilFound(vec![
        ReedlineEvent::Menu(MENU.to_owned()),
        ReedlineEvent::MenuNext,
    ]);
    keys.add_binding(KeyModifiers::NONE, KeyCode::Tab, tab);
    keys.add_binding(KeyModifiers::SHIFT, KeyCode::BackTab, ReedlineEvent::MenuPrevious);
    let new_line = ReedlineEvent::Edit(vec![EditCommand::InsertNewline]);
    keys.add_binding(KeyModifiers::ALT, KeyCode::Enter, new_line);
    keys
}
