import type { HandlerContext } from "@connectrpc/connect";
import type { User } from "@plaza/contract/users/v1/users";
import { createUserCardLoader } from "@plaza/kit/clients/user-cards";
import type { Deps } from "@plaza/kit/runtime/service";
import { createFriendCheck } from "./clients/friends.ts";
import { Hub } from "./live/hub.ts";
import { Presence } from "./live/presence.ts";
import { RelationNotifier } from "./live/relation-notifier.ts";

/** Dependencies shared by the handlers. */
export type ServiceContext = Pick<Deps, "db" | "now" | "newId"> & {
  /** Subscribers of this process. */
  readonly hub: Hub;
  readonly presence: Presence;
  readonly relationNotifier: RelationNotifier;
  /** Throws NOT_FRIENDS unless all of the others are friends of the user. */
  readonly assertFriends: (userId: string, others: readonly string[]) => Promise<void>;
  readonly findCard: (id: string, context: HandlerContext) => Promise<User | undefined>;
};

export function createContext(deps: Deps): ServiceContext {
  const { db, now, newId } = deps;
  const hub = new Hub(deps);
  return {
    db,
    now,
    newId,
    hub,
    presence: new Presence(deps, hub),
    relationNotifier: new RelationNotifier(deps, hub),
    assertFriends: createFriendCheck(deps),
    findCard: createUserCardLoader(deps),
  };
}
