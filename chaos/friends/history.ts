import type { FriendAction } from "../../services/friends/pair-state-machine.ts";
import { type ClientHistory, createClientHistory } from "../base/client-history.ts";

/** One friendship operation: invocation and completion. */
export type FriendOperation = {
  readonly userId: string;
  readonly action: FriendAction;
  readonly otherId: string;
  /** When the request was sent and when its response arrived, in ms. */
  readonly invokedAt: number;
  readonly completedAt: number;
  /** The relation of the caller to the other afterwards, or the reason of a refusal. */
  readonly outcome: string;
  /** Whether a response was lost, so that an earlier attempt may have taken effect. */
  readonly wasRetried: boolean;
};

/** All operations of the run. */
export type FriendsHistory = ClientHistory & { readonly operations: FriendOperation[] };

export function createHistory(): FriendsHistory {
  return { ...createClientHistory(), operations: [] };
}
