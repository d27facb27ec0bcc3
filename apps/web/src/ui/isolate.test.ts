import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isolate } from "./isolate.ts";

describe("isolate", () => {
  for (const text of ["", "Mug", "Café 上海", "👨‍👩‍👧", "नि"]) {
    it(`leaves ${JSON.stringify(text)} alone`, () => assert.equal(isolate(text), text));
  }

  for (const text of ["ספר", "كتاب", "a \u202eb", "𞤀𞤣"]) {
    it(`isolates ${JSON.stringify(text)}`, () =>
      assert.equal(isolate(text), `\u2068${text}\u2069`));
  }
});
