// What greedy clients cost a server of @plaza/grpc, and the others on it: the memory that they make it hold, and how
// much longer the calls of a polite client take. The server has one core, the clients the other.
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { create, toBinary } from "@bufbuild/protobuf";
import { SimpleRequestSchema } from "@plaza/grpc/testing";
import { chooseCores, pinProcess } from "./base/cores.ts";
import { parseBenchOptions } from "./base/options.ts";
import { residentMb } from "./base/process-stats.ts";
import { median, printResult, printTable } from "./base/report.ts";
import { withScope } from "./base/scope.ts";
import { startServerProcess } from "./base/server-process.ts";
import { createTestClients } from "./grpc/load-generator.ts";
import { beginCall, connectRaw, data, filler, write } from "./grpc/raw-client.ts";

const options = parseBenchOptions(
  { connections: 12, streams: 800, replies: 63, calls: 1_000, settleMs: 1_000 },
  { connections: 2, streams: 20, replies: 2, calls: 10, settleMs: 50 },
);
const { connections, streams, replies, calls, settleMs } = options;
const cores = chooseCores();
pinProcess(cores.load);

await withScope(async (scope) => {
  const args = [path.join(import.meta.dirname, "grpc", "serve-ours.ts")];

  /** How much the memory of a fresh server grows at most, in MB, while clients hold what `work` sent. */
  async function growthMb(work: (port: number) => Promise<void>) {
    const { url, pid, stop } = await startServerProcess(scope, { cores: cores.measured, args });
    const port = Number(new URL(url).port);
    const before = residentMb(pid);
    for (let n = 0; n < connections; n++) await work(port);
    let growth = 0;
    for (let last = Number.NEGATIVE_INFINITY; growth > last; ) {
      last = growth;
      await sleep(settleMs);
      growth = Math.max(growth, residentMb(pid) - before);
    }
    await stop();
    return growth;
  }

  const part = Buffer.of(0, 0, 0, 0x10, 0, ...Buffer.alloc(28));
  const partialMb = await growthMb(async (port) => {
    const socket = await connectRaw(port);
    for (let stream = 1; stream < 2 * streams; stream += 2) {
      await write(
        socket,
        Buffer.concat([filler, beginCall(stream, "UnaryCall"), data(stream, part)]),
      );
    }
  });

  const pieces = data(1, Buffer.alloc(4_000));
  const pieceMb = await growthMb(async (port) => {
    const socket = await connectRaw(port);
    await write(socket, beginCall(1, "UnaryCall"));
    for (const byte of pieces.subarray(0, -1)) await write(socket, Buffer.of(byte));
  });

  const request = toBinary(
    SimpleRequestSchema,
    create(SimpleRequestSchema, { responseSize: 2 ** 20 }),
  );
  const message = Buffer.concat([Buffer.of(0, 0, 0, 0, request.length), request]);
  const repliesMb = await growthMb(async (port) => {
    const socket = await connectRaw(port, 0);
    for (let stream = 1; stream < 2 * replies; stream += 2) {
      await write(
        socket,
        Buffer.concat([beginCall(stream, "UnaryCall"), data(stream, message, true)]),
      );
    }
  });

  const { url } = await startServerProcess(scope, { cores: cores.measured, args });
  const port = Number(new URL(url).port);
  const { client, close } = createTestClients(port);
  async function medianCallMs(): Promise<number> {
    const times: number[] = [];
    for (let n = 0; n < calls; n++) {
      const startedAt = performance.now();
      await client.unaryCall({ responseSize: 1 });
      times.push(performance.now() - startedAt);
    }
    return median(times);
  }
  await medianCallMs();
  const aloneMs = await medianCallMs();
  const greedyArgs = [path.join(import.meta.dirname, "grpc", "greedy-client.ts"), `${port}`, "4"];
  const greedy = spawn(process.execPath, greedyArgs, { stdio: "ignore" });
  scope.defer(() => void greedy.kill("SIGKILL"));
  await sleep(settleMs);
  const besideMs = await medianCallMs();
  greedy.kill("SIGKILL");
  await once(greedy, "exit");
  close();

  printTable([
    ["what clients do", "costs"],
    [
      `${connections} connections begin a message in each of ${streams} streams`,
      `${partialMb.toFixed(1)} MB`,
    ],
    [`${connections} connections send a frame of 4 kB byte by byte`, `${pieceMb.toFixed(1)} MB`],
    [
      `${connections} connections with a closed window ask for ${replies} replies of 1 MB`,
      `${repliesMb.toFixed(1)} MB`,
    ],
    ["a polite client alone", `${aloneMs.toFixed(2)} ms a call`],
    [
      "the same beside four that send empty messages without pause",
      `${besideMs.toFixed(2)} ms a call`,
    ],
  ]);
  printResult({
    bench: "grpc-limits",
    ratios: { polite_beside_greedy: besideMs / aloneMs },
    figures: {
      partial_mb: partialMb,
      pieces_mb: pieceMb,
      replies_mb: repliesMb,
      alone_ms: aloneMs,
      beside_ms: besideMs,
    },
    smoke: options.smoke,
  });
});
process.exit();
