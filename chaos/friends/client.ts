import { RelationSchema, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { errorReason, type RetryingClient } from "../base/retrying-client.ts";
import type { SeededRandom } from "../base/seeded-random.ts";
import type { FriendsHistory } from "./history.ts";

/** Frequent actions appear more often. */
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

/** Acts as one user on random others, one operation or two at a time, until `isOver`. */
export async function runFriendClient(
  client: RetryingClient,
  { id, others }: { readonly id: string; readonly others: readonly [string, ...string[]] },
  history: FriendsHistory,
  random: SeededRandom,
  isOver: () => boolean,
): Promise<void> {
  async function act(action: (typeof weightedActions)[number], otherId: string): Promise<void> {
    const invokedAt = performance.now();
    const { wasRetried, ...answer } = await (action === "Request"
      ? client("POST /v1/friends:request", { userId: otherId })
      : client(`POST /v1/friends/${otherId}:${action.toLowerCase()}`, {}));
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
    const [action, other] = [random.pick(weightedActions), random.pick(others)];
    // Every fourth operation twice at once, like a double click.
    await Promise.all(
      random.nextInt(4) > 0 ? [act(action, other)] : [act(action, other), act(action, other)],
    );
  }
}

/** The name that the state machine gives a state. */
function relationName(state: State): string {
  const [name = ""] = Object.entries(State).find(([, one]) => one === state) ?? [];
  return state === State.STATE_UNSPECIFIED ? "none" : name.toLowerCase();
}
