import assert from "node:assert/strict";
import type { PairEvent, Relation } from "./pair-state-machine.ts";

type Relations = { readonly mine: Relation; readonly theirs: Relation };

/** What must be before an event, for the doer and the other, and what is after it. */
const effects: Readonly<Record<PairEvent, readonly [before: Relations, after: Relations]>> = {
  FriendshipRequested: [r("none", "none"), r("outgoing", "incoming")],
  FriendshipWithdrawn: [r("outgoing", "incoming"), r("none", "none")],
  FriendshipDeclined: [r("incoming", "outgoing"), r("none", "none")],
  FriendshipConfirmed: [r("incoming", "outgoing"), r("confirmed", "confirmed")],
  FriendshipEnded: [r("confirmed", "confirmed"), r("none", "none")],
  UserBlocked: [r("none", "none"), r("blocked", "none")],
  UserUnblocked: [r("blocked", "none"), r("none", "none")],
};

/** What is after these events about two people, as `one` sees it. Fails at one that cannot have been. */
export function replay<Who>(
  before: Relations,
  one: Who,
  events: readonly (readonly [PairEvent, Who])[],
): Relations {
  let now = before;
  for (const [event, doer] of events) {
    const turned = (two: Relations) => (doer === one ? two : r(two.theirs, two.mine));
    const [needed, after] = effects[event];
    const { mine, theirs } = turned(now);
    const isBlock = event === "UserBlocked" || event === "UserUnblocked";
    // Each blocks on their own, whatever the other does.
    const kept = isBlock && theirs === "blocked" ? theirs : undefined;
    assert.deepEqual({ mine, theirs }, { ...needed, ...(kept && { theirs: kept }) }, event);
    now = turned({ ...after, ...(kept && { theirs: kept }) });
  }
  return now;
}

function r(mine: Relation, theirs: Relation): Relations {
  return { mine, theirs };
}
