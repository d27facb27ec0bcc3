import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { apiClient } from "../../test/base/api-client.ts";
import { type RunningPlaza, startPlaza } from "../../test/base/running-plaza.ts";
import type { SystemUnderTest } from "../kill/client.ts";

/** What can be killed: the process that people start, the server of the database, or both at once. */
export const killTargets = ["plaza", "postgres", "both"] as const;

export type KillTarget = (typeof killTargets)[number];

/** A Plaza that is killed and started again on the same data. */
export type TestCluster = SystemUnderTest & {
  /** Kills without warning, brings everything back, and answers how long that took, in ms. */
  kill(victim: KillTarget): Promise<number>;
  stop(): Promise<void>;
};

/** Starts it, in one process or split, with the PostgreSQL that Plaza brings along. */
export async function startCluster(
  dataDir: string,
  isSplit: boolean,
  send: SystemUnderTest["send"],
  env: Readonly<Record<string, string>> = {},
): Promise<TestCluster> {
  const start = (): Promise<RunningPlaza> =>
    startPlaza({
      dataDir,
      args: isSplit ? ["--split"] : [],
      env: { DATABASE_URL: "", PLAZA_TRUST_PROXY: "1", ...env },
    });
  let running = start();
  await running;

  async function kill(victim: KillTarget): Promise<number> {
    const { process: child } = await running;
    const startedAt = performance.now();
    const server = postgresPid(dataDir);
    if (victim !== "plaza") process.kill(server, "SIGKILL");
    if (victim !== "postgres") {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      running = ended.then(start);
    }
    await waitForRecovery((await running).url, () => ![server, 0].includes(postgresPid(dataDir)));
    return performance.now() - startedAt;
  }

  return {
    send,
    url: async () => (await running).url,
    kill,
    stop: async () => (await running).stop(),
  };
}

/** Waits until there is another PostgreSQL, from which posts can be read. Throws after a minute. */
async function waitForRecovery(url: string, isNewServer: () => boolean): Promise<void> {
  for (const until = Date.now() + 60_000; ; await sleep(20)) {
    const status = await apiClient(url)("GET /v1/posts?pageSize=1").then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200 && isNewServer()) return;
    if (Date.now() > until) throw new Error("Plaza did not come back within a minute.");
  }
}

/** The server's process id, which is the first line of this file (PostgreSQL: miscadmin.h); 0 without one. */
function postgresPid(dataDir: string): number {
  const file = path.join(dataDir, "postgres", "postmaster.pid");
  return existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : 0;
}
