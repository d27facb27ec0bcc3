import type { Tx } from "@plaza/kit/db/database";
import type { Parts } from "./context.ts";
import { advance, limits, noSuchUser, type Pair, stateOf, tooMany } from "./domain.ts";
import { announcePairs } from "./pair-events.ts";
import { type Action, transition } from "./pair-state-machine.ts";
import * as store from "./store.ts";

/**
 * Takes a step between two people, with all that it entails: both sides, the limits, the events. What is
 * so already is answered as it is.
 */
export async function takeStep(
  tx: Tx,
  { lockPeople, now }: Pick<Parts, "lockPeople" | "now">,
  two: store.Two,
  action: Action,
): Promise<Pair> {
  await lockPeople(tx, [two.userId, two.otherId]);
  const before = await store.findPair(tx, two);
  const from = stateOf(before);
  const step = transition(from, action);
  if (step.to === from) return before;
  if (from === "strangers" && (await store.hasDeparted(tx, [two.userId, two.otherId]))) {
    noSuchUser();
  }
  const after = advance(before, step, now());
  await checkLimit(tx, before, after, "mine");
  await checkLimit(tx, before, after, "theirs");
  await store.savePair(tx, after);
  await announcePairs(tx, [{ pair: after, step }]);
  return after;
}

async function checkLimit(tx: Tx, before: Pair, after: Pair, whose: "mine" | "theirs") {
  const { relation } = after[whose];
  const limit = limits[relation];
  if (limit === undefined || relation === before[whose].relation) return;
  const userId = whose === "mine" ? after.userId : after.otherId;
  if ((await store.countRelated(tx, userId, relation, limit)) === limit) tooMany(relation, whose);
}
