import assert from "node:assert/strict";
import type { PairEvent, Relation } from "./pair-state-machine.ts";

type Relations = { readonly mine: Relation; readonly theirs: Relation };

/** What must be before an event, for the doer and the other, and what is after it. */
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

/** What is after these events about two people, as `one` sees it. Fails at one that cannot have been. */
export function replayEvents<Who>(
  before: Relations,
  one: Who,
  events: readonly (readonly [PairEvent, Who])[],
): Relations {
  let now = before;
  for (const [event, doer] of events) {
    const turned = (two: Relations) => (doer === one ? two : relations(two.theirs, two.mine));
    const [needed, after] = relationsByEvent[event];
    const { mine, theirs } = turned(now);
    const isBlock = event === "UserBlocked" || event === "UserUnblocked";
    // Each blocks on their own, whatever the other does.
    const kept = isBlock && theirs === "blocked" ? theirs : undefined;
    assert.deepEqual({ mine, theirs }, { ...needed, ...(kept && { theirs: kept }) }, event);
    now = turned({ ...after, ...(kept && { theirs: kept }) });
  }
  return now;
}

function relations(mine: Relation, theirs: Relation): Relations {
  return { mine, theirs };
}
