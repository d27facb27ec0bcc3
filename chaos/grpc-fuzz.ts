// `npm run chaos grpc-fuzz -- --n 1000000 --seed 1 [--smoke]`: no sequence of frames makes a server or a client of
// @plaza/grpc crash, hang or keep memory.
import {
  type FuzzPeerResult,
  findSeededFaults,
  memoryGrowthBytes,
  runGrpcFuzz,
  seededFaultNames,
} from "@plaza/grpc/fuzz";
import { newSeed, parseSuiteOptions } from "./base/options.ts";
import { printLine, printSuiteResult } from "./base/result.ts";

const options = parseSuiteOptions(
  "grpc-fuzz",
  { n: 100_000, seed: newSeed(), faultCount: seededFaultNames.length },
  { n: 500, faultCount: 1 },
);
const { server, client } = await runGrpcFuzz({ ...options, log: printLine });
const caught = await findSeededFaults(options.seed, seededFaultNames.slice(0, options.faultCount));
const faults = [...server.faults, ...client.faults];
printSuiteResult("grpc-fuzz", {
  anomalies: { faults },
  figures: {
    ...options,
    mutated: server.counters.mutated + client.counters.mutated,
    crashes: faults.filter((fault) => fault.includes("crash:")).length,
    hangs: faults.filter((fault) => fault.includes("hang:")).length,
    server: sideFigures(server),
    client: { ...sideFigures(client), succeeded: client.succeeded },
  },
  planted: { caught: caught.length, of: options.faultCount },
});

function sideFigures(result: FuzzPeerResult) {
  const { counters, memory, seconds } = result;
  return {
    ...counters,
    framesPerSecond: Math.round(counters.frames / seconds),
    memoryMB: memory.map((bytes) => Math.round(bytes / 1e5) / 10),
    growthMB: Math.round(memoryGrowthBytes(result) / 1e4) / 100,
  };
}
