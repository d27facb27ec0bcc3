import { Fault } from "@plaza/kit/fault";

export type Friend = {
  readonly id: string;
  readonly ownerId: string;
  readonly text: string;
  readonly createTime: Date;
};

/** Whoever is signed in. */
type Account = { readonly id: string; readonly roles: readonly string[] };

export function mayRead(friend: Friend, account: Account): boolean {
  return friend.ownerId === account.id || account.roles.includes("admin");
}

/** A retry gets the friend of its first request; anything else under the same key is a client bug. */
export function sameRequest(first: Friend | undefined, again: Friend): Friend {
  if (first?.text === again.text) return first;
  throw new Fault("conflict", "KEY_REUSED", "idempotency_key belongs to another request");
}

export function noSuchFriend(id: string): never {
  throw new Fault("not_found", "NO_SUCH_FRIEND", `no such friend: ${id}`);
}

export function notYourFriend(): never {
  throw new Fault("forbidden", "NOT_YOUR_FRIEND", "only its owner may read a friend");
}
