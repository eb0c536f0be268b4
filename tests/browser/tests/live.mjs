// What changes elsewhere, and what happens when the server dies.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const tests = {
  async "a second window sees everything without a reload"(world) {
    const [mina, sora] = [await world.person(), await world.person()];
    await sora.become("sora");
    await sora.page.evaluate(() => (window.notReloaded = true));
    await mina.enter("wallet");
    await mina.write("is the new limit live? @Sora");
    await sora.page.getByTestId("room-wallet").locator(".count").waitFor();
    await sora.enter("wallet");
    await sora.room.getByText("is the new limit live?").waitFor();
    await sora.room.locator(".call.mine", { hasText: "@Sora" }).waitFor();

    await mina.write("help");
    await sora.room.getByTestId("replies").click();
    await sora.thread.getByText("What can I do for you?").waitFor();
    await mina.hears("Which repository?", () => mina.press("2 Deploy applications"));
    await sora.thread.getByText("Which repository?").waitFor();
    await sora.reply("let us wait for Sejun");
    await mina.thread.getByText("let us wait for Sejun").waitFor();
    assert.ok(await sora.page.evaluate(() => window.notReloaded));
    await sora.picture("second-window");
    await sora.page.reload();
    await sora.isConnected();
    await sora.thread.getByText("let us wait for Sejun").waitFor();
    assert.match(await sora.page.getByTestId("person-switch").innerText(), /Sora/, "a reload changes nothing");
  },

  async "after kill -9 and a new start the page comes back by itself and the dialog goes on"(world) {
    const folder = await mkdtemp(join(tmpdir(), "wilco-browser-"));
    try {
      const store = `sqlite:${join(folder, "wilco.db")}`;
      const first = await world.demo({ store });
      const mina = await world.person({}, first.url);
      await mina.page.evaluate(() => (window.notReloaded = true));
      await mina.write("help");
      await mina.hears("Which repository?", () => mina.press("2 Deploy applications"));

      await first.kill();
      await mina.page.locator("#lost").waitFor();
      await mina.reply("3");
      await mina.thread.getByText("Not sent.").waitFor();
      await mina.picture("lost");

      const second = await world.demo({ listen: first.listens, store });
      await mina.isConnected();
      await mina.page.locator("#lost").waitFor({ state: "hidden" });
      await mina.hears("Which applications?", () => mina.press("Try again"));
      await mina.hears("please check", () => mina.reply("2"));
      assert.equal(await mina.thread.getByText("Which repository?").count(), 1, "nothing is said twice");
      assert.ok(await mina.page.evaluate(() => window.notReloaded));
      await mina.picture("after-restart");
      await mina.context.close();
      await second.stop();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
