//! `wilco check` with a configuration that has histories read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Output;

use crate::process::{Folder, err, out, wilco};

fn check(folder: &Folder, path: Option<&str>) -> Output {
    let git = "git: { cache: cache, repositories: ['https://git.example/*'] }";
    let config = folder.file("wilco.yaml", &format!("store: sqlite:x.db\n{git}\n"));
    let mut command = wilco(&["check", "--config", &config]);
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command.output().unwrap()
}

#[test]
fn a_git_that_is_missing_or_too_old_is_told() {
    let folder = Folder::new();
    let well = check(&folder, None);
    assert!(well.status.success(), "{}", err(&well));
    assert!(out(&well).contains("Histories are read by git "), "{}", out(&well));

    let missing = check(&folder, Some("/nowhere"));
    assert!(!missing.status.success());
    assert!(
        err(&missing).contains("`git` is needed on PATH: it cannot be run: "),
        "{}",
        err(&missing)
    );

    let script = folder.file("git", "#!/bin/sh\necho git version 2.20.1\n");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let old = check(&folder, script.strip_suffix("/git"));
    assert!(!old.status.success());
    let said = "Histories cannot be read (`git:`): git 2.20.1 is too old: 2.30 is needed at least.";
    assert!(err(&old).contains(said), "{}", err(&old));
}
