//! Twenty kills at random moments of one deployment.

use std::sync::atomic::{AtomicU32, Ordering};

use wilco_sim::argocd::{Fault, FaultKind};

use crate::story;
use crate::wait::{moment, until};
use crate::world::{On, World};

crate::on_both_stores! { killed_again_and_again }

const ROUNDS: u32 = 20;
/// So many of them happen before the approval: the dialog and the approval get their share.
const BEFORE_APPROVAL: u32 = 6;
/// The longest life of a process, counted from its start, so that its start and what it takes up
/// again are hit most often.
const LIFE_MS: u64 = 700;
/// How long each sync takes to be answered: long enough to be hit by some of the kills.
const SLOW_SYNC: FaultKind = FaultKind::Hold { ms: 300 };
const SEED: u64 = 0x5eed_0020;
const APPS: [&str; 3] = ["wallet-api", "gamedosi-web", "wallet-web"];

async fn killed_again_and_again(on: On) {
    let world = World::new(on).await.with("--write-secs=1");
    world.argo.fault(Fault::on_sync(SLOW_SYNC));
    let killed = AtomicU32::new(0);
    let kill = async {
        let mut random = Random(SEED);
        let (mut taken, mut inside) = (Vec::new(), 0);
        for round in 1..=ROUNDS {
            let mut bot = world.launch();
            moment(random.below(LIFE_MS)).await;
            inside += world.argo.held_count();
            bot.kill();
            taken.push(world.effects().len());
            killed.store(round, Ordering::Relaxed);
        }
        println!("{on:?}: {inside} kills inside a sync; syncs taken at each kill: {taken:?}");
        world.start().await
    };
    let people = async {
        let front = world.front();
        story::ask(&front, &APPS.join(" ")).await;
        let card = story::confirm(&front).await;
        until("the first kills are over", async || {
            (killed.load(Ordering::Relaxed) >= BEFORE_APPROVAL).then_some(())
        })
        .await;
        story::approve(&front, &card).await;
    };
    let (bot, ()) = tokio::join!(kill, people);

    story::succeeds(&bot.console).await;
    story::exactly_once(&world, &bot.console, &APPS).await;
}

/// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}
