import { RelationSchema, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { errorReason, type RetryingClient } from "../base/retrying-client.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { FriendsHistory } from "./history.ts";

/** What people do to each other, the usual more often. Paths are those of the API. */
const weightedActions = [
  "Request",
  "Request",
  "Request",
  "Confirm",
  "Confirm",
  "Decline",
  "Withdraw",
  "Remove",
  "Block",
  "Unblock",
  "Unblock",
] as const;

/** Somebody who does things to others, one after the other, until `isOver`. */
export async function runFriendClient(
  settle: RetryingClient,
  { id, others }: { readonly id: string; readonly others: readonly [string, ...string[]] },
  history: FriendsHistory,
  random: SeededRandom,
  isOver: () => boolean,
): Promise<void> {
  async function take(action: (typeof weightedActions)[number], otherId: string): Promise<void> {
    const invokedAt = performance.now();
    const { wasRetried, ...answer } = await (action === "Request"
      ? settle("POST /v1/friends:request", { userId: otherId })
      : settle(`POST /v1/friends/${otherId}:${action.toLowerCase()}`, {}));
    const completedAt = performance.now();
    const outcome =
      answer.status === 200 ? relationName(answer.as(RelationSchema).state) : errorReason(answer);
    history.operations.push({
      userId: id,
      action,
      otherId,
      invokedAt,
      completedAt,
      outcome,
      wasRetried,
    });
  }

  while (!isOver()) {
    const [action, to] = [random.pick(weightedActions), random.pick(others)];
    // At times twice at once, as from a button that is pressed twice.
    await Promise.all(
      random.nextInt(4) > 0 ? [take(action, to)] : [take(action, to), take(action, to)],
    );
  }
}

/** A state as the state machine calls it. */
export function relationName(state: State): string {
  const [name = ""] = Object.entries(State).find(([, one]) => one === state) ?? [];
  return state === State.STATE_UNSPECIFIED ? "none" : name.toLowerCase();
}
