import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { ChatSchema } from "@plaza/contract/chat/v1/chats";
import { type Message, MessageSchema } from "@plaza/contract/chat/v1/messages";
import { EntrySchema } from "@plaza/contract/chat/v1/stream";
import type { Line } from "./chat-log.ts";
import { arrange, readersOf, unsaid } from "./conversation-rows.ts";
import type { Letter } from "./pending-message-store.ts";

describe("arrange", () => {
  it("separates days and joins what one person says in one go", () => {
    const lines = [
      said(1, "ada", "2026-03-01T23:50"),
      said(2, "ada", "2026-03-01T23:52"),
      said(3, "ada", "2026-03-02T00:01"),
      said(4, "bruno", "2026-03-02T00:02"),
      said(5, "bruno", "2026-03-02T09:00"),
    ];
    assert.deepEqual(shown(lines), ["day", "1 first", "2", "day", "3 first", "4 first", "5 first"]);
  });

  it("marks where the news begins, for whoever has not said it", () => {
    const lines = [said(1, "bruno"), said(2, "ada"), said(3, "bruno"), said(4, "bruno")];
    assert.deepEqual(shown(lines, 1), ["day", "1 first", "2 first", "news", "3 first", "4"]);
    assert.deepEqual(shown(lines, 4), ["day", "1 first", "2 first", "3 first", "4"]);
  });

  it("tells what else has happened between the messages", () => {
    const note = create(EntrySchema, { seq: 2, createTime: at("2026-03-01T12:00") });
    const lines = [said(1, "ada"), note, said(3, "ada")];
    assert.deepEqual(shown(lines), ["day", "1 first", "note", "3 first"]);
  });
});

describe("unsaid", () => {
  it("is what no message of the writer's is, each message standing for one letter", () => {
    const letters = [letter("a", "ok"), letter("b", "ok"), letter("c", "fine")];
    const messages = [said(5, "ada", undefined, "ok"), said(6, "bruno", undefined, "fine")];
    assert.deepEqual(keys(unsaid(letters, messages, "ada")), ["b", "c"]);
  });

  it("is not what was said before it was written", () => {
    const letters = [{ ...letter("a", "ok"), afterSeq: 5 }];
    assert.deepEqual(keys(unsaid(letters, [said(5, "ada", undefined, "ok")], "ada")), ["a"]);
    assert.deepEqual(keys(unsaid(letters, [said(6, "ada", undefined, "ok")], "ada")), []);
  });

  it("is what was refused, whatever else is said", () => {
    const letters = [{ ...letter("a", "ok"), refusal: "No." }];
    assert.deepEqual(keys(unsaid(letters, [said(5, "ada", undefined, "ok")], "ada")), ["a"]);
  });
});

describe("readersOf", () => {
  it("counts the others who have read as far", () => {
    const chat = create(ChatSchema, {
      members: [
        { userId: "ada", readNumber: 9 },
        { userId: "bruno", readNumber: 3 },
        { userId: "clara", readNumber: 2 },
      ],
    });
    const readers = (number: number) =>
      readersOf(said(number, "ada"), chat).map(({ userId }) => userId);
    assert.deepEqual(readers(2), ["bruno", "clara"]);
    assert.deepEqual(readers(3), ["bruno"]);
    assert.deepEqual(readers(4), []);
  });
});

function said(seq: number, senderId: string, time = "2026-03-01T12:00", text = ""): Message {
  return create(MessageSchema, { seq, number: seq, senderId, text, createTime: at(time) });
}

function at(time: string) {
  return timestampFromDate(new Date(time));
}

function letter(key: string, text: string): Letter {
  return { key, chatId: "chat", text, replyToSeq: 0, writtenAt: 0, afterSeq: 0 };
}

function keys(letters: readonly Letter[]): string[] {
  return letters.map(({ key }) => key);
}

function shown(lines: readonly Line[], readNumber = 99): string[] {
  return arrange(lines, { readNumber, userId: "ada" }).map((row) => {
    if (row.kind !== "message") return row.kind;
    return `${row.message.seq}${row.isFirst ? " first" : ""}`;
  });
}
