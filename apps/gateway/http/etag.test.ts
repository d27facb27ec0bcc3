import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { etagOf, matchesEtag, resourceEtag, resourceEtagsOf } from "./etag.ts";

describe("etagOf", () => {
  it("depends on the bytes alone", () => {
    assert.match(etagOf("a"), /^"[\w-]{22}"$/);
    assert.equal(etagOf("a"), etagOf(Buffer.from("a")));
    assert.notEqual(etagOf("a"), etagOf("b"));
  });
});

describe("resourceEtag", () => {
  it("differs for other bytes, and leads back to the etag of the resource", () => {
    for (const etag of ['"mh3k"', '"0190163d-8694-739b-aea5-966c26f8ad90.7"']) {
      const [one, other] = [resourceEtag(etag, "a"), resourceEtag(etag, "b")];
      assert.notEqual(one, other);
      assert.equal(resourceEtagsOf(`${one}, W/${other}, "x"`), `${etag}, W/${etag}, "x"`);
      assert.equal(resourceEtagsOf(etag), etag);
    }
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
