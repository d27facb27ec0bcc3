import { Fault } from "@plaza/kit/errors/fault";
import {
  findTransition,
  type PairState,
  relationsByState,
} from "../../services/friends/pair-state-machine.ts";
import type { Call } from "./history.ts";

/** One way in which it may have gone so far: where it led, and which open calls it has carried out. */
type World = { readonly state: PairState; readonly done: ReadonlySet<Call> };

/**
 * Whether there is an order of the calls between two people, each carried out at one moment between being
 * sent and being answered, that gives every answer and leads to `end` (linearizability: Herlihy and Wing,
 * 1990). It follows all possible worlds at once; as a pair has few states, they stay few. A call that was
 * sent again may have been carried out before, any number of times. `one` is whose side `end` is seen from.
 */
export function isExplained(calls: readonly Call[], one: string, end: PairState): boolean {
  const moments = calls
    .flatMap((call) => [
      { at: call.sentAt, call, isAnswer: false },
      { at: call.answeredAt, call, isAnswer: true },
    ])
    .sort((a, b) => a.at - b.at || Number(a.isAnswer) - Number(b.isAnswer));
  const open = new Set<Call>();
  let worlds: World[] = [{ state: "strangers", done: new Set() }];
  for (const { call, isAnswer } of moments) {
    if (!isAnswer) {
      open.add(call);
      continue;
    }
    worlds = reachable(worlds, open, one).filter(({ done }) => done.has(call));
    worlds = worlds.map(({ state, done }) => ({ state, done: without(done, call) }));
    open.delete(call);
  }
  return worlds.some(({ state }) => state === end);
}

/** All worlds that open calls lead to. */
function reachable(from: readonly World[], open: ReadonlySet<Call>, one: string): World[] {
  const order = [...open];
  const keyOf = ({ state, done }: World) => `${state} ${order.map((call) => +done.has(call))}`;
  const found = new Map(from.map((world) => [keyOf(world), world]));
  // A map is walked in the order of entry, including what enters meanwhile.
  for (const world of found.values()) {
    for (const call of open) {
      for (const next of after(world, call, one)) found.getOrInsert(keyOf(next), next);
    }
  }
  return [...found.values()];
}

/** The worlds in which the call is carried out next: for its answer, or for one that was lost. */
function after({ state, done }: World, call: Call, one: string): World[] {
  if (done.has(call)) return [];
  const { to, outcome } = attempt(call.by === one ? state : turned(state), call);
  const next = call.by === one ? to : turned(to);
  return [
    ...(outcome === call.outcome ? [{ state: next, done: new Set([...done, call]) }] : []),
    ...(call.wasLost ? [{ state: next, done }] : []),
  ];
}

/** What a step leads to and what is answered, as the one who takes it sees it. */
function attempt(from: PairState, { action }: Call): { to: PairState; outcome: string } {
  try {
    const { to } = findTransition(from, action);
    return { to, outcome: relationsByState[to].mine };
  } catch (err) {
    if (err instanceof Fault) return { to: from, outcome: err.reason };
    throw err;
  }
}

/** The state as the other sees it. */
function turned(state: PairState): PairState {
  const { mine, theirs } = relationsByState[state];
  const names = Object.keys(relationsByState) as PairState[];
  const seen = names.find(
    (name) => relationsByState[name].mine === theirs && relationsByState[name].theirs === mine,
  );
  if (!seen) throw new Error(`${state} has no other side`);
  return seen;
}

function without(done: ReadonlySet<Call>, call: Call): ReadonlySet<Call> {
  return new Set([...done].filter((one) => one !== call));
}
