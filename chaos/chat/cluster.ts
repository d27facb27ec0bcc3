import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { toConnectionUrl } from "@plaza/kit/db/connection-config";
import { ensureDatabase } from "@plaza/kit/db/ensure-database";
import { freePort } from "@plaza/kit/free-port";
import { clusterConnectionConfig, prepareCluster } from "@plaza/kit/postgres/database-cluster";
import { newDataDir, removeDataDir } from "../../test/base/data-dir.ts";
import { type RunningPlaza, startPlaza } from "../../test/base/running-plaza.ts";

/** What can be killed: one of the chat processes, or the server of the database. */
export const chatKillTargets = ["chat", "postgres"] as const;

/** A Plaza in which chats are served by several processes, which die. */
export type ChatCluster = {
  /** The edge. */
  readonly url: string;
  /** Kills without warning, brings it back, and answers how long that took, in ms. */
  kill(victim: (typeof chatKillTargets)[number], which: number): Promise<number>;
  /** Lines of the logs that tell of bugs. */
  internalErrors(): string[];
  stop(): Promise<void>;
};

/** Starts everything but the chats in one process, with PostgreSQL; and so many for the chats. */
export async function startChatCluster(processes: number): Promise<ChatCluster> {
  const dataDir = newDataDir();
  const ports = await Promise.all(Array.from({ length: processes + 1 }, freePort));
  const [mainPort, ...chatPorts] = ports.map((port) => `http://127.0.0.1:${port}`);
  const shared = {
    DATABASE_URL: "",
    PLAZA_TRUST_PROXY: "1",
    PLAZA_SERVICE_KEY: "a key that is there for chaos only",
    PLAZA_CHAT_ADDRESS: chatPorts.join(","),
  };
  const others = ["auth", "friends", "posts", "shop", "users"];
  const main = await startPlaza({
    dataDir,
    args: [...others, "gateway"],
    env: { ...shared, PLAZA_GRPC_PORT: String(ports[0]) },
  });
  const cluster = await prepareCluster(path.join(dataDir, "postgres"));
  const database = await ensureDatabase(clusterConnectionConfig(cluster, "postgres"), "plaza_chat");
  const addresses = others.map((name) => [`PLAZA_${name.toUpperCase()}_ADDRESS`, mainPort ?? ""]);
  const start = (port: number | undefined): Promise<RunningPlaza> =>
    startPlaza({
      dataDir,
      args: ["chat"],
      env: {
        ...shared,
        ...Object.fromEntries(addresses),
        PLAZA_CHAT_ADDRESS: "",
        PLAZA_CHAT_DATABASE_URL: toConnectionUrl(database),
        PLAZA_GRPC_PORT: String(port),
      },
    });
  const chats = await Promise.all(ports.slice(1).map(start));

  async function killChat(which: number): Promise<void> {
    const child = chats[which]?.process;
    if (!child) throw new Error(`there is no chat process ${which}`);
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
    chats[which] = await start(ports[which + 1]);
  }

  async function killPostgres(): Promise<void> {
    const file = path.join(dataDir, "postgres", "postmaster.pid");
    const pid = () => (existsSync(file) ? Number(readFileSync(file, "utf8").split("\n")[0]) : 0);
    const before = pid();
    process.kill(before, "SIGKILL");
    while ([before, 0].includes(pid()) || !(await accepts())) await sleep(20);
  }

  /** Whether the server has recovered, and takes connections. */
  function accepts(): Promise<boolean> {
    const asked = ensureDatabase(clusterConnectionConfig(cluster, "postgres"), "plaza_chat");
    return asked.then(
      () => true,
      () => false,
    );
  }

  return {
    url: main.output().trim().split(" ").at(-1) ?? "",
    async kill(victim, which) {
      const startedAt = performance.now();
      await (victim === "chat" ? killChat(which % processes) : killPostgres());
      return performance.now() - startedAt;
    },
    internalErrors() {
      const lines = readFileSync(path.join(dataDir, "plaza.log"), "utf8").split("\n");
      return lines.filter((line) => line.includes('"level":50') && line.includes('"msg":"call"'));
    },
    async stop() {
      await Promise.all(chats.map((one) => one.stop()));
      await main.stop();
      await removeDataDir(dataDir);
    },
  };
}
