import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { AdmissionQueue } from "./admission-queue.ts";
import { createSlot } from "./slot.ts";

describe("a place", () => {
  let underWay = 0;
  let entering: (() => void)[] = [];

  function begin(): () => void {
    underWay++;
    return () => underWay--;
  }

  const load: AdmissionQueue = {
    isFull: () => false,
    isOverloaded: () => false,
    acquire: () => new Promise((resolve) => entering.push(() => resolve(begin()))),
    enqueue: () => undefined,
  };

  beforeEach(() => {
    underWay = 0;
    entering = [];
  });

  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it("is free while its caller is waited for, and taken again afterwards", async () => {
    const place = createSlot(load, begin());
    assert.equal(underWay, 1);
    const { promise, resolve } = Promise.withResolvers<string>();
    const brought = place.releaseWhile(promise);
    await turn();
    assert.equal(underWay, 0);
    resolve("a body");
    await turn();
    entering[0]?.();
    assert.equal(await brought, "a body");
    assert.equal(underWay, 1);
    place.release();
    place.release();
    assert.equal(underWay, 0);
  });

  it("is kept for what comes at once", async () => {
    const place = createSlot(load, begin());
    assert.equal(await place.releaseWhile(Promise.resolve("a body")), "a body");
    await turn();
    assert.deepEqual([entering.length, underWay], [0, 1]);
    place.release();
    assert.equal(underWay, 0);
  });

  it("is not taken again when nothing is brought", async () => {
    const place = createSlot(load, begin());
    const { promise, reject } = Promise.withResolvers<void>();
    const brought = place.releaseWhile(promise);
    await turn();
    reject(new Error("gone"));
    await assert.rejects(brought, /gone/);
    assert.deepEqual([entering.length, underWay], [0, 0]);
    place.release();
    assert.equal(underWay, 0);
  });

  it("is not kept by a caller who has gone meanwhile", async () => {
    const place = createSlot(load, begin());
    const { promise, resolve } = Promise.withResolvers<void>();
    const brought = place.releaseWhile(promise);
    await turn();
    resolve();
    await turn();
    place.release();
    entering[0]?.();
    await brought;
    assert.equal(underWay, 0);
  });
});
