import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { type Entry, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { SubscriptionRecorder } from "./testing/subscription-recorder.ts";
import { testChat } from "./testing/test-chat.ts";

describe("ListEntries", () => {
  const plaza = testChat();
  const { newUser, createGroup, sendMessage } = plaza;
  const seqsOf = (entries: readonly Entry[]) => entries.map(({ seq }) => seq);

  /** Clara is added with 3, removed with 6 and added again with 8. */
  async function comingAndGoing() {
    const [ada, bruno, clara] = [newUser(), newUser(), newUser()];
    const { id: chatId } = await createGroup(ada, bruno);
    const early = await sendMessage(ada, chatId, "Early.");
    const add = () => ada.chats.addMembers({ chatId, userIds: [clara.id] });
    await add();
    await sendMessage(ada, chatId, "Welcome.");
    await ada.chats.editMessage({ chatId, seq: early.seq, text: "Edited." });
    await ada.chats.removeMember({ chatId, userId: clara.id });
    await sendMessage(ada, chatId, "Without Clara.");
    await add();
    const chat = { id: chatId, title: "Other" };
    await ada.chats.updateChat({ chat, updateMask: { paths: ["title"] } });
    return { ada, bruno, clara, chatId };
  }

  it("lists the entries of a chat, newest first, page by page", async () => {
    const { bruno, chatId } = await comingAndGoing();
    const whole = await bruno.chats.listEntries({ chatId });
    assert.deepEqual(seqsOf(whole.entries), [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    const paged: Entry[] = [];
    for (let pageToken: string | undefined = ""; pageToken !== undefined; ) {
      const page = await bruno.chats.listEntries({ chatId, pageSize: 4, pageToken });
      paged.push(...page.entries);
      pageToken = page.nextPageToken || undefined;
    }
    assert.deepEqual(paged, whole.entries);
    const bad = bruno.chats.listEntries({ chatId, pageToken: "x" });
    await assertRefused(bad, Code.InvalidArgument, "BAD_PAGE_TOKEN");
  });

  it("lists the entries between two seqs, on request without those of messages", async () => {
    const { ada, chatId } = await comingAndGoing();
    const part = await ada.chats.listEntries({ chatId, after: 2, before: 6 });
    assert.deepEqual(seqsOf(part.entries), [5, 4, 3]);
    const others = await ada.chats.listEntries({ chatId, withoutMessages: true });
    assert.deepEqual(
      others.entries.map(({ seq, type }) => [seq, type]),
      [
        [9, Type.TITLE_CHANGED],
        [8, Type.MEMBERS_ADDED],
        [6, Type.MEMBER_REMOVED],
        [3, Type.MEMBERS_ADDED],
        [1, Type.CREATED],
      ],
    );
    const some = { chatId, withoutMessages: true, after: 1, pageSize: 2 };
    const { entries, nextPageToken: pageToken } = await ada.chats.listEntries(some);
    const next = await ada.chats.listEntries({ ...some, pageToken });
    assert.deepEqual(seqsOf([...entries, ...next.entries]), [9, 8, 6, 3]);
    assert.equal(next.nextPageToken, "");
  });

  it("lists to each member what Subscribe delivers: nothing outside membership intervals", async () => {
    const { bruno, clara, chatId } = await comingAndGoing();
    for (const { chats } of [bruno, clara]) {
      const { entries } = await chats.listEntries({ chatId });
      const heard = await new SubscriptionRecorder(
        { chats },
        { fromBeginning: true },
      ).waitUntilLive();
      assert.deepEqual(entries.toReversed(), heard.entries(chatId));
      await heard.stop();
    }
    const { entries } = await clara.chats.listEntries({ chatId });
    assert.deepEqual(seqsOf(entries), [9, 8, 6, 5, 4, 3]);
    const edited = entries.find(({ seq }) => seq === 5);
    assert.deepEqual([edited?.messageSeq, edited?.message], [2, undefined]);
  });

  it("returns the fields of the mask", async () => {
    const { ada, chatId } = await comingAndGoing();
    const fieldsOf = async (paths: string[]) => {
      const { entries } = await ada.chats.listEntries({ chatId, readMask: { paths } });
      const { seq, type, userId, message } = entries.at(-2) ?? {};
      return { seq, type, userId, text: message?.text };
    };
    const nothing = { seq: 0, type: 0, userId: "", text: undefined };
    assert.deepEqual(await fieldsOf(["seq", "type"]), { ...nothing, seq: 2, type: Type.POSTED });
    assert.deepEqual(await fieldsOf(["message.text"]), { ...nothing, text: "Edited." });
    const unknown = ada.chats.listEntries({ chatId, readMask: { paths: ["colour"] } });
    await assertRefused(unknown, Code.InvalidArgument, "UNKNOWN_FIELD_PATH");
  });

  it("lists nothing to users who are not members, or no longer", async () => {
    const { ada, clara, chatId } = await comingAndGoing();
    await ada.chats.removeMember({ chatId, userId: clara.id });
    for (const { chats } of [clara, newUser()]) {
      await assertRefused(chats.listEntries({ chatId }), Code.NotFound, "NO_SUCH_CHAT");
    }
  });
});
