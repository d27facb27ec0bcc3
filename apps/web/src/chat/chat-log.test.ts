import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { type Message, MessageSchema } from "@plaza/contract/chat/v1/messages";
import { type Entry, EntrySchema, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";
import {
  type ChatLog,
  createLog,
  findMessage,
  isMessage,
  logReducer,
  withMessage,
  withOlderPage,
} from "./chat-log.ts";

describe("ChatLog", () => {
  it("applies each entry once, in order of seq", () => {
    const log = [posted(4), titleChanged(5), posted(6), posted(5), posted(6)].reduce(
      reduceLog,
      threeMessageLog(),
    );
    assert.deepEqual(textsOf(log), ["one", "two", "three", "four", "(new title)", "six"]);
    assert.equal(log.seq, 6);
  });

  it("returns undefined where entries are missing", () => {
    assert.equal(logReducer(threeMessageLog(), posted(5)), undefined);
  });

  it("replaces an edited message", () => {
    const log = reduceLog(threeMessageLog(), edited(4, message(2, "2, edited")));
    assert.deepEqual(textsOf(log), ["one", "2, edited", "three"]);
    assert.equal(log.seq, 4);
  });

  it("holds a message once that was added before its entry was delivered", () => {
    const sent = withMessage(threeMessageLog(), message(5));
    assert.deepEqual(textsOf(sent), ["one", "two", "three", "five"]);
    const log = [posted(4), posted(5)].reduce(reduceLog, sent);
    assert.deepEqual(textsOf(log), ["one", "two", "three", "four", "five"]);
  });

  it("applies earlier changes to messages that are loaded later", () => {
    const page = { items: [message(3), message(2)], olderPageToken: "more" };
    const log = reduceLog(createLog(3, page), edited(4, message(1, "1, edited")));
    assert.deepEqual(textsOf(log), ["two", "three"]);
    assert.equal(findMessage(log, 1)?.text, "1, edited");
    const whole = withOlderPage(log, "more", { items: [message(1)], olderPageToken: "" });
    assert.deepEqual(textsOf(whole), ["1, edited", "two", "three"]);
    assert.equal(whole.olderPageToken, "");
  });

  it("drops a page whose token is no longer the log's", () => {
    const page = { items: [message(2), message(1)], olderPageToken: "" };
    const reloaded = createLog(6, { items: [message(6), message(5)], olderPageToken: "before 5" });
    assert.equal(withOlderPage(reloaded, "before 3", page), reloaded);
    assert.deepEqual(
      textsOf(withOlderPage({ ...reloaded, olderPageToken: "before 3" }, "before 3", page)),
      [...["one", "two"], ...["five", "six"]],
    );
  });

  it("ignores a change of a message from before the member joined", () => {
    const log = reduceLog(threeMessageLog(), edited(4, undefined));
    assert.deepEqual(textsOf(log), ["one", "two", "three"]);
    assert.equal(log.seq, 4);
  });
});

function threeMessageLog(): ChatLog {
  return createLog(3, { items: [message(3), message(2), message(1)], olderPageToken: "" });
}

function reduceLog(log: ChatLog, entry: Entry): ChatLog {
  const after = logReducer(log, entry);
  assert.ok(after, `a gap before ${entry.seq}`);
  return after;
}

function textsOf({ items }: ChatLog): string[] {
  return items.map((item) => (isMessage(item) ? item.text : `(${item.title})`));
}

const numerals = ["", "one", "two", "three", "four", "five", "six"];

function message(seq: number, text = numerals[seq] ?? ""): Message {
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

function titleChanged(seq: number): Entry {
  return create(EntrySchema, { seq, type: Type.TITLE_CHANGED, title: "new title" });
}
