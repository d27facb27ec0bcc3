import assert from "node:assert/strict";
import type { PairEvent, Relation } from "./pair-state-machine.ts";

type Relations = { readonly mine: Relation; readonly theirs: Relation };

/** The relations before and after an event, seen by the acting user. */
const relationsByEvent: Readonly<
  Record<PairEvent, readonly [before: Relations, after: Relations]>
> = {
  FriendshipRequested: [relations("none", "none"), relations("outgoing", "incoming")],
  FriendshipWithdrawn: [relations("outgoing", "incoming"), relations("none", "none")],
  FriendshipDeclined: [relations("incoming", "outgoing"), relations("none", "none")],
  FriendshipConfirmed: [relations("incoming", "outgoing"), relations("confirmed", "confirmed")],
  FriendshipEnded: [relations("confirmed", "confirmed"), relations("none", "none")],
  UserBlocked: [relations("none", "none"), relations("blocked", "none")],
  UserUnblocked: [relations("blocked", "none"), relations("none", "none")],
};

/** The relations after these events about two users, as `one` sees them. Fails at an impossible event. */
export function replayEvents<Who>(
  before: Relations,
  one: Who,
  events: readonly (readonly [PairEvent, Who])[],
): Relations {
  let now = before;
  for (const [event, actor] of events) {
    const fromActor = (pair: Relations) =>
      actor === one ? pair : relations(pair.theirs, pair.mine);
    const [required, after] = relationsByEvent[event];
    const { mine, theirs } = fromActor(now);
    const isBlock = event === "UserBlocked" || event === "UserUnblocked";
    // A block of the other user stays as it is.
    const kept = isBlock && theirs === "blocked" ? theirs : undefined;
    assert.deepEqual({ mine, theirs }, { ...required, ...(kept && { theirs: kept }) }, event);
    now = fromActor({ ...after, ...(kept && { theirs: kept }) });
  }
  return now;
}

function relations(mine: Relation, theirs: Relation): Relations {
  return { mine, theirs };
}
