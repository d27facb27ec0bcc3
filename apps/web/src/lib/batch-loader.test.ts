import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createBatchLoader } from "./batch-loader.ts";

describe("inBatches", () => {
  it("asks once for what is asked in the same moment, and anew later", async () => {
    const { asked, find } = newLoader();
    assert.deepEqual(await Promise.all([find("a"), find("b"), find("a"), find("none")]), [
      "A",
      "B",
      "A",
      undefined,
    ]);
    assert.equal(await find("a"), "A");
    assert.deepEqual(asked, [["a", "b", "none"], ["a"]]);
  });

  it("asks for no more than a hundred at a time", async () => {
    const { asked, find } = newLoader();
    const ids = Array.from({ length: 230 }, (_, n) => `i${n}`);
    assert.equal((await Promise.all(ids.map(find))).at(-1), "I229");
    assert.deepEqual(
      asked.map((some) => some.length),
      [100, 100, 30],
    );
  });

  it("fails all that asked together, and those only", async () => {
    const { find } = newLoader();
    const results = await Promise.allSettled([find("a"), find("fail")]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.equal(await find("a"), "A");
  });
});

function newLoader() {
  const asked: string[][] = [];
  const find = createBatchLoader((ids) => {
    asked.push(ids);
    if (ids.includes("fail")) return Promise.reject(new Error("no"));
    const known = ids.filter((id) => id !== "none");
    return Promise.resolve(new Map(known.map((id) => [id, id.toUpperCase()])));
  });
  return { asked, find };
}
