// `npm run chaos grpc-fuzz -- --n 1000000 --seed 1`: no sequence of frames makes a server or a client of
// @plaza/grpc crash, hang or keep memory.
import { parseArgs } from "node:util";
import {
  type FuzzPeerResult,
  findSeededFaults,
  memoryGrowthBytes,
  runGrpcFuzz,
  seededFaultNames,
} from "@plaza/grpc/fuzz";

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const options = { n: Number(values.n), seed: Number(values.seed) };
process.stdout.write(`grpc-fuzz ${JSON.stringify(options)}\n`);

const { server, client } = await runGrpcFuzz({
  ...options,
  log: (line) => process.stdout.write(`${line}\n`),
});
const caught = await findSeededFaults(options.seed);
const faults = [...server.faults, ...client.faults];
for (const fault of faults) process.stdout.write(`${fault}\n`);
const faultCount = seededFaultNames.length;
const pass = faults.length === 0 && caught.length === faultCount;
const figures = {
  ...options,
  mutated: server.counters.mutated + client.counters.mutated,
  crashes: faults.filter((fault) => fault.includes("crash:")).length,
  hangs: faults.filter((fault) => fault.includes("hang:")).length,
  faults: faults.length,
  server: sideFigures(server),
  client: { ...sideFigures(client), succeeded: client.succeeded },
};
process.stdout.write(
  `${JSON.stringify({ chaos: "grpc-fuzz", pass, figures, planted: { caught: caught.length, of: faultCount } })}\n`,
);
process.exitCode = pass ? 0 : 1;

function sideFigures(result: FuzzPeerResult) {
  const { counters, memory, seconds } = result;
  return {
    ...counters,
    framesPerSecond: Math.round(counters.frames / seconds),
    memoryMB: memory.map((bytes) => Math.round(bytes / 1e5) / 10),
    growthMB: Math.round(memoryGrowthBytes(result) / 1e4) / 100,
  };
}
