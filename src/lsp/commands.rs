//! `workspace/executeCommand`: statements run and explained on the database that is looked at.
//!
//! Where a statement stands is said by one object: `{uri, position}`, `{uri, range}`, or `{text}`
//! for a statement that is in no document.

use serde::Deserialize;
use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types as lsp;

use super::backend::{Backend, failed, work};
use super::features::hover;
use super::live::Stop;
use super::session::View;
use super::settings::Settings;
use crate::engine::base;

/// Runs a statement and gives what it answers.
pub(super) const RUN: &str = "vql.server.run";
/// Shows the plan of a statement.
pub(super) const EXPLAIN: &str = "vql.server.explain";
/// Looks at another database, or again at the same one; at none for an empty name.
pub(super) const CONNECT: &str = "vql.server.connect";

/// Says what a rule of the linter is about.
pub(super) const RULE: &str = "vql.server.rule";

/// All of them. They are not called `vql.run`: that is what an editor's own commands are called.
pub(super) const ALL: &[&str] = &[RUN, EXPLAIN, CONNECT, RULE];

/// Where a statement stands.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    uri: Option<lsp::Uri>,
    position: Option<lsp::Position>,
    range: Option<lsp::Range>,
    text: Option<String>,
}

/// Which rule.
#[derive(Debug, Deserialize)]
struct Rule {
    rule: String,
}

/// Which database.
#[derive(Debug, Deserialize)]
struct Target {
    database: Option<String>,
}

impl Backend {
    /// Does what a command says.
    pub(super) async fn execute(&self, params: lsp::ExecuteCommandParams) -> Result<lsp::LSPAny> {
        let argument = params.arguments.into_iter().next();
        match params.command.as_str() {
            CONNECT => self.connect(argument).await,
            RULE => self.explain_rule(argument).await,
            name @ (RUN | EXPLAIN) => {
                let statement = self.statement(argument)?;
                let token = params.work_done_progress_params.work_done_token;
                let run = name == RUN;
                let title = if run { "Run" } else { "Explain" };
                let progress = match token {
                    Some(token) => Some(self.client.progress(token, title).begin().await),
                    None => None,
                };
                let answer = self.ask(statement, run).await;
                if let Some(progress) = progress {
                    progress.finish().await;
                }
                answer
            }
            other => Err(Error::invalid_params(format!("there is no command `{other}`"))),
        }
    }

    async fn explain_rule(&self, argument: Option<lsp::LSPAny>) -> Result<lsp::LSPAny> {
        let name: Rule = read(argument.unwrap_or_default(), "expected `{rule}`")?;
        let text = hover::rule(&name.rule)
            .ok_or_else(|| Error::invalid_params(format!("there is no rule `{}`", name.rule)))?;
        self.client.show_message(lsp::MessageType::INFO, &text).await;
        Ok(json!({ "text": text }))
    }

    async fn connect(&self, argument: Option<lsp::LSPAny>) -> Result<lsp::LSPAny> {
        let target: Option<Target> = argument.map(|any| read(any, CONNECT)).transpose()?;
        if let Some(database) = target.and_then(|target| target.database) {
            self.session.set(Settings { database: Some(database), ..Settings::default() });
        }
        let name = self.look_around().await?;
        Ok(json!({ "database": name }))
    }

    /// Runs or explains one statement.
    async fn ask(&self, statement: String, run: bool) -> Result<lsp::LSPAny> {
        let catalogue = self.session.catalogue();
        let Some(live) = catalogue.live().cloned() else {
            let error = base::Error::new(base::Kind::StoreUnavailable, "no database is connected");
            return Err(failed(
                &error.hint("set `vql.database`, or start `vql lsp --database DIR`"),
            ));
        };
        let answer = work(move |stop: &Stop| {
            if run {
                return live.run(&statement, stop, None);
            }
            live.run(&format!("EXPLAIN {statement}"), stop, None)
        });
        let answer = answer.await?.map_err(|error| failed(&error))?;
        Ok(json!({ "answer": answer.json, "text": answer.text, "notices": answer.notices }))
    }

    /// The statement an argument speaks of.
    fn statement(&self, argument: Option<lsp::LSPAny>) -> Result<String> {
        let wanted = "expected `{uri, position}`, `{uri, range}` or `{text}`";
        let argument = argument.ok_or_else(|| Error::invalid_params(wanted))?;
        let place: Place = read(argument, wanted)?;
        if let Some(text) = place.text {
            return Ok(text);
        }
        let view = place.uri.and_then(|uri| self.session.view(&uri));
        let view = view.ok_or_else(|| Error::invalid_params("the document is not open"))?;
        let found = match (place.range, place.position) {
            (Some(range), _) if range.start != range.end => {
                let bytes = view.span(range).range();
                view.document.text.as_str().get(bytes).map(str::to_owned)
            }
            (Some(range), _) => statement_at(&view, range.start),
            (None, Some(position)) => statement_at(&view, position),
            (None, None) => return Err(Error::invalid_params(wanted)),
        };
        found.ok_or_else(|| Error::invalid_params("there is no statement at this place"))
    }
}

/// The text of the statement at a position, without its `;`.
fn statement_at(view: &View, position: lsp::Position) -> Option<String> {
    let analysis = view.document.analysis();
    let part = analysis.at(view.offset(position))?;
    Some(part.text.get(part.statement()?.span.range())?.to_owned())
}

fn read<T: for<'a> Deserialize<'a>>(argument: lsp::LSPAny, wanted: &str) -> Result<T> {
    serde_json::from_value(argument)
        .map_err(|error| Error::invalid_params(format!("{wanted}: {error}")))
}
