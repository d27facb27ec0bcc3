import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { UserBlockedSchema, UserUnblockedSchema } from "@plaza/contract/friends/v1/events";
import { SearchOrder } from "@plaza/contract/kit/v1/search";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { testChat } from "./testing/test-chat.ts";

describe("messages", () => {
  const plaza = testChat();
  const { newUser, createDirectChat, createGroup, sendMessage } = plaza;

  async function two() {
    const [ada, bruno] = [newUser(), newUser()];
    return { ada, bruno, chat: await createDirectChat(ada, bruno) };
  }

  describe("SendMessage", () => {
    it("sends a message once per key, also when it is repeated later", async () => {
      const { ada, bruno, chat } = await two();
      const request = { chatId: chat.id, text: "Hello.", idempotencyKey: "k" };
      const atOnce = Array.from({ length: 20 }, () => ada.chats.sendMessage(request));
      const answers = [...(await Promise.all(atOnce)), await ada.chats.sendMessage(request)];
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      const { messages } = await bruno.chats.listMessages({ chatId: chat.id });
      assert.deepEqual(messages, [answers[0]]);
      const other = ada.chats.sendMessage({ ...request, text: "Other." });
      await assertRefused(other, Code.AlreadyExists, "KEY_REUSED");
      assert.equal((await bruno.chats.sendMessage(request)).number, 2);
    });

    it("numbers concurrent messages without gaps", async () => {
      const { ada, bruno, chat } = await two();
      const sent = await Promise.all(
        Array.from({ length: 200 }, (_, n) => sendMessage(n % 2 ? ada : bruno, chat.id, `${n}`)),
      );
      const numbers = sent.map(({ number }) => number).sort((a, b) => a - b);
      assert.deepEqual(
        numbers,
        Array.from(numbers, (_, n) => n + 1),
      );
      assert.deepEqual(
        sent.map(({ seq, number }) => seq - number),
        Array.from(sent, () => 1),
      );
      assert.equal((await ada.chats.getChat({ id: chat.id })).lastSeq, 201);
    });

    it("replies only to messages that the sender may see", async () => {
      const { ada, bruno, chat } = await two();
      const { seq } = await sendMessage(ada, chat.id);
      const reply = { chatId: chat.id, text: "Yes.", replyToSeq: seq, idempotencyKey: "r" };
      assert.equal((await bruno.chats.sendMessage(reply)).replyToSeq, seq);
      const nothing = bruno.chats.sendMessage({ ...reply, replyToSeq: 99, idempotencyKey: "s" });
      await assertRefused(nothing, Code.NotFound, "NO_SUCH_MESSAGE");
    });

    it("refuses one message of a turn without the others", async () => {
      const { ada, chat } = await two();
      const [good, bad, ugly] = await Promise.allSettled([
        sendMessage(ada, chat.id),
        sendMessage(ada, randomUUID()),
        sendMessage(newUser(), chat.id),
      ]);
      assert.equal(good.status, "fulfilled");
      for (const one of [bad, ugly]) {
        assert.ok(one.status === "rejected");
        await assertRefused(Promise.reject(one.reason), Code.NotFound, "NO_SUCH_CHAT");
      }
    });

    it("keeps the spaces of a text, and refuses one that no page can render", async () => {
      const { ada, chat } = await two();
      const { seq, text } = await sendMessage(ada, chat.id, "    code\n");
      assert.equal(text, "    code\n");
      const nested = { chatId: chat.id, text: "> ".repeat(1_000) };
      for (const write of [
        () => ada.chats.sendMessage({ ...nested, idempotencyKey: "n" }),
        () => ada.chats.editMessage({ ...nested, seq }),
      ]) {
        const error = await assertRefused(write(), Code.InvalidArgument, "MARKDOWN_TOO_COMPLEX");
        assert.match(error.rawMessage, /^text: must not nest quotes, lists or emphasis/);
      }
    });

    it("refuses blank and overlong texts, and requests without a key", async () => {
      const { ada, chat } = await two();
      const request = { chatId: chat.id, text: "Hello.", idempotencyKey: "k" };
      for (const wrong of [{ text: " \n" }, { text: "t".repeat(4_001) }, { idempotencyKey: "" }]) {
        const refused = ada.chats.sendMessage({ ...request, ...wrong });
        await assertRefused(refused, Code.InvalidArgument, "INVALID_REQUEST");
      }
    });

    it("refuses while one user blocks the other", async () => {
      const { ada, bruno, chat } = await two();
      const { seq } = await sendMessage(ada, chat.id);
      const block = { userId: bruno.id, otherId: ada.id };
      await plaza.handleEvent(UserBlockedSchema, block);
      const ref = { chatId: chat.id, seq };
      for (const refused of [
        () => sendMessage(ada, chat.id),
        () => sendMessage(bruno, chat.id),
        () => ada.chats.editMessage({ ...ref, text: "Other." }),
        () => bruno.chats.reactToMessage({ ...ref, emoji: "👍" }),
        () => ada.chats.sendTyping({ chatId: chat.id }),
      ]) {
        await assertRefused(refused(), Code.FailedPrecondition, "CHAT_BLOCKED");
      }
      assert.equal((await ada.chats.getChat({ id: chat.id })).blocked, true);
      await ada.chats.deleteMessage(ref);
      await plaza.handleEvent(UserUnblockedSchema, block);
      assert.equal((await sendMessage(ada, chat.id)).number, 2);
    });
  });

  describe("EditMessage and DeleteMessage", () => {
    it("change the message for all members, and keep no old text", async () => {
      const { ada, bruno, chat } = await two();
      const { seq } = await sendMessage(ada, chat.id, "First thoughts.");
      const ref = { chatId: chat.id, seq };
      const edited = await ada.chats.editMessage({ ...ref, text: "Second thoughts." });
      assert.equal(edited.text, "Second thoughts.");
      assert.ok(edited.editTime);
      assert.deepEqual(await bruno.chats.getMessage(ref), edited);
      await bruno.chats.reactToMessage({ ...ref, emoji: "👍" });
      const deleted = await ada.chats.deleteMessage(ref);
      assert.deepEqual([deleted.text, deleted.reactions.length], ["", 0]);
      assert.ok(deleted.deleteTime);
      const kept = await plaza.db("chat")`
        select from message where text like '%thoughts%' or search::text like '%thoughts%'`;
      assert.equal(kept.count, 0);
      for (const refused of [
        () => ada.chats.editMessage({ ...ref, text: "Third." }),
        () => bruno.chats.reactToMessage({ ...ref, emoji: "👍" }),
      ]) {
        await assertRefused(refused(), Code.FailedPrecondition, "MESSAGE_DELETED");
      }
    });

    it("append no entry for a change without effect", async () => {
      const { ada, chat } = await two();
      const ref = { chatId: chat.id, seq: (await sendMessage(ada, chat.id, "Same.")).seq };
      await ada.chats.editMessage({ ...ref, text: "Same." });
      await ada.chats.deleteMessage(ref);
      await ada.chats.deleteMessage(ref);
      assert.equal((await ada.chats.getChat({ id: chat.id })).lastSeq, 3);
    });

    it("are for the sender only, and deleting for moderators too", async () => {
      const [ada, bruno, clara] = [newUser(), newUser(), newUser()];
      const { id: chatId } = await createGroup(ada, bruno, clara);
      const ref = { chatId, seq: (await sendMessage(bruno, chatId)).seq };
      for (const refused of [
        () => clara.chats.deleteMessage(ref),
        () => ada.chats.editMessage({ ...ref, text: "Mine." }),
      ]) {
        await assertRefused(refused(), Code.PermissionDenied, "NOT_YOUR_MESSAGE");
      }
      assert.ok((await ada.chats.deleteMessage(ref)).deleteTime);
    });
  });

  describe("ReactToMessage", () => {
    it("counts each reaction of each user once, in order, and removes it", async () => {
      const { ada, bruno, chat } = await two();
      const ref = { chatId: chat.id, seq: (await sendMessage(ada, chat.id)).seq };
      await bruno.chats.reactToMessage({ ...ref, emoji: "🎉" });
      await bruno.chats.reactToMessage({ ...ref, emoji: "🎉" });
      await ada.chats.reactToMessage({ ...ref, emoji: "👍" });
      const { reactions } = await ada.chats.reactToMessage({ ...ref, emoji: "🎉" });
      assert.deepEqual(
        reactions.map(({ emoji, userIds }) => ({ emoji, userIds })),
        [
          { emoji: "🎉", userIds: [bruno.id, ada.id] },
          { emoji: "👍", userIds: [ada.id] },
        ],
      );
      const less = await bruno.chats.reactToMessage({ ...ref, emoji: "🎉", remove: true });
      assert.deepEqual(
        less.reactions.map(({ userIds }) => userIds.length),
        [1, 1],
      );
      assert.equal((await ada.chats.getChat({ id: chat.id })).lastSeq, 6);
    });

    it("accepts only emoji, and at most 20 different ones", async () => {
      const { ada, chat } = await two();
      const ref = { chatId: chat.id, seq: (await sendMessage(ada, chat.id)).seq };
      for (const emoji of ["", "ok", "👍 👍", "👍".repeat(9)]) {
        const refused = ada.chats.reactToMessage({ ...ref, emoji });
        await assertRefused(refused, Code.InvalidArgument, "INVALID_REQUEST");
      }
      for (let n = 0; n < 20; n += 1) {
        await ada.chats.reactToMessage({ ...ref, emoji: String.fromCodePoint(0x1f600 + n) });
      }
      const refused = ada.chats.reactToMessage({ ...ref, emoji: "🎉" });
      await assertRefused(refused, Code.FailedPrecondition, "TOO_MANY_REACTIONS");
    });
  });

  describe("ListMessages and SearchMessages", () => {
    it("return consistent pages, newest first", async () => {
      const { ada, bruno, chat } = await two();
      const texts = Array.from({ length: 25 }, (_, n) => `word ${n}`);
      for (const text of texts) await sendMessage(ada, chat.id, text);
      await sendMessage(bruno, (await createDirectChat(bruno, newUser())).id, "word elsewhere");
      const lists = {
        list: (pageToken: string) => bruno.chats.listMessages({ chatId: chat.id, pageToken }),
        search: (pageToken: string) =>
          bruno.chats.searchMessages({ query: "word -elsewhere", pageToken }),
        searchInOne: (pageToken: string) =>
          bruno.chats.searchMessages({ query: "word", chatId: chat.id, pageToken }),
      };
      for (const read of Object.values(lists)) {
        const first = await read("");
        const second = await read(first.nextPageToken);
        assert.equal(second.nextPageToken, "");
        const found = [...first.messages, ...second.messages].map(({ text }) => text);
        assert.deepEqual(found, texts.toReversed());
      }
      const bad = bruno.chats.listMessages({ chatId: chat.id, pageToken: "x" });
      await assertRefused(bad, Code.InvalidArgument, "BAD_PAGE_TOKEN");
    });

    it("give the best match first by choice", async () => {
      const { ada, chat } = await two();
      for (const text of ["apples apples", `apples ${"and pears ".repeat(20)}`, "apples"]) {
        await sendMessage(ada, chat.id, text);
      }
      const request = { query: "apples", order: SearchOrder.RELEVANCE, pageSize: 2 };
      const first = await ada.chats.searchMessages(request);
      const second = await ada.chats.searchMessages({ ...request, pageToken: first.nextPageToken });
      const found = [first, second].map(({ messages }) => messages.map(({ seq }) => seq));
      assert.deepEqual([found[0]?.length, found[1]?.length, second.nextPageToken], [2, 1, ""]);
      assert.deepEqual([found[0]?.[0], found[1]?.[0]], [2, 3]);
    });

    it("find no messages of other chats, and no deleted ones", async () => {
      const { ada, chat } = await two();
      const { seq } = await sendMessage(ada, chat.id, "A needle.");
      const find = async (who = ada, query = "needle") =>
        (await who.chats.searchMessages({ query })).messages.length;
      assert.deepEqual([await find(), await find(newUser())], [1, 0]);
      assert.equal(await find(newUser(), `-hay ${chat.id}`), 0);
      assert.deepEqual([await find(ada, "!!!"), await find(ada, "-hay")], [0, 0]);
      await ada.chats.deleteMessage({ chatId: chat.id, seq });
      assert.deepEqual([await find(), await find(ada, "-hay")], [0, 0]);
    });

    it("find no message elsewhere whose text names a chat of the searcher", async () => {
      const [ada, mallory] = [newUser(), newUser()];
      const elsewhere = await createDirectChat(mallory, newUser());
      // An id that a text search takes for one word.
      const chatId = "feedfeed-fade-4bad-babe-cafecafecafe";
      await plaza.db("chat")`
        insert into chat select (jsonb_populate_record(chat, jsonb_build_object(
          'id', ${chatId}::text, 'high_user_id', ${ada.id}::text))).*
        from chat where id = ${elsewhere.id}`;
      await plaza.db("chat")`
        insert into membership values (${chatId}, ${ada.id}, 1, null, 'member', 0)`;
      await sendMessage(mallory, elsewhere.id, `A needle: "${chatId}"`);
      const { seq } = await sendMessage(ada, chatId, "A needle of my own.");
      const find = async (query: string) =>
        (await ada.chats.searchMessages({ query })).messages.map((one) => [one.chatId, one.seq]);
      assert.deepEqual(await find("needle"), [[chatId, seq]]);
      assert.deepEqual(await find(chatId), []);
    });

    it("return nothing to users who are not members", async () => {
      const { ada, chat } = await two();
      const { seq } = await sendMessage(ada, chat.id);
      const { chats } = newUser();
      for (const refused of [
        () => chats.listMessages({ chatId: chat.id }),
        () => chats.getMessage({ chatId: chat.id, seq }),
        () => chats.searchMessages({ query: "hello", chatId: chat.id }),
        () => chats.markRead({ chatId: chat.id, number: 1 }),
        () => chats.sendTyping({ chatId: chat.id }),
        () => chats.reactToMessage({ chatId: chat.id, seq, emoji: "👍" }),
      ]) {
        await assertRefused(refused(), Code.NotFound, "NO_SUCH_CHAT");
      }
    });
  });

  describe("MarkRead", () => {
    it("returns the unread count, and never moves back", async () => {
      const { ada, bruno, chat } = await two();
      for (let n = 0; n < 3; n += 1) await sendMessage(ada, chat.id);
      const unread = async () => (await bruno.chats.getChat({ id: chat.id })).unreadCount;
      const read = (number: number) => bruno.chats.markRead({ chatId: chat.id, number });
      assert.equal(await unread(), 3);
      assert.deepEqual(
        (({ readNumber, unreadCount }) => [readNumber, unreadCount])(await read(2)),
        [2, 1],
      );
      assert.equal((await read(1)).readNumber, 2);
      assert.equal((await read(99)).readNumber, 3);
      assert.equal(await unread(), 0);
      await sendMessage(ada, chat.id);
      await sendMessage(bruno, chat.id);
      assert.equal(await unread(), 0, "who writes has read");
      assert.equal((await ada.chats.getChat({ id: chat.id })).unreadCount, 1);
    });

    it("leaves deleted messages out of the unread count, read or not", async () => {
      const { ada, bruno, chat } = await two();
      const sent: { readonly seq: number }[] = [];
      for (let n = 0; n < 5; n += 1) sent.push(await sendMessage(ada, chat.id));
      const unread = async () => {
        const { unreadCount, readNumber } = await bruno.chats.getChat({ id: chat.id });
        const [listed] = (await bruno.chats.listChats({})).chats;
        assert.equal(listed?.unreadCount, unreadCount);
        return [unreadCount, readNumber];
      };
      const remove = (index: number) =>
        ada.chats.deleteMessage({ chatId: chat.id, seq: sent[index]?.seq ?? 0 });
      await Promise.all([remove(4), remove(4), remove(3)]);
      assert.deepEqual(await unread(), [3, 0]);
      const read = await bruno.chats.markRead({ chatId: chat.id, number: 2 });
      assert.deepEqual([read.readNumber, read.unreadCount], [2, 1]);
      await remove(0);
      assert.deepEqual(await unread(), [1, 2]);
      const after = await bruno.chats.markRead({ chatId: chat.id, number: 3 });
      assert.deepEqual([after.readNumber, after.unreadCount], [3, 0]);
      assert.equal((await bruno.chats.getChat({ id: chat.id })).lastMessage?.text, "");
      await sendMessage(ada, chat.id);
      assert.deepEqual(await unread(), [1, 3]);
    });
  });
});
