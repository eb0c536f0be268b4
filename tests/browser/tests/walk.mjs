// From the first look to a finished deployment.

import assert from "node:assert/strict";

const ROLLOUT_MS = 90_000;

export const tests = {
  async "a newcomer deploys two applications by buttons, and a second person approves"(world) {
    const mina = await world.person();
    const { page, thread } = mina;
    const welcome = page.locator(".welcome");
    await welcome.getByText("second person").waitFor();
    await mina.picture("walk-1-welcome");

    await page.getByTestId("try-help").click();
    await thread.getByText("What can I do for you?").waitFor();
    assert.equal(await welcome.count(), 0, "the hint goes when somebody has spoken");
    await mina.picture("walk-2-menu");
    await mina.hears("Which repository?", () => mina.press("2 Deploy applications"));
    await mina.hears("Which applications?", () => mina.press("3 wallet"));
    await mina.picture("walk-3-list");

    const readBack = await mina.hears("please check", () => mina.reply("1,2"));
    assert.deepEqual(await readBack.locator(".badge.danger").allTextContents(), ["production"]);
    const text = await readBack.innerText();
    for (const part of ["wallet-api 1.4.2 → 1.5.0", "wallet-api-stage 1.5.0 → 1.6.0-rc.1", "출금 한도 확인"]) {
      assert.ok(text.includes(part), `the read-back names ${part}: ${text}`);
    }
    await readBack.locator("summary").click();
    await readBack.getByText("Deployment/").first().waitFor();
    await mina.picture("walk-4-read-back");

    await mina.hears("approval wanted", () => mina.press("Yes, ask for approval"));
    const card = thread.locator("[data-author=wilco]").filter({ hasText: /r\d+ Deploy applications: / });
    assert.deepEqual(await card.locator(".badge").allTextContents(), ["production", "stage"]);
    await mina.hears(/someone else has to decide/, () => mina.press("Approve"));
    await mina.picture("walk-5-approval");

    await mina.become("sejun");
    await mina.hears("Sejun approved", () => card.getByRole("button", { name: "Approve", exact: true }).click());
    await card.filter({ hasText: "running" }).waitFor();
    await page.getByTestId("room-deploy-notice").locator(".count").waitFor();
    await mina.picture("walk-6-running");
    await card.filter({ hasText: /: succeeded/ }).waitFor({ timeout: ROLLOUT_MS });
    assert.equal(await card.locator(".mark.good").count(), 2);
    assert.equal(await card.getByTestId("button").count(), 0, "what is over has no buttons");
    await thread.getByText("@Mina").waitFor();
    await mina.picture("walk-7-succeeded");

    await mina.enter("deploy-notice");
    await mina.room.getByText(/^Finished: Deploy applications r\d+ succeeded/).waitFor();
    assert.equal(await page.getByTestId("room-deploy-notice").locator(".count").count(), 0, "it was read");
    await mina.picture("walk-8-announced");
    await mina.room.getByTestId("way").first().click();
    await card.filter({ hasText: /: succeeded/ }).waitFor();
  },

  async "the same begins in Korean, by typing"(world) {
    const mina = await world.person({ locale: "ko-KR" });
    await mina.enter("배포");
    await mina.page.getByText("오른쪽 위에서 사람을 바꿔").first().waitFor();
    await mina.write("헬프");
    await mina.thread.getByText("무엇을 도와드릴까요?").waitFor();
    await mina.hears("어느 리포지터리를 배포할까요?", () => mina.reply("２"));
    await mina.hears("어떤 애플리케이션을 배포할까요?", () => mina.reply("１"));
    const readBack = await mina.hears("확인해 주세요", () => mina.reply("①"));
    assert.ok((await readBack.locator(".badge.danger").count()) > 0, "production is marked");
    await mina.picture("korean");
    await mina.hears("아무것도 시작하지 않았습니다", () => mina.reply("취소"));
  },
};
