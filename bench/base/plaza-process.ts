import { cliEntry } from "../../test/base/running-plaza.ts";
import type { Scope } from "./scope.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

export type PlazaProcessOptions = {
  /** What follows `plaza start`. */
  readonly args?: readonly string[];
  /** Where it may run, as `taskset` names cores; anywhere by default. */
  readonly cores?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The data folder; a fresh one by default. */
  readonly dataDir?: string;
};

/** Starts Plaza on a free port, without rate limits and with its own PostgreSQL unless `env` names another. */
export async function startPlazaProcess(
  scope: Scope,
  { args = [], dataDir, env, ...where }: PlazaProcessOptions = {},
): Promise<ServerProcess> {
  return startServerProcess(scope, {
    ...where,
    args: [cliEntry, "start", ...args],
    env: {
      DATABASE_URL: "",
      PLAZA_DATA: dataDir ?? scope.makeFolder(),
      PLAZA_PORT: "0",
      PLAZA_RATE_LIMIT: "0",
      ...env,
    },
  });
}
