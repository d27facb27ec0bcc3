import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { requestKey } from "./idempotency-key.ts";

describe("requestKey", () => {
  it("is equal for equal requests, and for no others", () => {
    const key = requestKey("k", "text", 1, 2n, ["a"]);
    assert.deepEqual(requestKey("k", "text", 1, 2n, ["a"]), key);
    for (const asked of [
      ["text", 1, 2n],
      ["text", 1, 2n, ["b"]],
      ["text1", "", 2n, ["a"]],
    ]) {
      assert.notEqual(requestKey("k", ...asked)?.digest, key?.digest);
    }
  });

  it("is none without a key", () => {
    assert.equal(requestKey("", "text"), undefined);
  });
});
