//! `wilco schema`.

use std::process::ExitCode;

use wilco_core::runbook::schema::json_schema;

/// Prints the JSON Schema of runbook files.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    crate::log::print(&serde_json::to_string_pretty(&json_schema())?);
    Ok(ExitCode::SUCCESS)
}
