import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Membership,
  newDirectChat,
  newGroupChat,
  newMemberIds,
  newMembership,
  successor,
} from "./chat.ts";

const now = new Date(0);

describe("a chat", () => {
  it("between two users is the same, whoever creates it", () => {
    assert.deepEqual(newDirectChat("id", "b", "a", now), newDirectChat("id", "a", "b", now));
  });

  it("takes 500 members, each counted once", () => {
    const chat = newGroupChat("id", " Garden ", 499, now);
    assert.equal(chat.title, "Garden");
    const member = newMembership(chat, "there", "member");
    assert.deepEqual(newMemberIds(chat, [member], ["new", "there", "new"]), ["new"]);
    assert.throws(() => newMemberIds(chat, [member], ["new", "newer"]), {
      reason: "TOO_MANY_MEMBERS",
    });
    assert.throws(() => newGroupChat("id", "Garden", 501, now), { reason: "TOO_MANY_MEMBERS" });
    assert.throws(() => newGroupChat("id", " ", 1, now), { reason: "FIELD_REQUIRED" });
  });

  it("passes to the moderator, or else the member, who joined first", () => {
    const member = (userId: string, fromSeq: number, role: Membership["role"]) => {
      return { chatId: "id", userId, fromSeq, untilSeq: null, role, readNumber: 0 };
    };
    const members = [
      member("c", 1, "member"),
      member("b", 1, "member"),
      member("d", 9, "moderator"),
    ];
    assert.equal(successor(members)?.userId, "d");
    assert.equal(successor(members.slice(0, 2))?.userId, "b");
    assert.equal(successor([]), undefined);
  });
});
