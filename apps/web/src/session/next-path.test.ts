import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nextPath } from "./next-path.ts";

describe("nextPath", () => {
  const from = (next: string) =>
    nextPath(`?next=${encodeURIComponent(next)}`, "https://plaza.example");

  it("keeps the path and the search of this site", () => {
    assert.equal(from("/orders?state=paid"), "/orders?state=paid");
    assert.equal(from("https://plaza.example/cart"), "/cart");
    assert.equal(nextPath("", "https://plaza.example"), "/");
  });

  it("leads to no other site", () => {
    const elsewhere = [
      "https://evil.example/",
      "//evil.example/x",
      "/\\evil.example",
      "javascript:alert(1)",
    ];
    for (const next of elsewhere) assert.equal(from(next), "/", next);
  });
});
