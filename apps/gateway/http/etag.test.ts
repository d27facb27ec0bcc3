import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { etagOf, matchesEtag } from "./etag.ts";

describe("etagOf", () => {
  it("depends on the bytes alone", () => {
    assert.match(etagOf("a"), /^"[\w-]{22}"$/);
    assert.equal(etagOf("a"), etagOf(Buffer.from("a")));
    assert.notEqual(etagOf("a"), etagOf("b"));
  });
});

describe("matchesEtag", () => {
  const etag = etagOf("a");

  it("finds the tag in a list, weak or strong, and takes * for any", () => {
    for (const header of [etag, `"x", ${etag}`, `W/${etag}`, "*"]) {
      assert.equal(matchesEtag(header, etag), true, header);
    }
  });

  it("does not match other tags, nor a missing header", () => {
    for (const header of [undefined, "", `"x"`, etag.slice(1, -1)]) {
      assert.equal(matchesEtag(header, etag), false, `${header}`);
    }
  });
});
