import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type Pair as PairMessage,
  PairSchema,
  type Relation as RelationMessage,
  RelationSchema,
  Relation_State as State,
} from "@plaza/contract/friends/v1/friends";
import type { User } from "@plaza/contract/users/v1/users";
import type { DirectedRelation, Pair } from "./domain.ts";
import type { Relation } from "./pair-state-machine.ts";

const protoStates: Record<Relation, State> = {
  none: State.STATE_UNSPECIFIED,
  confirmed: State.CONFIRMED,
  incoming: State.INCOMING,
  outgoing: State.OUTGOING,
  blocked: State.BLOCKED,
};

/** Relations that can be listed; users who block the caller are hidden. */
type ListedRelation = Exclude<Relation, "none">;

const relationsByProtoState: Partial<Record<State, ListedRelation>> = {
  [State.INCOMING]: "incoming",
  [State.OUTGOING]: "outgoing",
  [State.BLOCKED]: "blocked",
};

export function toRelation(
  userId: string,
  direction: DirectedRelation,
  user?: User,
): RelationMessage {
  return create(RelationSchema, {
    userId,
    state: protoStates[direction.relation],
    ...(direction.since && { sinceTime: timestampFromDate(direction.since) }),
    user,
  });
}

export function toPair({ userId, otherId, mine, theirs }: Pair): PairMessage {
  return create(PairSchema, {
    userId,
    otherId,
    state: protoStates[mine.relation],
    otherState: protoStates[theirs.relation],
  });
}

/** The relation to list; friends by default. */
export function fromState(wire: State): ListedRelation {
  return relationsByProtoState[wire] ?? "confirmed";
}
