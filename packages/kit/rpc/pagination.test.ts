import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Fault } from "../errors/fault.ts";
import { pageSize, paginate, parsePageToken, uuidPattern } from "./pagination.ts";

const anything = /^.*$/s;

function reason(token: string, parts: readonly RegExp[]): string {
  try {
    return JSON.stringify(parsePageToken(token, parts));
  } catch (error) {
    assert.ok(error instanceof Fault);
    assert.equal(error.details.violations?.[0]?.field, "page_token");
    return error.reason;
  }
}

describe("paginate", () => {
  it("returns a page and the token of its last row", () => {
    const { rows, nextPageToken } = paginate(["a", "b", "c"], 2, (row) => [row]);
    assert.deepEqual(rows, ["a", "b"]);
    assert.deepEqual(parsePageToken(nextPageToken, [/^[a-z]$/]), ["b"]);
  });

  it("has no token on the last page", () => {
    assert.equal(paginate(["a", "b"], 2, (row) => [row]).nextPageToken, "");
    assert.equal(paginate([], 2, () => []).nextPageToken, "");
  });

  it("visits each row of any list once, with any page size", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string()), fc.integer({ min: 1, max: 9 }), (names, size) => {
        const sorted = names.toSorted();
        const found: string[] = [];
        for (let token = "", more = true; more; more = token !== "") {
          const [after] = parsePageToken(token, [anything]) ?? [];
          const from = sorted.filter((name) => after === undefined || name > after);
          const next = paginate(from.slice(0, size + 1), size, (row) => [row]);
          found.push(...next.rows);
          token = next.nextPageToken;
        }
        assert.deepEqual(found, sorted);
      }),
    );
  });
});

describe("parsePageToken", () => {
  it("decodes any key", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1 }), (key) => {
        const { nextPageToken } = paginate([key, key], 1, (row) => row);
        assert.deepEqual(
          parsePageToken(
            nextPageToken,
            key.map(() => anything),
          ),
          key,
        );
      }),
    );
  });

  it("is undefined for the first page", () => {
    assert.equal(parsePageToken("", [uuidPattern]), undefined);
  });

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value) ?? "").toString("base64url");
  const forged: [string, string][] = [
    ["garbage", "%%%"],
    ["no JSON", Buffer.from("{").toString("base64url")],
    ["no list", encode({ 0: "x" })],
    ["null", encode(null)],
    ["too few parts", encode([])],
    ["too many parts", encode(["a", "b"])],
    ["a number", encode([1])],
    ["a list in a list", encode([["0190163d-8694-739b-aea5-966c26f8ad90"]])],
    ["another form of key", encode(["' or true --"])],
    ["the token of another list", encode(["nickname"])],
  ];
  for (const [name, token] of forged) {
    it(`throws for a token with ${name}`, () => {
      assert.equal(reason(token, [uuidPattern]), "BAD_PAGE_TOKEN");
    });
  }

  it("throws BAD_PAGE_TOKEN for random tokens, and no other error", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (token) => {
        assert.equal(reason(token, [uuidPattern]), "BAD_PAGE_TOKEN");
      }),
    );
  });
});

describe("pageSize", () => {
  it("is 20 by default", () => {
    assert.equal(pageSize(0), 20);
    assert.equal(pageSize(7), 7);
  });
});
