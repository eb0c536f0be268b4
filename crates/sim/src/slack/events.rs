//! The bodies of events, with the fields of the recorded ones.

use serde_json::{Value, json};

use super::message::Message;
use super::world::{Kind, World};
use super::{APP, BOT_USER, TEAM};

/// The frame around an event.
pub(super) fn callback(world: &mut World, event: Value, shared: bool) -> Value {
    let id = world.next();
    let kind = event["type"].as_str().unwrap_or_default().to_owned();
    let channel = event["channel"].as_str().unwrap_or_default().to_owned();
    let seconds = event["event_ts"].as_str().and_then(|ts| ts.split('.').next()).unwrap_or("0");
    json!({
        "token": "verification-token",
        "team_id": TEAM,
        "api_app_id": APP,
        "event_time": seconds.parse::<i64>().unwrap_or_default(),
        "event": event,
        "type": "event_callback",
        "event_id": format!("Ev{id:06}"),
        "authorizations": [{"enterprise_id": null, "team_id": TEAM, "user_id": BOT_USER, "is_bot": true,
            "is_enterprise_install": false}],
        "is_ext_shared_channel": shared,
        "event_context": format!("1-{kind}-{TEAM}-{channel}"),
    })
}

/// The event of a message, as a message or as a mention.
pub(super) fn of_message(world: &World, message: &Message, subtype: Option<&str>) -> Value {
    let mut event = message.shown(true);
    event["channel"] = json!(message.channel);
    event["event_ts"] = json!(message.ts);
    let channel = world.channel(&message.channel);
    event["channel_type"] = json!(kind_of(world, &message.channel));
    if let Some(user) = message.user.as_deref().and_then(|user| world.user(user)) {
        event["team"] = json!(user.team);
        if channel.is_some_and(|channel| channel.shared) {
            event["user_team"] = json!(user.team);
        }
    }
    if let Some(subtype) = subtype {
        event["subtype"] = json!(subtype);
        // As recorded: a message with files names no workspace.
        if let ("file_share", Some(fields)) = (subtype, event.as_object_mut()) {
            fields.remove("team");
            fields.remove("user_team");
        }
    }
    event
}

/// The event of a change.
pub(super) fn of_change(
    world: &World,
    channel: &str,
    after: Value,
    before: Value,
    ts: &str,
) -> Value {
    json!({
        "type": "message", "subtype": "message_changed", "hidden": true, "channel": channel,
        "channel_type": kind_of(world, channel), "message": after, "previous_message": before, "ts": ts,
        "event_ts": ts,
    })
}

fn kind_of(world: &World, channel: &str) -> &'static str {
    match world.channel(channel).map(|channel| channel.kind) {
        Some(Kind::Direct) => "im",
        _ => "channel",
    }
}

/// The same as a mention: another type, without the kind of channel.
pub(super) fn as_mention(event: &Value) -> Value {
    let mut mention = event.clone();
    mention["type"] = json!("app_mention");
    if let Some(fields) = mention.as_object_mut() {
        fields.remove("channel_type");
    }
    mention
}
