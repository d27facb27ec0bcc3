import { Fault } from "@plaza/kit/errors/fault";
import {
  findTransition,
  type PairState,
  relationsByState,
} from "../../services/friends/pair-state-machine.ts";
import type { FriendOperation } from "./history.ts";

/** A partial linearization: the state reached, seen from one user, and the open operations already linearized. */
type Linearization = {
  readonly state: PairState;
  readonly linearized: ReadonlySet<FriendOperation>;
};

/**
 * Whether the operations on a pair have an order, each taking effect at one moment between its invocation and its
 * completion, that gives every outcome and leads to `end` (linearizability: Herlihy and Wing, 1990). It follows all
 * partial linearizations at once; as a pair has few states, they stay few. A retried operation may have taken effect
 * before, any number of times. `end` is the state seen from `user`.
 */
export function isLinearizable(
  operations: readonly FriendOperation[],
  user: string,
  end: PairState,
): boolean {
  const events = operations
    .flatMap((operation) => [
      { at: operation.invokedAt, operation, isCompletion: false },
      { at: operation.completedAt, operation, isCompletion: true },
    ])
    .sort((a, b) => a.at - b.at || Number(a.isCompletion) - Number(b.isCompletion));
  const open = new Set<FriendOperation>();
  let linearizations: Linearization[] = [{ state: "strangers", linearized: new Set() }];
  for (const { operation, isCompletion } of events) {
    if (!isCompletion) {
      open.add(operation);
      continue;
    }
    linearizations = reachableLinearizations(linearizations, open, user).filter(({ linearized }) =>
      linearized.has(operation),
    );
    linearizations = linearizations.map(({ state, linearized }) => ({
      state,
      linearized: withoutOperation(linearized, operation),
    }));
    open.delete(operation);
  }
  return linearizations.some(({ state }) => state === end);
}

/** All partial linearizations that open operations lead to. */
function reachableLinearizations(
  from: readonly Linearization[],
  open: ReadonlySet<FriendOperation>,
  user: string,
): Linearization[] {
  const order = [...open];
  const keyOf = ({ state, linearized }: Linearization) =>
    `${state} ${order.map((operation) => +linearized.has(operation))}`;
  const found = new Map(from.map((one) => [keyOf(one), one]));
  // Iteration over a map includes entries that are added meanwhile.
  for (const linearization of found.values()) {
    for (const operation of open) {
      for (const next of linearizeNext(linearization, operation, user))
        found.getOrInsert(keyOf(next), next);
    }
  }
  return [...found.values()];
}

/** Linearizes the operation next: for its outcome, or, retried, for a response that was lost. */
function linearizeNext(
  { state, linearized }: Linearization,
  operation: FriendOperation,
  user: string,
): Linearization[] {
  if (linearized.has(operation)) return [];
  const { to, outcome } = applyAction(
    operation.userId === user ? state : reversed(state),
    operation,
  );
  const next = operation.userId === user ? to : reversed(to);
  return [
    ...(outcome === operation.outcome
      ? [{ state: next, linearized: new Set([...linearized, operation]) }]
      : []),
    ...(operation.wasRetried ? [{ state: next, linearized }] : []),
  ];
}

/** The state and the outcome of an operation, as its caller sees them. */
function applyAction(
  from: PairState,
  { action }: FriendOperation,
): { to: PairState; outcome: string } {
  try {
    const { to } = findTransition(from, action);
    return { to, outcome: relationsByState[to].mine };
  } catch (err) {
    if (err instanceof Fault) return { to: from, outcome: err.reason };
    throw err;
  }
}

/** The state seen from the other side. */
function reversed(state: PairState): PairState {
  const { mine, theirs } = relationsByState[state];
  const states = Object.keys(relationsByState) as PairState[];
  const other = states.find(
    (one) => relationsByState[one].mine === theirs && relationsByState[one].theirs === mine,
  );
  if (!other) throw new Error(`${state} has no other side`);
  return other;
}

function withoutOperation(
  operations: ReadonlySet<FriendOperation>,
  operation: FriendOperation,
): ReadonlySet<FriendOperation> {
  return new Set([...operations].filter((one) => one !== operation));
}
