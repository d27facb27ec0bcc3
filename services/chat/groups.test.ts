import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { Role } from "@plaza/contract/chat/v1/chats";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import type { TestChatUser } from "./testing/subscription-recorder.ts";
import { testChat } from "./testing/test-chat.ts";

describe("chats", () => {
  const plaza = testChat();
  const { newUser, unfriend, createDirectChat, createGroup, sendMessage } = plaza;

  async function three() {
    const people = [newUser(), newUser(), newUser()] as const;
    return { people, chatId: (await createGroup(...people)).id };
  }

  async function roles({ chats }: TestChatUser, id: string): Promise<Record<string, Role>> {
    const { members } = await chats.getChat({ id });
    return Object.fromEntries(members.map(({ userId, role }) => [userId, role]));
  }

  it("keep a read cursor that advances while a role is changed", async () => {
    const { people, chatId } = await three();
    const [ada, bruno] = people;
    await sendMessage(ada, chatId);
    const changing = await plaza.db("chat").begin(async (tx) => {
      await tx`
        update membership set read_number = 1
        where chat_id = ${chatId} and user_id = ${bruno.id}`;
      const role = { chatId, userId: bruno.id, role: Role.MODERATOR };
      const changed = ada.chats.setMemberRole(role);
      await sleep(100);
      return [changed];
    });
    await Promise.all(changing);
    assert.equal((await bruno.chats.getChat({ id: chatId })).unreadCount, 0);
  });

  describe("CreateChat", () => {
    it("creates one direct chat of two users, whoever calls and however often", async () => {
      const [ada, bruno] = [newUser(), newUser()];
      const opened = await Promise.all([
        createDirectChat(ada, bruno),
        createDirectChat(bruno, ada),
        ada.chats.createChat({ userId: bruno.id.toUpperCase() }),
        createDirectChat(bruno, ada),
      ]);
      assert.equal(new Set(opened.map(({ id }) => id)).size, 1);
      const [chat] = opened;
      assert.deepEqual([chat?.memberCount, chat?.lastSeq, chat?.messageCount], [2, 1, 0]);
      assert.deepEqual(
        new Set(chat?.members.map(({ userId }) => userId)),
        new Set([ada.id, bruno.id]),
      );
      assert.ok(chat?.members.every(({ user }) => user?.nickname));
    });

    it("requires friendship for a new chat, but not for an existing one", async () => {
      const [ada, bruno] = [newUser(), newUser()];
      const chat = await createDirectChat(ada, bruno);
      unfriend(ada, bruno);
      assert.equal((await createDirectChat(bruno, ada)).id, chat.id);
      const stranger = newUser();
      unfriend(ada, stranger);
      for (const refused of [
        () => createDirectChat(ada, stranger),
        () => createGroup(ada, bruno, stranger),
      ]) {
        await assertRefused(refused(), Code.FailedPrecondition, "NOT_FRIENDS");
      }
    });

    it("creates a group once per key", async () => {
      const [ada, bruno] = [newUser(), newUser()];
      const request = { title: " Garden ", memberIds: [bruno.id], idempotencyKey: "k" };
      const made = await Promise.all([1, 2, 3].map(() => ada.chats.createChat(request)));
      assert.equal(new Set(made.map(({ id }) => id)).size, 1);
      assert.deepEqual([made[0]?.title, made[0]?.role], ["Garden", Role.OWNER]);
      const other = ada.chats.createChat({ ...request, title: "Other" });
      await assertRefused(other, Code.AlreadyExists, "KEY_REUSED");
    });

    it("refuses with a reason", async () => {
      const ada = newUser();
      const create = (request: Parameters<typeof ada.chats.createChat>[0]) =>
        ada.chats.createChat(request);
      await assertRefused(create({ userId: ada.id }), Code.InvalidArgument, "NOT_YOURSELF");
      await assertRefused(create({}), Code.InvalidArgument, "FIELD_REQUIRED");
    });
  });

  describe("ListChats", () => {
    it("lists the chat with the newest message first, in consistent pages", async () => {
      const ada = newUser();
      const ids: string[] = [];
      for (let n = 0; n < 5; n += 1) ids.push((await createDirectChat(ada, newUser())).id);
      await sendMessage(ada, ids[1] ?? "", "Newest.");
      const first = await ada.chats.listChats({ pageSize: 3 });
      const second = await ada.chats.listChats({ pageSize: 3, pageToken: first.nextPageToken });
      const listed = [...first.chats, ...second.chats];
      assert.deepEqual(
        listed.map(({ id }) => id),
        [ids[1], ids[4], ids[3], ids[2], ids[0]],
      );
      assert.equal(listed[0]?.lastMessage?.text, "Newest.");
      assert.equal(listed[0]?.members.length, 2);
      assert.equal(second.nextPageToken, "");
      const masked = await ada.chats.listChats({ readMask: { paths: ["id"] } });
      assert.deepEqual([masked.chats[0]?.id, masked.chats[0]?.members], [ids[1], []]);
    });
  });

  describe("members", () => {
    it("are added and removed, and see the log of their membership", async () => {
      const { people, chatId } = await three();
      const [ada, bruno, clara] = people;
      const early = await sendMessage(ada, chatId, "Early.");
      const dora = newUser();
      const chat = await ada.chats.addMembers({ chatId, userIds: [dora.id, bruno.id] });
      assert.equal(chat.memberCount, 4);
      const reply = await bruno.chats.sendMessage({
        chatId,
        text: "Late.",
        replyToSeq: early.seq,
        idempotencyKey: "k",
      });
      const seen = async ({ chats }: TestChatUser) =>
        (await chats.listMessages({ chatId })).messages.map(({ text }) => text);
      assert.deepEqual(await seen(dora), ["Late."]);
      assert.deepEqual(await seen(clara), ["Late.", "Early."]);
      const hidden = dora.chats.getMessage({ chatId, seq: early.seq });
      await assertRefused(hidden, Code.NotFound, "NO_SUCH_MESSAGE");
      assert.equal(reply.replyToSeq, early.seq);
      assert.deepEqual((await dora.chats.searchMessages({ query: "early" })).messages, []);
      assert.equal((await dora.chats.getChat({ id: chatId })).unreadCount, 1);

      await ada.chats.removeMember({ chatId, userId: dora.id });
      await ada.chats.removeMember({ chatId, userId: dora.id });
      await assertRefused(sendMessage(dora, chatId), Code.NotFound, "NO_SUCH_CHAT");
      assert.deepEqual((await dora.chats.listChats({})).chats, []);
      await sendMessage(ada, chatId, "Without Dora.");
      await ada.chats.addMembers({ chatId, userIds: [dora.id] });
      await sendMessage(ada, chatId, "Dora is back.");
      assert.deepEqual(await seen(dora), ["Dora is back.", "Late."]);
      const found = await dora.chats.searchMessages({ query: "dora or late" });
      assert.equal(found.messages.length, 2);
    });

    it("have the rights of their role and no others", async () => {
      const { people, chatId } = await three();
      const [ada, bruno, clara] = people;
      const dora = newUser();
      const title = { chat: { id: chatId, title: "Other" }, updateMask: { paths: ["title"] } };
      for (const refused of [
        () => bruno.chats.updateChat(title),
        () => bruno.chats.addMembers({ chatId, userIds: [dora.id] }),
        () => bruno.chats.removeMember({ chatId, userId: clara.id }),
      ]) {
        await assertRefused(refused(), Code.PermissionDenied, "NOT_A_MODERATOR");
      }
      const setRole = (who: TestChatUser, whose: TestChatUser, role: Role) =>
        who.chats.setMemberRole({ chatId, userId: whose.id, role });
      const notOwner = setRole(bruno, clara, Role.MODERATOR);
      await assertRefused(notOwner, Code.PermissionDenied, "NOT_THE_OWNER");
      await setRole(ada, bruno, Role.MODERATOR);
      assert.equal((await bruno.chats.updateChat(title)).title, "Other");
      await bruno.chats.addMembers({ chatId, userIds: [dora.id] });
      await bruno.chats.removeMember({ chatId, userId: clara.id });
      const outranked = bruno.chats.removeMember({ chatId, userId: ada.id });
      await assertRefused(outranked, Code.PermissionDenied, "NOT_A_MODERATOR");
      const nobody = setRole(ada, clara, Role.MODERATOR);
      await assertRefused(nobody, Code.NotFound, "NO_SUCH_MEMBER");
      const self = setRole(ada, ada, Role.MEMBER);
      await assertRefused(self, Code.InvalidArgument, "NOT_YOURSELF");
      const away = ada.chats.removeMember({ chatId, userId: ada.id });
      await assertRefused(away, Code.InvalidArgument, "NOT_YOURSELF");
      await setRole(ada, bruno, Role.OWNER);
      assert.deepEqual(await roles(ada, chatId), {
        [ada.id]: Role.MODERATOR,
        [bruno.id]: Role.OWNER,
        [dora.id]: Role.MEMBER,
      });
    });

    it("get another owner when the owner leaves: the first moderator, or else the first member", async () => {
      const { people, chatId } = await three();
      const [ada, bruno, clara] = people;
      await ada.chats.setMemberRole({ chatId, userId: clara.id, role: Role.MODERATOR });
      await ada.chats.leaveChat({ chatId });
      const both = { [bruno.id]: Role.MEMBER, [clara.id]: Role.OWNER };
      assert.deepEqual(await roles(bruno, chatId), both);
      await clara.chats.leaveChat({ chatId });
      assert.deepEqual(await roles(bruno, chatId), { [bruno.id]: Role.OWNER });
      await bruno.chats.leaveChat({ chatId });
      await assertRefused(bruno.chats.getChat({ id: chatId }), Code.NotFound, "NO_SUCH_CHAT");
    });

    it("of a direct chat cannot change", async () => {
      const [ada, bruno] = [newUser(), newUser()];
      const { id: chatId } = await createDirectChat(ada, bruno);
      for (const refused of [
        () => ada.chats.leaveChat({ chatId }),
        () => ada.chats.addMembers({ chatId, userIds: [newUser().id] }),
        () => ada.chats.removeMember({ chatId, userId: bruno.id }),
      ]) {
        await assertRefused(refused(), Code.FailedPrecondition, "NOT_A_GROUP");
      }
    });

    it("are 500 at most, also when many are added at once", async () => {
      const ada = newUser();
      const people = (count: number) => Array.from({ length: count }, () => randomUUID());
      const memberIds = people(489);
      const { id: chatId } = await ada.chats.createChat({ title: "Many", memberIds });
      const outcomes = await Promise.allSettled(
        [7, 7].map((count) => ada.chats.addMembers({ chatId, userIds: people(count) })),
      );
      const refused = outcomes.find(({ status }) => status === "rejected");
      assert.ok(refused?.status === "rejected");
      const tooMany = Promise.reject(refused.reason);
      await assertRefused(tooMany, Code.FailedPrecondition, "TOO_MANY_MEMBERS");
      assert.equal((await ada.chats.getChat({ id: chatId })).memberCount, 497);
    });

    it("cannot send a message after a concurrent removal", async () => {
      const { people, chatId } = await three();
      const [ada, bruno] = people;
      const sends = Array.from({ length: 30 }, () =>
        sendMessage(bruno, chatId).catch(() => undefined),
      );
      await ada.chats.removeMember({ chatId, userId: bruno.id });
      await Promise.all(sends);
      const [late] = await plaza.db("chat")<{ count: number }[]>`
        select count(*)::int as count from entry
        where chat_id = ${chatId} and type = 'posted'
          and seq > (select seq from entry
                     where chat_id = ${chatId} and type = 'member_removed')`;
      assert.equal(late?.count, 0);
    });
  });
});
