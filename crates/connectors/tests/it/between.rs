//! A plan with the commits between what runs and what would come.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use wilco_connectors::argocd::{ArgoCd, InstanceConfig, SignIn};
use wilco_connectors::git::{CommitLog, Path, Span};
use wilco_core::answer::{Trouble, TroubleKind};
use wilco_core::commits::{Between, Commits, Log};
use wilco_core::plan::TargetPlan;
use wilco_core::time::Timestamp;
use wilco_sim::argocd::DEFAULT_TOKEN;

use crate::world::World;

/// Answers always the same, and notes what it was asked.
struct Fixed {
    answer: Option<Log>,
    asked: Mutex<Vec<Span>>,
}

#[async_trait]
impl CommitLog for Fixed {
    async fn between(&self, span: &Span) -> Option<Log> {
        self.asked.lock().expect("no panic").push(span.clone());
        self.answer.clone()
    }
}

/// The plan of wallet-api where histories answer this, and what they were asked.
async fn plan(answer: Option<Log>) -> (TargetPlan, Vec<Span>) {
    let mut world = World::new().await;
    let config = InstanceConfig::new("main", &world.url(), SignIn::Token(DEFAULT_TOKEN.into()));
    let log = Arc::new(Fixed { answer, asked: Mutex::default() });
    let argo = ArgoCd::new(vec![config], Arc::new(|| Timestamp(0))).expect("one instance");
    let reader: Arc<dyn CommitLog> = Arc::<Fixed>::clone(&log);
    world.argo = Arc::new(argo.reading(reader));
    let plan = world.wallet().plan("wallet-api").await;
    let asked = log.asked.lock().expect("no panic").clone();
    (plan, asked)
}

#[tokio::test]
async fn a_history_is_asked_for_what_runs_and_what_would_come() {
    let read =
        Log::Read { comes: Commits { count: 2, newest: Vec::new() }, goes: Commits::default() };
    let (plan, asked) = plan(Some(read.clone())).await;
    let [span] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(span.repository, "https://git.example/wallet-api.git");
    assert_eq!(span.paths, [Path::Exactly("wallet-api".to_owned())]);
    assert_ne!(span.from, span.to);
    assert_eq!(plan.revisions, std::slice::from_ref(&span.to));
    assert_eq!(plan.between, [Between { to: span.to.clone(), log: read }]);
    assert_eq!(plan.commits.len(), 1, "what Argo CD tells is there all the same");
}

#[tokio::test]
async fn what_a_history_has_or_has_not_changes_nothing_that_people_agree_to() {
    let detail = "no route to host".to_owned();
    let trouble = Trouble { tool: "git".to_owned(), kind: TroubleKind::Unreachable, detail };
    let read =
        Log::Read { comes: Commits { count: 2, newest: Vec::new() }, goes: Commits::default() };
    let (without, _) = plan(None).await;
    assert!(without.between.is_empty());
    for answer in [Log::Unread { trouble }, read] {
        let (with, _) = plan(Some(answer)).await;
        assert_eq!((with.between.len(), with.digest()), (1, without.digest()));
        assert_eq!((&with.obstacle, &with.commits), (&without.obstacle, &without.commits));
    }
}
