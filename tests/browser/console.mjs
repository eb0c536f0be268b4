// The console as people use it: `WILCO=target/debug/wilco node tests/browser/console.mjs [part of a name]`.
//
// `PICTURES=folder` keeps pictures, `CHROMIUM=path` names another browser. Nothing here sleeps: each
// step waits for what a person would wait for.

import { Demo } from "./demo.mjs";
import { openBrowser, Person } from "./person.mjs";
import { run } from "./suite.mjs";
import * as dialog from "./tests/dialog.mjs";
import * as hands from "./tests/hands.mjs";
import * as hostile from "./tests/hostile.mjs";
import * as hurry from "./tests/hurry.mjs";
import * as lists from "./tests/lists.mjs";
import * as live from "./tests/live.mjs";
import * as walk from "./tests/walk.mjs";

const demos = [];
let people = [];

/** What a test gets: the demo that all share, more demos, and people in front of it. */
const world = {
  get url() {
    return demos[0].url;
  },
  async person(options, url = world.url) {
    const person = await Person.sitDown(browser, options);
    people.push(person);
    await person.open(url);
    return person;
  },
  async demo(options) {
    const demo = await Demo.start(options);
    demos.push(demo);
    return demo;
  },
};

async function tidy(name, failure) {
  const there = people;
  people = [];
  if (failure) {
    for (const [index, person] of there.entries()) {
      await person.picture(`FAILED ${name} ${index + 1}`.replaceAll(/[^\w-]+/g, "-"));
    }
    console.log(demos.map((demo) => demo.output).join(""));
  }
  for (const person of there) await person.context.close();
  const faults = there.flatMap((person) => person.faults);
  if (faults.length === 0) return;
  const complaint = `the page complained: ${faults.join("; ")}`;
  if (failure) console.log(complaint);
  throw new Error(complaint);
}

const browser = await openBrowser();
try {
  await world.demo();
  const wanted = process.argv[2] ?? "";
  const tests = [walk, dialog, lists, hurry, live, hostile, hands]
    .flatMap((file) => Object.entries(file.tests))
    .filter(([name]) => name.includes(wanted))
    .map(([name, body]) => [name, () => body(world)]);
  process.exitCode = (await run(Object.fromEntries(tests), tidy)) > 0 || tests.length === 0 ? 1 : 0;
} finally {
  await browser.close();
  for (const demo of demos) await demo.stop();
}
