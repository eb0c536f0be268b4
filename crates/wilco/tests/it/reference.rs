//! The reference of runbooks names every action that a runbook can use.

use wilco_core::port::ActionKind;

#[test]
fn every_action_stands_in_the_reference() {
    let reference = include_str!("../../../../docs/runbooks.md");
    let all = [("argocd", wilco_connectors::argocd::ACTIONS), ("wilco", wilco_engine::ACTIONS)];
    for (connector, actions) in all {
        for action in actions.iter().filter(|action| action.kind != ActionKind::Internal) {
            let row = format!("| `{connector}.{}` |", action.name);
            assert!(reference.contains(&row), "{row} is missing");
            for param in action.params {
                let named = reference
                    .lines()
                    .any(|line| line.starts_with(&row) && line.contains(param.name));
                assert!(named, "{row} does not name `{}`", param.name);
            }
        }
    }
}
