//! A conversation with the running program: a statement, its answer, the next one.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value as Json;

/// A program that waits for statements.
pub(crate) struct Talk {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// An answer: rows, or the kind of the error and its message.
pub(crate) type Answer = Result<Json, (String, String)>;

impl Talk {
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(|e| e.to_string())?;
        let input = process.stdin.take().expect("it was asked for");
        let output = BufReader::new(process.stdout.take().expect("it was asked for"));
        Ok(Self { process, input, output })
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Asks and waits. The outer error: the program is gone.
    pub(crate) fn ask(&mut self, statement: &str) -> Result<Answer, String> {
        let gone =
            |what: &str| format!("{what} after `{}`", statement.get(..60).unwrap_or(statement));
        self.input
            .write_all(format!("{statement};\n").as_bytes())
            .and_then(|()| self.input.flush())
            .map_err(|_| gone("the program is gone"))?;
        let mut line = String::new();
        let read = self.output.read_line(&mut line).map_err(|e| e.to_string())?;
        if read == 0 {
            let status = self.process.wait().map_err(|e| e.to_string())?;
            return Err(gone(&format!("the program ended ({status})")));
        }
        let json: Json = serde_json::from_str(&line).map_err(|e| format!("{line}: {e}"))?;
        let error = &json["error"];
        if error.is_null() {
            return Ok(Ok(json));
        }
        let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
        Ok(Err((text("kind"), text("message"))))
    }

    pub(crate) fn kill(mut self) -> Result<(), String> {
        self.process.kill().map_err(|e| e.to_string())?;
        self.process.wait().map(drop).map_err(|e| e.to_string())
    }

    /// Closes the input and waits for the end.
    pub(crate) fn end(mut self) -> Result<Option<i32>, String> {
        drop(self.input);
        self.process.wait().map(|status| status.code()).map_err(|e| e.to_string())
    }
}
