import { Fault, invalidField } from "@plaza/kit/errors/fault";
import {
  type PairState,
  type PairTransition,
  type Relation,
  relationsByState,
} from "./pair-state-machine.ts";

/** One direction of a pair: the relation and its start; null for none. */
export type DirectedRelation = { readonly relation: Relation; readonly since: Date | null };

/** The relations of two users, in both directions. */
export type Pair = {
  readonly userId: string;
  readonly otherId: string;
  /** The relation of the user to the other. */
  readonly mine: DirectedRelation;
  /** The relation of the other to the user. */
  readonly theirs: DirectedRelation;
};

/** A user in a list and the start of the relation. */
export type RelatedUser = { readonly userId: string; readonly since: Date };

/**
 * The most of each relation that a user may have. Open requests are few, because each asks for a person's
 * attention; friends and blocked users are as many as a transition can count.
 */
export const relationLimits: Readonly<Partial<Record<Relation, number>>> = {
  outgoing: 500,
  confirmed: 5_000,
  blocked: 5_000,
};

const none: DirectedRelation = { relation: "none", since: null };

export function strangerPair(userId: string, otherId: string): Pair {
  return { userId, otherId, mine: none, theirs: none };
}

/** The same pair as the other user sees it, or as it is. */
export function fromPerspectiveOf(pair: Pair, userId: string): Pair {
  if (pair.userId === userId) return pair;
  return { userId, otherId: pair.userId, mine: pair.theirs, theirs: pair.mine };
}

export function stateOf({ mine, theirs }: Pair): PairState {
  const names = Object.keys(relationsByState) as PairState[];
  const matches = (name: PairState): boolean =>
    relationsByState[name].mine === mine.relation &&
    relationsByState[name].theirs === theirs.relation;
  return names.find(matches) ?? invalidPair(mine, theirs);
}

/** The pair after a transition. An unchanged direction keeps its time: a block reveals nothing to the blocked. */
export function advance(pair: Pair, { to }: PairTransition, now: Date): Pair {
  const { mine, theirs } = relationsByState[to];
  return {
    ...pair,
    mine: updateRelation(pair.mine, mine, now),
    theirs: updateRelation(pair.theirs, theirs, now),
  };
}

function updateRelation(before: DirectedRelation, relation: Relation, now: Date): DirectedRelation {
  if (before.relation === relation) return before;
  return relation === "none" ? none : { relation, since: now };
}

/** Throws the Fault of the limit; `whose` is seen by the acting user. */
export function relationLimitExceeded(relation: Relation, whose: "mine" | "theirs"): never {
  const limit = relationLimits[relation];
  const metadata = { limit: String(limit) };
  const refuse = (reason: string, message: string): never => {
    throw new Fault("precondition", reason, message, { metadata });
  };
  if (relation === "outgoing") {
    refuse(
      "TOO_MANY_OPEN_REQUESTS",
      `you can have at most ${limit} open friend requests; withdraw one first`,
    );
  }
  if (relation === "blocked") {
    refuse("TOO_MANY_BLOCKED", `you can block at most ${limit} users; unblock one first`);
  }
  if (whose === "mine")
    refuse("TOO_MANY_FRIENDS", `you can have at most ${limit} friends; remove one first`);
  return refuse(
    "THEY_HAVE_TOO_MANY_FRIENDS",
    `this user already has ${limit} friends, the maximum`,
  );
}

/** One error for all causes: a user who does not exist, was deleted, is deactivated or blocks the caller. */
export function noSuchUser(): never {
  throw new Fault("not_found", "NO_SUCH_USER", "no such user");
}

export function notYourself(): never {
  throw new Fault("invalid", "NOT_YOURSELF", "the other user cannot be yourself");
}

export function userRequired(): never {
  throw invalidField("user_id", "FIELD_REQUIRED", "must be set unless nickname is");
}

function invalidPair(mine: DirectedRelation, theirs: DirectedRelation): never {
  throw new Error(`two people cannot be ${mine.relation} and ${theirs.relation}`);
}

/** The ids of two users. */
export type UserPair = Pick<Pair, "userId" | "otherId">;

/** The key of a pair, the same for both users. */
export function pairKey(userPair: UserPair): string {
  return sortedIds(userPair).join("/");
}

/** The smaller id first: UUIDs as lower-case text sort as PostgreSQL sorts them. */
export function sortedIds({ userId, otherId }: UserPair): readonly [string, string] {
  return userId < otherId ? [userId, otherId] : [otherId, userId];
}
