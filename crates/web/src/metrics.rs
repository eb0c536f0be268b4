//! The recorder behind the `metrics` macros of the whole process, and what is measured only when
//! somebody looks.

use metrics::{describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use wilco_engine::EngineView;

/// Bounds of the histograms, seconds: from one flush of a disk to the time limit of a call.
const BOUNDS: &[f64] =
    &[0.000_5, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0];

/// The process's metrics. Clones are cheap.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

/// The recorder could not be installed.
#[derive(Debug, thiserror::Error)]
#[error("metrics cannot be recorded: {0}")]
pub struct InstallFault(#[from] metrics_exporter_prometheus::BuildError);

impl Metrics {
    /// Installs the recorder for this process; once.
    ///
    /// # Errors
    /// There is one already.
    pub fn install() -> Result<Self, InstallFault> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), BOUNDS)?
            .install_recorder()?;
        describe();
        Ok(Self(handle))
    }

    /// Sets the gauges that are read from the store, so that they cost nothing when nobody looks.
    pub(crate) async fn look_at(&self, engine: &EngineView) {
        let (calls, sends) = engine.in_flight();
        gauge!("wilco_calls_in_flight").set(as_f64(calls as u64));
        gauge!("wilco_sends_in_flight").set(as_f64(sends as u64));
        gauge!("wilco_up").set(if engine.is_alive() { 1.0 } else { 0.0 });
        match engine.work().await {
            Ok(work) => {
                gauge!("wilco_inbox_waiting").set(as_f64(work.inbox));
                gauge!("wilco_outbox_waiting").set(as_f64(work.outbox));
                gauge!("wilco_calls_waiting").set(as_f64(work.calls));
            }
            Err(fault) => {
                tracing::warn!(%fault, "the store does not tell what there is to do");
                gauge!("wilco_up").set(0.0);
            }
        }
        self.0.run_upkeep();
    }

    pub(crate) fn render(&self) -> String {
        self.0.render()
    }
}

/// Counts far below the 2^53 that a float holds exactly.
#[expect(clippy::cast_precision_loss, reason = "metrics are floats; a rounded count is fine")]
fn as_f64(count: u64) -> f64 {
    count as f64
}

/// The help text of every metric, in one place.
fn describe() {
    describe_gauge!("wilco_up", "1 while all workers live and the store answers");
    describe_gauge!("wilco_inbox_waiting", "Events that wait to be handled");
    describe_gauge!("wilco_outbox_waiting", "Messages that are not settled");
    describe_gauge!("wilco_calls_waiting", "Queries and operations that are not settled");
    describe_gauge!("wilco_calls_in_flight", "Queries and operations this process works on");
    describe_gauge!("wilco_sends_in_flight", "Messages this process sends");
    describe_counter!("wilco_events_received_total", "Events stored in the inbox");
    describe_counter!("wilco_events_repeated_total", "Events that were stored earlier");
    describe_counter!("wilco_events_dropped_total", "Events that concern nobody");
    describe_counter!("wilco_events_handled_total", "Events handled, by kind");
    describe_counter!("wilco_events_set_aside_total", "Events that could not be handled at all");
    describe_counter!("wilco_unreadable_total", "Looks at stored things that cannot be read");
    describe_counter!("wilco_conflicts_total", "Units that were loaded and handled again");
    describe_counter!("wilco_store_faults_total", "Failures of the store");
    describe_counter!("wilco_calls_total", "Attempts at queries and operations, by outcome");
    describe_counter!("wilco_sends_total", "Attempts to send a message, by outcome");
    describe_counter!("wilco_pruned_total", "Rows deleted because they were over and old");
    describe_counter!("wilco_worker_panics_total", "Workers that panicked; the process ends");
    describe_counter!("wilco_timers_total", "Timers that fired");
    describe_counter!("wilco_clock_jumps_total", "Jumps of the wall clock of more than 5 s");
    describe_histogram!("wilco_event_seconds", "From taking an event to its commit");
    describe_histogram!("wilco_call_seconds", "How long an attempt at a call took");
}
