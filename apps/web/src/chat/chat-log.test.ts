import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type Message, MessageSchema } from "@plaza/contract/chat/v1/messages";
import { type Entry, EntrySchema, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";
import {
  findMessage,
  isMessage,
  type Log,
  logAfter,
  newLog,
  withMessage,
  withOlder,
} from "./chat-log.ts";

describe("the log of a chat", () => {
  it("goes on by each entry once, in their order", () => {
    const log = [posted(4), titled(5), posted(6), posted(5), posted(6)].reduce(must, threeLines());
    assert.deepEqual(shown(log), ["one", "two", "three", "four", "(new title)", "six"]);
    assert.equal(log.seq, 6);
  });

  it("does not go on where entries are missing", () => {
    assert.equal(logAfter(threeLines(), posted(5)), undefined);
  });

  it("shows what a message has become", () => {
    const log = must(threeLines(), edited(4, message(2, "2, edited")));
    assert.deepEqual(shown(log), ["one", "2, edited", "three"]);
    assert.equal(log.seq, 4);
  });

  it("says a message once that was answered before its entry came", () => {
    const sent = withMessage(threeLines(), message(5));
    assert.deepEqual(shown(sent), ["one", "two", "three", "five"]);
    const log = [posted(4), posted(5)].reduce(must, sent);
    assert.deepEqual(shown(log), ["one", "two", "three", "four", "five"]);
  });

  it("knows changes of messages that are loaded later", () => {
    const page = { lines: [message(3), message(2)], before: "more" };
    const log = must(newLog(3, page), edited(4, message(1, "1, edited")));
    assert.deepEqual(shown(log), ["two", "three"]);
    assert.equal(findMessage(log, 1)?.text, "1, edited");
    const whole = withOlder(log, "more", { lines: [message(1)], before: "" });
    assert.deepEqual(shown(whole), ["1, edited", "two", "three"]);
    assert.equal(whole.before, "");
  });

  it("takes a page only in the place that it was read for", () => {
    const page = { lines: [message(2), message(1)], before: "" };
    const anew = newLog(6, { lines: [message(6), message(5)], before: "before 5" });
    assert.equal(withOlder(anew, "before 3", page), anew);
    assert.deepEqual(shown(withOlder({ ...anew, before: "before 3" }, "before 3", page)), [
      ...["one", "two"],
      ...["five", "six"],
    ]);
  });

  it("passes over a message from before one came", () => {
    const log = must(threeLines(), edited(4, undefined));
    assert.deepEqual(shown(log), ["one", "two", "three"]);
    assert.equal(log.seq, 4);
  });
});

function threeLines(): Log {
  return newLog(3, { lines: [message(3), message(2), message(1)], before: "" });
}

function must(log: Log, entry: Entry): Log {
  const after = logAfter(log, entry);
  assert.ok(after, `a gap before ${entry.seq}`);
  return after;
}

function shown({ lines }: Log): string[] {
  return lines.map((line) => (isMessage(line) ? line.text : `(${line.title})`));
}

const words = ["", "one", "two", "three", "four", "five", "six"];

function message(seq: number, text = words[seq] ?? ""): Message {
  return create(MessageSchema, { seq, number: seq, text });
}

function posted(seq: number): Entry {
  return create(EntrySchema, { seq, type: Type.POSTED, messageSeq: seq, message: message(seq) });
}

function edited(seq: number, after: Message | undefined): Entry {
  const messageSeq = after?.seq ?? 99;
  return create(EntrySchema, {
    seq,
    type: Type.EDITED,
    messageSeq,
    ...(after && { message: after }),
  });
}

function titled(seq: number): Entry {
  return create(EntrySchema, { seq, type: Type.TITLE_CHANGED, title: "new title" });
}
