import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { MessageSchema } from "@plaza/contract/chat/v1/messages";
import type { CallError } from "../lib/call-error.ts";
import { toCallError } from "../lib/to-call-error.ts";
import { type MessageSender, startMessageSender } from "./message-sender.ts";
import { openPendingMessageStore, type PendingMessage } from "./pending-message-store.ts";

describe("startMessageSender", () => {
  let sender: MessageSender | undefined;
  afterEach(() => sender?.stop());

  it("retries with the same key until there is an answer, and keeps the order", async () => {
    const server = newServer([unavailable(), unavailable(), undefined, unavailable(), undefined]);
    const store = storeWith("a1", "a2");
    sender = startMessageSender(store, server.send, 1);
    await server.waitForCalls(5);
    assert.deepEqual(server.keys, ["a1", "a1", "a1", "a2", "a2"]);
    assert.deepEqual(store.list(), []);
  });

  it("does not hold up one chat for another", async () => {
    const server = newServer([]);
    server.unanswered = "a";
    sender = startMessageSender(storeWith("a1", "b1", "b2"), server.send, 1);
    await server.waitForCalls(3);
    assert.deepEqual(server.keys, ["a1", "b1", "b2"]);
  });

  it("keeps a rejected message and sends the next", async () => {
    const rejection = toCallError(new ConnectError("no", Code.NotFound));
    const server = newServer([rejection, undefined]);
    const store = storeWith("a1", "a2");
    sender = startMessageSender(store, server.send, 1);
    await server.waitForCalls(2);
    const [first] = store.list();
    assert.equal(first?.key, "a1");
    assert.equal(first.refusal, "This does not exist or was deleted.");
    store.put(toPendingMessage("a1", 0));
    await server.waitForCalls(3);
    assert.deepEqual(server.keys, ["a1", "a2", "a1"]);
    assert.deepEqual(store.list(), []);
  });

  it("cuts a delay short on retryNow", async () => {
    const server = newServer([unavailable(), undefined]);
    sender = startMessageSender(storeWith("a1"), server.send, 60_000);
    await server.waitForCalls(1);
    sender.retryNow();
    await server.waitForCalls(2);
    assert.deepEqual(server.keys, ["a1", "a1"]);
  });

  it("raises afterSeq of the waiting messages to the sent one's seq", async () => {
    const server = newServer([undefined]);
    const store = storeWith("a1", "a2");
    server.unanswered = "a2";
    sender = startMessageSender(store, server.send, 1);
    await server.waitForCalls(2);
    assert.equal(store.list()[0]?.afterSeq, 11);
  });

  it("sends nothing after stop", async () => {
    const server = newServer([unavailable()]);
    const store = storeWith("a1");
    sender = startMessageSender(store, server.send, 1);
    await server.waitForCalls(1);
    sender.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(server.keys, ["a1"]);
    assert.equal(store.list().length, 1);
  });
});

/** Gives the answers in turn, then successes. Messages whose key begins with `unanswered` get no answer. */
function newServer(answers: (CallError | undefined)[]) {
  const keys: string[] = [];
  const server = {
    keys,
    unanswered: "none",
    send({ key }: PendingMessage) {
      keys.push(key);
      if (key.startsWith(server.unanswered)) return new Promise<never>(() => undefined);
      const error = answers.shift();
      if (error) return Promise.reject(error);
      return Promise.resolve(create(MessageSchema, { seq: 10 + keys.length }));
    },
    /** Waits for a number of calls and what follows from the last one. */
    async waitForCalls(calls: number) {
      while (keys.length < calls) await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => setTimeout(resolve, 0));
    },
  };
  return server;
}

function unavailable(): CallError {
  return toCallError(new ConnectError("unavailable", Code.Unavailable));
}

function storeWith(...messageKeys: string[]) {
  const store = openPendingMessageStore("ada", undefined);
  for (const [n, key] of messageKeys.entries()) store.put(toPendingMessage(key, n));
  return store;
}

/** A message to the chat that is named by the first letter of its key. */
function toPendingMessage(key: string, writtenAt: number): PendingMessage {
  return { key, chatId: key.charAt(0), text: "", replyToSeq: 0, writtenAt, afterSeq: 0 };
}
