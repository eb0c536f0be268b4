//! Killed while nothing is on its way to a tool: the next process goes on where the last one died.

use crate::away;
use crate::story::{self, THREAD};
use crate::wait::until;
use crate::world::{On, World};

crate::on_both_stores! {
    killed_at_a_question_and_while_following
    killed_before_a_question_times_out
    killed_while_waiting_pressed_when_nobody_runs
    killed_while_waiting_answered_when_nobody_runs
}

async fn killed_at_a_question_and_while_following(on: On) {
    let world = World::new(on).await.slower();
    let mut bot = world.start().await;
    story::ask(&bot.console, "wallet-api").await;
    bot.kill();

    let mut bot = world.start().await;
    let card = story::confirm(&bot.console).await;
    story::approve(&bot.console, &card).await;
    // Taken by the tool: what is left is a timer, and the looks that it brings.
    until("the sync was taken", async || (!world.effects().is_empty()).then_some(())).await;
    bot.console.wilco_says("the card shows it", |m| m.text.contains("running")).await;
    bot.kill();

    let bot = world.start().await;
    story::succeeds(&bot.console).await;
    story::exactly_once(&world, &bot.console, &["wallet-api"]).await;
    assert_eq!(world.sync_requests(), 1);
}

async fn killed_before_a_question_times_out(on: On) {
    let world = World::new(on).await.with("--patience-secs=1");
    let mut bot = world.start().await;
    bot.console.say(THREAD, "mina", None, "deploy").await;
    bot.console.wilco_says("a question stands there", |m| m.root() == THREAD).await;
    bot.kill();

    let bot = world.start().await;
    let closed = |m: &wilco_chat::local::Message| m.text.contains("so I closed this");
    bot.console.wilco_says("the dialog is closed aloud", closed).await;
    let messages = bot.console.messages().await.unwrap();
    assert_eq!(messages.iter().filter(|m| closed(m)).count(), 1, "and only once");
}

async fn killed_while_waiting_pressed_when_nobody_runs(on: On) {
    let world = World::new(on).await;
    let mut bot = world.start().await;
    story::ask(&bot.console, "wallet-api").await;
    let card = story::confirm(&bot.console).await;
    bot.kill();
    away::press_received(&world, &card).await;

    let bot = world.start().await;
    // The page got no answer and sends it again, as it does: it is the same press.
    story::approve(&bot.console, &card).await;
    story::succeeds(&bot.console).await;
    story::exactly_once(&world, &bot.console, &["wallet-api"]).await;
}

async fn killed_while_waiting_answered_when_nobody_runs(on: On) {
    let world = World::new(on).await;
    let mut bot = world.start().await;
    story::ask(&bot.console, "wallet-api").await;
    let card = story::confirm(&bot.console).await;
    bot.kill();
    away::word_written(&world, &card).await;

    let bot = world.start().await;
    story::succeeds(&bot.console).await;
    story::exactly_once(&world, &bot.console, &["wallet-api"]).await;
}
