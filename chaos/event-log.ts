// `npm run chaos event-log -- --n 20000 --seed 1 [--smoke]`: writers change contended rows, commit late or roll back;
// readers with several page sizes get every event of the log once and in order.
import { parseSuiteOptions } from "./base/options.ts";
import { printLine, printSuiteResult } from "./base/result.ts";
import { seededFaults } from "./event-log/seeded-faults.ts";
import { runEventLogSuite } from "./event-log/suite.ts";

const options = parseSuiteOptions(
  "event-log",
  { n: 20_000, seed: 1, writers: 16, aggregates: 40, maxHoldMs: 50 },
  { n: 500 },
);
const { published, rolledBack, results, seconds, detectedFaults } = await runEventLogSuite({
  ...options,
  log: printLine,
});
const of = (kind: "lost" | "duplicated" | "reordered") =>
  results.flatMap((result, reader) =>
    Array.from({ length: result[kind] }, () => `by reader ${reader}`),
  );
printSuiteResult("event-log", {
  anomalies: { lost: of("lost"), duplicated: of("duplicated"), reordered: of("reordered") },
  figures: {
    ...options,
    published,
    inLog: results[0]?.published,
    rolledBack,
    readers: results.length,
    seconds,
  },
  planted: { caught: detectedFaults.length, of: Object.keys(seededFaults).length },
});
