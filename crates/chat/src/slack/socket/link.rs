//! One slot: a socket, and its successor before it is left.

use std::time::Duration;

use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use wilco_core::event::Event;
use wilco_core::port::StoreFault;

use super::backoff::{Backoff, STEADY};
use super::frame::{self, Frame, Reason};
use crate::slack::Slack;
use crate::slack::api::ApiFault;
use crate::slack::heard::{self, Heard};

/// How far apart new sockets are when Slack has asked for patience, over all slots: one a minute (Tier 1).
const OPEN_EVERY_MS: i64 = 60_000;
/// How long a socket may take to be opened, with its greeting.
const OPEN_WITHIN: Duration = Duration::from_secs(15);
/// How often we ask whether the other side still lives.
const PING_EVERY: Duration = Duration::from_secs(20);
/// A socket that was silent for so long is dead: half-open connections happen, and nobody tells us (SLACK-4).
const SILENT: Duration = Duration::from_secs(75);
/// How long a socket that Slack asked us to leave is listened to at most.
const LEAVING: Duration = Duration::from_mins(2);
/// How long is waited where a person has to change something, or other sockets have to close.
const REFUSED: Duration = Duration::from_mins(1);
/// How many frames that have already come are stored together.
const TOGETHER: usize = 64;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why a slot wants a new socket.
enum Next {
    /// The old one is being left, or is gone.
    Now,
    /// It is gone, and would be again.
    Later(Duration),
}

/// Keeps one socket open until it is told to stop.
pub(super) async fn keep(
    slack: &std::sync::Arc<Slack>,
    slot: usize,
    open: &std::sync::Arc<watch::Sender<usize>>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut backoff = Backoff::default();
    let mut attended: JoinSet<()> = JoinSet::new();
    loop {
        let opened = tokio::select! {
            opened = dial(slack) => opened,
            () = asked_to_stop(&mut stopping) => break,
        };
        let wait = match opened {
            Ok(socket) => {
                tracing::info!(slot, "a socket to Slack is open");
                let (leave, left) = oneshot::channel();
                let (slack, open, stopping_too) = (slack.clone(), open.clone(), stopping.clone());
                let since = Instant::now();
                attended.spawn(async move {
                    open.send_modify(|count| *count += 1);
                    attend(&slack, socket, leave, stopping_too).await;
                    open.send_modify(|count| *count -= 1);
                });
                let next = tokio::select! {
                    next = left => next.unwrap_or(Next::Now),
                    () = asked_to_stop(&mut stopping) => break,
                };
                if since.elapsed() >= STEADY {
                    backoff.reset();
                }
                match next {
                    Next::Now if since.elapsed() >= STEADY => Duration::ZERO,
                    Next::Now => backoff.next(),
                    Next::Later(wait) => wait,
                }
            }
            Err(fault) => {
                let wait = patience(&fault, &mut backoff);
                tracing::warn!(slot, %fault, ?wait, "no socket to Slack can be opened");
                wait
            }
        };
        while attended.try_join_next().is_some() {}
        tokio::select! {
            () = sleep(wait) => {}
            () = asked_to_stop(&mut stopping) => break,
        }
    }
    while attended.join_next().await.is_some() {}
}

/// Returns when it is time to stop, also when nobody is left who could say so.
async fn asked_to_stop(stopping: &mut watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stop| *stop).await;
}

/// How long is waited after no socket could be opened.
fn patience(fault: &ApiFault, backoff: &mut Backoff) -> Duration {
    match fault {
        ApiFault::Limited { after_ms } => Duration::from_millis(*after_ms).max(backoff.next()),
        // The token is wrong, or Socket Mode is switched off: a person has to mend that.
        ApiFault::Refused { .. } => REFUSED,
        ApiFault::Unreached(_) | ApiFault::Unclear(_) => backoff.next(),
    }
}

/// A new socket that has been greeted.
async fn dial(slack: &Slack) -> Result<Socket, ApiFault> {
    slack.me().await?;
    let Some((app, _)) = &slack.sockets else {
        return Err(ApiFault::Unreached("no token for sockets".into()));
    };
    let answer = app.call("apps.connections.open", None, OPEN_EVERY_MS, &Vec::new()).await?;
    let url = answer.get("url").and_then(Value::as_str).unwrap_or_default();
    let unreached = |error: Error| ApiFault::Unreached(error.to_string());
    let greeted = async {
        let (mut socket, _) = connect_async(url).await.map_err(unreached)?;
        loop {
            match socket.next().await {
                Some(Ok(Message::Text(text))) => match frame::read(&text) {
                    Frame::Hello => return Ok(socket),
                    Frame::Disconnect(Reason::TooMany) => {
                        return Err(ApiFault::Limited { after_ms: 30_000 });
                    }
                    Frame::Disconnect(_) => {
                        return Err(ApiFault::Refused {
                            error: "disconnected".into(),
                            detail: text.to_string(),
                        });
                    }
                    // Nothing is sent before the greeting.
                    Frame::Envelope { .. } | Frame::Unknown => {}
                },
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(unreached(error)),
                None => return Err(ApiFault::Unreached("closed before the greeting".into())),
            }
        }
    };
    timeout(OPEN_WITHIN, greeted)
        .await
        .unwrap_or_else(|_| Err(ApiFault::Unreached("no greeting in time".into())))
}

/// Listens to a socket until it is gone. Says on `leave` when its successor is wanted.
async fn attend(
    slack: &Slack,
    mut socket: Socket,
    leave: oneshot::Sender<Next>,
    mut stopping: watch::Receiver<bool>,
) {
    let mut leave = Some(leave);
    let mut ping = interval(PING_EVERY);
    ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard_at = Instant::now();
    let mut left_at = None;
    let next = loop {
        let first = tokio::select! {
            frame = socket.next() => frame,
            _ = ping.tick() => {
                let silent = heard_at.elapsed() >= SILENT;
                if silent || left_at.is_some_and(|at: Instant| at.elapsed() >= LEAVING) {
                    if silent {
                        tracing::warn!("a socket to Slack is dead: nothing came for {SILENT:?}");
                    }
                    break Next::Now;
                }
                if socket.send(Message::Ping(Vec::new().into())).await.is_err() {
                    break Next::Now;
                }
                continue;
            }
            () = asked_to_stop(&mut stopping) => break Next::Now,
        };
        heard_at = Instant::now();
        let mut come = vec![first];
        while come.len() < TOGETHER
            && let Some(frame) = socket.next().now_or_never()
        {
            come.push(frame);
        }
        match take(slack, &mut socket, come).await {
            Taken::GoOn => {}
            Taken::Asked(Reason::Refresh) => {
                left_at = Some(Instant::now());
                if let Some(leave) = leave.take() {
                    let _ = leave.send(Next::Now);
                }
            }
            Taken::Asked(reason) => {
                if reason == Reason::Disabled {
                    tracing::error!("Socket Mode is switched off in the app's settings");
                }
                break Next::Later(REFUSED);
            }
            Taken::Gone => break Next::Now,
        }
    };
    if let Some(leave) = leave.take() {
        let _ = leave.send(next);
    }
    let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
}

/// What became of some frames.
enum Taken {
    GoOn,
    /// Slack asks us to leave.
    Asked(Reason),
    /// The socket is no more.
    Gone,
}

/// Stores what has come, in its order, and acknowledges it.
async fn take(
    slack: &Slack,
    socket: &mut Socket,
    come: Vec<Option<Result<Message, Error>>>,
) -> Taken {
    let (mut events, mut envelopes, mut taken) = (Vec::new(), Vec::new(), Taken::GoOn);
    for frame in come {
        let text = match frame {
            Some(Ok(Message::Text(text))) => text,
            // Slack may say why and close in the same moment: the reason counts.
            Some(Ok(Message::Close(_)) | Err(_)) | None => {
                if matches!(taken, Taken::GoOn) {
                    taken = Taken::Gone;
                }
                break;
            }
            Some(Ok(_)) => continue,
        };
        match frame::read(&text) {
            Frame::Envelope { id, kind, payload } => {
                match kind.map(|kind| slack.read(kind, &payload)) {
                    Some(Heard::Event(event, key)) => events.push((*event, key)),
                    Some(Heard::Nothing(why)) => tracing::debug!(why, "nothing for us"),
                    None => tracing::debug!("an envelope of an unknown kind"),
                }
                envelopes.push(id);
            }
            Frame::Disconnect(reason) => taken = Taken::Asked(reason),
            Frame::Hello => {}
            Frame::Unknown => tracing::debug!("a frame that nobody knows"),
        }
    }
    if let Err(fault) = slack.store(events).await {
        // Slack brings them again.
        tracing::error!(%fault, "what Slack brought cannot be stored");
        return taken;
    }
    let acknowledged = async {
        for id in envelopes {
            socket.feed(Message::text(frame::acknowledge(&id))).await?;
        }
        socket.flush().await
    };
    match (acknowledged.await, taken) {
        (Err(_), Taken::GoOn) => Taken::Gone,
        (_, taken) => taken,
    }
}

impl Slack {
    /// Reads a payload. Before the app knows who it is no socket is open.
    fn read(&self, kind: heard::Kind, payload: &Value) -> Heard {
        match self.me.get() {
            Some(me) => heard::read(kind, payload, me),
            None => Heard::Nothing("the app does not know itself yet"),
        }
    }

    async fn store(&self, events: Vec<(Event, String)>) -> Result<(), StoreFault> {
        if events.is_empty() { Ok(()) } else { self.parts.inbox.receive_many(events).await }
    }
}
