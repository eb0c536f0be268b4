// What somebody in a hurry runs into.

import assert from "node:assert/strict";

/** More than fits on the screen. */
const LINES = 30;

export const tests = {
  async "one's own message is seen, others' are told of, wherever one has scrolled to"(world) {
    const mina = await world.person();
    await mina.enter("wallet");
    for (let line = 1; line <= LINES; line++) await mina.write(`number ${line} of many`);
    await mina.room.locator(".pending").first().waitFor({ state: "detached" });
    await toTop(mina);
    await mina.write("and now this");
    await inSight(mina.room.getByText("and now this"));

    await toTop(mina);
    const sora = await world.person();
    await sora.become("sora");
    await sora.enter("wallet");
    await sora.write("did you see this?");
    await mina.page.getByTestId("composer").fill("a\nlong\ndraft\nof\nsix\nlines");
    const jump = mina.room.getByRole("button", { name: "New messages" });
    await jump.waitFor();
    const [button, composer] = [await jump.boundingBox(), await mina.room.locator(".field").boundingBox()];
    assert.ok(button.y + button.height <= composer.y, "it does not cover what one writes");
    await mina.picture("jump");
    await jump.click();
    await inSight(mina.room.getByText("did you see this?"));
    await jump.waitFor({ state: "hidden" });
  },

  async "what is typed quickly is heard in the order in which it was typed"(world) {
    const mina = await world.person();
    await mina.enter("wallet");
    let goOn;
    const gate = new Promise((open) => (goOn = open));
    let asked = 0;
    await mina.page.route("**/api/messages", async (route) => {
      asked++;
      if (asked === 1) await gate;
      await route.continue();
    });
    await mina.write("first of two");
    await mina.write("second of two");
    await mina.page.evaluate(() => fetch("api/state").then((answer) => answer.text()));
    assert.equal(asked, 1, "the second one waits for the first");
    goOn();
    await mina.room.locator(".pending").first().waitFor({ state: "detached" });
    const said = await mina.room.getByText(/of two$/).allTextContents();
    assert.deepEqual(said, ["first of two", "second of two"]);
  },

  async "a thread is open again when one comes back to its room"(world) {
    const mina = await world.person();
    await mina.write("help");
    await mina.hears("Which repository?", () => mina.press("2 Deploy applications"));
    await mina.enter("deploy-notice");
    await mina.thread.waitFor({ state: "hidden" });
    await mina.enter("deploy");
    await mina.thread.getByText("Which repository?").waitFor();
    await mina.page.waitForFunction(() => document.activeElement.dataset.testid === "thread-composer");
    await mina.hears("Nothing was started", () => mina.reply("cancel"));
  },

  async "a closed thread that calls says so in the room, until it is looked at"(world) {
    const [mina, sora] = [await world.person(), await world.person()];
    await sora.become("sora");
    await mina.write("deploy gamedosi-api");
    await mina.hears("approval wanted", () => mina.press("Yes, ask for approval"));
    const replies = sora.room.getByTestId("replies").last();
    await replies.getByText("calls you").waitFor();
    await sora.picture("called");
    await replies.click();
    await sora.thread.getByText("approval wanted").waitFor();
    await replies.getByText("calls you").waitFor({ state: "detached" });
    await sora.page.getByTestId("close-thread").click();
    assert.equal(await sora.room.getByText("calls you").count(), 0, "it was seen");
    await mina.hears(/r\d+ (was )?cancelled|Cancelled/, () => mina.reply("cancel"));
  },

  async "whoever just types means the composer, with a Korean keyboard too"(world) {
    const mina = await world.person();
    await mina.enter("wallet");
    const session = await mina.context.newCDPSession(mina.page);
    const focused = () => mina.page.evaluate(() => document.activeElement.dataset.testid ?? "");
    await mina.page.evaluate(() => document.activeElement.blur());
    assert.equal(await focused(), "");
    // On Windows the key of a syllable has no letter.
    await session.send("Input.dispatchKeyEvent", { type: "rawKeyDown", key: "Process", windowsVirtualKeyCode: 229 });
    assert.equal(await focused(), "composer");
  },
};

async function toTop(person) {
  const log = person.room.locator(".log");
  await log.hover();
  await person.page.mouse.wheel(0, -10_000);
  await log.evaluate((it) => it.scrollTo(0, 0));
}

/** Waits until it is where one looks. It may be drawn anew meanwhile, so it is looked up each time. */
async function inSight(message) {
  const seen = (it) => {
    const box = it.getBoundingClientRect();
    const log = it.closest(".log")?.getBoundingClientRect();
    return log !== undefined && box.top >= log.top && box.bottom <= log.bottom;
  };
  await message.waitFor();
  for (let frame = 0; !(await message.evaluate(seen)); frame += 1) {
    assert.ok(frame < 600, "it does not come into sight");
    await message.page().evaluate(() => new Promise(requestAnimationFrame));
  }
}
