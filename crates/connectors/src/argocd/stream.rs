//! The stream of changes, as a hint (ARGO-41 … ARGO-44): it says when to look, and looking tells what is true.
//!
//! It is open while somebody follows something. Every beginning shows all applications once, so that what
//! changed while it was closed is found; a server that sends nothing for a minute is asked anew, because
//! proxies cut what is idle without a word.

use std::time::Duration;

use wilco_core::answer::Trouble;
use wilco_core::port::Hint;

use super::client::Instance;
use super::followed::{Followed, Hearing};
use super::wire::StreamLine;
use crate::Now;
use crate::http::{Request, Stream, StreamEnd};

const ROUTE: &str = "/api/v1/stream/applications";

/// Only what is compared: applications can be megabytes. Older servers send the rest as well.
const FIELDS: &str = "result.type,result.application.metadata.name,\
                      result.application.metadata.namespace,\
                      result.application.metadata.resourceVersion,\
                      result.application.operation.sync,result.application.status.sync.status,\
                      result.application.status.sync.revision,\
                      result.application.status.sync.revisions,\
                      result.application.status.health.status,\
                      result.application.status.summary,\
                      result.application.status.reconciledAt,\
                      result.application.status.operationState.phase,\
                      result.application.status.operationState.startedAt,\
                      result.application.status.operationState.finishedAt";

/// A stream without any byte for so long is taken for dead. Newer servers send an empty comment every 15 s.
const IDLE: Duration = Duration::from_mins(1);

/// The pause before the stream is opened again: the first one, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// Whoever does not let us in is not asked again for so long (ARGO-43).
const REFUSED_FOR: Duration = Duration::from_mins(10);

/// How a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nobody follows anything any more.
    NotWanted,
    /// It broke off, or could not be opened.
    Cut,
    /// The server does not let us in, or has no stream.
    Refused,
}

/// Listens to one instance until it is dropped.
pub(super) async fn listen(instance: &Instance, now: &Now, tell: &(dyn Fn(Hint) + Send + Sync)) {
    let (followed, mut pause) = (&instance.followed, PAUSES.0);
    // Whoever stops listening, also by a panic, does not hear any more.
    let _deaf = Deaf(followed);
    loop {
        if !followed.is_any(now()) {
            followed.set_hearing(Hearing::NotWanted);
            // A look that came in between rang already.
            followed.begun().await;
            continue;
        }
        followed.set_hearing(Hearing::Opening);
        let began = tokio::time::Instant::now();
        let end = match instance.open_stream(&request(instance), IDLE).await {
            Ok(mut stream) => {
                followed.set_hearing(Hearing::Open { changes: 0 });
                read(instance, &mut stream, now, tell).await
            }
            Err(trouble) => not_opened(&trouble),
        };
        if end != End::NotWanted {
            followed.set_hearing(Hearing::Resting);
        }
        tracing::debug!(instance = instance.name, ?end, "the stream ended");
        // One that is cut again and again right after its beginning is opened ever less often.
        if began.elapsed() >= IDLE {
            pause = PAUSES.0;
        }
        match end {
            End::NotWanted => {}
            End::Cut => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(PAUSES.1);
            }
            End::Refused => tokio::time::sleep(REFUSED_FOR).await,
        }
    }
}

/// See [`listen`].
struct Deaf<'a>(&'a Followed);

impl Drop for Deaf<'_> {
    fn drop(&mut self) {
        self.0.set_hearing(Hearing::Resting);
    }
}

fn request(instance: &Instance) -> Request {
    // Proxies hold back less of an answer of this kind, and newer servers keep it alive.
    let request = Request::get(ROUTE, &[], instance.limits().read).accept("text/event-stream");
    request.query("fields", FIELDS)
}

fn not_opened(trouble: &Trouble) -> End {
    if trouble.kind.passes() {
        return End::Cut;
    }
    tracing::warn!(?trouble, "no stream of changes: it is only polled");
    End::Refused
}

/// Reads until it ends.
async fn read(
    instance: &Instance,
    stream: &mut Stream,
    now: &Now,
    tell: &(dyn Fn(Hint) + Send + Sync),
) -> End {
    loop {
        let line = match stream.line().await {
            Ok(line) => line,
            Err(StreamEnd::Closed | StreamEnd::Idle | StreamEnd::TooLong) => return End::Cut,
        };
        if let Some(end) = parse(&line).and_then(|line| take(instance, line, now, tell)) {
            return end;
        }
        if !instance.followed.is_any(now()) {
            return End::NotWanted;
        }
    }
}

/// What one line says; `Some` when nothing more is to be expected of this stream.
fn take(
    instance: &Instance,
    line: StreamLine,
    now: &Now,
    tell: &(dyn Fn(Hint) + Send + Sync),
) -> Option<End> {
    if let Some(error) = line.error {
        // 16 and 7 are gRPC's "unauthenticated" and "permission denied".
        let refused = matches!((error.grpc_code, error.http_code), (16 | 7, _) | (_, 401 | 403));
        tracing::debug!(instance = instance.name, error.message, "an error in the stream");
        return Some(if refused { End::Refused } else { End::Cut });
    }
    let change = line.result?;
    let is_gone = change.kind == "DELETED";
    instance.followed.streamed(&change.application, is_gone, now()).into_iter().for_each(tell);
    instance.followed.count_change();
    None
}

/// A line of JSON, bare or as the data of a server-sent event (ARGO-41); `None` for what holds nothing: the
/// end of an event, a comment that keeps the connection alive, what nobody can read.
fn parse(line: &[u8]) -> Option<StreamLine> {
    let data = line.strip_prefix(b"data:").unwrap_or(line).trim_ascii();
    if data.first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice(data).inspect_err(|why| tracing::debug!(%why, "a line")).ok()
}

#[cfg(test)]
mod tests {
    use wilco_core::call::{Call, Operation};
    use wilco_core::entity::EntityKey;
    use wilco_core::ids::{CallId, RunId};
    use wilco_core::time::Timestamp;

    use super::super::followed::Followed;
    use super::super::wire::Change;
    use super::*;

    #[test]
    fn argo_41_lines_and_events_are_read_alike() {
        let json = r#"{"result":{"type":"MODIFIED","application":{"metadata":{"name":"w"}}}}"#;
        for line in [json.to_owned(), format!("data: {json}"), format!("data:{json} ")] {
            let change = parse(line.as_bytes()).and_then(|line| line.result).unwrap();
            assert_eq!(
                (change.kind.as_str(), change.application.metadata.name.as_str()),
                ("MODIFIED", "w")
            );
        }
        for nothing in ["", ":", ": ping", "event: x", "retry: 5", "data: {\"result\":", "null"] {
            assert!(parse(nothing.as_bytes()).is_none(), "{nothing}");
        }
    }

    #[test]
    fn argo_41_errors_come_in_the_place_of_a_change() {
        let error =
            r#"{"error":{"grpc_code":14,"http_code":503,"message":"away","http_status":"x"}}"#;
        let error = parse(error.as_bytes()).and_then(|line| line.error).unwrap();
        assert_eq!((error.grpc_code, error.http_code, error.message.as_str()), (14, 503, "away"));
    }

    #[test]
    fn argo_41_each_recorded_line_says_when_to_look() {
        let text = include_str!("../../tests/contract/argocd/watch_stream.ndjson");
        let lines: Vec<Change> =
            text.lines().map(|line| parse(line.as_bytes()).unwrap().result.unwrap()).collect();
        let now = Timestamp(0);
        let followed = Followed::default();
        let (first, others) = lines.split_first().unwrap();
        followed.looked(&first.application, &operation(), now);
        let hint = |change: &Change| {
            let is_gone = change.kind == "DELETED";
            let hint = followed.streamed(&change.application, is_gone, now).pop();
            let version = |hint: Hint| hint.change.split('-').next().unwrap().to_owned();
            (change.kind.clone(), hint.map(version))
        };
        // It begins with what a look showed already (ARGO-42): nothing to say.
        assert_eq!(hint(first), ("ADDED".to_owned(), None));
        let hints: Vec<(String, Option<String>)> = others.iter().map(hint).collect();
        let said = |version: &str| ("MODIFIED".to_owned(), Some(version.to_owned()));
        assert_eq!(hints, [said("101"), said("103")], "accepted, and over");
    }

    fn operation() -> Operation {
        let call = Call { connector: "argocd".into(), action: "sync".into(), with: <_>::default() };
        let owner = EntityKey::Run(RunId::new("r1"));
        Operation { id: CallId::new("r1.2"), owner, call, evidence: serde_json::Value::Null }
    }
}
