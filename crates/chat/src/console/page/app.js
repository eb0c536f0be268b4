// The console: puts model, panes and server together.

import { Failure, follow, freshId, sendMessage, sendPress } from "./api.js";
import { Composer } from "./composer.js";
import { Model } from "./model.js";
import { Pane } from "./pane.js";
import { PersonSwitch } from "./people.js";
import { element } from "./text.js";
import { hasWords, say, sayAll, toggleLanguage } from "./words.js";

const KEPT = "wilco.place";
/** How long buttons wait for the answer to a press. */
const ANSWER_MS = 8000;
const byId = (id) => document.getElementById(id);
const model = new Model();
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
/** Where one is. */
const place = { room: kept.room ?? null, thread: kept.thread ?? null };
/** The thread that was open in each room, to be there again when one comes back. */
const left = new Map();
model.me = kept.me ?? null;

const roomPane = new Pane(byId("room-pane"));
const threadPane = new Pane(byId("thread-pane"));
const rules = {
  limit: () => model.maxChars,
  tooLong: () => say("too_long", { max: model.maxChars.toLocaleString() }),
};
const roomComposer = new Composer(byId("room-pane").querySelector("form"), {
  ...rules,
  onSend: (text) => write(place.room, null, text),
});
const threadComposer = new Composer(byId("thread-pane").querySelector("form"), {
  ...rules,
  onSend: (text) => write(place.room, place.thread, text),
});
const people = new PersonSwitch(model, (person) => {
  const wasDirect = place.room === model.direct()?.id;
  model.me = person;
  if (wasDirect) Object.assign(place, { room: model.direct().id, thread: null });
  render();
  focusComposer();
});

const actions = {
  isOpen: (root) => root === place.thread,
  openThread(root) {
    place.thread = root;
    render();
    threadComposer.focus();
  },
  goTo(room, thread) {
    left.set(place.room, place.thread);
    place.room = room;
    actions.openThread(thread);
  },
  async send(message) {
    model.put({ ...message, failed: false, pending: true });
    render();
    const { id, author, room, thread, text } = message;
    try {
      await sendMessage({ id, as: author.person, room, thread, text });
    } catch (failure) {
      // It may have come through all the same: then the stream has shown it.
      if (!model.messages.get(id)?.pending) return;
      model.put({ ...message, failed: true, pending: false });
      // The message itself says that it was not sent; why is worth a word only if it was refused.
      if (failure.code !== "offline") complain(thread, failure);
    }
    render();
  },
  async press(message, tokens) {
    const composer = message.thread === null ? roomComposer : threadComposer;
    model.pressed.set(message.id, tokens);
    render();
    composer.complain("");
    composer.focus();
    const answered = () => {
      model.pressed.delete(message.id);
      renderSoon();
    };
    try {
      await sendPress({ id: freshId(), as: model.me, message: message.id, tokens });
      // An answer that never comes must not leave the buttons dead.
      setTimeout(() => model.pressed.get(message.id) === tokens && answered(), ANSWER_MS);
    } catch (failure) {
      complain(message.thread, failure);
      answered();
    }
  },
};

function write(room, thread, text) {
  const author = { person: model.me };
  // Shown at once, at the end, until the server says when it was.
  const newest = Math.max(0, ...[...model.messages.values()].map((message) => message.at));
  const at = Math.max(Date.now(), newest + 1);
  actions.send({ id: freshId(), room, thread, author, text, at });
}

function complain(thread, failure) {
  const code = failure instanceof Failure ? failure.code : "offline";
  const words = hasWords(code) ? say(code, { max: model.maxChars }) : say("failed", { code });
  (thread === null ? roomComposer : threadComposer).complain(words);
}

/** On a phone the open thread covers the room. */
const focusComposer = () => (place.thread ? threadComposer : roomComposer).focus();

function openRoom(room) {
  showSidebar(false);
  if (room !== place.room) {
    left.set(place.room, place.thread);
    // Where a thread covers the room, whoever taps a room wants the room.
    const covers = matchMedia("(max-width: 860px)").matches;
    Object.assign(place, { room, thread: covers ? null : (left.get(room) ?? null) });
  }
  render();
  focusComposer();
}

function closeThread() {
  place.thread = null;
  render();
  roomComposer.focus();
}

/** The bot answered under one's own message: that is where the conversation goes on. */
function maybeOpenThread(message) {
  if (message.author !== "wilco" || message.thread === null || message.room !== place.room) return;
  if (message.edited || place.thread === message.thread) return;
  const root = model.messages.get(message.thread);
  const earlier = [...model.messages.values()].some(
    (other) => other.thread === message.thread && other.author === "wilco" && other.id !== message.id,
  );
  const busy = place.thread !== null && !threadComposer.isEmpty;
  if (root?.author.person !== model.me || earlier || busy) return;
  const takesFocus = roomComposer.isEmpty;
  place.thread = message.thread;
  render();
  if (takesFocus) threadComposer.focus();
}

// One drawing for all that comes in together.
let waiting = false;
function renderSoon() {
  if (waiting) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    render();
  });
}

function render() {
  if (model.rooms.length === 0) return;
  const room = model.room(place.room);
  if (!room || (room.owner !== null && room.owner !== model.me)) {
    Object.assign(place, { room: model.rooms[0].id, thread: null });
    return render();
  }
  if (model.complete && !model.messages.has(place.thread)) place.thread = null;
  if (!document.hidden) {
    model.markRead(room.id);
    if (place.thread !== null) model.markSeen(model.inThread(place.thread));
  }
  sessionStorage.setItem(KEPT, JSON.stringify({ ...place, me: model.me }));

  const direct = room.owner !== null;
  const name = direct ? model.bot.name : room.id;
  byId("room-name").textContent = name;
  byId("room-about").textContent = direct ? say("direct_about") : room.about[document.documentElement.lang];
  renderRooms();
  people.render();

  const items = model.inRoom(room.id);
  const spoken = items.some(({ message }) => message.author !== "wilco");
  const welcome = spoken ? null : () => welcomeOf(room, name);
  roomPane.render(room.id, items, { model, actions, welcome });
  roomComposer.show(room.id, say(spoken || isNotice(room) ? "write" : "write_hint", { room: name }));

  byId("thread-pane").hidden = place.thread === null;
  document.body.classList.toggle("with-thread", place.thread !== null);
  if (place.thread !== null) {
    byId("thread-room").textContent = name;
    const divider = (n) => (n === 1 ? say("one_reply") : say("replies", { n }));
    const inThread = model.inThread(place.thread).map((message) => ({ message }));
    threadPane.render(place.thread, inThread, { model, actions, divider });
    threadComposer.show(place.thread, say("reply"));
  }
}

function renderRooms() {
  let unreadElsewhere = 0;
  const item = (room, label, name, face) => {
    const { count, calls } = model.unread(room.id);
    const here = room.id === place.room;
    if (!here) unreadElsewhere += count;
    const button = element("button", "room", face, element("span", "room-label", label));
    button.type = "button";
    button.dataset.testid = `room-${name}`;
    if (here) button.setAttribute("aria-current", "page");
    if (count > 0 && !here) {
      button.classList.add("unread");
      const badge = element("span", calls > 0 ? "count calls" : "count", String(count));
      badge.setAttribute("aria-label", say("unread", { n: count }));
      button.append(badge);
    }
    button.addEventListener("click", () => openRoom(room.id));
    return element("li", "", button);
  };
  const hash = () => element("span", "hash", "#");
  byId("rooms").replaceChildren(
    ...model.channels().map((room) => {
      const name = room.id.replace(/^#/, "");
      return item(room, name, name, hash());
    }),
  );
  const direct = model.direct();
  const face = element("img", "hash");
  face.src = "icon.svg";
  face.alt = "";
  byId("direct").replaceChildren(...(direct ? [item(direct, model.bot.name, "wilco", face)] : []));
  byId("menu-dot").hidden = unreadElsewhere === 0;
  document.title = `${unreadElsewhere > 0 ? `(${unreadElsewhere}) ` : ""}${byId("room-name").textContent} · Wilco`;
}

const isNotice = (room) => room.id.endsWith("-notice");

/** A room in which nobody has spoken says how to begin. */
function welcomeOf(room, name) {
  const card = element("section", "welcome");
  card.append(element("h2", "", room.owner === null ? say("welcome", { room: name }) : say("welcome_direct")));
  if (isNotice(room)) {
    const main = model.room(room.id.replace(/-notice$/, "")) ?? model.rooms[0];
    card.append(element("p", "quiet", say("hint_notice", { room: main.id })));
    return card;
  }
  const word = (text) => {
    const button = element("button", "word", text);
    button.type = "button";
    button.dataset.testid = `try-${text}`;
    button.addEventListener("click", () => write(room.id, null, text));
    return button;
  };
  card.append(
    element("p", "hint", say("hint_before"), word("help"), say("hint_or"), word("헬프"), say("hint_after")),
    element("p", "quiet", say("hint_more")),
    element("p", "quiet", say("hint_second")),
  );
  return card;
}

function showSidebar(open) {
  document.body.classList.toggle("with-sidebar", open);
  byId("menu").setAttribute("aria-expanded", open);
}

byId("menu").addEventListener("click", () => showSidebar(true));
byId("shade").addEventListener("click", () => showSidebar(false));
byId("close-thread").addEventListener("click", closeThread);
byId("language").addEventListener("click", () => {
  toggleLanguage();
  speak();
  render();
});
document.addEventListener("click", (event) => {
  const room = event.target.closest("[data-room]")?.dataset.room;
  if (room) openRoom(room);
});
document.addEventListener("visibilitychange", renderSoon);
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Escape") {
    if (document.body.classList.contains("with-sidebar")) showSidebar(false);
    else if (place.thread !== null) closeThread();
    return;
  }
  // Whoever just types means the composer; a Korean keyboard of Windows names no letter, only that it
  // works on one.
  const letter = event.key.length === 1 || event.key === "Process";
  const typing = letter && !event.ctrlKey && !event.metaKey && !event.altKey;
  const free = !event.target.closest("textarea, button, summary, a, select, input, [role=listbox]");
  if (typing && free && event.key !== " ") focusComposer();
});

function speak() {
  sayAll(document);
  byId("language").textContent = say("language");
}

speak();
let lostTimer = null;
let first = true;
follow({
  onState: (state, isNew) => {
    model.setState(state, isNew);
    renderSoon();
  },
  onMessage: (message, live) => {
    model.put(message);
    if (live) maybeOpenThread(message);
    renderSoon();
  },
  onConnected: () => {
    clearTimeout(lostTimer);
    lostTimer = null;
    byId("lost").hidden = true;
    for (const composer of [roomComposer, threadComposer]) composer.complain("");
    document.body.dataset.connected = "yes";
    model.setComplete();
    if (first) focusComposer();
    first = false;
    renderSoon();
  },
  // A connection that comes back at once is not worth a word.
  onLost: () => {
    document.body.dataset.connected = "no";
    lostTimer ??= setTimeout(() => (byId("lost").hidden = false), 800);
  },
});
