//! Socket Mode.

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::world::Socket;
use super::{APP, Slack};

/// More sockets of one app are refused.
const MOST_SOCKETS: usize = 10;

#[derive(Deserialize)]
pub(super) struct Ticket {
    #[serde(default)]
    ticket: String,
}

/// Opens a socket for a ticket of `apps.connections.open`, once.
pub(super) async fn open(
    State(slack): State<Slack>,
    Query(Ticket { ticket }): Query<Ticket>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let known = slack.change(|world| {
        let at = world.tickets.iter().position(|known| *known == ticket);
        at.map(|at| world.tickets.swap_remove(at)).is_some()
    });
    if !known {
        return StatusCode::NOT_FOUND.into_response();
    }
    upgrade.on_upgrade(move |socket| serve(slack, socket))
}

async fn serve(slack: Slack, mut socket: WebSocket) {
    let (out, mut come) = mpsc::unbounded_channel();
    let cut = CancellationToken::new();
    let registered = slack.change(|world| {
        if world.sockets.len() >= MOST_SOCKETS {
            return None;
        }
        world.next_socket += 1;
        let id = world.next_socket;
        let connections = world.sockets.len() + 1;
        let hello = json!({
            "type": "hello", "num_connections": connections,
            "debug_info": {"host": "applink-double", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP},
        });
        let _ = out.send(hello.to_string());
        world.sockets.push(Socket { id, out: Some(out), leaving: false, cut: cut.clone() });
        // What was to be left may go, now that there is another one.
        for socket in world.sockets.iter_mut().filter(|socket| socket.leaving) {
            socket.out = None;
        }
        Some(id)
    });
    let Some(id) = registered else {
        let refusal =
            json!({"type": "disconnect", "reason": "too_many_websockets", "debug_info": {}});
        let _ = socket.send(Message::text(refusal.to_string())).await;
        return;
    };
    slack.send_again(None);
    loop {
        tokio::select! {
            text = come.recv() => match text {
                Some(text) => if socket.send(Message::text(text)).await.is_err() { break },
                None => {
                    let _ = socket.send(Message::Close(None)).await;
                    break;
                }
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Text(text))) => acknowledge(&slack, &text),
                Some(Ok(Message::Close(_)) | Err(_)) | None => break,
                Some(Ok(_)) => {}
            },
            () = cut.cancelled() => break,
        }
    }
    slack.change(|world| world.sockets.retain(|socket| socket.id != id));
    slack.send_again(Some(id));
}

fn acknowledge(slack: &Slack, text: &str) {
    let Ok(value) = serde_json::from_str::<Value>(text) else { return };
    if let Some(envelope) = value["envelope_id"].as_str() {
        slack.acknowledged(envelope);
    }
}

impl Slack {
    /// Asks the app to leave every socket that is open now, for this reason: `warning`, `refresh_requested`,
    /// `link_disabled`. They are closed when another one opens.
    pub fn disconnect(&self, reason: &str) {
        let text = json!({"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-double"}});
        self.change(|world| {
            for socket in &mut world.sockets {
                socket.leaving = true;
                if let Some(out) = &socket.out {
                    let _ = out.send(text.to_string());
                }
            }
        });
    }

    /// Cuts every socket, without a word.
    pub fn cut_sockets(&self) {
        self.change(|world| {
            for socket in &world.sockets {
                socket.cut.cancel();
            }
        });
    }
}
