import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createBatchLoader } from "./batch-loader.ts";

describe("createBatchLoader", () => {
  it("reads the ids of one turn in one batch, and later ones in another", async () => {
    const { batches, load } = newLoader();
    assert.deepEqual(await Promise.all([load("a"), load("b"), load("a"), load("none")]), [
      "A",
      "B",
      "A",
      undefined,
    ]);
    assert.equal(await load("a"), "A");
    assert.deepEqual(batches, [["a", "b", "none"], ["a"]]);
  });

  it("reads at most a hundred ids in a batch", async () => {
    const { batches, load } = newLoader();
    const ids = Array.from({ length: 230 }, (_, n) => `i${n}`);
    assert.equal((await Promise.all(ids.map(load))).at(-1), "I229");
    assert.deepEqual(
      batches.map((ids) => ids.length),
      [100, 100, 30],
    );
  });

  it("rejects all loads of a failed batch, and no others", async () => {
    const { load } = newLoader();
    const results = await Promise.allSettled([load("a"), load("fail")]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.equal(await load("a"), "A");
  });
});

function newLoader() {
  const batches: string[][] = [];
  const load = createBatchLoader((ids) => {
    batches.push(ids);
    if (ids.includes("fail")) return Promise.reject(new Error("no"));
    const known = ids.filter((id) => id !== "none");
    return Promise.resolve(new Map(known.map((id) => [id, id.toUpperCase()])));
  });
  return { batches, load };
}
