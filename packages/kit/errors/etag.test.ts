import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { etagOf, nextUpdateTime, requireEtag } from "./etag.ts";
import { Fault } from "./fault.ts";

describe("etagOf", () => {
  it("differs for each change, even if the clock stands still or goes back", () => {
    const now = new Date("2026-11-30T12:00:00Z");
    let resource = { updateTime: now };
    const etags = new Set([etagOf(resource)]);
    for (const clock of [now, now, new Date("2020-01-01"), new Date("2026-12-01")]) {
      resource = { updateTime: nextUpdateTime(resource, clock) };
      etags.add(etagOf(resource));
    }
    assert.equal(etags.size, 5);
    assert.deepEqual(resource.updateTime, new Date("2026-12-01"));
    for (const etag of etags) assert.match(etag, /^"[0-9a-z]+"$/);
  });
});

describe("requireEtag", () => {
  it("accepts the current etag, alone or in a list, * and none", () => {
    for (const expected of ["", "*", '"b"', '"a", "b"', '"a,","b"']) requireEtag(expected, '"b"');
  });

  it("refuses others and weak ones, and names the current etag", () => {
    for (const expected of ['"a"', 'W/"b"', "b", '"a", "c"', '"a, b"', '"', ","]) {
      assert.throws(
        () => requireEtag(expected, '"b"'),
        (error) =>
          error instanceof Fault &&
          error.kind === "aborted" &&
          error.reason === "ETAG_MISMATCH" &&
          error.details.metadata?.["etag"] === '"b"',
        expected,
      );
    }
  });
});
