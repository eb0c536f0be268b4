//! The runbooks that ship, as they stand in `runbooks/`: what the demo, the tests and a `serve`
//! without a folder of its own run.

/// The teams that they name: a configuration that names neither teams nor runbooks of its own has these.
pub const TEAMS: &[&str] = &["devops", "developers", "release-managers"];

/// File name and source of each shipped runbook.
pub const SHIPPED: &[(&str, &str)] = &[
    ("version.yaml", include_str!("../../../../runbooks/version.yaml")),
    ("deploy.yaml", include_str!("../../../../runbooks/deploy.yaml")),
    ("restart.yaml", include_str!("../../../../runbooks/restart.yaml")),
    ("health.yaml", include_str!("../../../../runbooks/health.yaml")),
    ("history.yaml", include_str!("../../../../runbooks/history.yaml")),
    ("status.yaml", include_str!("../../../../runbooks/status.yaml")),
    ("notify.yaml", include_str!("../../../../runbooks/notify.yaml")),
    ("plan.yaml", include_str!("../../../../runbooks/plan.yaml")),
    ("rollback.yaml", include_str!("../../../../runbooks/rollback.yaml")),
    ("rollback-run.yaml", include_str!("../../../../runbooks/rollback-run.yaml")),
    ("stop-run.yaml", include_str!("../../../../runbooks/stop-run.yaml")),
];
