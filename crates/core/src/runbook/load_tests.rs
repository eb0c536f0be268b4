//! Tests of the loader: each mistake gets its own words and its own place.

use proptest::prelude::*;

use crate::runbook::{Choices, shipped};
use crate::target::Pattern;

use super::*;

/// A right runbook that uses every key.
const RIGHT: &str = r##"runbook: deploy
number: 2
title: { en: Deploy, ko: 배포하기 }
aliases: [배포, release]
who: [devops]
ask:
  - name: repository
    text: { en: Which repository?, ko: 어느 리포지터리? }
    choices: argocd.repositories
    narrows: apps
  - name: apps
    many: true
    text: { en: Which applications?, ko: 어떤 애플리케이션? }
    choices: argocd.applications
    with: { repository: "{{ repository }}" }
    where: item.sync == "OutOfSync"
    hidden: { en: already in sync, ko: 이미 동기화됨 }
    default: all
  - name: kind
    text: { en: How?, ko: 어떻게? }
    choices:
      - { value: fast, title: { en: Fast, ko: 빠르게 } }
      - { value: slow, title: { en: Slow, ko: 천천히 } }
  - name: reason
    text: { en: Why?, ko: 왜? }
plan: { use: argocd.diff, with: { apps: "{{ apps }}" } }
approval:
  when: env == "production"
  by: [release-managers]
  count: 1
  within: 30m
lock: "{{ item }}"
order: listed
announce: ["#deploy-notice"]
steps:
  - for_each: apps
    use: argocd.sync
    with: { app: "{{ item }}", revisions: "{{ plan[item].revisions }}" }
    timeout: 15m
"##;

fn told(source: &str) -> Vec<String> {
    match load("f", source, &shipped::known()) {
        Ok(_) => Vec::new(),
        Err(found) => found.iter().map(ToString::to_string).collect(),
    }
}

/// [`RIGHT`] with one part written differently.
fn with(from: &str, to: &str) -> String {
    assert_eq!(RIGHT.matches(from).count(), 1, "{from}");
    RIGHT.replace(from, to)
}

/// What is told when one part is written differently.
fn changed(from: &str, to: &str) -> String {
    let found = told(&with(from, to));
    assert_eq!(found.len(), 1, "{to}: {found:#?}");
    found[0].clone()
}

#[test]
fn a_right_runbook_is_loaded_whole() {
    assert_eq!(told(RIGHT), [""; 0]);
    let runbook = load("f", RIGHT, &shipped::known()).unwrap();
    assert_eq!((runbook.name.as_str(), runbook.number), ("deploy", 2));
    assert_eq!(runbook.title, crate::lang::Text::new("Deploy", "배포하기"));
    assert_eq!(runbook.aliases, ["배포", "release"]);
    assert_eq!(runbook.source, RIGHT);
    assert_eq!(runbook.hash.as_str().len(), 64);
    assert_eq!(runbook.ask.len(), 4);
    assert!(runbook.ask[1].default_all);
    assert!(matches!(&runbook.ask[2].choices, Choices::Fixed(list) if list[1].1.ko == "천천히"));
    assert!(matches!(runbook.ask[3].choices, Choices::Free));
    let other = load("f", RIGHT.replace("Why?", "Why not?"), &shipped::known()).unwrap();
    assert_ne!(runbook.hash, other.hash);
}

#[test]
fn a_stored_definition_outlives_its_teams_and_platforms() {
    let source = RIGHT.replace("release-managers", "dissolved");
    assert_eq!(told(&source), ["f:29:8: unknown team `dissolved`"]);
    let name = RunbookName::new("deploy");
    let actions = shipped::known().actions;
    let pinned = load_pinned(&name, &source, actions).unwrap();
    assert_eq!(pinned.hash, load_pinned(&name, &pinned.source, actions).unwrap().hash);
    assert!(load_pinned(&name, &source, &[]).is_err());
    assert!(load_pinned(&name, &with("\"#deploy-notice\"", "slack:ops"), actions).is_ok());
}

#[test]
fn defaults_are_the_careful_ones() {
    let source = with("  within: 30m\n", "")
        .replace("    timeout: 15m\n", "")
        .replace("order: listed\n", "")
        .replace("  when: env == \"production\"\n", "");
    let runbook = load("f", source, &shipped::known()).unwrap();
    let Does::Run(procedure) = runbook.does else { panic!() };
    let approval = procedure.approval.unwrap();
    assert!(approval.when.is_none());
    assert_eq!((approval.within.as_secs(), procedure.step.timeout.as_secs()), (1800, 900));
    assert_eq!(procedure.order, Order::Listed);
}

#[test]
fn orders() {
    let order = |text: &str| {
        let runbook = load("f", with("order: listed", text), &shipped::known()).unwrap();
        let Does::Run(procedure) = runbook.does else { panic!() };
        procedure.order
    };
    assert_eq!(order("order: { parallel: 4 }"), Order::Parallel(4));
    assert_eq!(order("order:\n  parallel: 50"), Order::Parallel(50));
    let waves = order("order: { waves: [['*-db', main/argocd/queue], [wallet]] }");
    let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::new(*text)).collect();
    assert_eq!(
        waves,
        Order::Waves(vec![patterns(&["*/*/*-db", "main/argocd/queue"]), patterns(&["*/*/wallet"])])
    );
}

#[test]
fn what_a_failure_does_to_the_rest() {
    let on_failure = |text: &str| {
        let runbook = load("f", with("order: listed", text), &shipped::known()).unwrap();
        let Does::Run(procedure) = runbook.does else { panic!() };
        procedure.on_failure
    };
    for (text, expected) in [
        ("order: listed", OnFailure::Stop),
        ("order: { waves: [[a]] }", OnFailure::Stop),
        ("order: { parallel: 4 }", OnFailure::GoOn),
        ("order: listed\non_failure: go on", OnFailure::GoOn),
        ("order: { parallel: 4 }\non_failure: stop", OnFailure::Stop),
        ("on_failure: go on", OnFailure::GoOn),
    ] {
        assert_eq!(on_failure(text), expected, "{text}");
    }
}

#[test]
fn waves_that_make_no_sense() {
    for (waves, expected) in [
        ("[]", "f:33:8: `waves` is empty"),
        ("[[a], []]", "f:33:23: a wave is empty"),
        ("[[' ']]", "f:33:19: a name of a wave is empty"),
        ("[[a/b]]", "f:33:19: `a/b` is neither a name nor instance/namespace/name"),
        ("[[a//b]]", "f:33:19: a name of a wave is empty"),
    ] {
        assert_eq!(changed("order: listed", &format!("order: {{ waves: {waves} }}")), expected);
    }
    assert_eq!(
        changed("order: listed", "order: listed\non_failure: goon"),
        "f:34:13: unknown word `goon`; known are `stop` and `go on`. Did you mean `go on`?"
    );
}

#[test]
fn unknown_names_are_told_with_a_suggestion() {
    for (from, to, expected) in [
        (
            "use: argocd.sync",
            "use: argocd.synk",
            "f:37:10: unknown action `argocd.synk`. Did you mean `argocd.sync`?",
        ),
        (
            "use: argocd.sync",
            "use: argcd.sync",
            "f:37:10: unknown connector `argcd`. Did you mean `argocd.sync`?",
        ),
        ("use: argocd.sync", "use: terraform.apply", "f:37:10: unknown connector `terraform`"),
        (
            "use: argocd.sync",
            "use: sync",
            "f:37:10: `sync` is not an action; write `connector.action`",
        ),
        (
            "revisions: \"",
            "revision: \"",
            "f:38:32: `argocd.sync` has no parameter `revision`. Did you mean `revisions`?",
        ),
        ("app: \"{{ item }}\", ", "", "f:37:10: `argocd.sync` wants the parameter `app`"),
        (
            "\"{{ apps }}\"",
            "\"{{ aps }}\"",
            "f:26:45: unknown variable `aps`. Did you mean `apps`?",
        ),
        (
            "\"{{ plan[item].revisions }}\"",
            "\"{{ plans[item].revisions }}\"",
            "f:38:47: unknown variable `plans`. Did you mean `plan`?",
        ),
        (
            "item.sync == \"OutOfSync\"",
            "itm.sync == \"OutOfSync\"",
            "f:16:12: unknown variable `itm`. Did you mean `item`?",
        ),
        (
            "env == \"production\"",
            "enw == \"production\"",
            "f:28:9: unknown variable `enw`. Did you mean `env`?",
        ),
        ("who: [devops]", "who: [devop]", "f:5:7: unknown team `devop`. Did you mean `devops`?"),
        (
            "by: [release-managers]",
            "by: [release-manager]",
            "f:29:8: unknown team `release-manager`. Did you mean `release-managers`?",
        ),
        (
            "for_each: apps",
            "for_each: app",
            "f:36:15: no question is called `app`. Did you mean `apps`?",
        ),
        (
            "narrows: apps",
            "narrows: app",
            "f:10:14: no later question is called `app`. Did you mean `apps`?",
        ),
        ("aliases:", "alias:", "f:4:1: unknown key `alias`. Did you mean `aliases`?"),
        ("  within: 30m", "  wthin: 30m", "f:31:3: unknown key `wthin`. Did you mean `within`?"),
        (
            "order: listed",
            "order: listd",
            "f:33:8: unknown word `listd`; known are `listed`, `parallel` and `waves`. Did you mean `listed`?",
        ),
    ] {
        assert_eq!(changed(from, to), expected);
    }
}

#[test]
fn actions_stand_only_where_they_fit() {
    assert_eq!(
        changed("use: argocd.sync", "use: argocd.terminate").split("; there").next(),
        Some("f:37:10: `argocd.terminate` is only for the engine and cannot stand under `steps`"),
    );
    assert_eq!(
        changed("use: argocd.diff, with: { apps: \"{{ apps }}\" }", "use: wilco.status"),
        "f:26:14: `wilco.status` gives a report and cannot stand under `plan`; there fit \
         `argocd.diff`, `argocd.previous`, `argocd.workloads`"
    );
    assert_eq!(
        changed("choices: argocd.repositories", "choices: wilco.status"),
        "f:9:14: `wilco.status` gives a report and cannot stand under `choices`; there fit \
         `argocd.repositories`, `argocd.applications`, `wilco.underway`, `wilco.runs`, `wilco.deployments`, \
         `wilco.deployed`"
    );
}

#[test]
fn variables_are_known_only_where_they_exist() {
    for (from, to, expected) in [
        (
            "\"{{ repository }}\"",
            "\"{{ apps }}\"",
            "f:15:29: `apps` is not answered yet at this point",
        ),
        (
            "\"{{ repository }}\"",
            "\"{{ kind }}\"",
            "f:15:29: `kind` is not answered yet at this point",
        ),
        ("\"{{ repository }}\"", "\"{{ item }}\"", "f:15:29: `item` is not known at this point"),
        ("\"{{ apps }}\"", "\"{{ plan }}\"", "f:26:45: `plan` is not known at this point"),
        (
            "lock: \"{{ item }}\"",
            "lock: \"{{ env }}\"",
            "f:32:7: any lock but `{{ item }}`, the target itself, is not supported yet",
        ),
        ("env == \"production\"", "item == 'x'", "f:28:9: `item` is not known at this point"),
        ("item.sync == \"OutOfSync\"", "env == 'x'", "f:16:12: `env` is not known at this point"),
    ] {
        assert_eq!(changed(from, to), expected);
    }
}

#[test]
fn one_answer_is_no_list() {
    assert_eq!(
        changed("app: \"{{ item }}\"", "app: \"{{ apps }}\""),
        "f:38:22: `apps` holds several answers, and `app` of `argocd.sync` takes one"
    );
    assert_eq!(
        changed("{ apps: \"{{ apps }}\" }", "{ apps: \"{{ kind }}\" }"),
        "f:26:45: `apps` of `argocd.diff` takes a list; write `{{ [kind] }}`"
    );
    assert_eq!(told(&with("{ apps: \"{{ apps }}\" }", "{ apps: \"{{ [kind] }}\" }")), [""; 0]);
}

#[test]
fn templates_are_read_when_the_file_is() {
    assert_eq!(
        changed("app: \"{{ item }}\"", "app: \"{{ item | uper }}\""),
        "f:38:29: unknown filter `uper`. Did you mean `upper`?"
    );
    for (from, to, place) in [
        ("app: \"{{ item }}\"", "app: \"{{ item\"", "f:38:"),
        ("app: \"{{ item }}\"", "app: \"{% include 'x' %}\"", "f:38:"),
        ("item.sync == \"OutOfSync\"", "item.sync ==", "f:16:"),
        ("env == \"production\"", "'{{ env }}'", "f:28:9: "),
    ] {
        let problem = changed(from, to);
        assert!(problem.starts_with(place), "{problem}");
    }
    assert_eq!(
        changed("env == \"production\"", "'{{ env == 1 }}'"),
        "f:28:9: a condition is written without braces"
    );
    let found = changed("lock: \"{{ item }}\"", "lock: {{ item }}");
    assert!(found.ends_with("a value with braces wants quotes around it"), "{found}");
}

#[test]
fn what_is_not_there_yet_is_refused() {
    for (from, to, expected) in [
        ("count: 1", "count: 2", "f:30:10: a `count` of 2 is not supported yet; only 1 is"),
        ("count: 1", "count: 0", "f:30:10: a `count` of 0 is not supported yet; only 1 is"),
        (
            "    timeout: 15m\n",
            "    timeout: 15m\n  - { for_each: apps, use: argocd.sync, with: { app: \"{{ item }}\", revisions: \"{{ plan[item].revisions }}\" } }\n",
            "f:40:5: more than one step is not supported yet",
        ),
        (
            "order: listed",
            "order: { parallel: 0 }",
            "f:33:8: `parallel: 0` is not between 1 and 50",
        ),
        (
            "order: listed",
            "order: { parallel: 51 }",
            "f:33:8: `parallel: 51` is not between 1 and 50",
        ),
        ("name: reason", "secret: true\n    name: reason", "f:24:5: `secret` is not supported yet"),
        ("order: listed", "freeze: true", "f:33:1: unknown key `freeze`"),
    ] {
        assert_eq!(changed(from, to), expected);
    }
}

#[test]
fn values_are_checked() {
    for (from, to, expected) in [
        ("number: 2", "number: 0", "f:2:9: the number 0 is not between 1 and 999"),
        ("number: 2", "number: 1000", "f:2:9: the number 1000 is not between 1 and 999"),
        ("number: 2", "number: -1", "f:2:9: -1 is out of range"),
        ("number: 2", "number: two", "f:2:9: expected a whole number, found the text `two`"),
        ("number: 2\n", "", "f:1:1: the key `number` is missing"),
        ("who: [devops]\n", "", "f:1:1: the key `who` is missing"),
        ("{ en: Deploy, ko: 배포하기 }", "{ en: Deploy }", "f:3:8: the key `ko` is missing"),
        (
            "{ en: Deploy, ko: 배포하기 }",
            "{ en: Deploy, ko: ' ' }",
            "f:3:26: the Korean text is empty",
        ),
        (
            "title: { en: Deploy, ko: 배포하기 }",
            "title: Deploy",
            "f:3:8: expected keys with values, found a text",
        ),
        (
            "timeout: 15m",
            "timeout: 15",
            "f:39:14: expected text, found the number 15; put it in quotes",
        ),
        (
            "timeout: 15m",
            "timeout: 15 minutes",
            "f:39:14: `15 minutes` is not a length of time; write it as `45s`, `15m`, `2h` or `1h30m`",
        ),
        ("timeout: 15m", "timeout: 0s", "f:39:14: `0s` is not between `1s` and `12h`"),
        ("within: 30m", "within: 25h", "f:31:11: `25h` is not between `1s` and `24h`"),
        ("by: [release-managers]", "by: []", "f:29:7: nobody could agree: `by` names no team"),
        ("who: [devops]", "who: [devops, devops]", "f:5:15: the team `devops` stands here twice"),
        (
            "[\"#deploy-notice\"]",
            "[deploy-notice]",
            "f:34:12: `deploy-notice` names no room; write `#room` or `adapter:room`",
        ),
        (
            "[\"#deploy-notice\"]",
            "['#']",
            "f:34:12: `#` names no room; write `#room` or `adapter:room`",
        ),
        (
            "[\"#deploy-notice\"]",
            "[\"slack:C012\"]",
            "f:34:12: unknown adapter `slack`; there are `console`, `terminal`",
        ),
        (
            "[\"#deploy-notice\"]",
            "[\"#deploy-notice\", \"consol:#ops\"]",
            "f:34:30: unknown adapter `consol`; there are `console`, `terminal`. Did you mean \
             `console:#ops`?",
        ),
        (
            "approval:\n",
            "approval:\nlocks:\n",
            "f:27:9: nothing stands here; give it a value or leave the key out",
        ),
    ] {
        let found = told(&with(from, to));
        assert!(found.iter().any(|problem| problem == expected), "{expected}\n{found:#?}");
    }
    assert_eq!(told(&with("who: [devops]", "who: []")), [""; 0]);
    assert_eq!(told(&with("\"#deploy-notice\"", "\"#a:b\", \"console:#ops\"")), [""; 0]);
}

#[test]
fn words_that_start_it_are_its_own() {
    for (from, to, expected) in [
        (
            "[배포, release]",
            "[취소]",
            "f:4:11: `취소` has a fixed meaning in every dialog; choose another",
        ),
        (
            "[배포, release]",
            "[Help!]",
            "f:4:11: `Help!` has a fixed meaning in every dialog; choose another",
        ),
        ("[배포, release]", "[Deploy]", "f:4:11: the word `Deploy` stands here twice"),
        ("[배포, release]", "[배포, '12']", "f:4:15: `12` is a number of the menu, not a word"),
        ("[배포, release]", "['  ']", "f:4:11: this word is empty"),
        (
            "runbook: deploy",
            "runbook: cancel",
            "f:1:10: `cancel` has a fixed meaning in every dialog; choose another",
        ),
    ] {
        assert_eq!(changed(from, to), expected);
    }
    assert!(
        changed("runbook: deploy", "runbook: deploy it")
            .starts_with("f:1:10: the name of a runbook is one word")
    );
}

#[test]
fn questions_fit_together() {
    for (from, to, expected) in [
        ("name: kind", "name: apps", "f:19:11: a question before this one is called `apps` too"),
        (
            "name: kind",
            "name: item",
            "f:19:11: `item` means something else in templates; choose another name",
        ),
        (
            "name: kind",
            "name: \"not\"",
            "f:19:11: `not` means something else in templates; choose another name",
        ),
        (
            "name: kind",
            "name: my-kind",
            "f:19:11: `my-kind` cannot be named in templates; use letters, digits and `_`",
        ),
        (
            "    where: item.sync == \"OutOfSync\"\n",
            "",
            "f:16:13: `hidden` says why `where` leaves choices out; there is none",
        ),
        (
            "    text: { en: Why?, ko: 왜? }",
            "    text: { en: Why?, ko: 왜? }\n    narrows: apps",
            "f:26:14: `narrows` names a later question; `apps` is none",
        ),
        (
            "    text: { en: Why?, ko: 왜? }",
            "    text: { en: Why?, ko: 왜? }\n    many: true\n    default: all",
            "f:27:14: `default` means nothing without `choices`",
        ),
        ("value: slow", "value: fast", "f:23:18: the choice `fast` stands here twice"),
        ("value: slow", "value: 5", "f:23:18: expected text, found the number 5; put it in quotes"),
    ] {
        assert_eq!(changed(from, to), expected);
    }
    let found = told(&with("    many: true\n", ""));
    assert!(found.contains(&"f:17:14: `default: all` wants `many: true`".to_owned()), "{found:#?}");
}

#[test]
fn it_does_exactly_one_thing() {
    let head = "runbook: x\nnumber: 1\ntitle: { en: a, ko: a }\nwho: []\n";
    for (rest, expected) in [
        (
            "",
            "f:1:1: it does nothing: one of `answer`, `plan` with `steps`, `cancel`, or `subscribe` is missing",
        ),
        (
            "plan: { use: argocd.diff, with: { apps: \"{{ ['a'] }}\" } }",
            "f:5:7: a `plan` wants `steps`; to show it only, put it under `answer`",
        ),
        ("steps: []", "f:5:8: `steps` want a `plan`: nothing is done that nobody could read first"),
        (
            "answer: { use: wilco.status }\nlock: 'x'",
            "f:6:7: `lock` means nothing without `plan` and `steps`",
        ),
        (
            "answer: { use: wilco.status }\napproval: { by: [devops] }",
            "f:6:11: `approval` means nothing without `plan` and `steps`",
        ),
        ("cancel: run", "f:5:9: no question is called `run`"),
        (
            "ask: [{ name: run, many: true, text: { en: a, ko: a }, choices: wilco.runs }]\ncancel: run",
            "f:6:9: `run` names several runs; one is stopped",
        ),
        (
            "answer: { use: wilco.status }\nplan: { use: argocd.diff, with: { apps: \"{{ ['a'] }}\" } }",
            "f:6:7: only one of `answer`, `plan` with `steps`, `cancel`, and `subscribe` can stand in a runbook",
        ),
        (
            "answer: { use: wilco.runs }",
            "f:5:16: `wilco.runs` lists choices and cannot stand under `answer`; there fit `argocd.diff`, `argocd.diagnosis`, `argocd.versions`, `argocd.previous`, `argocd.workloads`, `wilco.status`, `wilco.history`",
        ),
    ] {
        let found = told(&format!("{head}{rest}\n"));
        assert!(found.iter().any(|problem| problem == expected), "{expected}\n{found:#?}");
    }
    assert_eq!(told(&format!("{head}answer: {{ use: wilco.status }}\n")), [""; 0]);
    let empty = with(RIGHT.split_at(RIGHT.find("steps:").unwrap()).1, "steps: []\n");
    assert_eq!(told(&empty), ["f:35:8: `steps` is empty"]);
}

#[test]
fn all_mistakes_of_a_file_are_told() {
    let source = r#"runbook: deploy
number: 0
titel: { en: Deploy, ko: 배포하기 }
who: [devop]
ask:
  - name: apps
    many: sometimes
    text: { en: Which? }
    choices: argocd.aplications
plan: { use: argocd.dif }
approval: { when: env = 1, by: [nobody], count: 2, within: soon }
order: { waves: [] }
on_failure: never
steps:
  - for_each: apps
    use: argocd.sync
    with: { ap: "{{ item }}" }
    timeout: never
"#;
    assert_eq!(
        told(source),
        [
            "f:1:1: the key `title` is missing",
            "f:2:9: the number 0 is not between 1 and 999",
            "f:3:1: unknown key `titel`. Did you mean `title`?",
            "f:4:7: unknown team `devop`. Did you mean `devops`?",
            "f:7:11: expected true or false, found the text `sometimes`",
            "f:8:11: the key `ko` is missing",
            "f:10:14: unknown action `argocd.dif`. Did you mean `argocd.diff`?",
            "f:11:23: the template cannot be read: unexpected input after expression",
            "f:11:33: unknown team `nobody`",
            "f:11:49: a `count` of 2 is not supported yet; only 1 is",
            "f:11:60: `soon` is not a length of time; write it as `45s`, `15m`, `2h` or `1h30m`",
            "f:12:8: `waves` is empty",
            "f:13:13: unknown word `never`; known are `stop` and `go on`",
            "f:17:13: `argocd.sync` has no parameter `ap`. Did you mean `app`?",
            "f:18:14: `never` is not a length of time; write it as `45s`, `15m`, `2h` or `1h30m`",
        ]
    );
}

#[test]
fn what_is_no_runbook_at_all_is_told() {
    for source in ["", "\n", "just text", "[]", "5", "{", "a: b: c", "\u{FEFF}", "---\n", "~"] {
        assert!(!told(source).is_empty(), "{source:?}");
    }
    let found = load("f", b"runbook: \xff\xfe", &shipped::known()).unwrap_err();
    assert_eq!(found[0].to_string(), "f:1:10: this is not UTF-8 text");
    let found = load("f", vec![b' '; 5 << 20], &shipped::known()).unwrap_err();
    assert!(found[0].message.contains("bytes"), "{found:?}");
}

#[test]
fn windows_line_ends_and_aliases_of_yaml_are_fine() {
    assert_eq!(told(&RIGHT.replace('\n', "\r\n")), [""; 0]);
    let source =
        with("who: [devops]", "who: &team [devops]").replace("[release-managers]", "*team");
    assert_eq!(told(&source), [""; 0]);
}

#[test]
fn a_place_can_be_shown() {
    let source = with("use: argocd.sync", "use: argocd.synk");
    let found = load("runbooks/deploy.yaml", &source, &shipped::known()).unwrap_err();
    assert_eq!(
        found[0].render(&source),
        "runbooks/deploy.yaml:37:10: unknown action `argocd.synk`. Did you mean `argocd.sync`?\n   |\n\
         37 |     use: argocd.synk\n   |          ^"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_text_makes_it_panic(text in r"\PC{0,200}") {
        prop_assert!(!told(&text).is_empty());
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(load("f", bytes, &shipped::known()).is_err());
    }

    #[test]
    fn no_damage_makes_it_panic(
        at in 0..RIGHT.len(), len in 0..40usize, other in "[-a-z:{}\\[\\]\"'#&*|>%!?,\\t\\n 배é]{0,12}",
    ) {
        let mut bytes = RIGHT.as_bytes().to_vec();
        let end = (at + len).min(bytes.len());
        bytes.splice(at..end, other.bytes());
        if let Err(found) = load("f", &bytes, &shipped::known()) {
            prop_assert!(!found.is_empty());
            let text = String::from_utf8_lossy(&bytes);
            let lines = text.lines().count().max(1);
            for problem in found {
                prop_assert!((1..=lines).contains(&problem.line), "{problem}");
                prop_assert!(!problem.message.is_empty() && !problem.message.contains('\n'));
                prop_assert!(problem.render(&text).contains('^'));
            }
        }
    }
}
