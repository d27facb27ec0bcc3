import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { after, before } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { dataDirEnv, newSeededDataDir, removeDataDir } from "./data-dir.ts";

/** The file that is the command `plaza`. */
export const cliEntry = cliEntryOf(path.join(import.meta.dirname, "..", ".."));

/** The same in another checkout. */
export function cliEntryOf(checkout: string): string {
  return path.join(checkout, "apps", "cli", "main.ts");
}

/** A Plaza that was started by `plaza start`. */
export type RunningPlaza = {
  readonly url: string;
  readonly dataDir: string;
  /** The process of `plaza start`. */
  readonly process: ChildProcess;
  /** Everything it has printed. */
  output(): string;
  /** Stops it as Ctrl-C does, and deletes its data unless `dataDir` was given. */
  stop(): Promise<void>;
};

/** How to start it. */
export type PlazaOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments of `plaza start`; those of the placement under test by default. */
  readonly args?: readonly string[];
  /** A data folder to use and keep; by default one with the demo data, which is deleted. */
  readonly dataDir?: string;
  /** The checkout to run; this one by default. */
  readonly checkout?: string;
};

/** The arguments of the placement under test: `--split` when PLAZA_TEST_SPLIT is set. */
export const placementArgs = process.env["PLAZA_TEST_SPLIT"] ? ["--split"] : [];

/** Whether the placement under test is the one that `plaza start` has by default. */
export const isDefaultPlacement = !process.env["PLAZA_TEST_SPLIT"] && !process.env["DATABASE_URL"];

/**
 * The names of the seeded faults to run in the placement under test: all in the default one, else the first. The
 * checker judges a history, wherever that comes from, so that one placement is enough for all of them.
 */
export function chooseFaults(seededFaults: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(seededFaults).slice(0, isDefaultPlacement ? undefined : 1);
}

/** Why kill tests are skipped with an external PostgreSQL; false otherwise. */
export const skipWithExternalPostgres: string | false = process.env["DATABASE_URL"]
  ? "kills the embedded PostgreSQL, not that of DATABASE_URL"
  : false;

/**
 * Starts Plaza on a free port, with a data folder of its own unless one is given, and waits until it serves. DATABASE_URL, when
 * set, names the server to use, so that the same tests run against an external one.
 */
export async function startPlaza(options: PlazaOptions = {}): Promise<RunningPlaza> {
  const dataDir = options.dataDir ?? newSeededDataDir();
  const data = await dataDirEnv(dataDir);
  const command = options.checkout ? cliEntryOf(options.checkout) : cliEntry;
  const child = spawn(process.execPath, [command, "start", ...(options.args ?? placementArgs)], {
    env: { ...process.env, PLAZA_PORT: "0", PLAZA_RATE_LIMIT: "0", ...data, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printed += String(chunk);
    });
  }
  const url = await waitForAddress(child, () => printed);
  return {
    url,
    dataDir,
    process: child,
    output: () => printed,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGINT");
        await once(child, "exit");
      }
      if (!options.dataDir) await removeDataDir(dataDir);
    },
  };
}

/** Runs a Plaza for the calling suite; the function returned gives it, from the before hooks on. */
export function suitePlaza(options: PlazaOptions = {}): () => RunningPlaza {
  let running: RunningPlaza | undefined;
  before(async () => {
    running = await startPlaza(options);
  });
  after(() => running?.stop());
  return () => {
    if (!running) throw new Error("Plaza runs from the suite's before hooks on.");
    return running;
  };
}

async function waitForAddress(child: ChildProcess, printed: () => string): Promise<string> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(20)) {
    const [address] = /http:\/\/[\w.]+:\d+/.exec(printed()) ?? [];
    if (address) return address;
    if (child.exitCode !== null) break;
  }
  child.kill("SIGKILL");
  throw new Error(`Plaza did not start:\n${printed()}`);
}
