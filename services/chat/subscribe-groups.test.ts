import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { Entry_Type } from "@plaza/contract/chat/v1/stream";
import {
  FriendshipEndedSchema,
  FriendshipRequestedSchema,
  UserBlockedSchema,
  UserUnblockedSchema,
} from "@plaza/contract/friends/v1/events";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { SubscriptionRecorder, type TestChatUser } from "./testing/subscription-recorder.ts";
import { testChat } from "./testing/test-chat.ts";

describe("Subscribe beyond one direct chat", () => {
  const plaza = testChat();
  const { newUser, createDirectChat, createGroup, sendMessage } = plaza;
  const open: SubscriptionRecorder[] = [];
  const listen = (...args: ConstructorParameters<typeof SubscriptionRecorder>) => {
    const recorder = new SubscriptionRecorder(...args);
    open.push(recorder);
    return recorder;
  };
  const upTo = (last: number, from = 1) =>
    Array.from({ length: last - from + 1 }, (_, n) => n + from);

  afterEach(() => Promise.all(open.splice(0).map((one) => one.stop())));

  describe("in groups", () => {
    async function five() {
      const [ada, bruno, clara] = [newUser(), newUser(), newUser()];
      return { ada, bruno, clara, id: (await createGroup(ada, bruno)).id };
    }
    const add = (who: TestChatUser, chatId: string, whom: TestChatUser) =>
      who.chats.addMembers({ chatId, userIds: [whom.id] });
    const remove = (who: TestChatUser, chatId: string, whom: TestChatUser) =>
      who.chats.removeMember({ chatId, userId: whom.id });

    it("starts with the entry that adds the reader, and ends with the one that removes them", async () => {
      const { ada, clara, id } = await five();
      const early = await sendMessage(ada, id, "Early.");
      const live = await listen(clara).waitUntilLive();
      await add(ada, id, clara);
      await sendMessage(ada, id);
      await ada.chats.editMessage({ chatId: id, seq: early.seq, text: "Edited." });
      await remove(ada, id, clara);
      await sendMessage(ada, id, "Without Clara.");
      await add(ada, id, clara);
      await sendMessage(ada, id, "Clara is back.");
      const later = await listen(clara, { since: [`${id}:0`] }).waitUntilLive();
      for (const recorder of [live, later]) {
        await recorder.waitUntil(() => recorder.seqs(id).at(-1) === 9);
        assert.deepEqual(recorder.seqs(id), [3, 4, 5, 6, 8, 9]);
        const [added, posted, edited, removed] = recorder.entries(id);
        assert.deepEqual(added?.memberIds, [clara.id]);
        assert.ok(posted?.message);
        // Of a message from before she came.
        assert.deepEqual([edited?.messageSeq, edited?.message], [early.seq, undefined]);
        assert.equal(removed?.type, Entry_Type.MEMBER_REMOVED);
      }
    });

    it("starts with the first visible entry on request, also in chats joined meanwhile", async () => {
      const { ada, bruno, id } = await five();
      await remove(ada, id, bruno);
      const away = await listen(bruno, { fromBeginning: true }).waitUntilLive();
      await sendMessage(ada, id, "Without Bruno.");
      await add(ada, id, bruno);
      const back = await listen(bruno, { fromBeginning: true }).waitUntilLive();
      for (const recorder of [away, back]) {
        await recorder.waitUntil(() => recorder.seqs(id).at(-1) === 4);
        assert.deepEqual(recorder.seqs(id), [1, 2, 4]);
      }
    });

    it("delivers the removal of a slow reader before their return", async () => {
      const { ada, bruno, id } = await five();
      const other = await listen(ada).waitUntilLive();
      const stopping = new AbortController();
      const { signal } = stopping;
      const slow = bruno.chats
        .subscribe({ since: [`${id}:1`] }, { signal })
        [Symbol.asyncIterator]();
      assert.equal((await slow.next()).value?.event.case, "heartbeat");
      await remove(ada, id, bruno);
      await add(ada, id, bruno);
      await sendMessage(ada, id);
      await other.waitUntil(() => other.seqs(id).at(-1) === 4);
      const seqs: number[] = [];
      while (seqs.length < 3) {
        const { value } = await slow.next();
        if (value?.event.case === "entry") seqs.push(value.event.value.seq);
      }
      assert.deepEqual(seqs, [2, 3, 4]);
      stopping.abort();
    });

    it("skips no entry when a slow reader is removed and added again", async () => {
      const { ada, bruno, id } = await five();
      const other = await listen(ada).waitUntilLive();
      const slow = bruno.chats.subscribe({ since: [`${id}:1`] })[Symbol.asyncIterator]();
      assert.equal((await slow.next()).value?.event.case, "heartbeat");
      for (let n = 0; n < 6; n += 1) await Promise.all(upTo(200).map(() => sendMessage(ada, id)));
      await remove(ada, id, bruno);
      await add(ada, id, bruno);
      await other.waitUntil(() => other.seqs(id).at(-1) === 1_203);
      const seqs: number[] = [];
      const drained = (async () => {
        for (;;) {
          const { value } = await slow.next();
          if (value?.event.case === "entry") seqs.push(value.event.value.seq);
        }
      })();
      await assertRefused(drained, Code.Aborted, "TOO_SLOW");
      assert.deepEqual(seqs, upTo(seqs.length + 1, 2));
    });

    it("delivers the removal to a reader who was offline, and no later entries", async () => {
      const { ada, bruno, id } = await five();
      await remove(ada, id, bruno);
      await sendMessage(ada, id);
      const recorder = await listen(bruno, { since: [`${id}:1`] }).waitUntilLive();
      assert.deepEqual(recorder.seqs(id), [2]);
      const again = await listen(bruno, { since: [`${id}:2`] }).waitUntilLive();
      assert.deepEqual(again.seqs(id), []);
    });

    it("hides later changes of messages from removed members", async () => {
      const { ada, bruno, id } = await five();
      const { seq } = await sendMessage(ada, id, "The door code is 1234.");
      await sendMessage(ada, id, "Goodbye.");
      await remove(ada, id, bruno);
      await ada.chats.editMessage({ chatId: id, seq, text: "The door code is 4711." });
      const recorder = await listen(bruno, { since: [`${id}:1`] }).waitUntilLive();
      assert.deepEqual(
        recorder.entries(id).map((one) => [one.seq, one.messageSeq, one.message?.text]),
        [
          [2, 2, undefined],
          [3, 3, "Goodbye."],
          [4, 0, undefined],
        ],
      );
    });

    it("delivers the same entries and messages to all members", async () => {
      const { ada, bruno, id } = await five();
      const readers = await Promise.all([ada, bruno].map((one) => listen(one).waitUntilLive()));
      await sendMessage(ada, id);
      const events = await Promise.all(
        readers.map(
          async (one) => (await one.waitUntil(() => one.seqs(id).length > 0)).entries(id)[0],
        ),
      );
      assert.equal(events[0], events[1]);
    });
  });

  describe("of changed relations", () => {
    const two = async () => {
      const [ada, bruno] = [newUser(), newUser()];
      const recorder = await Promise.all(
        [ada, bruno].map((one) => listen(one, { signals: true }).waitUntilLive()),
      );
      return { ada, bruno, recorder, pair: { userId: ada.id, otherId: bruno.id } };
    };
    /** All relation events so far: a last one, of a third user, shows that the others have arrived. */
    const rest = async (
      recorder: readonly SubscriptionRecorder[],
      { id: otherId }: TestChatUser,
    ) => {
      const { id: userId } = newUser();
      await plaza.handleEvent(FriendshipRequestedSchema, { userId, otherId });
      for (const one of recorder) await one.waitUntil(() => relationsIn(one).includes(userId));
      return recorder.map((one) => relationsIn(one).slice(0, -1));
    };

    it("notifies both users of requests and friendships", async () => {
      const { ada, bruno, recorder, pair } = await two();
      for (const event of [FriendshipRequestedSchema, FriendshipEndedSchema]) {
        await plaza.handleEvent(event, pair);
      }
      assert.deepEqual(await rest(recorder.slice(0, 1), ada), [[bruno.id, bruno.id]]);
      assert.deepEqual(await rest(recorder.slice(1), bruno), [[ada.id, ada.id]]);
    });

    it("notifies the blocker and not the blocked", async () => {
      const { ada, bruno, recorder, pair } = await two();
      await plaza.handleEvent(UserBlockedSchema, pair);
      await plaza.handleEvent(UserUnblockedSchema, pair);
      assert.deepEqual(await rest(recorder.slice(0, 1), ada), [[bruno.id, bruno.id]]);
      assert.deepEqual(await rest(recorder.slice(1), bruno), [[]]);
    });

    it("notifies only readers who want signals", async () => {
      const { ada, recorder } = await two();
      const wantsNot = await listen(ada).waitUntilLive();
      await rest(recorder.slice(0, 1), ada);
      const { id } = await createDirectChat(ada, newUser());
      await wantsNot.waitUntil(() => wantsNot.seqs(id).length > 0);
      assert.deepEqual(relationsIn(wantsNot), []);
    });
  });
});

function relationsIn({ events }: SubscriptionRecorder): string[] {
  return events.flatMap(({ event }) =>
    event.case === "relationChanged" ? [event.value.userId] : [],
  );
}
