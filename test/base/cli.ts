import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { dataDirEnv } from "./data-dir.ts";
import { cliEntry } from "./running-plaza.ts";

/** How a command ended and what it printed. */
export type ExitResult = {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** Runs `plaza …` to its end. */
export async function runCli(
  args: readonly string[],
  { dataDir, env = {} }: { dataDir: string; env?: Readonly<Record<string, string>> },
): Promise<ExitResult> {
  const child = spawn(process.execPath, [cliEntry, ...args], {
    env: { ...process.env, PLAZA_PORT: "0", ...(await dataDirEnv(dataDir)), ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code: child.exitCode, stdout, stderr };
}

/** Asserts that the command ended with exit code 1 and one sentence on stderr, without a stack. */
export function assertOperatorError({ code, stdout, stderr }: ExitResult, sentence: RegExp): void {
  assert.equal(code, 1, stdout + stderr);
  assert.match(stderr, sentence);
  assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
  assert.equal(stdout, "");
}
