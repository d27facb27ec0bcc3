// A message told to many: the chat service against Socket.IO. A server has one core; the members, PostgreSQL
// and this process have the other. Servers are compared by the deliveries that they make in a second of their
// own processor time, since the members of one core cannot keep up with them. The service commits each message
// to PostgreSQL before it is told; Socket.IO keeps nothing.
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ensureDatabase } from "@plaza/kit/db/database";
import { startEmbeddedServer } from "@plaza/kit/postgres/embedded-server";
import { exportJWK, generateKeyPair } from "jose";
import { newDataDir, removeData } from "../test/base/data-dir.ts";
import {
  cells,
  median,
  percentile,
  printResult,
  printTable,
  rounds,
  type Series,
} from "./base/report.ts";
import { type Asked, started } from "./chat/worker-process.ts";
import type { Attending, Chat, Plan, Serving } from "./chat/worker-protocol.ts";

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    members: { type: "string", default: "10000" },
    only: { type: "string", default: "" },
  },
});
const count = Number(options.n);
const seconds = Number(options.seconds);
const size = Number(options.members);

execFileSync("taskset", ["-acp", "1", String(process.pid)]);
const dataDir = newDataDir();
const postgres = await startEmbeddedServer({ dataDir });
const memberIds = Array.from({ length: size }, () => randomUUID());
const all = chatOf(memberIds);
const groups = Array.from({ length: Math.ceil(size / 500) }, (_, n) =>
  chatOf(memberIds.slice(n * 500, (n + 1) * 500)),
);
const shapes: Record<string, { readonly chats: readonly Chat[]; readonly atOnce: number }> = {
  "1 to 1 member": { chats: [chatOf(memberIds.slice(0, 1))], atOnce: 1 },
  "1 to 100 members": { chats: [chatOf(memberIds.slice(0, 100))], atOnce: 1 },
  "1 to all members": { chats: [all], atOnce: 1 },
  "16 to all members": { chats: [all], atOnce: 16 },
  "1 to each group of 500": { chats: groups, atOnce: 1 },
  "16 to each group of 500": { chats: groups, atOnce: 16 },
};
const pair = await generateKeyPair("EdDSA", { extractable: true });
const plan: Plan = {
  senderId: randomUUID(),
  memberIds,
  chats: [...new Set(Object.values(shapes).flatMap(({ chats }) => chats))],
  publicKey: { ...(await exportJWK(pair.publicKey)), kid: "bench", alg: "EdDSA" },
  privateKey: { ...(await exportJWK(pair.privateKey)), alg: "EdDSA" },
};

/** A server with all members there, and what each of them takes up while nothing happens. */
type Contender = {
  readonly server: Asked<Serving>;
  readonly crowd: Asked<Attending>;
  readonly residentKb: number;
  readonly heapKb: number;
};

const shared = "ours, 10 connections";
const contenders: Record<string, Contender> = {
  ours: await contender("ours", size),
  [shared]: await contender("ours", 10),
  "Socket.IO": await contender("socket-io", size),
};
const names = Object.keys(contenders);

/** What was seen of a shape besides, by contender, in each round. */
type Seen = { perSecond: number; p50: number; p99: number };
const results: Record<string, { rate: Record<string, Series>; seen: Record<string, Seen[]> }> = {};
for (const [shape, offered] of Object.entries(shapes)) {
  if (!shape.includes(options.only)) continue;
  const seen: Record<string, Seen[]> = Object.fromEntries(names.map((name) => [name, []]));
  const measures = names.map((name) => [name, () => measure(name, offered, seen)] as const);
  results[shape] = { rate: await rounds(count, Object.fromEntries(measures)), seen };
}

for (const { server, crowd } of Object.values(contenders)) {
  crowd.stop();
  server.stop();
}
await postgres.stop();
await removeData(dataDir);

printTable([
  ["messages at once", "who", "deliveries/CPU s", "each round", "deliveries/s", "p50 ms", "p99 ms"],
  ...Object.entries(results).flatMap(([shape, { rate }]) =>
    names.map((name) => [
      shape,
      ...cells(rate[name] as Series, ""),
      middle(shape, name, "perSecond").toFixed(0),
      middle(shape, name, "p50").toFixed(1),
      middle(shape, name, "p99").toFixed(1),
    ]),
  ),
]);
console.log();
printTable([
  [`${size} idle members`, "resident", "heap"],
  ...Object.entries(contenders).map(([name, { residentKb, heapKb }]) => [
    name,
    `${residentKb.toFixed(1)} KB each`,
    `${heapKb.toFixed(1)} KB each`,
  ]),
]);
console.log(
  `\n${count} rounds of ${seconds} s, ${size} members online all the time; the next messages are sent when all members have had those before; p50 and p99 from commit (Socket.IO: from emit) to receipt. Cleartext on loopback, Node ${process.versions.node}. Ours: the service on its own port, callers by access tokens, each message committed; a connection for each member, or all members over 10 as from gateways. Socket.IO 4.8.4: a connection for each member, websocket only, no compression, rooms in memory, nothing kept, nobody's rights checked.\n`,
);
const toSocketIo = (shape: string, name = "ours") => rate(shape, name) / rate(shape, "Socket.IO");
printResult(
  "chat",
  {
    one_vs_socket_io: toSocketIo("1 to 1 member"),
    hundred_vs_socket_io: toSocketIo("1 to 100 members"),
    all_members_vs_socket_io: toSocketIo("1 to all members"),
    all_members_16_vs_socket_io: toSocketIo("16 to all members"),
    groups_vs_socket_io: toSocketIo("1 to each group of 500"),
    groups_16_vs_socket_io: toSocketIo("16 to each group of 500"),
    all_members_shared_vs_socket_io: toSocketIo("1 to all members", shared),
    all_members_16_shared_vs_socket_io: toSocketIo("16 to all members", shared),
    memory_vs_socket_io: memoryOf("ours") / memoryOf("Socket.IO"),
    memory_shared_vs_socket_io: memoryOf(shared) / memoryOf("Socket.IO"),
  },
  {
    deliveries_per_cpu_second: rate("1 to all members", "ours"),
    p50_ms: middle("1 to all members", "ours", "p50"),
    p99_ms: middle("1 to all members", "ours", "p99"),
    resident_kb: memoryOf("ours"),
  },
);
process.exit();

function chatOf(members: readonly string[]): Chat {
  return { id: randomUUID(), memberIds: members };
}

async function contender(kind: string, connections: number): Promise<Contender> {
  const server = started<Serving>(`serve-${kind}.ts`, 0);
  const crowd = started<Attending>(`join-${kind}.ts`, 1);
  const target = await ensureDatabase(postgres.connectionConfig("postgres"), `chat_${connections}`);
  const port = await server.ask("serve", plan, target);
  const before = await server.ask("memory");
  await crowd.ask("join", plan, port, connections);
  await sleep(1_000);
  const after = await server.ask("memory");
  return {
    server,
    crowd,
    residentKb: (after.residentKb - before.residentKb) / size,
    heapKb: (after.heapKb - before.heapKb) / size,
  };
}

/** Answers the deliveries of a round in a second of the server's processor time, and notes the rest. */
async function measure(
  name: string,
  { chats, atOnce }: (typeof shapes)[string],
  seen: Record<string, Seen[]>,
): Promise<number> {
  const { server, crowd } = contenders[name] as Contender;
  const before = await server.ask("usage");
  const { deliveries, elapsedMs, receipts } = await crowd.ask("send", chats, atOnce, seconds);
  const after = await server.ask("usage");
  const latencies = [...receipts].flatMap(([message, times]) => {
    const committedAt = after.commits.get(message) ?? Number.NaN;
    return times.map((time) => time - committedAt);
  });
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  seen[name]?.push({ perSecond: (deliveries * 1_000) / elapsedMs, p50, p99 });
  return (deliveries * 1_000) / (after.cpuMs - before.cpuMs);
}

function rate(shape: string, name: string): number {
  return median(results[shape]?.rate[name]?.values ?? []);
}

/** The median of what was seen, but for the round that warms up. */
function middle(shape: string, name: string, figure: keyof Seen): number {
  return median((results[shape]?.seen[name] ?? []).slice(1).map((one) => one[figure]));
}

function memoryOf(name: string): number {
  return contenders[name]?.residentKb ?? Number.NaN;
}
