import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Code, ConnectError } from "@connectrpc/connect";
import { MessageSchema } from "@plaza/contract/chat/v1/messages";
import { type Sending, startSending } from "./message-sender.ts";
import { type Letter, openOutbox } from "./pending-message-store.ts";

describe("sending", () => {
  let sending: Sending | undefined;
  afterEach(() => sending?.stop());

  it("goes on, under the same key, until there is an answer, and keeps the order", async () => {
    const server = newServer([lost(), lost(), undefined, lost(), undefined]);
    const outbox = filled("a1", "a2");
    sending = startSending(outbox, server.send, 1);
    await server.has(5);
    assert.deepEqual(server.heard, ["a1", "a1", "a1", "a2", "a2"]);
    assert.deepEqual(outbox.letters(), []);
  });

  it("does not let one chat wait for another", async () => {
    const server = newServer([]);
    server.isDeafTo = "a";
    sending = startSending(filled("a1", "b1", "b2"), server.send, 1);
    await server.has(3);
    assert.deepEqual(server.heard, ["a1", "b1", "b2"]);
  });

  it("keeps what is refused for its writer, and sends what comes behind it", async () => {
    const refused = new ConnectError("no", Code.NotFound);
    const server = newServer([refused, undefined]);
    const outbox = filled("a1", "a2");
    sending = startSending(outbox, server.send, 1);
    await server.has(2);
    const [letter] = outbox.letters();
    assert.equal(letter?.key, "a1");
    assert.equal(letter.refusal, "This does not exist, or was deleted.");
    outbox.put(toLetter("a1", 0));
    await server.has(3);
    assert.deepEqual(server.heard, ["a1", "a2", "a1"]);
    assert.deepEqual(outbox.letters(), []);
  });

  it("does not wait out a pause when there is hope", async () => {
    const server = newServer([lost(), undefined]);
    sending = startSending(filled("a1"), server.send, 60_000);
    await server.has(1);
    sending.hurry();
    await server.has(2);
    assert.deepEqual(server.heard, ["a1", "a1"]);
  });

  it("knows that what waits is said after what was said", async () => {
    const server = newServer([undefined]);
    const outbox = filled("a1", "a2");
    server.isDeafTo = "a2";
    sending = startSending(outbox, server.send, 1);
    await server.has(2);
    assert.equal(outbox.letters()[0]?.afterSeq, 11);
  });

  it("sends nothing once it is stopped", async () => {
    const server = newServer([lost()]);
    const outbox = filled("a1");
    sending = startSending(outbox, server.send, 1);
    await server.has(1);
    sending.stop();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(server.heard, ["a1"]);
    assert.equal(outbox.letters().length, 1);
  });
});

/** Answers in turn, and says yes to what comes after. To some it never answers. */
function newServer(answers: (ConnectError | undefined)[]) {
  const heard: string[] = [];
  const server = {
    heard,
    isDeafTo: "nobody",
    send({ key }: Letter) {
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

function lost(): ConnectError {
  return new ConnectError("gone", Code.Unavailable);
}

function filled(...keys: string[]) {
  const outbox = openOutbox("ada", undefined);
  for (const [n, key] of keys.entries()) outbox.put(toLetter(key, n));
  return outbox;
}

/** The letter of the chat that its key begins with. */
function toLetter(key: string, writtenAt: number): Letter {
  return { key, chatId: key.charAt(0), text: "", replyToSeq: 0, writtenAt, afterSeq: 0 };
}
