import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { isInstalled } from "./required-programs.ts";

const benchFolder = path.join(import.meta.dirname, "..");
const skip = !isInstalled("taskset") && "taskset is not installed";

describe("a benchmark that does not reach its end", { skip, concurrency: false }, () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "plaza-"));
    chmodSync(folder, 0o711); // PostgreSQL may run as another user.
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("ends PostgreSQL and its servers and removes its folders when it fails", async () => {
    const bench = startBench("requests.ts", folder);
    const [pid = 0] = await bench.until((command) => command.includes("nestjs/main.ts"));
    process.kill(pid, "SIGKILL");
    assert.equal(await bench.exitCode(), 1);
    assert.match(bench.stderr(), /nestjs\/main\.ts ended/);
    assert.deepEqual(bench.processes(), []);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("does the same when Plaza is killed", async () => {
    const bench = startBench("placement.ts", folder);
    await bench.until((command) => command.includes("postgres -D "));
    const [pid = 0] = await bench.until((command) => /main\.ts start $/.test(command));
    process.kill(pid, "SIGKILL");
    assert.equal(await bench.exitCode(), 1);
    assert.deepEqual(bench.processes(), []);
    assert.deepEqual(readdirSync(folder), []);
  });

  it("does the same when a signal ends it", async () => {
    const bench = startBench("placement.ts", folder);
    await bench.until((command) => command.includes("initdb"));
    bench.child.kill("SIGTERM");
    assert.equal(await bench.exitCode(), 143);
    assert.deepEqual(bench.processes(), []);
    assert.deepEqual(readdirSync(folder), []);
  });
});

/** Runs a benchmark whose temporary files lie in `folder`. */
function startBench(file: string, folder: string) {
  const mark = randomUUID();
  const child: ChildProcess = spawn(process.execPath, [path.join(benchFolder, file)], {
    env: {
      ...process.env,
      TMPDIR: folder,
      DATABASE_URL: "",
      PLAZA_BENCH_TEST: mark,
      // Without demo data to copy, its Plaza begins with initdb.
      PLAZA_TEST_DATA: undefined,
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  const read = child.stderr ? text(child.stderr).then((all) => (stderr = all)) : undefined;
  const ended = once(child, "close");
  /** Its processes, known by their environment, or by the folder in their command lines. */
  const list = () =>
    listProcesses().filter(
      ({ command, environment }) => environment.includes(mark) || command.includes(folder),
    );
  return {
    child,
    stderr: () => stderr,
    processes: () => list().map(({ command }) => command),
    async exitCode(): Promise<number> {
      await read;
      const [code] = await ended;
      return code;
    },
    async until(isWanted: (command: string) => boolean): Promise<number[]> {
      for (; child.exitCode === null; await sleep(20)) {
        const found = list().filter(({ command }) => isWanted(command));
        if (found.length > 0) return found.map(({ pid }) => pid);
      }
      throw new Error(`ended early: ${stderr}`);
    },
  };
}

function listProcesses(): { pid: number; command: string; environment: string }[] {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
      const environment = readFileSync(`/proc/${pid}/environ`, "utf8");
      return command === "" ? [] : [{ pid: Number(pid), command, environment }];
    } catch {
      return []; // It has ended, or belongs to another user.
    }
  });
}
