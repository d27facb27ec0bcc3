import { setTimeout as sleep } from "node:timers/promises";
import { ensureDatabase } from "@plaza/kit/db/ensure-database";
import type { EmbeddedServer } from "@plaza/kit/postgres/embedded-server";
import type { Cores } from "../base/cores.ts";
import type { Scope } from "../base/scope.ts";
import { startWorker, type WorkerHandle } from "./worker-process.ts";
import type { ChatSetup, ServerWorker, SubscriberWorker } from "./worker-protocol.ts";

/** A server with all members subscribed, and the memory that each of them costs it while idle. */
export type Contender = {
  readonly server: WorkerHandle<ServerWorker>;
  readonly subscribers: WorkerHandle<SubscriberWorker>;
  readonly residentKb: number;
  readonly heapKb: number;
};

export type ContenderOptions = {
  readonly kind: "ours" | "socket-io";
  readonly setup: ChatSetup;
  readonly postgres: EmbeddedServer;
  readonly cores: Cores;
  /** Connections over which the members subscribe. */
  readonly connections: number;
  /** Time to settle before memory is read. */
  readonly settleMs: number;
};

/** Starts a server on the measured core and its members on the other. */
export async function startContender(
  scope: Scope,
  { kind, setup, postgres, cores, connections, settleMs }: ContenderOptions,
): Promise<Contender> {
  const server = startWorker<ServerWorker>(scope, `serve-${kind}.ts`, cores.measured);
  const subscribers = startWorker<SubscriberWorker>(scope, `join-${kind}.ts`, cores.load);
  const target = await ensureDatabase(postgres.connectionConfig("postgres"), `chat_${connections}`);
  const port = await server.call("start", setup, target);
  const before = await server.call("memory");
  await subscribers.call("join", setup, port, connections);
  await sleep(settleMs);
  const after = await server.call("memory");
  const memberCount = setup.memberIds.length;
  return {
    server,
    subscribers,
    residentKb: (after.residentKb - before.residentKb) / memberCount,
    heapKb: (after.heapKb - before.heapKb) / memberCount,
  };
}
