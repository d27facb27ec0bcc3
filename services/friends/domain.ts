import { Fault, invalidField } from "@plaza/kit/errors/fault";
import {
  type PairState,
  type PairTransition,
  type Relation,
  relationsByState,
} from "./pair-state-machine.ts";

/** What the other is to one of two people, and since when; null for none. */
export type DirectedRelation = { readonly relation: Relation; readonly since: Date | null };

/** Two people, and what they are to each other. */
export type Pair = {
  readonly userId: string;
  readonly otherId: string;
  /** What the other is to the user. */
  readonly mine: DirectedRelation;
  /** What the user is to the other. */
  readonly theirs: DirectedRelation;
};

/** Somebody in a list, and since when. */
export type RelatedUser = { readonly userId: string; readonly since: Date };

/**
 * How many of a relation anybody has at most. Open requests are few, because each asks for somebody's
 * attention; friends and the blocked are as many as can be counted within a step.
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

/** The pair from the side of one of the two. */
export function fromPerspectiveOf(pair: Pair, userId: string): Pair {
  if (pair.userId === userId) return pair;
  return { userId, otherId: pair.userId, mine: pair.theirs, theirs: pair.mine };
}

export function stateOf({ mine, theirs }: Pair): PairState {
  const names = Object.keys(relationsByState) as PairState[];
  const isIt = (name: PairState): boolean =>
    relationsByState[name].mine === mine.relation &&
    relationsByState[name].theirs === theirs.relation;
  return names.find(isIt) ?? invalidPair(mine, theirs);
}

/** The pair after a step. A side that stays as it is keeps its time: a block tells the blocked nothing. */
export function advance(pair: Pair, { to }: PairTransition, now: Date): Pair {
  const { mine, theirs } = relationsByState[to];
  return {
    ...pair,
    mine: updateRelation(pair.mine, mine, now),
    theirs: updateRelation(pair.theirs, theirs, now),
  };
}

function updateRelation(side: DirectedRelation, relation: Relation, now: Date): DirectedRelation {
  if (side.relation === relation) return side;
  return relation === "none" ? none : { relation, since: now };
}

/** Throws what there are too many of; `whose` is seen from the one who acts. */
export function relationLimitExceeded(relation: Relation, whose: "mine" | "theirs"): never {
  const metadata = { limit: String(relationLimits[relation]) };
  const refuse = (reason: string, message: string): never => {
    throw new Fault("precondition", reason, message, { metadata });
  };
  if (relation === "outgoing") {
    refuse("TOO_MANY_OPEN_REQUESTS", "too many of your requests wait for an answer");
  }
  if (relation === "blocked") refuse("TOO_MANY_BLOCKED", "you block too many users");
  if (whose === "mine") refuse("TOO_MANY_FRIENDS", "you have too many friends");
  return refuse("THEY_HAVE_TOO_MANY_FRIENDS", "this user has too many friends");
}

/** Says nothing of why: whoever does not exist, has left, is barred or blocks the caller looks the same. */
export function noSuchUser(): never {
  throw new Fault("not_found", "NO_SUCH_USER", "there is no such user");
}

export function notYourself(): never {
  throw new Fault("invalid", "NOT_YOURSELF", "this takes somebody else");
}

export function userRequired(): never {
  throw invalidField("user_id", "FIELD_REQUIRED", "say whom, by user id or by nickname");
}

function invalidPair(mine: DirectedRelation, theirs: DirectedRelation): never {
  throw new Error(`two people cannot be ${mine.relation} and ${theirs.relation}`);
}

/** The ids of two people. */
export type UserPair = Pick<Pair, "userId" | "otherId">;

/** Names two people, whoever of them is the user. */
export function pairKey(userPair: UserPair): string {
  return sortedIds(userPair).join("/");
}

/** The smaller id first: as text in lower case UUIDs are ordered as PostgreSQL orders them. */
export function sortedIds({ userId, otherId }: UserPair): readonly [string, string] {
  return userId < otherId ? [userId, otherId] : [otherId, userId];
}
