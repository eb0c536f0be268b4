// One message on the page.

import { choicesOf } from "./choices.js";
import { callOf, element, harmless, renderText } from "./text.js";
import { say, timeOf } from "./words.js";

/** Longer texts are folded: lines, characters. */
const FOLD = { lines: 40, chars: 2500 };
/** From how many lines on what stands behind "more" may be wanted as a file. */
const FILE_LINES = 20;
const HUES = 8; // as many as style.css has

export function avatar(author, model) {
  if (author === "wilco") {
    const icon = element("img", "avatar");
    icon.src = "icon.svg";
    icon.alt = "";
    return icon;
  }
  const name = model.person(author.person)?.name ?? author.person;
  const hue = Math.max(0, model.people.findIndex((person) => person.id === author.person)) % HUES;
  const face = element("span", `avatar hue-${hue}`, [...name][0].toUpperCase());
  face.setAttribute("aria-hidden", "true");
  return face;
}

/**
 * `grouped` leaves out the head when the one before is of the same writer; `replies` are shown as a
 * summary that opens the thread.
 */
export function renderMessage({ message, replies = [] }, { model, grouped, actions, open }) {
  const byBot = message.author === "wilco";
  const name = byBot ? model.bot.name : (model.person(message.author.person)?.name ?? message.author.person);
  const article = element("article", "message");
  article.classList.toggle("grouped", grouped);
  article.classList.toggle("bot", byBot);
  article.classList.toggle("pending", Boolean(message.pending));
  article.classList.toggle("asks", (message.buttons ?? []).length > 0);
  article.classList.toggle("mine", model.callsMe(message));
  article.dataset.testid = "message";
  article.dataset.id = message.id;
  article.dataset.author = byBot ? "wilco" : message.author.person;

  const time = element("time", "", timeOf(message.at));
  time.dateTime = new Date(message.at).toISOString();
  const body = element("div", "body");
  if (!grouped) {
    const badge = byBot ? element("span", "app", say("app")) : null;
    body.append(element("div", "head", element("span", "name", name), badge, time));
  }
  const content = element("div", byBot ? "content card" : "content");
  content.append(...contentOf(message, { model, actions, open }, byBot));
  if ((message.buttons ?? []).length > 0) content.append(choicesOf(message, model, actions));
  body.append(content);
  if (message.failed) body.append(failedOf(message, actions));
  if (replies.length > 0) body.append(summaryOf(message, replies, model, actions));
  article.append(element("div", "gutter", grouped ? time : avatar(message.author, model)), body);
  return article;
}

function contentOf(message, { model, actions, open }, byBot) {
  const text = element("div", "text");
  text.dir = "auto";
  if (message.mention) {
    text.append(callOf(model.person(message.mention)?.name ?? message.mention, model), " ");
  }
  text.append(...renderText(message.text, model, { byBot }));
  const nodes = [text];
  if (message.text.length > FOLD.chars || message.text.split("\n").length > FOLD.lines) {
    nodes.push(foldOf(text, message, open));
  }
  if (message.more) nodes.push(moreOf(message, model, open));
  const room = message.leads_to && model.room(message.leads_to.room);
  if (room && (room.owner === null || room.owner === model.me)) nodes.push(wayOf(message.leads_to, actions));
  return nodes;
}

/** Opens the thread where more of it stands. */
function wayOf({ room, thread }, actions) {
  const button = element("button", "link", `→ ${harmless(room)}: ${say("thread")}`);
  button.type = "button";
  button.dataset.testid = "way";
  button.addEventListener("click", () => actions.goTo(room, thread));
  return button;
}

/** A long text, folded until somebody wants to read it. */
function foldOf(text, message, open) {
  const key = `${message.id} text`;
  const button = element("button", "link");
  button.type = "button";
  const show = () => {
    text.classList.toggle("folded", !open.has(key));
    button.textContent = say(open.has(key) ? "less" : "more");
    button.setAttribute("aria-expanded", open.has(key));
  };
  button.addEventListener("click", () => {
    if (!open.delete(key)) open.add(key);
    show();
  });
  show();
  return button;
}

function moreOf(message, model, open) {
  const details = element("details", "more");
  const text = element("div", "text", ...renderText(message.more, model, { byBot: true }));
  text.dir = "auto";
  details.append(element("summary", "", say("more")), text);
  if (message.more.split("\n").length > FILE_LINES) details.append(fileOf(message));
  details.open = open.has(message.id);
  details.addEventListener("toggle", () => {
    if (!details.open) open.delete(message.id);
    else if (!open.has(message.id)) {
      open.add(message.id);
      details.closest(".message").scrollIntoView({ block: "nearest" });
    }
  });
  return details;
}

/** What is too long to be read in a thread, as a file. It is made when it is wanted. */
function fileOf(message) {
  const link = element("a", "link", say("save"));
  link.dataset.testid = "save";
  link.download = `wilco-${message.id.replace(/[^\w.-]+/g, "-")}.txt`;
  link.href = "#";
  link.addEventListener("click", () => {
    const text = `${message.text}\n\n${message.more}\n`;
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });
  return link;
}

function failedOf(message, actions) {
  const retry = element("button", "link", say("retry"));
  retry.type = "button";
  retry.addEventListener("click", () => actions.send(message));
  return element("p", "failed", `${say("not_sent")} `, retry);
}

function summaryOf(message, replies, model, actions) {
  const faces = element("span", "faces");
  const writers = new Map(replies.map(({ author }) => [author.person ?? "", author]));
  faces.append(...[...writers.values()].slice(0, 4).map((author) => avatar(author, model)));
  const count = replies.length === 1 ? say("one_reply") : say("replies", { n: replies.length });
  const last = say("last_reply", { time: timeOf(replies.at(-1).at) });
  const button = element("button", "replies", faces, element("b", "", count), element("span", "quiet", last));
  button.type = "button";
  button.dataset.testid = "replies";
  button.addEventListener("click", () => actions.openThread(message.id));
  if (actions.isOpen(message.id)) button.classList.add("open");
  if (model.isCalledIn({ message, replies })) {
    button.classList.add("calls");
    button.append(element("span", "count calls", say("calls_you")));
  }
  return button;
}
