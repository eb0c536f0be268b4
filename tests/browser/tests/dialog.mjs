// Answers and buttons that do not fit.

import assert from "node:assert/strict";

/** Sooner than buttons come back without an answer. */
const SOON_MS = 4000;

export const tests = {
  async "a wrong answer gets the reason and the question again"(world) {
    const mina = await atRepositories(world);
    const unknown = await mina.hears("There is no banana", () => mina.reply("banana"));
    assert.match(await unknown.innerText(), /Which repository\?/);
    await mina.hears("There is no number 99", () => mina.reply("99"));
    await mina.hears("Which applications?", () => mina.reply("2"));
    await mina.picture("wrong-answers");
  },

  async "old buttons and other people's buttons say so"(world) {
    const mina = await atRepositories(world);
    await mina.hears("belongs to an earlier question", () => mina.press("1 Versions of applications"));
    await mina.become("yuri");
    await mina.hears("This dialog belongs to Mina", () => mina.press("1 game-services"));
    await mina.become("mina");
    await mina.hears("Nothing was started", () => mina.press("Cancel"));
    await mina.hears("That dialog is over", () => mina.press("2 Deploy applications"));
    await mina.picture("old-buttons");
  },

  async "after a press the buttons wait for the answer"(world) {
    const mina = await atRepositories(world);
    let goOn;
    const gate = new Promise((open) => (goOn = open));
    await mina.page.route("**/api/press", async (route) => {
      await gate;
      await route.continue();
    });
    const question = mina.thread.locator("[data-author=wilco]").filter({ hasText: "Which repository?" });
    await mina.press("3 wallet");
    await question.locator("button[aria-busy=true]").filter({ hasText: "3 wallet" }).waitFor();
    assert.equal(await question.locator(".choice:enabled").count(), 0);
    await mina.picture("waiting-buttons");
    await mina.hears("Which applications?", goOn);
    await question.locator(".choice:enabled").first().waitFor({ timeout: SOON_MS });

    await mina.page.unroute("**/api/press");
    await mina.page.route("**/api/press", (route) => route.abort());
    await mina.press("Back");
    await mina.thread.getByText("Wilco does not answer").waitFor();
    assert.ok(await mina.button("Back").isEnabled(), "a press that failed can be tried again");
  },
};

/** Mina, asked for a repository. */
async function atRepositories(world) {
  const mina = await world.person();
  await mina.write("help");
  await mina.hears("Which repository?", () => mina.press("2 Deploy applications"));
  return mina;
}
