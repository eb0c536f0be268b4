// The switch at the top right: who one speaks as.

import { avatar } from "./message.js";
import { element } from "./text.js";

export class PersonSwitch {
  #button = document.getElementById("person");
  #list = document.getElementById("people");
  #model;
  #onChange;

  constructor(model, onChange) {
    this.#model = model;
    this.#onChange = onChange;
    this.#button.addEventListener("click", () => this.#toggle(this.#list.hidden));
    this.#button.addEventListener("keydown", (event) => {
      if (event.key !== "ArrowDown") return;
      event.preventDefault();
      this.#toggle(true);
    });
    this.#list.addEventListener("keydown", (event) => this.#move(event));
    document.addEventListener("click", (event) => {
      if (!event.target.closest(".switch")) this.#toggle(false);
    });
  }

  render() {
    const me = this.#model.person(this.#model.me);
    if (!me) return;
    this.#button.replaceChildren(...faceOf(me, this.#model), chevron());
    this.#list.replaceChildren(
      ...this.#model.people.map((person) => {
        const item = element("li", "", ...faceOf(person, this.#model));
        item.role = "option";
        item.tabIndex = -1;
        item.dataset.testid = `person-${person.id}`;
        item.setAttribute("aria-selected", person.id === me.id);
        item.addEventListener("click", () => this.#choose(person.id));
        item.addEventListener("keydown", (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          this.#choose(person.id);
        });
        return item;
      }),
    );
  }

  #choose(person) {
    this.#toggle(false);
    this.#onChange(person);
  }

  #toggle(open) {
    this.#list.hidden = !open;
    this.#button.setAttribute("aria-expanded", open);
    if (open) this.#list.querySelector("[aria-selected=true]")?.focus();
  }

  #move(event) {
    if (event.key === "Escape") {
      event.stopPropagation();
      this.#toggle(false);
      this.#button.focus();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const items = [...this.#list.children];
    const at = items.indexOf(document.activeElement) + step;
    items[(at + items.length) % items.length]?.focus();
  }
}

function faceOf(person, model) {
  const teams = element("span", "person-teams", person.teams.join(", "));
  const words = element("span", "person-words", element("span", "person-name", person.name), teams);
  return [avatar({ person: person.id }, model), words];
}

function chevron() {
  const mark = element("span", "chevron", "▾");
  mark.setAttribute("aria-hidden", "true");
  return mark;
}
