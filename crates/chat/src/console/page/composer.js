// Where one writes. Drafts are kept per place.

/**
 * `onSend(text)` gets what was written; `limit()` is the longest text. Enter sends, except while a
 * Korean syllable or another composition is not finished; Shift+Enter begins a new line.
 */
export class Composer {
  #form;
  #area;
  #problem;
  #drafts = new Map();
  #place = null;

  constructor(form, { onSend, limit, tooLong }) {
    this.#form = form;
    this.#area = form.querySelector("textarea");
    this.#problem = form.querySelector(".problem");
    this.#area.addEventListener("input", () => this.#resize());
    this.#area.addEventListener("keydown", (event) => {
      // Safari ends the composition before the key event: 229 is its way of saying so.
      const composing = event.isComposing || event.keyCode === 229;
      if (event.key !== "Enter" || event.shiftKey || composing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = this.#area.value.trim();
      if (!text) return;
      // Characters as the server counts them, not UTF-16 units.
      if ([...text].length > limit()) return this.complain(tooLong());
      this.complain("");
      this.#area.value = "";
      this.#resize();
      this.focus();
      onSend(text);
    });
    form.querySelector(".field").addEventListener("click", (event) => {
      if (event.target === event.currentTarget) this.#area.focus();
    });
    this.#resize();
  }

  /** Writes for another place from now on. */
  show(place, placeholder) {
    this.#area.placeholder = placeholder;
    this.#area.setAttribute("aria-label", placeholder);
    if (place === this.#place) return;
    if (this.#place !== null) this.#drafts.set(this.#place, this.#area.value);
    this.#place = place;
    this.#area.value = this.#drafts.get(place) ?? "";
    this.complain("");
    this.#resize();
  }

  complain(text) {
    this.#problem.textContent = text;
    this.#problem.hidden = !text;
  }

  get isEmpty() {
    return this.#area.value.trim() === "";
  }

  get hasFocus() {
    return document.activeElement === this.#area;
  }

  /** A touch screen would bring up its keyboard: there, people tap. */
  focus() {
    if (!matchMedia("(pointer: coarse)").matches || this.hasFocus) this.#area.focus();
  }

  #resize() {
    this.#area.style.height = "auto";
    this.#area.style.height = `${this.#area.scrollHeight}px`;
    this.#form.classList.toggle("filled", !this.isEmpty);
  }
}
