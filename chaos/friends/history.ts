import {
  type FriendAction,
  type PairState,
  type Relation,
  relationsByState,
} from "../../services/friends/pair-state-machine.ts";
import { isLinearizable } from "./linearizability.ts";

/** One step that somebody took towards somebody, and what was answered. */
export type FriendOperation = {
  readonly userId: string;
  readonly action: FriendAction;
  readonly otherId: string;
  /** When it was sent and when it was answered, in ms. */
  readonly invokedAt: number;
  readonly completedAt: number;
  /** What the other is to the caller from then on, or the reason of a refusal. */
  readonly outcome: string;
  /** Whether it was sent more than once, because an answer was lost. */
  readonly wasRetried: boolean;
};

/** What people did and were told. */
export type FriendsHistory = {
  readonly operations: FriendOperation[];
  /** Answers that a correct server never gives. */
  readonly unexpectedErrors: string[];
  /** Calls whose answer was lost; each was settled by repeating it. */
  indeterminate: number;
};

/** What is there in the end, as the API shows it. */
export type FriendsFinalState = {
  readonly userIds: readonly string[];
  /** In whose list of which relations somebody is: usually none or one. */
  relations(user: string, other: string): readonly Relation[];
  /** Whether somebody finds another by a search. */
  finds(user: string, other: string): boolean;
};

/** What is wrong, by kind; all empty when every promise was kept. */
export type FriendsAnomalies = Readonly<
  Record<"asymmetric" | "unexplained" | "misdirected" | "unexpected", readonly string[]>
>;

export function createHistory(): FriendsHistory {
  return { operations: [], unexpectedErrors: [], indeterminate: 0 };
}

/**
 * Compares what people were told with what is there. Asymmetric: two see each other as no two people can be.
 * Unexplained: there is no order of the steps between two in which all answers, and what is there in the end,
 * are right. Misdirected: a search that finds who blocks the searcher, or does not find somebody else.
 */
export function checkHistory(history: FriendsHistory, found: FriendsFinalState): FriendsAnomalies {
  const asymmetric: string[] = [];
  const unexplained: string[] = [];
  const misdirected: string[] = [];
  const calls = Map.groupBy(history.operations, ({ userId, otherId }) =>
    [userId, otherId].sort().join(" "),
  );
  for (const [index, one] of found.userIds.entries()) {
    for (const other of found.userIds.slice(index + 1)) {
      const pair = [one, other].sort().join(" ");
      const between = calls.get(pair) ?? [];
      const end = pairStateOf(found, one, other);
      if (end === undefined) {
        const [mine, theirs] = [found.relations(one, other), found.relations(other, one)];
        asymmetric.push(`${pair}: ${mine} and ${theirs}`);
      } else if (!isLinearizable(between, one, end)) {
        unexplained.push(`${pair}: ${end} after ${between.length} steps`);
      }
      for (const [user, sought] of [
        [one, other],
        [other, one],
      ] as const) {
        if (!isSearchConsistent(found, user, sought)) misdirected.push(`${user} and ${sought}`);
      }
    }
  }
  return { asymmetric, unexplained, misdirected, unexpected: history.unexpectedErrors };
}

/** Whether the search shows somebody exactly when he does not block the searcher. */
export function isSearchConsistent(
  found: FriendsFinalState,
  user: string,
  sought: string,
): boolean {
  return found.finds(user, sought) !== found.relations(sought, user).includes("blocked");
}

/** What two are to each other, from the side of the first; undefined when no two people can be that. */
function pairStateOf(found: FriendsFinalState, one: string, other: string): PairState | undefined {
  const side = (list: readonly Relation[]) => (list.length > 1 ? "several" : (list[0] ?? "none"));
  const [mine, theirs] = [side(found.relations(one, other)), side(found.relations(other, one))];
  const names = Object.keys(relationsByState) as PairState[];
  return names.find(
    (name) => relationsByState[name].mine === mine && relationsByState[name].theirs === theirs,
  );
}
