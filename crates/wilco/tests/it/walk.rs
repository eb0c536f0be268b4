//! Every function of the bot, by a person in the terminal.

use std::path::Path;

use crate::process::{err, in_order, out, run_with_input};

/// From the question to the deployment that a second person approves, on hold, and back again.
const DEPLOYED: &str = "\
mina #deploy> help
cancel
mina #deploy> version wallet-api
mina #deploy> health wallet-api
mina #deploy> deploy wallet-api
yes
mina #deploy> notify r1
sora #deploy/4> hold r1
sora #deploy/4> approve
mina #deploy/4> resume
mina #deploy> history wallet-api
mina #deploy> rollback wallet-api
yes
sora #deploy/7> approve
";

/// What is stopped before it began, what is restarted, and a whole run taken back.
const TAKEN_BACK: &str = "\
mina #deploy> plan wallet-api-stage
mina #deploy> deploy gamedosi-web
yes
mina #deploy> status
mina #deploy> stop-run r1
mina #deploy> deploy wallet-api-stage
yes
mina #deploy> restart wallet-api-stage
/1
mina #배포> 작업롤백 r2
예
mina #배포> 상태
";

fn walked(script: &str) -> String {
    let talked = run_with_input(&["chat", "--demo"], script);
    assert!(talked.status.success(), "{}", err(&talked));
    out(&talked)
}

#[test]
fn no_function_is_left_out() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../runbooks"));
    let names = std::fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        path.file_stem().unwrap().to_str().unwrap().to_owned()
    });
    // It is said in Korean.
    let said = |name: &str| {
        if name == "rollback-run" { "작업롤백".to_owned() } else { name.to_owned() }
    };
    let left_out: Vec<String> = names
        .filter(|name| ![DEPLOYED, TAKEN_BACK].concat().contains(&format!("> {}", said(name))))
        .collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}

#[test]
fn a_deployment_is_asked_approved_held_resumed_and_rolled_back() {
    let said = walked(DEPLOYED);
    in_order(
        &said,
        &[
            "mina #deploy> help\n",
            "#deploy/1     What can I do for you?",
            "mina #deploy/1> cancel\n",
            "Cancelled. Nothing was started.",
            "mina #deploy> version wallet-api\n",
            "wallet-api 1.4.2 → 1.5.0, OutOfSync, Healthy",
            "mina #deploy> health wallet-api\n",
            "wallet-api 1.4.2: Healthy, OutOfSync",
            "mina #deploy> deploy wallet-api\n",
            "Ask for it? (`yes` / `cancel`)",
            "mina #deploy/4> yes\n",
            "[production] r1 Deploy applications: approval wanted",
            "mina #deploy> notify r1\n",
            "I will send you a direct message when r1 is over.",
            "sora #deploy/4> hold r1\n",
            "Sora put r1 on hold: wallet-api does not begin.",
            "sora #deploy/4> approve\n",
            "Sora approved r1.",
            "mina #deploy/4> resume\n",
            "Mina resumed r1.",
            "[production] r1 Deploy applications: succeeded",
            "mina #deploy> history wallet-api\n",
            "r1 deploy wallet-api 1.4.2 → 1.5.0 (Mina, approved by Sora): succeeded",
            "mina #deploy> rollback wallet-api\n",
            "[production] wallet-api 1.5.0 → 1.4.2 (rollback",
            "sora #deploy/7> approve\n",
            "[production] r2 Roll back applications: succeeded",
        ],
    );
    // Messages of one room keep their order; those of two rooms have none.
    in_order(
        &said,
        &["mina #deploy/4> resume\n", "@mina         Finished: Deploy applications r1"],
    );
}

#[test]
fn a_run_is_stopped_an_application_restarted_and_a_whole_run_taken_back() {
    let said = walked(TAKEN_BACK);
    in_order(
        &said,
        &[
            "mina #deploy> plan wallet-api-stage\n",
            "wallet-api-stage 1.5.0 → 1.6.0-rc.1",
            "mina #deploy/2> yes\n",
            "[production] r1 Deploy applications: approval wanted",
            "mina #deploy> status\n",
            "r1 deploy gamedosi-web (Mina)",
            "mina #deploy> stop-run r1\n",
            "r1 Deploy applications: cancelled",
            "mina #deploy/5> yes\n",
            "[stage] r2 Deploy applications: succeeded",
            "mina #deploy/6> /1\n",
            "[stage] r3 Restart applications: succeeded",
            "mina #배포> 작업롤백 r2\n",
            "wallet-api-stage 1.6.0-rc.1 → 1.5.0",
            "mina #배포/1> 예\n",
            "[stage] r4 작업 롤백: 완료",
            "mina #배포> 상태\n",
            "실행 중이거나 대기 중인 작업이 없습니다.",
        ],
    );
}
