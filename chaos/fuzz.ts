// `npm run chaos fuzz -- --n 2000 --seed 1 [--smoke]`: no random input to any RPC or REST route makes Plaza crash,
// respond with an internal error or leak internals.
import { newSeed, parseSuiteOptions } from "./base/options.ts";
import { printLine, printSuiteResult } from "./base/result.ts";
import { runFuzzSuite } from "./fuzz/suite.ts";

const options = parseSuiteOptions("fuzz", { n: 2_000, seed: newSeed() }, { n: 2 });
const { targets, inputs, failures, outcomes, memoryBytes } = await runFuzzSuite({
  ...options,
  log: printLine,
});
const memoryMB = Math.round(memoryBytes / 1e6);
printSuiteResult("fuzz", {
  anomalies: { failures },
  figures: { ...options, targets, inputs, memoryMB, outcomes },
});
