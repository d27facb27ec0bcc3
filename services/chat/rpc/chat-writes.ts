import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { ChatSchema, type CreateChatRequest } from "@plaza/contract/chat/v1/chats";
import { idempotencyKeyReused } from "@plaza/kit/errors/fault";
import { requireAccount } from "@plaza/kit/identity/caller";
import { parseUpdateMask } from "@plaza/kit/rpc/field-mask";
import { createIdempotencyKey, type IdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { ServiceContext } from "../context.ts";
import {
  assertGroup,
  assertModerator,
  type Chat,
  newDirectChat,
  newGroupChat,
  noSuchChat,
  notYourself,
  requireTitle,
  tooManyChats,
} from "../domain/chat.ts";
import * as store from "../store/chats.ts";
import { findUserAtGroupLimit } from "../store/memberships.ts";
import { appendEntry, changeChat } from "../use-cases/change-chat.ts";
import { createChat } from "../use-cases/create-chat.ts";
import { createChatPresenter } from "./chat-presenter.ts";

type Writes = "createChat" | "updateChat";

export function chatWrites(deps: ServiceContext): Pick<ServiceImpl<typeof ChatService>, Writes> {
  const { db, hub, now, newId, assertFriends } = deps;
  const { present } = createChatPresenter(deps);

  /** Creates a chat and notifies its members. False when it exists already. */
  async function createAndNotify(
    chat: Chat,
    creatorId: string,
    members: readonly string[],
    key?: IdempotencyKey,
  ): Promise<boolean> {
    const isNew = await db.begin((tx) => createChat(tx, chat, creatorId, members, key));
    if (isNew) hub.notifyAdvanced({ chatId: chat.id, lastSeq: 1, added: members });
    return isNew;
  }

  async function findOrCreateDirectChat(userId: string, otherId: string): Promise<string> {
    if (otherId === userId) notYourself("user_id");
    const before = await store.findDirectChat(db, userId, otherId);
    if (before) return before.id;
    await assertFriends(userId, [otherId]);
    const chat = newDirectChat(newId(), userId, otherId, now());
    if (await createAndNotify(chat, userId, [userId, otherId])) return chat.id;
    return (await store.findDirectChat(db, userId, otherId))?.id ?? noSuchChat(chat.id);
  }

  async function createGroup(userId: string, request: CreateChatRequest): Promise<string> {
    const { title, idempotencyKey } = request;
    const memberIds = new Set(request.memberIds.map((id) => id.toLowerCase()));
    memberIds.delete(userId);
    const others = [...memberIds];
    const key = createIdempotencyKey(idempotencyKey, title, others);
    const before = key && (await store.findGroupByIdempotencyKey(db, userId, key.key));
    if (before) return before.requestDigest === key.digest ? before.id : idempotencyKeyReused();
    const chat = newGroupChat(newId(), title, others.length + 1, now());
    await assertFriends(userId, others);
    if (await findUserAtGroupLimit(db, [userId, ...others])) tooManyChats();
    if (await createAndNotify(chat, userId, [userId, ...others], key)) return chat.id;
    const first = key && (await store.findGroupByIdempotencyKey(db, userId, key.key));
    return first?.requestDigest === key?.digest
      ? (first?.id ?? idempotencyKeyReused())
      : idempotencyKeyReused();
  }

  return {
    async createChat(request, context) {
      const { id } = requireAccount(context);
      const chatId = request.userId
        ? await findOrCreateDirectChat(id, request.userId.toLowerCase())
        : await createGroup(id, request);
      return present(chatId, context);
    },

    async updateChat({ chat: wanted, updateMask }, context) {
      const { id } = requireAccount(context);
      const chatId = wanted?.id || noSuchChat("");
      parseUpdateMask(ChatSchema, updateMask, ["title"]);
      await changeChat(deps, chatId, id, async (tx, { chat, membership }) => {
        assertGroup(chat);
        assertModerator(membership);
        const title = requireTitle(wanted?.title ?? "");
        if (title === chat.title) return { chat, result: undefined };
        const after = await appendEntry(
          tx,
          chat,
          { type: "title_changed", userId: id, title },
          now(),
        );
        return { chat: { ...after, title }, result: undefined };
      });
      return present(chatId, context);
    },
  };
}
