import type { RegisteredAccount } from "../base/registration.ts";
import { runClients } from "../base/run-clients.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import type { SystemUnderTest } from "../base/system-under-test.ts";
import { checkHistory, type KillAnomalies } from "./checker.ts";
import { runWriter } from "./client.ts";
import { createHistory, type KillHistory } from "./history.ts";
import { readBack } from "./read-back.ts";

/** Result of the run. */
export type KillWorkloadResult = {
  readonly anomalies: KillAnomalies;
  readonly history: KillHistory;
};

/** Runs one writer for each author while the nemesis runs, then checks. */
export async function runWorkload(
  target: SystemUnderTest,
  authors: readonly RegisteredAccount[],
  seed: number,
  nemesis: () => Promise<unknown>,
): Promise<KillWorkloadResult> {
  const history = createHistory();
  await runClients(nemesis, (isOver) =>
    authors.map((author, index) =>
      runWriter(target, author, history, createSeededRandom(seed + index), isOver),
    ),
  );
  const finalState = await readBack(await target.url(), authors, history.registrations);
  return { anomalies: checkHistory(history, finalState), history };
}
