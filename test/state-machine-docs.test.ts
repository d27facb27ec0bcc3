import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { stateMachineTables, withTable } from "../scripts/state-machine-tables.ts";

describe("the tables of state machines in docs/", () => {
  for (const table of stateMachineTables) {
    it(`${path.basename(table.file.pathname)} has the transitions of the code`, () => {
      const text = readFileSync(table.file, "utf8");
      assert.equal(text, withTable(text, table), "run node scripts/state-machine-tables.ts");
    });
  }

  it("are replaced as a whole", () => {
    const table = { file: new URL("file:///x.md"), header: "| a |\n| --- |\n", rows: "| new |\n" };
    const text = "Before.\n\n| a |\n| --- |\n| old |\n| older |\n\nAfter.\n";
    assert.equal(withTable(text, table), "Before.\n\n| a |\n| --- |\n| new |\n\nAfter.\n");
  });
});
