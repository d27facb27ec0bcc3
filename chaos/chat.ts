// `npm run chaos chat -- --n 100000 --seed 1 [--processes 2] [--smoke]`: chat delivery under faults: every member gets
// one gapless log, in order, and nobody else gets any of it, while chat processes are killed and PostgreSQL restarts.
import { newSeed, parseSuiteOptions } from "./base/options.ts";
import { printLine, printSuiteResult } from "./base/result.ts";
import { seededFaults } from "./chat/seeded-faults.ts";
import { runChatSuite } from "./chat/suite.ts";

const options = parseSuiteOptions(
  "chat",
  {
    n: 100_000,
    seed: newSeed(),
    processes: 2,
    writers: 8,
    readers: 16,
    chats: 50,
    inFlightPerWriter: 16,
    catchUpMs: 60_000,
    maxKillPauseMs: 6_000,
    faultCount: Object.keys(seededFaults).length,
  },
  {
    n: 100,
    processes: 1,
    writers: 2,
    readers: 2,
    chats: 5,
    inFlightPerWriter: 2,
    maxKillPauseMs: 500,
    faultCount: 1,
  },
);
const { anomalies, history, entries, kills, seconds, detectedFaults } = await runChatSuite({
  ...options,
  users: options,
  scale: { ...options, messages: options.n },
  // With one process that is killed again and again, clients get nowhere.
  maxKills: options.smoke ? 1 : undefined,
  log: printLine,
});
const receivedSeqs = history.readerLogs.flatMap(({ seqs }) => [...seqs.values()]);
printSuiteResult("chat", {
  anomalies,
  figures: {
    ...options,
    kills,
    seconds,
    acknowledged: history.acknowledged.length,
    entries,
    received: receivedSeqs.reduce((sum, { length }) => sum + length, 0),
    subscriptions: history.subscriptions,
    disconnects: history.disconnects,
    removals: history.removals,
    indeterminate: history.indeterminate,
  },
  planted: { caught: detectedFaults.length, of: options.faultCount },
});
