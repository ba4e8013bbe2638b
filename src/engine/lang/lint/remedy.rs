//! Edits for findings whose advice names the one word that was probably meant.

use crate::engine::lang::diag::{Diagnostic, Fix, closest};

/// Gives a finding the edit its advice describes (``did you mean `LENGTH`?``), when it points at the
/// very word that is misspelt.
pub(super) fn meant(text: &str, finding: &mut Diagnostic) {
    let advice = finding.hint.as_deref().and_then(|hint| hint.strip_prefix("did you mean `"));
    let (Some(word), None) = (advice.and_then(|rest| rest.strip_suffix("`?")), &finding.fix) else {
        return;
    };
    let written = text.get(finding.span.range()).unwrap_or("");
    if closest(written, [word]).is_some() {
        finding.fix = Some(Fix { span: finding.span, text: word.to_owned() });
    }
}
