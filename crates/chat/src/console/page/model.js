// What is known: rooms, people, messages, and what was read.

const READ_KEY = "wilco.read";

export class Model {
  rooms = [];
  people = [];
  teams = [];
  bot = { name: "Wilco", handle: "wilco" };
  maxChars = 40000;
  /** Messages by id, with those that are still on their way (`pending`) or did not go out (`failed`). */
  messages = new Map();
  /** What was pressed and not answered yet: the buttons' tokens, by message. */
  pressed = new Map();
  /** What is chosen in a long list and not pressed yet: the items' tokens, by message. */
  picked = new Map();
  /** Who one speaks as. */
  me = null;
  /** Whether all that the server had at the connection has come in. */
  complete = false;
  /** The place of the newest message of a thread that was seen, by the thread's first message. */
  #seen = new Map();
  /** What another start of the server has not shown again yet: if it never does, its journal is another one. */
  #stale = new Set();
  /** The place of the newest message that was read, by room; `started` says of which server. */
  #read = JSON.parse(sessionStorage.getItem(READ_KEY) ?? "{}");

  setState(state, isNew) {
    if (isNew) {
      this.pressed.clear();
      // What did not go out yet has no place in the journal, and is kept.
      for (const { id, seq } of this.messages.values()) if (seq) this.#stale.add(id);
    }
    // A page that has just been opened knows no message by which it could tell the journal.
    if (this.messages.size === 0 && this.#read.started !== state.started) this.#read = {};
    this.#read.started = state.started;
    this.rooms = state.rooms;
    this.people = state.people;
    this.teams = state.teams;
    this.bot = state.bot;
    this.maxChars = state.max_text_chars;
    // At first somebody with a team: the others may not do much.
    const someone = this.people.find((person) => person.teams.length > 0) ?? this.people[0];
    if (!this.person(this.me)) this.me = someone?.id ?? null;
  }

  /** All that the server has is there. */
  setComplete() {
    // At first; what came while the connection was lost was seen by nobody.
    if (!this.complete) this.markSeen(this.messages.values());
    this.complete = true;
    for (const id of this.#stale) this.messages.delete(id);
    if (this.#stale.size > 0) this.#read = { started: this.#read.started };
    this.#stale.clear();
    // What stood there before this page was opened counts as read.
    for (const room of this.rooms) if (!(room.id in this.#read)) this.markRead(room.id);
  }

  /** Somebody looks at these messages of threads. */
  markSeen(messages) {
    for (const { thread, seq } of messages) {
      if (thread !== null && seq > (this.#seen.get(thread) ?? 0)) this.#seen.set(thread, seq);
    }
  }

  /** Whether a thread that nobody looks at calls the person one speaks as. */
  isCalledIn({ message, replies = [] }) {
    const seen = this.#seen.get(message.id) ?? 0;
    return replies.some((reply) => reply.seq > seen && this.callsMe(reply));
  }

  put(message) {
    this.#stale.delete(message.id);
    this.messages.set(message.id, message);
    if (message.author !== "wilco") return;
    // Whatever the bot says there answers what was pressed there.
    const thread = (of) => of.thread ?? of.id;
    for (const id of this.pressed.keys()) {
      if (thread(this.messages.get(id)) === thread(message)) this.pressed.delete(id);
    }
  }

  person(id) {
    return this.people.find((person) => person.id === id);
  }

  channels() {
    return this.rooms.filter((room) => room.owner === null);
  }

  /** The direct conversation of the person one speaks as. */
  direct() {
    return this.rooms.find((room) => room.owner === this.me);
  }

  room(id) {
    return this.rooms.find((room) => room.id === id);
  }

  /** Top-level messages of a room, oldest first, each with what is known of its thread. */
  inRoom(room) {
    const roots = [];
    const threads = new Map();
    for (const message of this.messages.values()) {
      if (message.room !== room) continue;
      if (message.thread === null) roots.push(message);
      else if (threads.has(message.thread)) threads.get(message.thread).push(message);
      else threads.set(message.thread, [message]);
    }
    return roots.sort(byTime).map((message) => {
      const replies = (threads.get(message.id) ?? []).sort(byTime);
      return { message, replies };
    });
  }

  /** A thread: its first message and the replies, oldest first. */
  inThread(root) {
    const all = [...this.messages.values()];
    return all.filter((message) => message.id === root || message.thread === root).sort(byTime);
  }

  /** Whether a message calls the person one speaks as. */
  callsMe(message) {
    const me = this.person(this.me);
    if (!me || message.author !== "wilco") return false;
    return message.mention === me.id || me.teams.some((team) => callsOut(message.text, team));
  }

  /** What a room holds that was not read: messages at its top level, and calls anywhere. */
  unread(room) {
    const read = this.#read[room] ?? 0;
    let count = 0;
    let calls = 0;
    for (const message of this.messages.values()) {
      if (message.room !== room || !(message.seq > read) || message.author.person === this.me) continue;
      if (this.callsMe(message)) calls++;
      if (message.thread === null) count++;
    }
    return { count: Math.max(count, calls), calls };
  }

  markRead(room) {
    let newest = this.#read[room] ?? 0;
    for (const message of this.messages.values()) {
      if (message.room === room && message.seq > newest) newest = message.seq;
    }
    if (newest === this.#read[room]) return;
    this.#read[room] = newest;
    sessionStorage.setItem(READ_KEY, JSON.stringify(this.#read));
  }
}

const byTime = (a, b) => a.at - b.at;

/** Whether `@name` stands in a text and does not go on as a longer name. */
export function callsOut(text, name) {
  for (let at = text.indexOf(`@${name}`); at >= 0; at = text.indexOf(`@${name}`, at + 1)) {
    if (!/^[\w-]/.test(text.slice(at + 1 + name.length))) return true;
  }
  return false;
}
