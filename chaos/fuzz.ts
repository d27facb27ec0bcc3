// `npm run chaos fuzz -- --n 2000 --seed 1`: no random input to any RPC or REST route makes Plaza crash or
// answer with an internal error.
import { parseArgs } from "node:util";
import { runFuzzSuite } from "./fuzz/suite.ts";

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "2000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
  },
});
const options = { n: Number(values.n), seed: Number(values.seed) };
process.stdout.write(`fuzz ${JSON.stringify(options)}\n`);

const { targets, inputs, failures, outcomes, memoryBytes } = await runFuzzSuite({
  ...options,
  log: (line) => process.stdout.write(`${line}\n`),
});
for (const one of failures.slice(0, 50)) process.stdout.write(`bad: ${one}\n`);
const memoryMB = Math.round(memoryBytes / 1e6);
const figures = { ...options, targets, inputs, bad: failures.length, memoryMB, outcomes };
process.stdout.write(
  `${JSON.stringify({ chaos: "fuzz", pass: failures.length === 0, figures })}\n`,
);
process.exitCode = failures.length === 0 ? 0 : 1;
