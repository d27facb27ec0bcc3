import type { RegisteredAccount } from "../base/registration.ts";
import { createRetryingClient } from "../base/retrying-client.ts";
import { runClients } from "../base/run-clients.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import type { SystemUnderTest } from "../base/system-under-test.ts";
import { checkHistory, type FriendsAnomalies, type FriendsFinalState } from "./checker.ts";
import { runFriendClient } from "./client.ts";
import { createHistory, type FriendsHistory } from "./history.ts";
import { readBack } from "./read-back.ts";

export type FriendsScale = {
  readonly users: number;
  /** How many operations each user has under way at once. */
  readonly clientsPerUser: number;
  /** How long searches may lag behind the last block. */
  readonly searchLagMs: number;
};

/** Result of the run. */
export type FriendsWorkloadResult = {
  readonly anomalies: FriendsAnomalies;
  readonly history: FriendsHistory;
  readonly finalState: FriendsFinalState;
};

/** Runs the clients of all users while the nemesis runs, then checks. */
export async function runWorkload(
  target: SystemUnderTest,
  accounts: readonly RegisteredAccount[],
  { clientsPerUser, searchLagMs }: Omit<FriendsScale, "users">,
  seed: number,
  nemesis: (history: FriendsHistory) => Promise<unknown>,
): Promise<FriendsWorkloadResult> {
  const history = createHistory();
  const clients = new Map(
    accounts.map((account) => [account.id, createRetryingClient(target, account, history)]),
  );
  const nemesisOnHistory = () => nemesis(history);
  await runClients(nemesisOnHistory, (isOver) =>
    [...clients].flatMap(([id, client], user) => {
      const others = [...clients.keys()].filter((one) => one !== id) as [string, ...string[]];
      return Array.from({ length: clientsPerUser }, (_, index) => {
        const random = createSeededRandom(seed + user * clientsPerUser + index);
        return runFriendClient(client, { id, others }, history, random, isOver);
      });
    }),
  );
  const finalState = await readBack(clients, searchLagMs);
  return { anomalies: checkHistory(history, finalState), history, finalState };
}
