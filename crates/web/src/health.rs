//! `/healthz`, `/readyz`, `/metrics`.

use std::time::Duration;

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use wilco_engine::EngineView;

use crate::metrics::Metrics;
use crate::routes::{Guard, Mount};

/// How long the store may take to answer a probe; probes themselves give up after a few seconds.
const PATIENCE: Duration = Duration::from_secs(2);

pub(crate) fn routes(engine: EngineView, metrics: Metrics) -> Mount {
    let ready = engine.clone();
    Mount::new()
        .get("/healthz", Guard::ReadOnly, async || "alive\n")
        .get("/readyz", Guard::ReadOnly, move || readiness(ready))
        .get("/metrics", Guard::ReadOnly, move || scrape(engine, metrics))
}

/// Ready means: the workers live and the store takes a write.
async fn readiness(engine: EngineView) -> (StatusCode, String) {
    let not = |why: String| (StatusCode::SERVICE_UNAVAILABLE, format!("not ready: {why}\n"));
    if !engine.is_alive() {
        return not("the engine has stopped".into());
    }
    match tokio::time::timeout(PATIENCE, engine.ping()).await {
        Ok(Ok(())) => (StatusCode::OK, "ready\n".into()),
        Ok(Err(fault)) => {
            tracing::warn!(%fault, "not ready");
            not(fault.to_string())
        }
        Err(_) => not("the store does not answer".into()),
    }
}

/// The text format of Prometheus, version 0.0.4.
async fn scrape(engine: EngineView, metrics: Metrics) -> impl IntoResponse {
    metrics.look_at(&engine).await;
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render())
}
