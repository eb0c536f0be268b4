//! What holds in every conversation.

use proptest::prelude::*;

use super::Chat;
use super::property_model::{Act, Run, acts, own};
use crate::entity::EntityKey;
use crate::event::Event;

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing panics, no dialog is lost without a word, nobody is left without an answer, and a run
    /// begins only by an explicit yes of the dialog's own person, sent after that very read-back
    /// stood there, once.
    #[test]
    fn every_conversation_keeps_its_promises(acts in acts(3)) {
        let mut run = Run::new(3);
        for act in &acts {
            run.act(act)?;
        }
    }

    /// Runs that begin by such sequences do exist: the rules above are not empty.
    #[test]
    fn a_conversation_may_lead_to_a_run(noise in acts(2)) {
        let mut run = Run::new(3);
        for act in &noise {
            run.act(act)?;
        }
        let mut chat = run.chat;
        chat.prompt = true;
        while chat.settle() {}
        chat.apps = vec![super::app("wallet-api", "OutOfSync")];
        chat.obstacle = None;
        let runs = chat.world.runs.len();
        chat.says("p2", &["cancel", "deploy wallet-api", "yes"]);
        prop_assert_eq!(chat.world.runs.len(), runs + 1);
    }

    /// What others say in the thread never touches somebody's run, unless it names the run.
    #[test]
    fn nobody_changes_a_run_that_they_do_not_name(acts in acts(9)) {
        let mut run = Run::new(9);
        run.chat.prompt = true;
        run.chat.says("mina", &["deploy wallet-api", "yes"]);
        run.chat.prompt = false;
        let runs = run.chat.world.runs.clone();
        prop_assert_eq!(runs.len(), 1);
        for act in &acts {
            // Every button on the card of the run names it.
            if !matches!(act, Act::Press(..)) {
                run.act(act)?;
            }
        }
        for (id, before) in &runs {
            prop_assert_eq!(&run.chat.world.runs[id].state, &before.state);
        }
    }

    /// A decision with one word more decides nothing, whatever the word is.
    #[test]
    fn a_decision_with_more_words_decides_nothing(
        verb in prop::sample::select(vec!["approve", "승인", "reject", "반려", "cancel", "취소"]),
        more in prop::collection::vec("[a-zA-Z가-힣?!]{1,8}", 1..4),
        before in any::<bool>(),
    ) {
        prop_assume!(more.iter().any(|word| {
            let plain = crate::input::normalise(word);
            !plain.is_empty() && !crate::input::is_courtesy(&plain)
        }) || more.iter().any(|word| word.contains('?')));
        let more = more.join(" ");
        let text = if before { format!("{verb} {more} r1") } else { format!("{verb} r1 {more}") };
        let mut chat = Chat::new();
        chat.says("mina", &["deploy wallet-api", "yes"]);
        let runs = chat.world.runs.clone();
        chat.say("jun", &text);
        prop_assert_eq!(&chat.world.runs, &runs, "{}", text);
    }

    /// Ten people in one thread: what the tenth one sees does not depend on the nine.
    #[test]
    fn ten_people_do_not_disturb_each_other(
        tenth in prop::collection::vec(prop::sample::select(vec![
            "help", "2", "1", "all", "back", "deploy wallet-api", "hm", "more", "cancel", "9", "메모", "x",
        ]), 1..12),
        nine in acts(9),
    ) {
        let told = |nine: &[Act]| {
            let mut run = Run::new(9);
            run.spared = Some(EntityKey::Dialog(Chat::key("p9")));
            let mut nine = nine.iter();
            let mut told = Vec::new();
            for (place, text) in tenth.iter().enumerate() {
                let key = Chat::key("p9");
                let mut message = run.chat.incoming("p9", text);
                // The two worlds differ in clock and count; the tenth one's own messages do not.
                message.message = crate::ids::MessageId::new(format!("p9-{place}"));
                message.sent_at = crate::time::Timestamp(i64::try_from(place).unwrap());
                let now = crate::time::Timestamp(i64::try_from(place).unwrap() * 1_000);
                told.extend(own(&at(&mut run, now, &Event::Message(message)), &key));
                while let Some(which) =
                    run.chat.asked.iter().position(|query| Some(&query.owner) == run.spared.as_ref())
                {
                    let query = run.chat.asked.remove(which);
                    run.chat.obstacle = None;
                    let apps = std::mem::replace(&mut run.chat.apps, vec![
                        super::app("wallet-api", "OutOfSync"), super::app("b", "OutOfSync"),
                    ]);
                    let event = run.chat.answer(&query);
                    run.chat.apps = apps;
                    told.extend(own(&at(&mut run, now, &event), &key));
                }
                for act in nine.by_ref().take(5) {
                    // Their runs stand in the thread for everyone and are not part of this rule.
                    if !matches!(act, Act::Say(_, text) if crate::input::keyword(text).is_some_and(|k| k.word.consents())) {
                        run.act(act).unwrap();
                    }
                    run.chat.world.runs.clear();
                }
            }
            told
        };
        prop_assert_eq!(told(&nine), told(&[]));
    }
}

fn at(run: &mut Run, now: crate::time::Timestamp, event: &Event) -> crate::world::Outcome {
    let real = std::mem::replace(&mut run.chat.ctx.now, now);
    let outcome = run.handle(event);
    run.chat.ctx.now = real;
    outcome
}
