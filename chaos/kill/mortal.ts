import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { rest } from "../../test/http.ts";
import { type RunningPlaza, startPlaza } from "../../test/plaza.ts";
import type { Target } from "./writer.ts";

/** What can be killed: the process that people start, the server of the database, or both at once. */
export const victims = ["plaza", "postgres", "both"] as const;

export type Victim = (typeof victims)[number];

/** A Plaza that is killed and started again on the same data. */
export type Mortal = Target & {
  /** Kills without warning, brings everything back, and answers how long that took, in ms. */
  kill(victim: Victim): Promise<number>;
  stop(): Promise<void>;
};

/** Starts it, in one process or split, with the PostgreSQL that Plaza brings along. */
export async function startMortal(
  dataDir: string,
  isSplit: boolean,
  send: Target["send"],
): Promise<Mortal> {
  const start = (): Promise<RunningPlaza> =>
    startPlaza({
      dataDir,
      args: isSplit ? ["--split"] : [],
      env: { DATABASE_URL: "", PLAZA_TRUST_PROXY: "1" },
    });
  let running = start();
  await running;

  async function kill(victim: Victim): Promise<number> {
    const { process: child, url } = await running;
    const startedAt = performance.now();
    if (victim !== "plaza") process.kill(serverPid(dataDir), "SIGKILL");
    if (victim === "postgres") {
      await ready(url);
    } else {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      running = ended.then(start);
      await ready((await running).url);
    }
    return performance.now() - startedAt;
  }

  return {
    send,
    url: async () => (await running).url,
    kill,
    stop: async () => (await running).stop(),
  };
}

/** Waits until Plaza says that it can serve. Throws after a minute. */
async function ready(url: string): Promise<void> {
  for (const until = Date.now() + 60_000; ; await sleep(20)) {
    const status = await rest(url)("GET /readyz").then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return;
    if (Date.now() > until) throw new Error("Plaza did not come back within a minute.");
  }
}

/** The first line of this file is the server's process id (PostgreSQL: miscadmin.h). */
function serverPid(dataDir: string): number {
  const file = path.join(dataDir, "postgres", "postmaster.pid");
  return Number(readFileSync(file, "utf8").split("\n")[0]);
}
