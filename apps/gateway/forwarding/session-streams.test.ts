import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { create, type Message } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { createSessionStreams } from "./session-streams.ts";

describe("open streams", () => {
  let leaving: AbortController;

  beforeEach(() => {
    leaving = new AbortController();
  });
  afterEach(() => leaving.abort());

  /** Something every few milliseconds, until the signal aborts. */
  async function* ticks(signal: AbortSignal): AsyncGenerator<Message> {
    for (; !signal.aborted; await sleep(5)) yield create(EmptySchema);
    throw new Error("canceled");
  }

  const begin = async (signal: AbortSignal) => ({ messages: ticks(signal) });

  async function read(stream: Promise<{ messages: AsyncIterable<Message> }>): Promise<never> {
    for await (const _ of (await stream).messages);
    throw new Error("the stream ended as if all were said");
  }

  it("end within a second of their session, and no others do", async () => {
    const live = new Set(["ada", "bruno"]);
    const asked: string[][] = [];
    const streams = createSessionStreams(async (sessionIds) => {
      asked.push(sessionIds);
      return sessionIds.filter((id) => live.has(id));
    });
    const ends = ["ada", "ada", "bruno", undefined].map((sessionId) => {
      const outcome = { error: undefined as unknown };
      void read(streams.open(sessionId, leaving.signal, begin)).catch((error) => {
        outcome.error = error;
      });
      return outcome;
    });
    await sleep(1_000);
    assert.deepEqual(asked, [["ada", "bruno"]], "one question for all");
    live.delete("ada");
    await sleep(1_000);
    const reasons = ends.map(({ error }) => (error as { reason?: string } | undefined)?.reason);
    assert.deepEqual(reasons, ["INVALID_SESSION", "INVALID_SESSION", undefined, undefined]);
    leaving.abort();
    asked.length = 0;
    await sleep(1_500);
    assert.ok(asked.length <= 1, "nobody is asked about streams that are gone");
  });

  it("go on while auth cannot be asked", async () => {
    const streams = createSessionStreams(() => Promise.reject(new Error("away")));
    let count = 0;
    const reading = (async () => {
      const open = streams.open("ada", leaving.signal, begin);
      for await (const _ of (await open).messages) count += 1;
    })().catch(() => undefined);
    await sleep(1_000);
    const before = count;
    await sleep(100);
    assert.ok(count > before);
    leaving.abort();
    await reading;
  });

  it("end when the edge closes, also those that have not begun", async () => {
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
