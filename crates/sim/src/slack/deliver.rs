//! How what happened gets to the app: over one of its sockets, again and again until it is acknowledged.

use serde_json::{Value, json};

use super::Slack;

/// An envelope that is not acknowledged in this time comes again (SLACK-3).
const ACKNOWLEDGED_WITHIN_MS: i64 = 3_000;
/// So often Slack tries.
const MOST_ATTEMPTS: u32 = 4;

/// One thing on its way to the app.
#[derive(Debug)]
pub(super) struct Delivery {
    id: u64,
    /// `events_api`, `interactive`, `slash_commands`.
    kind: &'static str,
    payload: Value,
    /// The ids under which it was sent.
    envelopes: Vec<String>,
    attempts: u32,
    /// The socket over which it was sent last; `None` while there is none.
    over: Option<u64>,
}

impl Slack {
    /// Something happened. With no socket open it is lost: Slack tells nothing afterwards (SLACK-5).
    pub(super) fn deliver(&self, kind: &'static str, payload: Value) {
        let id = self.change(|world| {
            if world.sockets.iter().all(|socket| socket.out.is_none()) {
                world.lost += 1;
                return None;
            }
            let id = world.next();
            let envelopes = Vec::new();
            world.deliveries.push(Delivery {
                id,
                kind,
                payload,
                envelopes,
                attempts: 0,
                over: None,
            });
            Some(id)
        });
        let Some(id) = id else { return };
        self.send(id);
        if self.world().traps.double {
            self.send(id);
        }
    }

    /// Sends it over the next socket, and again later if nobody acknowledges it.
    fn send(&self, id: u64) {
        let attempt = self.change(|world| {
            let number = world.next();
            let dropped = world.traps.drop_every.is_some_and(|every| number.is_multiple_of(every));
            let open = |at: &usize| world.sockets[*at].out.is_some();
            let mut usable: Vec<usize> = (0..world.sockets.len()).filter(open).collect();
            // One that is to be left is still good while there is no other.
            if usable.iter().any(|at| !world.sockets[*at].leaving) {
                usable.retain(|at| !world.sockets[*at].leaving);
            }
            let at = world.deliveries.iter().position(|delivery| delivery.id == id)?;
            let delivery = &mut world.deliveries[at];
            let Some(socket) =
                usable.get(usize::try_from(number).unwrap_or(0) % usable.len().max(1))
            else {
                delivery.over = None;
                return None;
            };
            let socket = &world.sockets[*socket];
            let envelope = format!("{number:08x}-envelope");
            let text = json!({
                "envelope_id": envelope,
                "payload": delivery.payload,
                "type": delivery.kind,
                "accepts_response_payload": delivery.kind != "events_api",
                "retry_attempt": delivery.attempts,
                "retry_reason": if delivery.attempts == 0 { "" } else { "timeout" },
            });
            delivery.envelopes.push(envelope);
            delivery.attempts += 1;
            delivery.over = Some(socket.id);
            if !dropped && let Some(out) = &socket.out {
                let _ = out.send(text.to_string());
            }
            Some(delivery.attempts)
        });
        let Some(attempt) = attempt else { return };
        let (slack, late) = (self.clone(), self.now_ms() + ACKNOWLEDGED_WITHIN_MS);
        tokio::spawn(async move {
            slack.inner.clock.sleep_until(late).await;
            let again = {
                let world = slack.world();
                world.deliveries.iter().any(|one| one.id == id && one.attempts == attempt)
            };
            if again && attempt < MOST_ATTEMPTS {
                slack.send(id);
            } else if again {
                slack.change(|world| world.deliveries.retain(|one| one.id != id));
            }
        });
    }

    /// The app acknowledged an envelope.
    pub(super) fn acknowledged(&self, envelope: &str) {
        self.change(|world| {
            world.deliveries.retain(|one| !one.envelopes.iter().any(|known| known == envelope));
        });
    }

    /// Sends what waits for a socket, or was sent over this one, which is gone.
    pub(super) fn send_again(&self, gone: Option<u64>) {
        let waiting: Vec<u64> = {
            let world = self.world();
            let waits =
                |one: &&Delivery| one.over.is_none() || (gone.is_some() && one.over == gone);
            world.deliveries.iter().filter(waits).map(|one| one.id).collect()
        };
        for id in waiting {
            self.send(id);
        }
    }
}
