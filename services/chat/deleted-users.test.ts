import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Code } from "@connectrpc/connect";
import { Role } from "@plaza/contract/chat/v1/chats";
import { UserBlockedSchema } from "@plaza/contract/friends/v1/events";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import { insertDeletedUser } from "@plaza/kit/db/deleted-users";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import type { TestChatUser } from "./testing/subscription-recorder.ts";
import { testChat } from "./testing/test-chat.ts";

describe("deleted users", () => {
  const plaza = testChat();
  const { newUser, createDirectChat, createGroup, sendMessage } = plaza;

  async function three() {
    const people = [newUser(), newUser(), newUser()] as const;
    return { people, chatId: (await createGroup(...people)).id };
  }

  async function roles({ chats }: TestChatUser, id: string): Promise<Record<string, Role>> {
    const { members } = await chats.getChat({ id });
    return Object.fromEntries(members.map(({ userId, role }) => [userId, role]));
  }

  describe("UserDeleted", () => {
    it("keeps a deleted user out of all chats, also when they are being added concurrently", async () => {
      const [ada, bruno, clara] = [newUser(), newUser(), newUser()];
      const { id: chatId } = await createGroup(ada, bruno);
      await plaza.handleEvent(UserDeletedSchema, { userId: clara.id });
      const refused = (work: Promise<unknown>) =>
        assertRefused(work, Code.FailedPrecondition, "NOT_FRIENDS");
      const add = (other: TestChatUser) => ada.chats.addMembers({ chatId, userIds: [other.id] });
      await refused(createDirectChat(ada, clara));
      await refused(createGroup(ada, clara));
      await refused(add(clara));
      const dora = newUser();
      const underWay: Promise<unknown>[] = [];
      await plaza.db("chat").begin(async (tx) => {
        await insertDeletedUser(tx, dora.id);
        underWay.push(
          refused(createDirectChat(ada, dora)),
          refused(createGroup(ada, dora)),
          refused(add(dora)),
        );
        await sleep(100);
      });
      await Promise.all(underWay);
      assert.deepEqual(Object.keys(await roles(ada, chatId)).sort(), [ada.id, bruno.id].sort());
    });

    it("ends all memberships and anonymises messages", async () => {
      const { people, chatId } = await three();
      const [ada, bruno, clara] = people;
      const { id: letters } = await createDirectChat(ada, bruno);
      const kept = await sendMessage(ada, chatId, "Farewell.");
      const heard = await sendMessage(bruno, chatId);
      await ada.chats.reactToMessage({ chatId, seq: heard.seq, emoji: "👋" });
      await sendMessage(ada, letters, "A letter.");
      await plaza.handleEvent(UserBlockedSchema, { userId: clara.id, otherId: ada.id });
      await plaza.handleEvent(UserDeletedSchema, { userId: ada.id });

      // They came together: the order of their ids decides.
      const [heir, other] = [bruno.id, clara.id].sort() as [string, string];
      assert.deepEqual(await roles(bruno, chatId), { [heir]: Role.OWNER, [other]: Role.MEMBER });
      const message = await bruno.chats.getMessage({ chatId, seq: kept.seq });
      assert.deepEqual([message.senderId, message.text], ["", "Farewell."]);
      assert.deepEqual((await bruno.chats.getMessage({ chatId, seq: heard.seq })).reactions, []);
      const letter = await bruno.chats.listMessages({ chatId: letters });
      assert.deepEqual(
        letter.messages.map(({ senderId, text }) => [senderId, text]),
        [["", "A letter."]],
      );
      await assertRefused(sendMessage(bruno, letters), Code.FailedPrecondition, "CHAT_BLOCKED");
      const traces = await plaza.db("chat")`
        select from entry where user_id = ${ada.id} union all
        select from block where other_id = ${ada.id}`;
      assert.equal(traces.count, 0);
    });
  });
});
