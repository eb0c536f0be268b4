// What a person in front of the console does and sees.

import assert from "node:assert/strict";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const PATIENCE_MS = 15_000;
const DESKTOP = { viewport: { width: 1280, height: 800 } };
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };

/** Opens the Chromium of this machine. */
export function openBrowser() {
  const usual = ["chromium", "chromium-browser", "google-chrome"].map((name) => `/usr/bin/${name}`);
  const executablePath = process.env.CHROMIUM ?? usual.find(existsSync);
  // In a container there is no sandbox to be had, and no page but our own is opened.
  return chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
}

/** Somebody with a browser window. */
export class Person {
  /** What must never happen on the page: errors, dialogs, refused scripts. */
  faults = [];

  /** Opens an empty window; `options` are those of a browser context. */
  static async sitDown(browser, options = {}) {
    const person = new Person();
    person.context = await browser.newContext({ locale: "en-US", ...DESKTOP, ...options });
    person.context.setDefaultTimeout(PATIENCE_MS);
    const page = await person.context.newPage();
    person.page = page;
    page.on("pageerror", (error) => person.faults.push(String(error)));
    page.on("dialog", (dialog) => {
      person.faults.push(`dialog: ${dialog.message()}`);
      return dialog.dismiss();
    });
    page.on("console", (line) => {
      if (/Content Security Policy|Uncaught/.test(line.text())) person.faults.push(line.text());
    });
    return person;
  }

  /** Opens the console, and waits until it shows all there is. */
  async open(url) {
    await this.page.goto(url);
    await this.isConnected();
  }

  get thread() {
    return this.page.getByTestId("thread");
  }

  get room() {
    return this.page.locator("#room-pane");
  }

  isConnected() {
    return this.page.locator("body[data-connected=yes]").waitFor();
  }

  /** Writes at the top level of the room. */
  async write(text) {
    await this.page.getByTestId("composer").fill(text);
    await this.page.getByTestId("composer").press("Enter");
  }

  /** Writes under the open thread. */
  async reply(text) {
    await this.page.getByTestId("thread-composer").fill(text);
    await this.page.getByTestId("thread-composer").press("Enter");
  }

  /** Presses the newest button of that name in the thread. */
  async press(name) {
    await this.button(name).click();
  }

  /** The newest button of that name in the thread. */
  button(name) {
    return this.thread.getByRole("button", { name, exact: true }).last();
  }

  /** Does something, and waits until the bot says these words in the thread once more than before. */
  async hears(words, act) {
    const heard = this.thread.locator("[data-author=wilco]").filter({ hasText: words });
    const before = await heard.count();
    await act();
    await heard.nth(before).waitFor();
    return heard.nth(before);
  }

  async enter(room) {
    if (!(await this.page.getByTestId(`room-${room}`).isVisible())) await this.page.locator("#menu").click();
    await this.page.getByTestId(`room-${room}`).click();
  }

  async become(name) {
    await this.page.getByTestId("person-switch").click();
    await this.page.getByTestId(`person-${name}`).click();
  }

  /** A picture, where `PICTURES` names a folder. */
  async picture(name) {
    const folder = process.env.PICTURES;
    if (!folder) return;
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`) });
  }
}

/** Nothing sticks out at the side, and what is to be pressed is large enough. */
export async function fits(person, width) {
  // What slides away is gone when it has slid.
  await person.page.evaluate(() => Promise.allSettled(document.getAnimations().map((it) => it.finished)));
  const across = await person.page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(across <= width, `the page is ${across} wide`);
  for (const button of await person.page.locator("button:visible").all()) {
    const box = await button.boundingBox();
    const what = `${await button.textContent()} ${JSON.stringify(box)}`;
    assert.ok(box.x >= 0 && box.x + box.width <= width, `cut: ${what}`);
    if ((await button.getAttribute("data-testid")) !== "button") continue;
    assert.ok(box.height >= 40, `too small for a finger: ${what}`);
    assert.ok(await button.evaluate((it) => it.scrollWidth <= it.clientWidth), `label cut: ${what}`);
  }
}
