import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ByteBuffer } from "./byte-buffer.ts";

const piece = (...bytes: number[]) => Uint8Array.from(bytes);

describe("bytes in chunks", () => {
  it("are the pieces one after the other", () => {
    const growing = new ByteBuffer(1_000_000);
    const text = "plaza ".repeat(10_000);
    for (let at = 0, size = 1; at < text.length; at += size, size = (size % 700) + 1) {
      growing.append(Buffer.from(text.slice(at, at + size)));
    }
    assert.equal(growing.size, text.length);
    assert.equal(Buffer.from(growing.bytes).toString(), text);
    assert.equal(Buffer.from(growing.take()).toString(), text);
    assert.equal(growing.size, 0);
  });

  it("31: take no more than twice their memory, however small they are, and no more than the limit", () => {
    for (const [limit, room] of [
      [1_000_000, 200_000],
      [120_000, 120_000],
    ] as const) {
      const growing = new ByteBuffer(limit);
      for (let i = 0; i < 100_000; i++) growing.append(piece(i));
      assert.ok(growing.bytes.buffer.byteLength <= room, `${growing.bytes.buffer.byteLength}`);
    }
  });

  it("are not copied when they are one", () => {
    const growing = new ByteBuffer(100);
    const only = piece(1, 2, 3);
    growing.append(only);
    assert.equal(growing.take().buffer, only.buffer);
  });

  it("are left alone once they are taken, and so are the pieces", () => {
    const growing = new ByteBuffer(100);
    const first = piece(1, 2, 3, 4);
    growing.append(first);
    const taken = growing.take(3);
    growing.append(piece(5));
    const next = growing.take(1);
    growing.append(piece(6));
    assert.deepEqual([...first, 0, ...taken, 0, ...next], [1, 2, 3, 4, 0, 1, 2, 3, 0, 4]);
    assert.deepEqual([...growing.take()], [5, 6]);
  });
});
