import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { afterEach, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { Entry_Type, Signal_Type } from "@plaza/contract/chat/v1/stream";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { SubscriptionRecorder } from "./testing/subscription-recorder.ts";
import { testChat } from "./testing/test-chat.ts";

describe("Subscribe", () => {
  const plaza = testChat();
  const { newUser, createDirectChat, sendMessage } = plaza;
  const open: SubscriptionRecorder[] = [];
  const listen = (...args: ConstructorParameters<typeof SubscriptionRecorder>) => {
    const recorder = new SubscriptionRecorder(...args);
    open.push(recorder);
    return recorder;
  };
  const upTo = (last: number, from = 1) =>
    Array.from({ length: last - from + 1 }, (_, n) => n + from);

  afterEach(() => Promise.all(open.splice(0).map((one) => one.stop())));

  async function talk(messages: number) {
    const [ada, bruno] = [newUser(), newUser()];
    const { id } = await createDirectChat(ada, bruno);
    for (let n = 0; n < messages; n += 1) await sendMessage(n % 2 ? ada : bruno, id, `${n}`);
    return { ada, bruno, id };
  }

  it("delivers missed entries, then a heartbeat, then new entries", async () => {
    const { ada, bruno, id } = await talk(5);
    const recorder = await listen(bruno, { since: [`${id}:2`] }).waitUntilLive();
    assert.deepEqual(recorder.seqs(id), [3, 4, 5, 6]);
    assert.equal(recorder.events.at(-1)?.event.case, "heartbeat");
    const { seq } = await sendMessage(ada, id, "Live.");
    await recorder.waitUntil(() => recorder.seqs(id).includes(seq));
    const entry = recorder.entries(id).at(-1);
    assert.deepEqual([entry?.type, entry?.message?.text], [Entry_Type.POSTED, "Live."]);
    assert.equal(recorder.events.length, 6);
  });

  it("starts with new entries, or with the first entry on request", async () => {
    const { ada, bruno, id } = await talk(3);
    const now = await listen(bruno).waitUntilLive();
    const all = await listen(bruno, { fromBeginning: true }).waitUntilLive();
    await sendMessage(ada, id);
    await now.waitUntil(() => now.seqs(id).length === 1);
    await all.waitUntil(() => all.seqs(id).length === 5);
    assert.deepEqual([now.seqs(id), all.seqs(id)], [[5], [1, 2, 3, 4, 5]]);
  });

  it("delivers each entry once, whenever the subscription goes live", async () => {
    const { ada, bruno, id } = await talk(0);
    const readers: SubscriptionRecorder[] = [];
    let said = 0;
    await Promise.all(
      [ada, bruno].map(async (one) => {
        while (readers.length < 40) {
          await sendMessage(one, id);
          said += 1;
          if (said % 5 === 0) readers.push(listen(one, { since: [`${id}:1`] }));
        }
      }),
    );
    const { lastSeq } = await ada.chats.getChat({ id });
    assert.ok(lastSeq > 200);
    for (const reader of readers) {
      await reader.waitUntil(() => reader.seqs(id).at(-1) === lastSeq);
      assert.deepEqual(reader.seqs(id), upTo(lastSeq, 2));
    }
  });

  it("resumes after any number of missed entries", async () => {
    const { ada, bruno, id } = await talk(0);
    await Promise.all(upTo(3_000).map((n) => sendMessage(ada, id, `${n}`)));
    const recorder = await listen(bruno, { since: [`${id}:0`] }).waitUntilLive();
    assert.deepEqual(recorder.seqs(id), upTo(3_001));
  });

  it("delivers the current state of a message, and no old text", async () => {
    const { ada, bruno, id } = await talk(0);
    const ref = { chatId: id, seq: (await sendMessage(ada, id, "First thoughts.")).seq };
    await ada.chats.editMessage({ ...ref, text: "Second thoughts." });
    await bruno.chats.reactToMessage({ ...ref, emoji: "👍" });
    const edited = await listen(bruno, { fromBeginning: true }).waitUntilLive();
    assert.deepEqual(
      edited.entries(id).map(({ type, message }) => [type, message?.text ?? ""]),
      [
        [Entry_Type.CREATED, ""],
        [Entry_Type.POSTED, "Second thoughts."],
        [Entry_Type.EDITED, "Second thoughts."],
        [Entry_Type.REACTED, "Second thoughts."],
      ],
    );
    await ada.chats.deleteMessage(ref);
    const deleted = await listen(bruno, { fromBeginning: true }).waitUntilLive();
    assert.ok(deleted.entries(id).every(({ message }) => !message?.text));
    await edited.waitUntil(() => edited.entries(id).at(-1)?.type === Entry_Type.DELETED);
  });

  it("ends the stream of a slow reader, who resumes without loss", async () => {
    const { ada, bruno, id } = await talk(0);
    const stream = bruno.chats.subscribe({ since: [`${id}:1`] })[Symbol.asyncIterator]();
    const seqs: number[] = [];
    const read = async () => {
      const { value } = await stream.next();
      if (value?.event.case === "entry") seqs.push(value.event.value.seq);
    };
    await read();
    for (let n = 0; n < 6; n += 1) {
      await Promise.all(upTo(200).map(() => sendMessage(ada, id)));
    }
    const drained = (async () => {
      for (;;) await read();
    })();
    await assertRefused(drained, Code.Aborted, "TOO_SLOW");
    assert.deepEqual(seqs, upTo(seqs.length + 1, 2));
    const last = seqs.at(-1) ?? 1;
    const recorder = await listen(bruno, { since: [`${id}:${last}`] }).waitUntilLive();
    assert.deepEqual([...seqs, ...recorder.seqs(id)], upTo(1_201, 2));
  });

  it("refuses positions after the end of the log", async () => {
    const { bruno, id } = await talk(1);
    const refused = (since: string) => listen(bruno, { since: [since] }).waitForEnd();
    const rejected = async (since: string) => Promise.reject(await refused(since));
    await assertRefused(rejected(`${id}:3`), Code.InvalidArgument, "BAD_POSITION");
    await assertRefused(rejected(`${randomUUID()}:0`), Code.NotFound, "NO_SUCH_CHAT");
    await assertRefused(rejected("somewhere"), Code.InvalidArgument, "INVALID_REQUEST");
  });

  it("delivers typing, read and presence signals on request", async () => {
    const { ada, bruno, id } = await talk(1);
    const wants = await listen(bruno, { signals: true }).waitUntilLive();
    const wantsNot = await listen(bruno).waitUntilLive();
    const other = await listen(ada, { signals: true }).waitUntilLive();
    await ada.chats.sendTyping({ chatId: id });
    await ada.chats.markRead({ chatId: id, number: 1 });
    await other.waitUntil(() => signalsIn(other).includes(`${Signal_Type.ONLINE} ${bruno.id} 0`));
    await other.stop();
    const gone = `${Signal_Type.OFFLINE} ${ada.id} 0`;
    await wants.waitUntil(() => signalsIn(wants).includes(gone));
    // ONLINE may be published again at any time.
    const aboutAda = new Set(signalsIn(wants).filter((one) => one.includes(ada.id)));
    assert.deepEqual(
      [...aboutAda],
      [
        `${Signal_Type.ONLINE} ${ada.id} 0`,
        `${Signal_Type.TYPING} ${ada.id} 0`,
        `${Signal_Type.READ} ${ada.id} 1`,
        gone,
      ],
    );
    assert.deepEqual(signalsIn(wantsNot), []);
  });

  it("says at once that both are online when a direct chat begins", async () => {
    const [ada, bruno] = [newUser(), newUser()];
    const streams = await Promise.all(
      [ada, bruno].map((user) => listen(user, { signals: true }).waitUntilLive()),
    );
    await createDirectChat(ada, bruno);
    const others = [bruno, ada].map(({ id }) => `${Signal_Type.ONLINE} ${id} 0`);
    for (const [index, stream] of streams.entries()) {
      await stream.waitUntil(() => signalsIn(stream).includes(others[index] ?? ""));
    }
  });

  it("ends when the process shuts down", async () => {
    const { bruno } = await talk(0);
    const recorder = await listen(bruno).waitUntilLive();
    plaza.host().closeStreams();
    const ended = async () => Promise.reject(await recorder.waitForEnd());
    await assertRefused(ended(), Code.Unavailable, "SERVER_CLOSING");
  });
});

function signalsIn({ events }: SubscriptionRecorder): string[] {
  return events.flatMap(({ event }) =>
    event.case === "signal"
      ? [`${event.value.type} ${event.value.userId} ${event.value.readNumber}`]
      : [],
  );
}
