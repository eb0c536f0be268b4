//! The runbooks that ship, against the actions that they name; and those actions for other tests.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::json;

use crate::ids::TeamName;
use crate::port::{ActionKind, ActionSpec, ParamSpec};

use super::embedded::SHIPPED as FILES;
use super::{Catalog, Choices, Does, Known, Order, Runbook, schema};

const fn param(name: &'static str, required: bool, many: bool) -> ParamSpec {
    ParamSpec { name, required, many, doc: "" }
}

const fn action(name: &'static str, kind: ActionKind, params: &'static [ParamSpec]) -> ActionSpec {
    ActionSpec { name, kind, params, doc: "" }
}

pub(crate) const ARGOCD: &[ActionSpec] = &[
    action("repositories", ActionKind::Choices, &[]),
    action("applications", ActionKind::Choices, &[param("repository", false, false)]),
    action("diff", ActionKind::Plan, &[param("apps", true, true)]),
    action("diagnosis", ActionKind::Report, &[param("apps", true, true)]),
    action(
        "versions",
        ActionKind::Report,
        &[param("repository", false, false), param("apps", false, true)],
    ),
    action(
        "sync",
        ActionKind::Operation,
        &[param("app", true, false), param("revisions", true, true)],
    ),
    action("previous", ActionKind::Plan, &[param("apps", true, true), param("run", false, false)]),
    action("rollback", ActionKind::Operation, &[param("app", true, false)]),
    action("workloads", ActionKind::Plan, &[param("apps", true, true)]),
    action("restart", ActionKind::Operation, &[param("app", true, false)]),
    action("resume", ActionKind::Internal, &[]),
    action("promote", ActionKind::Internal, &[]),
    action("abort", ActionKind::Internal, &[]),
    action("terminate", ActionKind::Internal, &[]),
];

const WILCO: &[ActionSpec] = &[
    action("status", ActionKind::Report, &[param("apps", false, true)]),
    action("underway", ActionKind::Choices, &[]),
    action("runs", ActionKind::Choices, &[]),
    action("deployments", ActionKind::Choices, &[]),
    action(
        "history",
        ActionKind::Report,
        &[param("apps", false, true), param("span", true, false)],
    ),
    action("deployed", ActionKind::Choices, &[param("run", true, false)]),
];

static TEAMS: LazyLock<BTreeSet<TeamName>> =
    LazyLock::new(|| super::embedded::TEAMS.iter().copied().map(TeamName::new).collect());

/// The actions, teams and adapters that tests may name.
pub(super) fn known() -> Known<'static> {
    let actions = &[("argocd", ARGOCD), ("wilco", WILCO)];
    Known { actions, teams: &TEAMS, adapters: Some(&["console", "terminal"]) }
}

fn catalog() -> Catalog {
    Catalog::build(FILES.iter().copied(), &known()).unwrap_or_else(|found| {
        let told: Vec<String> = found
            .iter()
            .map(|problem| {
                let source = FILES.iter().find(|(name, _)| *name == problem.file);
                problem.render(source.map_or("", |(_, source)| source))
            })
            .collect();
        panic!("{}", told.join("\n"))
    })
}

fn named(name: &str) -> std::sync::Arc<Runbook> {
    catalog().iter().find(|runbook| runbook.name.as_str() == name).cloned().unwrap()
}

#[test]
fn they_load() {
    let catalog = catalog();
    let menu: Vec<(u32, &str)> =
        catalog.iter().map(|runbook| (runbook.number, runbook.name.as_str())).collect();
    assert_eq!(
        menu,
        [
            (1, "version"),
            (2, "deploy"),
            (3, "restart"),
            (4, "health"),
            (5, "history"),
            (8, "status"),
            (9, "plan"),
            (10, "stop-run"),
            (11, "rollback"),
            (12, "rollback-run"),
            (13, "notify"),
        ]
    );
    for (word, name) in [
        ("배포", "deploy"),
        ("버전", "version"),
        ("재시작", "restart"),
        ("진단", "health"),
        ("이력", "history"),
        ("상태", "status"),
        ("계획", "plan"),
        ("중단", "stop-run"),
        ("롤백", "rollback"),
        ("rollback run", "rollback-run"),
        ("알려줘", "notify"),
    ] {
        let found = catalog.words().find(|(known, _)| *known == word);
        assert_eq!(found.map(|(_, runbook)| runbook.name.as_str()), Some(name), "{word}");
    }
}

#[test]
fn deploy_does_what_its_file_says() {
    let deploy = named("deploy");
    assert_eq!(deploy.who, [TeamName::new("devops")]);
    let [version, repository, apps] = deploy.ask.as_slice() else { panic!("{:?}", deploy.ask) };
    assert!(matches!(version.choices, Choices::Version));
    assert_eq!(repository.narrows.as_deref(), Some("apps"));
    assert!(apps.many && !apps.default_all);
    assert_eq!(apps.hidden.as_ref().unwrap().ko, "이미 동기화됨");
    let filter = apps.filter.as_ref().unwrap();
    let holds =
        |sync: &str| filter.holds(&json!({ "item": { "sync": sync, "auto": true } })).unwrap();
    assert!(holds("OutOfSync") && !holds("Synced"));

    let Choices::Ask(applications) = &apps.choices else { panic!("{:?}", apps.choices) };
    let call = applications.call(&json!({ "repository": "git/wallet" })).unwrap();
    assert_eq!(call.with["repository"], "git/wallet");

    let Does::Run(procedure) = &deploy.does else { panic!("{:?}", deploy.does) };
    let approval = procedure.approval.as_ref().unwrap();
    assert_eq!(approval.within.as_secs(), 30 * 60);
    let wanted = |env: &str| approval.when.as_ref().unwrap().holds(&json!({ "env": env })).unwrap();
    assert!(wanted("production") && !wanted("stage"));
    assert_eq!(
        (&procedure.order, procedure.announce.as_slice()),
        (&Order::Listed, &["#deploy-notice".to_owned()][..])
    );
    assert_eq!((procedure.step.for_each.as_str(), procedure.step.timeout.as_secs()), ("apps", 900));

    let item = "main/argocd/wallet-api";
    let vars =
        json!({ "item": item, "apps": [item], "plan": { (item): { "revisions": ["8c1f"] } } });
    let sync = procedure.step.action.call(&vars).unwrap();
    assert_eq!(json!(sync.with), json!({ "app": item, "revisions": ["8c1f"] }));
    let diff = procedure.plan.call(&vars).unwrap();
    assert_eq!(json!(diff.with), json!({ "apps": [item] }));
    let fault = procedure.step.action.call(&json!({ "item": item, "plan": {} })).unwrap_err();
    assert!(fault.message.starts_with("`revisions` of `argocd.sync`: "), "{fault}");
}

#[test]
fn the_others_change_nothing() {
    for name in ["version", "health", "history", "status", "plan"] {
        assert!(matches!(named(name).does, Does::Answer(_)), "{name}");
    }
    assert!(matches!(&named("stop-run").does, Does::Cancel { run } if run == "run"));
    assert!(named("version").ask.iter().any(|question| question.default_all));
}

/// Every key that ships stands in the schema; the schema itself is judged in its own tests.
#[test]
fn their_keys_stand_in_the_schema() {
    let schema = schema::json_schema();
    for (name, source) in FILES {
        let file: serde_json::Value = serde_saphyr::from_str(source).unwrap();
        for key in file.as_object().unwrap().keys() {
            assert!(schema["properties"][key].is_object(), "{name}: {key}");
        }
    }
}
