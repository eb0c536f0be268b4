//! Who may start and who has to agree, by the runbook of now. What a run does is pinned to the version
//! that was read back; who may is never pinned, so that a right taken away counts at once.

use crate::ids::TeamName;
use crate::runbook::ApprovalRule;

use super::turn::{Turn, procedure};
use super::vars;

/// The teams whose members may start such runs. Of a runbook that was removed while its run goes on,
/// the last ones known.
pub(super) fn who(turn: &Turn<'_>) -> Vec<TeamName> {
    let current = turn.ctx.catalog.by_name(&turn.run.name).or_else(|| turn.runbook());
    current.map(|runbook| runbook.who.clone()).unwrap_or_default()
}

/// The rule by which a second person has to agree, if one has to.
///
/// # Errors
/// What is wrong with it: then nobody knows whether one has to, and nothing may begin.
pub(super) fn approval(turn: &Turn<'_>) -> Result<Option<ApprovalRule>, String> {
    let Some(current) = turn.ctx.catalog.by_name(&turn.run.name) else {
        return Err("it was removed".into());
    };
    let Some(procedure) = procedure(&current) else {
        return Err("it changes nothing any more".into());
    };
    let wanted = vars::wants_approval(&current, procedure, &turn.run)?;
    Ok(procedure.approval.clone().filter(|_| wanted))
}
