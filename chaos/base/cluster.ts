import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toConnectionUrl } from "@plaza/kit/db/connection-config";
import { ensureDatabase } from "@plaza/kit/db/ensure-database";
import { freePort } from "@plaza/kit/free-port";
import {
  clusterConnectionConfig,
  prepareCluster,
  removeSocketDir,
} from "@plaza/kit/postgres/database-cluster";
import { stopServer } from "@plaza/kit/postgres/server-process";
import { serviceNames } from "../../apps/cli/services.ts";
import { apiClient } from "../../test/base/api-client.ts";
import { newSeededDataDir, removeDataDir } from "../../test/base/data-dir.ts";
import { type RestartableProcess, startRestartable } from "./restartable-process.ts";
import { type SystemUnderTest, sendRequest } from "./system-under-test.ts";

/** Everything in one process, each service in its own, or several processes for the chats and one for the rest. */
export type ClusterTopology = "single" | "split" | { readonly chatProcesses: number };

/** What the nemesis can kill: the process that users start, the database server, both, or a chat process. */
export type KillTarget = "plaza" | "postgres" | "both" | "chat";

/** A Plaza that can be killed and restarted on the same data. */
export type TestCluster = SystemUnderTest & {
  /** Kills without warning and waits for the recovery; returns how long that took, in ms. */
  kill(target: KillTarget, chatProcess?: number): Promise<number>;
  /** The log lines of calls that ended in an internal error, whatever their callers received. */
  internalErrors(): string[];
};

export type ClusterOptions = {
  readonly topology: ClusterTopology;
  readonly env?: Readonly<Record<string, string>>;
};

const recoveryTimeoutMs = 60_000;

/**
 * Starts Plaza with the PostgreSQL that it brings. The cleanup stops all its processes and deletes its data, even
 * when it could not start.
 */
export async function startCluster(
  cleanup: AsyncDisposableStack,
  { topology, env = {} }: ClusterOptions,
): Promise<TestCluster> {
  const running = new AbortController();
  const dataDir = newSeededDataDir();
  cleanup.defer(() => removeDataDir(dataDir));
  cleanup.defer(() => stopPostgres(dataDir));
  const shared = { DATABASE_URL: "", PLAZA_TRUST_PROXY: "1", ...env };
  const { main, chats } =
    typeof topology === "object"
      ? await startWithChatProcesses(cleanup, dataDir, shared, topology.chatProcesses)
      : {
          main: await startRestartable(cleanup, {
            dataDir,
            args: topology === "split" ? ["--split"] : [],
            env: shared,
          }),
          chats: [],
        };
  cleanup.defer(() => running.abort(new Error("The cluster is stopped.")));

  async function kill(target: KillTarget, chatProcess = 0): Promise<number> {
    const startedAt = performance.now();
    const postmaster = postmasterPid(dataDir);
    if (target === "postgres" || target === "both") process.kill(postmaster, "SIGKILL");
    if (target === "plaza" || target === "both") await main.killAndRestart();
    if (target === "chat") await chats[chatProcess % chats.length]?.killAndRestart();
    // A restarted Plaza restarts PostgreSQL too.
    const isNewServer = () =>
      target === "chat" || ![postmaster, 0].includes(postmasterPid(dataDir));
    await waitForRecovery(await main.url(), isNewServer, running.signal);
    return performance.now() - startedAt;
  }

  return {
    url: () => main.url(),
    send: sendRequest,
    signal: running.signal,
    kill,
    internalErrors() {
      const lines = readFileSync(path.join(dataDir, "plaza.log"), "utf8").split("\n");
      return lines.filter((line) => line.includes('"level":50') && line.includes('"msg":"call"'));
    },
  };
}

/** Starts everything but the chats in one process, which brings PostgreSQL, then the chat processes. */
async function startWithChatProcesses(
  cleanup: AsyncDisposableStack,
  dataDir: string,
  env: Readonly<Record<string, string>>,
  chatProcesses: number,
): Promise<{ main: RestartableProcess; chats: RestartableProcess[] }> {
  const ports = await Promise.all(Array.from({ length: chatProcesses + 1 }, freePort));
  const [mainAddress = "", ...chatAddresses] = ports.map((port) => `http://127.0.0.1:${port}`);
  const shared = {
    ...env,
    PLAZA_SERVICE_KEY: "a key that is there for chaos only",
    PLAZA_CHAT_ADDRESS: chatAddresses.join(","),
  };
  const others = serviceNames().filter((name) => name !== "chat");
  const main = await startRestartable(cleanup, {
    dataDir,
    args: [...others, "gateway"],
    env: { ...shared, PLAZA_GRPC_PORT: String(ports[0]) },
  });
  const postgres = await prepareCluster(postgresDir(dataDir));
  const database = await ensureDatabase(
    clusterConnectionConfig(postgres, "postgres"),
    "plaza_chat",
  );
  const addresses = others.map((name) => [`PLAZA_${name.toUpperCase()}_ADDRESS`, mainAddress]);
  const chats = ports.slice(1).map((port) =>
    startRestartable(cleanup, {
      dataDir,
      args: ["chat"],
      env: {
        ...shared,
        ...Object.fromEntries(addresses),
        PLAZA_CHAT_ADDRESS: "",
        PLAZA_CHAT_DATABASE_URL: toConnectionUrl(database),
        PLAZA_GRPC_PORT: String(port),
      },
    }),
  );
  return { main, chats: await Promise.all(chats) };
}

/** Waits until PostgreSQL is another one and posts can be read from it. Rejects after a minute. */
async function waitForRecovery(
  url: string,
  isNewServer: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  for (const deadline = Date.now() + recoveryTimeoutMs; ; await sleep(20, undefined, { signal })) {
    const status = await apiClient(url)("GET /v1/posts?pageSize=1").then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200 && isNewServer()) return;
    if (Date.now() > deadline) throw new Error("Plaza did not recover within a minute.");
  }
}

/** The server's process id, which is the first line of this file (PostgreSQL: miscadmin.h); 0 without one. */
function postmasterPid(dataDir: string): number {
  const file = path.join(postgresDir(dataDir), "postmaster.pid");
  return existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : 0;
}

/** Stops the PostgreSQL that a killed Plaza left behind, and removes the folder of its socket. */
async function stopPostgres(dataDir: string): Promise<void> {
  if (!existsSync(postgresDir(dataDir))) return;
  const postgres = await prepareCluster(postgresDir(dataDir));
  await stopServer(postgres);
  removeSocketDir(postgres);
}

function postgresDir(dataDir: string): string {
  return path.join(dataDir, "postgres");
}
