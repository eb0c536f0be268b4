//! One turn of a dialog: collects what it wants, so that every path ends the same way.

use std::sync::Arc;
use std::time::Duration;

use crate::answer::Trouble;
use crate::audit::{AuditRecord, Fact};
use crate::call::{Call, Query};
use crate::context::Context;
use crate::effect::Effect;
use crate::entity::EntityKey;
use crate::ids::{CallId, MessageKey};
use crate::lang::Text;
use crate::message::{Body, Button, ButtonStyle, Say, To};
use crate::place::Thread;
use crate::runbook::{Runbook, Use};
use crate::timer::{Timer, TimerName};
use crate::token::{Choice, Token};
use crate::words;
use crate::world::Outcome;

use super::{Dialog, Filling, State, Step};

/// How long a tool may take before the thread says that it is being asked.
const SLOW: Duration = Duration::from_secs(1);

/// One turn.
pub(super) struct Turn<'a> {
    pub(super) ctx: &'a Context,
    pub(super) dialog: Dialog,
    effects: Vec<Effect>,
    /// Where what is said next leads.
    leads_to: Option<Thread>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(ctx: &'a Context, dialog: &Dialog) -> Self {
        Self { ctx, dialog: dialog.clone(), effects: Vec::new(), leads_to: None }
    }

    /// What the names of this dialog's messages and calls begin with; no other dialog has it.
    fn name(&self) -> String {
        format!("{} {}", self.dialog.key.thread.room, self.dialog.opened)
    }

    /// The dialog goes on to a new state: older questions, timers and buttons are old from now on,
    /// and a read-back that is left without a yes says so.
    pub(super) fn enter(&mut self, state: State) {
        self.leave();
        self.dialog.state = state;
    }

    /// The first half of [`Turn::enter`], for whoever changes a part of the state.
    pub(super) fn leave(&mut self) {
        self.retire(&words::plan::set_aside());
        self.dialog.generation += 1;
    }

    /// Takes the buttons off the read-back, if one stands there, so that nobody presses a dead yes.
    /// Returns whether one did, and tells the ending now.
    pub(super) fn retire(&mut self, ending: &Text) -> bool {
        let (lang, utc_offset) = (self.dialog.lang, self.ctx.settings.utc_offset);
        let Some(filling) = self.filling() else { return false };
        let step = std::mem::replace(&mut filling.step, Step::Starting);
        let Step::ReadBack { plan, message: key, .. } = step else {
            filling.step = step;
            return false;
        };
        let text = words::plan::changes(&plan, utc_offset).line(ending).to(lang);
        let to = To::Thread(self.dialog.key.thread.clone());
        let body = Body { text, ..Body::default() };
        self.effects.push(Effect::Say(Say { key, to, body, receipt: None }));
        true
    }

    /// The filling, when a function was chosen.
    pub(super) fn filling(&mut self) -> Option<&mut Filling> {
        match &mut self.dialog.state {
            State::Filling(filling) => Some(filling),
            State::Menu { .. } => None,
        }
    }

    /// The chosen function in its pinned version.
    pub(super) fn runbook(&self) -> Option<Arc<Runbook>> {
        match &self.dialog.state {
            State::Filling(filling) => self.ctx.runbook(&filling.runbook),
            State::Menu { .. } => None,
        }
    }

    /// Takes what the next message tells first.
    pub(super) fn notes(&mut self) -> Text {
        let notes = self.filling().map(|filling| std::mem::take(&mut filling.notes));
        Text::lines(notes.unwrap_or_default())
    }

    /// Says something with no buttons.
    pub(super) fn say(&mut self, text: &Text) {
        self.post(text, &Text::default(), Vec::new());
    }

    /// Says something that depends on how fast a tool is. It is named by the generation, not
    /// counted: whether it was said must not change the names of what is said later.
    pub(super) fn remark(&mut self, text: &Text) {
        let key = format!("{} remark {}", self.name(), self.dialog.generation);
        self.effects.push(Effect::Say(Say {
            key: MessageKey::new(key),
            to: To::Thread(self.dialog.key.thread.clone()),
            body: Body { text: self.addressed(text).to(self.dialog.lang), ..Body::default() },
            receipt: None,
        }));
    }

    /// Names the person where others may have dialogs in the same thread.
    fn addressed(&self, text: &Text) -> Text {
        if !self.dialog.by_name {
            return text.clone();
        }
        let name = self.ctx.settings.directory.name(&self.dialog.key.person);
        words::dialog::addressed(&name, text)
    }

    /// Says something with buttons; `more` stands behind "more".
    pub(super) fn post(&mut self, text: &Text, more: &Text, buttons: Vec<Button>) {
        self.put_up(text, more, buttons, false);
    }

    /// What is said next shows the way to this thread, where more of it stands.
    pub(super) fn lead_to(&mut self, thread: Option<&Thread>) {
        self.leads_to = thread.cloned();
    }

    /// Says something. A receipt tells when it stands there.
    pub(super) fn put_up(
        &mut self,
        text: &Text,
        more: &Text,
        buttons: Vec<Button>,
        receipt: bool,
    ) -> MessageKey {
        let (text, lang) = (self.addressed(text), self.dialog.lang);
        self.dialog.said += 1;
        let key = MessageKey::new(format!("{} m{}", self.name(), self.dialog.said));
        let leads_to = self.leads_to.take();
        let (text, more) = (text.to(lang), more.to(lang));
        self.effects.push(Effect::Say(Say {
            key: key.clone(),
            to: To::Thread(self.dialog.key.thread.clone()),
            body: Body { text, more, buttons, leads_to, ..Body::default() },
            receipt: receipt.then(|| EntityKey::Dialog(self.dialog.key.clone())),
        }));
        key
    }

    /// A button for the present question.
    pub(super) fn button(&self, label: &Text, choice: Choice, style: ButtonStyle) -> Button {
        Button {
            label: label.to(self.dialog.lang).replace('\n', " / "),
            token: Token::Answer {
                dialog: self.dialog.key.clone(),
                question: self.dialog.generation,
                choice,
            },
            style,
        }
    }

    /// Asks a tool; the thread says so when it takes longer than a second.
    pub(super) fn ask(
        &mut self,
        ask: &Use,
        with: serde_json::Map<String, serde_json::Value>,
    ) -> CallId {
        let id = CallId::new(format!("{} q{}", self.name(), self.dialog.generation));
        self.effects.push(Effect::Ask(Query {
            id: id.clone(),
            owner: EntityKey::Dialog(self.dialog.key.clone()),
            call: Call { connector: ask.connector.clone(), action: ask.action.clone(), with },
        }));
        self.timer(TimerName::Slow, SLOW);
        id
    }

    fn timer(&mut self, name: TimerName, after: Duration) {
        self.effects.push(Effect::SetTimer(Timer {
            owner: EntityKey::Dialog(self.dialog.key.clone()),
            name,
            generation: self.dialog.generation,
            due: self.ctx.now + after,
        }));
    }

    /// Waits for the person, with a limit.
    pub(super) fn wait(mut self) -> Outcome {
        let patience = self.ctx.settings.patience;
        self.dialog.due = self.ctx.now + patience;
        self.timer(TimerName::Patience, patience);
        self.stop(TimerName::Slow);
        self.keep()
    }

    /// Stays where it is after a word that led nowhere: patience begins anew, unless a tool is
    /// waited for.
    pub(super) fn stay(self) -> Outcome {
        match &self.dialog.state {
            State::Filling(Filling {
                step: Step::Loading { .. } | Step::Reading { .. }, ..
            }) => self.keep(),
            _ => self.wait(),
        }
    }

    /// Sets the timer of the present question once more, when an older one fired.
    pub(super) fn wait_on(mut self) -> Outcome {
        self.timer(TimerName::Patience, self.dialog.due.since(self.ctx.now));
        self.effects
    }

    /// Keeps the state as it is now.
    pub(super) fn keep(mut self) -> Outcome {
        self.effects.push(Effect::Put(crate::entity::Entity::Dialog(self.dialog)));
        self.effects
    }

    /// Only says what was collected; the state stays. What was said is counted all the same.
    pub(super) fn unchanged(self) -> Outcome {
        if self.effects.is_empty() { self.effects } else { self.keep() }
    }

    /// The dialog is over.
    pub(super) fn end(mut self) -> Outcome {
        self.retire(&words::plan::set_aside());
        self.stop(TimerName::Patience);
        self.stop(TimerName::Slow);
        self.effects.push(Effect::Remove(EntityKey::Dialog(self.dialog.key.clone())));
        self.effects
    }

    fn stop(&mut self, name: TimerName) {
        self.effects.push(Effect::StopTimer(EntityKey::Dialog(self.dialog.key.clone()), name));
    }

    /// More wishes, such as those of a run that was created.
    pub(super) fn extend(&mut self, effects: Outcome) {
        self.effects.extend(effects);
    }

    /// One more wish.
    pub(super) fn want(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    /// Puts a fact on record.
    pub(super) fn record(&mut self, what: Fact) {
        let who = Some(self.dialog.key.person.clone());
        self.effects.push(Effect::Record(AuditRecord { at: self.ctx.now, who, what }));
    }

    /// Puts on record what tools could not be asked.
    pub(super) fn record_all(&mut self, troubles: &[Trouble]) {
        for Trouble { tool, kind, detail } in troubles.iter().cloned() {
            self.record(Fact::ToolTrouble { tool, kind, detail });
        }
    }

    /// Puts a refusal on record.
    pub(super) fn refused(&mut self, what: &str, why: &str) {
        self.record(Fact::Refused { what: what.to_owned(), why: why.to_owned() });
    }

    /// Puts on record that an answer was not taken.
    pub(super) fn not_taken(&mut self, why: &str) {
        self.refused("answer", why);
    }

    /// Ends the dialog because a mistake in the runbook shows only now.
    pub(super) fn broken(mut self, detail: &str) -> Outcome {
        let name = self.runbook().map(|runbook| runbook.name.to_string()).unwrap_or_default();
        self.refused(&name, detail);
        self.say(&words::dialog::runbook_broken(&name, detail));
        self.end()
    }
}

/// Renders the arguments of an action.
pub(super) fn render(
    action: &Use,
    vars: &serde_json::Map<String, serde_json::Value>,
) -> Result<serde_json::Map<String, serde_json::Value>, String> {
    let vars = serde_json::Value::Object(vars.clone());
    action
        .with
        .iter()
        .map(|(name, template)| {
            let value = template.evaluate(&vars).map_err(|fault| format!("{name}: {fault}"))?;
            Ok((name.clone(), value))
        })
        .collect()
}
