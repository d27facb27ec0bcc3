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

/** Announces steps that were taken, each between two other people. */
export async function publishPairEvents(
  tx: Tx,
  transitions: readonly { readonly pair: UserPair; readonly step: PairTransition }[],
): Promise<void> {
  const events = transitions.flatMap(({ pair, step }) => {
    const { userId, otherId } = pair;
    const aggregateId = pairKey(pair);
    const by = (one: string, other: string) => (name: PairEvent) => ({
      name,
      event: { init: { userId: one, otherId: other }, aggregateId },
    });
    return [
      ...step.events.map(by(userId, otherId)),
      ...(step.otherEvents ?? []).map(by(otherId, userId)),
    ];
  });
  // Type by type, in the order of the step that has several: what it ends comes first.
  for (const [name, named] of Map.groupBy(events, (one) => one.name)) {
    await publishAll(
      tx,
      eventSchemas[name],
      named.map(({ event }) => event),
    );
  }
}
