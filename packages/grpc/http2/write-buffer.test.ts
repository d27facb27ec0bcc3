import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WriteBuffer } from "./write-buffer.ts";

describe("the write buffer", () => {
  const write = (output: WriteBuffer, bytes: Buffer) => {
    const at = output.reserve(bytes.length);
    output.bytes.set(bytes, at);
    output.length = at + bytes.length;
  };

  it("writes the frames of one turn of the event loop at once, in order, whatever their sizes", async () => {
    for (const sizes of [[9], [1_000, 24, 1], [1_024, 1], [60_000, 5_536], [10, 30_000, 35_000]]) {
      const chunks: Buffer[] = [];
      const output = new WriteBuffer(
        new PassThrough().on("data", (one) => chunks.push(one)),
        () => {},
      );
      const frames = sizes.map((size, n) => Buffer.alloc(size, n + 1));
      for (const frame of frames) write(output, frame);
      await nextTurn();
      await nextTurn();
      assert.equal(chunks.length, 1, String(sizes));
      assert.ok(Buffer.concat(frames).equals(Buffer.concat(chunks)), String(sizes));
    }
  });

  it("splits what is larger than one write", async () => {
    const chunks: Buffer[] = [];
    const output = new WriteBuffer(
      new PassThrough().on("data", (one) => chunks.push(one)),
      () => {},
    );
    const frames = [300, 65_000, 70_000, 500, 2_000].map((size, n) => Buffer.alloc(size, n + 1));
    for (const frame of frames) write(output, frame);
    await nextTurn();
    await nextTurn();
    assert.ok(Buffer.concat(frames).equals(Buffer.concat(chunks)));
  });

  it("takes little memory for small frames, of thousands of connections in the same turn", () => {
    const outputs = Array.from(
      { length: 2_000 },
      () => new WriteBuffer(new PassThrough(), () => {}),
    );
    const before = process.memoryUsage().arrayBuffers;
    for (const output of outputs) write(output, Buffer.alloc(300));
    assert.ok(process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024);
  });
});
