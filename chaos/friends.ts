// `npm run chaos friends -- --n 10000 --kills 30 --seed 1 [--split] [--smoke]`: friendships under faults: relations
// stay symmetric, every operation is linearizable, searches respect blocks.
import { newSeed, parseSuiteOptions } from "./base/options.ts";
import { printLine, printSuiteResult } from "./base/result.ts";
import { seededFaults } from "./friends/seeded-faults.ts";
import { runFriendsSuite } from "./friends/suite.ts";

const options = parseSuiteOptions(
  "friends",
  {
    n: 10_000,
    kills: 30,
    seed: newSeed(),
    split: false,
    users: 24,
    clientsPerUser: 2,
    searchLagMs: 60_000,
    faultCount: Object.keys(seededFaults).length,
  },
  { n: 60, kills: 1, users: 4, faultCount: 1 },
);
const { anomalies, history, finalState, kills, detectedFaults } = await runFriendsSuite({
  ...options,
  scale: options,
  log: printLine,
});
const related = finalState.userIds.flatMap((one) =>
  finalState.userIds.flatMap((other) => finalState.relations(one, other)),
);
printSuiteResult("friends", {
  anomalies,
  figures: {
    ...options,
    kills,
    operations: history.operations.length,
    refused: history.operations.filter(({ outcome }) => /^[A-Z]/.test(outcome)).length,
    indeterminate: history.indeterminate,
    related: Object.fromEntries(
      [...Map.groupBy(related, (one) => one)].map(([relation, all]) => [relation, all.length]),
    ),
  },
  planted: { caught: detectedFaults.length, of: options.faultCount },
});
