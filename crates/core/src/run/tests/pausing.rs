//! A target stands still until a person acts.

use serde_json::json;

use super::{Model, Setup, trouble};
use crate::answer::{Act, Pause, Seen, Stop, TroubleKind};
use crate::audit::Fact;
use crate::call::Settlement;
use crate::ids::PersonId;
use crate::run::RunEvent;
use crate::run::state::{End, Phase, Step};
use crate::timer::TimerName;

fn pause(id: &str, acts: &[Act]) -> Pause {
    Pause {
        note: "Suspended: CanaryPauseStep".into(),
        stops: vec![Stop { object: "Rollout/wallet".into(), step: Some((2, 4)), weight: Some(20) }],
        is_hook: false,
        id: id.into(),
        acts: acts.to_vec(),
        evidence: json!({ "pause": id }),
    }
}

/// The first target pauses.
fn paused(targets: &[&'static str], approval: bool) -> Model {
    let targets = targets.to_vec();
    let mut model = Model::with_run(&Setup { targets, approval, ..Setup::default() });
    model.until_following();
    model.look(0, Seen::Waiting(pause("p1", &Act::ALL)));
    model
}

fn word(model: &mut Model, who: &str, act: Act) {
    model.send(1, &RunEvent::Act { by: PersonId::new(who), act, pressed: None });
}

fn press(model: &mut Model, who: &str, act: Act, pause: &str) {
    let pressed = Some((0, pause.to_owned()));
    model.send(1, &RunEvent::Act { by: PersonId::new(who), act, pressed });
}

fn labels(model: &Model) -> Vec<String> {
    model.card().buttons.iter().map(|button| button.label.clone()).collect()
}

#[test]
fn it_is_told_once_and_offers_what_the_tool_offers() {
    let mut model = paused(&["wallet"], false);
    let asked =
        "wallet waits for a person: Rollout/wallet at step 2 of 4 with 20 % of the traffic.";
    assert!(model.last().text.starts_with(asked), "{}", model.last().text);
    assert_eq!(model.last().mention, Some(PersonId::new("mina")));
    assert_eq!(labels(&model), ["Resume rollout", "Promote fully", "Abort rollout", "Cancel"]);
    let said = model.says.len();
    model.look(0, Seen::Waiting(pause("p1", &Act::ALL)));
    assert_eq!(model.says.len(), said, "the same pause is not told again");
    model.look(0, Seen::Waiting(pause("p2", &[Act::Promote])));
    assert!(model.last().text.contains("type `promote`"));
    word(&mut model, "mina", Act::Resume);
    assert!(model.last().text.starts_with("\"Resume rollout\" is not possible for wallet now"));
}

#[test]
fn an_act_is_one_operation_with_the_evidence_of_its_pause() {
    let mut model = paused(&["wallet"], false);
    press(&mut model, "dora", Act::Resume, "p1");
    let operation = model.operations.last().unwrap();
    assert_eq!(
        (operation.call.action.as_str(), &operation.evidence),
        ("resume", &json!({ "pause": "p1" }))
    );
    assert_eq!(labels(&model), ["Cancel"], "nothing more can be asked meanwhile");
    word(&mut model, "mina", Act::Promote);
    assert!(model.last().text.starts_with("dora has just asked for something about wallet"));
    assert_eq!(model.operations.len(), 2);
    model.settle_done();
    model.look(0, Seen::Waiting(pause("p2", &Act::ALL)));
    press(&mut model, "dora", Act::Resume, "p1");
    assert!(model.last().text.starts_with("That button is of an earlier pause"));
    word(&mut model, "mina", Act::Promote);
    model.settle_done();
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
    let acts = model.facts().into_iter().filter_map(|fact| match fact {
        Fact::Acted { act, .. } => Some(act.as_str()),
        _ => None,
    });
    assert_eq!(acts.collect::<Vec<_>>(), ["resume", "promote"]);
}

#[test]
fn who_may_not_start_or_approve_may_not_act() {
    let mut model = paused(&["wallet"], true);
    model.without_teams("mina");
    for who in ["eve", "ghost", "mina"] {
        word(&mut model, who, Act::Promote);
        assert!(model.last().text.contains("may not do this to r1; @devops, @leads may"), "{who}");
    }
    assert_eq!(model.operations.len(), 1);
    word(&mut model, "lee", Act::Promote);
    assert_eq!(model.operations.len(), 2);
}

#[test]
fn whatever_the_tool_says_only_looking_tells_how_it_goes_on() {
    let refused = |kind| Settlement::Refused { trouble: trouble(kind) };
    for (settlement, said) in [
        (refused(TroubleKind::Over), "That pause of wallet was over already"),
        (refused(TroubleKind::Forbidden), "\"Promote fully\" was not done for wallet:"),
        (
            Settlement::Unsure { trouble: trouble(TroubleKind::TimedOut) },
            "Whether \"Promote fully\" reached wallet is not known:",
        ),
    ] {
        let mut model = paused(&["wallet"], false);
        word(&mut model, "mina", Act::Promote);
        model.settle(settlement);
        assert!(model.last().text.starts_with(said), "{}", model.last().text);
        assert!(matches!(model.step(0), Step::Following(f) if f.acting.is_none()));
        let now = model.ctx.now;
        model.healthy(0);
        assert_eq!(model.ctx.now, now, "it was looked at at once");
        assert_eq!(model.end_of(1), Some(End::Succeeded));
    }
}

#[test]
fn it_may_take_as_long_as_people_do_and_no_longer_once_it_goes_on() {
    let mut model = paused(&["wallet"], false);
    for _ in 0..3 {
        model.fire(TimerName::Deadline(0));
        assert!(model.last().text.starts_with("wallet still waits for a person"));
        assert!(matches!(model.step(0), Step::Following(_)));
    }
    model.look(0, Seen::Applied { note: "Progressing".into() });
    assert!(matches!(model.step(0), Step::Following(f) if f.phase == Phase::Applied));
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), None, "people may decide first");
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), Some(End::Unknown));
}

#[test]
fn resume_means_the_hold_first_and_then_the_pause() {
    let mut model = paused(&["wallet", "shop"], false);
    model.send(1, &RunEvent::Hold { by: crate::people::Member::Person(PersonId::new("eve")) });
    let resume = RunEvent::Resume { by: PersonId::new("mina") };
    model.send(1, &resume);
    assert_eq!((model.run(1).is_held(), model.operations.len()), (false, 1));
    model.send(1, &resume);
    assert_eq!(model.operations.last().unwrap().call.action, "resume");
}

#[test]
fn two_that_stand_still_have_buttons_with_their_names() {
    let setup = Setup {
        targets: vec!["wallet", "shop"],
        order: crate::runbook::Order::Parallel(2),
        approval: false,
        ..Setup::default()
    };
    let mut model = Model::with_run(&setup);
    for _ in 0..2 {
        model.read();
    }
    for _ in 0..2 {
        model.settle_done();
    }
    for step in 0..2 {
        model.look(step, Seen::Waiting(pause("p1", &[Act::Promote])));
    }
    assert_eq!(labels(&model), ["wallet: Promote fully", "shop: Promote fully", "Cancel"]);
}

#[test]
fn over_is_over() {
    let mut model = paused(&["wallet"], false);
    model.healthy(0);
    press(&mut model, "mina", Act::Abort, "p1");
    assert_eq!(model.last().text, "Nothing of r1 waits for a person now.");
    assert_eq!(model.operations.len(), 1);
}

/// The hook of the first target is suspended.
fn hooked() -> Model {
    let mut model = Model::with_run(&Setup::default());
    model.until_following();
    let stops = vec![Stop { object: "Job/migrate".into(), step: None, weight: None }];
    let hook = Pause { is_hook: true, stops, ..pause("h1", &[Act::Resume]) };
    model.look(0, Seen::Waiting(hook));
    model
}

#[test]
fn a_suspended_hook_waits_for_a_person_and_goes_on() {
    let mut model = hooked();
    assert!(model.last().text.contains("waits for a person: hook Job/migrate is suspended"));
    assert_eq!(labels(&model), ["Resume hook", "Cancel"]);
    model.fire(TimerName::Deadline(0));
    assert!(model.last().text.contains("still waits for a person"), "{}", model.last().text);
    assert_eq!(model.end_of(1), None, "it may take as long as people do");
    press(&mut model, "mina", Act::Resume, "h1");
    assert!(model.last().text.contains("mina resumes the hook of wallet"));
    model.settle_done();
    model.look(0, Seen::Running { note: "Running".into() });
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
}

#[test]
fn what_waits_in_a_hook_is_under_way_and_is_terminated() {
    let mut model = hooked();
    model.cancel("mina");
    assert_eq!(model.end_of(1), None, "it is not let go of");
    assert_eq!(model.operations.last().unwrap().call.action, "terminate");
    model.settle_done();
    model.look(0, Seen::Stopped { note: "Operation terminated".into() });
    assert_eq!(model.end_of(1), Some(End::Cancelled));
}

#[test]
fn a_hook_that_cannot_be_stopped_ends_the_waiting_for_it() {
    let mut model = hooked();
    model.cancel("mina");
    model.settle(Settlement::Refused { trouble: trouble(TroubleKind::Forbidden) });
    model.fire(TimerName::Deadline(0));
    assert_eq!(model.end_of(1), Some(End::Unknown), "nobody waits for ever");
}
