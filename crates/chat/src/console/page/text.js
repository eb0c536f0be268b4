// Text into nodes. Everything goes in as text, never as markup: names and messages of tools come
// from outside. `code`, **bold**, addresses, calls of people and rooms get a look; in what the bot
// says also environments, marks and numbers at the beginning of a line.

const INLINE = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|(https?:\/\/[^\s<>"'`]+)|@([\p{L}\p{N}][\p{L}\p{N}_-]*)|(?<![\p{L}\p{N}])(#[\p{L}\p{N}_-]+)/gu;
/** Characters that turn the direction of what follows could make a plan read as another one. */
const TURNING = /[\u202a-\u202e\u2066-\u2069]/g;
const NUMBERED = /^(\s*)(\d{1,4})([.)])(?=\s)/;
const ENVIRONMENTS = /^\[([\p{L}\p{N}_-]+(?:, [\p{L}\p{N}_-]+)*)\](?=\s)/u;
const PRODUCTION = ["production", "운영"];
/** Done, failed, going on, not yet. */
const MARKED = /^([✓✗▸·])(?=\s)/;
const MARKS = { "✓": "good", "✗": "bad", "▸": "going", "·": "later" };

export const harmless = (text) => text.replace(TURNING, "\ufffd");

export function element(tag, classes, ...children) {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** `model` knows whose names are names; only what the bot says has a layout of its own. */
export function renderText(text, model, { byBot }) {
  const nodes = [];
  for (const line of harmless(text).split("\n")) {
    const row = byBot ? rowOf(line, model) : null;
    // A row begins and ends a line by itself.
    if (nodes.length > 0 && !row && !isRow(nodes.at(-1))) nodes.push("\n");
    nodes.push(...(row ? [row] : byBot ? withBadges(line, model) : inline(line, model)));
  }
  return nodes;
}

const isRow = (node) => node.classList?.contains("row");

/** A line of a list, whose second line stands under its first word. */
function rowOf(line, model) {
  const number = NUMBERED.exec(line);
  const mark = number ?? MARKED.exec(line);
  if (!mark) return null;
  const rest = inline(line.slice(mark[0].length), model);
  if (!number) return element("span", "row", element("span", `mark ${MARKS[mark[1]]}`, mark[1]), ...rest);
  const dot = element("span", "unseen", number[3]);
  return element("span", "row numbered", number[1], element("span", "number", number[2], dot), ...rest);
}

function withBadges(line, model) {
  const environments = ENVIRONMENTS.exec(line);
  if (!environments) return inline(line, model);
  const badges = environments[1].split(", ").flatMap((name, index) => {
    const badge = element("span", PRODUCTION.includes(name) ? "badge danger" : "badge", name);
    return index > 0 ? [" ", badge] : [badge];
  });
  return [...badges, ...inline(line.slice(environments[0].length), model)];
}

function inline(line, model) {
  const nodes = [];
  let done = 0;
  for (const found of line.matchAll(INLINE)) {
    const node = styled(found, line, model);
    if (!node) continue;
    nodes.push(line.slice(done, found.index), node.element);
    done = found.index + node.length;
  }
  nodes.push(line.slice(done));
  return nodes;
}

function styled(found, line, model) {
  const [whole, code, bold, address, name, room] = found;
  if (code) return { element: element("code", "", code), length: whole.length };
  if (bold) return { element: element("strong", "", bold), length: whole.length };
  if (address) {
    // The full stop after an address belongs to the sentence.
    const clean = address.replace(/[.,;:!?)\]]+$/, "");
    const link = element("a", "", clean);
    link.href = clean;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    return { element: link, length: clean.length };
  }
  if (room) {
    if (!model.room(room)) return null;
    const link = element("button", "link inline", room);
    link.type = "button";
    link.dataset.room = room;
    return { element: link, length: whole.length };
  }
  if (found.index > 0 && /[\p{L}\p{N}]/u.test(line[found.index - 1])) return null;
  const known = knownName(name, model);
  return known && { element: callOf(known, model), length: known.length + 1 };
}

/** The longest name that a call begins with: in `@mina님` it is mina. */
function knownName(name, model) {
  const names = [
    model.bot.handle,
    ...model.people.flatMap((person) => [person.id, person.name]),
    ...model.teams,
  ];
  return names
    .filter((known) => name.startsWith(known) && !/^[\w-]/.test(name.slice(known.length)))
    .sort((a, b) => b.length - a.length)[0];
}

/** A call, louder when it calls the person one speaks as. */
export function callOf(name, model) {
  const me = model.person(model.me);
  const mine = me && (name === me.id || name === me.name || me.teams.includes(name));
  return element("span", mine ? "call mine" : "call", `@${name}`);
}
