import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create, type Message } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { createSessionStreams } from "./session-streams.ts";

/** Long enough that what follows a check is over before the next one. */
const checkIntervalMs = 200;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await sleep(5);
}

describe("SessionStreams", () => {
  let leaving: AbortController;

  beforeEach(() => {
    leaving = new AbortController();
  });
  afterEach(() => leaving.abort());

  /** Yields a message every few milliseconds, until the signal aborts. */
  async function* ticks(signal: AbortSignal): AsyncGenerator<Message> {
    for (; !signal.aborted; await sleep(5)) yield create(EmptySchema);
    throw new Error("canceled");
  }

  const begin = async (signal: AbortSignal) => ({ messages: ticks(signal) });

  async function read(stream: Promise<{ messages: AsyncIterable<Message> }>): Promise<never> {
    for await (const _ of (await stream).messages);
    throw new Error("the stream ended without an error");
  }

  it("end at the first check after their session, and no others do", async () => {
    const live = new Set(["ada", "bruno"]);
    const checked: string[][] = [];
    const streams = createSessionStreams(async (sessionIds) => {
      checked.push(sessionIds);
      return sessionIds.filter((id) => live.has(id));
    }, checkIntervalMs);
    const ends = ["ada", "ada", "bruno", undefined].map((sessionId) => {
      const outcome = { error: undefined as unknown };
      void read(streams.open(sessionId, leaving.signal, begin)).catch((error) => {
        outcome.error = error;
      });
      return outcome;
    });
    await until(() => checked.length > 0);
    assert.deepEqual(checked, [["ada", "bruno"]], "one check for all");
    live.delete("ada");
    await until(() => checked.length > 1);
    await sleep(20);
    assert.equal(checked.length, 2, "the first check after it");
    const reasons = ends.map(({ error }) => (error as { reason?: string } | undefined)?.reason);
    assert.deepEqual(reasons, ["INVALID_SESSION", "INVALID_SESSION", undefined, undefined]);
    leaving.abort();
    checked.length = 0;
    await sleep(2.2 * checkIntervalMs);
    assert.ok(checked.length <= 1, "sessions without streams are not checked");
  });

  it("are checked within a second by default", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const streams = createSessionStreams(async (sessionIds) => {
      resolve();
      return sessionIds;
    });
    const reading = read(streams.open("ada", leaving.signal, begin)).catch(() => undefined);
    const openedAt = performance.now();
    await promise;
    assert.ok(performance.now() - openedAt < 1_000);
    leaving.abort();
    await reading;
  });

  it("go on while auth is unreachable", async () => {
    let checks = 0;
    const streams = createSessionStreams(() => {
      checks++;
      return Promise.reject(new Error("away"));
    }, checkIntervalMs);
    let count = 0;
    const reading = (async () => {
      const open = streams.open("ada", leaving.signal, begin);
      for await (const _ of (await open).messages) count += 1;
    })().catch(() => undefined);
    await until(() => checks > 0);
    await sleep(20);
    const before = count;
    await sleep(100);
    assert.ok(count > before);
    leaving.abort();
    await reading;
  });

  it("end when the gateway closes, also those that have not begun", async () => {
    const streams = createSessionStreams(async (sessionIds) => sessionIds);
    const { signal } = leaving;
    const never = (ending: AbortSignal) =>
      new Promise<never>((_, reject) => {
        ending.addEventListener("abort", () => reject(ending.reason));
      });
    const open = [
      read(streams.open("ada", signal, begin)),
      read(streams.open(undefined, signal, never)),
    ];
    const ends = Promise.allSettled(open);
    await sleep(20);
    streams.close();
    for (const end of await ends) {
      assert.ok(end.status === "rejected");
      assert.equal(end.reason.reason, "SERVER_CLOSING");
    }
    const late = streams.open("ada", signal, () => assert.fail("it has begun"));
    await assert.rejects(late, { reason: "SERVER_CLOSING" });
  });
});
