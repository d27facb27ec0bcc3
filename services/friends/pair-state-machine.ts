import { Fault, type FaultKind } from "@plaza/kit/errors/fault";

/** What somebody is to another. Who is blocked is nothing to speak of to the blocked. */
export type Relation = "none" | "outgoing" | "incoming" | "confirmed" | "blocked";

/** What two people are to each other, as the one who acts sees it. */
export type PairState =
  | "strangers"
  | "requested"
  | "received"
  | "friends"
  | "blocking"
  | "blocked"
  | "mutually blocked";

/** What happens between two people, by the method that does it; who deletes an account leaves. */
export type FriendAction =
  | "Request"
  | "Confirm"
  | "Decline"
  | "Withdraw"
  | "Remove"
  | "Block"
  | "Unblock"
  | "Leave";

/** What is announced of it. */
export type PairEvent =
  | "FriendshipRequested"
  | "FriendshipWithdrawn"
  | "FriendshipDeclined"
  | "FriendshipConfirmed"
  | "FriendshipEnded"
  | "UserBlocked"
  | "UserUnblocked";

export type PairTransition = {
  readonly from: PairState;
  readonly action: FriendAction;
  readonly to: PairState;
  readonly events: readonly PairEvent[];
  /** What is announced as the other's doing. */
  readonly otherEvents?: readonly PairEvent[];
};

/**
 * What the other is to the one who acts, and what that one is to the other. There is nothing else for two
 * people to be: nobody has a friend who has not him, and no friendship or request outlives a block.
 */
export const relationsByState: Readonly<
  Record<PairState, { readonly mine: Relation; readonly theirs: Relation }>
> = {
  strangers: { mine: "none", theirs: "none" },
  requested: { mine: "outgoing", theirs: "incoming" },
  received: { mine: "incoming", theirs: "outgoing" },
  friends: { mine: "confirmed", theirs: "confirmed" },
  blocking: { mine: "blocked", theirs: "none" },
  blocked: { mine: "none", theirs: "blocked" },
  "mutually blocked": { mine: "blocked", theirs: "blocked" },
};

const newTransition = (
  from: PairState,
  action: FriendAction,
  to: PairState,
  ...events: readonly PairEvent[]
): PairTransition => ({ from, action, to, events });

/** All that changes anything between two people; docs/friendships.md is made from it. */
export const pairTransitions: readonly PairTransition[] = [
  newTransition("strangers", "Request", "requested", "FriendshipRequested"),
  newTransition("received", "Request", "friends", "FriendshipConfirmed"),
  newTransition("received", "Confirm", "friends", "FriendshipConfirmed"),
  newTransition("received", "Decline", "strangers", "FriendshipDeclined"),
  newTransition("requested", "Withdraw", "strangers", "FriendshipWithdrawn"),
  newTransition("friends", "Remove", "strangers", "FriendshipEnded"),
  newTransition("strangers", "Block", "blocking", "UserBlocked"),
  newTransition("requested", "Block", "blocking", "FriendshipWithdrawn", "UserBlocked"),
  newTransition("received", "Block", "blocking", "FriendshipDeclined", "UserBlocked"),
  newTransition("friends", "Block", "blocking", "FriendshipEnded", "UserBlocked"),
  newTransition("blocked", "Block", "mutually blocked", "UserBlocked"),
  newTransition("blocking", "Unblock", "strangers", "UserUnblocked"),
  newTransition("mutually blocked", "Unblock", "blocked", "UserUnblocked"),
  newTransition("requested", "Leave", "strangers", "FriendshipWithdrawn"),
  newTransition("received", "Leave", "strangers", "FriendshipDeclined"),
  newTransition("friends", "Leave", "strangers", "FriendshipEnded"),
  newTransition("blocking", "Leave", "strangers", "UserUnblocked"),
  { ...newTransition("blocked", "Leave", "strangers"), otherEvents: ["UserUnblocked"] },
  {
    ...newTransition("mutually blocked", "Leave", "strangers", "UserUnblocked"),
    otherEvents: ["UserUnblocked"],
  },
];

type TransitionRefusal = {
  readonly action: FriendAction;
  readonly from: readonly PairState[];
  readonly kind: FaultKind;
  readonly reason: string;
  readonly message: string;
};

/** What cannot be. Whatever is in neither list is so already, or never was, and stays. */
export const transitionRefusals: readonly TransitionRefusal[] = [
  {
    action: "Request",
    from: ["blocked"],
    // The same as for somebody who does not exist.
    kind: "not_found",
    reason: "NO_SUCH_USER",
    message: "there is no such user",
  },
  {
    action: "Request",
    from: ["blocking", "mutually blocked"],
    kind: "precondition",
    reason: "USER_BLOCKED",
    message: "you block this user",
  },
  {
    action: "Confirm",
    from: ["strangers", "requested", "blocking", "blocked", "mutually blocked"],
    kind: "not_found",
    reason: "NO_SUCH_REQUEST",
    message: "this user has not asked you",
  },
  {
    action: "Decline",
    from: ["friends"],
    kind: "precondition",
    reason: "ALREADY_FRIENDS",
    message: "you are friends by now",
  },
  {
    action: "Withdraw",
    from: ["friends"],
    kind: "precondition",
    reason: "ALREADY_FRIENDS",
    message: "you are friends by now",
  },
];

/** What the action does to two people in this state; possibly nothing. Throws what the refusals say. */
export function findTransition(from: PairState, action: FriendAction): PairTransition {
  const refusal = transitionRefusals.find(
    (one) => one.action === action && one.from.includes(from),
  );
  if (refusal) throw new Fault(refusal.kind, refusal.reason, refusal.message);
  return (
    pairTransitions.find((one) => one.from === from && one.action === action) ??
    newTransition(from, action, from)
  );
}
