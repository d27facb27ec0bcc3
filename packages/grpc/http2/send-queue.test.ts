import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SendQueue } from "./send-queue.ts";

class TestQueue extends SendQueue {
  onDrain(): void {}
  onEndSent(): void {}
}

/** Bytes that count up, so that a wrong order shows. */
const numbered = (length: number, from: number) =>
  Buffer.from(Array.from({ length }, (_, n) => from + n));

describe("the queue of a stream", () => {
  it("gives back what was queued, in order, whatever the sizes", () => {
    for (const sizes of [
      [5, 3, 0, 5, 2_000],
      [1_024, 1_025, 1],
      [300, 300, 70_000, 5, 20_000],
    ]) {
      for (const step of [1, 7, 1_000, 16_384, 100_000]) {
        const queue = new TestQueue(1, 0);
        let total = 0;
        for (const size of sizes) {
          queue.append(numbered(size, total));
          total += size;
        }
        const taken = Buffer.alloc(total);
        for (let at = 0; at < total; at += step) queue.take(taken, at, Math.min(step, total - at));
        assert.deepEqual(taken, numbered(total, 0), `${sizes} by ${step}`);
        assert.deepEqual([queue.queuedBytes, queue.heldBytes], [0, 0]);
      }
    }
  });

  it("holds little more than the bytes of small messages", () => {
    const before = process.memoryUsage();
    const queue = new TestQueue(1, 0);
    for (let n = 0; n < 20_000; n++) queue.append(Buffer.alloc(5));
    const after = process.memoryUsage();
    assert.ok(queue.heldBytes < 2 * queue.queuedBytes, `${queue.heldBytes} bytes`);
    assert.ok(after.arrayBuffers - before.arrayBuffers < 4 * queue.queuedBytes);
  });

  it("counts a large message whole until its last byte is taken", () => {
    const queue = new TestQueue(1, 0);
    const message = Buffer.allocUnsafeSlow(100_000);
    queue.append(message);
    queue.take(Buffer.alloc(100_000), 0, 99_999);
    assert.deepEqual([queue.queuedBytes, queue.heldBytes], [1, 100_000]);
    queue.clear();
    assert.deepEqual([queue.queuedBytes, queue.heldBytes], [0, 0]);
  });

  it("copies what is a small part of a buffer", () => {
    const queue = new TestQueue(1, 0);
    queue.append(Buffer.allocUnsafeSlow(64 * 1024).subarray(0, 2_000));
    assert.equal(queue.heldBytes, 2_000);
  });
});
