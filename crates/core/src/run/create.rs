//! A run begins: it is put on record, and waits for approval or goes to its locks.

use crate::audit::Fact;
use crate::context::Context;
use crate::effect::Effect;
use crate::ids::AdapterName;
use crate::ids::RoomId;
use crate::place::Room;
use crate::runbook::OnFailure;
use crate::timer::TimerName;
use crate::words;
use crate::world::{Outcome, World};

use super::state::{Approval, Awaiting, Draft, End, Queued, Sick, State, Step};
use super::turn::{Turn, procedure};
use super::{NewRun, Run, card, end, policy, start};

/// See [`super::create()`].
pub(super) fn create(ctx: &Context, world: &World, new: NewRun) -> Outcome {
    let runbook = new.runbook;
    let procedure = procedure(&runbook);
    let rooms = procedure.map_or(&[][..], |p| &p.announce);
    let run = Run {
        id: new.id,
        runbook: runbook.hash.clone(),
        name: runbook.name.clone(),
        requester: new.requester,
        lang: ctx.settings.room_language(&new.thread.room),
        announce: rooms.iter().map(|name| room(name, &new.thread.room)).collect(),
        thread: new.thread,
        answers: new.answers,
        created_at: ctx.now,
        generation: 0,
        calls: 0,
        said: 0,
        approval: None,
        at_once: procedure.map_or(1, |p| p.order.at_once()),
        on_failure: procedure.map_or(OnFailure::Stop, |p| p.on_failure),
        timeout_ms: procedure
            .map_or(0, |p| u64::try_from(p.step.timeout.as_millis()).unwrap_or(u64::MAX)),
        subscribers: Vec::new(),
        steps: vec![Step::Waiting; new.plan.targets.len()],
        plan: new.plan,
        open: Vec::new(),
        card: Draft::default(),
        sick: Sick::default(),
        was_held: Vec::new(),
        held: None,
        state: State::Queued(Queued { since: ctx.now, expiry: None }),
    };
    let mut turn = Turn::first(ctx, world, run);
    turn.want(Effect::Define { hash: runbook.hash.clone(), source: runbook.source.clone() });
    turn.record(
        Some(turn.run.requester.clone()),
        Fact::RunCreated {
            run: turn.run.id.clone(),
            runbook: turn.run.name.clone(),
            targets: turn.run.plan.targets.iter().map(|part| part.target.clone()).collect(),
            plan: turn.run.plan.digest.clone(),
        },
    );
    if procedure.is_none() || turn.run.steps.is_empty() {
        end::end(&mut turn, End::Failed, Some(words::run::nothing_planned()));
        card::write(&mut turn);
        return turn.finish();
    }
    match policy::approval(&turn) {
        Err(detail) => {
            let why = words::run::runbook_broken(&turn.run.name, &detail);
            end::end(&mut turn, End::Failed, Some(why));
        }
        Ok(Some(rule)) => {
            turn.run.approval = Some(Approval { teams: rule.by, given: None });
            let expiry = turn.timer(TimerName::Expiry, rule.within);
            let until = ctx.now + rule.within;
            turn.enter(State::Awaiting(Awaiting { until, expiry, shown: None, early: vec![] }));
        }
        Ok(None) => start::enqueue(&mut turn),
    }
    card::write(&mut turn);
    turn.finish()
}

/// A room of `announce:`: `adapter:room`, or `#room` on the adapter and workspace of the request.
fn room(name: &str, here: &Room) -> Room {
    match name.split_once(':') {
        Some((adapter, room)) if !name.starts_with('#') && !adapter.is_empty() => Room {
            adapter: AdapterName::new(adapter),
            room: RoomId::new(room),
            workspace: if here.adapter.as_str() == adapter {
                here.workspace.clone()
            } else {
                String::new()
            },
        },
        _ => Room { room: RoomId::new(name), ..here.clone() },
    }
}
