import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, it } from "node:test";

const scripts = path.join(import.meta.dirname, "..", "scripts");

type Lockfile = { packages: Record<string, { version?: string }> };

describe("set-up", () => {
  let checkout: string;
  beforeEach(() => {
    checkout = createCheckout();
  });
  afterEach(() => rmSync(checkout, { recursive: true, force: true }));

  it("installs packages where there are none", () => {
    assert.deepEqual(npmCallsOfSetUp(checkout), ["ci --loglevel=error"]);
  });

  it("installs nothing after an `npm ci` by hand", () => {
    execFileSync("npm", ["ci", "--offline", "--loglevel=error"], { cwd: checkout });
    fakeNode(checkout);
    assert.deepEqual(npmCallsOfSetUp(checkout), []);
  });

  it("installs again when package-lock.json names another version", () => {
    execFileSync("npm", ["ci", "--offline", "--loglevel=error"], { cwd: checkout });
    fakeNode(checkout);
    editLockfile(checkout, ({ packages }) => {
      packages["greeter"] = { ...packages["greeter"], version: "1.0.1" };
    });
    assert.deepEqual(npmCallsOfSetUp(checkout), ["ci --loglevel=error"]);
  });

  it("installs again when package-lock.json names another package, unless it is optional", () => {
    execFileSync("npm", ["ci", "--offline", "--loglevel=error"], { cwd: checkout });
    fakeNode(checkout);
    const added = { version: "2.0.0", optional: true };
    editLockfile(checkout, ({ packages }) => {
      packages["node_modules/other-platform"] = added;
    });
    assert.deepEqual(npmCallsOfSetUp(checkout), []);
    editLockfile(checkout, ({ packages }) => {
      packages["node_modules/added"] = { version: "2.0.0" };
    });
    assert.deepEqual(npmCallsOfSetUp(checkout), ["ci --loglevel=error"]);
  });
});

/** A checkout with the set-up script and one dependency, which lies in it. */
function createCheckout(): string {
  const checkout = mkdtempSync(path.join(tmpdir(), "plaza-setup-"));
  mkdirSync(path.join(checkout, "scripts"));
  cpSync(path.join(scripts, "setup.mjs"), path.join(checkout, "scripts", "setup.mjs"));
  mkdirSync(path.join(checkout, "greeter"));
  const greeter = { name: "greeter", version: "1.0.0" };
  const root = { name: "made-up", version: "0.0.0", dependencies: { greeter: "file:greeter" } };
  writeJson(checkout, "greeter/package.json", greeter);
  writeJson(checkout, "package.json", root);
  writeJson(checkout, "package-lock.json", {
    name: "made-up",
    version: "0.0.0",
    lockfileVersion: 3,
    requires: true,
    packages: {
      "": root,
      greeter: { version: "1.0.0" },
      "node_modules/greeter": { resolved: "greeter", link: true },
    },
  });
  fakeNode(checkout);
  return checkout;
}

/** Runs set-up with a program instead of npm that only records its arguments; returns one line for each call. */
function npmCallsOfSetUp(checkout: string): string[] {
  const bin = path.join(checkout, "bin");
  const calls = path.join(checkout, "npm-calls");
  rmSync(calls, { force: true });
  writeProgram(path.join(bin, "npm"), `echo "$@" >> ${calls}`);
  const script = path.join(checkout, "scripts", "setup.mjs");
  const { npm_execpath: _, ...env } = process.env;
  execFileSync(
    process.execPath,
    ["--input-type=module", "--eval", `(await import(${JSON.stringify(script)})).setUp();`],
    { env: { ...env, PATH: `${bin}${path.delimiter}${env["PATH"]}` }, stdio: "pipe" },
  );
  return existsSync(calls) ? readFileSync(calls, "utf8").trim().split("\n") : [];
}

/** Replaces the pinned Node, by which set-up generates and builds, with a program that does nothing. */
function fakeNode(checkout: string): void {
  writeProgram(path.join(checkout, "node_modules", "node", "bin", "node"), "exit 0");
}

function editLockfile(checkout: string, edit: (lockfile: Lockfile) => void): void {
  const file = path.join(checkout, "package-lock.json");
  const lockfile = JSON.parse(readFileSync(file, "utf8")) as Lockfile;
  edit(lockfile);
  writeJson(checkout, "package-lock.json", lockfile);
}

function writeJson(folder: string, name: string, value: object): void {
  writeFileSync(path.join(folder, name), JSON.stringify(value, null, 2));
}

function writeProgram(file: string, line: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}
