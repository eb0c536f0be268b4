//! Korean does everything that English does.

use unicode_normalization::UnicodeNormalization;

use super::Chat;

/// The same conversation in different words ends at the same read-back.
#[test]
fn every_form_works_as_the_english_one() {
    let conversations: [&[&str]; 8] = [
        &["help", "2", "1", "1,3", "yes"],
        &["헬프", "２", "①", "①,③", "예"],
        &["gpfvm", "2번", "1번", "1번 3번", "실행"],
        &["ㅗ디ㅔ", "배포", "ㅈ미ㅣㄷㅅ", "1번이랑 3번이요", "예."],
        &["도움말", "디플로이", "wallet", "wallet-api, gamedosi", "예"],
        &["？", "애플리케이션 배포", "wal", "１，３", "예"],
        &["헬프", "qovh", "1)", "1 3", "예"],
        &["메뉴", "2.", "#1", "\u{2460} \u{2462}", "예"],
    ];
    for lines in conversations {
        for nfd in [false, true] {
            let mut chat = Chat::new();
            for line in lines {
                let line = if nfd { line.nfd().collect::<String>() } else { (*line).to_owned() };
                assert!(!chat.say("minsu", &line).is_empty(), "{line}");
            }
            assert_eq!(chat.run().unwrap_or_default(), ["wallet-api", "gamedosi-web"], "{lines:?}");
        }
    }
}

#[test]
fn all_back_and_cancel() {
    for (all, back, more, cancel) in [
        ("all", "back", "more", "cancel"),
        ("전체", "뒤로", "더보기", "취소"),
        ("wjscp", "enlfh", "ejqhrl", "cnlth"),
        ("미ㅣ", "ㅠㅁ차", "ㅡㅐㄱㄷ", "ㅊ뭋디"),
    ] {
        let mut chat = Chat::new();
        let said = chat.says("minsu", &["help", "2", "1", all]);
        assert!(said.contains("wallet-web-stage"), "{all}: {said}");
        assert!(chat.say("minsu", back).contains("어떤 애플리케이션"), "{back}");
        assert!(chat.say("minsu", more).contains("1. wallet-api"), "{more}");
        assert!(chat.say("minsu", cancel).contains("취소했습니다"), "{cancel}");
        assert!(chat.dialog("minsu").is_none());
    }
}

#[test]
fn the_answer_follows_the_person_then_what_they_write() {
    let mut chat = Chat::new();
    assert!(chat.say("minsu", "help").contains("무엇을"));
    for (typed, korean) in
        [("help", false), ("헬프", true), ("gpfvm", true), ("ㅗ디ㅔ", true), ("?", false)]
    {
        let mut chat = Chat::new();
        assert_eq!(chat.say("mina", typed).contains("무엇을"), korean, "{typed}");
    }
}

#[test]
fn a_consent_in_the_other_layout_is_none() {
    for word in ["ㅛㄷㄴ", "dP", "tlfgod", "ㅐㅏ", "sp"] {
        let mut chat = Chat::new();
        chat.say("minsu", "배포 wallet-web-stage");
        assert!(!chat.say("minsu", word).is_empty());
        assert!(chat.run().is_none(), "{word}");
    }
}
