import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import postgres from "postgres";
import { batchedReads, batchedWrites } from "./batch.ts";
import { ConnectionLostError } from "./errors.ts";

const waitTurns = (turns: number): Promise<void> =>
  new Promise((resolve) =>
    turns > 0 ? setImmediate(() => resolve(waitTurns(turns - 1))) : resolve(),
  );

/** An error as the server sends it when it rejects a statement. */
function serverError(): Error {
  const { PostgresError } = postgres as unknown as { PostgresError: new (x: object) => Error };
  return new PostgresError({ message: "refused", code: "23505" });
}

describe("batchedReads", () => {
  type Row = { id: number; text: string };

  function reader(options: { maxBatchSize?: number; bad?: Set<number>; error?: () => Error } = {}) {
    const batches: number[][] = [];
    const find = batchedReads<number, Row>({
      read: async (ids) => {
        batches.push(ids);
        await waitTurns(ids.length % 3);
        if (ids.some((id) => options.bad?.has(id))) throw options.error?.() ?? serverError();
        const even = ids.filter((id) => id % 2 === 0).reverse();
        return even.map((id) => ({ id, text: `row ${id}` }));
      },
      keyOf: ({ id }) => id,
      ...(options.maxBatchSize && { maxBatchSize: options.maxBatchSize }),
    });
    return { find, batches };
  }

  it("coalesces the reads of one turn, each key once", async () => {
    const { find, batches } = reader();
    const found = await Promise.all([find(2), find(4), find(2), find(3)]);
    assert.deepEqual(batches, [[2, 4, 3]]);
    assert.deepEqual(
      found.map((row) => row?.id),
      [2, 4, 2, undefined],
    );
  });

  it("does not join a read in flight", async () => {
    const { find, batches } = reader();
    const early = find(2);
    await waitTurns(1);
    await Promise.all([early, find(2)]);
    assert.deepEqual(batches, [[2], [2]]);
  });

  it("gives every call its own row or its own error", async () => {
    const scenario = fc.record({
      calls: fc.array(fc.record({ key: fc.nat(40), turn: fc.nat(3) }), { maxLength: 60 }),
      bad: fc.uniqueArray(fc.nat(40), { maxLength: 4 }),
      maxBatchSize: fc.integer({ min: 1, max: 10 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ calls, bad, maxBatchSize }) => {
        const { find, batches } = reader({ maxBatchSize, bad: new Set(bad) });
        const outcomes = await Promise.allSettled(
          calls.map(({ key, turn }) => waitTurns(turn).then(() => find(key))),
        );
        for (const [index, outcome] of outcomes.entries()) {
          const key = calls[index]?.key ?? 0;
          if (bad.includes(key)) assert.equal(outcome.status, "rejected");
          else if (outcome.status === "rejected") assert.fail("a good key failed");
          else assert.equal(outcome.value?.text, key % 2 === 0 ? `row ${key}` : undefined);
        }
        assert.ok(batches.every((keys) => keys.length <= maxBatchSize));
        assert.ok(batches.every((keys) => new Set(keys).size === keys.length));
      }),
      { numRuns: 200 },
    );
  });

  it("does not bisect when the database is unavailable", async () => {
    const { find, batches } = reader({
      bad: new Set([1]),
      error: () => new ConnectionLostError(undefined),
    });
    const outcomes = await Promise.allSettled([find(1), find(2), find(4)]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["rejected", "rejected", "rejected"],
    );
    assert.equal(batches.length, 1);
  });
});

describe("batchedWrites", () => {
  /** A `write` that commits a batch completely or not at all, and records the committed items. */
  function writer(options: {
    fate: (
      items: number[],
      attempt: number,
    ) => "commits" | "refused" | "lost" | "lost after commit";
    flushAt?: number;
    maxInFlight?: number;
    maxBatchSize?: number;
  }) {
    const committed: number[] = [];
    const sizes: number[] = [];
    let inFlight = 0;
    let mostInFlight = 0;
    const write = batchedWrites<number, string>({
      write: async (items) => {
        sizes.push(items.length);
        inFlight += 1;
        mostInFlight = Math.max(mostInFlight, inFlight);
        await waitTurns(items.length % 4);
        inFlight -= 1;
        const fate = options.fate(items, sizes.length);
        if (fate === "refused") throw serverError();
        if (fate !== "lost") committed.push(...items);
        if (fate !== "commits") throw new ConnectionLostError(undefined);
        return items.map((item) => (item % 7 === 6 ? new Error(`no ${item}`) : `done ${item}`));
      },
      ...(options.flushAt && { flushAt: options.flushAt }),
      ...(options.maxInFlight && { maxInFlight: options.maxInFlight }),
      ...(options.maxBatchSize && { maxBatchSize: options.maxBatchSize }),
    });
    return { write, committed, sizes, most: () => mostInFlight };
  }

  it("grows its batches while others are in flight", async () => {
    const { write, sizes } = writer({ fate: () => "commits", maxInFlight: 1 });
    const calls = [write(0)];
    await waitTurns(1);
    calls.push(write(1));
    calls.push(write(2));
    await Promise.all(calls);
    assert.deepEqual(sizes, [1, 2]);
  });

  it("writes as soon as flushAt items are pending", async () => {
    const { write, sizes } = writer({ fate: () => "commits", flushAt: 3 });
    const calls = Array.from({ length: 5 }, (_, item) => write(item));
    assert.deepEqual(sizes, [3]);
    await Promise.all(calls);
    assert.deepEqual(sizes, [3, 2]);
  });

  it("settles each call with the result or the error of its own item", async () => {
    const { write } = writer({ fate: () => "commits" });
    const outcomes = await Promise.allSettled([5, 6, 7].map(write));
    assert.deepEqual(
      outcomes.map((o) => (o.status === "fulfilled" ? o.value : o.reason.message)),
      ["done 5", "no 6", "done 7"],
    );
  });

  it("executes items at most once under rejections and lost connections", async () => {
    const scenario = fc.record({
      turns: fc.array(fc.nat(6), { minLength: 1, maxLength: 60 }),
      bad: fc.uniqueArray(fc.nat(60), { maxLength: 4 }),
      losses: fc.array(fc.tuple(fc.nat(12), fc.boolean()), { maxLength: 2 }),
      flushAt: fc.integer({ min: 1, max: 10 }),
      maxInFlight: fc.integer({ min: 1, max: 3 }),
      maxBatchSize: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(scenario, async ({ turns, bad, losses, ...limits }) => {
        const { maxInFlight, maxBatchSize } = limits;
        const lossAt = new Map(losses);
        const { write, committed, sizes, most } = writer({
          ...limits,
          fate(items, attempt) {
            if (items.some((item) => bad.includes(item))) return "refused";
            const afterCommit = lossAt.get(attempt);
            if (afterCommit === undefined) return "commits";
            return afterCommit ? "lost after commit" : "lost";
          },
        });
        const outcomes = await Promise.allSettled(
          turns.map((turn, item) => waitTurns(turn).then(() => write(item))),
        );

        assert.equal(new Set(committed).size, committed.length, "an item was executed twice");
        for (const [item, outcome] of outcomes.entries()) {
          if (outcome.status === "fulfilled") {
            assert.equal(outcome.value, `done ${item}`);
            assert.ok(committed.includes(item), "acknowledged but not committed");
          } else if (outcome.reason instanceof postgres.PostgresError) {
            assert.ok(bad.includes(item), "a good item paid for a bad one");
            assert.ok(!committed.includes(item));
          }
        }
        assert.ok(most() <= maxInFlight);
        assert.ok(sizes.every((size) => size <= maxBatchSize));
      }),
      { numRuns: 300 },
    );
  });

  it("does not retry a batch whose outcome is unknown", async () => {
    let attempts = 0;
    const write = batchedWrites<number, string>({
      write: async () => {
        attempts += 1;
        throw new TypeError("a bug after the statement");
      },
    });
    const outcomes = await Promise.allSettled([write(1), write(2)]);
    assert.equal(attempts, 1);
    assert.ok(outcomes.every(({ status }) => status === "rejected"));
  });

  it("rejects every call when the results cannot be matched to items", async () => {
    const write = batchedWrites<number, number>({ write: async (items) => items.slice(1) });
    const outcomes = await Promise.allSettled([write(1), write(2)]);
    assert.ok(outcomes.every(({ status }) => status === "rejected"));
  });
});
