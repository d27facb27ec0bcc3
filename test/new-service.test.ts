import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { after, before, describe, it } from "node:test";
import { signInDemo } from "./base/accounts.ts";
import { apiClient, assertApiError } from "./base/api-client.ts";
import { cliEntryOf, startPlaza } from "./base/running-plaza.ts";

const root = path.join(import.meta.dirname, "..");

// Most of a test is waiting for one tool that uses one core.
describe("plaza new service", { timeout: 180_000, concurrency: 2 }, () => {
  let checkout: string;
  const run = (...args: string[]) => runIn(checkout, process.execPath, args);
  const runTool = (name: string, ...args: string[]) =>
    runIn(checkout, path.join(root, "node_modules", ".bin", name), args);

  before(async () => {
    checkout = copyOfCheckout();
    const gadgets = await run(cliEntryOf(checkout), "new", "service", "gadgets");
    assert.equal(gadgets.status, 0, gadgets.output);
    const footnotes = await run(cliEntryOf(checkout), "new", "service", "footnotes", "remark");
    assert.equal(footnotes.status, 0, footnotes.output);
  });
  after(() => rmSync(checkout, { recursive: true, force: true }));

  for (const [tool, ...args] of [
    ["tsc", "-p", "tsconfig.json"],
    ["buf", "lint"],
    ["buf", "format", "--diff", "--exit-code", "--path", "proto/plaza"],
    ["biome", "check", "--vcs-enabled=false", "services/gadgets", "services/footnotes"],
  ] as const) {
    it(`makes a service whose contract and code ${tool} ${args[0]} accepts`, async () => {
      const { status, output } = await runTool(tool, ...args);
      assert.equal(status, 0, output);
    });
  }

  it("makes a service that a fresh clone installs", async () => {
    // As `npm ci` begins: it refuses when a workspace is not in package-lock.json as it should be.
    const ci = ["ci", "--dry-run", "--ignore-scripts", "--offline"];
    const { status, output } = await runIn(checkout, "npm", ci);
    assert.equal(status, 0, output);
  });

  it("makes tests that pass", async () => {
    const tests = globSync("services/{gadgets,footnotes}/*.test.ts", { cwd: checkout });
    const { status, output } = await run("--test", ...tests);
    assert.equal(status, 0, output);
    assert.match(output, /^ℹ pass 1[0-9]$/m);
  });

  it("makes a service that runs with the others", async () => {
    const plaza = await startPlaza({ checkout });
    try {
      const { accessToken } = await signInDemo(plaza.url, "nonadmin3");
      const member = apiClient(plaza.url, accessToken);
      const { text: created } = await member("POST /v1/gadgets", { text: "a spinning top" });
      const { id } = JSON.parse(created);
      const read = await member(`GET /v1/gadgets/${id}`);
      assert.equal(JSON.parse(read.text).text, "a spinning top");
      assertApiError(await apiClient(plaza.url)(`GET /v1/gadgets/${id}`), 401, "NOT_SIGNED_IN");
      assert.equal((await member("POST /v1/remarks", { text: "see below" })).status, 200);
    } finally {
      await plaza.stop();
    }
  });

  it("refuses names that are taken or cannot be", async () => {
    const errorOf = async (name: string) =>
      (await run(cliEntryOf(checkout), "new", "service", name)).output;
    assert.match(await errorOf("posts"), /^plaza: The service "posts" already exists\.\n$/);
    assert.match(
      await errorOf("No-Good"),
      /^plaza: The names of a service and of its resource must have 3 to 20 letters a–z/,
    );
  });
});

/** Runs a program to its end; returns its exit code and all that it printed. */
async function runIn(
  cwd: string,
  program: string,
  args: readonly string[],
): Promise<{ status: number | null; output: string }> {
  // Without the variable by which a test runner knows that it runs inside another and runs nothing.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { status: child.exitCode, output: stdout + stderr };
}

/** Copies this checkout; the copy shares its packages, but links to its own workspaces. */
function copyOfCheckout(): string {
  const copy = mkdtempSync(path.join(tmpdir(), "plaza-checkout-"));
  const excluded = new Set([
    ".git",
    ".plaza",
    "node_modules",
    "test",
    "bench",
    "chaos",
    "docs",
    "peers",
  ]);
  for (const name of readdirSync(root).filter((entry) => !excluded.has(entry))) {
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  }
  const packages = path.join(root, "node_modules");
  mkdirSync(path.join(copy, "node_modules", "@plaza"), { recursive: true });
  for (const name of readdirSync(packages).filter((entry) => entry !== "@plaza")) {
    symlinkSync(path.join(packages, name), path.join(copy, "node_modules", name));
  }
  for (const group of ["packages", "services", "apps"]) {
    for (const name of readdirSync(path.join(copy, group))) {
      symlinkSync(path.join(copy, group, name), path.join(copy, "node_modules", "@plaza", name));
    }
  }
  return copy;
}
