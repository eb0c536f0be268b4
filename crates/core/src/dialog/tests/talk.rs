//! Talk among people that begins with the name of a function.

use proptest::prelude::*;

use super::{Chat, app};
use crate::audit::Fact;
use crate::event::{Event, Incoming};
use crate::handle;
use crate::people::Author;
use crate::timer::TimerName;

const TALK: [&str; 34] = [
    "plan b is better",
    "plan b",
    "status quo",
    "status of the build?",
    "version 2 is out",
    "release party on friday",
    "deploy of wallet-api is broken since monday",
    "deploy wallet-api done?",
    "deploy it",
    "halt the deployment",
    "halt r1 please",
    "help me with my homework please",
    "상태 어때요",
    "상태 이상",
    "배포 언제 해요?",
    "배포 완료",
    "배포 다 됐나요",
    "배포 wallet-api 언제 하나요",
    "배포 1번 끝났습니다",
    "중단 r1 하지 마세요",
    "계획 없음",
    "메모 좋네요",
    "deploy wallet-api failed",
    "deploy wallet-api and gamedosi-web again",
    "deploy now",
    "배포 wallet-api 실패했습니다",
    "배포 부탁드립니다",
    "배포해줘",
    "wallet-api 배포",
    "wallet-apo 배포해줘",
    "wallet 배포해줘",
    "어제 wallet-api 배포해줘",
    "r1 중단해줘",
    "벽 안녕 메모 부탁해요",
];

#[test]
fn talk_opens_nothing_and_leaves_nothing() {
    for talk in TALK {
        let mut chat = Chat::new();
        chat.apps.push(app("billing", "OutOfSync"));
        chat.says("mina", &["deploy wallet-web-stage", "yes"]);
        assert_eq!(chat.run().map(|run| run.len()), Some(1));
        let (facts, tells) = (chat.facts.len(), chat.tells.len());
        // Those with rights, those with others, those with none, and those whom nobody knows.
        for person in ["mina", "dana", "guest", "stranger"] {
            assert_eq!(chat.say(person, talk), "", "{person}: {talk}");
            assert!(chat.dialog(person).is_none(), "{person}: {talk}");
        }
        assert!((chat.facts.len(), chat.tells.len()) == (facts, tells), "{talk}");
        assert!(chat.timers.keys().all(|(_, name)| *name != TimerName::Slow), "{talk}");
    }
}

#[test]
fn the_same_words_to_the_bot_are_answered() {
    for talk in TALK {
        for direct in [true, false] {
            let mut chat = Chat::new();
            let message = chat.incoming("mina", talk);
            let message = Incoming { mentioned: !direct, direct, ..message };
            assert!(!chat.deliver(Event::Message(message)).is_empty(), "{talk}");
        }
    }
}

#[test]
fn a_slip_in_a_real_command_is_answered() {
    for (line, told) in [
        ("deploy wallet-apo", "Did you mean `wallet-api`"),
        ("deploy wallet-api please", "wallet-api 1.4.2"),
        ("배포 wallet-api 지금 부탁드립니다", "wallet-api 1.4.2"),
        ("wallet-api 배포해줘", "wallet-api 1.4.2"),
        ("wallet-api, gamedosi-web 배포 좀 해 주세요", "gamedosi-web 1.4.2"),
        ("settled를 배포해주세요", "이미 동기화됨"),
        ("deploy wallet-new", "no `wallet-new`"),
        ("deploy api", "no `api`"),
        ("deploy settled", "already in sync"),
        ("deploy setled", "no `setled`"),
        ("배포 gamedosi-wbe 부탁드립니다", "`gamedosi-web`"),
        ("deploy wallet", "fits several"),
        ("deploy 1", "no `1`"),
        ("deploy all", "gamedosi-web 1.4.2"),
        ("halt r9", "nothing to stop"),
        ("deploy", "Which repository?"),
        ("status?", "report"),
    ] {
        let mut chat = Chat::new();
        let said = chat.say("mina", line);
        assert!(said.contains(told), "{line}: {said}");
    }
    let mut chat = Chat::new();
    assert!(chat.say("dana", "deploy walet-api").contains("only members of devops"));
    assert!(chat.say("stranger", "deploy wallet-api").contains("do not know the account"));
    assert_eq!(chat.facts.iter().filter(|fact| matches!(fact, Fact::Refused { .. })).count(), 2);
}

#[test]
fn nothing_is_said_or_taken_before_the_choices_are_known() {
    let mut chat = Chat::new();
    chat.prompt = false;
    chat.say("mina", "plan b is better");
    let timer = chat.timer("mina", TimerName::Slow);
    assert_eq!(chat.fire(&timer), "");
    for more in ["cancel", "yes", "2", "I mean it"] {
        assert_eq!(chat.say("mina", more), "", "{more}");
    }
    assert!(chat.say("mina", "help").contains("2. Deploy"), "but help is help");
    let query = chat.asked.remove(0);
    let late = chat.answer(&query);
    assert_eq!(chat.deliver(late), "");
    assert!(chat.dialog("mina").is_some());
}

#[test]
fn a_tool_that_is_down_is_told_to_whoever_names_something() {
    let mut chat = Chat::new();
    chat.down = true;
    assert_eq!(chat.say("mina", "배포 언제 해요?"), "");
    assert!(chat.dialog("mina").is_none());
    assert!(chat.say("mina", "deploy wallet-api").contains("`again` tries once more"));
    chat.down = false;
    assert!(chat.say("mina", "again").contains("wallet-api 1.4.2"));
}

#[test]
fn the_filter_drops_what_no_question_can_understand() {
    let mut chat = Chat::new();
    for (text, kept) in [
        ("status quo", true),
        ("status", true),
        ("deploy x", true),
        ("wallet-api 배포해줘", true),
        ("wallet-api 배포", false),
        ("점심 부탁드려요", false),
    ] {
        let mut message = chat.incoming("mina", text);
        message.thread = None;
        assert_eq!(handle::keeps(&chat.ctx, &message, false), kept, "{text}");
        message.author = Author::Bot("workflow".into());
        message.mentioned = true;
        assert!(handle::keeps(&chat.ctx, &message, false), "a mention is always kept");
    }
}

proptest! {
    /// Whatever follows a function's name: who is not answered is left alone, and who speaks to the
    /// bot is answered.
    #[test]
    fn either_answered_or_left_alone(
        head in prop::sample::select(vec!["deploy", "배포", "plan", "status", "halt", "메모", "version"]),
        rest in prop_oneof!["[a-z가-힣0-9?.,-]{1,6}( [a-z가-힣0-9?.,-]{1,6}){0,5}", any::<String>()],
    ) {
        let mut chat = Chat::new();
        let text = format!("{head} {rest}");
        let silent = chat.say("mina", &text).is_empty();
        prop_assert!(!silent || chat.dialog("mina").is_none(), "{text}");
        prop_assert!(!Chat::new().call("mina", &text).is_empty(), "{text}");
    }
}
