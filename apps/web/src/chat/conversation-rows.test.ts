import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { ChatSchema } from "@plaza/contract/chat/v1/chats";
import { type Message, MessageSchema } from "@plaza/contract/chat/v1/messages";
import { EntrySchema } from "@plaza/contract/chat/v1/stream";
import type { LogItem } from "./chat-log.ts";
import { buildConversationRows, findUndelivered, readersOf } from "./conversation-rows.ts";
import type { PendingMessage } from "./pending-message-store.ts";

describe("buildConversationRows", () => {
  it("divides days and groups the messages of one sender", () => {
    const items = [
      newMessage(1, "ada", "2026-03-01T23:50"),
      newMessage(2, "ada", "2026-03-01T23:52"),
      newMessage(3, "ada", "2026-03-02T00:01"),
      newMessage(4, "bruno", "2026-03-02T00:02"),
      newMessage(5, "bruno", "2026-03-02T09:00"),
    ];
    assert.deepEqual(rowsOf(items), [
      "day",
      "1 first",
      "2",
      "day",
      "3 first",
      "4 first",
      "5 first",
    ]);
  });

  it("puts the unread mark before the first unread message of another member", () => {
    const items = [
      newMessage(1, "bruno"),
      newMessage(2, "ada"),
      newMessage(3, "bruno"),
      newMessage(4, "bruno"),
    ];
    assert.deepEqual(rowsOf(items, 1), ["day", "1 first", "2 first", "unread", "3 first", "4"]);
    assert.deepEqual(rowsOf(items, 4), ["day", "1 first", "2 first", "3 first", "4"]);
  });

  it("puts system messages between the messages", () => {
    const entry = create(EntrySchema, { seq: 2, createTime: timestamp("2026-03-01T12:00") });
    const items = [newMessage(1, "ada"), entry, newMessage(3, "ada")];
    assert.deepEqual(rowsOf(items), ["day", "1 first", "system", "3 first"]);
  });
});

describe("findUndelivered", () => {
  it("matches each delivered message of the sender with one pending message", () => {
    const pending = [
      newPendingMessage("a", "ok"),
      newPendingMessage("b", "ok"),
      newPendingMessage("c", "fine"),
    ];
    const messages = [
      newMessage(5, "ada", undefined, "ok"),
      newMessage(6, "bruno", undefined, "fine"),
    ];
    assert.deepEqual(keys(findUndelivered(pending, messages, "ada")), ["b", "c"]);
  });

  it("matches no message from before the pending one was written", () => {
    const pending = [{ ...newPendingMessage("a", "ok"), afterSeq: 5 }];
    assert.deepEqual(
      keys(findUndelivered(pending, [newMessage(5, "ada", undefined, "ok")], "ada")),
      ["a"],
    );
    assert.deepEqual(
      keys(findUndelivered(pending, [newMessage(6, "ada", undefined, "ok")], "ada")),
      [],
    );
  });

  it("keeps rejected messages", () => {
    const pending = [{ ...newPendingMessage("a", "ok"), refusal: "No." }];
    assert.deepEqual(
      keys(findUndelivered(pending, [newMessage(5, "ada", undefined, "ok")], "ada")),
      ["a"],
    );
  });
});

describe("readersOf", () => {
  it("lists the other members who have read a message", () => {
    const chat = create(ChatSchema, {
      members: [
        { userId: "ada", readNumber: 9 },
        { userId: "bruno", readNumber: 3 },
        { userId: "clara", readNumber: 2 },
      ],
    });
    const readers = (number: number) =>
      readersOf(newMessage(number, "ada"), chat).map(({ userId }) => userId);
    assert.deepEqual(readers(2), ["bruno", "clara"]);
    assert.deepEqual(readers(3), ["bruno"]);
    assert.deepEqual(readers(4), []);
  });
});

function newMessage(seq: number, senderId: string, time = "2026-03-01T12:00", text = ""): Message {
  return create(MessageSchema, { seq, number: seq, senderId, text, createTime: timestamp(time) });
}

function timestamp(time: string) {
  return timestampFromDate(new Date(time));
}

function newPendingMessage(key: string, text: string): PendingMessage {
  return { key, chatId: "chat", text, replyToSeq: 0, writtenAt: 0, afterSeq: 0 };
}

function keys(pending: readonly PendingMessage[]): string[] {
  return pending.map(({ key }) => key);
}

function rowsOf(items: readonly LogItem[], readNumber = 99): string[] {
  return buildConversationRows(items, { readNumber, userId: "ada" }).map((row) => {
    if (row.kind !== "message") return row.kind;
    return `${row.message.seq}${row.startsGroup ? " first" : ""}`;
  });
}
