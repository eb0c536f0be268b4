//! The plan is read again after the yes, and once more per target.

use std::sync::Arc;

use super::{APPROVED, Model, Setup, target};
use crate::answer::{Answer, TroubleKind};
use crate::audit::Fact;
use crate::plan::{Mode, Obstacle, TargetPlan};
use crate::run::compare::is_already_there;
use crate::run::state::{End, State, Step};
use crate::runbook::{Catalog, Does, Template};
use crate::timer::TimerName;

fn approved() -> Model {
    let mut model = Model::with_run(&Setup::default());
    model.decide("jun", APPROVED);
    model
}

fn new_image(model: &mut Model) {
    let part = model.tool.get_mut(&target("wallet")).unwrap();
    part.images[0].to = Some("registry/wallet:1.5.1".into());
}

#[test]
fn another_plan_voids_the_yes_and_everyone_reads_what_changed() {
    let mut model = approved();
    new_image(&mut model);
    model.read();
    assert_eq!(model.end_of(1), Some(End::Failed));
    let said = &model.last().text;
    assert!(said.contains("wallet: was 1.4.2 → 1.5.0, now 1.4.2 → 1.5.1"), "{said}");
    let void =
        |fact: &&Fact| matches!(fact, Fact::ApprovalVoid { why, .. } if why == "plan changed");
    assert!(model.facts().iter().any(void));
    assert!(model.operations.is_empty() && model.notices().is_empty());
}

#[test]
fn another_revision_of_the_same_images_is_another_plan() {
    let mut model = approved();
    model.tool.get_mut(&target("wallet")).unwrap().revisions = vec!["9d2e1111bbbb".into()];
    model.read();
    let said = &model.last().text;
    assert!(said.contains("was 1.4.2 → 1.5.0, 8c1f0000, now 1.4.2 → 1.5.0, 9d2e1111"), "{said}");
}

#[test]
fn evidence_may_move_and_the_fresh_one_is_stored_with_the_intent() {
    let mut model = approved();
    model.read();
    model.tool.get_mut(&target("wallet")).unwrap().evidence = serde_json::json!({ "history": [2] });
    model.read();
    assert_eq!(model.operations[0].evidence, serde_json::json!({ "history": [2] }));
    assert_eq!(model.operations[0].call.with["revisions"], serde_json::json!(["8c1f0000aaaa"]));
    assert!(matches!(model.step(0), Step::Requesting(_)));
}

#[test]
fn a_tool_that_is_away_is_asked_again_and_the_card_says_since_when() {
    let mut model = approved();
    for _ in 0..3 {
        model.read_fails(TroubleKind::Unreachable);
        model.fire(TimerName::Look(0));
    }
    let card = &model.card().text;
    assert!(
        card.contains(
            "argocd main cannot be reached. It has been so since 09:00. Nothing was changed"
        ),
        "{card}"
    );
    model.read();
    assert!(matches!(model.run(1).state, State::Running(_)));
}

#[test]
fn trouble_that_does_not_pass_ends_the_run_with_the_reason() {
    let mut model = approved();
    model.read_fails(TroubleKind::Forbidden);
    assert_eq!(model.end_of(1), Some(End::Failed));
    assert!(model.last().text.contains("does not let Wilco's account do this"));
}

#[test]
fn an_answer_of_another_kind_is_a_mistake_not_an_endless_wait() {
    let mut model = approved();
    let query = model.queries.remove(0);
    model.answer(&query, Ok(Answer::Choices(vec![].into())));
    assert_eq!(model.end_of(1), Some(End::Failed));
}

#[test]
fn what_changed_between_the_yes_and_the_lock_fails_without_an_effect() {
    let mut model = approved();
    model.read();
    new_image(&mut model);
    model.read();
    assert_eq!(model.end_of(1), Some(End::Failed));
    assert!(model.card().text.contains("changed since it was read back"), "{}", model.card().text);
    assert!(model.operations.is_empty());
}

#[test]
fn an_obstacle_is_told_in_its_own_words() {
    for (obstacle, word) in [
        (Obstacle::WindowClosed, "its sync window is closed"),
        (Obstacle::Busy { by: "bob".into() }, "another operation is in progress (started by bob)"),
    ] {
        let mut model = approved();
        model.read();
        model.tool.get_mut(&target("wallet")).unwrap().obstacle = Some(obstacle);
        model.read();
        assert!(model.card().text.contains(word), "{}", model.card().text);
        assert!(model.operations.is_empty());
    }
}

#[test]
fn the_requester_must_still_be_allowed_when_it_starts() {
    let mut model = Model::with_run(&Setup::default());
    model.without_teams("mina");
    model.decide("jun", APPROVED);
    assert_eq!(model.end_of(1), Some(End::Failed));
    assert!(model.last().text.contains("mina may not start this (only @devops may)"));
    assert!(model.queries.is_empty());
}

#[test]
fn a_removed_runbook_stops_what_waits_and_lets_run_what_runs() {
    let mut waiting = Model::with_run(&Setup::default());
    waiting.ctx.catalog = Arc::new(Catalog::default());
    waiting.send(1, &crate::run::RunEvent::CatalogChanged);
    assert_eq!(waiting.end_of(1), Some(End::Cancelled));
    assert!(waiting.last().text.contains("the runbook `deploy` was removed while it waited"));

    let mut running = Model::with_run(&Setup::default());
    running.until_following();
    running.ctx.catalog = Arc::new(Catalog::default());
    running.send(1, &crate::run::RunEvent::CatalogChanged);
    running.healthy(0);
    assert_eq!(running.end_of(1), Some(End::Succeeded));
}

#[test]
fn what_deploys_by_itself_is_watched_and_never_claimed() {
    let mut model = Model::new(&Setup::default());
    model.create(1, &["wallet"]);
    // The read-back said so, and meanwhile the tool has begun by itself.
    let mut run = model.run(1).clone();
    run.plan.targets[0].mode = Mode::Watch;
    model.world.runs.insert(run.id.clone(), run);
    let part = model.tool.get_mut(&target("wallet")).unwrap();
    part.mode = Mode::Watch;
    part.images.clear();
    part.evidence = serde_json::json!({ "history": [1, 2] });
    part.obstacle = Some(Obstacle::NothingToDo);
    model.decide("jun", APPROVED);
    model.read();
    model.read();
    let Step::Following(following) = model.step(0) else { panic!("{:?}", model.step(0)) };
    assert!(following.by_itself);
    assert_eq!(following.operation.evidence, serde_json::json!({ "history": [1] }), "of before");
    assert!(model.operations.is_empty());
    model.healthy(0);
    assert_eq!(model.end_of(1), Some(End::Succeeded));
    assert!(!model.facts().iter().any(|fact| matches!(fact, Fact::Intended { .. })));
}

#[test]
fn a_mistake_in_the_runbook_that_shows_only_now_ends_the_run_with_a_sentence() {
    for action in ["plan", "step"] {
        let mut model = Model::with_run(&Setup::default());
        let mut broken = (*model.runbook).clone();
        let Does::Run(procedure) = &mut broken.does else { unreachable!("the model's runbook") };
        let broken_use =
            if action == "plan" { &mut procedure.plan } else { &mut procedure.step.action };
        let nowhere = Template::parse("{{ nowhere }}").unwrap();
        broken_use.with.insert("x".into(), nowhere);
        model.ctx.catalog = Arc::new(Catalog::new(vec![Arc::new(broken)]));
        model.decide("jun", APPROVED);
        if action == "step" {
            model.read();
            model.read();
        }
        assert_eq!(model.end_of(1), Some(End::Failed), "{action}");
        let card = &model.card().text;
        assert!(card.contains("the runbook `deploy` has a mistake"), "{card}");
        assert!(model.operations.is_empty() && model.world.locks.is_empty());
    }
}

#[test]
fn another_environment_is_another_plan() {
    let mut model = approved();
    model.environments(&[("*/*/*", "stage")]);
    model.read();
    assert!(model.last().text.contains("wallet: was in production, now in stage"));
    assert_eq!(model.end_of(1), Some(End::Failed));
}

#[test]
fn a_target_that_moved_while_the_run_goes_on_fails_without_an_effect() {
    let mut model = approved();
    model.read();
    model.environments(&[("*/*/*", "stage")]);
    model.read();
    assert_eq!(model.end_of(1), Some(End::Failed));
    let card = &model.card().text;
    assert!(card.contains("changed since it was read back (wallet: was in production"), "{card}");
    assert!(model.operations.is_empty());
}

#[test]
fn a_plan_that_names_nothing_counts_as_done_only_when_it_named_something_before() {
    let approved = Model::with_run(&Setup::default()).tool[&target("wallet")].clone();
    let mut empty = approved.clone();
    empty.images.clear();
    assert!(is_already_there(&approved, &empty));
    assert!(!is_already_there(&empty, &empty), "it has to be synced all the same");
    let nothing = TargetPlan { obstacle: Some(Obstacle::NothingToDo), ..empty.clone() };
    assert!(is_already_there(&empty, &nothing));
}
