//! What people see of a message, and what Slack would take of it.

use serde_json::{Value, json};
use wilco_core::event::Event;
use wilco_core::ids::{AdapterName, MessageId, PersonId, RunId, UserId};
use wilco_core::message::{Body, Button, ButtonStyle};
use wilco_core::place::Thread;
use wilco_core::token::{Choice, Token, Wish};

use super::{Me, Rendered, length, message};

fn me() -> Me {
    Me {
        adapter: AdapterName::new("slack"),
        team: "T01".into(),
        enterprise: None,
        user: "U0BOT".into(),
        bot: Some("B0BOT".into()),
        url: "https://acme.slack.com/".into(),
        channels: std::sync::Arc::default(),
    }
}

fn thread() -> Thread {
    Thread { room: me().room("C01"), root: MessageId::new("1610241741.000200") }
}

fn answer(label: &str, choice: Choice) -> Button {
    let dialog = Event::dialog_of(&thread(), &PersonId::new("mina"));
    let token = Token::Answer { dialog, question: 4, choice };
    Button { label: label.into(), token, style: ButtonStyle::Plain }
}

fn items(count: usize) -> Vec<Button> {
    (0..count).map(|at| answer(&format!("app-{at}"), Choice::Item(at))).collect()
}

fn render(body: &Body) -> Vec<Value> {
    message(body, None, &me()).blocks
}

fn said(text: &str) -> Body {
    Body { text: text.into(), ..Body::default() }
}

/// All elements of a type, wherever they stand.
fn all<'a>(blocks: &'a [Value], kind: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    let mut left: Vec<&Value> = blocks.iter().collect();
    while let Some(value) = left.pop() {
        if value["type"] == kind {
            found.push(value);
        }
        match value {
            Value::Array(items) => left.extend(items),
            Value::Object(fields) => left.extend(fields.values()),
            _ => {}
        }
    }
    found
}

#[test]
fn slack_17_what_is_said_is_characters_and_nothing_of_it_a_mention() {
    let text = "<!channel> & <@U01> *bold* `x` :done:\n배포 <https://evil.example|click>";
    let Rendered { text: fallback, blocks } = message(&said(text), None, &me());
    let shown: String = blocks[0]["elements"][0]["elements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|element| match element["type"].as_str().unwrap() {
            "text" => element["text"].as_str().unwrap(),
            "link" => element["url"].as_str().unwrap(),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(shown, text);
    assert!(all(&blocks, "link")[0].get("text").is_none(), "a link shows where it leads");
    assert!(!fallback.contains(['<', '>']), "{fallback}");
}

#[test]
fn the_one_who_is_mentioned_is_and_nobody_else() {
    let mina = UserId::new("U01");
    let Rendered { text, blocks } = message(&said("r1 succeeded"), Some(&mina), &me());
    assert_eq!(text, "<@U01> r1 succeeded");
    assert_eq!(all(&blocks, "user"), [&json!({"type": "user", "user_id": "U01"})]);
}

#[test]
fn addresses_can_be_followed_and_what_ends_a_sentence_is_none_of_them() {
    let blocks =
        render(&said("see https://a.example/x, and (http://b.example/?q=1). https:// is none"));
    let mut urls: Vec<&str> =
        all(&blocks, "link").iter().map(|link| link["url"].as_str().unwrap()).collect();
    urls.sort_unstable();
    assert_eq!(urls, ["http://b.example/?q=1", "https://a.example/x"]);
}

#[test]
fn an_announcement_leads_to_its_thread() {
    let body = Body { leads_to: Some(thread()), ..said("started") };
    let blocks = render(&body);
    let links = all(&blocks, "link");
    assert_eq!(links[0]["url"], "https://acme.slack.com/archives/C01/p1610241741000200");
}

#[test]
fn a_few_choices_are_buttons_and_many_are_one_select() {
    let body = Body { buttons: items(11), ..said("Which?") };
    let blocks = render(&body);
    assert_eq!(all(&blocks, "button").len(), 11);
    let mut many = items(12);
    many.push(answer("Cancel", Choice::Cancel));
    let blocks = render(&Body { buttons: many, ..said("Which?") });
    let select = all(&blocks, "static_select")[0];
    assert_eq!(select["options"].as_array().unwrap().len(), 12);
    assert_eq!(select["options"][3]["value"], "3");
    assert_eq!(blocks[1]["block_id"], "wilco 4 mina");
    let buttons = all(&blocks, "button");
    assert_eq!(buttons.len(), 1, "the items are in the select");
    assert_eq!(buttons[0]["text"]["text"], "Cancel");
}

#[test]
fn where_several_may_be_chosen_they_are_ticked_and_a_button_sends_them() {
    let ticked = |count: usize, text: &str| {
        let mut buttons = items(count);
        buttons.push(answer("All", Choice::All));
        render(&Body { buttons, ..said(text) })
    };
    let blocks = ticked(5, "어떤 애플리케이션을 배포할까요?");
    assert_eq!(all(&blocks, "checkboxes")[0]["options"].as_array().unwrap().len(), 5);
    let pick =
        all(&blocks, "button").into_iter().find(|b| b["action_id"] == "wilco.pick.0").unwrap();
    assert_eq!(pick["text"]["text"], "선택");
    let expected = answer("", Choice::Items(Vec::new())).token;
    assert_eq!(Token::decode(pick["value"].as_str().unwrap()), Some(expected));
    let blocks = ticked(11, "Which?");
    assert_eq!(all(&blocks, "multi_static_select")[0]["options"].as_array().unwrap().len(), 11);
}

#[test]
fn each_button_has_an_id_of_its_own_and_keeps_its_token() {
    let cancel = Token::OfRun { run: RunId::new("r1"), wish: Wish::Cancel };
    let danger =
        Button { label: "Cancel".into(), token: cancel.clone(), style: ButtonStyle::Danger };
    let mut buttons = items(3);
    buttons.push(danger);
    let blocks = render(&Body { buttons, ..said("Which?") });
    let mut ids: Vec<&str> =
        all(&blocks, "button").iter().map(|b| b["action_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    let pressed = all(&blocks, "button").into_iter().find(|b| b["style"] == "danger").unwrap();
    assert_eq!(Token::decode(pressed["value"].as_str().unwrap()), Some(cancel));
}

#[test]
fn slack_16_nothing_is_longer_than_slack_takes() {
    let mut buttons: Vec<Button> = (0..120)
        .map(|at| answer(&format!("{at} {}", "\"긴\" 이름 ".repeat(20)), Choice::Item(at)))
        .collect();
    buttons.extend((0..4).map(|n| answer(&"긴 이름 ".repeat(40 + n), Choice::Cancel)));
    let more = (1..=2_000).map(|n| format!("line {n} \"배포\"")).collect::<Vec<_>>().join("\n");
    let body = Body { text: "가".repeat(5_000), more, buttons, ..Body::default() };
    let blocks = render(&body);
    assert!(blocks.len() <= 50);
    assert!(length(&blocks) <= 13_200, "{}", length(&blocks));
    let one_text = all(&blocks, "text");
    assert!(one_text.iter().all(|text| text["text"].as_str().unwrap().chars().count() <= 12_000));
    for button in all(&blocks, "button") {
        assert!(button["text"]["text"].as_str().unwrap().chars().count() <= 75);
        assert!(button["value"].as_str().unwrap().chars().count() <= 2_000);
    }
    for row in all(&blocks, "actions") {
        assert!(row["elements"].as_array().unwrap().len() <= 25);
    }
    assert_eq!(all(&blocks, "static_select")[0]["options"].as_array().unwrap().len(), 100);
}

#[test]
fn slack_16_what_stands_behind_more_is_whole_or_says_how_many_lines_it_lacks() {
    let lines =
        |count: usize| (1..=count).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
    let shown = |more: String| {
        let blocks = render(&Body { more, ..said("plan") });
        assert!(length(&blocks) <= super::MOST_BLOCKS_CHARS);
        all(&blocks, "rich_text_preformatted")[0]["elements"][0]["text"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(shown(lines(20)), lines(20));
    let cut = shown(lines(3_000));
    let kept = cut.lines().count() - 1;
    assert_eq!(cut.lines().last(), Some(format!("… +{}", 3_000 - kept).as_str()));
    assert!(kept > 500, "{kept}");
}

#[test]
fn slack_16_what_is_too_long_says_so_and_never_vanishes() {
    let one_line = "x".repeat(20_000);
    let blocks = render(&Body { more: one_line.clone(), ..said("plan") });
    let shown = all(&blocks, "rich_text_preformatted")[0]["elements"][0]["text"].as_str().unwrap();
    assert!(shown.ends_with("x…") && shown.len() > 5_000, "{}", shown.len());
    let two_lines = format!("{one_line}\nand another one");
    let blocks = render(&Body { more: two_lines, ..said("plan") });
    let shown = all(&blocks, "rich_text_preformatted")[0]["elements"][0]["text"].as_str().unwrap();
    assert!(shown.ends_with("x…\n… +1"));
    let lines = (1..=500).map(|n| format!("target {n}")).collect::<Vec<_>>().join("\n");
    let blocks = render(&said(&lines));
    let shown = all(&blocks, "text")[0]["text"].as_str().unwrap();
    let kept = shown.lines().count() - 1;
    assert_eq!(shown.lines().last(), Some(format!("… +{}", 500 - kept).as_str()));
}

#[test]
fn an_empty_message_is_still_one_that_slack_takes() {
    let Rendered { blocks, .. } = message(&Body::default(), None, &me());
    assert_eq!(all(&blocks, "text")[0]["text"], " ");
}
