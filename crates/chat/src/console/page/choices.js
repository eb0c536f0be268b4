// What can be pressed under a message: buttons, or one control where there are many choices.

import { element, harmless } from "./text.js";
import { say } from "./words.js";

/** More choices than these are one control: nobody reads thirty buttons, least of all on a phone. The menu of
 * the shipped functions stays one of buttons; where several may be chosen, ticks come earlier, because a button is only one. */
const MOST_BUTTONS = 11;
const MOST_BUTTONS_OF_SEVERAL = 5;

/** After a press all of them wait for the answer. */
export function choicesOf(message, model, actions) {
  const row = element("div", "buttons");
  const items = message.buttons.filter(({ kind }) => kind === "item");
  const several = message.buttons.some(({ kind }) => kind === "all");
  const one = items.length > (several ? MOST_BUTTONS_OF_SEVERAL : MOST_BUTTONS);
  if (one) row.append(controlOf(message, items, model, actions));
  for (const button of message.buttons) {
    if (!one || button.kind !== "item") row.append(buttonOf(button, message, model, actions));
  }
  return row;
}

function buttonOf({ label, style, token }, message, model, actions) {
  const button = element("button", `choice ${style}`, harmless(label));
  button.type = "button";
  button.dataset.testid = "button";
  waits(button, message, model, [token]);
  button.addEventListener("click", () => actions.press(message, [token]));
  return button;
}

/** While an answer is waited for nothing can be pressed, and what was pressed shows it. */
function waits(button, message, model, tokens) {
  const pressed = model.pressed.get(message.id);
  button.disabled = pressed !== undefined || tokens.length === 0;
  if (pressed && tokens.length > 0 && pressed.join() === tokens.join()) button.setAttribute("aria-busy", "true");
}

/** A select, or a box of ticks where several may be chosen; what is chosen outlives a redrawing. */
function controlOf(message, items, model, actions) {
  const many = message.buttons.some(({ kind }) => kind === "all");
  // It stands among the words of the bot, so it speaks the language of these.
  const korean = message.buttons.some(({ kind, label }) => kind !== "item" && /\p{Script=Hangul}/u.test(label));
  const words = (name, values) => say(name, values, korean ? "ko" : "en");
  const form = element("form", many ? "pick many" : "pick");
  form.dataset.testid = "pick";
  const submit = element("button", "choice primary");
  const chosen = () => model.picked.get(message.id) ?? [];
  const show = () => {
    const { length } = chosen();
    submit.textContent = many && length > 0 ? words("choose_n", { n: length }) : words("choose");
    waits(submit, message, model, chosen());
  };
  const pick = (tokens) => {
    model.picked.set(message.id, tokens);
    show();
  };
  const field = many ? ticksOf(items, chosen(), pick) : selectOf(items, chosen(), pick, words);
  if (many) field.setAttribute("aria-label", words("choose_several"));
  const busy = model.pressed.has(message.id);
  for (const input of many ? field.querySelectorAll("input") : [field]) input.disabled = busy;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!submit.disabled) actions.press(message, chosen());
  });
  show();
  form.append(field, submit);
  return form;
}

function selectOf(items, [chosen], pick, words) {
  const option = (label, value) => {
    const made = element("option", "", label);
    made.value = value;
    made.selected = value === (chosen ?? "");
    return made;
  };
  const prompt = option(words("choose_one", { n: items.length }), "");
  prompt.disabled = true;
  const select = element("select", "", prompt, ...items.map(({ label, token }) => option(harmless(label), token)));
  select.setAttribute("aria-label", prompt.textContent);
  select.addEventListener("change", () => pick([select.value]));
  return select;
}

/** In the order of the list, whatever was ticked first. */
function ticksOf(items, chosen, pick) {
  const box = element("div", "ticks");
  box.role = "group";
  const ticks = items.map(({ label, token }) => {
    const tick = element("input");
    tick.type = "checkbox";
    tick.value = token;
    tick.checked = chosen.includes(token);
    box.append(element("label", "", tick, element("span", "", harmless(label))));
    return tick;
  });
  box.addEventListener("change", () => pick(ticks.filter((tick) => tick.checked).map((tick) => tick.value)));
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    ticks[ticks.indexOf(event.target) + step]?.focus();
  });
  return box;
}
