//! Tests of templates and conditions.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn vars() -> Value {
    json!({
        "app": "main/argocd/wallet-api",
        "apps": ["a", "b"],
        "item": "a",
        "facts": { "sync": "OutOfSync", "n": 3, "none": null },
        "plan": { "a": { "revisions": ["r1", "r2"] } },
        "evil": "{{ apps }}{% for x in range(9999999) %}",
    })
}

fn evaluate(source: &str) -> Result<Value, String> {
    Template::parse(source).and_then(|t| t.evaluate(&vars())).map_err(|fault| fault.to_string())
}

fn holds(source: &str) -> Result<bool, String> {
    Condition::parse(source).and_then(|c| c.holds(&vars())).map_err(|fault| fault.to_string())
}

#[test]
fn one_expression_keeps_its_type() {
    for (source, expected) in [
        ("{{ apps }}", json!(["a", "b"])),
        ("  {{- apps -}} ", json!(["a", "b"])),
        ("{{ plan[item].revisions }}", json!(["r1", "r2"])),
        ("{{ facts.n + 1 }}", json!(4)),
        ("{{ -1 }}", json!(-1)),
        ("{{ facts.sync == 'OutOfSync' }}", json!(true)),
        ("{{ [app] }}", json!(["main/argocd/wallet-api"])),
        ("{{ '}}' }}", json!("}}")),
        ("{{ facts.none }}", json!(null)),
        ("plain", json!("plain")),
        ("", json!("")),
        ("{{ app }}!", json!("main/argocd/wallet-api!")),
        ("{{ item }}{{ item }}", json!("aa")),
        ("{% for a in apps %}<{{ a }}>{% endfor %}", json!("<a><b>")),
        ("{{ apps | join(', ') }}", json!("a, b")),
    ] {
        assert_eq!(evaluate(source), Ok(expected), "{source}");
    }
}

#[test]
fn rendering_always_yields_text() {
    let render = |source: &str| Template::parse(source).unwrap().render(&vars()).unwrap();
    assert_eq!(render("{{ app }}"), "main/argocd/wallet-api");
    assert_eq!(render("{{ facts.n }}"), "3");
    assert_eq!(render("<{{ apps[0] }}>"), "<a>");
}

#[test]
fn text_of_a_tool_is_never_a_template() {
    assert_eq!(evaluate("{{ evil }}").unwrap(), vars()["evil"]);
    assert_eq!(
        evaluate("<{{ evil }}>").unwrap().as_str().unwrap().len(),
        2 + vars()["evil"].as_str().unwrap().len()
    );
}

#[test]
fn nothing_is_escaped() {
    assert_eq!(evaluate("{{ '<&>' }} \"").unwrap(), json!("<&> \""));
}

#[test]
fn what_does_not_exist_is_a_fault() {
    for source in [
        "{{ nobody }}",
        "<{{ nobody }}>",
        "{{ facts.synk }}",
        "<{{ facts.synk }}>",
        "{{ plan['b'].revisions }}",
        "{{ apps[7] }}",
    ] {
        let fault = evaluate(source).unwrap_err();
        assert!(fault.contains("has no value"), "{source}: {fault}");
    }
}

#[test]
fn mistakes_are_found_when_it_is_read() {
    for source in [
        "{{ app",
        "{{ app }",
        "{{ }}",
        "{% for %}",
        "{% include 'x' %}",
        "{% import 'x' as y %}",
        "{% macro x() %}{% endmacro %}",
        "{% set x = 1 %}",
        "{%- with x = 1 %}{% endwith %}",
        "{% filter upper %}x{% endfilter %}",
        "{% extends 'x' %}",
        "{{ apps | jion }}",
        "{{ app is strange }}",
        "{{ app app }}",
    ] {
        let fault = Template::parse(source).err();
        assert!(fault.is_some(), "{source}");
    }
    assert!(Template::parse(&"x".repeat(SOURCE_MAX_BYTES + 1)).is_err());
}

#[test]
fn a_loop_without_end_is_stopped() {
    for source in [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
        "{{ range(99999) | map('upper') | join('x' * 100000) }}",
        "{{ ('x' * 60000) * 60000 }}",
    ] {
        let fault = evaluate(source).unwrap_err();
        assert!(!fault.is_empty(), "{source}");
    }
    let fault =
        evaluate("{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}");
    assert_eq!(fault, Err("the template takes more than 50000 steps and was stopped".to_owned()));
}

#[test]
fn a_flood_of_text_is_stopped() {
    let flood = "{% for a in range(2000) %}{{ 'x' * 1000 }}{% endfor %}";
    assert_eq!(evaluate(flood), Err("the template yields more than 1048576 bytes".to_owned()));
    assert_eq!(
        evaluate("{{ 'x' * 2000000 }}"),
        Err("the template yields more than 1048576 bytes".to_owned())
    );
}

#[test]
fn growth_without_bound_is_stopped() {
    for source in [
        format!("{{% set x = 'xxxxxxxxxx' %}}{}", "{% set x = x ~ x %}".repeat(40)),
        format!("{{% set x = ['x', 'x'] %}}{}", "{% set x = x + x %}".repeat(40)),
        "{% set n = namespace(x='xx') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}"
            .to_owned(),
        "{{ range(99999) | join('x' * 100000) }}".to_owned(),
        "{{ 'x' | indent(100000000) }}{{ 'x' | center(100000000) }}".to_owned(),
        "{{ ('x' * 10000) | replace('x', 'y' * 10000) }}".to_owned(),
        "{{ '%0100000000d' | format(1) }}".to_owned(),
    ] {
        assert!(evaluate(&source).is_err(), "{source}");
    }
}

#[test]
fn deep_nesting_is_refused_or_read_but_never_too_much() {
    let deep = |open: &str, middle: &str, close: &str, n: usize| {
        format!("{}{middle}{}", open.repeat(n), close.repeat(n))
    };
    for inner in [
        deep("(", "1", ")", 3000),
        deep("[", "1", "]", 3000),
        deep("{1:", "1", "}", 1500),
        deep("not ", "true", "", 1900),
        deep("-", "1", "", 6000),
        deep("1 if 1 else ", "1", "", 600),
        deep("a", "", "|trim", 1200),
        deep("a", "", ".a", 2500),
        deep("1 ~ ", "1", "", 1900),
        deep("1 and ", "1", "", 1300),
        deep("1 ** ", "1", "", 1500),
        deep("apps[", "0", "]", 1300),
    ] {
        let _ = evaluate(&format!("{{{{ {inner} }}}}"));
        let _ = evaluate(&format!("x{{{{ {inner} }}}}"));
        let _ = holds(&inner);
    }
    let loops = deep("{% if 1 %}", "x", "{% endif %}", 380);
    let _ = evaluate(&loops);
}

#[test]
fn long_honest_lists_are_no_loop() {
    let names =
        |n: usize| (0..n).map(|i| format!("main/argocd/wallet-api-{i}")).collect::<Vec<_>>();
    let all = Template::parse("{{ apps }}").unwrap();
    let vars = json!({ "apps": names(5000) });
    assert_eq!(all.evaluate(&vars).unwrap(), vars["apps"]);
    let joined = Template::parse("{{ apps | join(', ') }}").unwrap();
    assert!(joined.evaluate(&json!({ "apps": names(200) })).is_ok());
    let vars = json!({ "apps": names(200), "item": { "value": "main/argocd/wallet-api-199" } });
    assert_eq!(Condition::parse("item.value in apps").unwrap().holds(&vars), Ok(true));
}

#[test]
fn conditions_want_true_or_false() {
    assert_eq!(holds("facts.sync == \"OutOfSync\""), Ok(true));
    assert_eq!(holds("facts.sync == 'Synced' or 'a' in apps"), Ok(true));
    assert_eq!(holds("facts.n > 3"), Ok(false));
    assert!(holds("facts.sync").unwrap_err().contains("neither true nor false"));
    assert!(holds("facts.synk").unwrap_err().contains("has no value"));
    assert!(holds("facts.synk == 'x'").is_err());
    assert!(holds("{{ facts.n > 3 }}").unwrap_err().contains("without braces"));
    assert!(holds("facts.n >").is_err());
    assert!(holds("").is_err());
}

#[test]
fn variables_are_listed() {
    let names =
        |source: &str| Template::parse(source).unwrap().variables().into_iter().collect::<Vec<_>>();
    assert_eq!(names("{{ plan[item].revisions }}"), ["item", "plan"]);
    assert_eq!(
        names("{% for a in apps %}{{ a }}{{ range(3) }}{{ who }}{% endfor %}"),
        ["apps", "who"]
    );
    assert_eq!(names("{{ debug() }}"), ["debug"]);
    assert_eq!(names("nothing"), [""; 0]);
    assert_eq!(Template::parse("{{ apps }}").unwrap().bare_variable(), Some("apps"));
    assert_eq!(Template::parse("{{ apps }}!").unwrap().bare_variable(), None);
    assert_eq!(Template::parse("{{ a.b }}").unwrap().bare_variable(), None);
    let condition = Condition::parse("item.sync == env").unwrap();
    assert_eq!(condition.variables().into_iter().collect::<Vec<_>>(), ["env", "item"]);
}

#[test]
fn they_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<Template>();
    shared::<Condition>();
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in r"(\{\{|\}\}|\{%|%\}|\{#|#\}|\PC|for|in|apps|endfor|if|is|not|\||'|\(|\)| ){0,30}",
    ) {
        if let Ok(template) = Template::parse(&text) {
            let _ = (template.evaluate(&vars()), template.render(&vars()), template.variables());
        }
        if let Ok(condition) = Condition::parse(&text) {
            let _ = condition.holds(&vars());
        }
    }
}
