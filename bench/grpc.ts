// @plaza/grpc against grpc-js and connect-node. What is measured has one core, the generator the other.
// Servers are compared by what they do in a second of their own processor time, since no generator here
// can keep the fastest of them busy; what was reached in a second of the clock stands beside it.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { create, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { GetPostRequestSchema } from "@plaza/contract/posts/v1/posts";
import { TestService } from "@plaza/grpc/testing";
import { createGrpcTransport } from "@plaza/grpc/transport";
import {
  median,
  printResult,
  printTable,
  runRounds,
  type Series,
  seriesCells,
} from "./base/report.ts";
import {
  callsPerSecond,
  createTestClients,
  latencyP99,
  messagesPerSecond,
} from "./grpc/load-generator.ts";

const { values: options } = parseArgs({
  options: {
    n: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
  },
});
const roundCount = Number(options.n);
const seconds = Number(options.seconds);
const folder = path.join(import.meta.dirname, "grpc");
const scratch = mkdtempSync(path.join(tmpdir(), "plaza-bench-"));
const children: ChildProcess[] = [];
process.once("exit", () => {
  for (const child of children) child.kill();
  rmSync(scratch, { recursive: true, force: true });
});
execFileSync("taskset", ["-acp", "1", String(process.pid)]);

const names = ["ours", "grpc-js", "connect-node"] as const;
const servers = {
  ours: await startServer("ours"),
  "grpc-js": await startServer("grpc-js"),
  "connect-node": await startServer("connect-node"),
};
const body = path.join(scratch, "request.bin");
writeFileSync(
  body,
  envelope(toBinary(GetPostRequestSchema, create(GetPostRequestSchema, { id: "1" }))),
);

const unary = await compare(async (port) => runH2load(port));
const bursts = await compareStreams({ streams: 32, window: 16, size: 100 });
const streams = await compareStreams({ streams: 1_000, window: 1, size: 100 });
const empty = await compareStreams({ streams: 1_000, window: 1 });
const large = await compare((port) => largePerSecond(port));
const halfLoad = medianOf(unary, "grpc-js") / 2;
const latencies = await runRounds(roundCount, {
  ours: () => latencyP99(servers.ours.port, halfLoad, seconds),
  "grpc-js": () => latencyP99(servers["grpc-js"].port, halfLoad, seconds),
});
const clients = await runRounds(roundCount, {
  ours: () => clientCallsPerSecond("ours"),
  "grpc-js": () => clientCallsPerSecond("grpc-js"),
});
const memory = {
  ours: await memoryOf("ours"),
  "grpc-js": await memoryOf("grpc-js"),
};

printTable([
  ["what", "who", "median", "each round"],
  ...rowsOf("unary, 700-byte reply", unary, "calls/CPU s"),
  ...rowsOf("1,000 bidirectional streams", streams, "messages/CPU s"),
  ...rowsOf("the same, empty messages", empty, "messages/CPU s"),
  ...rowsOf("32 streams, in bursts", bursts, "messages/CPU s"),
  ...rowsOf("unary, 1 MB reply", large, "calls/CPU s"),
  ...rowsOf(`p99 at ${halfLoad.toFixed(0)} calls/s`, latencies, "ms", 1),
  ...rowsOf("client, unary", clients, "calls/s"),
  ...Object.entries(memory).flatMap(([name, { streams, connections }]) => [
    ["memory of 10,000 idle streams", name, `${streams.toFixed(1)} MB`],
    ["memory of 1,000 idle connections", name, `${connections.toFixed(1)} MB`],
  ]),
]);
console.log(
  `\n${roundCount} rounds of ${seconds} s. Servers: one process on a core of its own; @grpc/grpc-js 1.14.7, @connectrpc/connect-node 2.2.0 over node:http2, Node ${process.versions.node}; all encode with protobuf-es. Generators on the other core: unary h2load -c8 -m16; streams, 1 MB and p99 our client; messages of 100 bytes, or of none, one on its way in each of 1,000 streams; or 16 in each of 32; 4 calls of 1 MB at a time. Clients: 128 calls at a time against our server.\n`,
);
printResult(
  "grpc",
  {
    unary_vs_grpcjs: medianOf(unary, "ours") / medianOf(unary, "grpc-js"),
    unary_vs_connect_node: medianOf(unary, "ours") / medianOf(unary, "connect-node"),
    streaming_vs_grpcjs: medianOf(streams, "ours") / medianOf(streams, "grpc-js"),
    empty_streaming_vs_grpcjs: medianOf(empty, "ours") / medianOf(empty, "grpc-js"),
    bursts_vs_grpcjs: medianOf(bursts, "ours") / medianOf(bursts, "grpc-js"),
    large_vs_grpcjs: medianOf(large, "ours") / medianOf(large, "grpc-js"),
    p99_vs_grpcjs: medianOf(latencies, "ours") / medianOf(latencies, "grpc-js"),
    client_vs_grpcjs: medianOf(clients, "ours") / medianOf(clients, "grpc-js"),
    stream_memory_vs_grpcjs: memory.ours.streams / memory["grpc-js"].streams,
    connection_memory_vs_grpcjs: memory.ours.connections / memory["grpc-js"].connections,
  },
  {
    unary: medianOf(unary, "ours"),
    streaming: medianOf(streams, "ours"),
    client: medianOf(clients, "ours"),
  },
);
process.exit();

/**
 * Measures all servers in turn. Answers what each does in a second of its processor time, and prints what
 * it did in a second of the clock.
 */
async function compare(measure: (port: number) => Promise<number>) {
  const byClock: Record<string, number[]> = {};
  const contender = (name: (typeof names)[number]) => async () => {
    const { port, child } = servers[name];
    const startedAt = performance.now();
    const before = cpuSeconds(child);
    const rate = await measure(port);
    const elapsed = (performance.now() - startedAt) / 1_000;
    byClock[name] = [...(byClock[name] ?? []), rate];
    return (rate * elapsed) / (cpuSeconds(child) - before);
  };
  const series = await runRounds(
    roundCount,
    Object.fromEntries(names.map((n) => [n, contender(n)])),
  );
  const text = names.map((name) => `${name} ${median(byClock[name] ?? []).toFixed(0)}`);
  console.log(`a second of the clock: ${text.join(", ")}`);
  return series;
}

function compareStreams(shape: Parameters<typeof messagesPerSecond>[1]) {
  return compare((port) => messagesPerSecond(port, shape, seconds));
}

/** Processor time that a process has used so far: user and system, in seconds. */
function cpuSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function medianOf(series: Record<string, Series>, name: string): number {
  return median(series[name]?.values ?? []);
}

function rowsOf(what: string, series: Record<string, Series>, unit: string, digits = 0) {
  return Object.values(series).map((one) => [what, ...seriesCells(one, unit, digits)]);
}

/** Starts a server on the first core. */
async function startServer(name: string): Promise<{ port: number; child: ChildProcess }> {
  const args = ["-c", "0", process.execPath, path.join(folder, `serve-${name}.ts`)];
  const child = spawn("taskset", args, { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [line] = await once(child.stdout, "data");
  return { port: Number(line), child };
}

/** A length-prefixed message. */
function envelope(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  return Buffer.concat([prefix, message]);
}

function runH2load(port: number): number {
  const url = `http://127.0.0.1:${port}/plaza.posts.v1.PostService/GetPost`;
  const headers = ["-H", "content-type: application/grpc", "-H", "te: trailers"];
  const load = ["-c8", "-m16", `-D${seconds}`, "-d", body, ...headers, url];
  const printed = execFileSync("taskset", ["-c", "1", "h2load", ...load], { encoding: "utf8" });
  const [, rate] = /finished in .*?, ([\d.]+) req\/s/.exec(printed) ?? [];
  const [, failed] = /, (\d+) failed/.exec(printed) ?? [];
  if (!Number(rate) || failed !== "0" || / [1-9]\d* [345]xx/.test(printed))
    throw new Error(printed);
  return Number(rate);
}

async function largePerSecond(port: number): Promise<number> {
  const { client, close } = createTestClients(port);
  const rate = await callsPerSecond(() => client.unaryCall({ responseSize: 2 ** 20 }), 4, seconds);
  close();
  return rate;
}

/** Calls a second of a client on the first core, against our server on the other. */
async function clientCallsPerSecond(name: string): Promise<number> {
  const pid = String(servers.ours.child.pid);
  execFileSync("taskset", ["-acp", "1", pid]);
  const args = ["-c", "0", process.execPath, path.join(folder, "call.ts"), name];
  const call = [...args, String(servers.ours.port), String(seconds)];
  const rate = Number(execFileSync("taskset", call, { encoding: "utf8" }));
  execFileSync("taskset", ["-acp", "0", pid]);
  return rate;
}

/** What idle streams and connections cost a fresh server, in MB of resident memory. */
async function memoryOf(name: string): Promise<{ streams: number; connections: number }> {
  const { port, child } = await startServer(name);
  const before = residentMb(child);
  const sessions = Array.from({ length: 1_000 }, () => connectHttp2(`http://127.0.0.1:${port}`));
  await Promise.all(sessions.map((session) => once(session, "remoteSettings")));
  await sleep(1_000);
  const connections = residentMb(child) - before;
  for (const session of sessions) session.destroy();
  child.kill();

  const fresh = await startServer(name);
  const address = `http://127.0.0.1:${fresh.port}`;
  const start = residentMb(fresh.child);
  const transports = Array.from({ length: 10 }, () => createGrpcTransport({ address }));
  const opened = transports.flatMap((transport) => {
    const client = createClient(TestService, transport);
    return Array.from({ length: 1_000 }, () => openIdle(client));
  });
  await Promise.all(opened);
  await sleep(1_000);
  const streams = residentMb(fresh.child) - start;
  for (const transport of transports) transport.close();
  fresh.child.kill();
  return { streams, connections };
}

/** Opens a stream, has one message answered, and lets it lie. */
async function openIdle(
  client: ReturnType<typeof createClient<typeof TestService>>,
): Promise<void> {
  const requests = async function* () {
    yield { responseParameters: [{ size: 1 }] };
    await new Promise(() => undefined);
  };
  const answers = client.fullDuplexCall(requests())[Symbol.asyncIterator]();
  await answers.next();
}

function residentMb({ pid }: ChildProcess): number {
  const [, kb] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kb) / 1_024;
}
