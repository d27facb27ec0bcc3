// `npm run chaos chat -- --n 100000 --seed 1 [--processes 2]`: everybody in a chat is told one and the same
// gapless log, and nobody else is, while clients come and go, chat processes are killed and PostgreSQL restarts.
import { parseArgs } from "node:util";
import { faults } from "./base/validate-checker.ts";
import { planted } from "./chat/seeded-faults.ts";
import { runChat } from "./chat/suite.ts";

const { values } = parseArgs({
  options: {
    n: { type: "string", default: "100000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    processes: { type: "string", default: "2" },
  },
});
const options = { seed: Number(values.seed), processes: Number(values.processes) };
const crowd = { writers: 8, readers: 16 };
const scale = { chats: 50, messages: Number(values.n), hands: 16, catchUpMs: 60_000 };
process.stdout.write(`chat ${JSON.stringify({ ...options, ...crowd, ...scale })}\n`);

const { verdict, history, entries, kills, seconds, caught } = await runChat({
  ...options,
  crowd,
  scale,
  pauseMs: 6_000,
  say: (line) => process.stdout.write(`${line}\n`),
});
for (const [kind, found] of Object.entries(verdict)) {
  for (const one of found.slice(0, 10)) process.stdout.write(`${kind}: ${one}\n`);
}
const of = Object.keys(planted).length;
const pass = faults(verdict) === 0 && caught.length === of;
const told = history.told.flatMap(({ seqs }) => [...seqs.values()]);
const figures = {
  ...options,
  ...crowd,
  ...scale,
  kills,
  seconds,
  acknowledged: history.said.length,
  entries,
  told: told.reduce((sum, { length }) => sum + length, 0),
  subscribed: history.subscribed,
  cutOff: history.cutOff,
  removed: history.removed,
  unknownSettled: history.unknown,
  ...Object.fromEntries(Object.entries(verdict).map(([kind, found]) => [kind, found.length])),
};
process.stdout.write(
  `${JSON.stringify({ chaos: "chat", pass, figures, planted: { caught: caught.length, of } })}\n`,
);
process.exitCode = pass ? 0 : 1;
