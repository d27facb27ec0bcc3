import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { OperatorError } from "../errors/operator-error.ts";
import { acquireFileLock } from "./file-lock.ts";
import { lockInstance } from "./instance-lock.ts";

describe("lockInstance", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "plaza-lock-"));
  const children: ChildProcess[] = [];
  after(() => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(dataDir, { recursive: true });
  });

  /** Another process that tries to acquire the lock, prints the result, and keeps running. */
  async function contender() {
    const module = new URL("./instance-lock.ts", import.meta.url).href;
    const program = `
      import { lockInstance } from ${JSON.stringify(module)};
      try {
        lockInstance(${JSON.stringify(dataDir)});
        process.stdout.write("held");
      } catch (error) {
        process.stdout.write(error.message);
      }
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    const [said] = await once(child.stdout, "data");
    const kill = async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    };
    return { pid: child.pid, said: String(said), kill };
  }

  it("refuses a second process in one sentence that names the first", async () => {
    const first = await contender();
    const second = await contender();
    assert.equal(first.said, "held");
    assert.match(
      second.said,
      new RegExp(`^Plaza is already running with the data folder .* \\(process ${first.pid}\\)`),
    );
    assert.throws(() => lockInstance(dataDir), OperatorError);
    await Promise.all([first.kill(), second.kill()]);
  });

  it("is released when its process is killed", async () => {
    const first = await contender();
    await first.kill();
    lockInstance(dataDir).release();
  });

  it("goes to one of several concurrent processes", async () => {
    const all = await Promise.all(Array.from({ length: 6 }, () => contender()));
    assert.equal(all.filter(({ said }) => said === "held").length, 1);
    await Promise.all(all.map(({ kill }) => kill()));
  });

  it("can be awaited", async () => {
    const file = join(dataDir, "other.lock");
    const lock = acquireFileLock(file, 0);
    assert.ok(lock);
    assert.equal(acquireFileLock(file, 20), undefined);
    lock.release();
    acquireFileLock(file, 0)?.release();
  });
});
