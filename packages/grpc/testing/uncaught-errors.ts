// Records uncaught errors of the process from the import of this module on: they would end it otherwise, and with it
// the test that is to name them.
import assert from "node:assert/strict";

const uncaughtErrors: unknown[] = [];
process.on("uncaughtException", (error) => uncaughtErrors.push(error));
process.on("unhandledRejection", (error) => uncaughtErrors.push(error));

/** Asserts that no error was uncaught in this process so far. */
export function assertNoUncaughtErrors(): void {
  assert.deepEqual(uncaughtErrors, []);
}
