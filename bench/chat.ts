// Fan-out of messages: the chat service against Socket.IO. A server has one core; the members, PostgreSQL
// and this process have the other. Servers are compared by deliveries per second of their own processor
// time, since the members of one core cannot keep up with them. The service commits each message to
// PostgreSQL before it delivers it; Socket.IO stores nothing.
import { randomUUID } from "node:crypto";
import { createTokenKeys } from "./base/access-token.ts";
import { chooseCores, pinProcess } from "./base/cores.ts";
import { parseBenchOptions } from "./base/options.ts";
import { startPostgres } from "./base/postgres.ts";
import {
  median,
  medianOf,
  percentile,
  printResult,
  printTable,
  roundsOf,
  runRounds,
  type Series,
  seriesCells,
} from "./base/report.ts";
import { withScope } from "./base/scope.ts";
import { type Contender, startContender } from "./chat/contenders.ts";
import type { BenchChat, ChatSetup } from "./chat/worker-protocol.ts";

const options = parseBenchOptions(
  { n: 5, seconds: 2, members: 10_000, settleMs: 1_000, only: "" },
  { n: 1, seconds: 0.1, members: 120, settleMs: 50 },
);
const { seconds, settleMs } = options;
const rounds = roundsOf(options);
const groupSize = 500;
const memberIds = Array.from({ length: options.members }, () => randomUUID());

/** Chats that messages are sent to, and how many messages to each at a time. */
type Shape = { readonly chats: readonly BenchChat[]; readonly burst: number };
const allMembersChat = chatOf(memberIds);
const groups = Array.from({ length: Math.ceil(memberIds.length / groupSize) }, (_, n) =>
  chatOf(memberIds.slice(n * groupSize, (n + 1) * groupSize)),
);
const allShapes: Record<string, Shape> = {
  "1 to 1 member": { chats: [chatOf(memberIds.slice(0, 1))], burst: 1 },
  "1 to 100 members": { chats: [chatOf(memberIds.slice(0, 100))], burst: 1 },
  "1 to all members": { chats: [allMembersChat], burst: 1 },
  "16 to all members": { chats: [allMembersChat], burst: 16 },
  "1 to each group of 500": { chats: groups, burst: 1 },
  "16 to each group of 500": { chats: groups, burst: 16 },
};
const shapes = Object.entries(allShapes).filter(([name]) => name.includes(options.only));

/** Latencies and the rate by the clock of one round. */
type RoundFigures = { readonly perSecond: number; readonly p50: number; readonly p99: number };
/** By shape: deliveries per CPU second, and the other figures of all rounds, by contender. */
type Measured = Record<
  string,
  { rate: Record<string, Series>; figures: Record<string, RoundFigures[]> }
>;

const cores = chooseCores();
pinProcess(cores.load);

await withScope(async (scope) => {
  const postgres = await startPostgres(scope);
  const setup: ChatSetup = {
    senderId: randomUUID(),
    memberIds,
    chats: [...new Set(Object.values(allShapes).flatMap(({ chats }) => chats))],
    ...(await createTokenKeys()),
  };
  const start = (kind: "ours" | "socket-io", connections: number) =>
    startContender(scope, { kind, setup, postgres, cores, connections, settleMs });
  const sharedConnections = "ours, 10 connections";
  const contenders: Record<string, Contender> = {
    ours: await start("ours", memberIds.length),
    [sharedConnections]: await start("ours", 10),
    "Socket.IO": await start("socket-io", memberIds.length),
  };
  const names = Object.keys(contenders);

  const measured: Measured = {};
  for (const [shape, load] of shapes) {
    const figures: Record<string, RoundFigures[]> = {};
    const measures = Object.entries(contenders).map(([name, contender]) => {
      const all: RoundFigures[] = [];
      figures[name] = all;
      return [name, () => measureRound(contender, load, all)] as const;
    });
    measured[shape] = { rate: await runRounds(rounds, Object.fromEntries(measures)), figures };
  }
  /** The median of a figure over the rounds that count. */
  const figureOf = (shape: string, name: string, figure: keyof RoundFigures) => {
    const all = measured[shape]?.figures[name] ?? [];
    return median(all.slice(rounds.warmUp).map((one) => one[figure]));
  };
  const residentKb = (name: string) => contenders[name]?.residentKb ?? Number.NaN;

  printTable([
    ["burst", "server", "deliveries/CPU s", "each round", "deliveries/s", "p50 ms", "p99 ms"],
    ...Object.entries(measured).flatMap(([shape, { rate }]) =>
      names.map((name) => [
        shape,
        ...seriesCells(rate[name] as Series, ""),
        figureOf(shape, name, "perSecond").toFixed(0),
        figureOf(shape, name, "p50").toFixed(1),
        figureOf(shape, name, "p99").toFixed(1),
      ]),
    ),
  ]);
  console.log();
  printTable([
    [`${memberIds.length} idle members`, "resident", "heap"],
    ...Object.entries(contenders).map(([name, { residentKb, heapKb }]) => [
      name,
      `${residentKb.toFixed(1)} KB each`,
      `${heapKb.toFixed(1)} KB each`,
    ]),
  ]);
  console.log(
    `\n${options.n} rounds of ${seconds} s, ${memberIds.length} members online all the time; the next burst is sent when all members have received the last; p50 and p99 from commit (Socket.IO: from emit) to receipt. Cleartext on loopback, Node ${process.versions.node}. Ours: the service on its own port, callers by access tokens, each message committed; a connection for each member, or all members over 10 as from gateways. Socket.IO 4.8.4: a connection for each member, websocket only, no compression, rooms in memory, nothing stored, no authorization.\n`,
  );
  const rateOf = (shape: string, name: string) => medianOf(measured[shape]?.rate ?? {}, name);
  const toSocketIo = (shape: string, name = "ours") =>
    rateOf(shape, name) / rateOf(shape, "Socket.IO");
  printResult({
    bench: "chat",
    ratios: {
      one_vs_socket_io: toSocketIo("1 to 1 member"),
      hundred_vs_socket_io: toSocketIo("1 to 100 members"),
      all_members_vs_socket_io: toSocketIo("1 to all members"),
      all_members_16_vs_socket_io: toSocketIo("16 to all members"),
      groups_vs_socket_io: toSocketIo("1 to each group of 500"),
      groups_16_vs_socket_io: toSocketIo("16 to each group of 500"),
      all_members_shared_vs_socket_io: toSocketIo("1 to all members", sharedConnections),
      all_members_16_shared_vs_socket_io: toSocketIo("16 to all members", sharedConnections),
      memory_vs_socket_io: residentKb("ours") / residentKb("Socket.IO"),
      memory_shared_vs_socket_io: residentKb(sharedConnections) / residentKb("Socket.IO"),
    },
    figures: {
      deliveries_per_cpu_second: rateOf("1 to all members", "ours"),
      p50_ms: figureOf("1 to all members", "ours", "p50"),
      p99_ms: figureOf("1 to all members", "ours", "p99"),
      resident_kb: residentKb("ours"),
    },
    smoke: options.smoke,
  });
});
process.exit();

function chatOf(members: readonly string[]): BenchChat {
  return { id: randomUUID(), memberIds: members };
}

/** Returns the deliveries of a round per second of the server's processor time; adds the rest to `figures`. */
async function measureRound(
  { server, subscribers }: Contender,
  { chats, burst }: Shape,
  figures: RoundFigures[],
): Promise<number> {
  const before = await server.call("usage");
  const { deliveries, elapsedMs, receipts } = await subscribers.call("send", chats, burst, seconds);
  const after = await server.call("usage");
  const latencies = [...receipts].flatMap(([message, times]) => {
    const committedAt = after.commits.get(message) ?? Number.NaN;
    return times.map((time) => time - committedAt);
  });
  const [p50, p99] = [percentile(latencies, 0.5), percentile(latencies, 0.99)];
  figures.push({ perSecond: (deliveries * 1_000) / elapsedMs, p50, p99 });
  return (deliveries * 1_000) / (after.cpuMs - before.cpuMs);
}
