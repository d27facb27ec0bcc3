import type { HandlerContext } from "@connectrpc/connect";
import type { SubscribeResponse } from "@plaza/contract/chat/v1/stream";
import type { User } from "@plaza/contract/users/v1/users";
import { userCards } from "@plaza/kit/clients/user-cards";
import type { Deps } from "@plaza/kit/runtime/service";
import { friendships } from "./clients/friends.ts";
import { Hub } from "./live/hub.ts";
import { Signals } from "./live/presence.ts";
import { Relations } from "./live/relation-notifier.ts";
import { Subscription, type Wanted } from "./live/subscription.ts";
import { lockChats } from "./store/chats.ts";

/** What the handlers share. */
export type Parts = Pick<Deps, "db" | "now" | "newId"> & {
  /** Who in this process follows which chats. */
  readonly hub: Hub;
  readonly signals: Signals;
  readonly relations: Relations;
  /** Throws NOT_FRIENDS unless all of these are friends of the one. */
  readonly mustBeFriends: (userId: string, others: readonly string[]) => Promise<void>;
  readonly findCard: (id: string, context: HandlerContext) => Promise<User | undefined>;
  readonly lockChats: typeof lockChats;
  readonly follow: typeof follow;
};

export function parts(deps: Deps): Parts {
  const { db, now, newId } = deps;
  const hub = new Hub(deps);
  return {
    db,
    now,
    newId,
    hub,
    signals: new Signals(deps, hub),
    relations: new Relations(deps, hub),
    mustBeFriends: friendships(deps),
    findCard: userCards(deps),
    lockChats,
    follow,
  };
}

/** What a reader is told until the signal aborts. */
function follow(
  parts: Pick<Parts, "db" | "hub">,
  wanted: Wanted,
  signal: AbortSignal,
): AsyncIterable<SubscribeResponse> {
  return new Subscription(parts, wanted).events(signal);
}
