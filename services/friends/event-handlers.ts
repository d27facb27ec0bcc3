import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { lockPeople } from "@plaza/kit/db/advisory-locks";
import { type Follow, follow } from "@plaza/kit/runtime/service";
import { stateOf } from "./domain.ts";
import { announcePairs } from "./pair-events.ts";
import { transition } from "./pair-state-machine.ts";
import * as store from "./store.ts";

/** Whoever leaves is nothing to anybody any more, and everybody to whom they were something is told. */
export const friendFollows: readonly Follow[] = [
  follow("users", UserDeletedSchema, async (tx, { userId }) => {
    await lockPeople(tx, [userId]);
    await store.insertDeparted(tx, userId);
    const pairs = await store.deletePairsOf(tx, userId);
    await announcePairs(
      tx,
      pairs.map((pair) => ({ pair, step: transition(stateOf(pair), "Leave") })),
    );
  }),
];
