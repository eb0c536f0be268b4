//! Whoever waits for what never comes must be seen: here the store loses what somebody waits for.

use wilco_core::entity::{EntityKey, EntityKind};
use wilco_core::port::{OutboxRow, Unit};
use wilco_core::timer::TimerName;
use wilco_core::token::{Token, Wish};
use wilco_transcript::{On, Slips, crash};

use crate::stories;

/// All faults of a story whose store slips like this, each of which must be named.
async fn named(story: &str, slips: Slips, faults: &[&str]) {
    let story = stories::named(story).slipping(slips);
    let said = story.faults(&On::Sqlite).await.unwrap_or_else(|problem| panic!("{problem}"));
    let said = said.join("\n");
    for fault in faults {
        assert!(said.contains(fault), "`{fault}` is not among these:\n{said}");
    }
}

fn unit(unit: fn(&mut Unit)) -> Slips {
    Slips { unit, ..Slips::default() }
}

fn is_of_a_run(owner: &EntityKey) -> bool {
    owner.kind() == EntityKind::Run
}

/// No message has such a button any more.
fn without(unit: &mut Unit, means: fn(&Token) -> bool) {
    for say in &mut unit.says {
        say.body.buttons.retain(|button| !means(&button.token));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialog_without_patience_is_named() {
    let slips = unit(|unit| unit.timers.retain(|timer| timer.name != TimerName::Patience));
    named(
        "deploy/short",
        slips,
        &["after line 4: the dialog", "mina is open, and nothing ends it"],
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialog_whose_question_is_lost_is_named() {
    let slips = unit(|unit| unit.queries.retain(|query| is_of_a_run(&query.owner)));
    named("rights/who", slips, &["the dialog", ", which nobody asks"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dialog_without_its_receipt_is_named() {
    let slips = unit(|unit| unit.says.iter_mut().for_each(|say| say.receipt = None));
    named("deploy/short", slips, &["mina does not know that it stands there"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_without_its_look_is_named() {
    let slips = unit(|unit| unit.timers.retain(|timer| !matches!(timer.name, TimerName::Look(_))));
    named("deploy/short", slips, &["r1 does not look at its step 0 any more"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_without_its_deadline_is_named() {
    let slips =
        unit(|unit| unit.timers.retain(|timer| !matches!(timer.name, TimerName::Deadline(_))));
    named("deploy/degraded_en", slips, &["looks at its step 0 for ever"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_question_is_lost_is_named() {
    let slips = unit(|unit| unit.queries.retain(|query| !is_of_a_run(&query.owner)));
    named("deploy/short", slips, &["r1 does not look at its step 0 any more"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_operation_is_lost_is_named() {
    let slips = unit(|unit| unit.operations.clear());
    let faults =
        ["r1 does not look at its step 0 any more", "r1 waits for r1.2, which nobody makes"];
    named("deploy/short", slips, &faults).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_that_never_ends_is_named() {
    let slips = unit(|unit| unit.timers.retain(|timer| timer.name != TimerName::Expiry));
    named("deploy/approval_ko", slips, &["r1 awaits approval for ever"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_that_nobody_is_asked_for_is_named() {
    let slips = unit(|unit| {
        without(unit, |token| {
            matches!(token, Token::OfRun { wish: Wish::Decide { approve: true, .. }, .. })
        });
    });
    named("deploy/approval_ko", slips, &["r1 awaits approval, and nobody is asked for it"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_card_without_its_receipt_is_named() {
    let slips = unit(|unit| {
        for say in unit.says.iter_mut().filter(|say| say.receipt.as_ref().is_some_and(is_of_a_run))
        {
            say.receipt = None;
        }
    });
    named("deploy/approval_ko", slips, &["r1 does not know that its card stands there"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_run_that_nobody_is_asked_about_is_named() {
    let slips = unit(|unit| {
        without(unit, |token| matches!(token, Token::OfRun { wish: Wish::Resolve { .. }, .. }));
    });
    let fault = "r1 is unknown, and nobody is asked what became of it";
    named("approval/too_old_in_the_queue", slips, &[fault]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_is_never_freed_is_named() {
    let slips = unit(|unit| unit.removes.retain(|key| key.kind() != EntityKind::Lock));
    named("deploy/short", slips, &["wallet-api-stage is held by r1, which is over"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_that_is_not_taken_is_named() {
    let slips = unit(|unit| unit.puts.retain(|(key, ..)| key.kind() != EntityKind::Lock));
    named("deploy/degraded_en", slips, &["works on its step 0 without its lock"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waits_for_a_lock_without_a_place_in_the_queue_is_named() {
    let slips = unit(|unit| {
        for (key, _, _, body) in &mut unit.puts {
            if key.kind() == EntityKind::Lock
                && let Ok(mut lock) = serde_json::from_str::<wilco_core::lock::Lock>(body)
            {
                lock.queue.clear();
                *body = serde_json::to_string(&lock).unwrap_or_default();
            }
        }
    });
    named("deploy/queue_of_two", slips, &["r2 waits for a lock that nobody holds"]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_is_never_sent_is_named() {
    let sends = |rows: &mut Vec<OutboxRow>| rows.retain(|row| !row.key.as_str().contains("card"));
    named("deploy/short", Slips { sends, ..Slips::default() }, &["messages were due and not sent"])
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_says_something_else_after_a_death_is_seen() {
    let sends = |rows: &mut Vec<OutboxRow>| {
        for row in rows.iter_mut().filter(|row| row.claim.earlier_send_by.is_some()) {
            row.body.text = "something else".to_owned();
        }
    };
    let story = stories::named("deploy/short").slipping(Slips { sends, ..Slips::default() });
    let red = crash::everywhere(&story, &On::Sqlite).await;
    let difference = red.expect_err("a message said something else and nobody saw it");
    let (_, this_time) = difference.split_once("this time").expect("both ends are shown");
    assert!(this_time.contains("something else"), "{difference}");
}
