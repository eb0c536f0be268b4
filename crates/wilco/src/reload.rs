//! Runbooks are picked up while Wilco runs: a changed folder is read again, and a broken one changes
//! nothing but the log.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use wilco_engine::EngineHandle;

use crate::files::{self, Files, Names};

/// How often the folder is looked at. Reading a dozen small files costs less than a millisecond,
/// and works on every file system, mounted ConfigMaps included.
const LOOK: Duration = Duration::from_secs(2);

/// Looks at the folder for ever; ends only with the task.
pub(crate) async fn follow(
    folder: PathBuf,
    mut seen: Files,
    names: Names,
    engine: Arc<EngineHandle>,
) {
    // Told once for as long as it lasts, not every two seconds.
    let mut told = None;
    loop {
        tokio::time::sleep(LOOK).await;
        let found = match files::read(Some(&folder)) {
            Ok(found) => found,
            Err(fault) => {
                let fault = fault.to_string();
                if told.as_ref() != Some(&fault) {
                    tracing::warn!(fault, "the runbooks cannot be read; the loaded ones stay");
                    told = Some(fault);
                }
                continue;
            }
        };
        told = None;
        if found == seen {
            continue;
        }
        let done = match files::catalog(&found, &names) {
            Ok(catalog) => {
                tracing::info!(runbooks = catalog.iter().count(), "runbooks loaded again");
                engine.reload_catalog(catalog).await
            }
            Err(problems) => engine.keep_catalog(files::explain(&problems, &found)).await,
        };
        match done {
            Ok(()) => seen = found,
            Err(fault) => tracing::error!(%fault, "the reload is tried again"),
        }
    }
}
