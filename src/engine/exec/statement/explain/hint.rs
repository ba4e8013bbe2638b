//! What could be better about a plan. Nothing is said that is not true of the very plan: each hint has
//! a test in which it appears and one in which it does not.

use crate::engine::base::Result;
use crate::engine::exec::statement::explain::tree::Asked;
use crate::engine::lang::resolve::Place;
use crate::engine::plan::access::{self, Access};
use crate::engine::plan::explain::Hint;
use crate::engine::plan::logical::{Filter, Scalar, Select, Test, When};
use crate::engine::plan::physical::Plan;

/// From so many rows on reading all of them is worth a word.
const MANY: u64 = 32;

/// A write that names nothing.
pub(super) fn unbounded() -> Hint {
    Hint {
        code: "unbounded_write",
        message: "the write names neither an id nor a condition and would be refused".to_owned(),
        advice: "add WHERE, or SET allow_unbounded_writes = true".to_owned(),
    }
}

/// Every hexad is looked at because no index may or can be asked.
pub(super) fn scanned(by_setting: bool, when: &When, total: u64, hints: &mut Vec<Hint>) {
    if total <= MANY {
        return;
    }
    if by_setting {
        hints.push(Hint {
            code: "scan_setting",
            message: format!("all {total} hexads are looked at because of the setting plan"),
            advice: "SET plan = auto lets indexes be asked".to_owned(),
        });
    } else if *when != When::Now {
        hints.push(Hint {
            code: "past_state",
            message: format!("a past state is asked for: the versions of {total} hexads are read"),
            advice: "name the hexad, or ask for the present state where that is enough".to_owned(),
        });
    }
}

/// What the choice of indexes tells.
pub(super) fn found(
    asked: &dyn Asked,
    plan: &Plan,
    filter: &Filter,
    hints: &mut Vec<Hint>,
) -> Result<()> {
    let facts = asked.facts()?;
    let members = access::members(filter, &facts);
    let conjuncts = filter.conjuncts();
    if members.iter().any(|member| member.access == Access::Nothing) {
        hints.push(Hint {
            code: "nothing",
            message: "a condition can never hold: no row is answered".to_owned(),
            advice: "look for a comparison with NULL; IS NULL asks for what is missing".to_owned(),
        });
        return Ok(());
    }
    if plan.total <= MANY {
        return Ok(());
    }
    if plan.steps.is_empty() && !plan.residual.is_empty() {
        hints.push(Hint {
            code: "full_scan",
            message: format!("no index is asked: {} hexads are read one by one", plan.total),
            advice: "add a condition on an id, a type, a field, a text or a place".to_owned(),
        });
    }
    for index in &plan.residual {
        let Some(conjunct) = conjuncts.get(*index) else { continue };
        if let Filter::Or(sides) = conjunct
            && let Some(hint) = one_side(asked, sides, &facts)
        {
            hints.push(hint);
        }
        if contains_text(conjunct) {
            hints.push(Hint {
                code: "contains",
                message: format!("{} is asked of each row", asked.condition_words(conjunct)),
                advice: "FULLTEXT CONTAINS finds whole words through the text index".to_owned(),
            });
        }
    }
    Ok(())
}

/// An OR of which some sides have an index and others have none.
fn one_side(asked: &dyn Asked, sides: &[Filter], facts: &access::Facts) -> Option<Hint> {
    let has = |side: &&Filter| access::access(side, facts) != Access::All;
    let lacking = sides.iter().find(|side| !has(side))?;
    sides.iter().find(has)?;
    Some(Hint {
        code: "or_without_index",
        message: format!(
            "no index answers {}, so none is asked for the other sides of its OR",
            asked.condition_words(lacking)
        ),
        advice: "UNION of two queries asks each side for itself".to_owned(),
    })
}

/// `CONTAINS` of the title or the body: the text index knows their words.
fn contains_text(conjunct: &Filter) -> bool {
    let Filter::Leaf(leaf) = conjunct else { return false };
    let Test::Contains(Scalar::Field(field), _) = &leaf.test else { return false };
    field.places.iter().any(|place| match place {
        Place::Document(path) => {
            matches!(path.as_slice(), [one] if one == "title" || one == "body")
        }
        _ => false,
    })
}

/// An order for which everything that is found must be read.
pub(super) fn sorted(select: &Select, rows: f64, hints: &mut Vec<Hint>) {
    let by_id =
        |value: &Scalar| matches!(value, Scalar::Field(field) if field.place() == Some(&Place::Id));
    let by_ids = matches!(select.order.as_slice(), [key] if by_id(&key.value));
    if select.limit.is_none() || by_ids || select.grouped || rows <= MANY as f64 {
        return;
    }
    hints.push(Hint {
        code: "sort_all",
        message: format!("about {rows:.0} rows are read to answer the first of them in this order"),
        advice: "a condition on what the rows are ordered by leaves fewer to sort".to_owned(),
    });
}
