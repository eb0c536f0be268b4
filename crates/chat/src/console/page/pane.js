// A list of messages that follows its end, with a composer: the room, and the thread.

import { renderMessage } from "./message.js";
import { element } from "./text.js";
import { currentLanguage, dayOf } from "./words.js";

/** How long messages of one writer stand together without a new head. */
const GROUP_MS = 5 * 60 * 1000;
const NEAR_PX = 80;

export class Pane {
  #log;
  #jump;
  #shown = new Map();
  /** How many messages stand there; `#shown` has the lines between them too. */
  #count = 0;
  #place = null;
  /** What somebody unfolded. */
  #open = new Set();

  constructor(root) {
    this.root = root;
    this.#log = root.querySelector(".log");
    this.#jump = root.querySelector(".jump");
    this.#jump.addEventListener("click", () => this.#toEnd("smooth"));
    this.#log.addEventListener("scroll", () => {
      if (this.#atEnd) this.#jump.hidden = true;
    });
    // When the composer or the window changes its height, the end stays in sight.
    new ResizeObserver(() => this.#follows && this.#toEnd()).observe(this.#log);
    this.#log.addEventListener("scrollend", () => (this.#follows = this.#atEnd));
    this.#log.addEventListener("wheel", () => (this.#follows = false), { passive: true });
    this.#log.addEventListener("touchmove", () => (this.#follows = false), { passive: true });
  }

  #follows = true;

  /**
   * Shows these items. Only what changed is drawn again, so that a selection, an open "more" or the
   * focus in the rest is not lost.
   */
  render(place, items, { model, actions, welcome, divider }) {
    const moved = place !== this.#place;
    const grown = items.length > this.#count && !moved;
    this.#count = items.length;
    // Whoever has just written something wants to see it, and the answer.
    const follow = moved || this.#atEnd || (grown && Boolean(items.at(-1).message.pending));
    if (moved) this.#shown.clear();
    this.#place = place;

    const nodes = [];
    const shown = new Map();
    let before = null;
    if (welcome) nodes.push(welcome());
    items.forEach((item, index) => {
      const { message } = item;
      const newDay = !before || new Date(before.at).toDateString() !== new Date(message.at).toDateString();
      if (newDay && !divider) nodes.push(this.#line(shown, `day ${dayOf(message.at)}`, dayOf(message.at)));
      const grouped =
        !newDay &&
        !(divider && index === 1) &&
        sameWriter(before, message) &&
        message.at - before.at < GROUP_MS &&
        (before.thread !== null || items[index - 1].replies === undefined || items[index - 1].replies.length === 0);
      const look = JSON.stringify([
        currentLanguage(), model.me, grouped, message.seq, message.pending, message.failed, model.pressed.get(message.id),
        item.replies?.length, item.replies?.at(-1)?.at, actions.isOpen(message.id), model.isCalledIn(item),
      ]);
      const known = this.#shown.get(message.id);
      const node =
        known?.look === look
          ? known.node
          : renderMessage(item, { model, grouped, actions, open: this.#open });
      shown.set(message.id, { look, node });
      nodes.push(node);
      if (divider && index === 0 && items.length > 1) {
        nodes.push(this.#line(shown, "divider", divider(items.length - 1)));
      }
      before = message;
    });
    this.#shown = shown;
    replaceChildren(this.#log, nodes);
    if (follow) this.#toEnd();
    else if (grown) this.#jump.hidden = false;
  }

  #line(shown, key, text) {
    const known = this.#shown.get(key);
    const node = known?.look === text ? known.node : element("div", "line", element("span", "", text));
    shown.set(key, { look: text, node });
    return node;
  }

  get #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#log;
    return scrollHeight - scrollTop - clientHeight < NEAR_PX;
  }

  #toEnd(behavior = "instant") {
    this.#follows = true;
    this.#jump.hidden = true;
    this.#log.scrollTo({ top: this.#log.scrollHeight, behavior });
  }
}

const sameWriter = (a, b) =>
  a !== null && (a.author === b.author || (a.author.person !== undefined && a.author.person === b.author.person));

/** Like `replaceChildren`, but leaves alone what stands where it should. */
function replaceChildren(parent, nodes) {
  let at = parent.firstChild;
  for (const node of nodes) {
    if (node === at) at = at.nextSibling;
    else parent.insertBefore(node, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
