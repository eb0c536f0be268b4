//! What happens in an Argo CD outside the chat.

use wilco_core::time::Timestamp;
use wilco_sim::argocd::{
    Account, AppSpec, ArgoCd, DEFAULT_ACCOUNT, DEFAULT_PASSWORD, DEFAULT_TOKEN, Object, Window,
};

use crate::cast;
use crate::directive::{AppLine, Change, InArgoCd, Rights};
use crate::house::{Problem, START};

/// Something happens in this Argo CD.
pub(crate) fn change_argocd(
    argo: &ArgoCd,
    change: InArgoCd,
    now: Timestamp,
) -> Result<(), Problem> {
    match change {
        InArgoCd::App(line) => add_app(argo, &line),
        InArgoCd::Change { app, change } => change_app(argo, &app, change, now),
        InArgoCd::Many(count) => wilco_sim::demo::many(argo, count),
        InArgoCd::Fault(fault) => drop(argo.fault(fault)),
        InArgoCd::NoFaults => drop(argo.clear_faults()),
        InArgoCd::Trap { name, value } => trap(argo, &name, value)?,
        InArgoCd::Rights(rights) => give(argo, &rights),
    }
    Ok(())
}

fn give(argo: &ArgoCd, rights: &Rights) {
    let account = Account::new(DEFAULT_ACCOUNT).password(DEFAULT_PASSWORD).token(DEFAULT_TOKEN);
    argo.account(match rights {
        Rights::All => account,
        Rights::ReadOnly => account.read_only(),
        Rights::Projects(names) => {
            account.projects(&names.iter().map(String::as_str).collect::<Vec<_>>())
        }
    });
}

fn add_app(argo: &ArgoCd, line: &AppLine) {
    let mut app = AppSpec::new(&line.name)
        .repo(&match line.chart {
            Some(_) => format!("https://charts.example/{}", line.repo),
            None => format!("https://git.example/{}.git", line.repo),
        })
        .env(&line.env)
        .deployed(START.0 - 3 * 86_400_000);
    if let Some([name, live, target]) = &line.chart {
        app = app.chart(name, live, target);
    }
    if let Some(range) = &line.range {
        app = app.follows(range);
    }
    if let Some(repo) = &line.values {
        app = app.values_from(&format!("https://git.example/{repo}.git"));
    }
    app = if line.config {
        app.same(Object::new("ConfigMap", &line.name).data("switch", "on"))
    } else {
        let kind = if line.rollout { "Rollout" } else { "Deployment" };
        app.workload(kind, &line.name, &line.name, &line.live, &line.target)
    };
    if let Some(object) = &line.beside {
        let Object { kind, name, .. } = object;
        app = app.workload(kind, name, &line.name, &line.live, &line.target);
    }
    for [name, live, target] in &line.sets {
        let side = |side: &String| (side != "-").then(|| side.clone());
        app = app.setting(name, side(live).as_deref(), side(target).as_deref());
    }
    for (at, tag) in line.was.iter().enumerate() {
        let days = i64::try_from(line.was.len() - at).unwrap_or(1) + 3;
        let at = START.0 - days * 86_400_000;
        app = match tag.split_once('@') {
            Some((tag, version)) => app.was_chart(version, tag, at),
            None => app.was(tag, at),
        };
    }
    if let Some(path) = &line.was_at {
        app = app.was_at(path);
    }
    app = app.commit(
        "Mina Kim <mina@example.com>",
        &format!("{} {}", line.name, line.target),
        START.0 - 3_600_000,
    );
    if let Some(repo) = &line.source {
        app = app.source(&format!("https://git.example/{repo}.git"), "prod", "HEAD");
    }
    if let Some(project) = &line.project {
        app = app.project(project);
    }
    if let Some(namespace) = &line.namespace {
        app = app.namespace(namespace);
    }
    if line.auto {
        app = app.automated();
    }
    if let Some(outcome) = &line.outcome {
        app = app.outcome(outcome.clone());
    }
    if let Some(object) = &line.object {
        app =
            app.changed(object.clone().data("switch", "off"), object.clone().data("switch", "on"));
    }
    if let Some(hook) = &line.hook {
        app = app.changed(hook.clone(), hook.clone());
    }
    if let Some(object) = &line.added {
        app = app.added(object.clone());
    }
    argo.add(app);
}

fn change_app(argo: &ArgoCd, app: &str, change: Change, now: Timestamp) {
    match change {
        Change::Commit(commit, tag, by) => {
            let commit = commit.by(&cast::git_author(&by), &format!("{app} {tag}"));
            argo.commit(app, commit);
        }
        Change::Back => drop(argo.set_back(app)),
        Change::Chart(version, brings) => drop(argo.publish(app, &version, brings)),
        Change::ChartGone(version) => drop(argo.chart_gone(app, &version)),
        Change::Outcome(outcome) => drop(argo.outcome(app, outcome)),
        Change::Health(health) => drop(argo.health(app, health)),
        Change::SyncedBy(who) => drop(argo.someone_syncs(app, &who)),
        Change::HeldBy(who, span) => {
            let ms = span.and_then(|span| i64::try_from(span.as_millis()).ok());
            argo.someone_holds(app, &who, ms);
        }
        Change::Freed => drop(argo.someone_frees(app)),
        Change::Acted(action) => drop(argo.someone_acts(app, &action)),
        Change::Window(span) => {
            let until = (now + span).0;
            argo.window(app, Window::deny(now.0, until));
        }
        Change::Gone => drop(argo.remove(app)),
    }
}

fn trap(argo: &ArgoCd, name: &str, value: serde_json::Value) -> Result<(), Problem> {
    let mut failed = None;
    argo.traps(|traps| {
        let changed = serde_json::to_value(&*traps).and_then(|mut all| {
            all[name] = value;
            serde_json::from_value(all)
        });
        match changed {
            Ok(changed) => *traps = changed,
            Err(problem) => failed = Some(problem.to_string()),
        }
    });
    failed.map_or(Ok(()), Err)
}
