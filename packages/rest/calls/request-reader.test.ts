import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { transcoderFixture } from "../testing/contract.ts";
import { noteFixture } from "../testing/note-service.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const mebibyte = 1024 * 1024;
const count = 500_000;

function heldMemory(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

describe("a body that comes byte by byte", () => {
  const { send: ask } = transcoderFixture(["ValueService"]);
  const board = noteFixture({
    pin: async (requests) => ({ count: (await Array.fromAsync(requests)).length }),
  });

  for (const [name, send] of [
    ["of one message", (body) => ask("POST", "/v1/values", { body })],
    ["of many messages", (body) => board.send("POST", "/v1/boards/1/notes:pin", { body })],
  ] as [string, (body: AsyncIterable<Uint8Array>) => Promise<unknown>][]) {
    it(`31: takes no more memory than another: ${name}`, async () => {
      const before = heldMemory();
      let held = Number.POSITIVE_INFINITY;
      async function* bytes() {
        yield Buffer.from('["');
        for (let i = 0; i < count; i++) yield Uint8Array.of(0x78);
        held = heldMemory() - before;
      }
      await send(bytes());
      assert.ok(held < 20 * mebibyte, `${held}`);
    });
  }
});
