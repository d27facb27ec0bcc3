import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createIdempotencyKey } from "./idempotency-key.ts";

describe("createIdempotencyKey", () => {
  it("has equal digests for equal requests only", () => {
    const key = createIdempotencyKey("k", "text", 1, 2n, ["a"]);
    assert.deepEqual(createIdempotencyKey("k", "text", 1, 2n, ["a"]), key);
    for (const asked of [
      ["text", 1, 2n],
      ["text", 1, 2n, ["b"]],
      ["text1", "", 2n, ["a"]],
    ]) {
      assert.notEqual(createIdempotencyKey("k", ...asked)?.digest, key?.digest);
    }
  });

  it("is undefined without a key", () => {
    assert.equal(createIdempotencyKey("", "text"), undefined);
  });
});
