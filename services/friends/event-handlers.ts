import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { lockUsers } from "@plaza/kit/db/advisory-locks";
import { type EventHandler, onEvent } from "@plaza/kit/events/event-handler";
import { stateOf } from "./domain.ts";
import { publishPairEvents } from "./pair-events.ts";
import { findTransition } from "./pair-state-machine.ts";
import * as store from "./store.ts";

/** Whoever leaves is nothing to anybody any more, and everybody to whom they were something is told. */
export const friendEventHandlers: readonly EventHandler[] = [
  onEvent("users", UserDeletedSchema, async (tx, { userId }) => {
    await lockUsers(tx, [userId]);
    await store.insertDeletedUser(tx, userId);
    const pairs = await store.deletePairsOf(tx, userId);
    await publishPairEvents(
      tx,
      pairs.map((pair) => ({ pair, step: findTransition(stateOf(pair), "Leave") })),
    );
  }),
];
