import type { Tx } from "@plaza/kit/db/database";
import { findDeletedUsers } from "@plaza/kit/db/deleted-users";
import type { ServiceContext } from "./context.ts";
import { deleteDeclines, findDeclines, insertDecline } from "./decline-store.ts";
import { assertNotPaused } from "./declines.ts";
import {
  advance,
  noSuchUser,
  type Pair,
  relationLimitExceeded,
  relationLimits,
  stateOf,
  type UserPair,
} from "./domain.ts";
import { publishPairEvents } from "./pair-events.ts";
import { type FriendAction, findTransition, type PairTransition } from "./pair-state-machine.ts";
import * as store from "./store.ts";

/**
 * Applies a transition to a pair: both directions, limits, events. A transition without effect returns the
 * pair as it is.
 */
export async function applyTransition(
  tx: Tx,
  { now, declinePausesMs }: Pick<ServiceContext, "now" | "declinePausesMs">,
  userPair: UserPair,
  action: FriendAction,
): Promise<Pair> {
  // Users and not rows: strangers have no row to lock, and a count of friends must not change meanwhile.
  const userIds = [userPair.userId, userPair.otherId];
  const deleted = await findDeletedUsers(tx, userIds, "exclusive");
  const before = await store.findPair(tx, userPair);
  const from = stateOf(before);
  // Before the refusal of blocked users: a block is no different from a decline until the pause is over.
  if (action === "Request" && (from === "strangers" || from === "blocked")) {
    const declines = await findDeclines(tx, userPair.userId, userPair.otherId);
    if (declines) assertNotPaused(declines, declinePausesMs, now());
  }
  const transition = findTransition(from, action);
  if (transition.to === from) return before;
  if (from === "strangers" && deleted.size > 0) noSuchUser();
  const after = advance(before, transition, now());
  await assertLimit(tx, before, after, "mine");
  await assertLimit(tx, before, after, "theirs");
  await store.savePair(tx, after);
  await saveDeclines(tx, after, transition, now());
  await publishPairEvents(tx, [{ pair: after, transition }]);
  return after;
}

async function assertLimit(tx: Tx, before: Pair, after: Pair, whose: "mine" | "theirs") {
  const { relation } = after[whose];
  const limit = relationLimits[relation];
  if (limit === undefined || relation === before[whose].relation) return;
  const userId = whose === "mine" ? after.userId : after.otherId;
  if ((await store.countRelated(tx, userId, relation, limit)) === limit)
    relationLimitExceeded(relation, whose);
}

/** A decline begins a pause for the requester; the decliner's own request ends it, and friendship all. */
async function saveDeclines(
  tx: Tx,
  { userId, otherId }: Pair,
  { action, to, events }: PairTransition,
  now: Date,
): Promise<void> {
  if (events.includes("FriendshipDeclined")) await insertDecline(tx, otherId, userId, now);
  if (action === "Request" || to === "friends") await deleteDeclines(tx, otherId, userId);
  if (to === "friends") await deleteDeclines(tx, userId, otherId);
}
