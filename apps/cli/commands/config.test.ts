import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { settingsTable } from "./config.ts";

const page = new URL("../../../docs/configuration.md", import.meta.url);

describe("docs/configuration.md", () => {
  it("holds the table that `plaza config` prints", () => {
    const text = readFileSync(page, "utf8");
    const table = text.slice(text.indexOf("| variable"));
    assert.equal(table, settingsTable(), "run: npm run -s plaza config");
  });
});
