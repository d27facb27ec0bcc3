import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Chat, ChatSchema, Role } from "@plaza/contract/chat/v1/chats";
import { EntrySchema, Entry_Type as Type } from "@plaza/contract/chat/v1/stream";
import { applyRead, chatReducer, compareByActivity, isRemovalOf } from "./chat-reducer.ts";

const me = "ada";

describe("chatReducer", () => {
  it("counts messages of others as unread, and marks the chat read when the member posts", () => {
    const received = reduceChat(newGroup(), postedEntry("bruno", 5));
    assert.deepEqual([received.unreadCount, received.messageCount], [2, 5]);
    assert.equal(readNumberOf(received, "bruno"), 5);
    const sent = reduceChat(received, postedEntry(me, 6));
    assert.deepEqual([sent.unreadCount, sent.messageCount], [0, 6]);
    assert.equal(sent.lastMessage?.text, "said 6");
    assert.equal(sent.activeTime?.seconds, 6n);
  });

  it("does not count deleted messages as unread", () => {
    const deletion = (number: number) => ({
      type: Type.DELETED,
      message: { seq: number, number, deleteTime: { seconds: 9n } },
    });
    const chat = reduceChat(newGroup(), postedEntry("bruno", 5));
    assert.equal(reduceChat(chat, deletion(3)).unreadCount, 2);
    const deleted = reduceChat(chat, deletion(5));
    assert.deepEqual([deleted.unreadCount, deleted.lastMessage?.text], [1, ""]);
    assert.equal(reduceChat(deleted, deletion(4)).unreadCount, 0);
    const read = applyRead(chat, me, 5, me);
    assert.deepEqual([read.readNumber, reduceChat(read, deletion(5)).unreadCount], [5, 0]);
  });

  it("ignores known entries, and returns undefined where entries are missing", () => {
    const chat = newGroup();
    assert.equal(chatReducer(chat, create(EntrySchema, { seq: 4 }), me), chat);
    assert.equal(chatReducer(chat, create(EntrySchema, { seq: 6 }), me), undefined);
  });

  it("adds and removes members, and counts them also where the list leaves them out", () => {
    const added = { type: Type.MEMBERS_ADDED, memberIds: ["clara", "dmitri"] };
    const removed = { type: Type.MEMBER_REMOVED, memberIds: ["bruno"] };
    const chat = reduceChat(reduceChat(newGroup(), added), { ...removed, seq: 6 });
    assert.deepEqual(roles(chat), ["ada owner", "clara member", "dmitri member"]);
    assert.equal(chat.memberCount, 3);
    const listed = reduceChat({ ...newGroup(), members: [] }, { ...removed });
    assert.equal(listed.memberCount, 1);
  });

  it("makes the former owner a moderator", () => {
    const change = { type: Type.ROLE_CHANGED, memberIds: ["bruno"], role: Role.OWNER };
    const chat = reduceChat(newGroup(), change);
    assert.deepEqual(roles(chat), ["ada moderator", "bruno owner"]);
    assert.equal(chat.role, Role.MODERATOR);
  });

  it("updates the last message when it is edited, and keeps it when another is", () => {
    const chat = reduceChat(newGroup(), postedEntry("bruno", 5));
    const edit = (seq: number, messageSeq: number) => ({
      ...{ seq, type: Type.EDITED, messageSeq },
      message: { seq: messageSeq, text: "edited" },
    });
    assert.equal(reduceChat(chat, edit(6, 5)).lastMessage?.text, "edited");
    assert.equal(reduceChat(chat, edit(6, 3)).lastMessage?.text, "said 5");
  });
});

describe("applyRead", () => {
  it("never lowers a read number, and lowers the member's own unread count", () => {
    const chat = reduceChat(newGroup(), postedEntry("bruno", 5));
    assert.equal(readNumberOf(applyRead(chat, "bruno", 2, me), "bruno"), 5);
    assert.equal(applyRead(chat, me, 4, me).unreadCount, 1);
    assert.equal(applyRead(applyRead(chat, me, 5, me), me, 1, me).unreadCount, 0);
  });
});

describe("isRemovalOf", () => {
  it("is true for the removed member only", () => {
    const entry = create(EntrySchema, { type: Type.MEMBER_LEFT, memberIds: ["bruno"] });
    assert.equal(isRemovalOf(entry, "bruno"), true);
    assert.equal(isRemovalOf(entry, me), false);
  });
});

describe("compareByActivity", () => {
  it("puts the chat with the newest message first", () => {
    const chats = [1, 3, 2].map((n) => reduceChat(newGroup(), postedEntry("bruno", 5, BigInt(n))));
    const order = chats
      .toSorted(compareByActivity)
      .map(({ activeTime }) => Number(activeTime?.seconds));
    assert.deepEqual(order, [3, 2, 1]);
  });
});

/** Ada's group with Bruno: four entries, all of them messages, the last one unread by Ada. */
function newGroup(): Chat {
  return create(ChatSchema, {
    ...{ role: Role.OWNER, memberCount: 2, lastSeq: 4, messageCount: 4, unreadCount: 1 },
    readNumber: 3,
    members: [
      { userId: me, role: Role.OWNER, readNumber: 3 },
      { userId: "bruno", role: Role.MEMBER, readNumber: 4 },
    ],
  });
}

function postedEntry(senderId: string, seq: number, seconds = BigInt(seq)) {
  const message = { seq, number: seq, senderId, text: `said ${seq}`, createTime: { seconds } };
  return { seq, type: Type.POSTED, messageSeq: seq, message };
}

function reduceChat(chat: Chat, entry: MessageInitShape<typeof EntrySchema>): Chat {
  const next = chatReducer(chat, create(EntrySchema, { seq: chat.lastSeq + 1, ...entry }), me);
  assert.ok(next, "a gap in seq");
  return next;
}

function readNumberOf(chat: Chat, id: string): number | undefined {
  return chat.members.find(({ userId }) => userId === id)?.readNumber;
}

function roles({ members }: Chat): string[] {
  const names = ["", "member", "moderator", "owner"];
  return members.map(({ userId, role }) => `${userId} ${names[role]}`);
}
