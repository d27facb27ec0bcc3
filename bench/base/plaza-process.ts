import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { copySeededData, testDataDir } from "../../test/base/data-dir.ts";
import { cliEntry } from "../../test/base/running-plaza.ts";
import type { Scope } from "./scope.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

const postgresTimeoutMs = 10_000;
/** That of `npm start`. */
const compileCache = path.join(
  import.meta.dirname,
  ...["..", "..", "node_modules", ".cache", "plaza"],
);

export type PlazaProcessOptions = {
  /** What follows `plaza start`. */
  readonly args?: readonly string[];
  /** Where it may run, as `taskset` names cores; anywhere by default. */
  readonly cores?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The data folder; by default a new one, with the demo data from the start if the test runner has some. */
  readonly dataDir?: string;
};

/** Starts Plaza on a free port, without rate limits and with its own PostgreSQL unless `env` names another. */
export async function startPlazaProcess(
  scope: Scope,
  { args = [], dataDir = makeDataDir(scope), env, ...where }: PlazaProcessOptions = {},
): Promise<ServerProcess> {
  scope.defer(() => endOrphanedPostgres(dataDir));
  return startServerProcess(scope, {
    ...where,
    args: [cliEntry, "start", ...args],
    env: {
      DATABASE_URL: "",
      NODE_COMPILE_CACHE: compileCache,
      PLAZA_DATA: dataDir,
      PLAZA_PORT: "0",
      PLAZA_RATE_LIMIT: "0",
      // A Plaza that is stopped during its start leaves the folder of its socket here.
      TMPDIR: scope.makeFolder(),
      ...env,
    },
  });
}

function makeDataDir(scope: Scope): string {
  const dataDir = scope.makeFolder(testDataDir);
  copySeededData(dataDir);
  return dataDir;
}

/** Ends the PostgreSQL of a Plaza that has died: it outlives it, so that the next Plaza finds its data whole. */
async function endOrphanedPostgres(dataDir: string): Promise<void> {
  const until = performance.now() + postgresTimeoutMs;
  for (let pid = findPostmaster(dataDir); pid && performance.now() < until; ) {
    process.kill(pid, "SIGQUIT");
    await sleep(50);
    pid = findPostmaster(dataDir);
  }
}

/** The postmaster of a data folder, if one runs: its file outlives it, and its id may be another's by then. */
function findPostmaster(dataDir: string): number | undefined {
  const folder = path.join(dataDir, "postgres");
  try {
    const pid = Number(readFileSync(path.join(folder, "postmaster.pid"), "utf8").split("\n")[0]);
    const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
    return command.includes(`-D\0${folder}\0`) ? pid : undefined;
  } catch {
    return undefined;
  }
}
