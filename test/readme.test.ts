import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { suitePlaza } from "./base/running-plaza.ts";

const root = path.join(import.meta.dirname, "..");

/** The commands in the README that call a running Plaza: each block of shell that uses curl. */
const curlExamples = readFileSync(path.join(root, "README.md"), "utf8")
  .split(/^```/m)
  .filter((block) => block.startsWith("sh\n") && /\bcurl\b/.test(block))
  .map((block) => block.slice("sh\n".length));

describe("the README", () => {
  const plaza = suitePlaza();

  it("shows calls over REST and gRPC", () => {
    assert.ok(curlExamples.some((call) => call.startsWith("curl ")));
    assert.ok(curlExamples.some((call) => call.includes("buf curl ")));
  });

  for (const call of curlExamples) {
    it(`is right about: ${call.split("\n")[0]}`, async () => {
      const here = call.replaceAll("http://localhost:8080", plaza().url);
      const { stdout } = await promisify(execFile)("sh", ["-euc", here], { cwd: root });
      const answer = JSON.parse(stdout) as { posts?: { title: string }[]; title?: string };
      assert.ok(answer.title ?? answer.posts?.[0]?.title, stdout);
    });
  }
});
