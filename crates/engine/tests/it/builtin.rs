//! The engine asked about itself.

use std::sync::Arc;

use wilco_core::answer::{Answer, TroubleKind};
use wilco_core::call::Call;
use wilco_core::context::Settings;
use wilco_core::port::Connector as _;
use wilco_core::words::status;
use wilco_engine::{ACTIONS, Builtin, Current};

use crate::world::{Place, message};

fn call(action: &str) -> Call {
    Call { connector: "wilco".into(), action: action.into(), with: serde_json::Map::new() }
}

#[tokio::test(flavor = "multi_thread")]
async fn status_tells_what_runs_and_who_holds_which_lock() {
    let place = Place::new();
    let running = place.start().await;
    let clock = Arc::clone(&place.clock);
    let settings = Current::new(Settings::default());
    let wilco = Builtin::new(Arc::clone(&running.store), clock, settings, Vec::new());
    let status = wilco.ask(&call("status")).await;
    assert_eq!(status, Ok(Answer::Report(status::nothing_runs())));
    assert_eq!(wilco.ask(&call("runs")).await, Ok(Answer::Choices(Vec::new().into())));
    running.say(message("1", "count")).await;
    running.quiet().await;
    let Ok(Answer::Report(text)) = wilco.ask(&call("status")).await else { panic!("a report") };
    assert!(text.en.contains("main/argocd/shared: held by r1"), "{}", text.en);
    assert!(text.ko.contains("r1 사용 중"), "{}", text.ko);
    let refused = wilco.ask(&call("sing")).await.unwrap_err();
    assert_eq!(refused.kind, TroubleKind::BadRequest);
    // Everything that is listed for runbooks is answered.
    for action in ACTIONS {
        assert!(wilco.ask(&call(action.name)).await.is_ok(), "{}", action.name);
    }
}
