//! One turn of a run: collects what it wants, so that every path ends the same way.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::audit::{AuditRecord, Fact};
use crate::call::{Call, Operation, Query};
use crate::context::Context;
use crate::effect::Effect;
use crate::entity::{Entity, EntityKey};
use crate::event::Event;
use crate::ids::{CallId, MessageKey, PersonId, RunId};
use crate::lang::Text;
use crate::lock::Lock;
use crate::message::{Body, Say, To};
use crate::people::Member;
use crate::runbook::{Does, Procedure, Runbook};
use crate::target::Target;
use crate::timer::{Timer, TimerName};
use crate::words;
use crate::world::{Outcome, World};

use super::Run;
use super::state::State;

/// One turn.
pub(super) struct Turn<'a> {
    pub(super) ctx: &'a Context,
    pub(super) run: Run,
    world: &'a World,
    before: Option<Run>,
    locks: BTreeMap<Target, Lock>,
    effects: Vec<Effect>,
    /// Whether the card shows something else now.
    drawn: bool,
}

impl<'a> Turn<'a> {
    /// A turn of a run that was loaded.
    pub(super) fn new(ctx: &'a Context, world: &'a World, run: Run) -> Self {
        let before = Some(run.clone());
        Self { before, ..Self::first(ctx, world, run) }
    }

    /// The first turn of a run.
    pub(super) fn first(ctx: &'a Context, world: &'a World, run: Run) -> Self {
        Self {
            ctx,
            run,
            world,
            before: None,
            locks: BTreeMap::new(),
            effects: Vec::new(),
            drawn: false,
        }
    }

    /// The run goes on to a new state, and its card shows it.
    pub(super) fn enter(&mut self, state: State) {
        self.run.state = state;
        self.draw();
    }

    /// The card shall be written again.
    pub(super) fn draw(&mut self) {
        self.drawn = true;
    }

    /// The run as it was before this turn; `None` in its first one.
    pub(super) fn before(&self) -> Option<&Run> {
        self.before.as_ref()
    }

    /// Whether the card shall be written.
    pub(super) fn is_drawn(&self) -> bool {
        self.drawn
    }

    /// The runbook in its pinned version, if it changes something.
    pub(super) fn runbook(&self) -> Option<Arc<Runbook>> {
        self.ctx.runbook(&self.run.runbook)
    }

    /// Whether somebody wants the run to stop while it runs.
    pub(super) fn is_stopping(&self) -> bool {
        matches!(&self.run.state, State::Running(running) if running.stopping.is_some())
    }

    /// How people call a person.
    pub(super) fn name(&self, person: &PersonId) -> String {
        self.ctx.settings.directory.name(person)
    }

    /// How people call a member of the room.
    pub(super) fn member(&self, member: &Member) -> String {
        match member {
            Member::Person(person) => self.name(person),
            Member::Account(account) => account.to_string(),
        }
    }

    /// How people call the target of a step.
    pub(super) fn target_name(&self, step: usize) -> String {
        self.run
            .plan
            .targets
            .get(step)
            .map(|part| words::run::name(&self.run.plan, &part.target))
            .unwrap_or_default()
    }

    /// A name for a call that no other call has.
    pub(super) fn next_call(&mut self) -> CallId {
        self.run.calls += 1;
        CallId::new(format!("{}.{}", self.run.id, self.run.calls))
    }

    /// Asks a tool.
    pub(super) fn ask(&mut self, call: Call) -> CallId {
        let id = self.next_call();
        self.effects.push(Effect::Ask(Query { id: id.clone(), owner: self.key(), call }));
        id
    }

    /// Intends an operation, and puts that on record.
    pub(super) fn intend(&mut self, operation: Operation, target: Target) {
        self.run.open.push(operation.id.clone());
        self.record(
            None,
            Fact::Intended {
                run: self.run.id.clone(),
                call: operation.id.to_string(),
                target,
                action: format!("{}.{}", operation.call.connector, operation.call.action),
            },
        );
        self.effects.push(Effect::Do(operation));
    }

    /// Wants to be woken after a while; the number names this timer alone.
    pub(super) fn timer(&mut self, name: TimerName, after: Duration) -> u64 {
        self.run.generation += 1;
        self.effects.push(Effect::SetTimer(Timer {
            owner: self.key(),
            name,
            generation: self.run.generation,
            due: self.ctx.now + after,
        }));
        self.run.generation
    }

    /// A timer is no longer wanted.
    pub(super) fn stop(&mut self, name: TimerName) {
        self.effects.push(Effect::StopTimer(self.key(), name));
    }

    /// Says a sentence in the thread.
    pub(super) fn say(&mut self, text: &Text) {
        let text = text.to(self.run.lang);
        self.said(Body { text, ..Body::default() });
    }

    /// Says a sentence in the thread, to one person.
    pub(super) fn say_to(&mut self, person: PersonId, text: &Text, more: &Text) {
        let lang = self.run.lang;
        let (text, more) = (text.to(lang), more.to(lang));
        self.said(Body { text, more, mention: Some(person), ..Body::default() });
    }

    /// Says a sentence in the thread; `more` stands behind "more".
    pub(super) fn say_more(&mut self, text: &Text, more: &Text) {
        let (text, more) = (text.to(self.run.lang), more.to(self.run.lang));
        self.said(Body { text, more, ..Body::default() });
    }

    fn said(&mut self, body: Body) {
        self.run.said += 1;
        let (key, to) = (format!("note.{}", self.run.said), To::Thread(self.run.thread.clone()));
        self.post(&key, to, body);
    }

    /// Writes the message `{run}.{key}`.
    pub(super) fn post(&mut self, key: &str, to: To, body: Body) {
        let key = self.message(key);
        self.effects.push(Effect::Say(Say { key, to, body, receipt: None }));
    }

    /// Writes it too, and wants to know when it stands there.
    pub(super) fn post_with_receipt(&mut self, key: &str, to: To, body: Body) {
        let (key, receipt) = (self.message(key), Some(self.key()));
        self.effects.push(Effect::Say(Say { key, to, body, receipt }));
    }

    /// The whole name of a message.
    pub(super) fn message(&self, key: &str) -> MessageKey {
        MessageKey::new(format!("{}.{key}", self.run.id))
    }

    /// Puts a fact on record.
    pub(super) fn record(&mut self, who: Option<PersonId>, what: Fact) {
        self.effects.push(Effect::Record(AuditRecord { at: self.ctx.now, who, what }));
    }

    /// Puts a refusal on record.
    pub(super) fn refused(&mut self, who: &PersonId, what: &str, why: &str) {
        let what = Fact::Refused { what: format!("{what} {}", self.run.id), why: why.to_owned() };
        self.record(Some(who.clone()), what);
    }

    /// Wakes a run to look at its locks. The key names this telling for ever.
    pub(super) fn wake(&mut self, key: String, run: RunId) {
        self.want(Effect::Tell { key, event: Event::LockGranted { run } });
    }

    /// One more wish.
    pub(super) fn want(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// The lock of a target as this turn sees it.
    pub(super) fn lock(&self, target: &Target) -> Option<&Lock> {
        self.locks.get(target).or_else(|| self.world.locks.get(target))
    }

    /// The lock of a target, to be changed.
    pub(super) fn lock_mut(&mut self, target: &Target) -> &mut Lock {
        let loaded = self.world.locks.get(target);
        self.locks
            .entry(target.clone())
            .or_insert_with(|| loaded.cloned().unwrap_or_else(|| Lock::free(target.clone())))
    }

    /// Whether something was rolled back from a target.
    pub(super) fn is_withdrawn(&self, target: &Target) -> bool {
        self.world.withdrawals.contains_key(target)
    }

    /// The run as the owner of messages, calls and timers.
    pub(super) fn key(&self) -> EntityKey {
        EntityKey::Run(self.run.id.clone())
    }

    /// Everything that this turn wants, once the card is written.
    pub(super) fn finish(mut self) -> Outcome {
        for (target, lock) in std::mem::take(&mut self.locks) {
            let loaded = self.world.locks.get(&target);
            if lock.is_free() {
                if loaded.is_some() {
                    self.effects.push(Effect::Remove(EntityKey::Lock(target)));
                }
            } else if loaded != Some(&lock) {
                self.effects.push(Effect::Put(Entity::Lock(lock)));
            }
        }
        if self.before.as_ref() != Some(&self.run) {
            self.effects.push(Effect::Put(Entity::Run(Box::new(self.run))));
        }
        self.effects
    }
}

/// How a runbook changes something, if it does.
pub(super) fn procedure(runbook: &Runbook) -> Option<&Procedure> {
    match &runbook.does {
        Does::Run(procedure) => Some(procedure),
        Does::Answer(_) | Does::Cancel { .. } | Does::Subscribe { .. } => None,
    }
}
