//! The double of Slack as a stage: people act in it, and what the bot says is read off what really stands there.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use wilco_chat::slack::{Channels, Delivery, Listening, NAME, Parts, Slack, SlackConfig};
use wilco_core::event::Event;
use wilco_core::ids::{AdapterName, MessageId, MessageKey, PersonId, RoomId, UserId};
use wilco_core::message::{Body, Button, ButtonStyle, To};
use wilco_core::people::Directory;
use wilco_core::place::{Direct, Room, Thread};
use wilco_core::port::StoreFault;
use wilco_core::time::Timestamp;
use wilco_core::token::{Choice, Token};
use wilco_engine::{Clock as _, Inbox, VirtualClock};
use wilco_sim::Served;
use wilco_sim::slack::{self as double, Message, Pressing, Saying};

use crate::doubles::SimClock;
use crate::stage::Posted;

/// An outsider's workspace.
const ELSEWHERE: &str = "T0OTHER";

/// The workspace of a story.
pub(crate) struct Workspace {
    double: double::Slack,
    served: Served,
    /// Channels by room: `#deploy` → `C001`; `@mina` → `Dmina`.
    rooms: BTreeMap<String, String>,
}

/// The adapter of one life of the engine.
pub(crate) struct Connected {
    pub(crate) adapter: Arc<Slack>,
    inbox: Arc<Late>,
}

/// The engine's inbox, once it is there.
#[derive(Default)]
struct Late(OnceLock<Inbox>);

#[async_trait]
impl wilco_chat::Inbox for Late {
    async fn receive(&self, event: Event, key: String) -> Result<(), StoreFault> {
        self.receive_many(vec![(event, key)]).await
    }

    async fn receive_many(&self, events: Vec<(Event, String)>) -> Result<(), StoreFault> {
        match self.0.get() {
            Some(inbox) => inbox.receive_many(events).await.map(|_| ()),
            None => Err(StoreFault("the engine is starting".into())),
        }
    }
}

impl Workspace {
    /// A workspace with these rooms and people; an account's id is the person's.
    pub(crate) async fn open<'a>(
        clock: &Arc<VirtualClock>,
        rooms: impl Iterator<Item = &'a str>,
        people: impl Iterator<Item = &'a str>,
    ) -> Result<Self, String> {
        let double = double::Slack::new(SimClock(Arc::clone(clock)));
        double.traps(|traps| traps.coarse_ts = true);
        let mut known = BTreeMap::new();
        for (number, room) in rooms.enumerate() {
            let id = format!("C{number:03}");
            double.add_channel(&id, room.trim_start_matches('#'));
            known.insert(room.to_owned(), id);
        }
        for person in people {
            double.add_user(person, person);
            known.insert(format!("@{person}"), double.direct(person));
        }
        let served = double.serve_local().await.map_err(|fault| fault.to_string())?;
        Ok(Self { double, served, rooms: known })
    }

    /// An adapter for an engine that is about to start.
    pub(crate) fn connect(
        &self,
        clock: &Arc<VirtualClock>,
        people: Directory,
    ) -> Result<Connected, String> {
        let config = SlackConfig {
            api_url: format!("{}/api/", self.served.url()).parse().map_err(|_| "no address")?,
            bot_token: double::BOT_TOKEN.to_owned().into(),
            delivery: Delivery::Sockets { token: double::APP_TOKEN.to_owned().into(), count: 1 },
            channels: Channels::new(self.rooms.clone()),
        };
        let (inbox, now) = (Arc::new(Late::default()), Arc::clone(clock));
        let parts = Parts {
            people: Arc::new(people),
            inbox: Arc::clone(&inbox) as Arc<dyn wilco_chat::Inbox>,
            clock: Arc::new(move || now.now()),
        };
        let adapter = Slack::new(config, parts).map_err(|fault| fault.to_string())?;
        Ok(Connected { adapter: Arc::new(adapter), inbox })
    }

    /// Somebody says something; where and when it stands.
    pub(crate) fn says(
        &self,
        who: &str,
        room: &str,
        root: Option<&MessageId>,
        ago: Duration,
        text: &str,
    ) -> Result<(MessageId, Timestamp), String> {
        let channel = self.channel(room)?;
        let saying = match who.split_once('[') {
            Some((bot, "bot]")) => Saying::workflow(bot, channel, text),
            Some((outsider, "outsider]")) => {
                Saying::new(outsider, channel, text).of_team(ELSEWHERE)
            }
            _ => Saying::new(who, channel, text),
        };
        let saying = saying.ago(i64::try_from(ago.as_millis()).unwrap_or_default());
        let saying = match root {
            Some(root) => saying.under(root.as_str()),
            None => saying,
        };
        let ts = self.double.says(saying);
        Ok((MessageId::new(&ts), moment(&ts)))
    }

    /// Somebody presses the newest button with this label in a place, or the one so many before it.
    pub(crate) fn presses(
        &self,
        who: &str,
        room: &str,
        root: Option<&MessageId>,
        label: &str,
        back: usize,
    ) -> Result<Timestamp, String> {
        let channel = self.channel(room)?;
        let (who, team) = match who.split_once('[') {
            Some((outsider, "outsider]")) => (outsider, ELSEWHERE),
            _ => (who, double::TEAM),
        };
        let here = |message: &Message| {
            message.bot_id.as_deref() == Some(double::BOT)
                && message.thread_ts.as_deref() == root.map(MessageId::as_str)
        };
        let mut back = back;
        for message in self.double.messages(channel).iter().rev().filter(|message| here(message)) {
            let count = message.pressable(label);
            if back < count {
                let pressing = Pressing::One(label.to_owned());
                let pressed =
                    self.double.presses_from(team, who, channel, &message.ts, &pressing, back);
                return pressed.map(|ts| moment(&ts)).map_err(|refused| refused.0);
            }
            back -= count;
        }
        Err(format!("no button `{label}` in {room}"))
    }

    /// Returns when everything that happened has been taken.
    pub(crate) async fn taken(&self) {
        self.double.until(|double| double.undelivered() == 0).await;
    }

    /// Whether everything that happened has been taken.
    pub(crate) fn is_taken(&self) -> bool {
        self.double.undelivered() == 0
    }

    /// What the bot has said, read back from what stands there.
    pub(crate) fn posted(&self) -> Vec<Posted> {
        let of_bot = |message: &Message| message.bot_id.as_deref() == Some(double::BOT);
        self.double.all_messages().iter().filter(|m| of_bot(m)).map(|m| self.read(m)).collect()
    }

    fn channel(&self, room: &str) -> Result<&str, String> {
        let channel = self.rooms.get(room).map(String::as_str);
        channel.ok_or_else(|| format!("there is no channel for {room}"))
    }

    /// The room of a channel.
    fn room(&self, channel: &str) -> Room {
        let name =
            self.rooms.iter().find(|(_, id)| *id == channel).map_or(channel, |(name, _)| name);
        room(name)
    }

    fn read(&self, message: &Message) -> Posted {
        let room = self.room(&message.channel);
        let key = message.metadata.as_ref().and_then(|data| data["event_payload"]["key"].as_str());
        let to = match (&message.thread_ts, room.room.as_str().strip_prefix('@')) {
            (Some(root), _) => To::Thread(Thread { room, root: MessageId::new(root) }),
            (None, Some(user)) => To::Direct(Direct {
                adapter: room.adapter.clone(),
                workspace: room.workspace.clone(),
                user: UserId::new(user),
            }),
            (None, None) => To::Room(room),
        };
        let ever = message
            .elements_ever
            .iter()
            .flat_map(|(block, element)| buttons(block, element, message));
        Posted {
            key: MessageKey::new(key.unwrap_or_default()),
            message: MessageId::new(&message.ts),
            to,
            body: self.body(message),
            buttons_ever: ever.collect(),
            revision: message.revision,
        }
    }

    /// The content as it was said, from the blocks.
    fn body(&self, message: &Message) -> Body {
        let mut body = Body::default();
        let mut items = Vec::new();
        for block in &message.blocks {
            let parts = block["elements"].as_array().into_iter().flatten();
            for part in parts.clone().chain(block.get("accessory")) {
                match part["type"].as_str().unwrap_or_default() {
                    "rich_text_section" => self.read_section(part, &mut body),
                    "rich_text_preformatted" => body.more = text_of(&part["elements"][0]),
                    _ => {
                        let id = block["block_id"].as_str().unwrap_or_default();
                        items.extend(buttons(id, part, message));
                    }
                }
            }
        }
        body.buttons = items;
        body
    }

    fn read_section(&self, section: &Value, body: &mut Body) {
        let elements = section["elements"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut elements = elements.iter().peekable();
        if let Some(first) = elements.next_if(|first| first["type"] == "user") {
            body.mention = first["user_id"].as_str().map(PersonId::new);
            // The space between.
            elements.next();
        }
        for element in elements {
            let url = element["url"].as_str().unwrap_or_default();
            match url.split_once("archives/").filter(|_| element.get("text").is_some()) {
                Some((_, way)) => {
                    body.text.truncate(body.text.len() - "\n→ ".len());
                    body.leads_to = self.thread(way);
                }
                None if url.is_empty() => body.text.push_str(&text_of(element)),
                None => body.text.push_str(url),
            }
        }
    }

    /// `C001/p1795392000000100`.
    fn thread(&self, way: &str) -> Option<Thread> {
        let (channel, root) = way.split_once("/p")?;
        let (seconds, micros) = root.split_at_checked(root.len().checked_sub(6)?)?;
        let root = MessageId::new(format!("{seconds}.{micros}"));
        Some(Thread { room: self.room(channel), root })
    }
}

impl Connected {
    /// The engine is there: what happens comes in from now on.
    pub(crate) async fn listen(&self, inbox: Inbox) -> Listening {
        let _ = self.inbox.0.set(inbox);
        let mut listening = self.adapter.listen();
        listening.opened().await;
        listening
    }
}

/// A room of the workspace.
pub(crate) fn room(name: &str) -> Room {
    Room {
        adapter: AdapterName::new(NAME),
        workspace: double::TEAM.into(),
        room: RoomId::new(name),
    }
}

/// Everything that could be a room in these texts: words that begin with `#`.
pub(crate) fn rooms<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let ends = |c: char| c.is_whitespace() || "/>[]\",'(){}:;|".contains(c);
    let mut rooms: Vec<&str> = texts
        .flat_map(|text| text.match_indices('#').map(move |(at, _)| &text[at..]))
        .filter_map(|word| word.split(ends).next())
        .map(|word| word.trim_end_matches(['.', '!', '?', '*', '`']))
        .filter(|word| word.len() > 1)
        .collect();
    rooms.sort_unstable();
    rooms.dedup();
    rooms
}

/// The buttons that one element stands for: itself, or each of its options. The one beside a box stands for what is
/// ticked in it, and for none.
fn buttons(block: &str, element: &Value, message: &Message) -> Vec<Button> {
    let label = |of: &Value| of["text"]["text"].as_str().unwrap_or_default().to_owned();
    let id = element["action_id"].as_str().unwrap_or_default();
    let button = |label: String, token: Option<Token>, style: ButtonStyle| {
        token.map(|token| Button { label, token, style })
    };
    if element["type"] == "button" && !id.contains("pick") {
        let token = element["value"].as_str().and_then(Token::decode);
        let style = match element["style"].as_str() {
            Some("primary") => ButtonStyle::Primary,
            Some("danger") => ButtonStyle::Danger,
            _ => ButtonStyle::Plain,
        };
        return button(label(element), token, style).into_iter().collect();
    }
    let list = list_of(block, element, message).or_else(|| question_of(block, message));
    let options = element["options"].as_array().into_iter().flatten();
    options
        .filter_map(|option| {
            let at: usize = option["value"].as_str()?.parse().ok()?;
            let mut token = list.clone()?;
            if let Token::Answer { choice, .. } = &mut token {
                *choice = Choice::Item(at);
            }
            button(label(option), Some(token), ButtonStyle::Plain)
        })
        .collect()
}

/// A token of the list that a box belongs to: that of the button beside it.
fn list_of(block: &str, element: &Value, message: &Message) -> Option<Token> {
    let after =
        message.elements_ever.iter().skip_while(|(of, one)| (of.as_str(), one) != (block, element));
    after
        .filter(|(_, one)| one["action_id"].as_str().is_some_and(|id| id.contains("pick")))
        .find_map(|(_, one)| one["value"].as_str().and_then(Token::decode))
}

/// The same of a select, from the id of its block: `wilco 4 mina`.
fn question_of(block: &str, message: &Message) -> Option<Token> {
    let (question, person) = block.strip_prefix("wilco ")?.split_once(' ')?;
    let root = MessageId::new(message.thread_ts.as_deref()?);
    let thread = Thread { room: room(&message.channel), root };
    let dialog = Event::dialog_of(&thread, &PersonId::new(person));
    Some(Token::Answer { dialog, question: question.parse().ok()?, choice: Choice::All })
}

fn text_of(element: &Value) -> String {
    element["text"].as_str().unwrap_or_default().to_owned()
}

fn moment(ts: &str) -> Timestamp {
    let us: i64 = ts.replace('.', "").parse().unwrap_or_default();
    Timestamp(us / 1_000)
}
