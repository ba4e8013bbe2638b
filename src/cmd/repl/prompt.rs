//! What stands before the line that is typed.

use std::borrow::Cow;

use reedline::{Prompt, PromptEditMode, PromptHistorySearch, PromptHistorySearchStatus};

use crate::engine::TransactionState;

/// `vql>`, `vql*>` in a transaction, `vql!>` in one that failed; dots of the same width below it.
pub(super) struct Vql(pub(super) TransactionState);

impl Prompt for Vql {
    fn render_prompt_left(&self) -> Cow<'_, str> {
        Cow::Borrowed("vql")
    }

    fn render_prompt_right(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }

    fn render_prompt_indicator(&self, _: PromptEditMode) -> Cow<'_, str> {
        Cow::Borrowed(match self.0 {
            TransactionState::None => "> ",
            TransactionState::Open => "*> ",
            TransactionState::Failed => "!> ",
        })
    }

    fn render_prompt_multiline_indicator(&self) -> Cow<'_, str> {
        Cow::Borrowed(match self.0 {
            TransactionState::None => "...> ",
            TransactionState::Open | TransactionState::Failed => "....> ",
        })
    }

    fn render_prompt_history_search_indicator(&self, search: PromptHistorySearch) -> Cow<'_, str> {
        let failing = match search.status {
            PromptHistorySearchStatus::Passing => "",
            PromptHistorySearchStatus::Failing => "nothing found, ",
        };
        Cow::Owned(format!(" ({failing}history: {}) ", search.term))
    }
}
