// Takes the pictures of the README: `WILCO=target/debug/wilco node tests/browser/pictures.mjs`.

import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { Demo } from "./demo.mjs";
import { openBrowser, Person, PHONE } from "./person.mjs";

const FOLDER = fileURLToPath(new URL("../../docs/images/", import.meta.url));
const ROLLOUT_MS = 90_000;

/** A second application is being rolled out, after the approval of a second person. */
async function desktop(browser, url) {
  const person = await Person.sitDown(browser, { colorScheme: "light" });
  await person.open(url);
  await person.become("yuri");
  await person.write("wallet-api 1.5.0 passed all tests on stage. @Mina can it go out today?");
  await person.become("mina");
  await person.write("Yes, now. The next candidate goes to stage with it.");
  await person.write("deploy wallet-api wallet-api-stage");
  await person.thread.getByText("please check").waitFor();
  await person.hears("approval wanted", () => person.press("Yes, ask for approval"));
  await person.become("sejun");
  await person.hears("Sejun approved", () => person.press("Approve"));
  const card = person.thread.locator("[data-author=wilco]").filter({ has: person.page.locator(".mark") });
  await card.locator(".mark.good").waitFor({ timeout: ROLLOUT_MS });
  await card.getByText(/^▸.*: (?!checking|being)/).waitFor();
  await person.page.mouse.move(0, 0);
  await person.page.screenshot({ path: `${FOLDER}console.png` });
  await person.context.close();
}

/** The same in Korean, on a phone, when all is done. */
async function phone(browser, url) {
  const person = await Person.sitDown(browser, { ...PHONE, deviceScaleFactor: 1, colorScheme: "light", locale: "ko-KR" });
  await person.open(url);
  await person.enter("배포");
  await person.write("배포 gamedosi-web gamedosi-web-stage");
  await person.thread.getByText("확인해 주세요").waitFor();
  await person.hears("승인 대기", () => person.press("예, 승인 요청"));
  await person.become("sejun");
  await person.hears("작업을 승인했습니다", () => person.press("승인"));
  await person.thread.getByText("@Mina").waitFor({ timeout: ROLLOUT_MS });
  await person.page.mouse.move(0, 0);
  await person.page.screenshot({ path: `${FOLDER}console-phone.png` });
  await person.context.close();
}

await mkdir(FOLDER, { recursive: true });
const browser = await openBrowser();
const demo = await Demo.start();
try {
  await Promise.all([desktop(browser, demo.url), phone(browser, demo.url)]);
} finally {
  await browser.close();
  await demo.stop();
}
