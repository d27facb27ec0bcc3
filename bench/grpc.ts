// @plaza/grpc against grpc-js and connect-node. The server or client under test has one core, the load
// generator the other. Servers are compared by calls per second of their own processor time, since no
// generator here can keep the fastest of them busy; the rate by the clock stands beside it.
import { execFileSync } from "node:child_process";
import path from "node:path";
import { chooseCores, pinProcess } from "./base/cores.ts";
import { parseBenchOptions } from "./base/options.ts";
import { msPerTick, processorTimeMs } from "./base/process-stats.ts";
import {
  median,
  medianOf,
  printResult,
  printTable,
  roundsOf,
  runRounds,
  type Series,
  seriesCells,
} from "./base/report.ts";
import { requirePrograms } from "./base/required-programs.ts";
import { withScope } from "./base/scope.ts";
import { type ContenderName, contenderNames, startContender } from "./grpc/contenders.ts";
import { createH2load } from "./grpc/h2load.ts";
import { measureIdleMemory } from "./grpc/idle-memory.ts";
import {
  callsPerSecond,
  createTestClients,
  latencyP99,
  messagesPerSecond,
} from "./grpc/load-generator.ts";

const options = parseBenchOptions(
  { n: 5, seconds: 4, clientWarmUpSeconds: 2, streams: 1_000, idle: 1_000, settleMs: 1_000 },
  { n: 1, seconds: 0.1, clientWarmUpSeconds: 0.1, streams: 100, idle: 100, settleMs: 100 },
);
const { seconds, streams, idle, settleMs } = options;
const rounds = roundsOf(options);
const idleStreams = idle * 10;
requirePrograms("h2load");
const cores = chooseCores();
pinProcess(cores.load);

await withScope(async (scope) => {
  const [ours, grpcJs, connectNode] = await Promise.all(
    contenderNames.map((name) => startContender(scope, name, cores.measured)),
  );
  if (!ours || !grpcJs || !connectNode) throw new Error("a contender is missing");
  const servers = { ours, "grpc-js": grpcJs, "connect-node": connectNode };

  /**
   * Measures all servers in turn: calls or messages per second of their processor time. Prints the rates by
   * the clock.
   */
  async function compareServers(load: string, measure: (port: number) => Promise<number>) {
    const byClock: Record<string, number[]> = {};
    const contender = (name: ContenderName) => async () => {
      const { port, pid } = servers[name];
      const startedAt = performance.now();
      const before = processorTimeMs(pid);
      const rate = await measure(port);
      const elapsedMs = performance.now() - startedAt;
      byClock[name] = [...(byClock[name] ?? []), rate];
      return (rate * elapsedMs) / Math.max(msPerTick, processorTimeMs(pid) - before);
    };
    const contenders = contenderNames.map((name) => [name, contender(name)] as const);
    const series = await runRounds(rounds, Object.fromEntries(contenders));
    const rates = contenderNames.map((name) => `${name} ${median(byClock[name] ?? []).toFixed(0)}`);
    console.log(`${load}, per second by the clock: ${rates.join(", ")}`);
    return series;
  }

  const compareStreams = (load: string, shape: Parameters<typeof messagesPerSecond>[1]) =>
    compareServers(load, (port) => messagesPerSecond(port, shape, seconds));

  /** Calls a second of a client on the measured core, against our server on the other. */
  async function clientCallsPerSecond(name: ContenderName): Promise<number> {
    pinProcess(cores.load, ours?.pid);
    const file = path.join(import.meta.dirname, "grpc", "call.ts");
    const args = [name, servers.ours.port, seconds, options.clientWarmUpSeconds].map(String);
    const call = ["-c", cores.measured, process.execPath, file, ...args];
    const rate = Number(execFileSync("taskset", call, { encoding: "utf8" }));
    pinProcess(cores.measured, ours?.pid);
    return rate;
  }

  const unary = await compareServers("unary", createH2load(scope, { cores: cores.load, seconds }));
  const bursts = await compareStreams("bursts", { streams: 32, window: 16, size: 100 });
  const messages = await compareStreams("streams", { streams, window: 1, size: 100 });
  const empty = await compareStreams("empty messages", { streams, window: 1 });
  const large = await compareServers("1 MB replies", largePerSecond);
  const halfLoad = medianOf(unary, "grpc-js") / 2;
  const latencies = await runRounds(rounds, {
    ours: () => latencyP99(servers.ours.port, halfLoad, seconds),
    "grpc-js": () => latencyP99(servers["grpc-js"].port, halfLoad, seconds),
  });
  const clients = await runRounds(rounds, {
    ours: () => clientCallsPerSecond("ours"),
    "grpc-js": () => clientCallsPerSecond("grpc-js"),
  });
  const memoryOf = (name: ContenderName) =>
    measureIdleMemory(() => startContender(scope, name, cores.measured), {
      connections: idle,
      streams: idleStreams,
      settleMs,
    });
  const [ourMemory, grpcJsMemory] = await Promise.all([memoryOf("ours"), memoryOf("grpc-js")]);
  const memory = { ours: ourMemory, "grpc-js": grpcJsMemory };

  console.log();
  printTable([
    ["load", "implementation", "median", "each round"],
    ...rowsOf("unary, 700-byte reply", unary, "calls/CPU s"),
    ...rowsOf(`${streams.toLocaleString("en")} bidirectional streams`, messages, "messages/CPU s"),
    ...rowsOf("the same, empty messages", empty, "messages/CPU s"),
    ...rowsOf("32 streams, in bursts", bursts, "messages/CPU s"),
    ...rowsOf("unary, 1 MB reply", large, "calls/CPU s"),
    ...rowsOf(`p99 at ${halfLoad.toFixed(0)} calls/s`, latencies, "ms", 1),
    ...rowsOf("client, unary", clients, "calls/s"),
    ...Object.entries(memory).flatMap(([name, { streams, connections }]) => [
      [`memory of ${idleStreams.toLocaleString("en")} idle streams`, name, megabytes(streams)],
      [`memory of ${idle.toLocaleString("en")} idle connections`, name, megabytes(connections)],
    ]),
  ]);
  console.log(
    `\n${options.n} rounds of ${seconds} s. Servers: one process on a core of its own; @grpc/grpc-js 1.14.7, @connectrpc/connect-node 2.2.0 over node:http2, Node ${process.versions.node}; all encode with protobuf-es. Generators on the other core: unary h2load -c8 -m16; streams, 1 MB and p99 our client; messages of 100 bytes, or of none, one in flight in each of ${streams.toLocaleString("en")} streams; or 16 in each of 32; 4 calls of 1 MB at a time. Clients: 128 calls at a time against our server.\n`,
  );
  const toGrpcJs = (series: Record<string, Series>) =>
    medianOf(series, "ours") / medianOf(series, "grpc-js");
  printResult({
    bench: "grpc",
    ratios: {
      unary_vs_grpcjs: toGrpcJs(unary),
      unary_vs_connect_node: medianOf(unary, "ours") / medianOf(unary, "connect-node"),
      streaming_vs_grpcjs: toGrpcJs(messages),
      empty_streaming_vs_grpcjs: toGrpcJs(empty),
      bursts_vs_grpcjs: toGrpcJs(bursts),
      large_vs_grpcjs: toGrpcJs(large),
      p99_vs_grpcjs: toGrpcJs(latencies),
      client_vs_grpcjs: toGrpcJs(clients),
      stream_memory_vs_grpcjs: memory.ours.streams / memory["grpc-js"].streams,
      connection_memory_vs_grpcjs: memory.ours.connections / memory["grpc-js"].connections,
    },
    figures: {
      unary: medianOf(unary, "ours"),
      streaming: medianOf(messages, "ours"),
      client: medianOf(clients, "ours"),
    },
    smoke: options.smoke,
  });
});
process.exit();

function rowsOf(load: string, series: Record<string, Series>, unit: string, digits = 0) {
  return Object.values(series).map((one) => [load, ...seriesCells(one, unit, digits)]);
}

function megabytes(value: number): string {
  return `${value.toFixed(1)} MB`;
}

async function largePerSecond(port: number): Promise<number> {
  const { client, close } = createTestClients(port);
  const rate = await callsPerSecond(() => client.unaryCall({ responseSize: 2 ** 20 }), 4, seconds);
  close();
  return rate;
}
