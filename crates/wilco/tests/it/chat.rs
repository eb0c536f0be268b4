//! `wilco chat --demo` with a script on its standard input.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::process::{err, in_order, out, run, run_with_input};

const README: &str = include_str!("../../../../README.md");

/// The line of README, given to the shell as a reader would.
#[test]
fn the_approval_that_readme_shows_for_scripts_succeeds() {
    let shown: Vec<&str> =
        README.lines().filter(|line| line.ends_with("| wilco chat --demo")).collect();
    let [line] = shown[..] else { panic!("README shows one script: {shown:?}") };
    let programs = Path::new(env!("CARGO_BIN_EXE_wilco")).parent().unwrap().display();
    let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
    let talked = Command::new("sh")
        .args(["-c", line])
        .env("PATH", path)
        .env_remove("WILCO_LOG")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(talked.status.success(), "{}", err(&talked));
    let said = out(&talked);
    // Messages of one room keep their order; those of two rooms have none.
    in_order(
        &said,
        &[
            "mina #deploy> deploy wallet-api\n",
            "[production] wallet-api 1.4.2 → 1.5.0",
            "One of release-managers must approve.",
            "mina #deploy/1> yes\n",
            "[production] r1 Deploy applications: approval wanted",
            "sora #deploy/1> approve\n",
            "Sora approved r1.",
            "[production] r1 Deploy applications: succeeded",
            "✓ wallet-api 1.4.2 → 1.5.0: Healthy",
        ],
    );
    in_order(
        &said,
        &[
            "sora #deploy/1> approve\n",
            "#deploy-notice  Started: Deploy applications r1 (asked by Mina, approved by Sora)",
            "#deploy-notice  Finished: Deploy applications r1 succeeded",
        ],
    );
}

#[test]
fn a_piped_script_walks_a_deployment_and_the_process_ends_by_itself() {
    let script = "mina #deploy> deploy wallet-api-stage\nyes\n";
    let talked = run_with_input(&["chat", "--demo"], script);
    let said = out(&talked);
    assert!(talked.status.success(), "{}", err(&talked));
    for part in ["wallet-api-stage 1.5.0 → 1.6.0-rc.1", "r1", "Healthy", "succeeded"] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn one_begins_as_the_person_that_is_named() {
    let said = out(&run_with_input(&["chat", "--demo", "--as", "sora"], "help\n/as mina\nhelp\n"));
    assert!(said.starts_with("sora #deploy> help\n"), "{said}");
    assert!(said.contains("mina #deploy/1> help\n"), "{said}");
}

#[test]
fn nobody_can_begin_as_somebody_who_is_not_there_or_outside_of_the_demo() {
    let unknown = run(&["chat", "--demo", "--as", "eve"]);
    assert!(!unknown.status.success() && out(&unknown).is_empty(), "{}", out(&unknown));
    assert!(
        err(&unknown).contains("there is no eve here, but mina, sejun, sora, yuri"),
        "{}",
        err(&unknown)
    );
    let outside = run(&["chat", "--as", "mina"]);
    assert!(!outside.status.success() && err(&outside).contains("--demo"), "{}", err(&outside));
}

#[test]
fn colours_come_through_a_pipe_only_when_they_are_asked_for() {
    let said = |options: &[&str]| {
        let args = [&["chat", "--demo"], options].concat();
        out(&run_with_input(&args, "mina #deploy> help\n"))
    };
    assert!(!said(&[]).contains('\u{1b}'));
    let coloured = said(&["--color", "always"]);
    for part in ["\u{1b}[1mmina\u{1b}[0m #deploy> help", "\u{1b}[1;35mbot 1\u{1b}[0m"] {
        assert!(coloured.contains(part), "{part:?} in {coloured:?}");
    }
    // Nothing that moves the cursor: who reads it later gets every line.
    assert!(!coloured.contains('\r') && !coloured.contains("\u{1b}[J"), "{coloured:?}");
}

#[test]
fn korean_is_answered_in_korean_and_a_cancel_ends_it() {
    let said = out(&run_with_input(&["chat", "--demo"], "mina #deploy> 헬프\n２\n취소\n"));
    assert!(said.contains("무엇을 도와드릴까요?") && said.contains("취소했습니다"), "{said}");
}
