import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { MessageSchema } from "@plaza/contract/chat/v1/messages";
import { type MessageSender, startMessageSender } from "./message-sender.ts";
import { openPendingMessageStore, type PendingMessage } from "./pending-message-store.ts";

describe("sending", () => {
  let sending: MessageSender | undefined;
  afterEach(() => sending?.stop());

  it("goes on, under the same key, until there is an answer, and keeps the order", async () => {
    const server = newServer([unavailable(), unavailable(), undefined, unavailable(), undefined]);
    const outbox = storeWith("a1", "a2");
    sending = startMessageSender(outbox, server.send, 1);
    await server.has(5);
    assert.deepEqual(server.heard, ["a1", "a1", "a1", "a2", "a2"]);
    assert.deepEqual(outbox.list(), []);
  });

  it("does not let one chat wait for another", async () => {
    const server = newServer([]);
    server.isDeafTo = "a";
    sending = startMessageSender(storeWith("a1", "b1", "b2"), server.send, 1);
    await server.has(3);
    assert.deepEqual(server.heard, ["a1", "b1", "b2"]);
  });

  it("keeps what is refused for its writer, and sends what comes behind it", async () => {
    const refused = new ConnectError("no", Code.NotFound);
    const server = newServer([refused, undefined]);
    const outbox = storeWith("a1", "a2");
    sending = startMessageSender(outbox, server.send, 1);
    await server.has(2);
    const [letter] = outbox.list();
    assert.equal(letter?.key, "a1");
    assert.equal(letter.refusal, "This does not exist, or was deleted.");
    outbox.put(toPendingMessage("a1", 0));
    await server.has(3);
    assert.deepEqual(server.heard, ["a1", "a2", "a1"]);
    assert.deepEqual(outbox.list(), []);
  });

  it("does not wait out a pause when there is hope", async () => {
    const server = newServer([unavailable(), undefined]);
    sending = startMessageSender(storeWith("a1"), server.send, 60_000);
    await server.has(1);
    sending.retryNow();
    await server.has(2);
    assert.deepEqual(server.heard, ["a1", "a1"]);
  });

  it("knows that what waits is said after what was said", async () => {
    const server = newServer([undefined]);
    const outbox = storeWith("a1", "a2");
    server.isDeafTo = "a2";
    sending = startMessageSender(outbox, server.send, 1);
    await server.has(2);
    assert.equal(outbox.list()[0]?.afterSeq, 11);
  });

  it("sends nothing once it is stopped", async () => {
    const server = newServer([unavailable()]);
    const outbox = storeWith("a1");
    sending = startMessageSender(outbox, server.send, 1);
    await server.has(1);
    sending.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(server.heard, ["a1"]);
    assert.equal(outbox.list().length, 1);
  });
});

/** Answers in turn, and says yes to what comes after. To some it never answers. */
function newServer(answers: (ConnectError | undefined)[]) {
  const heard: string[] = [];
  const server = {
    heard,
    isDeafTo: "nobody",
    send({ key }: PendingMessage) {
      heard.push(key);
      if (key.startsWith(server.isDeafTo)) return new Promise<never>(() => undefined);
      const refusal = answers.shift();
      if (refusal) return Promise.reject(refusal);
      return Promise.resolve(create(MessageSchema, { seq: 10 + heard.length }));
    },
    /** Waits until it was called so often and what follows from that is done. */
    async has(calls: number) {
      while (heard.length < calls) await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
  return server;
}

function unavailable(): ConnectError {
  return new ConnectError("gone", Code.Unavailable);
}

function storeWith(...keys: string[]) {
  const outbox = openPendingMessageStore("ada", undefined);
  for (const [n, key] of keys.entries()) outbox.put(toPendingMessage(key, n));
  return outbox;
}

/** The letter of the chat that its key begins with. */
function toPendingMessage(key: string, writtenAt: number): PendingMessage {
  return { key, chatId: key.charAt(0), text: "", replyToSeq: 0, writtenAt, afterSeq: 0 };
}
