import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type Membership,
  newDirectChat,
  newGroupChat,
  newMemberIds,
  newMembership,
  successor,
} from "./chat.ts";
import { missingRanges } from "./entry.ts";

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
    const stay = (userId: string, fromSeq: number, role: Membership["role"]) => {
      return { chatId: "id", userId, fromSeq, untilSeq: null, role, readNumber: 0 };
    };
    const members = [stay("c", 1, "member"), stay("b", 1, "member"), stay("d", 9, "moderator")];
    assert.equal(successor(members)?.userId, "d");
    assert.equal(successor(members.slice(0, 2))?.userId, "b");
    assert.equal(successor([]), undefined);
  });
});

describe("missingRanges", () => {
  /** Stays that follow each other; the last may be open. */
  const stays = fc
    .tuple(fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 9 }))
    .map(([marks]) => {
      const sorted = marks.toSorted((a, b) => a - b);
      const begins = sorted.filter((_, index) => index % 2 === 0);
      return begins.map((fromSeq, index) => {
        return { fromSeq, untilSeq: sorted[index * 2 + 1] ?? null };
      });
    });
  const end = 70;

  it("are the visible entries after the cursor, in order, and no others", () => {
    fc.assert(
      fc.property(stays, fc.integer({ min: 0, max: end }), (own, known) => {
        const wanted = Array.from({ length: end }, (_, n) => n + 1).filter(
          (seq) =>
            seq > known &&
            own.some(({ fromSeq, untilSeq }) => seq >= fromSeq && seq <= (untilSeq ?? end)),
        );
        const told = missingRanges(own, known).flatMap(({ after, until }) =>
          Array.from({ length: (until ?? end) - after }, (_, n) => after + n + 1),
        );
        assert.deepEqual(told, wanted);
      }),
    );
  });
});
