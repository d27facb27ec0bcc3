import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
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
import { after, before, describe, it } from "node:test";
import { signInDemo } from "./base/accounts.ts";
import { apiClient, assertApiError } from "./base/api-client.ts";
import { cliEntryOf, startPlaza } from "./base/running-plaza.ts";

const root = path.join(import.meta.dirname, "..");

describe("plaza new service", { timeout: 180_000 }, () => {
  let checkout: string;
  // Without the variable by which a test runner knows that it runs inside another and runs nothing.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const run = (...args: string[]) =>
    spawnSync(process.execPath, args, { cwd: checkout, encoding: "utf8", env });

  before(() => {
    checkout = copyOfCheckout();
    const { status, stderr } = run(cliEntryOf(checkout), "new", "service", "gadgets");
    assert.equal(status, 0, stderr);
    assert.equal(run(cliEntryOf(checkout), "new", "service", "footnotes", "remark").status, 0);
  });
  after(() => rmSync(checkout, { recursive: true, force: true }));

  it("makes a service whose contract and code the checks accept", () => {
    const bin = (name: string) => path.join("node_modules", ".bin", name);
    for (const [tool, ...args] of [
      ["buf", "lint"],
      ["buf", "format", "--diff", "--exit-code", "--path", "proto/plaza"],
      ["tsc", "-p", "tsconfig.json"],
      ["biome", "check", "--vcs-enabled=false", "services/gadgets", "services/footnotes"],
    ] as const) {
      const { status, stdout, stderr } = spawnSync(bin(tool), args, {
        cwd: checkout,
        encoding: "utf8",
      });
      assert.equal(status, 0, `${tool} ${args.join(" ")}:\n${stdout}${stderr}`);
    }
  });

  it("makes a service that a fresh clone installs", () => {
    // As `npm ci` begins: it refuses when a workspace is not in package-lock.json as it should be.
    const ci = ["ci", "--dry-run", "--ignore-scripts", "--offline"];
    const { status, stderr } = spawnSync("npm", ci, { cwd: checkout, encoding: "utf8", env });
    assert.equal(status, 0, stderr);
  });

  it("makes tests that pass", () => {
    const tests = globSync("services/{gadgets,footnotes}/*.test.ts", { cwd: checkout });
    const { status, stdout } = run("--test", ...tests);
    assert.equal(status, 0, stdout);
    assert.match(stdout, /^ℹ pass 1[0-9]$/m);
  });

  it("makes a service that runs with the others", async () => {
    const plaza = await startPlaza({ checkout });
    try {
      const { accessToken } = await signInDemo(plaza.url, "nonadmin3");
      const member = apiClient(plaza.url, accessToken);
      const made = JSON.parse((await member("POST /v1/gadgets", { text: "a spinning top" })).text);
      const read = await member(`GET /v1/gadgets/${made.id}`);
      assert.equal(JSON.parse(read.text).text, "a spinning top");
      assertApiError(
        await apiClient(plaza.url)(`GET /v1/gadgets/${made.id}`),
        401,
        "NOT_SIGNED_IN",
      );
      assert.equal((await member("POST /v1/remarks", { text: "see below" })).status, 200);
    } finally {
      await plaza.stop();
    }
  });

  it("refuses names that are taken or cannot be", () => {
    const name = (text: string) => run(cliEntryOf(checkout), "new", "service", text).stderr;
    assert.match(name("posts"), /^plaza: There is a service "posts" already\.\n$/);
    assert.match(name("No-Good"), /^plaza: A service's name, and what it owns one of, is a noun/);
  });
});

/** A checkout beside this one that shares its packages, but links to its own workspaces. */
function copyOfCheckout(): string {
  const copy = mkdtempSync(path.join(tmpdir(), "plaza-checkout-"));
  const left = new Set([".git", ".plaza", "node_modules", "test", "bench", "chaos"]);
  for (const name of readdirSync(root).filter((one) => !left.has(one))) {
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true });
  }
  const packages = path.join(root, "node_modules");
  mkdirSync(path.join(copy, "node_modules", "@plaza"), { recursive: true });
  for (const name of readdirSync(packages).filter((one) => one !== "@plaza")) {
    symlinkSync(path.join(packages, name), path.join(copy, "node_modules", name));
  }
  for (const group of ["packages", "services", "apps"]) {
    for (const name of readdirSync(path.join(copy, group))) {
      symlinkSync(path.join(copy, group, name), path.join(copy, "node_modules", "@plaza", name));
    }
  }
  return copy;
}
