//! What the bot says about a run: names, changes, one line per target, the card, the notices.

use crate::answer::{Trouble, Warning};
use crate::chart::Chart;
use crate::ids::{RunId, RunbookName};
use crate::lang::Text;
use crate::plan::{Obstacle, Plan, TargetPlan};
use crate::target::Target;
use crate::words::plan::{brings, restarted, version_change};
use crate::words::trouble;

pub mod card;
pub mod hold;
pub mod overdue;
pub mod pause;

/// How many image changes one line shows.
const IMAGES: usize = 3;

/// How a target is called: its name, or the whole name where another one has the same.
#[must_use]
pub fn name(plan: &Plan, target: &Target) -> String {
    super::called(target, &plan.twins)
}

/// What changes, in a few words: images old → new, else how many objects; and whether that is only a part of what
/// differs.
#[must_use]
pub fn change(plan: &TargetPlan) -> Text {
    let whole = whole_change(plan);
    if plan.only.is_none() {
        return whole;
    }
    Text::new(format!("{} (in part)", whole.en), format!("{} (일부)", whole.ko))
}

fn whole_change(plan: &TargetPlan) -> Text {
    if let Some(restart) = restarted(plan) {
        return restart;
    }
    if plan.images.is_empty() && plan.charts.iter().any(Chart::changes) {
        return brings(plan);
    }
    if plan.images.is_empty() {
        return match (plan.objects.len(), plan.revisions.first()) {
            (0, Some(revision)) => Text::new(
                format!("revision {}", short(revision)),
                format!("리비전 {}", short(revision)),
            ),
            (0, None) => Text::new("no change", "변경 없음"),
            (1, _) => Text::new("1 object", "오브젝트 1개"),
            (n, _) => Text::new(format!("{n} objects"), format!("오브젝트 {n}개")),
        };
    }
    let mut images = plan.images.clone();
    // Containers of one image change alike and are told once.
    images.sort_by(|a, b| (&a.from, &a.to).cmp(&(&b.from, &b.to)));
    images.dedup_by(|a, b| (&a.from, &a.to) == (&b.from, &b.to));
    let text = version_change(&images[..images.len().min(IMAGES)]);
    match images.len().saturating_sub(IMAGES) {
        0 => text,
        more => Text::join([text, Text::verbatim(format!("(+{more})"))], " "),
    }
}

/// The first eight characters of a revision.
fn short(revision: &str) -> String {
    revision.chars().take(8).collect()
}

/// `wallet-api 1.4.2 → 1.5.0`.
#[must_use]
pub fn change_of(name: &str, plan: &TargetPlan) -> Text {
    let change = change(plan);
    Text::new(format!("{name} {}", change.en), format!("{name} {}", change.ko))
}

/// How the plan of one target differs from the approved one.
#[must_use]
pub fn differs(name: &str, old: &TargetPlan, fresh: Option<&TargetPlan>) -> Text {
    let Some(fresh) = fresh else {
        return Text::new(format!("{name}: no longer there"), format!("{name}: 더 이상 없음"));
    };
    if let Some(Obstacle::MissingChart { chart }) = &fresh.obstacle {
        let why = crate::words::chart::missing(chart);
        return Text::new(format!("{name}: {}", why.en), format!("{name}: {}", why.ko));
    }
    if fresh.images.is_empty() && fresh.objects.is_empty() {
        return Text::new(
            format!("{name}: nothing left to change"),
            format!("{name}: 더 바꿀 것이 없음"),
        );
    }
    let (mut was, mut is) = (change(old), change(fresh));
    if was == is {
        let revisions = |plan: &TargetPlan| {
            plan.revisions.iter().map(|r| short(r)).collect::<Vec<_>>().join("+")
        };
        if old.revisions == fresh.revisions {
            return Text::new(
                format!("{name}: other objects change than before ({})", is.en),
                format!("{name}: 바뀌는 오브젝트 내용이 달라짐({})", is.ko),
            );
        }
        was = Text::join([was, Text::verbatim(revisions(old))], ", ");
        is = Text::join([is, Text::verbatim(revisions(fresh))], ", ");
    }
    Text::new(
        format!("{name}: was {}, now {}", was.en, is.en),
        format!("{name}: 이전 {}, 지금 {}", was.ko, is.ko),
    )
}

/// Another environment than the approved one.
#[must_use]
pub fn environment_differs(name: &str, was: &str, is: &str) -> Text {
    Text::new(
        format!("{name}: was in {was}, now in {is}"),
        format!("{name}: 환경이 바뀜({was} → {is})"),
    )
}

/// Why it ended: what it would change is in another environment now.
#[must_use]
pub fn elsewhere_now(differences: &Text) -> Text {
    Text::new(
        format!(
            "an environment changed while it waited ({}), and other rules may hold there. Nothing was \
             changed; please ask again",
            differences.en
        ),
        format!(
            "기다리는 동안 환경이 바뀌어({}) 시작하지 않았습니다. 승인 규칙이 다를 수 있으니 다시 요청해 주세요",
            differences.ko
        ),
    )
}

/// Why a target fails right before its effect: it is not as approved any more.
#[must_use]
pub fn changed_since(difference: &Text) -> Text {
    Text::new(
        format!("changed since it was read back ({})", difference.en),
        format!("확인한 뒤 계획이 바뀌었습니다({})", difference.ko),
    )
}

/// What was not as expected though it succeeded.
#[must_use]
pub fn warning(warning: &Warning) -> Text {
    match warning {
        Warning::StillOutOfSync => Text::new("still shown as OutOfSync", "아직 OutOfSync로 표시됨"),
        Warning::OtherRevision { revision } => Text::new(
            format!("another revision runs: {}", short(revision)),
            format!("다른 리비전이 실행 중: {}", short(revision)),
        ),
        Warning::AlreadyThere => Text::new(
            "was already there, not synced again",
            "이미 반영되어 있어 다시 동기화하지 않음",
        ),
        Warning::GitWantsAnother => Text::new(
            "git still wants the other version, so please revert the chart; until then it is OutOfSync, and \
             bringing it again wants a yes of its own",
            "git은 아직 다른 버전을 가리키므로 차트를 되돌려 주세요. 그때까지 OutOfSync이며, 다시 배포하려면 따로 확인해야 합니다",
        ),
        Warning::ImagesNotShown => Text::new(
            "the tool shows no images, only health was proven",
            "이미지를 확인할 수 없어 상태만 확인함",
        ),
        Warning::OthersDiffer { count } => Text::new(
            format!("{count} other object(s) still differ"),
            format!("다른 오브젝트 {count}개는 아직 반영되지 않음"),
        ),
        Warning::ChildNotDeployed { name } => Text::new(
            format!("{name} is an application of its own and still has to be deployed"),
            format!("{name}: 별도 애플리케이션이라 따로 배포해야 함"),
        ),
    }
}

/// The run was stopped by a person.
#[must_use]
pub fn cancelled_by(by: &str) -> Text {
    Text::new(format!("{by} stopped it"), format!("{by} 님이 취소했습니다"))
}

/// The runbook was removed while the run waited.
#[must_use]
pub fn runbook_removed(name: &RunbookName) -> Text {
    Text::new(
        format!("the runbook `{name}` was removed while it waited"),
        format!("기다리는 동안 런북이 삭제되었습니다(`{name}`)"),
    )
}

/// A mistake in the runbook that shows only now.
#[must_use]
pub fn runbook_broken(name: &RunbookName, detail: &str) -> Text {
    let detail = trouble::cut(detail);
    Text::new(
        format!("the runbook `{name}` has a mistake that shows only now: {detail}"),
        format!("런북 `{name}`에 문제가 있습니다: {detail}"),
    )
}

/// The plan names nothing.
#[must_use]
pub fn nothing_planned() -> Text {
    Text::new("there is nothing to do", "할 일이 없습니다")
}

/// The plan could not be read again.
#[must_use]
pub fn plan_unreadable(why: &Trouble) -> Text {
    let why = trouble::sentence(why);
    Text::new(
        format!("the plan could not be read again. {} Nothing was changed", why.en),
        format!("계획을 다시 읽을 수 없습니다. {} 변경된 것은 없습니다", why.ko),
    )
}

/// Something was asked of a run that is over or already on its way.
#[must_use]
pub fn nothing_to_resolve(run: &RunId) -> Text {
    Text::new(
        format!("{run} was not lost sight of, so there is nothing to settle."),
        format!("{run} 작업은 결과를 알 수 없는 상태가 아니라서 정리할 것이 없습니다."),
    )
}

/// A person said before what became of it.
#[must_use]
pub fn already_resolved(run: &RunId, by: &str) -> Text {
    Text::new(
        format!("{by} has already settled {run}."),
        format!("{run} 작업은 {by} 님이 이미 정리했습니다."),
    )
}

/// A person said what became of it.
#[must_use]
pub fn resolved(run: &RunId, by: &str, succeeded: bool) -> Text {
    if succeeded {
        Text::new(
            format!("{by} looked and says that {run} succeeded. Its locks are free again."),
            format!("{by} 님이 확인하고 {run} 작업을 성공으로 정리했습니다. 잠금을 풀었습니다."),
        )
    } else {
        Text::new(
            format!("{by} looked and says that {run} failed. Its locks are free again."),
            format!("{by} 님이 확인하고 {run} 작업을 실패로 정리했습니다. 잠금을 풀었습니다."),
        )
    }
}

/// Somebody who may not stops or settles a run.
#[must_use]
pub fn may_not_touch(run: &RunId, who: &str, allowed: &str) -> Text {
    Text::new(
        format!("{who} may not do this to {run}; the requester and {allowed} may."),
        format!(
            "{who} 님은 {run} 작업에 이 요청을 할 수 없습니다. 요청자와 {allowed} 소속만 가능합니다."
        ),
    )
}

/// Somebody who may not has a tool do something about a target of the run.
#[must_use]
pub fn may_not_act(run: &RunId, who: &str, allowed: &str) -> Text {
    Text::new(
        format!("{who} may not do this to {run}; {allowed} may."),
        format!("{who} 님은 {run} 작업에 이 요청을 할 수 없습니다. {allowed} 소속만 가능합니다."),
    )
}

/// A run is being stopped.
#[must_use]
pub fn stopping(run: &RunId, by: &str, under_way: &Text) -> Text {
    let said = Text::new(
        format!("{by} stops {run}. Nothing new starts."),
        format!("{by} 님이 {run} 작업을 취소합니다. 새로 시작하지 않습니다."),
    );
    if under_way.is_empty() { said } else { Text::join([said, under_way.clone()], " ") }
}

/// What becomes of an operation of ours when its run is stopped.
#[must_use]
pub fn being_stopped() -> Text {
    Text::new(
        "What is under way is being stopped in the tool.",
        "진행 중인 작업은 도구에서 중지합니다.",
    )
}

/// What becomes of that which is applied already when its run is stopped.
#[must_use]
pub fn stays_applied() -> Text {
    Text::new(
        "What is applied already stays; I no longer watch whether it becomes healthy.",
        "이미 적용된 것은 그대로 남으며, 정상 상태가 되는지는 더 이상 확인하지 않습니다.",
    )
}

/// What becomes of that which a tool does by itself when its run is stopped.
#[must_use]
pub fn goes_on_by_itself() -> Text {
    Text::new(
        "What Argo CD deploys by itself goes on there; I no longer watch it.",
        "Argo CD가 자동으로 배포하는 것은 그대로 진행되며, 저는 더 이상 확인하지 않습니다.",
    )
}

/// It was asked to stop before.
#[must_use]
pub fn already_stopping(run: &RunId, by: &str) -> Text {
    Text::new(
        format!("{run} is already being stopped, as {by} asked."),
        format!("{run} 작업은 {by} 님 요청으로 이미 중지하는 중입니다."),
    )
}

/// The tool does not take the request to stop.
#[must_use]
pub fn stop_refused(name: &str, why: &Trouble) -> Text {
    let why = trouble::sentence(why);
    Text::new(
        format!(
            "{name} could not be stopped: {} I keep watching it; `cancel` asks once more.",
            why.en
        ),
        format!(
            "{name} 작업을 중지하지 못했습니다. {} 계속 지켜보겠습니다. `취소`를 입력하면 다시 시도합니다.",
            why.ko
        ),
    )
}

/// The tool did not take the request to stop for now.
#[must_use]
pub fn not_stopped_yet(name: &str, why: &Trouble) -> Text {
    let why = trouble::happened(why);
    Text::new(
        format!("{name} could not be stopped yet: {} I try again by myself.", why.en),
        format!("{name} 작업을 아직 중지하지 못했습니다. {} 자동으로 다시 시도합니다.", why.ko),
    )
}

/// It was applied before the request to stop reached it, and only its health was still awaited.
#[must_use]
pub fn applied_before_stop(name: &str) -> Text {
    Text::new(
        format!(
            "{name} was applied before it could be stopped. That stays; I no longer watch whether it becomes healthy."
        ),
        format!(
            "{name} 작업은 중지되기 전에 이미 적용되었습니다. 적용된 것은 그대로 남으며, 정상 상태가 되는지는 더 이상 확인하지 않습니다."
        ),
    )
}

/// It ended well before the request to stop reached it.
#[must_use]
pub fn finished_before_stop(name: &str) -> Text {
    Text::new(
        format!("{name} was finished before it could be stopped."),
        format!("{name} 작업은 중지되기 전에 이미 완료되었습니다."),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{ImageChange, Mode};

    fn part(images: &[(&str, Option<&str>, Option<&str>)]) -> TargetPlan {
        let image = |&(container, from, to): &(&str, Option<&str>, Option<&str>)| ImageChange {
            container: container.into(),
            from: from.map(str::to_owned),
            to: to.map(str::to_owned),
        };
        TargetPlan {
            wanted: Vec::new(),
            only: None,
            charts: Vec::new(),
            target: "main/argocd/wallet".parse().unwrap(),
            images: images.iter().map(image).collect(),
            objects: vec![],
            revisions: vec!["8c1f0000aaaa".into()],
            commits: vec![],
            between: Vec::new(),
            returns: None,
            mode: Mode::Start,
            obstacle: None,
            freshness: crate::plan::Freshness::Now,
            evidence: serde_json::Value::Null,
        }
    }

    #[test]
    fn containers_of_one_image_are_told_once_and_many_images_are_counted() {
        let (old, new) =
            (Some("registry:5000/team/wallet:1.4.2"), Some("registry:5000/team/wallet:1.5.0"));
        assert_eq!(change(&part(&[("a", old, new), ("b", old, new)])).en, "1.4.2 → 1.5.0");
        let tags = ["x:1", "y:1", "z:1", "v:1", "w:1"].map(|image| ("c", None, Some(image)));
        assert!(change(&part(&tags)).en.ends_with("(+2)"), "{}", change(&part(&tags)).en);
        assert_eq!(change(&part(&[])).en, "revision 8c1f0000");
    }

    #[test]
    fn what_is_gone_or_done_is_told_as_such() {
        let old = part(&[("a", Some("x:1"), Some("x:2"))]);
        assert_eq!(differs("wallet", &old, None).en, "wallet: no longer there");
        assert_eq!(differs("wallet", &old, Some(&part(&[]))).en, "wallet: nothing left to change");
    }
}
