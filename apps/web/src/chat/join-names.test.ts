import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { joinNames } from "./join-names.ts";

describe("joinNames", () => {
  it("puts words between names", () => {
    assert.deepEqual(joinNames(["Ada"], 3), ["Ada"]);
    assert.deepEqual(joinNames(["Ada", "Bruno"], 3), ["Ada", " and ", "Bruno"]);
    assert.match(joinNames(["Ada", "Bruno", "Clara"], 3).join(""), /^Ada, Bruno,? and Clara$/);
  });

  it("says how many it leaves out", () => {
    const names = ["Ada", "Bruno", "Clara", "Dmitri"];
    assert.match(joinNames(names, 3).join(""), /^Ada, Bruno,? and 2 more$/);
  });

  it("keeps elements", () => {
    const [ada, bruno] = [{ key: "ada" }, { key: "bruno" }];
    assert.deepEqual(joinNames([ada, bruno], 3), [ada, " and ", bruno]);
  });
});
