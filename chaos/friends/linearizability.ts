import { Fault } from "@plaza/kit/errors/fault";
import {
  findTransition,
  type PairState,
  relationsByState,
} from "../../services/friends/pair-state-machine.ts";
import type { FriendOperation } from "./history.ts";

/** One way in which it may have gone so far: where it led, and which open calls it has carried out. */
type Linearization = {
  readonly state: PairState;
  readonly linearized: ReadonlySet<FriendOperation>;
};

/**
 * Whether there is an order of the calls between two people, each carried out at one moment between being
 * sent and being answered, that gives every answer and leads to `end` (linearizability: Herlihy and Wing,
 * 1990). It follows all possible worlds at once; as a pair has few states, they stay few. A call that was
 * sent again may have been carried out before, any number of times. `one` is whose side `end` is seen from.
 */
export function isLinearizable(
  calls: readonly FriendOperation[],
  one: string,
  end: PairState,
): boolean {
  const moments = calls
    .flatMap((call) => [
      { at: call.invokedAt, call, isAnswer: false },
      { at: call.completedAt, call, isAnswer: true },
    ])
    .sort((a, b) => a.at - b.at || Number(a.isAnswer) - Number(b.isAnswer));
  const open = new Set<FriendOperation>();
  let worlds: Linearization[] = [{ state: "strangers", linearized: new Set() }];
  for (const { call, isAnswer } of moments) {
    if (!isAnswer) {
      open.add(call);
      continue;
    }
    worlds = reachableLinearizations(worlds, open, one).filter(({ linearized }) =>
      linearized.has(call),
    );
    worlds = worlds.map(({ state, linearized }) => ({
      state,
      linearized: withoutOperation(linearized, call),
    }));
    open.delete(call);
  }
  return worlds.some(({ state }) => state === end);
}

/** All worlds that open calls lead to. */
function reachableLinearizations(
  from: readonly Linearization[],
  open: ReadonlySet<FriendOperation>,
  one: string,
): Linearization[] {
  const order = [...open];
  const keyOf = ({ state, linearized }: Linearization) =>
    `${state} ${order.map((call) => +linearized.has(call))}`;
  const found = new Map(from.map((world) => [keyOf(world), world]));
  // A map is walked in the order of entry, including what enters meanwhile.
  for (const world of found.values()) {
    for (const call of open) {
      for (const next of linearizeNext(world, call, one)) found.getOrInsert(keyOf(next), next);
    }
  }
  return [...found.values()];
}

/** The worlds in which the call is carried out next: for its answer, or for one that was lost. */
function linearizeNext(
  { state, linearized }: Linearization,
  call: FriendOperation,
  one: string,
): Linearization[] {
  if (linearized.has(call)) return [];
  const { to, outcome } = applyAction(call.userId === one ? state : reversed(state), call);
  const next = call.userId === one ? to : reversed(to);
  return [
    ...(outcome === call.outcome
      ? [{ state: next, linearized: new Set([...linearized, call]) }]
      : []),
    ...(call.wasRetried ? [{ state: next, linearized }] : []),
  ];
}

/** What a step leads to and what is answered, as the one who takes it sees it. */
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

/** The state as the other sees it. */
function reversed(state: PairState): PairState {
  const { mine, theirs } = relationsByState[state];
  const names = Object.keys(relationsByState) as PairState[];
  const seen = names.find(
    (name) => relationsByState[name].mine === theirs && relationsByState[name].theirs === mine,
  );
  if (!seen) throw new Error(`${state} has no other side`);
  return seen;
}

function withoutOperation(
  done: ReadonlySet<FriendOperation>,
  call: FriendOperation,
): ReadonlySet<FriendOperation> {
  return new Set([...done].filter((one) => one !== call));
}
