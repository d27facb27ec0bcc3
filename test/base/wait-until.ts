import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";

/** Services follow each other's events within a second; a busy machine gets more. */
const timeoutMs = 10_000;

/** Polls until the condition holds; fails with the message after 10 s. */
export async function waitUntil(condition: () => Promise<boolean>, message: string): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !(await condition()); await sleep(50)) {
    assert.ok(Date.now() < deadline, message);
  }
}
