// Starts and ends `wilco demo`, the one program under test.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

const START_MS = 20_000;

/** A running demo: its address, and how to end it. */
export class Demo {
  #process;
  #output = "";
  #started = 0;
  url;

  /** Starts it and resolves when it listens. A `store` outlives it; a `page` is how many choices one message shows. */
  static async start({ listen = "127.0.0.1:0", ...others } = {}) {
    const wilco = process.env.WILCO;
    if (!wilco) throw new Error("WILCO must name the program to test");
    const demo = new Demo();
    const options = Object.entries({ listen, ...others }).flatMap(([name, value]) => [`--${name}`, String(value)]);
    const args = ["demo", ...options];
    demo.#process = spawn(resolve(wilco), args, { stdio: ["ignore", "pipe", "pipe"] });
    try {
      demo.url = await demo.#address();
    } catch (failure) {
      await demo.kill();
      throw failure;
    }
    return demo;
  }

  #address() {
    return new Promise((done, failed) => {
      const give = (why) => failed(new Error(`wilco demo ${why}:\n${this.#output}`));
      const timer = setTimeout(() => give("did not start in time"), START_MS);
      const read = (bytes) => {
        this.#output += bytes;
        const address = /http:\/\/\S+/.exec(this.#output);
        if (!address) return;
        clearTimeout(timer);
        done(address[0]);
        this.#started = this.#output.length;
      };
      this.#process.stdout.on("data", read);
      this.#process.stderr.on("data", (bytes) => (this.#output += bytes));
      this.#process.once("error", failed);
      this.#process.once("exit", (code) => {
        clearTimeout(timer);
        give(`ended with ${code}`);
      });
    });
  }

  /** `host:port`, to be started there again. */
  get listens() {
    return new URL(this.url).host;
  }

  /** What it logged: said when a test fails. */
  get output() {
    return this.#output.slice(this.#started);
  }

  get #gone() {
    return this.#process.exitCode !== null || this.#process.signalCode !== null || !this.#process.pid;
  }

  /** Ends it as Ctrl-C does. */
  async stop() {
    if (this.#gone) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const timer = setTimeout(() => this.#process.kill("SIGKILL"), 5000);
    await ended;
    clearTimeout(timer);
  }

  /** Ends it at whatever instruction it is: `kill -9`. */
  async kill() {
    if (this.#gone) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}
