//! What people do in the workspace.

use serde_json::{Value, json};

use super::message::Message;
use super::world::{Channel, Kind, User};
use super::{APP, BOT_USER, Slack, TEAM, events};

/// Somebody says something.
#[derive(Debug, Clone)]
pub struct Saying {
    user: Option<String>,
    bot: Option<String>,
    channel: String,
    thread: Option<String>,
    text: String,
    blocks: Vec<Value>,
    subtype: Option<&'static str>,
    team: Option<String>,
    ago_ms: i64,
}

impl Saying {
    /// An account writes this, as it is typed; `@wilco` mentions the bot.
    #[must_use]
    pub fn new(user: &str, channel: &str, text: &str) -> Self {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        Self {
            user: Some(user.to_owned()),
            bot: None,
            channel: channel.to_owned(),
            thread: None,
            text: text.replace("@wilco", &format!("<@{BOT_USER}>")),
            blocks: Vec::new(),
            subtype: None,
            team: None,
            ago_ms: 0,
        }
    }

    /// A workflow writes this: a bot without an account (SLACK-6).
    #[must_use]
    pub fn workflow(bot: &str, channel: &str, text: &str) -> Self {
        let saying = Self::new("", channel, text);
        Self { user: None, bot: Some(bot.to_owned()), subtype: Some("bot_message"), ..saying }
    }

    /// Under this message.
    #[must_use]
    pub fn under(self, thread: &str) -> Self {
        Self { thread: Some(thread.to_owned()), ..self }
    }

    /// From another workspace, in a channel that is shared with it.
    #[must_use]
    pub fn of_team(self, team: &str) -> Self {
        Self { team: Some(team.to_owned()), ..self }
    }

    /// Sent so many milliseconds ago, and seen only now.
    #[must_use]
    pub fn ago(self, ms: i64) -> Self {
        Self { ago_ms: ms, ..self }
    }

    /// As this kind of message: `file_share`, `thread_broadcast`, `me_message`.
    #[must_use]
    pub fn as_a(self, subtype: &'static str) -> Self {
        Self { subtype: Some(subtype), ..self }
    }
}

/// What somebody presses or chooses, by what stands on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pressing {
    /// A button, or one choice of a select.
    One(String),
    /// Several of a box or a select of several, and the button beside it.
    Several(Vec<String>),
}

/// There is nothing of the kind in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub String);

impl Slack {
    /// An account of the workspace.
    pub fn add_user(&self, id: &str, name: &str) {
        self.add_user_of(id, name, TEAM);
    }

    /// An account of another workspace.
    pub fn add_user_of(&self, id: &str, name: &str, team: &str) {
        let user = User { id: id.to_owned(), name: name.to_owned(), team: team.to_owned() };
        self.change(|world| world.users.push(user));
    }

    /// A public channel, with the bot in it.
    pub fn add_channel(&self, id: &str, name: &str) {
        self.add(id, name, false);
    }

    /// A channel that is shared with other organisations.
    pub fn add_shared_channel(&self, id: &str, name: &str) {
        self.add(id, name, true);
    }

    fn add(&self, id: &str, name: &str, shared: bool) {
        let members = vec![BOT_USER.to_owned()];
        let (id, name) = (id.to_owned(), name.to_owned());
        self.change(|world| {
            world.channels.push(Channel { id, name, kind: Kind::Public, shared, members });
        });
    }

    /// The direct conversation of an account with the bot.
    #[must_use]
    pub fn direct(&self, user: &str) -> String {
        self.change(|world| world.direct(user))
    }

    /// Somebody says something; returns its time stamp.
    pub fn says(&self, saying: Saying) -> String {
        let now = self.now_ms();
        let (ts, payloads) = self.change(|world| {
            let mut ts = world.next_ts(now);
            if saying.ago_ms > 0 {
                ts = earlier(&ts, saying.ago_ms);
            }
            let message = Message {
                channel: saying.channel.clone(),
                ts: ts.clone(),
                thread_ts: saying.thread.clone(),
                user: saying.user.clone(),
                bot_id: saying.bot.clone(),
                text: saying.text.clone(),
                blocks: saying.blocks.clone(),
                metadata: None,
                revision: 1,
                elements_ever: Vec::new(),
            };
            world.messages.push(message.clone());
            let shared = world.channel(&saying.channel).is_some_and(|channel| channel.shared);
            let shared = shared || saying.team.is_some();
            let mut event = events::of_message(world, &message, saying.subtype);
            if let Some(team) = &saying.team {
                event["user_team"] = json!(team);
                event["team"] = json!(team);
            }
            let mentions = saying.text.contains(&format!("<@{BOT_USER}>"));
            let twice = (mentions && world.traps.mention_twice).then(|| events::as_mention(&event));
            let payloads: Vec<Value> = [Some(event), twice]
                .into_iter()
                .flatten()
                .map(|event| events::callback(world, event, shared))
                .collect();
            (ts, payloads)
        });
        for payload in payloads {
            self.deliver("events_api", payload);
        }
        ts
    }

    /// A message is changed, or only looks so: an unfurl comes as a change with the same text (SLACK-8).
    ///
    /// # Errors
    /// There is no such message.
    pub fn edits(&self, channel: &str, ts: &str, text: Option<&str>) -> Result<(), Refused> {
        let now = self.now_ms();
        let payload = self.change(|world| {
            let at = world.messages.iter().position(|m| m.channel == channel && m.ts == ts);
            let message =
                &mut world.messages[at.ok_or_else(|| Refused("no such message".into()))?];
            let before = message.shown(false);
            if let Some(text) = text {
                message.text = text.to_owned();
                message.revision += 1;
            }
            let after = message.shown(false);
            let event_ts = world.next_ts(now);
            let event = events::of_change(world, channel, after, before, &event_ts);
            Ok(events::callback(world, event, false))
        })?;
        self.deliver("events_api", payload);
        Ok(())
    }

    /// Somebody presses or chooses something in a message of the bot. What stood in it earlier can still be
    /// pressed by whoever has it on the screen; the newest with this label counts, or the one so many before it.
    /// Returns the time stamp of the (last) press.
    ///
    /// # Errors
    /// Nothing of the kind ever stood in it.
    pub fn presses(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        pressing: &Pressing,
        back: usize,
    ) -> Result<String, Refused> {
        let team =
            self.world().user(user).map_or_else(|| TEAM.to_owned(), |user| user.team.clone());
        self.presses_from(&team, user, channel, ts, pressing, back)
    }

    /// The same, by an account of this workspace.
    ///
    /// # Errors
    /// As [`Slack::presses`].
    pub fn presses_from(
        &self,
        team: &str,
        user: &str,
        channel: &str,
        ts: &str,
        pressing: &Pressing,
        back: usize,
    ) -> Result<String, Refused> {
        let now = self.now_ms();
        let mut last = String::new();
        let payloads = self.change(|world| {
            let message = world.message(channel, ts).cloned().ok_or_else(|| Refused("no such message".into()))?;
            let mut payloads = Vec::new();
            for (action, state) in acts(&message, pressing, back)? {
                let action_ts = world.next_ts(now);
                last.clone_from(&action_ts);
                let trigger = world.next();
                let mut action = action;
                action["action_ts"] = json!(action_ts);
                let mut container = json!({
                    "type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": false,
                });
                if let Some(thread) = &message.thread_ts {
                    container["thread_ts"] = json!(thread);
                }
                payloads.push(json!({
                    "type": "block_actions",
                    "user": {"id": user, "username": user, "name": user, "team_id": team},
                    "api_app_id": APP,
                    "token": "verification-token",
                    "container": container,
                    "trigger_id": format!("{trigger}.trigger"),
                    "team": {"id": TEAM, "domain": "acme"},
                    "enterprise": null,
                    "is_enterprise_install": false,
                    "channel": {"id": channel, "name": world.channel(channel).map_or("", |c| &c.name)},
                    "message": message.shown(true),
                    "state": {"values": state},
                    "response_url": format!("https://hooks.slack.example/actions/{TEAM}/1/x"),
                    "actions": [action],
                }));
            }
            Ok(payloads)
        })?;
        for payload in payloads {
            self.deliver("interactive", payload);
        }
        Ok(last)
    }

    /// Whom the app's messages really called, in order: `@U01`, `!channel`.
    #[must_use]
    pub fn pings(&self) -> Vec<String> {
        self.world().pings.clone()
    }
}

impl Message {
    /// How many things with this label ever could be pressed in it.
    #[must_use]
    pub fn pressable(&self, label: &str) -> usize {
        self.elements_ever.iter().map(|(_, element)| with_label(element, label).count()).sum()
    }
}

/// The actions that Slack sends, each with what stands chosen in the message then.
fn acts(
    message: &Message,
    pressing: &Pressing,
    back: usize,
) -> Result<Vec<(Value, Value)>, Refused> {
    let newest: Vec<&(String, Value)> = message.elements_ever.iter().rev().collect();
    let none = |what: &str| Refused(format!("nothing with `{what}` can be pressed there"));
    match pressing {
        Pressing::One(label) => {
            let (block, element, option) = newest
                .iter()
                .flat_map(|(block, element)| {
                    with_label(element, label).map(move |o| (block, element, o))
                })
                .nth(back)
                .ok_or_else(|| none(label))?;
            match option {
                None => {
                    Ok(vec![(act(block, element, json!({"value": element["value"]})), json!({}))])
                }
                Some(option) if element["type"] == "static_select" => {
                    Ok(vec![(act(block, element, json!({"selected_option": option})), json!({}))])
                }
                Some(option) => several(&newest, block, element, vec![option]),
            }
        }
        Pressing::Several(labels) => {
            let found = newest.iter().find_map(|(block, element)| {
                let options: Option<Vec<Value>> = labels
                    .iter()
                    .map(|label| with_label(element, label).next().flatten())
                    .collect();
                Some((block, element, options?))
            });
            let (block, element, options) = found.ok_or_else(|| none(&labels.join(", ")))?;
            several(&newest, block, element, options)
        }
    }
}

/// Ticking, then the button beside the box: the first one that came after it.
fn several(
    newest: &[&(String, Value)],
    block: &str,
    element: &Value,
    options: Vec<Value>,
) -> Result<Vec<(Value, Value)>, Refused> {
    let action_id = element["action_id"].as_str().unwrap_or_default();
    let chosen = json!({"type": element["type"], "selected_options": options});
    let state = json!({ block: { action_id: chosen } });
    let ticking = act(block, element, json!({"selected_options": options}));
    let later = newest.iter().take_while(|(of, one)| (of.as_str(), one) != (block, element));
    let beside = |one: &&&(String, Value)| {
        one.1["type"] == "button"
            && one.1["action_id"].as_str().is_some_and(|id| id.contains("pick"))
    };
    let (of, button) =
        later.filter(beside).last().ok_or_else(|| Refused("no button beside the box".into()))?;
    let press = act(of, button, json!({"value": button["value"]}));
    Ok(vec![(ticking, state.clone()), (press, state)])
}

/// A time stamp so many milliseconds earlier.
fn earlier(ts: &str, ago_ms: i64) -> String {
    let us: i64 = ts.replace('.', "").parse().unwrap_or_default();
    let us = us - ago_ms * 1_000;
    format!("{}.{:06}", us / 1_000_000, us % 1_000_000)
}

fn act(block: &str, element: &Value, more: Value) -> Value {
    let mut action = json!({
        "type": element["type"], "action_id": element["action_id"], "block_id": block,
    });
    if let (Some(action), Value::Object(more)) = (action.as_object_mut(), more) {
        action.extend(more);
    }
    action
}

/// What in an element has this label: the button itself (`None`), or options of it.
fn with_label<'a>(element: &'a Value, label: &'a str) -> impl Iterator<Item = Option<Value>> + 'a {
    let has = move |value: &Value| {
        value["text"]["text"].as_str().is_some_and(|text| text.contains(label))
    };
    let button = (element["type"] == "button" && has(element)).then_some(None);
    let options = element["options"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    button.into_iter().chain(options.rev().filter(move |option| has(option)).cloned().map(Some))
}
