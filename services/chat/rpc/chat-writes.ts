import type { ServiceImpl } from "@connectrpc/connect";
import type { ChatService } from "@plaza/contract/chat/v1/chat";
import { ChatSchema, type CreateChatRequest } from "@plaza/contract/chat/v1/chats";
import { keyReused } from "@plaza/kit/errors/fault";
import { accountOf } from "@plaza/kit/identity/caller";
import { updatedFields } from "@plaza/kit/rpc/field-mask";
import { type RequestKey, requestKey } from "@plaza/kit/rpc/idempotency-key";
import type { Parts } from "../context.ts";
import {
  type Chat,
  mustBeGroup,
  mustModerate,
  named,
  noSuchChat,
  notYourself,
  openDirect,
  openGroup,
  tooManyChats,
} from "../domain/chat.ts";
import * as store from "../store/chats.ts";
import { findBusy } from "../store/memberships.ts";
import { append, changeChat } from "../use-cases/change-chat.ts";
import { beginChat } from "../use-cases/create-chat.ts";
import { chatViews } from "./chat-presenter.ts";

type Writes = "createChat" | "updateChat";

export function chatWrites(parts: Parts): Pick<ServiceImpl<typeof ChatService>, Writes> {
  const { db, hub, now, newId, mustBeFriends } = parts;
  const { show } = chatViews(parts);

  /** False when there is the chat already. */
  async function open(
    chat: Chat,
    creatorId: string,
    members: readonly string[],
    key?: RequestKey,
  ): Promise<boolean> {
    const isNew = await db.begin((tx) => beginChat(tx, chat, creatorId, members, key));
    if (isNew) hub.moved({ chatId: chat.id, lastSeq: 1, added: members });
    return isNew;
  }

  async function openDirectWith(userId: string, otherId: string): Promise<string> {
    if (otherId === userId) notYourself("user_id");
    const before = await store.findDirect(db, userId, otherId);
    if (before) return before.id;
    await mustBeFriends(userId, [otherId]);
    const chat = openDirect(newId(), userId, otherId, now());
    if (await open(chat, userId, [userId, otherId])) return chat.id;
    return (await store.findDirect(db, userId, otherId))?.id ?? noSuchChat(chat.id);
  }

  async function makeGroup(userId: string, request: CreateChatRequest): Promise<string> {
    const { title, idempotencyKey } = request;
    const wanted = new Set(request.memberIds.map((id) => id.toLowerCase()));
    wanted.delete(userId);
    const others = [...wanted];
    const key = requestKey(idempotencyKey, title, others);
    const before = key && (await store.findGroupByKey(db, userId, key.key));
    if (before) return before.requestDigest === key.digest ? before.id : keyReused();
    const chat = openGroup(newId(), title, others.length + 1, now());
    await mustBeFriends(userId, others);
    if (await findBusy(db, [userId, ...others])) tooManyChats();
    if (await open(chat, userId, [userId, ...others], key)) return chat.id;
    const first = key && (await store.findGroupByKey(db, userId, key.key));
    return first?.requestDigest === key?.digest ? (first?.id ?? keyReused()) : keyReused();
  }

  return {
    async createChat(request, context) {
      const { id } = accountOf(context);
      const chatId = request.userId
        ? await openDirectWith(id, request.userId.toLowerCase())
        : await makeGroup(id, request);
      return show(chatId, context);
    },

    async updateChat({ chat: wanted, updateMask }, context) {
      const { id } = accountOf(context);
      const chatId = wanted?.id || noSuchChat("");
      updatedFields(ChatSchema, updateMask, ["title"]);
      await changeChat(parts, chatId, id, async (tx, { chat, me }) => {
        mustBeGroup(chat);
        mustModerate(me);
        const title = named(wanted?.title ?? "");
        if (title === chat.title) return { chat, answer: undefined };
        const after = await append(tx, chat, { type: "title_changed", userId: id, title }, now());
        return { chat: { ...after, title }, answer: undefined };
      });
      return show(chatId, context);
    },
  };
}
