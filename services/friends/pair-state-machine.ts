import { Fault, type FaultKind } from "@plaza/kit/errors/fault";

/** The relation of one user to another, as that one sees it. A blocked user sees `none`. */
export type Relation = "none" | "outgoing" | "incoming" | "confirmed" | "blocked";

/** The state of a pair, seen by the acting user. */
export type PairState =
  | "strangers"
  | "requested"
  | "received"
  | "friends"
  | "blocking"
  | "blocked"
  | "mutually blocked";

/** What a user does to another, named for the method; `Leave` is the deletion of the account. */
export type FriendAction =
  | "Request"
  | "Confirm"
  | "Decline"
  | "Withdraw"
  | "Remove"
  | "Block"
  | "Unblock"
  | "Leave";

/** Events that are published. */
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
  /** Events with the other user as the acting one. */
  readonly otherEvents?: readonly PairEvent[];
};

/**
 * The two relations of each state. There are no other pairs of relations: friendship is mutual, and a block
 * ends friendship and requests.
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

/** All transitions of a pair; docs/friendships.md is generated from them. */
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

/** Actions that are refused. An action in neither list changes nothing. */
export const transitionRefusals: readonly TransitionRefusal[] = [
  {
    action: "Request",
    from: ["blocked"],
    // The error for a user who does not exist.
    kind: "not_found",
    reason: "NO_SUCH_USER",
    message: "no such user",
  },
  {
    action: "Request",
    from: ["blocking", "mutually blocked"],
    kind: "precondition",
    reason: "USER_BLOCKED",
    message: "you have blocked this user; unblock them first",
  },
  {
    action: "Confirm",
    from: ["strangers", "requested", "blocking", "blocked", "mutually blocked"],
    kind: "not_found",
    reason: "NO_SUCH_REQUEST",
    message: "this user has not sent you a friend request",
  },
  {
    action: "Decline",
    from: ["friends"],
    kind: "precondition",
    reason: "ALREADY_FRIENDS",
    message: "you are already friends",
  },
  {
    action: "Withdraw",
    from: ["friends"],
    kind: "precondition",
    reason: "ALREADY_FRIENDS",
    message: "you are already friends",
  },
];

/** The transition of a pair in this state, possibly to the same state. Throws the Fault of a refusal. */
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
