//! What is left in the store when the world is quiet: whoever waits there waits for something that comes.
//!
//! The rules read state, timers and calls, and know no story: a run may wait for a person for ever,
//! as long as that person can see it and answer.

use std::collections::{BTreeMap, BTreeSet};

use wilco_core::call::{Operation, Query};
use wilco_core::dialog::{self, Dialog, Filling, Stands};
use wilco_core::entity::{Entity, EntityKey, EntityKind};
use wilco_core::ids::{CallId, RunId};
use wilco_core::lock::Lock;
use wilco_core::port::{CallTask, Store, Work};
use wilco_core::run::Run;
use wilco_core::run::state::{Look, State, Step, Stop};
use wilco_core::time::Timestamp;
use wilco_core::timer::{Timer, TimerName};
use wilco_core::token::{Token, Wish};

use crate::stage::Stage;

/// All rows of a kind.
const ALL: usize = u32::MAX as usize;

/// Later than everything that waits for its moment.
const LATER: Timestamp = Timestamp(i64::MAX / 4);

/// What is left.
pub(crate) struct Rest {
    dialogs: Vec<Dialog>,
    /// Those that are live, and those that a lock names.
    runs: BTreeMap<RunId, Run>,
    locks: Vec<Lock>,
    timers: Vec<Timer>,
    /// `None` when there are some and nobody may look which.
    calls: Option<BTreeSet<CallId>>,
    work: Work,
}

impl Rest {
    /// Reads it. The store tells its calls only to those who claim them, which is done when the engine
    /// is `gone`.
    pub(crate) async fn of(store: &dyn Store, now: Timestamp, gone: bool) -> Result<Self, String> {
        let work = store.work(now).await.map_err(|fault| fault.to_string())?;
        let timers = store.timers(ALL).await.map_err(|fault| fault.to_string())?;
        let calls = match work.calls {
            0 => Some(BTreeSet::new()),
            _ if gone => Some(calls(store).await?),
            _ => None,
        };
        let mut rest = Self {
            dialogs: Vec::new(),
            runs: BTreeMap::new(),
            locks: Vec::new(),
            timers: timers.into_iter().map(|row| row.timer).collect(),
            calls,
            work,
        };
        for kind in [EntityKind::Dialog, EntityKind::Run, EntityKind::Lock] {
            for row in store.load_live(kind).await.map_err(|fault| fault.to_string())? {
                rest.keep(wilco_engine::decode_entity(&row).map_err(|fault| fault.to_string())?);
            }
        }
        let mut over: Vec<EntityKey> = Vec::new();
        for run in rest.locks.iter().flat_map(|lock| lock.holder.iter().chain(&lock.queue)) {
            if !rest.runs.contains_key(run) {
                over.push(EntityKey::Run(run.clone()));
            }
        }
        for row in store.load(&over).await.map_err(|fault| fault.to_string())?.iter().flatten() {
            rest.keep(wilco_engine::decode_entity(row).map_err(|fault| fault.to_string())?);
        }
        Ok(rest)
    }

    fn keep(&mut self, entity: Entity) {
        match entity {
            Entity::Dialog(dialog) => self.dialogs.push(dialog),
            Entity::Run(run) => drop(self.runs.insert(run.id.clone(), *run)),
            Entity::Lock(lock) => self.locks.push(lock),
            Entity::Withdrawal(_) => {}
        }
    }

    /// Everything that would wait for ever with nobody to end it. After a death messages may wait for
    /// the end of a dead engine's lease; otherwise there is nothing that they could wait for.
    pub(crate) fn faults(&self, stage: &Stage, died: bool) -> Vec<String> {
        let mut faults = Vec::new();
        let work = self.work;
        let leased = if died { work.outbox_later } else { 0 };
        let due = [
            (work.inbox, "events were not handled"),
            (work.outbox - leased, "messages were due and not sent"),
            (work.calls - work.calls_later, "calls were due and not made"),
        ];
        faults.extend(
            due.iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}")),
        );
        for dialog in &self.dialogs {
            let lacks = self.dialog_lacks(dialog);
            faults.extend(lacks.map(|lacks| format!("the dialog {} {lacks}", dialog.key)));
        }
        for run in self.runs.values().filter(|run| run.is_live()) {
            let lacks = self.run_lacks(run, stage);
            faults.extend(lacks.into_iter().map(|lacks| format!("{} {lacks}", run.id)));
        }
        faults.extend(self.locks.iter().flat_map(|lock| self.lock_lacks(lock)));
        faults
    }

    /// Its person ends it, or the end of patience; while a tool is asked, the answer does.
    fn dialog_lacks(&self, dialog: &Dialog) -> Option<String> {
        let dialog::State::Filling(Filling {
            step: dialog::Step::Loading { call, .. } | dialog::Step::Reading { call },
            ..
        }) = &dialog.state
        else {
            let owner = EntityKey::Dialog(dialog.key.clone());
            if !self.is_set(&owner, &TimerName::Patience, dialog.generation) {
                return Some("is open, and nothing ends it".to_owned());
            }
            return (!self.stands(dialog)).then(|| "does not know that it stands there".to_owned());
        };
        (!self.is_called(call)).then(|| format!("waits for {call}, which nobody asks"))
    }

    /// Whether it is known when the question came to stand there, where no answer counts before.
    fn stands(&self, dialog: &Dialog) -> bool {
        let since = match &dialog.state {
            dialog::State::Filling(filling) => match &filling.step {
                dialog::Step::ReadBack { shown, .. } => *shown,
                dialog::Step::Asking { stands: Stands::Since { at, .. }, .. }
                | dialog::Step::Doubting { stands: Stands::Since { at, .. } } => *at,
                _ => return true,
            },
            dialog::State::Menu { .. } => return true,
        };
        // A message that is still on its way will tell.
        since.is_some() || self.work.outbox > 0
    }

    /// Everything that keeps a live run from ever going on.
    fn run_lacks(&self, run: &Run, stage: &Stage) -> Vec<String> {
        let mut lacks = Vec::new();
        let mut wants = |is: bool, what: String| {
            if !is {
                lacks.push(what);
            }
        };
        let owner = EntityKey::Run(run.id.clone());
        let set = |name: TimerName, generation: u64| self.is_set(&owner, &name, generation);
        let look = |look: &Look, step: usize| match look {
            Look::Asked(call) => self.is_called(call),
            Look::Later(timer) => set(TimerName::Look(step), *timer),
        };
        match &run.state {
            State::Awaiting(awaiting) => {
                wants(
                    set(TimerName::Expiry, awaiting.expiry),
                    "awaits approval for ever".to_owned(),
                );
                wants(
                    awaiting.shown.is_some() || self.work.outbox > 0,
                    "does not know that its card stands there".to_owned(),
                );
                let asks = can_press(
                    stage,
                    |token| matches!(token, Token::OfRun { run: of, wish: Wish::Decide { approve: true, .. } } if *of == run.id),
                );
                wants(asks, "awaits approval, and nobody is asked for it".to_owned());
            }
            State::Rechecking(again) => {
                wants(look(&again.look, 0), "is not looked at any more".to_owned());
                wants(
                    set(TimerName::Deadline(0), again.patience.timer),
                    "is tried for ever".to_owned(),
                );
            }
            State::Queued(queued) => {
                let waits = self.is_queued(run) || run.is_held();
                wants(waits, "waits for a lock that nobody holds".to_owned());
                let ends = queued.expiry.is_none_or(|timer| set(TimerName::Expiry, timer));
                wants(ends, "is approved, and waits for ever".to_owned());
            }
            State::Running(_) => {
                let mut goes_on = run.is_held();
                for (at, step) in run.steps.iter().enumerate() {
                    let (is, ends) = match step {
                        Step::Waiting | Step::Again(_) | Step::Ended(_) => continue,
                        Step::Checking(checking) => (
                            look(&checking.look, at),
                            set(TimerName::Deadline(at), checking.patience.timer),
                        ),
                        Step::Requesting(requesting) => {
                            (self.is_called(&requesting.operation.id), true)
                        }
                        Step::Following(following) => (
                            look(&following.look, at),
                            set(TimerName::Deadline(at), following.deadline),
                        ),
                    };
                    goes_on = true;
                    wants(is, format!("does not look at its step {at} any more"));
                    wants(ends, format!("looks at its step {at} for ever"));
                    if let Step::Following(following) = step
                        && let Some(acting) = &following.acting
                    {
                        let call = &acting.call;
                        wants(
                            self.is_called(call),
                            format!("waits for {call}, which nobody makes"),
                        );
                    }
                    if let Step::Following(following) = step
                        && let Stop::Intended { call, .. } = &following.stop
                    {
                        wants(
                            self.is_called(call),
                            format!("waits for {call}, which nobody makes"),
                        );
                    }
                    wants(self.holds(run, at), format!("works on its step {at} without its lock"));
                }
                wants(goes_on, "is running, and nothing goes on".to_owned());
            }
            State::Ended(_) => {
                let resolves = can_press(
                    stage,
                    |token| matches!(token, Token::OfRun { run: of, wish: Wish::Resolve { .. } } if *of == run.id),
                );
                wants(resolves, "is unknown, and nobody is asked what became of it".to_owned());
                for (at, step) in run.steps.iter().enumerate() {
                    let kept = !step.is_unknown() || self.holds(run, at);
                    wants(kept, format!("is unknown, and let go of the lock of its step {at}"));
                }
            }
        }
        for call in &run.open {
            wants(self.is_called(call), format!("waits for {call}, which nobody makes"));
        }
        let reminds = run.held.as_ref().is_none_or(|held| set(TimerName::Remind, held.remind));
        wants(reminds, "is on hold, and nobody is reminded of it".to_owned());
        let drawn = run.card.redraw.is_none_or(|timer| set(TimerName::Redraw, timer));
        wants(drawn, "never shows how far it is".to_owned());
        lacks
    }

    /// Whether it is in the queue of a lock, behind a run that will free it.
    fn is_queued(&self, run: &Run) -> bool {
        self.locks.iter().any(|lock| {
            let held = lock.holder.as_ref().and_then(|holder| self.runs.get(holder));
            lock.queue.contains(&run.id) && held.is_some_and(Run::is_live)
        })
    }

    /// Whether it holds the lock of this step's target.
    fn holds(&self, run: &Run, step: usize) -> bool {
        let Some(part) = run.plan.targets.get(step) else { return false };
        let mut locks = self.locks.iter();
        locks.any(|lock| lock.target == part.target && lock.holder.as_ref() == Some(&run.id))
    }

    /// Everyone who is in a lock's way, or in its queue, and will never be out of it.
    fn lock_lacks(&self, lock: &Lock) -> Vec<String> {
        let run = |id: &RunId| self.runs.get(id).filter(|run| run.is_live());
        let mut lacks = Vec::new();
        match &lock.holder {
            None => lacks.push(format!("{} is wanted, and nobody gets it", lock.target)),
            Some(holder) => match run(holder) {
                None => lacks.push(format!("{} is held by {holder}, which is over", lock.target)),
                Some(Run { state: State::Ended(_), plan, steps, .. }) => {
                    let mut parts = plan.targets.iter().zip(steps);
                    if !parts.any(|(part, step)| part.target == lock.target && step.is_unknown()) {
                        lacks.push(format!("{} is held by {holder} for nothing", lock.target));
                    }
                }
                Some(_) => {}
            },
        }
        for waiting in &lock.queue {
            if !run(waiting).is_some_and(|run| matches!(run.state, State::Queued(_))) {
                lacks
                    .push(format!("{} is kept for {waiting}, which does not want it", lock.target));
            }
        }
        lacks
    }

    fn is_called(&self, call: &CallId) -> bool {
        self.calls.as_ref().is_none_or(|calls| calls.contains(call))
    }

    fn is_set(&self, owner: &EntityKey, name: &TimerName, generation: u64) -> bool {
        self.timers.iter().any(|timer| {
            timer.owner == *owner && timer.name == *name && timer.generation == generation
        })
    }
}

/// Claims all calls, also those that somebody else has claimed.
async fn calls(store: &dyn Store) -> Result<BTreeSet<CallId>, String> {
    let rows = store.claim_calls(LATER, LATER, ALL).await.map_err(|fault| fault.to_string())?;
    let id = |task| match task {
        CallTask::Query(Query { id, .. }) | CallTask::Operation(Operation { id, .. }) => id,
    };
    Ok(rows.into_iter().map(|row| id(row.task)).collect())
}

/// Whether somebody can press a button that means this.
fn can_press(stage: &Stage, means: impl Fn(&Token) -> bool) -> bool {
    let posted = stage.posted();
    posted.iter().flat_map(|message| &message.body.buttons).any(|button| means(&button.token))
}
