// `npm run chaos chat -- --n 100000 --seed 1 [--processes 2]`: everybody in a chat is told one and the same
// gapless log, and nobody else is, while clients come and go, chat processes are killed and PostgreSQL restarts.
import { parseArgs } from "node:util";
import { countAnomalies } from "./base/validate-checker.ts";
import { seededFaults } from "./chat/seeded-faults.ts";
import { runChatSuite } from "./chat/suite.ts";

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    processes: { type: "string", default: "2" },
  },
});
const options = { seed: Number(values.seed), processes: Number(values.processes) };
const users = { writers: 8, readers: 16 };
const scale = { chats: 50, messages: Number(values.n), inFlightPerWriter: 16, catchUpMs: 60_000 };
process.stdout.write(`chat ${JSON.stringify({ ...options, ...users, ...scale })}\n`);

const { anomalies, history, entries, kills, seconds, detectedFaults } = await runChatSuite({
  ...options,
  users,
  scale,
  maxKillPauseMs: 6_000,
  log: (line) => process.stdout.write(`${line}\n`),
});
for (const [kind, found] of Object.entries(anomalies)) {
  for (const one of found.slice(0, 10)) process.stdout.write(`${kind}: ${one}\n`);
}
const faultCount = Object.keys(seededFaults).length;
const pass = countAnomalies(anomalies) === 0 && detectedFaults.length === faultCount;
const observedSeqs = history.readerLogs.flatMap(({ seqs }) => [...seqs.values()]);
const figures = {
  ...options,
  ...users,
  ...scale,
  kills,
  seconds,
  acknowledged: history.acknowledged.length,
  entries,
  told: observedSeqs.reduce((sum, { length }) => sum + length, 0),
  subscribed: history.subscriptions,
  cutOff: history.disconnects,
  removed: history.removals,
  unknownSettled: history.indeterminate,
  ...Object.fromEntries(Object.entries(anomalies).map(([kind, found]) => [kind, found.length])),
};
process.stdout.write(
  `${JSON.stringify({ chaos: "chat", pass, figures, planted: { caught: detectedFaults.length, of: faultCount } })}\n`,
);
process.exitCode = pass ? 0 : 1;
