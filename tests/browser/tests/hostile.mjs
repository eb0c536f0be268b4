// Texts and requests that mean no good.

import assert from "node:assert/strict";
import { request } from "node:http";

const MAX_CHARS = 40_000;

export const tests = {
  async "markup, calls of everybody and turned text are shown as text"(world) {
    const yuri = await world.person();
    await yuri.become("yuri");
    await yuri.enter("wallet");
    const image = `<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>`;
    await yuri.write(image);
    await yuri.room.getByText(image, { exact: true }).waitFor();
    await yuri.write("<!channel> <!here> @everyone [a](javascript:window.hurt=1) <b>bold</b>");
    await yuri.room.getByText("<!channel> <!here>").waitFor();
    await yuri.write("pay \u202Eyako\u202C now");
    await yuri.room.getByText("pay \uFFFDyako\uFFFD now").waitFor();

    // The bot repeats what it was told.
    await yuri.write("help");
    await yuri.thread.getByText("What can I do for you?").waitFor();
    await yuri.hears("Which repository?", () => yuri.press("1 Versions of applications"));
    await yuri.hears("<img src=x", () => yuri.reply(`<img src=x onerror=window.hurt=1>`));
    const inside = yuri.page.locator(".text img, .text script, .text b, .text a[href^=javascript]");
    assert.equal(await inside.count(), 0);
    assert.equal(await yuri.page.evaluate(() => window.hurt), undefined);
    await yuri.picture("hostile");
  },

  async "the longest text is folded, a longer one is refused with the reason"(world) {
    const yuri = await world.person();
    await yuri.become("yuri");
    await yuri.enter("wallet");
    await yuri.write("가".repeat(MAX_CHARS));
    const long = yuri.room.getByTestId("message").filter({ hasText: "가".repeat(100) });
    await long.filter({ has: yuri.page.locator(".text.folded") }).waitFor();
    await yuri.room.locator(".message.pending").waitFor({ state: "detached" });
    assert.equal(await yuri.room.locator(".failed").count(), 0);
    await yuri.picture("folded");
    await yuri.write("나".repeat(MAX_CHARS + 1));
    await yuri.room.getByText("at most 40,000 characters").waitFor();
    const kept = await yuri.page.getByTestId("composer").inputValue();
    assert.equal(kept.length, MAX_CHARS + 1, "what was refused is not lost");
  },

  async "requests that are not the page's own are refused"(world) {
    const body = JSON.stringify({ id: "from-elsewhere", as: "mina", room: "#wallet", text: "said by a test" });
    const own = { "content-type": "application/json", "x-wilco-console": "1" };
    const post = (headers, path = "/api/messages") => ask(world.url, path, headers, body);
    assert.equal(await post({ ...own, origin: "https://evil.example" }), 403);
    assert.equal(await post({ ...own, origin: "null" }), 403);
    assert.equal(await post({ "content-type": "application/json" }), 403);
    assert.equal(await post({ "content-type": "text/plain" }), 403);
    assert.equal(await post({ ...own, host: "evil.example" }), 403);
    assert.equal(await post({ "content-type": "application/json" }, "/api/press"), 403);
    assert.equal(await post({ ...own, origin: world.url }), 200, "the page's own is taken");
  },
};

/** The status that a POST gets; `fetch` would not let a test choose `Host` and `Origin`. */
function ask(url, path, headers, body) {
  return new Promise((done, failed) => {
    const sent = request(new URL(path, url), { method: "POST", headers }, (answer) => {
      answer.resume();
      answer.once("end", () => done(answer.statusCode));
    });
    sent.once("error", failed);
    sent.end(body);
  });
}
