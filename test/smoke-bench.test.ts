import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { isInstalled } from "../bench/base/required-programs.ts";
import { missingBrowser } from "./browser/chromium.ts";

const folder = path.join(import.meta.dirname, "..", "bench");
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length));
/** A smoke run takes seconds on an idle machine. */
const timeoutMs = 300_000;

const needsOtherPrograms: Readonly<Record<string, readonly ("taskset" | "h2load")[]>> = {
  grpc: ["taskset", "h2load"],
  "local-call": [],
  markdown: [],
  "page-load": [],
  start: [],
};

type ResultLine = {
  readonly bench: string;
  readonly ratios: Readonly<Record<string, unknown>>;
  readonly figures: Readonly<Record<string, unknown>>;
  readonly smoke?: boolean;
};

// Benchmarks bring their own PostgreSQL and choose their own placement: one run of the tests is enough.
const skip =
  process.env["DATABASE_URL"] || process.env["PLAZA_TEST_SPLIT"]
    ? "is the same in every placement"
    : process.platform !== "linux" && "reads /proc";

describe("npm run bench", { skip, concurrency: 2 }, () => {
  for (const name of names) {
    const missing = (needsOtherPrograms[name] ?? ["taskset"]).filter((one) => !isInstalled(one));
    const skip =
      missing.length > 0
        ? `${missing.join(", ")} not installed`
        : name === "page-load" && missingBrowser;
    it(`${name} --smoke runs to its end`, { skip, timeout: 2 * timeoutMs }, async () => {
      const { code, stdout, stderr } = await runSmoke(name);
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      const result = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as ResultLine;
      assert.equal(result.bench, name);
      assert.equal(result.smoke, true);
      for (const [key, value] of Object.entries({ ...result.ratios, ...result.figures })) {
        assert.ok(Number.isFinite(value), `${key} is ${value}`);
      }
      assert.notEqual(Object.keys({ ...result.ratios, ...result.figures }).length, 0);
    });
  }
});

async function runSmoke(name: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [path.join(folder, `${name}.ts`), "--smoke"], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, stdout, stderr };
}
