// More choices than buttons are good for.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fits, PHONE } from "../person.mjs";

/** Two functions that ask for one and for several of the demo's twelve applications. */
const LOOK = `
runbook: look
number: 1
title: { en: Look at one application, ko: 애플리케이션 하나 보기 }
aliases: [보기]
who: [devops]
ask:
  - name: app
    text: { en: Which application?, ko: 어떤 애플리케이션을 볼까요? }
    choices: argocd.applications
answer: { use: argocd.versions, with: { apps: "{{ [app] }}" } }
`;
const PROMOTE = `
runbook: promote
number: 2
title: { en: Promote applications, ko: 애플리케이션 승격 }
aliases: [승격]
who: [devops]
ask:
  - name: apps
    many: true
    text: { en: Which applications?, ko: 어떤 애플리케이션을 승격할까요? }
    choices: argocd.applications
plan: { use: argocd.diff, with: { apps: "{{ apps }}" } }
steps:
  - for_each: apps
    use: argocd.sync
    with: { app: "{{ item }}", revisions: "{{ plan[item].revisions }}" }
`;

export const tests = {
  async "one of twelve is chosen in a select, which is the same answer as its number"(world) {
    await withLists(world, async (url) => {
      const mina = await world.person({}, url);
      const asked = await begins(mina, "look", "Which application?");
      assert.equal(await asked.locator("option:enabled").count(), 12);
      assert.deepEqual(await asked.getByTestId("button").allTextContents(), ["Back", "Cancel"]);
      const submit = asked.getByRole("button", { name: "Choose" });
      assert.ok(await submit.isDisabled(), "nothing is chosen yet");
      await asked.locator("select").selectOption("3 gamedosi-web-stage");
      await mina.picture("select");
      const chosen = await mina.hears("gamedosi-web-stage", () => submit.click());
      const focused = await mina.page.evaluate(() => document.activeElement.dataset.testid);
      assert.equal(focused, "thread-composer", "one can write on");

      await begins(mina, "look", "Which application?");
      const typed = await mina.hears("gamedosi-web-stage", () => mina.reply("3"));
      assert.equal(await typed.locator(".content > .text").innerText(), await chosen.locator(".content > .text").innerText());
    });
  },

  async "several of twelve are ticked, which is the same answer as their numbers"(world) {
    await withLists(world, async (url) => {
      const mina = await world.person({}, url);
      const { page } = mina;
      const asked = await begins(mina, "promote", "Which applications?");
      assert.deepEqual(await asked.getByTestId("button").allTextContents(), ["All", "Back", "Cancel"]);
      // The keyboard alone: what is ticked first does not come first.
      await asked.getByLabel("5 portal").focus();
      await page.keyboard.press("Space");
      for (let step = 0; step < 3; step++) await page.keyboard.press("ArrowUp");
      await page.keyboard.press("Space");
      await page.locator("#language").click();
      await asked.getByRole("button", { name: "Choose 2" }).waitFor();
      await page.locator("#language").click();
      assert.ok(await asked.getByLabel("2 gamedosi-web", { exact: true }).isChecked(), "a redrawing keeps it");
      await mina.picture("ticks");
      await asked.getByLabel("2 gamedosi-web", { exact: true }).focus();
      const chosen = await mina.hears("please check", () => page.keyboard.press("Enter"));
      const readBack = await chosen.locator(".content > .text").innerText();
      assert.match(readBack, /gamedosi-web 3.*\n.*portal 5/);
      await mina.hears("belongs to an earlier question", () => asked.getByRole("button", { name: "Choose 2" }).click());

      await begins(mina, "promote", "Which applications?");
      const typed = await mina.hears("please check", () => mina.reply("2,5"));
      assert.equal(await typed.locator(".content > .text").innerText(), readBack);
    });
  },

  async "a plan too long to be read in a thread can be saved as a file"(world) {
    await withLists(world, async (url) => {
      const mina = await world.person({}, url);
      await begins(mina, "promote", "Which applications?");
      const plan = await mina.hears("please check", () => mina.reply("all"));
      await plan.locator("summary").click();
      await mina.picture("long-plan");
      const saved = mina.page.waitForEvent("download");
      await plan.getByTestId("save").click();
      const file = await saved;
      assert.match(file.suggestedFilename(), /^wilco-.*\.txt$/);
      const text = await readFile(await file.path(), "utf8");
      const shown = await plan.locator(".more .text").innerText();
      assert.ok(text.includes("main/argocd/portal"), text);
      assert.equal(text.trimEnd().split("\n").slice(-3).join("\n"), shown.trimEnd().split("\n").slice(-3).join("\n"));
      // A short one has no need of it.
      await begins(mina, "promote", "Which applications?");
      const short = await mina.hears("please check", () => mina.reply("5"));
      assert.equal(await short.getByTestId("save").count(), 0);
    });
  },

  async "on a phone a long list can be reached with a finger, in Korean"(world) {
    await withLists(world, async (url) => {
      const mina = await world.person({ ...PHONE, locale: "ko-KR" }, url);
      await mina.enter("배포");
      await mina.write("승격");
      await mina.thread.getByText("어떤 애플리케이션을 승격할까요?").waitFor();
      await fits(mina, PHONE.viewport.width);
      for (const tick of await mina.thread.locator(".ticks label").all()) {
        assert.ok((await tick.boundingBox()).height >= 40, await tick.innerText());
      }
      await mina.thread.getByText("3 gamedosi-web-stage", { exact: true }).tap();
      await mina.thread.getByText("4 matchmaking", { exact: true }).tap();
      await mina.picture("phone-ticks");
      await mina.hears("확인해 주세요", () => mina.button("2개 선택").tap());
      await mina.reply("보기");
      await mina.thread.getByText("어떤 애플리케이션을 볼까요?").waitFor();
      await fits(mina, PHONE.viewport.width);
      assert.ok((await mina.thread.locator("select").boundingBox()).height >= 40);
      await mina.picture("phone-select");
    });
  },
};

/** A demo with the two functions, and with twelve choices in one message. */
async function withLists(world, walk) {
  const runbooks = await mkdtemp(join(tmpdir(), "wilco-browser-"));
  try {
    await writeFile(join(runbooks, "look.yaml"), LOOK);
    await writeFile(join(runbooks, "promote.yaml"), PROMOTE);
    const demo = await world.demo({ runbooks, page: 12 });
    await walk(demo.url);
    await demo.stop();
  } finally {
    await rm(runbooks, { recursive: true, force: true });
  }
}

/** A new dialog in a thread of its own; gives the question. */
async function begins(person, command, question) {
  const asked = person.thread.locator("[data-author=wilco]").filter({ hasText: question });
  if (await person.thread.isVisible()) await person.page.getByTestId("close-thread").click();
  await person.write(command);
  await asked.waitFor();
  return asked;
}
