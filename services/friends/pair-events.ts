import {
  FriendshipConfirmedSchema,
  FriendshipDeclinedSchema,
  FriendshipEndedSchema,
  FriendshipRequestedSchema,
  FriendshipWithdrawnSchema,
  UserBlockedSchema,
  UserUnblockedSchema,
} from "@plaza/contract/friends/v1/events";
import type { Tx } from "@plaza/kit/db/database";
import { publishAll } from "@plaza/kit/events/outbox";
import { pairKey, type UserPair } from "./domain.ts";
import type { PairEvent, PairTransition } from "./pair-state-machine.ts";

const eventSchemas = {
  FriendshipRequested: FriendshipRequestedSchema,
  FriendshipWithdrawn: FriendshipWithdrawnSchema,
  FriendshipDeclined: FriendshipDeclinedSchema,
  FriendshipConfirmed: FriendshipConfirmedSchema,
  FriendshipEnded: FriendshipEndedSchema,
  UserBlocked: UserBlockedSchema,
  UserUnblocked: UserUnblockedSchema,
} satisfies Record<PairEvent, unknown>;

/** Publishes the events of transitions, each of another pair. */
export async function publishPairEvents(
  tx: Tx,
  transitions: readonly { readonly pair: UserPair; readonly transition: PairTransition }[],
): Promise<void> {
  const events = transitions.flatMap(({ pair, transition }) => {
    const { userId, otherId } = pair;
    const aggregateId = pairKey(pair);
    const by = (one: string, other: string) => (name: PairEvent) => ({
      name,
      event: { init: { userId: one, otherId: other }, aggregateId },
    });
    return [
      ...transition.events.map(by(userId, otherId)),
      ...(transition.otherEvents ?? []).map(by(otherId, userId)),
    ];
  });
  // Type by type: in a transition with several events, the end of a relation comes first.
  for (const [name, named] of Map.groupBy(events, (one) => one.name)) {
    await publishAll(
      tx,
      eventSchemas[name],
      named.map(({ event }) => event),
    );
  }
}
