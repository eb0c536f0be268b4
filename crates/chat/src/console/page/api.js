// Talking to the server.

const HEADERS = { "Content-Type": "application/json", "X-Wilco-Console": "1" };
const RETRY_MS = [300, 1000, 2000, 4000];

/** A failure with the server's code; `offline` when there was no answer. */
export class Failure extends Error {
  constructor(code) {
    super(code);
    this.code = code;
  }
}

async function call(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Failure("offline");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Failure(body.error ?? String(response.status));
  return body;
}

const post = (path, body) =>
  call(path, { method: "POST", headers: HEADERS, body: JSON.stringify(body) });

export const fetchState = () => call("api/state");
export const fetchMessages = (after) => call(`api/messages?after=${after}`);
export const sendMessage = (message) => inOrder(() => post("api/messages", message));
export const sendPress = (press) => inOrder(() => post("api/press", press));

let before = Promise.resolve();

/** One after the other: what is typed quickly must not be heard in another order. */
function inOrder(send) {
  const sent = before.then(send);
  before = sent.catch(() => {});
  return sent;
}

/** Names something for ever, so that sending it again changes nothing. */
export function freshId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return "m" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Follows the server for ever: all that is there first, then what comes. After a lost connection it
 * goes on where it was.
 */
export async function follow({ onState, onMessage, onConnected, onLost }) {
  let started = null;
  let after = 0;
  for (let failures = 0; ; failures++) {
    try {
      const state = await fetchState();
      // Another server may have another journal: begin again.
      if (state.started !== started) after = 0;
      onState(state, state.started !== started);
      started = state.started;
      for (let page = [null]; page.length > 0; ) {
        page = await fetchMessages(after);
        for (const message of page) onMessage(message, false);
        after = page.at(-1)?.seq ?? after;
      }
      onConnected();
      failures = 0;
      await stream(after, (message) => {
        after = message.seq;
        onMessage(message, true);
      });
    } catch (failure) {
      if (!(failure instanceof Failure)) console.error(failure);
    }
    onLost();
    await new Promise((done) => setTimeout(done, RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]));
  }
}

/** Resolves when the stream ends. */
function stream(after, onMessage) {
  return new Promise((ended) => {
    const source = new EventSource(`api/events?after=${after}`);
    source.addEventListener("message", (event) => onMessage(JSON.parse(event.data)));
    source.addEventListener("error", () => {
      source.close();
      ended();
    });
  });
}
