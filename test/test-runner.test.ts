import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";

const scripts = path.join(import.meta.dirname, "..", "scripts");

const testFiles: Readonly<Record<string, string>> = {
  "passing.test.ts": 'it("passes", () => {});',
  "slow.test.ts": 'it("passes late", () => new Promise((resolve) => setTimeout(resolve, 300)));',
  "failing.test.ts": 'it("fails", () => { throw new Error("no"); });',
  "todo.test.ts": 'it.todo("fails as expected", () => { throw new Error("not yet"); });',
  "broken.test.ts": 'import "./missing.ts";',
};

describe("the test runner", { concurrency: 2 }, () => {
  const checkout = mkdtempSync(path.join(tmpdir(), "plaza-runner-"));
  const folder = path.join(checkout, "packages");

  before(() => {
    mkdirSync(folder);
    writeFileSync(path.join(checkout, "package.json"), JSON.stringify({ type: "module" }));
    for (const [name, line] of Object.entries(testFiles)) {
      writeFileSync(path.join(folder, name), `import { it } from "node:test";\n${line}\n`);
    }
    for (const name of ["setup.mjs", "test-runner.mjs"]) {
      cpSync(path.join(scripts, name), path.join(checkout, "scripts", name));
    }
  });
  after(() => rmSync(checkout, { recursive: true, force: true }));

  it("exits with 0 when all tests pass, and lists the slowest files, slowest first", async () => {
    const { code, output } = await runTests(checkout, "packages/passing", "packages/slow");
    assert.equal(code, 0, output);
    const [, list = ""] = output.split("slowest of 2 files");
    assert.match(list, / s {2}packages\/slow\.test\.ts\n.* s {2}packages\/passing\.test\.ts\n/);
  });

  it("exits with 1 when a test fails", async () => {
    const { code, output } = await runTests(checkout, "packages/passing", "packages/failing");
    assert.equal(code, 1, output);
    assert.match(output, /slowest of 2 files/);
  });

  it("exits with 1 when a file does not load", async () => {
    const { code, output } = await runTests(checkout, "packages/passing", "packages/broken");
    assert.equal(code, 1, output);
  });

  it("exits with 0 when only a test that is marked as todo fails", async () => {
    const { code, output } = await runTests(checkout, "packages/todo");
    assert.equal(code, 0, output);
  });

  it("exits with 1 when no test is below the paths", async () => {
    const { code, output } = await runTests(checkout, "packages/nothing");
    assert.equal(code, 1, output);
    assert.match(output, /no tests found in packages\/nothing/);
  });
});

async function runTests(
  checkout: string,
  ...paths: string[]
): Promise<{ code: number | null; output: string }> {
  // Without the variable by which a test runner knows that it runs inside another and runs nothing.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const script = path.join(checkout, "scripts", "test-runner.mjs");
  const child = spawn(process.execPath, [script, ...paths], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code: child.exitCode, output: stdout + stderr };
}
