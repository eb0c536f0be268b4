//! The read-back: exactly what would change, and the yes that it wants.

use crate::chart::Chart;
use crate::ids::TeamName;
use crate::lang::Text;
use crate::plan::{
    Change, FieldChange, Freshness, ImageChange, Mode, ObjectChange, Obstacle, Only, Plan, Returns,
    TargetPlan,
};
use crate::target::{PRODUCTION, Target};
use crate::time::UtcOffset;
use crate::version::tag;
use crate::words;
use crate::words::run::name;
use crate::words::when;

/// How many targets a message shows before "more".
const SHOWN: usize = 4;
/// How many exceptions a message names before it only counts them.
const NAMED: usize = 2;

/// The read-back: what stands in the message, and what stands behind "more".
#[must_use]
pub fn read_back(
    title: &Text,
    plan: &Plan,
    approval: &[TeamName],
    waits: &[(String, String)],
    utc_offset: UtcOffset,
) -> (Text, Text) {
    let head = Text::new(
        format!("{} — please check (plan {}):", title.en, plan.digest.short()),
        format!("{} — 확인해 주세요 (계획 {}):", title.ko, plan.digest.short()),
    );
    let mut text = head.line(&changes(plan, utc_offset));
    if plan.targets.iter().any(|part| part.only.is_some()) {
        text = text.line(&in_part());
    }
    for (name, run) in waits.iter().take(NAMED) {
        text = text.line(&Text::new(
            format!("{name} is locked by {run} and will wait for it."),
            format!("{name}: {run} 작업이 끝날 때까지 기다립니다."),
        ));
    }
    text = text
        .line(&rest(waits.len().saturating_sub(NAMED), &Text::new("wait for a lock", "잠금 대기")));
    let ask = match (approval, plan.touches_production()) {
        ([], false) => Text::new("Go ahead? (`yes` / `cancel`)", "진행할까요? (`예` / `취소`)"),
        ([], true) => Text::new(
            "Production. Go ahead? Type `yes` or press the button. (`cancel` ends this)",
            "운영 환경입니다. 진행하려면 `예`를 입력하거나 버튼을 누르세요. (`취소` 가능)",
        ),
        (teams, _) => {
            let teams = teams.iter().map(TeamName::as_str).collect::<Vec<_>>().join(", ");
            Text::new(
                format!("One of {teams} must approve. Ask for it? (`yes` / `cancel`)"),
                format!("{teams} 1명의 승인이 필요합니다. 요청할까요? (`예` / `취소`)"),
            )
        }
    };
    (text.line(&ask), details(plan))
}

/// What changes, a line per target; long ones are cut and continue behind "more".
#[must_use]
pub fn changes(plan: &Plan, utc_offset: UtcOffset) -> Text {
    let mut lines: Vec<Text> =
        (0..plan.targets.len().min(SHOWN)).map(|at| change_line(plan, at, utc_offset)).collect();
    if plan.targets.len() > SHOWN {
        let rest = plan.targets.len() - SHOWN;
        lines.push(Text::new(format!("… and {rest} more"), format!("… 외 {rest}개")));
    }
    Text::lines(lines)
}

/// In front of a target: `[production] `; beside production also `(stage) `, so that nobody has to
/// wonder what the others are.
#[must_use]
pub fn mark(plan: &Plan, target: &Target) -> String {
    match plan.environment(target).as_str() {
        PRODUCTION => format!("[{PRODUCTION}] "),
        other if plan.touches_production() => format!("({other}) "),
        _ => String::new(),
    }
}

/// When the version that comes back was deployed, and what does not come back with it.
fn returns_notes(returns: &Returns, utc_offset: UtcOffset) -> Vec<Text> {
    let at = returns.deployed_at.map(|at| when::day_and_clock(at, utc_offset));
    let deployed = match (at, &returns.deployed_by) {
        (Some(at), Some(by)) => {
            Text::new(format!("rollback, deployed {at} by {by}"), format!("롤백, {at} {by} 배포"))
        }
        (Some(at), None) => {
            Text::new(format!("rollback, deployed {at}"), format!("롤백, {at} 배포"))
        }
        (None, Some(by)) => {
            Text::new(format!("rollback, deployed by {by}"), format!("롤백, {by} 배포"))
        }
        (None, None) => Text::new("rollback", "롤백"),
    };
    let hooks = returns.hooks_ran.then(|| {
        Text::new(
            "its PreSync hooks, such as migrations, are not undone",
            "마이그레이션 등 PreSync 훅은 되돌리지 않음",
        )
    });
    let part = returns.undoes_a_part.then(|| {
        Text::new(
            "the whole application, because what was deployed in part is in no history",
            "일부 배포는 이력에 남지 않아 애플리케이션 전체를 되돌림",
        )
    });
    std::iter::once(deployed).chain(part).chain(hooks).collect()
}

/// Which objects alone are brought, and how many others stay as they are.
fn only_note(only: &Only) -> Text {
    let name = |object: &String| {
        let parts: Vec<&str> = object.split('/').collect();
        format!("{}/{}", parts.get(1).unwrap_or(&""), parts.last().unwrap_or(&""))
    };
    let names: Vec<String> = only.objects.iter().take(NAMED).map(name).collect();
    let more = match only.objects.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", +{more}"),
    };
    let names = format!("{}{more}", names.join(", "));
    match only.stays {
        0 => Text::new(format!("only {names}"), format!("{names}만")),
        stays => Text::new(
            format!("only {names}; {stays} other(s) stay as they are"),
            format!("{names}만, 다른 변경 {stays}개는 그대로"),
        ),
    }
}

/// What a deployment of single objects does not do.
#[must_use]
pub fn in_part() -> Text {
    Text::new(
        "In part: no hooks run, and it gets no history entry, so nothing can be rolled back to it.",
        "일부만 배포: 훅은 실행되지 않고, 이력에 남지 않아 이 상태로는 롤백할 수 없습니다.",
    )
}

/// What the tool showed may be old.
fn freshness_note(freshness: Freshness, utc_offset: UtcOffset) -> Option<Text> {
    match freshness {
        Freshness::Now => None,
        Freshness::Old { at: Some(at) } => {
            let at = when::day_and_clock(at, utc_offset);
            Some(Text::new(
                format!("could not look into git; this is what Argo CD knew at {at}"),
                format!("git을 확인하지 못해 {at}에 Argo CD가 알던 내용입니다"),
            ))
        }
        Freshness::Old { at: None } => Some(Text::new(
            "could not look into git; this is what Argo CD knew before",
            "git을 확인하지 못해 Argo CD가 이전에 알던 내용입니다",
        )),
    }
}

/// `[production] wallet-api 1.4.2 → 1.5.0 (2 objects)`: the target at this place of the plan.
#[must_use]
pub fn change_line(plan: &Plan, at: usize, utc_offset: UtcOffset) -> Text {
    let part = &plan.targets[at];
    let versions = brings(part);
    let other =
        |object: &&ObjectChange| !matches!(object.change, Change::Extra | Change::Restarted);
    // What is told field by field needs no counting.
    let told = |object: &&ObjectChange| {
        object.fields.is_empty() || object.fields.iter().any(|field| field.hidden)
    };
    let objects = part.objects.iter().filter(other).filter(told).count();
    let extra = part.objects.iter().filter(|object| object.change == Change::Extra).count();
    let mut notes: Vec<Text> = Vec::new();
    if !is_of_charts_alone(part) {
        notes.extend(words::chart::versions(&part.charts));
    }
    notes.extend(part.only.as_ref().map(only_note));
    notes.extend(words::commits::notes(plan, at));
    notes.extend(part.returns.iter().flat_map(|returns| returns_notes(returns, utc_offset)));
    let fields: Vec<&FieldChange> = part.objects.iter().flat_map(|object| &object.fields).collect();
    let plain = fields.iter().filter(|field| !field.hidden).take(NAMED);
    notes.extend(plain.map(|field| Text::verbatim(field_line(field))));
    // Those of a part are named.
    if objects > 0 && part.only.is_none() {
        notes.push(Text::new(
            format!("{objects} other object(s)"),
            format!("그 외 변경 오브젝트 {objects}개"),
        ));
    }
    if extra > 0 {
        notes.push(Text::new(
            format!("{extra} no longer in git, stays"),
            format!("git에 없는 오브젝트 {extra}개는 유지"),
        ));
    }
    if part.mode == Mode::Watch {
        notes.push(Text::new(
            "Argo CD deploys it by itself; I watch",
            "Argo CD가 자동 배포, 저는 확인만 합니다",
        ));
    }
    notes.extend(freshness_note(part.freshness, utc_offset));
    let mark = mark(plan, &part.target);
    let wave = plan.wave(at).map(|wave| format!("{wave}. ")).unwrap_or_default();
    let name = Text::verbatim(format!("{wave}{mark}{}", name(plan, &part.target)));
    let line = Text::join([name, versions], " ");
    if notes.is_empty() {
        return line;
    }
    let notes = Text::join(notes, ", ");
    Text::new(format!("{} ({})", line.en, notes.en), format!("{} ({})", line.ko, notes.ko))
}

/// In a few words what comes: what is restarted, else the images, else the charts, old → new.
#[must_use]
pub fn brings(part: &TargetPlan) -> Text {
    let charts = is_of_charts_alone(part).then(|| words::chart::versions(&part.charts)).flatten();
    restarted(part).or(charts).unwrap_or_else(|| version_change(&part.images))
}

/// Whether a chart changes, and no image with it.
fn is_of_charts_alone(part: &TargetPlan) -> bool {
    part.images.is_empty() && part.charts.iter().any(Chart::changes)
}

/// `restart (Deployment wallet-api, StatefulSet db)`, when that is all that is done to a target.
#[must_use]
pub fn restarted(part: &TargetPlan) -> Option<Text> {
    let all = !part.objects.is_empty()
        && part.objects.iter().all(|object| object.change == Change::Restarted);
    if !all {
        return None;
    }
    let name = |object: &ObjectChange| {
        let parts: Vec<&str> = object.object.split('/').collect();
        format!("{} {}", parts.first().unwrap_or(&""), parts.last().unwrap_or(&""))
    };
    let names: Vec<String> = part.objects.iter().take(NAMED).map(name).collect();
    let more = match part.objects.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", +{more}"),
    };
    let names = format!("({}{more})", names.join(", "));
    Some(Text::new(format!("restart {names}"), format!("재시작 {names}")))
}

/// `1.4.2 → 1.5.0`; several images are told by name.
#[must_use]
pub fn version_change(images: &[ImageChange]) -> Text {
    let mut seen: Vec<String> = Vec::new();
    for image in images {
        let line = match (&image.from, &image.to) {
            (Some(from), Some(to)) if name_of(from) == name_of(to) => {
                if images.len() == 1 {
                    format!("{} → {}", tag(from), tag(to))
                } else {
                    format!("{} {} → {}", name_of(to), tag(from), tag(to))
                }
            }
            (Some(from), Some(to)) => format!("{from} → {to}"),
            (None, Some(to)) => format!("+ {to}"),
            (Some(from), None) => format!("- {from}"),
            (None, None) => continue,
        };
        if !seen.contains(&line) {
            seen.push(line);
        }
    }
    if seen.is_empty() {
        Text::new("(same image)", "(이미지 동일)")
    } else {
        Text::verbatim(seen.join(", "))
    }
}

/// The last path part of an image's name: `wallet-api` of `registry.example/team/wallet-api:1.4.2`.
fn name_of(image: &str) -> &str {
    let path = image.split_once('@').map_or(image, |(path, _)| path);
    let last = path.rsplit('/').next().unwrap_or(path);
    last.split_once(':').map_or(last, |(name, _)| name)
}

/// Everything, for behind "more": each container, each object, each commit, each revision.
#[must_use]
pub fn details(plan: &Plan) -> Text {
    Text::lines(plan.targets.iter().enumerate().map(|(at, part)| {
        let wave = plan.wave(at).map(|wave| format!("{wave}. ")).unwrap_or_default();
        let mut lines = vec![format!("{wave}{}", part.target)];
        for image in &part.images {
            let side = |image: &Option<String>| image.clone().unwrap_or_else(|| "–".to_owned());
            lines.push(format!(
                "  {}: {} → {}",
                image.container,
                side(&image.from),
                side(&image.to)
            ));
        }
        lines.extend(part.charts.iter().map(|chart| format!("  {}", words::chart::detail(chart))));
        for object in &part.objects {
            let sign = match object.change {
                Change::Added => "+",
                Change::Changed => "~",
                Change::Extra => "=",
                Change::Restarted => "↻",
            };
            lines.push(format!("  {sign} {}", object.object));
            lines.extend(object.fields.iter().map(|field| format!("      {}", field_line(field))));
        }
        let commits = words::commits::details(part);
        // Of a chart the revision is its version, which stands above.
        if commits.is_empty() && part.revisions.len() > part.charts.len() {
            lines.push(format!("  {}", part.revisions.join(", ")));
        }
        Text::lines(std::iter::once(Text::verbatim(lines.join("\n"))).chain(commits))
    }))
}

/// `replicas 2 → 3`; of what is hidden only whether it comes, goes or changes: `+ app env NEW`.
fn field_line(change: &FieldChange) -> String {
    let FieldChange { field, from, to, hidden } = change;
    match (from, to) {
        (None, Some(_)) if *hidden => format!("+ {field}"),
        (Some(_), None) if *hidden => format!("- {field}"),
        _ if *hidden => format!("~ {field}"),
        _ => {
            let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "–".to_owned());
            format!("{field} {} → {}", side(from), side(to))
        }
    }
}

/// Targets that cannot be changed now, with the reason: what stands in the message, and what stands
/// behind "more".
#[must_use]
pub fn left_out(blocked: &[(String, Obstacle)]) -> (Text, Text) {
    let lines: Vec<Text> = blocked
        .iter()
        .map(|(name, obstacle)| {
            let why = obstacle_reason(obstacle);
            Text::new(
                format!("Left out: {name} — {}", why.en),
                format!("제외: {name} — {}", why.ko),
            )
        })
        .collect();
    let (shown, more) = lines.split_at(lines.len().min(NAMED));
    let rest = rest(more.len(), &Text::new("left out", "제외"));
    (Text::lines(shown.to_vec()).line(&rest), Text::lines(more.to_vec()))
}

/// `… and 3 more left out`.
fn rest(count: usize, what: &Text) -> Text {
    if count == 0 {
        return Text::default();
    }
    Text::new(format!("… and {count} more {}", what.en), format!("… 외 {count}개 {}", what.ko))
}

/// Why a target cannot be changed now.
#[must_use]
pub fn obstacle_reason(obstacle: &Obstacle) -> Text {
    match obstacle {
        Obstacle::WindowClosed => Text::new(
            "its sync window is closed; try again when it opens.",
            "동기화 창이 닫혀 있습니다. 열린 뒤에 다시 시도해 주세요.",
        ),
        Obstacle::Busy { by } => Text::new(
            format!("another operation is in progress (started by {by}); try again when it ends."),
            format!("다른 작업이 진행 중입니다 (시작: {by}). 끝난 뒤에 다시 시도해 주세요."),
        ),
        Obstacle::NothingToDo => Text::new(
            "already in sync, nothing would change.",
            "이미 동기화되어 변경할 것이 없습니다.",
        ),
        Obstacle::ChartNotUpdated { asked, stays, charts } => {
            words::planned::not_yet(asked, stays, charts)
        }
        Obstacle::MissingChart { chart } => words::chart::missing(chart),
        Obstacle::NoSuchObject { asked } => {
            let asked = asked.join(", ");
            Text::new(
                format!(
                    "it has no object that fits {asked} (written as KIND/NAME or GROUP/KIND/NAME)."
                ),
                format!("맞는 오브젝트가 없습니다: {asked} (형식: KIND/NAME 또는 GROUP/KIND/NAME)"),
            )
        }
        Obstacle::WholeByItself => Text::new(
            "Argo CD deploys all of it by itself, so single objects cannot be chosen.",
            "Argo CD가 전체를 자동으로 배포하므로 오브젝트를 골라 배포할 수 없습니다.",
        ),
        Obstacle::OnlyAPart => Text::new(
            "that run brought only some objects, of the version that was deployed before; what they were is in no \
             history, so please change them in git or by hand.",
            "그 작업은 이미 배포된 버전의 일부 오브젝트만 반영했고, 그 전 내용은 이력에 없어 롤백할 수 없습니다. git에서 바꾸거나 직접 \
             되돌려 주세요.",
        ),
        Obstacle::NothingToRestart => Text::new(
            "it has no workload that could be restarted.",
            "재시작할 워크로드가 없습니다.",
        ),
        Obstacle::AutoSync => Text::new(
            "Argo CD deploys it by itself and takes no rollback; revert the commit in git, or switch auto-sync \
             off in git first.",
            "Argo CD가 자동으로 배포하므로 롤백할 수 없습니다. git에서 커밋을 되돌리거나 먼저 git에서 자동 동기화를 꺼 \
             주세요.",
        ),
        Obstacle::NothingBefore => Text::new(
            "its history has no earlier deployment that differs.",
            "이력에 지금과 다른 이전 배포가 없습니다.",
        ),
        Obstacle::NotLast { by } if by.is_empty() => Text::new(
            "that run is not what changed it last; please roll it back by itself.",
            "이 애플리케이션을 마지막으로 변경한 것은 그 작업이 아닙니다. 따로 롤백해 주세요.",
        ),
        Obstacle::NotLast { by } => Text::new(
            format!("it was changed last by {by}, not by that run; please roll it back by itself."),
            format!(
                "마지막 변경이 그 작업이 아닙니다 (변경: {by}). 이 애플리케이션만 따로 롤백해 주세요."
            ),
        ),
        Obstacle::Withdrawn { run } => Text::new(
            format!("{run} rolled back what this would bring again; to do so, ask for it alone."),
            format!("{run}에서 롤백한 버전입니다. 다시 배포하려면 이것만 따로 요청해 주세요."),
        ),
        Obstacle::SourceChanged => Text::new(
            "the earlier deployment came from another path or other parameters, so I cannot tell what would \
             come back; please roll back in Argo CD or revert in git.",
            "이전 배포의 경로나 설정이 지금과 달라 무엇이 돌아올지 알 수 없습니다. Argo CD에서 롤백하거나 git에서 되돌려 \
             주세요.",
        ),
        Obstacle::NotCompared { detail } => Text::new(
            format!("Argo CD could not compare it: {detail}"),
            format!("Argo CD가 비교하지 못했습니다: {detail}"),
        ),
    }
}

/// After all targets were left out.
#[must_use]
pub fn nothing_remains() -> Text {
    Text::new("So nothing remains to be done.", "진행할 대상이 없습니다.")
}

/// On the button that is the explicit yes.
#[must_use]
pub fn yes_label(asks_approval: bool) -> Text {
    if asks_approval {
        Text::new("Yes, ask for approval", "예, 승인 요청")
    } else {
        Text::new("Yes, go ahead", "예, 실행")
    }
}

/// A casual yes for production.
#[must_use]
pub fn say_it_plainly() -> Text {
    Text::new(
        "This touches production: please type `yes` in full, or press the button.",
        "운영 환경에 영향을 줍니다. `예`라고 입력하거나 버튼을 눌러 주세요.",
    )
}

/// A yes that was sent before the read-back stood there.
#[must_use]
pub fn yes_too_early() -> Text {
    Text::new(
        "That yes was sent before you could read the plan. Please read it and say `yes` again.",
        "계획이 표시되기 전에 보낸 답입니다. 내용을 확인하고 다시 `예`라고 입력해 주세요.",
    )
}

/// Something else than a yes.
#[must_use]
pub fn not_a_yes() -> Text {
    Text::new(
        "Nothing was started yet. `yes` goes ahead, `back` changes something, `cancel` ends this.",
        "아직 시작하지 않았습니다. 진행하려면 `예`, 바꾸려면 `뒤로`, 그만두려면 `취소`를 입력하세요.",
    )
}

/// Under the read-back, when the dialog went another way without a yes.
#[must_use]
pub fn set_aside() -> Text {
    Text::new("Set aside: nothing was started.", "보류됨: 아무것도 시작하지 않았습니다.")
}

/// Under the read-back, once the yes was given.
#[must_use]
pub fn confirmed(run: &str) -> Text {
    Text::new(format!("Confirmed: {run}"), format!("확인됨: {run}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::answer::CommitNote;
    use crate::ids::EnvironmentName;
    use crate::time::Timestamp;

    fn part(target: &str, title: &str) -> TargetPlan {
        let commit = CommitNote {
            revision: "8c1f".into(),
            author: "Mina Kim".into(),
            title: title.into(),
            at: None,
        };
        TargetPlan {
            wanted: Vec::new(),
            only: None,
            charts: Vec::new(),
            target: target.parse().unwrap(),
            images: vec![],
            objects: vec![],
            revisions: vec!["8c1f".into()],
            commits: vec![commit],
            between: Vec::new(),
            returns: None,
            mode: Mode::Start,
            obstacle: None,
            freshness: Freshness::Now,
            evidence: serde_json::Value::Null,
        }
    }

    fn plan(parts: &[TargetPlan]) -> Plan {
        let stage = |part: &&TargetPlan| part.target.name.ends_with("-stage");
        let of = |part: &TargetPlan| (part.target.clone(), EnvironmentName::new("stage"));
        let environments: BTreeMap<_, _> = parts.iter().filter(stage).map(of).collect();
        Plan::new(parts.to_vec(), environments)
    }

    fn lines(plan: &Plan) -> String {
        changes(plan, UtcOffset::east(9, 0)).en
    }

    #[test]
    fn a_commit_of_several_targets_is_told_once() {
        let parts = ["m/a/x-stage", "m/a/y-stage"].map(|target| part(target, "both"));
        let told = lines(&plan(&parts));
        assert_eq!(
            told,
            "x-stage (same image) (Mina Kim: both)\ny-stage (same image) (same commit)"
        );
        let other = [part("m/a/x-stage", "one"), part("m/a/y-stage", "two")];
        assert!(lines(&plan(&other)).ends_with("y-stage (same image) (Mina Kim: two)"));
    }

    #[test]
    fn beside_production_every_environment_is_named() {
        let both = plan(&[part("m/a/x", "t"), part("m/a/x-stage", "t")]);
        assert!(lines(&both).starts_with("[production] x "), "{}", lines(&both));
        assert!(lines(&both).contains("\n(stage) x-stage "), "{}", lines(&both));
    }

    #[test]
    fn of_one_name_in_two_namespaces_the_whole_name_is_told() {
        let both = plan(&[part("m/a/x-stage", "t"), part("m/b/x-stage", "t")]);
        assert!(lines(&both).contains("m/a/x-stage ") && lines(&both).contains("m/b/x-stage "));
    }

    #[test]
    fn argo_13_what_may_be_old_is_told_with_its_time() {
        let mut old = part("m/a/x-stage", "t");
        old.freshness = Freshness::Old { at: Some(Timestamp(0)) };
        assert!(
            lines(&plan(&[old.clone()]))
                .contains("could not look into git; this is what Argo CD knew at 1970-01-01 09:00")
        );
        old.freshness = Freshness::Old { at: None };
        assert!(lines(&plan(&[old])).contains("this is what Argo CD knew before"));
    }
}
