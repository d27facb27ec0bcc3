import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { compile } from "tailwindcss";

const folder = path.join(import.meta.dirname, "..");

describe("class names of our own", () => {
  it("are no utilities of Tailwind, which would apply beside our rules", async () => {
    const names = globSync("**/*.css", { cwd: folder }).flatMap((file) =>
      [
        ...readFileSync(path.join(folder, file), "utf8").matchAll(
          /(?<=\.)[a-z][\w-]*(?=[^{};]*\{)/g,
        ),
      ].map(([name]) => name),
    );
    assert.ok(names.includes("prose"));
    assert.deepEqual(await utilitiesAmong(names), []);
    assert.deepEqual(await utilitiesAmong(["table", "prose"]), ["table"]);
  });
});

async function utilitiesAmong(names: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of new Set(names)) {
    const { build } = await compile("@tailwind utilities;");
    if (build([name]).includes(`.${name}`)) found.push(name);
  }
  return found;
}
