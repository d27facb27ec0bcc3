import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { AdmissionQueue } from "@plaza/kit/overload/admission-queue";
import { createSlot } from "./slot.ts";

describe("Slot", () => {
  let inFlight = 0;
  let acquiring: (() => void)[] = [];

  function begin(): () => void {
    inFlight++;
    return () => inFlight--;
  }

  const queue: AdmissionQueue = {
    isOverloaded: () => false,
    acquire: () => new Promise((resolve) => acquiring.push(() => resolve(begin()))),
  };

  beforeEach(() => {
    inFlight = 0;
    acquiring = [];
  });

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it("is released during the upload and acquired again", async () => {
    const slot = createSlot(queue, begin());
    assert.equal(inFlight, 1);
    const { promise, resolve } = Promise.withResolvers<string>();
    const released = slot.releaseWhile(promise);
    await turn();
    assert.equal(inFlight, 0);
    resolve("a body");
    await turn();
    acquiring[0]?.();
    assert.equal(await released, "a body");
    assert.equal(inFlight, 1);
    slot.release();
    slot.release();
    assert.equal(inFlight, 0);
  });

  it("is kept for a body that is there at once", async () => {
    const slot = createSlot(queue, begin());
    assert.equal(await slot.releaseWhile(Promise.resolve("a body")), "a body");
    await turn();
    assert.deepEqual([acquiring.length, inFlight], [0, 1]);
    slot.release();
    assert.equal(inFlight, 0);
  });

  it("is not acquired again when the upload fails", async () => {
    const slot = createSlot(queue, begin());
    const { promise, reject } = Promise.withResolvers<void>();
    const released = slot.releaseWhile(promise);
    await turn();
    reject(new Error("gone"));
    await assert.rejects(released, /gone/);
    assert.deepEqual([acquiring.length, inFlight], [0, 0]);
    slot.release();
    assert.equal(inFlight, 0);
  });

  it("is released when the client left meanwhile", async () => {
    const slot = createSlot(queue, begin());
    const { promise, resolve } = Promise.withResolvers<void>();
    const released = slot.releaseWhile(promise);
    await turn();
    resolve();
    await turn();
    slot.release();
    acquiring[0]?.();
    await released;
    assert.equal(inFlight, 0);
  });
});
