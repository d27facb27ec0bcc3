// A message told to many: the chat service against Socket.IO. A server has one core; the members, PostgreSQL
// and this process have the other. Servers are compared by the deliveries that they make in a second of their
// own processor time, since the members of one core cannot keep up with them. The service commits each message
// to PostgreSQL before it is told; Socket.IO keeps nothing.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ensureDatabase } from "@plaza/kit/db/ensure-database";
import { startEmbeddedServer } from "@plaza/kit/postgres/embedded-server";
import { exportJWK, generateKeyPair } from "jose";
import { newDataDir, removeDataDir } from "../test/base/data-dir.ts";
import {
  median,
  percentile,
  printResult,
  printTable,
  runRounds,
  type Series,
  seriesCells,
} from "./base/report.ts";
import { startWorker, type WorkerHandle } from "./chat/worker-process.ts";
import type {
  BenchChat,
  ChatSetup,
  ServerWorker,
  SubscriberWorker,
} from "./chat/worker-protocol.ts";

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    members: { type: "string", default: "10000" },
    only: { type: "string", default: "" },
  },
});
const roundCount = Number(options.n);
const seconds = Number(options.seconds);
const memberCount = Number(options.members);

execFileSync("taskset", ["-acp", "1", String(process.pid)]);
const dataDir = newDataDir();
const postgres = await startEmbeddedServer({ dataDir });
const memberIds = Array.from({ length: memberCount }, () => randomUUID());
const allMembersChat = chatOf(memberIds);
const groups = Array.from({ length: Math.ceil(memberCount / 500) }, (_, n) =>
  chatOf(memberIds.slice(n * 500, (n + 1) * 500)),
);
const shapes: Record<string, { readonly chats: readonly BenchChat[]; readonly atOnce: number }> = {
  "1 to 1 member": { chats: [chatOf(memberIds.slice(0, 1))], atOnce: 1 },
  "1 to 100 members": { chats: [chatOf(memberIds.slice(0, 100))], atOnce: 1 },
  "1 to all members": { chats: [allMembersChat], atOnce: 1 },
  "16 to all members": { chats: [allMembersChat], atOnce: 16 },
  "1 to each group of 500": { chats: groups, atOnce: 1 },
  "16 to each group of 500": { chats: groups, atOnce: 16 },
};
const keyPair = await generateKeyPair("EdDSA", { extractable: true });
const plan: ChatSetup = {
  senderId: randomUUID(),
  memberIds,
  chats: [...new Set(Object.values(shapes).flatMap(({ chats }) => chats))],
  publicKey: { ...(await exportJWK(keyPair.publicKey)), kid: "bench", alg: "EdDSA" },
  privateKey: { ...(await exportJWK(keyPair.privateKey)), alg: "EdDSA" },
};

/** A server with all members there, and what each of them takes up while nothing happens. */
type Contender = {
  readonly server: WorkerHandle<ServerWorker>;
  readonly subscribers: WorkerHandle<SubscriberWorker>;
  readonly residentKb: number;
  readonly heapKb: number;
};

const sharedConnections = "ours, 10 connections";
const contenders: Record<string, Contender> = {
  ours: await startContender("ours", memberCount),
  [sharedConnections]: await startContender("ours", 10),
  "Socket.IO": await startContender("socket-io", memberCount),
};
const names = Object.keys(contenders);

/** What was seen of a shape besides, by contender, in each round. */
type RoundFigures = { perSecond: number; p50: number; p99: number };
const results: Record<
  string,
  { rate: Record<string, Series>; seen: Record<string, RoundFigures[]> }
> = {};
for (const [shape, offered] of Object.entries(shapes)) {
  if (!shape.includes(options.only)) continue;
  const seen: Record<string, RoundFigures[]> = Object.fromEntries(names.map((name) => [name, []]));
  const measures = names.map((name) => [name, () => measure(name, offered, seen)] as const);
  results[shape] = { rate: await runRounds(roundCount, Object.fromEntries(measures)), seen };
}

for (const { server, subscribers } of Object.values(contenders)) {
  subscribers.stop();
  server.stop();
}
await postgres.stop();
await removeDataDir(dataDir);

printTable([
  ["messages at once", "who", "deliveries/CPU s", "each round", "deliveries/s", "p50 ms", "p99 ms"],
  ...Object.entries(results).flatMap(([shape, { rate }]) =>
    names.map((name) => [
      shape,
      ...seriesCells(rate[name] as Series, ""),
      medianOf(shape, name, "perSecond").toFixed(0),
      medianOf(shape, name, "p50").toFixed(1),
      medianOf(shape, name, "p99").toFixed(1),
    ]),
  ),
]);
console.log();
printTable([
  [`${memberCount} idle members`, "resident", "heap"],
  ...Object.entries(contenders).map(([name, { residentKb, heapKb }]) => [
    name,
    `${residentKb.toFixed(1)} KB each`,
    `${heapKb.toFixed(1)} KB each`,
  ]),
]);
console.log(
  `\n${roundCount} rounds of ${seconds} s, ${memberCount} members online all the time; the next messages are sent when all members have had those before; p50 and p99 from commit (Socket.IO: from emit) to receipt. Cleartext on loopback, Node ${process.versions.node}. Ours: the service on its own port, callers by access tokens, each message committed; a connection for each member, or all members over 10 as from gateways. Socket.IO 4.8.4: a connection for each member, websocket only, no compression, rooms in memory, nothing kept, nobody's rights checked.\n`,
);
const toSocketIo = (shape: string, name = "ours") =>
  medianRate(shape, name) / medianRate(shape, "Socket.IO");
printResult(
  "chat",
  {
    one_vs_socket_io: toSocketIo("1 to 1 member"),
    hundred_vs_socket_io: toSocketIo("1 to 100 members"),
    all_members_vs_socket_io: toSocketIo("1 to all members"),
    all_members_16_vs_socket_io: toSocketIo("16 to all members"),
    groups_vs_socket_io: toSocketIo("1 to each group of 500"),
    groups_16_vs_socket_io: toSocketIo("16 to each group of 500"),
    all_members_shared_vs_socket_io: toSocketIo("1 to all members", sharedConnections),
    all_members_16_shared_vs_socket_io: toSocketIo("16 to all members", sharedConnections),
    memory_vs_socket_io: memoryOf("ours") / memoryOf("Socket.IO"),
    memory_shared_vs_socket_io: memoryOf(sharedConnections) / memoryOf("Socket.IO"),
  },
  {
    deliveries_per_cpu_second: medianRate("1 to all members", "ours"),
    p50_ms: medianOf("1 to all members", "ours", "p50"),
    p99_ms: medianOf("1 to all members", "ours", "p99"),
    resident_kb: memoryOf("ours"),
  },
);
process.exit();

function chatOf(members: readonly string[]): BenchChat {
  return { id: randomUUID(), memberIds: members };
}

async function startContender(kind: string, connections: number): Promise<Contender> {
  const server = startWorker<ServerWorker>(`serve-${kind}.ts`, 0);
  const subscribers = startWorker<SubscriberWorker>(`join-${kind}.ts`, 1);
  const target = await ensureDatabase(postgres.connectionConfig("postgres"), `chat_${connections}`);
  const port = await server.call("start", plan, target);
  const before = await server.call("memory");
  await subscribers.call("join", plan, port, connections);
  await sleep(1_000);
  const after = await server.call("memory");
  return {
    server,
    subscribers,
    residentKb: (after.residentKb - before.residentKb) / memberCount,
    heapKb: (after.heapKb - before.heapKb) / memberCount,
  };
}

/** Answers the deliveries of a round in a second of the server's processor time, and notes the rest. */
async function measure(
  name: string,
  { chats, atOnce }: (typeof shapes)[string],
  seen: Record<string, RoundFigures[]>,
): Promise<number> {
  const { server, subscribers } = contenders[name] as Contender;
  const before = await server.call("usage");
  const { deliveries, elapsedMs, receipts } = await subscribers.call(
    "send",
    chats,
    atOnce,
    seconds,
  );
  const after = await server.call("usage");
  const latencies = [...receipts].flatMap(([message, times]) => {
    const committedAt = after.commits.get(message) ?? Number.NaN;
    return times.map((time) => time - committedAt);
  });
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  seen[name]?.push({ perSecond: (deliveries * 1_000) / elapsedMs, p50, p99 });
  return (deliveries * 1_000) / (after.cpuMs - before.cpuMs);
}

function medianRate(shape: string, name: string): number {
  return median(results[shape]?.rate[name]?.values ?? []);
}

/** The median of what was seen, but for the round that warms up. */
function medianOf(shape: string, name: string, figure: keyof RoundFigures): number {
  return median((results[shape]?.seen[name] ?? []).slice(1).map((one) => one[figure]));
}

function memoryOf(name: string): number {
  return contenders[name]?.residentKb ?? Number.NaN;
}
