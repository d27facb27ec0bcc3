import { Fault, type FaultKind } from "@plaza/kit/errors/fault";

/** What somebody is to another. Who is blocked is nothing to speak of to the blocked. */
export type Relation = "none" | "outgoing" | "incoming" | "confirmed" | "blocked";

/** What two people are to each other, as the one who acts sees it. */
export type PairState =
  | "strangers"
  | "asking"
  | "asked"
  | "friends"
  | "blocking"
  | "blocked"
  | "blocking each other";

/** What happens between two people, by the method that does it; who deletes an account leaves. */
export type Action =
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

export type Transition = {
  readonly from: PairState;
  readonly action: Action;
  readonly to: PairState;
  readonly events: readonly PairEvent[];
  /** What is announced as the other's doing. */
  readonly theirEvents?: readonly PairEvent[];
};

/**
 * What the other is to the one who acts, and what that one is to the other. There is nothing else for two
 * people to be: nobody has a friend who has not him, and no friendship or request outlives a block.
 */
export const states: Readonly<
  Record<PairState, { readonly mine: Relation; readonly theirs: Relation }>
> = {
  strangers: { mine: "none", theirs: "none" },
  asking: { mine: "outgoing", theirs: "incoming" },
  asked: { mine: "incoming", theirs: "outgoing" },
  friends: { mine: "confirmed", theirs: "confirmed" },
  blocking: { mine: "blocked", theirs: "none" },
  blocked: { mine: "none", theirs: "blocked" },
  "blocking each other": { mine: "blocked", theirs: "blocked" },
};

const t = (
  from: PairState,
  action: Action,
  to: PairState,
  ...events: readonly PairEvent[]
): Transition => ({ from, action, to, events });

/** All that changes anything between two people; docs/friendships.md is made from it. */
export const transitions: readonly Transition[] = [
  t("strangers", "Request", "asking", "FriendshipRequested"),
  t("asked", "Request", "friends", "FriendshipConfirmed"),
  t("asked", "Confirm", "friends", "FriendshipConfirmed"),
  t("asked", "Decline", "strangers", "FriendshipDeclined"),
  t("asking", "Withdraw", "strangers", "FriendshipWithdrawn"),
  t("friends", "Remove", "strangers", "FriendshipEnded"),
  t("strangers", "Block", "blocking", "UserBlocked"),
  t("asking", "Block", "blocking", "FriendshipWithdrawn", "UserBlocked"),
  t("asked", "Block", "blocking", "FriendshipDeclined", "UserBlocked"),
  t("friends", "Block", "blocking", "FriendshipEnded", "UserBlocked"),
  t("blocked", "Block", "blocking each other", "UserBlocked"),
  t("blocking", "Unblock", "strangers", "UserUnblocked"),
  t("blocking each other", "Unblock", "blocked", "UserUnblocked"),
  t("asking", "Leave", "strangers", "FriendshipWithdrawn"),
  t("asked", "Leave", "strangers", "FriendshipDeclined"),
  t("friends", "Leave", "strangers", "FriendshipEnded"),
  t("blocking", "Leave", "strangers", "UserUnblocked"),
  { ...t("blocked", "Leave", "strangers"), theirEvents: ["UserUnblocked"] },
  {
    ...t("blocking each other", "Leave", "strangers", "UserUnblocked"),
    theirEvents: ["UserUnblocked"],
  },
];

type Refusal = {
  readonly action: Action;
  readonly from: readonly PairState[];
  readonly kind: FaultKind;
  readonly reason: string;
  readonly message: string;
};

/** What cannot be. Whatever is in neither list is so already, or never was, and stays. */
export const refusals: readonly Refusal[] = [
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
    from: ["blocking", "blocking each other"],
    kind: "precondition",
    reason: "USER_BLOCKED",
    message: "you block this user",
  },
  {
    action: "Confirm",
    from: ["strangers", "asking", "blocking", "blocked", "blocking each other"],
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
export function transition(from: PairState, action: Action): Transition {
  const refusal = refusals.find((one) => one.action === action && one.from.includes(from));
  if (refusal) throw new Fault(refusal.kind, refusal.reason, refusal.message);
  return (
    transitions.find((one) => one.from === from && one.action === action) ?? t(from, action, from)
  );
}
