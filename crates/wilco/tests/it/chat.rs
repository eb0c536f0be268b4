//! `wilco chat --demo` with a script on its standard input.

use crate::process::{err, out, run_with_input};

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
fn korean_is_answered_in_korean_and_a_cancel_ends_it() {
    let said = out(&run_with_input(&["chat", "--demo"], "mina #deploy> 헬프\n２\n취소\n"));
    assert!(said.contains("무엇을 도와드릴까요?") && said.contains("취소했습니다"), "{said}");
}
