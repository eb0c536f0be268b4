//! No sequence of events, in any order, stale, repeated or made up, breaks a promise.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::{Model, SECOND, Setup, target, trouble, waves};
use crate::answer::{Act, Answer, Pause, Progress, Seen, TroubleKind};
use crate::audit::Fact;
use crate::call::{Query, Settlement};
use crate::ids::{CallId, PersonId, PlanDigest, RunId};
use crate::people::Member;
use crate::run::state::{End, State, Step, StepEnd};
use crate::run::{Remedy, RunEvent};
use crate::runbook::{OnFailure, Order};
use crate::timer::TimerName;

/// One thing that happens, chosen by numbers, so that shrinking keeps it meaningful.
#[derive(Debug, Clone)]
enum Happens {
    Decide {
        who: usize,
        digest: usize,
        approve: bool,
        late: bool,
    },
    Cancel {
        who: usize,
    },
    Resolve {
        who: usize,
        succeeded: bool,
    },
    Hold {
        who: usize,
    },
    Resume {
        who: usize,
    },
    Act {
        who: usize,
        act: usize,
        pressed: Option<usize>,
    },
    /// Answers a query that was asked, first or again.
    Answer {
        which: usize,
        how: usize,
    },
    /// Settles an operation that was intended, first or again.
    Settle {
        which: usize,
        how: usize,
    },
    /// Fires a timer that is set.
    Fire {
        which: usize,
    },
    /// Fires one that is not.
    Stale {
        name: usize,
        generation: u64,
    },
    Unknown {
        call: u64,
    },
    Hint {
        call: u64,
    },
    Remedy {
        who: usize,
        step: usize,
        remedy: usize,
        call: Option<u64>,
    },
    Granted,
    Pass {
        seconds: u32,
    },
    ToolMoves {
        target: usize,
    },
    Catalog {
        there: bool,
    },
}

const PEOPLE: [&str; 6] = ["mina", "jun", "jun", "dora", "eve", "ghost"];
const TARGETS: [&str; 3] = ["wallet", "shop", "mail"];

fn happens() -> impl Strategy<Value = Happens> {
    // Mostly what leads on, so that stories reach every end; the rest is what goes wrong.
    let first = |n: usize| prop_oneof![6 => Just(0), 1 => 0..n];
    prop_oneof![
        8 => (0..PEOPLE.len(), 0_usize..4, prop::bool::weighted(0.9), prop::bool::weighted(0.1))
            .prop_map(|(who, digest, approve, late)| Happens::Decide { who, digest, approve, late }),
        1 => (0..PEOPLE.len()).prop_map(|who| Happens::Cancel { who }),
        1 => (0..PEOPLE.len(), any::<bool>())
            .prop_map(|(who, succeeded)| Happens::Resolve { who, succeeded }),
        1 => (0..PEOPLE.len()).prop_map(|who| Happens::Hold { who }),
        2 => (0..PEOPLE.len()).prop_map(|who| Happens::Resume { who }),
        2 => (0..PEOPLE.len(), 0_usize..3, prop::option::of(0_usize..4))
            .prop_map(|(who, act, pressed)| Happens::Act { who, act, pressed }),
        30 => (first(64), 0_usize..48).prop_map(|(which, how)| Happens::Answer { which, how }),
        20 => (first(8), 0_usize..24).prop_map(|(which, how)| Happens::Settle { which, how }),
        20 => first(8).prop_map(|which| Happens::Fire { which }),
        3 => (0_usize..8, 0_u64..40).prop_map(|(name, generation)| Happens::Stale { name, generation }),
        1 => (0_u64..60).prop_map(|call| Happens::Unknown { call }),
        4 => (0_u64..30).prop_map(|call| Happens::Hint { call }),
        6 => (0..PEOPLE.len(), 0_usize..3, 0_usize..3, prop::option::weighted(0.2, 0_u64..30))
            .prop_map(|(who, step, remedy, call)| Happens::Remedy { who, step, remedy, call }),
        3 => Just(Happens::Granted),
        2 => (0_u32..90).prop_map(|seconds| Happens::Pass { seconds }),
        1 => (0..TARGETS.len()).prop_map(|target| Happens::ToolMoves { target }),
        1 => prop::bool::weighted(0.8).prop_map(|there| Happens::Catalog { there }),
    ]
}

/// What happens around a target that should have ended: people decide, are heard or not, and looks show anything.
fn happens_late() -> impl Strategy<Value = Happens> {
    let newest = |n: usize| prop_oneof![8 => Just(0), 1 => 0..n];
    prop_oneof![
        6 => (0_usize..2, 0_usize..3)
            .prop_map(|(who, remedy)| Happens::Remedy { who, step: 0, remedy, call: None }),
        12 => (newest(4), 0_usize..20).prop_map(|(which, how)| Happens::Answer { which, how }),
        8 => (newest(3), 0_usize..8).prop_map(|(which, how)| Happens::Settle { which, how }),
        12 => newest(6).prop_map(|which| Happens::Fire { which }),
        3 => Just(Happens::Hold { who: 0 }),
        3 => (0_usize..2).prop_map(|who| Happens::Resume { who }),
        1 => Just(Happens::Cancel { who: 0 }),
        1 => (0_usize..3).prop_map(|act| Happens::Act { who: 0, act, pressed: Some(0) }),
    ]
}

/// Counts from the newest, so that answers mostly meet what waits.
fn pick<T: Clone>(all: &[T], which: usize) -> Option<T> {
    let at = which.min(all.len().checked_sub(1)?);
    Some(all[all.len() - 1 - at].clone())
}

fn answer(model: &Model, query: &Query, how: usize) -> Result<Answer, crate::answer::Trouble> {
    let seen = |seen| {
        Ok(Answer::Progress(Progress { seen, memory: json!(how), hinted: how.is_multiple_of(2) }))
    };
    let note = || "note".to_owned();
    match (query.call.action.as_str(), how) {
        (_, 0) => Err(trouble(TroubleKind::Unreachable)),
        (_, 1) => Err(trouble(TroubleKind::Forbidden)),
        (_, 2) => Ok(Answer::Choices(vec![].into())),
        ("diff", 3) => Ok(Answer::Plan(vec![])),
        ("diff", _) => Ok(model.reading(query)),
        (_, 3) => seen(Seen::Failed { note: note() }),
        (_, 4) => seen(Seen::Stopped { note: note() }),
        (_, 5) => seen(Seen::Lost { note: note() }),
        (_, 6) => seen(Seen::Waiting(Pause {
            id: "p6".into(),
            is_hook: model.queries.len().is_multiple_of(2),
            acts: Act::ALL.to_vec(),
            ..Pause::noted(note())
        })),
        (_, 7) => seen(Seen::Applied { note: note() }),
        (_, 8..12) => seen(Seen::Running { note: note() }),
        _ => seen(Seen::Succeeded { note: note(), warnings: vec![] }),
    }
}

fn settlement(how: usize) -> Settlement {
    match how {
        0 => Settlement::Refused { trouble: trouble(TroubleKind::Busy) },
        2 | 3 => Settlement::Refused { trouble: trouble(TroubleKind::Unreachable) },
        4 => Settlement::Refused { trouble: trouble(TroubleKind::Forbidden) },
        1 => Settlement::Unsure { trouble: trouble(TroubleKind::TimedOut) },
        _ => Settlement::Done { receipt: json!(how), found: how.is_multiple_of(2) },
    }
}

fn event(model: &mut Model, what: &Happens) -> Option<RunEvent> {
    let person = |who: usize| PersonId::new(PEOPLE[who]);
    Some(match *what {
        Happens::Decide { who, digest, approve, late } => {
            let at = if late { model.ctx.now + 7200 * SECOND } else { model.ctx.now };
            let digest = match digest {
                0 => Some(PlanDigest::new("0000")),
                1 => None,
                _ => Some(model.run(1).plan.digest.clone()),
            };
            RunEvent::Decide { by: person(who), digest, approve, at }
        }
        Happens::Cancel { who } => RunEvent::Cancel { by: person(who) },
        Happens::Resolve { who, succeeded } => RunEvent::Resolve { by: person(who), succeeded },
        Happens::Hold { who } => RunEvent::Hold { by: Member::Person(person(who)) },
        Happens::Resume { who } => RunEvent::Resume { by: person(who) },
        Happens::Act { who, act, pressed } => RunEvent::Act {
            by: person(who),
            act: Act::ALL[act],
            pressed: pressed.map(|step| (step, if act == 0 { "p0" } else { "p6" }.to_owned())),
        },
        Happens::Answer { which, how } => {
            let query = pick(&model.queries, which)?;
            RunEvent::Answered { outcome: answer(model, &query, how), call: query.id }
        }
        Happens::Settle { which, how } => {
            let operation = pick(&model.operations, which)?;
            RunEvent::Settled { call: operation.id, settlement: settlement(how) }
        }
        Happens::Fire { which } => {
            let mut timers: Vec<_> = model.timers.values().cloned().collect();
            timers.sort_by_key(|timer| std::cmp::Reverse(timer.due));
            if which == 0 {
                timers.retain(|timer| !timer.name.is_patience());
            }
            let timer = pick(&timers, which)?;
            model.timers.remove(&(timer.owner, timer.name.clone()));
            model.ctx.now = model.ctx.now.max(timer.due);
            RunEvent::Timer { name: timer.name, generation: timer.generation }
        }
        Happens::Stale { name, generation } => {
            let name = match name {
                0 => TimerName::Slow,
                1 => TimerName::Patience,
                2 => TimerName::Expiry,
                3 if generation % 2 == 0 => TimerName::Redraw,
                3 => TimerName::Remind,
                4 | 5 => TimerName::Look(name - 4),
                _ => TimerName::Deadline(name),
            };
            if model.timers.values().any(|timer| timer.generation == generation) {
                return None;
            }
            RunEvent::Timer { name, generation }
        }
        Happens::Unknown { call } => {
            let id = CallId::new(format!("r9.{call}"));
            RunEvent::Answered { call: id, outcome: Ok(Answer::Plan(vec![])) }
        }
        Happens::Hint { call } => {
            let newest = model.operations.last().map(|operation| operation.id.clone());
            let one = CallId::new(format!("r1.{call}"));
            RunEvent::Hinted { operation: newest.filter(|_| call.is_multiple_of(2)).unwrap_or(one) }
        }
        Happens::Remedy { who, step, remedy, call } => {
            let steps = &model.run(1).steps;
            let of = steps.get(step).and_then(|step| match step {
                Step::Following(following) => Some(following.operation.id.clone()),
                _ => None,
            });
            let other = call.map(|call| CallId::new(format!("r1.{call}")));
            let remedies = [Remedy::Terminate, Remedy::StartAgain, Remedy::GiveUp];
            RunEvent::Remedy {
                by: person(who),
                step,
                operation: other.or(of)?,
                remedy: remedies[remedy],
            }
        }
        Happens::Granted => RunEvent::LockGranted,
        Happens::Pass { seconds } => {
            model.pass(seconds * SECOND);
            return None;
        }
        Happens::ToolMoves { target: at } => {
            let part = model.tool.get_mut(&target(TARGETS[at]))?;
            part.images[0].to = Some("registry/other:9".into());
            return None;
        }
        Happens::Catalog { there } => {
            let all = if there { vec![model.runbook.clone()] } else { vec![] };
            model.ctx.catalog = std::sync::Arc::new(crate::runbook::Catalog::new(all));
            RunEvent::CatalogChanged
        }
    })
}

/// What must hold after every event.
fn check(model: &Model, setup: &Setup) {
    let run = model.run(1);
    let ids: BTreeSet<_> = model.operations.iter().map(|op| op.id.clone()).collect();
    assert_eq!(ids.len(), model.operations.len(), "an operation was intended twice");
    // One after another for a target, and only after the one before surely was not taken.
    let refused = |id: &str| {
        let of = |fact: &&Fact| matches!(fact, Fact::Settled { call, how, .. } if call == id && how == "refused");
        model.facts().iter().any(of)
    };
    let sync = |op: &&crate::call::Operation| op.call.action == "sync";
    let taken: Vec<_> = model.operations.iter().filter(sync).collect();
    for (at, last) in taken.iter().enumerate() {
        let same = |op: &&&crate::call::Operation| op.call.with == last.call.with;
        let earlier = taken[..at].iter().filter(same);
        let unrefused = earlier.filter(|op| !refused(op.id.as_str())).count();
        // Only a person may want it once more.
        let wanted = |fact: &&&Fact| {
            let app = last.call.with["app"].as_str();
            matches!(fact, Fact::Acted { act, target, .. }
                if act == "start again" && Some(target.to_string().as_str()) == app)
        };
        let wanted = model.facts().iter().filter(wanted).count();
        assert!(unrefused <= wanted, "a target was synced twice");
    }
    let mut syncs = model.syncs();
    syncs.dedup();
    let intended = model.facts().iter().filter(|f| matches!(f, Fact::Intended { .. })).count();
    assert_eq!(intended, model.operations.len(), "an effect is not on record");
    if setup.approval && !model.operations.is_empty() {
        let yes = |fact: &&Fact| matches!(fact, Fact::Approved { .. });
        assert!(model.facts().iter().any(yes), "an effect without the yes");
    }
    if !model.operations.is_empty() {
        assert!(!model.notices().is_empty(), "an effect before the notice");
    }
    let begun = |step: &Step| step.is_active() || step.is_succeeded();
    for (at, wave) in run.plan.waves.iter().enumerate().filter(|(at, _)| begun(&run.steps[*at])) {
        let earlier = run.plan.waves.iter().zip(&run.steps).filter(|(other, _)| *other < wave);
        for (_, step) in earlier {
            assert!(
                matches!(step, Step::Ended(_)),
                "{at} was begun before an earlier wave was over"
            );
            assert!(run.on_failure == OnFailure::GoOn || step.is_succeeded(), "after a failure");
        }
    }
    if setup.order == Order::Listed {
        let listed: Vec<String> = TARGETS.iter().map(|name| target(name).to_string()).collect();
        let in_order: Vec<&String> =
            listed.iter().filter(|target| syncs.contains(&target.as_str())).collect();
        assert_eq!(syncs, in_order, "out of order");
        if run.on_failure == OnFailure::Stop {
            assert_eq!(syncs, listed[..syncs.len()], "one was left out");
        }
        let started = |step: &Step| !matches!(step, Step::Waiting);
        assert!(run.steps.iter().filter(|step| step.is_active()).count() <= 1);
        let bad = run.steps.iter().position(|step| started(step) && !step.is_succeeded());
        if let Some(bad) = bad.filter(|_| run.on_failure == OnFailure::Stop) {
            assert!(run.steps[bad + 1..].iter().all(|step| !step.is_active()));
        }
    }
    if !run.awaits_decision() {
        assert!(!model.has_decide_buttons(), "the card can still be approved");
    }
    let me = RunId::numbered(1);
    let mine =
        |lock: &&crate::lock::Lock| lock.holder.as_ref() == Some(&me) || lock.queue.contains(&me);
    match &run.state {
        State::Running(_) => {
            assert!(
                TARGETS
                    .iter()
                    .all(|name| { model.world.locks[&target(name)].holder.as_ref() == Some(&me) }),
                "works without its locks"
            );
            assert!(
                run.is_held() || run.steps.iter().any(Step::is_active),
                "it runs, but nothing goes on"
            );
        }
        State::Ended(ended) => {
            let unknown = run.steps.iter().filter(|step| step.is_unknown()).count();
            let kept = if ended.resolved.is_some() { 0 } else { unknown };
            assert_eq!(model.world.locks.values().filter(mine).count(), kept, "locks at the end");
            assert_eq!(unknown > 0, ended.how == End::Unknown);
            assert!(model.last().text.contains("r1") || ended.resolved.is_some());
            let ends = |fact: &&&Fact| matches!(fact, Fact::RunEnded { .. });
            assert_eq!(model.facts().iter().filter(ends).count(), 1, "ended once");
        }
        _ => {}
    }
    nothing_begins_on_hold(model);
    nothing_is_stopped_unasked(model, run);
    waits_for_something(model);
}

/// Nothing is begun while an earlier request to stop it may still be on its way; what the tool took is neither called
/// not begun nor let go of unless somebody wanted that.
fn nothing_is_stopped_unasked(model: &Model, run: &crate::run::Run) {
    let facts = model.facts();
    let mut stopping = BTreeSet::new();
    for fact in &facts {
        match fact {
            Fact::Intended { action, target, call, .. } if action == "argocd.terminate" => {
                stopping.insert((target.clone(), call.clone()));
            }
            Fact::Intended { action, target, .. } if action == "argocd.sync" => {
                assert!(
                    stopping.iter().all(|(of, _)| of != target),
                    "{target} is still being stopped"
                );
            }
            // Unsure is on its way for ever, as far as anybody knows.
            Fact::Settled { call, how, .. } if how != "unsure" => {
                stopping.retain(|(_, of)| of != call);
            }
            _ => {}
        }
    }
    let asked = facts.iter().any(|fact| matches!(fact, Fact::CancelAsked { .. }));
    for (part, step) in run.plan.targets.iter().zip(&run.steps) {
        let intended = |what: &str| {
            let of = |fact: &&&Fact| matches!(fact, Fact::Intended { action, target, .. } if action == what && *target == part.target);
            facts
                .iter()
                .filter(of)
                .filter_map(|fact| match fact {
                    Fact::Intended { call, .. } => Some(call.clone()),
                    _ => None,
                })
                .collect::<Vec<_>>()
        };
        let taken = intended("argocd.sync").into_iter().any(|id| {
            facts.iter().any(|fact| matches!(fact, Fact::Settled { call, how, .. } if *call == id && (how == "done" || how == "found")))
        });
        match step {
            Step::Ended(StepEnd::LetGo { .. }) => assert!(asked, "let go of unasked"),
            Step::Ended(StepEnd::Skipped { .. }) | Step::Waiting => {
                assert!(!taken, "what was begun counts as not begun");
            }
            Step::Ended(StepEnd::Cancelled) if taken => {
                assert!(!intended("argocd.terminate").is_empty(), "cancelled, and never stopped");
            }
            _ => {}
        }
    }
}

/// Between a hold and what ends it nothing is intended but to stop.
fn nothing_begins_on_hold(model: &Model) {
    let mut held = false;
    for fact in model.facts() {
        match fact {
            Fact::Held { .. } => held = true,
            Fact::Resumed { .. } => held = false,
            Fact::Intended { action, .. } if action == "argocd.sync" => {
                assert!(!held, "{action} on hold");
            }
            _ => {}
        }
    }
}

/// A run that goes on always waits for something that will come.
fn waits_for_something(model: &Model) {
    use crate::run::state::Look;
    let run = model.run(1);
    let comes = |look: &Look| match look {
        Look::Asked(call) => model.queries.iter().any(|query| query.id == *call),
        Look::Later(generation) => {
            model.timers.values().any(|timer| timer.generation == *generation)
        }
    };
    if let Some(held) = &run.held {
        assert!(comes(&Look::Later(held.remind)), "on hold, and nobody is reminded");
        assert!(run.is_live() && !run.steps.iter().any(|step| matches!(step, Step::Checking(_))));
    }
    match &run.state {
        State::Awaiting(awaiting) => assert!(comes(&Look::Later(awaiting.expiry))),
        State::Rechecking(rechecking) => assert!(comes(&rechecking.look)),
        State::Queued(_) | State::Running(_) | State::Ended(_) => {}
    }
    for step in &run.steps {
        match step {
            Step::Checking(checking) => assert!(comes(&checking.look)),
            Step::Requesting(requesting) => assert!(run.open.contains(&requesting.operation.id)),
            Step::Following(following) => {
                assert!(comes(&following.look));
                assert!(comes(&Look::Later(following.deadline)));
                let asked = following.acting.as_ref();
                assert!(asked.is_none_or(|acting| run.open.contains(&acting.call)), "{asked:?}");
            }
            Step::Again(_) => assert!(matches!(run.state, State::Running(_))),
            Step::Waiting | Step::Ended(_) => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_people_decide_about_a_late_target_breaks_a_promise(
        on_failure in prop_oneof![Just(OnFailure::Stop), Just(OnFailure::GoOn)],
        story in prop::collection::vec(happens_late(), 1..60),
    ) {
        let (targets, on_failure) = (TARGETS.to_vec(), Some(on_failure));
        let setup = Setup { targets, on_failure, approval: false, ..Setup::default() };
        let mut model = Model::with_run(&setup);
        model.until_following();
        model.look(0, Seen::Running { note: "note".into() });
        model.fire(TimerName::Deadline(0));
        for what in &story {
            if let Some(event) = event(&mut model, what) {
                model.send(1, &event);
                check(&model, &setup);
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_events_breaks_a_promise(
        approval in any::<bool>(),
        order in prop_oneof![
            Just(Order::Listed),
            (1_usize..4).prop_map(Order::Parallel),
            Just(waves(&[&["shop"], &["wallet"]])),
        ],
        on_failure in prop_oneof![Just(None), Just(Some(OnFailure::Stop)), Just(Some(OnFailure::GoOn))],
        rival in any::<bool>(),
        story in prop::collection::vec(happens(), 1..120),
    ) {
        let targets = TARGETS.to_vec();
        let setup = Setup { targets, order, on_failure, approval, ..Setup::default() };
        let mut model = Model::new(&setup);
        if rival {
            // Another run holds the second lock until the catalog or a grant moves it.
            let mut lock = crate::lock::Lock::free(target("shop"));
            lock.ask(&RunId::numbered(7));
            model.world.locks.insert(target("shop"), lock);
        }
        model.create(1, &TARGETS);
        for what in &story {
            if matches!(what, Happens::Granted)
                && let Some(lock) = model.world.locks.get_mut(&target("shop"))
            {
                lock.leave(&RunId::numbered(7));
                if lock.is_free() {
                    model.world.locks.remove(&target("shop"));
                }
            }
            if let Some(event) = event(&mut model, what) {
                model.send(1, &event);
                check(&model, &setup);
            }
        }
        prop_assert!(model.tells.is_empty());
    }
}
