//! What the connector can do, as runbooks see it.

use wilco_core::port::{ActionKind, ActionSpec, ParamSpec};

const fn param(name: &'static str, required: bool, many: bool, doc: &'static str) -> ParamSpec {
    ParamSpec { name, required, many, doc }
}

/// What a person may have done about a pause.
const fn act(name: &'static str, doc: &'static str) -> ActionSpec {
    const APP: &[ParamSpec] =
        &[param("app", true, false, "The whole name: instance/namespace/name.")];
    ActionSpec { name, kind: ActionKind::Internal, params: APP, doc }
}

const REPOSITORY: ParamSpec =
    param("repository", false, false, "Only applications of this repository; empty means all.");

/// All actions, also for whoever checks runbooks without a connection.
pub const ACTIONS: &[ActionSpec] = &[
    ActionSpec {
        name: "repositories",
        kind: ActionKind::Choices,
        params: &[],
        doc: "The repositories that applications are deployed from.",
    },
    ActionSpec {
        name: "applications",
        kind: ActionKind::Choices,
        params: &[
            REPOSITORY,
            param(
                "fresh",
                false,
                true,
                "Whole names that are compared with git anew first; a dialog fills it in when a person \
                 names what the list leaves out.",
            ),
        ],
        doc: "The applications, those out of sync first. Facts of an item: sync, health, name, \
              repository, project, namespace, instance, auto_sync, labels, in_progress.",
    },
    ActionSpec {
        name: "objects",
        kind: ActionKind::Choices,
        params: &[param("app", true, false, "The whole name: instance/namespace/name.")],
        doc: "The objects of an application that differ, to be given to `only` of `diff`. Facts of an item: group, \
              kind, namespace, name.",
    },
    ActionSpec {
        name: "diff",
        kind: ActionKind::Plan,
        params: &[
            param("apps", true, true, "Whole names: instance/namespace/name."),
            param(
                "only",
                false,
                true,
                "Only these objects, as KIND/NAME or GROUP/KIND/NAME; `*` stands for any characters of a part. The \
                 sync then brings these alone: without hooks, and without an entry in the history.",
            ),
        ],
        doc: "What a sync would change, image by image and object by object, after a refresh.",
    },
    ActionSpec {
        name: "versions",
        kind: ActionKind::Report,
        params: &[
            REPOSITORY,
            param(
                "apps",
                false,
                true,
                "Only these, by their whole names; then the repository does not matter.",
            ),
        ],
        doc: "Which version runs, which would come, who changed it and when.",
    },
    ActionSpec {
        name: "diagnosis",
        kind: ActionKind::Report,
        params: &[param("apps", true, true, "Whole names: instance/namespace/name.")],
        doc: "Health and why: what failed in the last change, bad objects, restarts, events, the last log lines \
              of the failing container, the change that goes on. Secrets are taken out.",
    },
    ActionSpec {
        name: "sync",
        kind: ActionKind::Operation,
        params: &[
            param("app", true, false, "The whole name: instance/namespace/name."),
            param("revisions", true, true, "The planned revisions, one for each source."),
        ],
        doc: "Deploys exactly the planned revisions, of the objects in the plan, and waits until the new version really runs. An \
              application with automated sync is refreshed and watched only.",
    },
    ActionSpec {
        name: "previous",
        kind: ActionKind::Plan,
        params: &[
            param("apps", true, true, "Whole names: instance/namespace/name."),
            param("run", false, false, "Only where this run of Wilco changed it last."),
        ],
        doc: "What a rollback would bring back: the deployment before the last one that differs from it.",
    },
    ActionSpec {
        name: "rollback",
        kind: ActionKind::Operation,
        params: &[param("app", true, false, "The whole name: instance/namespace/name.")],
        doc: "Goes back to the deployment that `previous` named and waits until its version really runs.",
    },
    ActionSpec {
        name: "workloads",
        kind: ActionKind::Plan,
        params: &[param("apps", true, true, "Whole names: instance/namespace/name.")],
        doc: "Which workloads a restart would replace: Deployments, StatefulSets, DaemonSets, Rollouts.",
    },
    ActionSpec {
        name: "restart",
        kind: ActionKind::Operation,
        params: &[param("app", true, false, "The whole name: instance/namespace/name.")],
        doc: "Replaces the pods of all workloads that `workloads` named, and waits until the new ones serve.",
    },
    act("resume", "Ends the pause of the application's Rollouts; the next one comes."),
    act("promote", "Brings its Rollouts to the end without any more pauses."),
    act("abort", "Gives the traffic back to the old version of its Rollouts."),
    ActionSpec {
        name: "history",
        kind: ActionKind::Internal,
        params: &[
            param("apps", false, true, "Whole names; all applications when none is named."),
            param("from", true, false, "Since when, in milliseconds since 1970."),
        ],
        doc: "What was deployed and by whom, as Argo CD's own history has it.",
    },
    ActionSpec {
        name: "terminate",
        kind: ActionKind::Internal,
        params: &[
            param("app", true, false, "The whole name: instance/namespace/name."),
            param("operation", true, false, "The id of the operation that is to be stopped."),
        ],
        doc: "Stops a sync in progress, if Wilco started it.",
    },
];
