import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import type { Tx } from "@plaza/kit/db/database";
import { requireAccount } from "@plaza/kit/identity/caller";
import type { ServiceContext } from "../context.ts";
import {
  assertGroup,
  assertModerator,
  assertOutranks,
  assertOwner,
  type Membership,
  newMemberIds,
  newMembership,
  noSuchMember,
  notYourself,
  tooManyChats,
} from "../domain/chat.ts";
import { fromRole } from "../mappers/chat.ts";
import * as store from "../store/memberships.ts";
import {
  appendEntry,
  type ChatChange,
  changeChat,
  type LockedChat,
} from "../use-cases/change-chat.ts";
import { endMembership, leaveGroup } from "../use-cases/leave-group.ts";
import { createChatPresenter } from "./chat-presenter.ts";

type Writes = "addMembers" | "removeMember" | "setMemberRole" | "leaveChat";

/** Changes a locked group; `others` are its members without the caller. */
type GroupChange = (
  tx: Tx,
  locked: LockedChat,
  others: readonly Membership[],
) => Promise<Omit<ChatChange<void>, "result">>;

export function memberWrites(deps: ServiceContext): Pick<ServiceImpl<typeof ChatService>, Writes> {
  const { db, now, assertFriends } = deps;
  const { present } = createChatPresenter(deps);

  /** Changes a group and returns it to the caller. */
  async function changeGroup(
    chatId: string,
    context: HandlerContext,
    work: GroupChange,
    newUserIds?: readonly string[],
  ) {
    const { id } = requireAccount(context);
    const change = async (tx: Tx, locked: LockedChat) => {
      assertGroup(locked.chat);
      const members = await store.listMembers(tx, [locked.chat.id]);
      const others = members.filter(({ userId }) => userId !== id);
      return { ...(await work(tx, locked, others)), result: undefined };
    };
    await changeChat(deps, chatId, id, change, newUserIds);
    return present(chatId, context);
  }

  return {
    async addMembers({ chatId, userIds }, context) {
      const { id } = requireAccount(context);
      const wanted = userIds.map((one) => one.toLowerCase()).filter((one) => one !== id);
      await assertFriends(id, wanted);
      if (await store.findUserAtGroupLimit(db, wanted)) tooManyChats();
      const add: GroupChange = async (tx, { chat, membership }, others) => {
        assertModerator(membership);
        const added = newMemberIds(chat, others, wanted);
        if (added.length === 0) return { chat };
        const change = { type: "members_added", userId: id, memberIds: added } as const;
        const after = await appendEntry(tx, chat, change, now());
        await store.insertMemberships(
          tx,
          added.map((one) => newMembership(after, one, "member")),
        );
        return { chat: { ...after, memberCount: chat.memberCount + added.length }, added };
      };
      return changeGroup(chatId, context, add, wanted);
    },

    async removeMember({ chatId, userId }, context) {
      const { id } = requireAccount(context);
      const removedId = userId.toLowerCase();
      if (removedId === id) notYourself("user_id");
      return changeGroup(chatId, context, async (tx, { chat, membership }, others) => {
        assertModerator(membership);
        const other = others.find((one) => one.userId === removedId);
        if (!other) return { chat };
        assertOutranks(membership, other);
        return { chat: await endMembership(tx, chat, other, id, now()) };
      });
    },

    async setMemberRole(request, context) {
      const { id } = requireAccount(context);
      const role = fromRole(request.role);
      const userId = request.userId.toLowerCase();
      if (userId === id) notYourself("user_id");
      return changeGroup(request.chatId, context, async (tx, { chat, membership }, others) => {
        assertOwner(membership);
        const other = others.find((one) => one.userId === userId) ?? noSuchMember();
        if (other.role === role) return { chat };
        await store.saveMembership(tx, { ...other, role });
        if (role === "owner") await store.saveMembership(tx, { ...membership, role: "moderator" });
        const change = { type: "role_changed", userId: id, memberIds: [userId], role } as const;
        return { chat: await appendEntry(tx, chat, change, now()) };
      });
    },

    async leaveChat({ chatId }, context) {
      const { id } = requireAccount(context);
      await changeChat(deps, chatId, id, async (tx, { chat, membership }) => {
        assertGroup(chat);
        return { chat: await leaveGroup(tx, chat, membership, now()), result: undefined };
      });
      return {};
    },
  };
}
