// Runs tests one after the other, one line each.

/** `tests` by name; `after(name, failure)` runs after each and may fail it too. Resolves to how many failed. */
export async function run(tests, after) {
  let failed = 0;
  for (const [name, body] of Object.entries(tests)) {
    const begun = performance.now();
    let failure = null;
    try {
      await body();
    } catch (error) {
      failure = error;
    }
    try {
      await after(name, failure);
    } catch (error) {
      failure ??= error;
    }
    const took = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${failure ? "FAILED" : "ok    "} ${name} (${took} s)`);
    if (failure) {
      failed++;
      console.log(String(failure.stack ?? failure).replace(/^/gm, "       "));
    }
  }
  console.log(`${Object.keys(tests).length - failed} passed, ${failed} failed`);
  return failed;
}
