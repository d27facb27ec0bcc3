import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import type { FriendService, Relation } from "@plaza/contract/friends/v1/friends";
import { UserService } from "@plaza/contract/users/v1/users";
import { findUserId } from "@plaza/kit/clients/users";
import { requireAccount } from "@plaza/kit/identity/caller";
import { propagateAsService } from "@plaza/kit/rpc/call-options";
import { applyTransition } from "./apply-transition.ts";
import type { ServiceContext } from "./context.ts";
import { noSuchUser, notYourself, userRequired } from "./domain.ts";
import { toRelation } from "./mappers.ts";
import type { FriendAction } from "./pair-state-machine.ts";

type Writes =
  | "requestFriendship"
  | "confirmFriendship"
  | "declineFriendship"
  | "withdrawFriendship"
  | "removeFriend"
  | "blockUser"
  | "unblockUser";

type UserRequest = { readonly userId: string };

export function friendWrites(
  deps: ServiceContext,
): Pick<ServiceImpl<typeof FriendService>, Writes> {
  const { db, client } = deps;
  const users = client(UserService);
  const auth = client(AuthService);

  async function apply(
    action: FriendAction,
    requestedId: string,
    context: HandlerContext,
  ): Promise<Relation> {
    const userPair = { userId: requireAccount(context).id, otherId: requestedId.toLowerCase() };
    if (userPair.userId === userPair.otherId) notYourself();
    const { otherId, mine } = await db.begin((tx) => applyTransition(tx, deps, userPair, action));
    return toRelation(otherId, mine);
  }

  const handler =
    (action: FriendAction) =>
    ({ userId }: UserRequest, context: HandlerContext): Promise<Relation> =>
      apply(action, userId, context);

  return {
    async requestFriendship({ userId, nickname }, context) {
      if (!userId && !nickname) userRequired();
      const calls = propagateAsService(context);
      const id = userId || ((await findUserId(users, nickname, calls)) ?? noSuchUser());
      const { ids } = await auth.filterActiveAccounts({ ids: [id] }, calls);
      if (ids.length === 0) noSuchUser();
      return apply("Request", id, context);
    },

    confirmFriendship: handler("Confirm"),
    declineFriendship: handler("Decline"),
    withdrawFriendship: handler("Withdraw"),
    removeFriend: handler("Remove"),
    blockUser: handler("Block"),
    unblockUser: handler("Unblock"),
  };
}
