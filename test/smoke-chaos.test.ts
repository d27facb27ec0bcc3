import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { skipWithExternalPostgres as skip } from "./base/running-plaza.ts";

const folder = path.join(import.meta.dirname, "..", "chaos");
const suites = readdirSync(folder).filter((name) => name.endsWith(".ts"));

/** Ten times what the slowest needs on an idle machine with two cores. */
const timeoutMs = 100_000;

describe("the short form of each chaos suite", { skip, concurrency: 2 }, () => {
  for (const suite of suites) {
    it(`chaos/${suite} --smoke passes and prints its result last`, async () => {
      const child = spawn(process.execPath, [path.join(folder, suite), "--smoke"], {
        stdio: ["ignore", "pipe", "pipe"],
        timeout: timeoutMs,
      });
      const [stdout, stderr] = await Promise.all([
        text(child.stdout),
        text(child.stderr),
        once(child, "close"),
      ]);
      assert.equal(child.exitCode, 0, stdout + stderr);
      const result = JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
      assert.equal(result.chaos, path.basename(suite, ".ts"));
      assert.equal(result.pass, true, stdout);
      assert.equal(typeof result.figures, "object");
      assert.equal(result.planted?.caught, result.planted?.of);
    });
  }
});
