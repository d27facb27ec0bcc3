import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { type Entry, Entry_Type } from "@plaza/contract/chat/v1/stream";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import {
  type StatementInterceptor,
  stripLocks,
  withStatements,
} from "@plaza/kit/testing/intercept-statements";
import fc from "fast-check";
import { chat } from "./main.ts";
import { SubscriptionRecorder, type TestChatUser } from "./testing/subscription-recorder.ts";
import { type TestChat, testChat } from "./testing/test-chat.ts";

const actions = ["say", "say", "edit", "react", "delete", "remove", "add", "title"] as const;

/** Bursts of concurrent actions: the action, the index of the caller, and of its subject. */
const concurrentActions = fc.array(
  fc.array(
    fc.record({
      act: fc.constantFrom(...actions),
      by: fc.nat(3),
      about: fc.integer({ min: 1, max: 3 }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  { minLength: 1, maxLength: 6 },
);

type TestAction = {
  readonly act: (typeof actions)[number];
  readonly by: number;
  readonly about: number;
};

/** Reasons of refusals that concurrent actions may cause. */
const expectedConflicts = [
  "NO_SUCH_CHAT",
  "NO_SUCH_MESSAGE",
  "NOT_YOUR_MESSAGE",
  "MESSAGE_DELETED",
];

describe("the log of a chat", () => {
  const plaza = testChat();

  it("has no gaps, and each member sees the visible part, under concurrent changes", async () => {
    await fc.assert(
      fc.asyncProperty(concurrentActions, async (all) => {
        const people = Array.from({ length: 4 }, () => plaza.newUser()) as [
          TestChatUser,
          ...TestChatUser[],
        ];
        const [owner, ...others] = people;
        const { id } = await plaza.createGroup(owner, ...others);
        const live = await Promise.all(
          people.map((one) =>
            new SubscriptionRecorder(one, { since: [`${id}:0`] }).waitUntilLive(),
          ),
        );
        for (const burst of all)
          await Promise.all(burst.map((step) => performAction(step, people, id)));
        const { lastSeq } = await owner.chats.getChat({ id });
        const [first, ...rest] = live as [SubscriptionRecorder, ...SubscriptionRecorder[]];
        await first.waitUntil(() => first.seqs(id).at(-1) === lastSeq);
        assert.deepEqual(
          first.seqs(id),
          Array.from({ length: lastSeq }, (_, n) => n + 1),
        );
        for (const [n, one] of rest.entries()) {
          const wanted = visibleTo(others[n]?.id ?? "", first.entries(id));
          await one.waitUntil(() => one.seqs(id).length >= wanted.length);
          assert.deepEqual(one.seqs(id), wanted);
        }
        await Promise.all(live.map((one) => one.stop()));
      }),
      { numRuns: 25 },
    );
  });

  it("gives every change its own seq", async () => {
    assert.deepEqual(await race(plaza), ["done", "done"]);
  });
});

describe("the log of a chat without the chat lock", () => {
  const plaza = testChat({ services: [withStatements(chat, unlockedRendezvous())] });

  it("assigns one seq twice, which the primary key refuses", async () => {
    const outcomes = await race(plaza);
    assert.equal(outcomes.filter((one) => one === "done").length, 1, String(outcomes));
  });
});

/** Two concurrent reactions to one message. */
async function race({ newUser, createDirectChat, sendMessage }: TestChat): Promise<string[]> {
  const [ada, bruno] = [newUser(), newUser()];
  const { id: chatId } = await createDirectChat(ada, bruno);
  const { seq } = await sendMessage(ada, chatId);
  return Promise.all(
    [ada, bruno].map(({ chats }) =>
      chats.reactToMessage({ chatId, seq, emoji: "👍" }).then(
        () => "done",
        (error) => reasonOf(error) ?? "failed",
      ),
    ),
  );
}

/** Reads chats without locking them; of two reactions each waits until the other one has read too. */
function unlockedRendezvous(): StatementInterceptor {
  let waiting: (() => void) | undefined;
  return async ({ text }, run) => {
    if (!/from chat where id = any.* for update/s.test(text)) return run();
    const chats = await run({ text: stripLocks(text) });
    if (chats.every(({ messageCount }) => messageCount === 0)) return chats;
    await new Promise<void>((resolve) => {
      waiting?.();
      if (waiting) resolve();
      waiting = resolve;
    });
    return chats;
  };
}

async function performAction(
  { act, by, about }: TestAction,
  people: TestChatUser[],
  id: string,
): Promise<void> {
  const [owner, { chats }] = [people[0] as TestChatUser, people[by] as TestChatUser];
  const userId = people[about]?.id ?? "";
  // The first entry creates the group, so messages start with the second.
  const message = { chatId: id, seq: 1 + about };
  const calls: Record<TestAction["act"], () => Promise<unknown>> = {
    say: () => chats.sendMessage({ chatId: id, text: "Hello.", idempotencyKey: randomUUID() }),
    edit: () => chats.editMessage({ ...message, text: randomUUID() }),
    react: () => chats.reactToMessage({ ...message, emoji: "👍" }),
    delete: () => chats.deleteMessage(message),
    remove: () => owner.chats.removeMember({ chatId: id, userId }),
    add: () => owner.chats.addMembers({ chatId: id, userIds: [userId] }),
    title: () =>
      owner.chats.updateChat({
        chat: { id, title: randomUUID() },
        updateMask: { paths: ["title"] },
      }),
  };
  await calls[act]().catch((error) => {
    if (!expectedConflicts.includes(reasonOf(error) ?? "")) throw error;
  });
}

/** The seqs from each entry that adds the user to the entry that removes them. */
function visibleTo(userId: string, log: readonly Entry[]): number[] {
  let isIn = false;
  return log.flatMap(({ seq, type, memberIds }) => {
    const isAbout = memberIds.includes(userId);
    const wasIn = isIn;
    if (isAbout && type === Entry_Type.MEMBER_REMOVED) isIn = false;
    if (isAbout && (type === Entry_Type.CREATED || type === Entry_Type.MEMBERS_ADDED)) isIn = true;
    return wasIn || isIn ? [seq] : [];
  });
}
