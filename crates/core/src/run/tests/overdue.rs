//! A target that should have ended by now.

use std::collections::BTreeSet;

use super::{Model, SECOND, Setup, target};
use crate::answer::{Act, Pause, Seen, TroubleKind};
use crate::audit::Fact;
use crate::call::Settlement;
use crate::entity::EntityKey;
use crate::ids::{CallId, PersonId};
use crate::message::Button;
use crate::people::Member;
use crate::plan::{Obstacle, Returns, TargetPlan};
use crate::run::state::{End, Step, StepEnd};
use crate::run::{Remedy, RunEvent, lose};
use crate::runbook::OnFailure;
use crate::timer::TimerName;
use crate::token::{Token, Wish};

/// A run whose only target goes on past its time.
fn overdue(seen: Seen) -> Model {
    let mut model = Model::with_run(&Setup::default());
    model.until_following();
    model.look(0, seen);
    model.fire(TimerName::Deadline(0));
    model
}

fn running() -> Seen {
    Seen::Running { note: "Succeeded".into() }
}

fn stopped() -> Seen {
    Seen::Stopped { note: "Operation terminated".into() }
}

fn remedies(model: &Model) -> Vec<Remedy> {
    let remedy = |button: &Button| match &button.token {
        Token::OfRun { wish: Wish::Remedy { remedy, .. }, .. } => Some(*remedy),
        _ => None,
    };
    model.card().buttons.iter().filter_map(remedy).collect()
}

fn press(model: &mut Model, who: &str, remedy: Remedy) {
    let operation = match &model.run(1).steps[0] {
        Step::Following(following) => following.operation.id.clone(),
        other => panic!("{other:?}"),
    };
    press_old(model, who, remedy, operation);
}

fn press_old(model: &mut Model, who: &str, remedy: Remedy, operation: CallId) {
    let by = PersonId::new(who);
    model.send(1, &RunEvent::Remedy { by, step: 0, operation, remedy });
}

fn is_failed(step: &Step) -> bool {
    matches!(step, Step::Ended(StepEnd::Failed { .. }))
}

fn syncs(model: &Model) -> usize {
    model.syncs().len()
}

#[test]
fn people_are_told_and_may_decide_and_looking_goes_on() {
    let mut model = overdue(running());
    assert_eq!(model.end_of(1), None);
    let said = &model.last().text;
    assert!(said.contains("has not come to an end within 15m, last seen: Succeeded"), "{said}");
    assert_eq!(remedies(&model), [Remedy::Terminate, Remedy::StartAgain, Remedy::GiveUp]);
    assert!(model.card().text.contains("overdue"), "{}", model.card().text);
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded), "it came to a good end after all");
}

#[test]
fn what_is_applied_can_neither_be_terminated_nor_started_again() {
    let mut model = overdue(Seen::Applied { note: "Progressing".into() });
    assert_eq!(remedies(&model), [Remedy::GiveUp]);
    press(&mut model, "mina", Remedy::StartAgain);
    assert!(model.last().text.contains("That cannot be done"), "{}", model.last().text);
    assert_eq!((syncs(&model), model.operations.len()), (1, 1));
}

#[test]
fn a_person_ends_the_waiting() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::GiveUp);
    assert_eq!(model.end_of(1), Some(End::Unknown));
    assert!(model.card().text.contains("mina stopped waiting for it"), "{}", model.card().text);
}

#[test]
fn terminated_is_a_failure_that_says_by_whom() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::Terminate);
    assert_eq!(model.operations.last().unwrap().call.action, "terminate");
    assert_eq!(remedies(&model), [Remedy::GiveUp], "one thing at a time");
    press(&mut model, "jun", Remedy::StartAgain);
    assert!(model.last().text.contains("mina chose \"Terminate\""), "{}", model.last().text);
    model.settle_done();
    model.look(0, stopped());
    assert_eq!(model.end_of(1), Some(End::Failed));
    assert!(model.card().text.contains("terminated by mina"), "{}", model.card().text);
    assert_eq!(syncs(&model), 1);
}

#[test]
fn who_terminates_it_where_the_tool_did_not_is_somebody_else() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::Terminate);
    model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::Forbidden) });
    model.look(0, stopped());
    assert_eq!(model.end_of(1), Some(End::Failed));
    assert!(!model.card().text.contains("terminated by"), "{}", model.card().text);
}

#[test]
fn who_is_tired_of_waiting_for_the_termination_can_end_the_waiting() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::Terminate);
    press(&mut model, "jun", Remedy::GiveUp);
    assert_eq!(model.end_of(1), Some(End::Unknown));
}

/// To the point at which the target is read once more.
fn started_again() -> Model {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle_done();
    model.look(0, stopped());
    model
}

#[test]
fn started_again_only_when_nothing_is_under_way() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    assert_eq!((syncs(&model), model.operations.len()), (1, 2), "terminated first");
    // It is over, but whether the request to stop it is still on its way nobody knows.
    model.look(0, stopped());
    assert_eq!((model.end_of(1), model.queries.len()), (None, 0));
    assert!(matches!(model.step(0), Step::Following(f) if f.memory["looks"] == 1), "kept");
    model.settle_done();
    assert_eq!(model.next_look(0), Some(model.ctx.now + SECOND * 2), "in a moment");
    model.look(0, running());
    assert_eq!(syncs(&model), 1);
    model.look(0, stopped());
    model.read();
    assert_eq!(syncs(&model), 2, "with a fresh reading");
    let ids: BTreeSet<_> = model.operations.iter().map(|op| op.id.as_str()).collect();
    assert_eq!(ids.len(), 3);
    model.settle_done();
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
    let acted = |fact: &&Fact| matches!(fact, Fact::Acted { act, .. } if act == "start again");
    assert_eq!(model.facts().into_iter().filter(acted).count(), 1);
}

#[test]
fn what_was_brought_in_part_or_whole_is_done_once_more_with_its_hooks() {
    for obstacle in [None, Some(Obstacle::NothingToDo)] {
        let mut model = started_again();
        let part = model.tool.get_mut(&target("wallet")).unwrap();
        part.images.clear();
        part.obstacle = obstacle.clone();
        model.read();
        assert_eq!(syncs(&model), 2, "{obstacle:?}");
        model.settle_done();
        assert!(matches!(model.step(0), Step::Following(f) if !f.by_itself));
    }
}

#[test]
fn another_plan_or_another_obstacle_is_not_begun() {
    type Change = fn(&mut TargetPlan);
    let changes: [(Change, &str); 3] = [
        (|part| part.revisions = vec!["ffff".into()], "not started again: changed since"),
        (|part| part.images[0].to = Some("w:9".into()), "not started again: changed since"),
        (|part| part.obstacle = Some(Obstacle::WindowClosed), "not started again: "),
    ];
    for (change, said) in changes {
        let mut model = started_again();
        change(model.tool.get_mut(&target("wallet")).unwrap());
        model.read();
        assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Failed), 1));
        assert!(model.card().text.contains(said), "{}", model.card().text);
        assert!(model.card().text.contains("over without success"), "{}", model.card().text);
    }
}

#[test]
fn a_tool_that_is_away_before_the_second_attempt_does_not_make_the_first_one_undone() {
    let mut model = started_again();
    model.read_fails(TroubleKind::Unreachable);
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), Some(End::Failed));
    let card = &model.card().text;
    assert!(card.contains("could not be started again within 15m"), "{card}");
    assert!(!card.contains("nothing was changed"), "{card}");
    assert_eq!(model.run(1).sick.steps, [0], "it is asked why");
    assert_eq!(model.run(1).brought().count(), 1);
}

#[test]
fn a_second_attempt_that_the_tool_does_not_take_fails_as_such() {
    let mut model = started_again();
    model.read();
    model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::Forbidden) });
    assert_eq!(model.end_of(1), Some(End::Failed));
    assert!(model.card().text.contains("over without success"), "{}", model.card().text);
}

#[test]
fn a_run_that_is_stopped_or_lost_before_the_second_attempt_ends_as_the_first_one_did() {
    let mut model = started_again();
    model.cancel("mina");
    assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Failed), 1));
    let mut model = started_again();
    let run = model.run(1).clone();
    let outcome = lose(&model.ctx, &model.world, &run, 7, false);
    model.apply(outcome);
    assert!(is_failed(model.step(0)), "{:?}", model.step(0));
}

/// The first target is late; another one waits, or it is the last.
fn late(is_last: bool, on_failure: OnFailure) -> Model {
    let targets = if is_last { vec!["wallet"] } else { vec!["wallet", "shop"] };
    let on_failure = Some(on_failure);
    let mut model = Model::with_run(&Setup { targets, on_failure, ..Setup::default() });
    model.until_following();
    model.look(0, running());
    model.fire(TimerName::Deadline(0));
    model
}

#[test]
fn nothing_is_started_again_on_hold() {
    let held = |model: &mut Model| {
        let by = Member::Person(PersonId::new("eve"));
        model.send(1, &RunEvent::Hold { by });
        assert!(model.run(1).is_held());
        // Whatever was asked before is old.
        model.queries.clear();
    };
    // Asked for on hold.
    let mut model = late(false, OnFailure::GoOn);
    held(&mut model);
    press(&mut model, "mina", Remedy::StartAgain);
    assert!(model.last().text.contains("on hold, so nothing is started again"));
    assert_eq!(model.operations.len(), 1);
    for (last, on_failure) in
        [(false, OnFailure::GoOn), (false, OnFailure::Stop), (true, OnFailure::Stop)]
    {
        // Held while it is being terminated, or while it is read once more.
        for seen_before in [false, true] {
            let mut model = late(last, on_failure);
            press(&mut model, "mina", Remedy::StartAgain);
            model.settle_done();
            if seen_before {
                model.look(0, stopped());
                assert!(matches!(model.step(0), Step::Checking(_)));
                held(&mut model);
            } else {
                held(&mut model);
                model.look(0, stopped());
            }
            assert!(matches!(model.step(0), Step::Again(_)), "{:?}", model.step(0));
            model.redraw();
            assert!(model.card().text.contains("waits to be started again"));
            assert_eq!((model.end_of(1), syncs(&model)), (None, 1), "nobody's brake ends a run");
            model.send(1, &RunEvent::Resume { by: PersonId::new("mina") });
            model.read();
            assert_eq!(syncs(&model), 2, "it goes on where it was held");
            model.settle_done();
            model.healthy(0);
            if !last {
                model.read();
                model.settle_done();
                model.healthy(1);
            }
            assert_eq!(model.end_of(1), Some(End::Succeeded));
        }
    }
    // What is held and to be started again is stopped as it was.
    let mut model = late(false, OnFailure::Stop);
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle_done();
    model.look(0, stopped());
    held(&mut model);
    model.cancel("mina");
    assert!(is_failed(model.step(0)), "it is not as if it never began: {:?}", model.step(0));
    assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Failed), 1));
}

#[test]
fn no_end_counts_while_the_request_to_stop_it_is_on_its_way() {
    let ends = [
        Seen::Succeeded { note: "Healthy".into(), warnings: vec![] },
        Seen::Failed { note: "Degraded".into() },
        stopped(),
    ];
    for seen in ends {
        let mut model = overdue(running());
        press(&mut model, "mina", Remedy::Terminate);
        model.look(0, seen.clone());
        assert_eq!(model.end_of(1), None, "its lock is not given to the next: {seen:?}");
        model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::Over) });
        model.look(0, seen.clone());
        assert!(model.end_of(1).is_some());
        let told = model.said("was finished before it could be stopped");
        assert_eq!(told, matches!(seen, Seen::Succeeded { .. }));
    }
}

#[test]
fn what_is_said_of_a_request_to_stop_that_comes_to_nothing_is_true() {
    for settlement in [
        Settlement::Refused { trouble: super::trouble(TroubleKind::TimedOut) },
        Settlement::Refused { trouble: super::trouble(TroubleKind::Forbidden) },
        Settlement::Unsure { trouble: super::trouble(TroubleKind::TimedOut) },
    ] {
        let mut model = overdue(running());
        press(&mut model, "mina", Remedy::Terminate);
        model.look(0, Seen::Applied { note: "Progressing".into() });
        assert!(model.said("was applied before it could be terminated"));
        let said = model.says.len();
        model.settle(settlement);
        model.look(0, Seen::Applied { note: "Progressing".into() });
        let notes = model.says[said..].iter().filter(|say| say.key.as_str().contains(".note."));
        assert_eq!(notes.count(), 0, "nothing is tried again, and nothing can be");
        assert_eq!(model.operations.len(), 2);
    }
}

#[test]
fn a_request_to_stop_that_was_only_found_may_be_somebody_elses() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle(Settlement::Done { receipt: serde_json::json!(null), found: true });
    assert!(model.said("it is only terminated, not started again"));
    model.look(0, stopped());
    assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Failed), 1));
}

#[test]
fn another_attempt_is_recognised_by_what_is_there_now_and_proven_by_what_was_approved() {
    let mut model = Model::new(&Setup { approval: false, ..Setup::default() });
    let proven = |ids, images| serde_json::json!({ "history": ids, "proof": { "images": images } });
    let tool = |model: &mut Model, evidence| {
        model.tool.get_mut(&target("wallet")).unwrap().evidence = evidence;
    };
    tool(&mut model, proven(1, "w:2"));
    model.create(1, &["wallet"]);
    model.post();
    let run = model.world.runs.get_mut(&crate::ids::RunId::numbered(1)).unwrap();
    run.plan.targets[0].evidence = proven(1, "w:2");
    model.until_following();
    model.look(0, running());
    model.fire(TimerName::Deadline(0));
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle_done();
    model.look(0, stopped());
    tool(&mut model, proven(2, ""));
    model.read();
    assert_eq!(model.operations.last().unwrap().evidence, proven(2, "w:2"));
}

#[test]
fn an_agreement_that_is_over_is_given_anew_by_who_may() {
    let mut model = overdue(running());
    model.pass(SECOND * 3600);
    press(&mut model, "mina", Remedy::StartAgain);
    let said = &model.last().text;
    assert!(said.contains("leads has to start it again, which approves it anew"), "{said}");
    assert_eq!(model.operations.len(), 1);
    press(&mut model, "jun", Remedy::StartAgain);
    assert_eq!(model.operations.len(), 2);
}

#[test]
fn what_nobody_knows_stays_unknown() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle_done();
    model.look(0, Seen::Lost { note: "replaced".into() });
    assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Unknown), 1));
    assert!(model.world.locks.contains_key(&target("wallet")));
}

#[test]
fn a_rollback_is_not_started_again() {
    let mut model = Model::with_run(&Setup::default());
    model.until_following();
    model.look(0, running());
    let run = model.world.runs.get_mut(&crate::ids::RunId::numbered(1)).unwrap();
    run.plan.targets[0].returns = Some(Returns {
        entry: 1,
        deployed_at: None,
        deployed_by: None,
        hooks_ran: false,
        undoes_a_part: false,
    });
    model.fire(TimerName::Deadline(0));
    assert_eq!(remedies(&model), [Remedy::Terminate, Remedy::GiveUp]);
    press(&mut model, "mina", Remedy::StartAgain);
    assert!(model.last().text.contains("That cannot be done"), "{}", model.last().text);
}

#[test]
fn a_request_to_stop_that_may_still_come_forbids_a_second_attempt() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle(Settlement::Unsure { trouble: super::trouble(TroubleKind::TimedOut) });
    assert!(model.said("it is only terminated, not started again"));
    model.look(0, stopped());
    assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Failed), 1));
    // It stays so for the next decision.
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::Terminate);
    model.settle(Settlement::Unsure { trouble: super::trouble(TroubleKind::Forbidden) });
    assert_eq!(remedies(&model), [Remedy::Terminate, Remedy::GiveUp]);
}

#[test]
fn what_stands_still_meanwhile_is_as_late_as_people_are() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle_done();
    let pause = Pause { id: "p1".into(), acts: Act::ALL.to_vec(), ..Pause::noted("paused".into()) };
    model.look(0, Seen::Waiting(pause));
    assert!(model.said("was applied before it could be terminated"), "the wish does not vanish");
    assert_eq!(remedies(&model), []);
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), None, "a reminder, and no end");
    model.look(0, running());
    assert_eq!(remedies(&model), [], "with time of its own");
    model.look(0, stopped());
    assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Failed), 1));
}

#[test]
fn an_operation_that_the_tool_does_not_let_go_of_is_told_and_people_decide_anew() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    let refused = super::trouble(TroubleKind::Refused);
    model.settle(Settlement::Refused { trouble: refused });
    assert!(model.said("wallet could not be terminated"));
    assert!(model.said("remove `operation` of the Application"));
    assert!(!model.said("`cancel` asks once more"));
    assert_eq!(remedies(&model), [Remedy::Terminate, Remedy::StartAgain, Remedy::GiveUp]);
    assert_eq!(syncs(&model), 1);
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle_done();
    model.look(0, stopped());
    model.read();
    assert_eq!(syncs(&model), 2);
}

#[test]
fn only_a_dead_state_wants_the_cluster() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::Terminate);
    model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::Forbidden) });
    assert!(model.said("Choose again when that is in order"));
    assert!(!model.said("remove `operation`"));
}

#[test]
fn what_is_decided_has_time_of_its_own() {
    let mut model = overdue(running());
    model.pass(SECOND * 600);
    press(&mut model, "mina", Remedy::Terminate);
    let key = (EntityKey::Run(crate::ids::RunId::numbered(1)), TimerName::Deadline(0));
    assert_eq!(model.timers[&key].due, model.ctx.now + SECOND * 900);
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), Some(End::Unknown), "it never ended");
}

#[test]
fn nothing_is_started_again_in_a_run_that_is_being_stopped() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    model.send(1, &RunEvent::Cancel { by: PersonId::new("mina") });
    model.settle_done();
    model.look(0, stopped());
    assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Cancelled), 1));
    assert!(model.queries.iter().all(|query| query.call.action != "diff"));
}

#[test]
fn what_was_over_before_it_could_be_terminated_is_decided_anew() {
    for settlement in [
        Settlement::Refused { trouble: super::trouble(TroubleKind::Over) },
        // Asked again at the next look, which shows that there is nothing to ask for.
        Settlement::Refused { trouble: super::trouble(TroubleKind::Unreachable) },
    ] {
        let mut model = overdue(running());
        press(&mut model, "mina", Remedy::Terminate);
        model.settle(settlement);
        model.look(0, Seen::Applied { note: "Progressing".into() });
        assert!(model.said("was applied before it could be terminated"));
        assert_eq!(remedies(&model), [Remedy::GiveUp]);
        assert_eq!((model.end_of(1), model.operations.len()), (None, 2));
        model.healthy(0);
        assert_eq!(model.end_of(1), Some(End::Succeeded));
    }
}

#[test]
fn a_good_end_wins_over_starting_again() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    model.settle_done();
    model.healthy(0);
    assert_eq!((model.end_of(1), syncs(&model)), (Some(End::Succeeded), 1));
}

#[test]
fn nobody_decides_and_it_is_unknown_after_as_much_time_again() {
    let mut model = overdue(running());
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), Some(End::Unknown));
    assert!(model.card().text.contains("no end within 30m"), "{}", model.card().text);
}

#[test]
fn who_stops_the_run_is_not_asked() {
    let mut model = Model::with_run(&Setup::default());
    model.until_following();
    model.look(0, running());
    model.send(1, &RunEvent::Cancel { by: PersonId::new("mina") });
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), Some(End::Unknown));
}

#[test]
fn strangers_old_buttons_and_what_is_in_time_change_nothing() {
    let mut model = overdue(running());
    press(&mut model, "eve", Remedy::GiveUp);
    assert_eq!(model.end_of(1), None);
    press_old(&mut model, "mina", Remedy::GiveUp, CallId::new("r1.99"));
    assert!(model.last().text.contains("That button is old"), "{}", model.last().text);
    assert_eq!(model.end_of(1), None);
    let mut early = Model::with_run(&Setup::default());
    early.until_following();
    press(&mut early, "mina", Remedy::Terminate);
    assert_eq!(early.operations.len(), 1);
    let ended =
        |model: &Model| matches!(&model.run(1).steps[0], Step::Ended(StepEnd::Unknown { .. }));
    assert!(!ended(&early));
}

#[test]
fn nothing_is_let_go_of_while_the_request_to_stop_it_is_on_its_way() {
    // Stopped, and applied meanwhile.
    let mut model = Model::with_run(&Setup::default());
    model.until_following();
    model.look(0, running());
    model.cancel("mina");
    model.look(0, Seen::Applied { note: "Progressing".into() });
    assert_eq!(model.end_of(1), None, "its lock is not given to the next");
    model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::Over) });
    model.look(0, Seen::Applied { note: "Progressing".into() });
    assert_eq!(model.end_of(1), Some(End::Cancelled));
    // Terminated, applied meanwhile, and then stopped.
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::Terminate);
    model.look(0, Seen::Applied { note: "Progressing".into() });
    model.cancel("mina");
    assert_eq!(model.end_of(1), None);
    model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::Unreachable) });
    model.look(0, Seen::Applied { note: "Progressing".into() });
    assert_eq!(model.end_of(1), Some(End::Cancelled));
}

#[test]
fn an_end_that_was_seen_before_the_request_was_settled_is_neither_tried_again_nor_forgotten() {
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::Terminate);
    model.look(0, Seen::Succeeded { note: "Healthy".into(), warnings: vec![] });
    let said = model.says.len();
    model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::TimedOut) });
    let notes = model.says[said..].iter().filter(|say| say.key.as_str().contains(".note."));
    assert_eq!(notes.count(), 0, "nothing is tried again");
    model.healthy(0);
    assert_eq!((model.end_of(1), model.operations.len()), (Some(End::Succeeded), 2));
    // It failed by itself, and was surely not stopped: the second attempt is begun all the same.
    let mut model = overdue(running());
    press(&mut model, "mina", Remedy::StartAgain);
    model.look(0, Seen::Failed { note: "hook failed".into() });
    model.settle(Settlement::Refused { trouble: super::trouble(TroubleKind::Forbidden) });
    model.look(0, Seen::Failed { note: "hook failed".into() });
    model.read();
    assert_eq!(syncs(&model), 2);
}
