import {
  type PairState,
  type Relation,
  relationsByState,
} from "../../services/friends/pair-state-machine.ts";
import type { FriendsHistory } from "./history.ts";
import { isLinearizable } from "./linearizability.ts";

/** The final state, as the API shows it. */
export type FriendsFinalState = {
  readonly userIds: readonly string[];
  /** The relation lists in which `user` sees `other`; at most one in a correct state. */
  relations(user: string, other: string): readonly Relation[];
  /** Whether a search by `user` finds `other`. */
  finds(user: string, other: string): boolean;
};

/** The anomalies by kind; all empty in a correct run. */
export type FriendsAnomalies = Readonly<
  Record<"asymmetric" | "notLinearizable" | "searchMismatch" | "unexpected", readonly string[]>
>;

/**
 * Compares the history with the final state. Asymmetric: the two sides form no legal pair state. Not linearizable:
 * no order of the operations explains all outcomes and the final state. Search mismatch: a search finds a blocker or
 * misses a non-blocker.
 */
export function checkHistory(
  history: FriendsHistory,
  finalState: FriendsFinalState,
): FriendsAnomalies {
  const asymmetric: string[] = [];
  const notLinearizable: string[] = [];
  const searchMismatch: string[] = [];
  const operationsByPair = Map.groupBy(history.operations, ({ userId, otherId }) =>
    pairKey(userId, otherId),
  );
  for (const [index, one] of finalState.userIds.entries()) {
    for (const other of finalState.userIds.slice(index + 1)) {
      const pair = pairKey(one, other);
      const operations = operationsByPair.get(pair) ?? [];
      const state = pairStateOf(finalState, one, other);
      if (state === undefined) {
        const [mine, theirs] = [finalState.relations(one, other), finalState.relations(other, one)];
        asymmetric.push(`${pair}: ${mine} and ${theirs}`);
      } else if (!isLinearizable(operations, one, state)) {
        notLinearizable.push(`${pair}: ${state} after ${operations.length} operations`);
      }
      for (const [user, sought] of [
        [one, other],
        [other, one],
      ] as const) {
        if (!isSearchConsistent(finalState, user, sought))
          searchMismatch.push(`${user} and ${sought}`);
      }
    }
  }
  return { asymmetric, notLinearizable, searchMismatch, unexpected: history.unexpectedErrors };
}

/** Whether a search finds `sought` exactly when `sought` does not block `user`. */
export function isSearchConsistent(
  finalState: FriendsFinalState,
  user: string,
  sought: string,
): boolean {
  return finalState.finds(user, sought) !== finalState.relations(sought, user).includes("blocked");
}

function pairKey(one: string, other: string): string {
  return [one, other].sort().join(" ");
}

/** The state of a pair, seen from `one`; undefined when the two sides form none. */
function pairStateOf(
  finalState: FriendsFinalState,
  one: string,
  other: string,
): PairState | undefined {
  const side = (list: readonly Relation[]) => (list.length > 1 ? "several" : (list[0] ?? "none"));
  const mine = side(finalState.relations(one, other));
  const theirs = side(finalState.relations(other, one));
  const states = Object.keys(relationsByState) as PairState[];
  return states.find(
    (state) => relationsByState[state].mine === mine && relationsByState[state].theirs === theirs,
  );
}
