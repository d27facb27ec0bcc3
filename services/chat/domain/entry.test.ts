import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { missingRanges } from "./entry.ts";

describe("missingRanges", () => {
  /** Consecutive membership intervals; the last one may be open. */
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
        const seqs = missingRanges(own, known).flatMap(({ after, until }) =>
          Array.from({ length: (until ?? end) - after }, (_, n) => after + n + 1),
        );
        assert.deepEqual(seqs, wanted);
      }),
    );
  });
});
