//! Logs of the process, and what it says on the command line.

use std::io::{IsTerminal as _, Write as _};
use std::sync::OnceLock;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};

/// How this process logs, once it does.
static FORMAT: OnceLock<Format> = OnceLock::new();

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// For machines: one JSON object per line.
    Json,
}

/// Logs to standard error from now on; `WILCO_LOG` chooses what (`info`, `wilco_engine=debug`, …).
///
/// A panic is logged by its place alone: its text may hold what somebody wrote.
pub(crate) fn start(format: Format, default: &str) {
    let format = *FORMAT.get_or_init(|| format);
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "a panic; the event it happened in is set aside");
    }));
    let filter = EnvFilter::try_from_env("WILCO_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    // Colours are for people, and only for those who want them: https://no-color.org.
    let wanted = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(wanted && std::io::stderr().is_terminal());
    // Fails only when a logger stands already, which is as good.
    let _ = match format {
        Format::Text => builder.try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    };
}

/// Says what is wrong to the person at the command line, on standard error; where machines read that, as
/// one more line for them, whatever `WILCO_LOG` lets through.
pub(crate) fn tell(text: &str) {
    // Nobody is left to be told that nobody listens.
    let _ = match FORMAT.get() {
        Some(Format::Json) => writeln!(std::io::stderr(), "{}", json(text)),
        Some(Format::Text) | None => writeln!(std::io::stderr(), "{text}"),
    };
}

/// A line like those that the log writes.
fn json(message: &str) -> serde_json::Value {
    let mut timestamp = String::new();
    // Fails only where the text cannot grow.
    let _ = SystemTime.format_time(&mut Writer::new(&mut timestamp));
    let target = env!("CARGO_CRATE_NAME");
    serde_json::json!({ "timestamp": timestamp, "level": "ERROR", "message": message, "target": target })
}

/// Prints what was asked for, on standard output.
pub(crate) fn print(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
