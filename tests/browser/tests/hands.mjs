// A phone, and a keyboard without a mouse.

import assert from "node:assert/strict";
import { fits, PHONE } from "../person.mjs";

export const tests = {
  async "on a phone the thread fills the screen and nothing is cut"(world) {
    const { width, height } = PHONE.viewport;
    const mina = await world.person(PHONE);
    await mina.picture("phone-1-first");
    await mina.page.locator("#menu").tap();
    const drawer = mina.page.getByTestId("room-배포");
    await drawer.waitFor();
    await mina.page.waitForFunction(() => document.getElementById("sidebar").getBoundingClientRect().x === 0);
    await mina.picture("phone-2-rooms");
    await drawer.tap();
    await mina.write("help");
    await mina.thread.getByText(/도와드릴까요|What can I do/).waitFor();
    const whole = await mina.thread.boundingBox();
    assert.ok(whole.x === 0 && whole.width === width && whole.y + whole.height === height, JSON.stringify(whole));
    await mina.hears(/Which repository|어느 리포지터리/, () => mina.button(/^2 /).tap());
    await mina.hears(/Which applications|어떤 애플리케이션/, () => mina.button(/^1 /).tap());
    const composer = await mina.page.getByTestId("thread-composer").boundingBox();
    assert.ok(composer.y + composer.height <= height, `the composer is reachable: ${JSON.stringify(composer)}`);
    await fits(mina, width);
    await mina.picture("phone-3-list");
    await mina.hears(/please check|확인해 주세요/, () => mina.reply("all"));
    await fits(mina, width);
    await mina.picture("phone-4-read-back");
    await mina.page.getByTestId("close-thread").tap();
    await mina.room.getByTestId("replies").first().waitFor();
    await fits(mina, width);
  },

  async "the keyboard alone is enough, and the focus is seen"(world) {
    const mina = await world.person();
    const { page } = mina;
    const focused = () => page.evaluate(() => document.activeElement.dataset.testid ?? document.activeElement.id);
    assert.equal(await focused(), "composer", "one can write at once");
    await page.keyboard.type("help");
    await page.keyboard.press("Enter");
    await mina.thread.getByText("What can I do for you?").waitFor();
    await page.waitForFunction(() => document.activeElement.dataset.testid === "thread-composer");

    // The last button is Cancel; from the composer it is near.
    const seen = [];
    const reach = async (label, key) => {
      for (let step = 0; step < 20; step++) {
        await page.keyboard.press(key);
        const [text, outline] = await page.evaluate(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
          return [document.activeElement.textContent, outlineStyle === "none" ? 0 : parseFloat(outlineWidth)];
        });
        if (await page.evaluate(() => document.activeElement.matches("button"))) assert.ok(outline >= 2, `focus of ${text}`);
        seen.push(text);
        if (text === label) return;
      }
      assert.fail(`${label} was not reached: ${seen.join(" | ")}`);
    };
    await reach("Cancel", "Shift+Tab");
    await reach("2 Deploy applications", "Shift+Tab");
    await mina.picture("keyboard-focus");
    await mina.hears("Which repository?", () => page.keyboard.press("Enter"));
    assert.equal(await focused(), "thread-composer", "after a press one can write on");
    await page.keyboard.type("cancel");
    await mina.hears("Nothing was started", () => page.keyboard.press("Enter"));

    await page.keyboard.press("Escape");
    await mina.thread.waitFor({ state: "hidden" });
    assert.equal(await focused(), "composer");
    await page.getByTestId("person-switch").focus();
    await page.keyboard.press("Enter");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.getByTestId("person-switch").filter({ hasText: "Sejun" }).waitFor();
  },

  async "Enter while a syllable is being composed does not send"(world) {
    const mina = await world.person();
    await mina.enter("wallet");
    const own = mina.room.locator("[data-author=mina]").filter({ hasText: "헬프는" });
    const session = await mina.context.newCDPSession(mina.page);
    const composer = mina.page.getByTestId("composer");
    await composer.focus();
    await mina.page.keyboard.type("지금 ");
    await session.send("Input.imeSetComposition", { text: "헬프는", selectionStart: 3, selectionEnd: 3 });
    await mina.page.keyboard.press("Enter");
    assert.match(await composer.inputValue(), /헬프는/, "it is still there");
    // Safari has ended the composition when the key comes, and says so by this code alone.
    const key = { key: "Enter", code: "Enter", windowsVirtualKeyCode: 229 };
    await session.send("Input.dispatchKeyEvent", { type: "rawKeyDown", ...key });
    await session.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
    assert.match(await composer.inputValue(), /헬프는/, "it is still there");
    await session.send("Input.insertText", { text: "헬프는" });
    await mina.page.keyboard.type(" 어디에?");
    await mina.page.keyboard.press("Enter");
    await own.filter({ hasText: "지금 헬프는 어디에?" }).waitFor();
    assert.equal(await own.count(), 1, "sent once, and whole");
  },
};
