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
