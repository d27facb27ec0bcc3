import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { normalizeMarkdown, normalizeText } from "./normalize-text.ts";

describe("normalizeText", () => {
  it("makes composed and decomposed forms equal, and removes white space around", () => {
    assert.equal(normalizeText("  cafe\u0301\u00a0 "), "caf\u00e9");
    assert.equal(normalizeText("\u1112\u1161\u11ab"), "한");
  });

  it("keeps joiners, presentation forms and inner white space", () => {
    for (const text of ["می\u200cخواهم", "👩‍🚀", "ﬁ ½", "a\n\n  b"]) {
      assert.equal(normalizeText(text), text);
    }
  });

  it("leaves nothing of text without a visible character", () => {
    for (const text of ["", " \n", "\u200b", "\u2060\u3164", "\u2800"]) {
      assert.equal(normalizeText(text), "");
      assert.equal(normalizeMarkdown(text), "");
    }
  });
});

describe("normalizeMarkdown", () => {
  it("keeps leading blanks, which can be a block of code", () => {
    assert.equal(normalizeMarkdown("    code\n"), "    code\n");
  });
});
