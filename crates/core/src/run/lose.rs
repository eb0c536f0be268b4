//! Wilco itself failed on the run: an event that it waits for can never be handled. It ends, so that
//! nobody waits for it in vain.

use crate::audit::Fact;
use crate::lang::Text;
use crate::timer::TimerName;
use crate::words;

use super::state::{End, Ended, State, Step, StepEnd};
use super::turn::Turn;
use super::{announce, hold, lock, subscribe};

/// Ends the run: *unknown* where something is under way, whose targets stay locked until a person
/// looked; *failed* where surely nothing is. With `plainly`, nothing is drawn: what draws the card
/// may be what fails.
pub(super) fn lose(turn: &mut Turn<'_>, number: i64, plainly: bool) {
    let since = match &turn.run.state {
        State::Ended(_) => return,
        State::Running(running) => Some(running.since),
        State::Awaiting(_) | State::Rechecking(_) | State::Queued(_) => None,
    };
    turn.stop(TimerName::Expiry);
    turn.stop(TimerName::Redraw);
    hold::forget(turn);
    turn.run.card.redraw = None;
    for step in 0..turn.run.steps.len().max(1) {
        turn.stop(TimerName::Look(step));
        turn.stop(TimerName::Deadline(step));
    }
    for step in &mut turn.run.steps {
        match step {
            Step::Waiting => *step = Step::Ended(StepEnd::Cancelled),
            Step::Again(earlier) => *step = Step::Ended(earlier.clone()),
            Step::Checking(checking) => {
                let earlier = checking.earlier.take();
                *step = Step::Ended(earlier.map_or(StepEnd::Cancelled, |end| *end));
            }
            Step::Requesting(_) | Step::Following(_) => {
                *step = Step::Ended(StepEnd::Unknown { why: words::fault::inside(number) });
            }
            Step::Ended(_) => {}
        }
    }
    let lost = turn.run.steps.iter().any(Step::is_unknown);
    let how = if lost { End::Unknown } else { End::Failed };
    let (at, why) = (turn.ctx.now, Some(words::fault::inside(number)));
    turn.enter(State::Ended(Ended { how, why, since, at, resolved: None }));
    lock::release(turn);
    turn.record(None, Fact::RunEnded { run: turn.run.id.clone(), how: how.as_str().into() });
    if !plainly {
        announce::end(turn);
    }
    let run = &turn.run.id;
    let said = if lost {
        words::fault::run_lost(run, number)
    } else {
        words::fault::run_over(run, number)
    };
    turn.say_to(turn.run.requester.clone(), &said, &Text::default());
    subscribe::lost(turn, &said);
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Model, Setup, target};
    use crate::effect::Effect;
    use crate::ids::{AdapterName, PersonId, RunId, UserId};
    use crate::lang::Lang;
    use crate::place::Direct;
    use crate::run::state::End;
    use crate::run::{RunEvent, Subscriber, lose};

    /// `r1` works on wallet, shop waits, and `r2` waits for shop.
    fn model() -> Model {
        let targets = vec!["wallet", "shop"];
        let mut model = Model::with_run(&Setup { targets, approval: false, ..Setup::default() });
        model.create(2, &["shop"]);
        model.read();
        model.settle_done();
        model
    }

    #[test]
    fn what_is_under_way_is_unknown_and_the_rest_goes_to_the_next_in_line() {
        for plainly in [false, true] {
            let mut model = model();
            let run = model.run(1).clone();
            let outcome = lose(&model.ctx, &model.world, &run, 7, plainly);
            let drawn = outcome
                .iter()
                .filter(
                    |effect| matches!(effect, Effect::Say(say) if say.key.as_str() == "r1.card"),
                )
                .count();
            assert_eq!(drawn, usize::from(!plainly));
            model.apply(outcome);
            assert_eq!(model.end_of(1), Some(End::Unknown));
            assert!(model.run(1).is_unknown());
            assert_eq!(model.world.locks[&target("wallet")].holder, Some(RunId::numbered(1)));
            assert_eq!(model.world.locks[&target("shop")].holder, Some(RunId::numbered(2)));
            assert!(model.last().text.contains("`resolve r1 failed`"));
            assert!(model.timers.keys().all(|(owner, _)| owner.id() != "r1"), "no timer stays");
            model.resolve("mina", true);
            assert!(!model.run(1).is_live());
            assert!(!model.world.locks.contains_key(&target("wallet")));
        }
    }

    #[test]
    fn who_wants_to_be_told_is_told_of_this_too() {
        for plainly in [false, true] {
            let mut model = model();
            let at = Direct {
                adapter: AdapterName::new("console"),
                workspace: "w".into(),
                user: UserId::new("U9"),
            };
            let subscriber = Subscriber { person: PersonId::new("dora"), at, lang: Lang::En };
            model.send(1, &RunEvent::Subscribe(subscriber));
            let run = model.run(1).clone();
            let outcome = lose(&model.ctx, &model.world, &run, 7, plainly);
            model.apply(outcome);
            assert!(model.message("r1.direct.0.end").text.contains("`resolve r1 failed`"));
        }
    }

    #[test]
    fn what_has_begun_nothing_fails_and_frees_everything() {
        let mut model = Model::with_run(&Setup::default());
        let run = model.run(1).clone();
        let outcome = lose(&model.ctx, &model.world, &run, 7, false);
        model.apply(outcome);
        assert_eq!(model.end_of(1), Some(End::Failed));
        assert!(!model.run(1).is_live() && model.world.locks.is_empty());
        assert!(model.timers.is_empty(), "{:?}", model.timers);
        let run = model.run(1).clone();
        assert!(lose(&model.ctx, &model.world, &run, 8, false).is_empty(), "once");
    }
}
