import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { insertDeletedUser } from "@plaza/kit/db/deleted-users";
import { type EventHandler, onEvent } from "@plaza/kit/events/event-handler";
import { deleteDeclinesOf } from "./decline-store.ts";
import { stateOf } from "./domain.ts";
import { publishPairEvents } from "./pair-events.ts";
import { findTransition } from "./pair-state-machine.ts";
import * as store from "./store.ts";

/** Deleting a user ends all their relations and publishes that. */
export const friendEventHandlers: readonly EventHandler[] = [
  onEvent("users", UserDeletedSchema, async (tx, { userId }) => {
    await insertDeletedUser(tx, userId);
    await deleteDeclinesOf(tx, userId);
    const pairs = await store.deletePairsOf(tx, userId);
    await publishPairEvents(
      tx,
      pairs.map((pair) => ({ pair, transition: findTransition(stateOf(pair), "Leave") })),
    );
  }),
];
