//! Lines that begin with `!`: what happens in the world outside the chat.
//!
//! | line | means |
//! |---|---|
//! | `! argocd NAME image LIVE -> TARGET …` | an application; more words: `repo SHORT`, `env NAME`, `namespace NS`, `project NAME`, `source SHORT` (one more repository), `auto`, `outcome …`, `object KIND/NAME` (changed in git), `sets NAME LIVE TARGET` (a setting of its workloads, such as `replicas`, `limits.memory`, `env.LEVEL`; `-` where there is none), `beside KIND/NAME` (one more workload of the same image), `hook PHASE NAME` (its syncs run a Job as a hook), `rollout` (its workload is a Rollout), `was TAG` (an earlier deployment, oldest first), `was-at PATH` (those came from another path), `chart NAME LIVE TARGET` (its source is a Helm chart, in these versions; `was TAG@VERSION` then), `range 1.x` (it names no version of the chart, but a range), `values SHORT` (the values of the chart stand in this git repository) |
//! | `! argocd NAME config` | an application of settings alone, without a workload |
//! | `! argocd NAME commit TAG [by WHO]` | a new commit brings this tag |
//! | `! argocd NAME back` | its branch is set back by one commit |
//! | `! argocd NAME chart VERSION [TAG]` | a new version of its chart is published, which brings this tag, or without one another `ConfigMap` |
//! | `! argocd NAME chart-gone VERSION` | a version of its chart is taken out of its repository |
//! | `! argocd NAME outcome WORD` | how its next sync ends: `succeeds`, `sync_fails`, `degrades`, `recovers`, `stays_progressing`, `suspends`, `canary` (pauses at 20 % and at 60 %), `blue_green`, `retries`, `hook_suspended` (its hook is a suspended Job), `waits` |
//! | `! argocd NAME health WORD` | its health changes now |
//! | `! argocd NAME synced-by WHO` / `held-by WHO [SPAN]` | somebody else acts in Argo CD |
//! | `! argocd NAME freed` | somebody takes `operation` out of it in the cluster, as one leaves a dead state |
//! | `! argocd NAME acted ACTION` | somebody else does something to its Rollout: `resume`, `promote-full`, `abort` |
//! | `! argocd NAME window SPAN` | a deny window for so long |
//! | `! argocd NAME gone` | it is deleted |
//! | `! many N` | so many applications |
//! | `! at NAME …` | one of the lines above and below about Argo CD, in another instance; the first is `main` |
//! | `! fault METHOD PATH KIND [times N] [after N]` | see `wilco_sim::argocd::Fault`; a short path such as `sync`, `list`, `get`, `managed`, `session`, `any`; `! fault none` |
//! | `! trap NAME VALUE` | see `wilco_sim::argocd::Traps` |
//! | `! rights all\|read-only\|projects A,B` | what Wilco's account may do, or which projects it sees, from now on |
//! | `! wait SPAN` | time passes |
//! | `! clock stands` / `! clock goes` | time does not pass by itself, so that people act in the same minute, or while something is under way |
//! | `! crash` | the engine dies at once and is started again on the same store |
//! | `! teams WHO TEAM,…` | the teams of a person from now on (`-` for none) |
//! | `! language ROOM ko\|en\|both` | what a room reads |
//! | `! environment PATTERN NAME` | targets that match are in this environment from now on |
//! | `! stream` | Wilco listens to the streams of Argo CD instead of polling alone, and is started again |
//! | `! git` / `! git away` | Wilco reads the commits between what runs and what would come, or would and cannot, and is started again |
//! | `! sign-in password` | Wilco signs in to Argo CD by password instead of a token, and is started again |
//! | `! patience SPAN`, `! page N` | settings |
//! | `! runbook FILE` / `! without NAME` | a runbook is added (beside the story), or removed |

use std::time::Duration;

use wilco_core::lang::Lang;
use wilco_sim::argocd::{Fault, FaultKind, Health, NewCommit, Object, Outcome};

use crate::doubles::MAIN;
use crate::log::Histories;

/// A directive, read.
#[expect(clippy::large_enum_variant, reason = "one at a time, never in a collection")]
#[derive(Debug, Clone)]
pub(crate) enum Directive {
    /// In the Argo CD of this name, which is there from now on.
    ArgoCd {
        at: String,
        change: InArgoCd,
    },
    Wait(Duration),
    /// Whether the clock goes by itself.
    Clock(bool),
    Crash,
    Teams {
        who: String,
        teams: Vec<String>,
    },
    Language {
        room: String,
        lang: Lang,
    },
    Environment {
        pattern: String,
        name: String,
    },
    /// By password from now on.
    SignIn,
    /// The streams are listened to from now on.
    Stream,
    /// The histories of the repositories are read from now on, or should be.
    Git(Histories),
    Patience(Duration),
    Page(usize),
    Runbook(String),
    Without(String),
}

/// What happens in an Argo CD.
#[expect(clippy::large_enum_variant, reason = "one at a time, never in a collection")]
#[derive(Debug, Clone)]
pub(crate) enum InArgoCd {
    App(AppLine),
    Change { app: String, change: Change },
    Many(usize),
    Fault(Fault),
    NoFaults,
    Trap { name: String, value: serde_json::Value },
    Rights(Rights),
}

/// What Wilco's account may do from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Rights {
    All,
    /// It sees only the applications of these projects.
    Projects(Vec<String>),
    /// It changes nothing.
    ReadOnly,
}

/// An application as a story describes it.
#[derive(Debug, Clone, Default)]
pub(crate) struct AppLine {
    pub(crate) name: String,
    pub(crate) live: String,
    pub(crate) target: String,
    pub(crate) repo: String,
    /// One more repository: an application of several sources.
    pub(crate) source: Option<String>,
    pub(crate) project: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) env: String,
    pub(crate) auto: bool,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) object: Option<Object>,
    pub(crate) added: Option<Object>,
    /// A hook of its syncs.
    pub(crate) hook: Option<Object>,
    /// Settings of its workloads: name, live, target; `-` where there is none.
    pub(crate) sets: Vec<[String; 3]>,
    /// One more workload.
    pub(crate) beside: Option<Object>,
    /// It has settings alone and no workload.
    pub(crate) config: bool,
    /// Its workload is a Rollout.
    pub(crate) rollout: bool,
    /// The tags of earlier deployments, oldest first.
    pub(crate) was: Vec<String>,
    /// Where these came from, if from another path.
    pub(crate) was_at: Option<String>,
    /// The chart that it is rendered from: name, version that runs, version that is wanted.
    pub(crate) chart: Option<[String; 3]>,
    /// The range of versions that it names.
    pub(crate) range: Option<String>,
    /// The git repository in which the values of the chart stand.
    pub(crate) values: Option<String>,
}

/// What happens to an application.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    /// It brings this tag, by this person.
    Commit(NewCommit, String, String),
    /// Its branch is set back by one commit.
    Back,
    /// A version of its chart is published.
    Chart(String, NewCommit),
    /// A version of its chart is no longer there.
    ChartGone(String),
    Outcome(Outcome),
    Health(Health),
    SyncedBy(String),
    HeldBy(String, Option<Duration>),
    /// `operation` is taken away in the cluster.
    Freed,
    Acted(String),
    Window(Duration),
    Gone,
}

impl Directive {
    /// Whether it matters when the next line comes.
    pub(crate) fn is_about_moments(&self) -> bool {
        match self {
            Self::Clock(goes) => !goes,
            Self::Wait(_) => true,
            Self::ArgoCd { change, .. } => change.is_about_moments(),
            _ => false,
        }
    }
}

impl InArgoCd {
    fn is_about_moments(&self) -> bool {
        match self {
            Self::App(app) => app.auto,
            // Whom a fault that wears out hits depends on how often was asked.
            Self::Fault(fault) => fault.times.is_some(),
            Self::Change { change, .. } => {
                matches!(
                    change,
                    Change::SyncedBy(_)
                        | Change::HeldBy(..)
                        | Change::Window(_)
                        | Change::Freed
                        | Change::Acted(_)
                )
            }
            _ => false,
        }
    }
}

/// Reads the words behind the `!`.
pub(crate) fn parse(words: &[String]) -> Option<Directive> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (at, words) = match words.as_slice() {
        ["at", at, rest @ ..] => (*at, rest),
        all => (MAIN, all),
    };
    match in_argocd(words) {
        Some(change) => Some(Directive::ArgoCd { at: at.to_owned(), change }),
        None => elsewhere(words).filter(|_| at == MAIN),
    }
}

fn in_argocd(words: &[&str]) -> Option<InArgoCd> {
    Some(match words {
        ["argocd", name, rest @ ..] => match rest {
            ["image", live, "->", target, more @ ..] => {
                InArgoCd::App(app_line(name, live, target, more)?)
            }
            ["config", more @ ..] => {
                let app = app_line(name, "1", "1", more)?;
                InArgoCd::App(AppLine { config: true, ..app })
            }
            _ => InArgoCd::Change { app: (*name).to_owned(), change: change(name, rest)? },
        },
        ["many", count] => InArgoCd::Many(count.parse().ok()?),
        ["fault", "none"] => InArgoCd::NoFaults,
        ["fault", method, path, rest @ ..] => InArgoCd::Fault(fault(method, path, rest)?),
        ["trap", name, value] => {
            InArgoCd::Trap { name: (*name).to_owned(), value: serde_json::from_str(value).ok()? }
        }
        ["rights", "all"] => InArgoCd::Rights(Rights::All),
        ["rights", "read-only"] => InArgoCd::Rights(Rights::ReadOnly),
        ["rights", "projects", names] => {
            let names = names.split(',').map(str::to_owned).collect();
            InArgoCd::Rights(Rights::Projects(names))
        }
        _ => return None,
    })
}

fn elsewhere(words: &[&str]) -> Option<Directive> {
    Some(match words {
        ["wait", time] => Directive::Wait(span(time)?),
        ["clock", "stands"] => Directive::Clock(false),
        ["clock", "goes"] => Directive::Clock(true),
        ["crash"] => Directive::Crash,
        ["teams", who, teams] => Directive::Teams {
            who: (*who).to_owned(),
            teams: teams.split(',').filter(|team| *team != "-").map(str::to_owned).collect(),
        },
        ["language", room, lang] => Directive::Language {
            room: (*room).to_owned(),
            lang: serde_json::from_value(serde_json::json!(lang)).ok()?,
        },
        ["environment", pattern, name] => {
            Directive::Environment { pattern: (*pattern).to_owned(), name: (*name).to_owned() }
        }
        ["sign-in", "password"] => Directive::SignIn,
        ["stream"] => Directive::Stream,
        ["git"] => Directive::Git(Histories::There),
        ["git", "away"] => Directive::Git(Histories::Away),
        ["patience", time] => Directive::Patience(span(time)?),
        ["page", size] => Directive::Page(size.parse().ok()?),
        ["runbook", file] => Directive::Runbook((*file).to_owned()),
        ["without", name] => Directive::Without((*name).to_owned()),
        _ => return None,
    })
}

/// `500ms`, `42s`, `10m`, `2h`.
pub(crate) fn span(text: &str) -> Option<Duration> {
    let at = text.find(|c: char| !c.is_ascii_digit())?;
    let number: u64 = text[..at].parse().ok()?;
    Some(match &text[at..] {
        "ms" => Duration::from_millis(number),
        "s" => Duration::from_secs(number),
        "m" => Duration::from_secs(number * 60),
        "h" => Duration::from_secs(number * 3600),
        _ => return None,
    })
}

fn app_line(name: &str, live: &str, target: &str, more: &[&str]) -> Option<AppLine> {
    let mut app = AppLine {
        name: name.to_owned(),
        live: live.to_owned(),
        target: target.to_owned(),
        repo: "wallet".to_owned(),
        env: "production".to_owned(),
        ..AppLine::default()
    };
    let mut words = more.iter();
    while let Some(word) = words.next() {
        match *word {
            "auto" => app.auto = true,
            "rollout" => app.rollout = true,
            "was" => app.was.push((*words.next()?).to_owned()),
            "was-at" => app.was_at = Some((*words.next()?).to_owned()),
            "repo" => app.repo = (*words.next()?).to_owned(),
            "env" => app.env = (*words.next()?).to_owned(),
            "source" => app.source = Some((*words.next()?).to_owned()),
            "project" => app.project = Some((*words.next()?).to_owned()),
            "namespace" => app.namespace = Some((*words.next()?).to_owned()),
            "outcome" => app.outcome = Some(outcome(words.next()?)?),
            "object" => {
                let (kind, name) = words.next()?.split_once('/')?;
                app.object = Some(Object::new(kind, name));
            }
            "beside" => {
                let (kind, name) = words.next()?.split_once('/')?;
                app.beside = Some(Object::new(kind, name));
            }
            "chart" => {
                let mut word = || words.next().map(|word| (*word).to_owned());
                app.chart = Some([word()?, word()?, word()?]);
            }
            "range" => app.range = Some((*words.next()?).to_owned()),
            "values" => app.values = Some((*words.next()?).to_owned()),
            "sets" => {
                let mut word = || words.next().map(|word| (*word).to_owned());
                app.sets.push([word()?, word()?, word()?]);
            }
            "hook" => {
                let phase = *words.next()?;
                app.hook = Some(Object::new("Job", words.next()?).hook(phase));
            }
            "adds" => {
                let (kind, name) = words.next()?.split_once('/')?;
                app.added = Some(Object::new(kind, name).data("new", "yes"));
            }
            _ => return None,
        }
    }
    Some(app)
}

fn change(app: &str, words: &[&str]) -> Option<Change> {
    Some(match words {
        ["commit", tag] => commit(app, tag, "sora"),
        ["commit", tag, "by", who] => commit(app, tag, who),
        ["back"] => Change::Back,
        // As most charts do: each of their objects carries the version.
        ["chart", version] => {
            let settings = Object::new("ConfigMap", app).data("chart", version);
            Change::Chart((*version).to_owned(), NewCommit::object(settings))
        }
        ["chart", version, tag] => Change::Chart((*version).to_owned(), NewCommit::image(app, tag)),
        ["chart-gone", version] => Change::ChartGone((*version).to_owned()),
        ["outcome", word] => Change::Outcome(outcome(word)?),
        ["health", word] => Change::Health(serde_json::from_value(serde_json::json!(word)).ok()?),
        ["synced-by", who] => Change::SyncedBy((*who).to_owned()),
        ["freed"] => Change::Freed,
        ["acted", action] => Change::Acted((*action).to_owned()),
        ["held-by", who] => Change::HeldBy((*who).to_owned(), None),
        ["held-by", who, time] => Change::HeldBy((*who).to_owned(), Some(span(time)?)),
        ["window", time] => Change::Window(span(time)?),
        ["gone"] => Change::Gone,
        _ => return None,
    })
}

fn commit(app: &str, tag: &str, by: &str) -> Change {
    Change::Commit(NewCommit::image(app, tag), tag.to_owned(), by.to_owned())
}

fn outcome(word: &str) -> Option<Outcome> {
    Some(match word {
        "succeeds" => Outcome::Succeeds,
        "sync_fails" => {
            Outcome::SyncFails { message: "admission webhook denied the request".into() }
        }
        "degrades" => Outcome::Degrades,
        "recovers" => Outcome::DegradesThenRecovers { after_ms: 10_000 },
        "stays_progressing" => Outcome::StaysProgressing,
        "suspends" => Outcome::Suspends,
        "canary" => Outcome::Canary { weights: vec![20, 60] },
        "blue_green" => Outcome::BlueGreen,
        "retries" => Outcome::Retries { failures: 1 },
        "hook_suspended" => Outcome::HookSuspended,
        "waits" => Outcome::Waits {
            message: "waiting for completion of hook batch/Job/migrate".into(),
            for_ms: None,
        },
        _ => return None,
    })
}

fn fault(method: &str, path: &str, rest: &[&str]) -> Option<Fault> {
    let path = match path {
        "any" => "/api/**",
        "list" => "/api/v1/applications",
        "get" => "/api/v1/applications/*",
        "managed" => "/api/v1/applications/*/managed-resources",
        "sync" => "/api/v1/applications/*/sync",
        "rollback" => "/api/v1/applications/*/rollback",
        "manifests" => "/api/v1/applications/*/manifests",
        "tree" => "/api/v1/applications/*/resource-tree",
        "events" => "/api/v1/applications/*/events",
        "logs" => "/api/v1/applications/*/logs",
        "operation" => "/api/v1/applications/*/operation",
        "object" => "/api/v1/applications/*/resource",
        "action" => "/api/v1/applications/*/resource/actions/v2",
        "actions" => "/api/v1/applications/*/resource/actions",
        "session" => "/api/v1/session",
        path if path.starts_with('/') => path,
        _ => return None,
    };
    // A misspelt rule would hit nothing, and the story would show nothing.
    if !matches!(method, "GET" | "POST" | "DELETE" | "*") {
        return None;
    }
    let (kind, mut rest) = rest.split_first()?;
    let error = |status: u16, code: i64, message: &str| FaultKind::Error {
        status,
        code,
        message: message.to_owned(),
    };
    let kind = match *kind {
        "401" => error(401, 16, "no session information"),
        "403" => error(403, 7, "permission denied"),
        "429" => error(429, 8, "too many requests"),
        "500" => error(500, 13, "runtime error: invalid memory address"),
        "503" => error(503, 14, "connection refused"),
        "html" => FaultKind::Html { status: 502 },
        "html-200" => FaultKind::Html { status: 200 },
        "half" => FaultKind::HalfJson,
        "empty" => FaultKind::Empty { status: 200 },
        "close" => FaultKind::Close,
        "silence" => FaultKind::Silence,
        "act-then-close" => FaultKind::ActThenClose,
        "hold" => {
            let (time, tail) = rest.split_first()?;
            rest = tail;
            FaultKind::Hold { ms: i64::try_from(span(time)?.as_millis()).ok()? }
        }
        _ => return None,
    };
    let mut fault = Fault::on(method, path, kind);
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let number: u32 = words.next()?.parse().ok()?;
        fault = match *word {
            "times" => fault.times(number),
            "after" => fault.after(number),
            _ => return None,
        };
    }
    Some(fault)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<Directive> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn every_documented_form_is_read() {
        for line in [
            "argocd wallet-api image 1.4.2 -> 1.5.0 repo wallet env stage auto outcome degrades",
            "argocd wallet-api image 1.4.2 -> 1.4.2 beside StatefulSet/wallet-db",
            "argocd settings config env stage",
            "argocd wallet-api image 1 -> 1 sets replicas 2 3 sets env.X - debug",
            "argocd wallet-api commit 1.6.0",
            "argocd wallet-api commit 1.6.0 by jun",
            "argocd wallet-api back",
            "argocd wallet-api outcome sync_fails",
            "argocd wallet-api health Degraded",
            "argocd wallet-api synced-by alice",
            "argocd wallet-api held-by alice 10s",
            "argocd wallet-api image 1 -> 2 rollout outcome canary",
            "argocd wallet-api freed",
            "argocd wallet-api acted resume",
            "argocd wallet-api image 2 -> 2 was 1 was 1.1 was-at old",
            "argocd wallet-api image 1 -> 2 chart wallet 1.2.0 1.3.0 range 1.x values values was 0@1.1.0",
            "argocd wallet-api chart 1.4.0 3",
            "argocd wallet-api chart-gone 1.3.0",
            "argocd wallet-api window 10m",
            "argocd wallet-api gone",
            "many 2000",
            "at tokyo argocd wallet-api image 1 -> 2",
            "at tokyo fault * any 503",
            "fault POST sync act-then-close times 1",
            "fault GET list hold 60s after 1",
            "fault none",
            "trap empty_summary true",
            "rights projects wallet,portal",
            "rights read-only",
            "argocd wallet-api image 1 -> 2 source values project wallet",
            "wait 10m",
            "clock stands",
            "crash",
            "teams mina -",
            "language #deploy both",
            "environment */*/wallet-api stage",
            "sign-in password",
            "stream",
            "git",
            "git away",
            "fault GET get silence times 1",
            "runbook extra.yaml",
            "without deploy",
        ] {
            assert!(read(line).is_some(), "{line}");
        }
        assert!(read("argocd wallet-api imgae 1 -> 2").is_none());
        assert!(read("wait 10").is_none() && read("at tokyo wait 10s").is_none());
    }
}
