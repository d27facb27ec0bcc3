import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { newId } from "./id.ts";

describe("newId", () => {
  it("creates UUIDs of version 7 with the time", () => {
    const before = Date.now();
    const id = newId();
    assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const atMs = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
    assert.ok(atMs >= before && atMs <= Date.now() + 1);
  });

  it("creates increasing ids, also within a millisecond", () => {
    const ids = Array.from({ length: 100_000 }, () => newId());
    assert.deepEqual(ids, [...new Set(ids)].sort());
  });
});
