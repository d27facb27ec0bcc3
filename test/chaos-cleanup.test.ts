import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { acquire, withCleanup } from "../chaos/base/cleanup.ts";
import { runClients } from "../chaos/base/run-clients.ts";

const killSuite = path.join(import.meta.dirname, "..", "chaos", "kill.ts");

describe("withCleanup", () => {
  it("disposes of everything, last first, and rejects when the work fails", async () => {
    const steps: string[] = [];
    const working = withCleanup(async (cleanup) => {
      cleanup.defer(() => void steps.push("first"));
      cleanup.defer(() => void steps.push("second"));
      throw new Error("half-way");
    });
    await assert.rejects(working, /half-way/);
    assert.deepEqual(steps, ["second", "first"]);
  });

  it("waits for what is still starting", async () => {
    const ended: string[] = [];
    const working = withCleanup(async (cleanup) => {
      void acquire(
        cleanup,
        () => sleep(20, "resource"),
        async (resource) => void ended.push(resource),
      );
      throw new Error("half-way");
    });
    await assert.rejects(working, /half-way/);
    assert.deepEqual(ended, ["resource"]);
  });

  it("is reached when a client fails while the nemesis and other clients run", async () => {
    const given = new AbortController();
    const working = withCleanup(async (cleanup) => {
      cleanup.defer(() => given.abort());
      const forever = () => sleep(60_000, undefined, { signal: given.signal });
      await runClients(forever, () => [forever(), Promise.reject(new Error("a bug in a client"))]);
    });
    await assert.rejects(working, /a bug in a client/);
    assert.ok(given.signal.aborted);
  });
});

const { DATABASE_URL, TMPDIR, PLAZA_TEST_DATA } = process.env;

describe("a chaos suite that does not reach its end", {
  skip: DATABASE_URL !== undefined || !existsSync("/proc/self/environ"),
}, () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), "plaza-chaos-"));
    // PostgreSQL may run as another user.
    chmodSync(folder, 0o755);
    // Everything that a suite writes is in the folder.
    setEnv({ TMPDIR: folder, PLAZA_TEST_DATA: undefined });
  });
  after(() => {
    setEnv({ TMPDIR, PLAZA_TEST_DATA });
    rmSync(folder, { recursive: true, force: true });
  });

  it("leaves no process and no folder when it fails after the first kill", async () => {
    // Imported now, since it reads the environment.
    const { runKillSuite } = await import("../chaos/kill/suite.ts");
    const suite = runKillSuite({
      n: 3,
      seed: 1,
      split: false,
      faultCount: 1,
      log(line) {
        if (line.startsWith("killed")) throw new Error("half-way");
      },
    });
    await assert.rejects(suite, /half-way/);
    assert.deepEqual(leftovers(folder), []);
  });

  it("leaves no process and no folder when SIGTERM ends it", async () => {
    const child = spawn(process.execPath, [killSuite, "--smoke", "--n", "3"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += String(chunk);
    });
    while (!output.includes("killed") && child.exitCode === null) await sleep(20);
    assert.notDeepEqual(leftovers(folder), [], "the suite was running");
    child.kill("SIGTERM");
    const [exitCode] = await exited;
    assert.equal(exitCode, 143);
    assert.deepEqual(leftovers(folder), []);
  });
});

function setEnv(values: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/** The files in the folder, and the other processes that refer to it. */
function leftovers(folder: string): string[] {
  const processes = readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
        const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
        return (command + environment).includes(folder) ? [command] : [];
      } catch {
        return []; // It has just ended, or belongs to another user.
      }
    });
  return [...readdirSync(folder), ...processes];
}
