import { RelationSchema, Relation_State as State } from "@plaza/contract/friends/v1/friends";
import { reasonIn, type Settle } from "../base/retrying-client.ts";
import type { Random } from "../base/seeded-random.ts";
import type { History } from "./history.ts";

/** What people do to each other, the usual more often. Paths are those of the API. */
const steps = [
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
export async function mingle(
  settle: Settle,
  { id, others }: { readonly id: string; readonly others: readonly [string, ...string[]] },
  history: History,
  random: Random,
  isOver: () => boolean,
): Promise<void> {
  async function take(action: (typeof steps)[number], to: string): Promise<void> {
    const sentAt = performance.now();
    const { wasLost, ...answer } = await (action === "Request"
      ? settle("POST /v1/friends:request", { userId: to })
      : settle(`POST /v1/friends/${to}:${action.toLowerCase()}`, {}));
    const answeredAt = performance.now();
    const outcome =
      answer.status === 200 ? nameOf(answer.as(RelationSchema).state) : reasonIn(answer);
    history.calls.push({ by: id, action, to, sentAt, answeredAt, outcome, wasLost });
  }

  while (!isOver()) {
    const [action, to] = [random.pick(steps), random.pick(others)];
    // At times twice at once, as from a button that is pressed twice.
    await Promise.all(
      random.below(4) > 0 ? [take(action, to)] : [take(action, to), take(action, to)],
    );
  }
}

/** A state as the state machine calls it. */
export function nameOf(state: State): string {
  const [name = ""] = Object.entries(State).find(([, one]) => one === state) ?? [];
  return state === State.STATE_UNSPECIFIED ? "none" : name.toLowerCase();
}
