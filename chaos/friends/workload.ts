import {
  createRetryingClient,
  type RetryingClient,
  registerNewAccount,
} from "../base/retrying-client.ts";
import { createSeededRandom } from "../base/seeded-random.ts";
import type { SystemUnderTest } from "../kill/client.ts";
import { runFriendClient } from "./client.ts";
import {
  checkHistory,
  createHistory,
  type FriendsAnomalies,
  type FriendsFinalState,
  type FriendsHistory,
} from "./history.ts";
import { readBack } from "./read-back.ts";

/** How many people there are, and how many things each does at once. */
export type FriendsScale = {
  readonly users: number;
  readonly clientsPerUser: number;
  /** How long searches have to follow the last block. */
  readonly searchLagMs: number;
};

/** What came of it. */
export type FriendsWorkloadResult = {
  readonly anomalies: FriendsAnomalies;
  readonly history: FriendsHistory;
  readonly finalState: FriendsFinalState;
};

/** Lets a crowd loose while `work` goes on, and judges the outcome. */
export async function runWorkload(
  target: SystemUnderTest,
  { users, clientsPerUser, searchLagMs }: FriendsScale,
  seed: number,
  nemesis: (history: FriendsHistory) => Promise<unknown>,
): Promise<FriendsWorkloadResult> {
  const history = createHistory();
  const crowd = new Map<string, RetryingClient>();
  // One after the other: auth refuses more passwords at once than it can hash.
  while (crowd.size < users) {
    const account = await registerNewAccount(target);
    crowd.set(account.id, createRetryingClient(target, account, history));
  }
  let isOver = false;
  const going = [...crowd].flatMap(([id, settle], n) => {
    const others = [...crowd.keys()].filter((one) => one !== id) as [string, ...string[]];
    return Array.from({ length: clientsPerUser }, (_, tab) =>
      runFriendClient(
        settle,
        { id, others },
        history,
        createSeededRandom(seed + n * clientsPerUser + tab),
        () => isOver,
      ),
    );
  });
  await nemesis(history);
  isOver = true;
  await Promise.all(going);
  const finalState = await readBack(crowd, searchLagMs);
  return { anomalies: checkHistory(history, finalState), history, finalState };
}
