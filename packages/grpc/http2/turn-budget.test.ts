import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { TurnBudget } from "./turn-budget.ts";

/** Spends all of a budget. */
function exhaust(budget: TurnBudget): number {
  let units = 0;
  for (; !budget.isSpent; units++) budget.spend(0);
  return units;
}

describe("the budget of a turn of the event loop", () => {
  it("is there again in the next turn", async () => {
    const budget = new TurnBudget();
    const units = exhaust(budget);
    assert.ok(units > 16 && units <= 256, `${units}`);
    await nextTurn();
    assert.equal(budget.isSpent, false);
  });

  it("is spent sooner by many bytes", () => {
    const budget = new TurnBudget();
    for (let frames = 0; frames < 100; frames++) budget.spend(16_384);
    assert.equal(budget.isSpent, true);
  });

  it("goes to one of those that wait in each turn, in their order", async () => {
    const order: string[] = [];
    const turns = new Map<number, number>();
    let turn = 0;
    const names = ["a", "b", "c"];
    for (const name of names) {
      const budget = new TurnBudget();
      const work = () => {
        order.push(name);
        turns.set(turn, (turns.get(turn) ?? 0) + 1);
        exhaust(budget);
        if (order.length < 9) budget.waitForTurn(work);
      };
      exhaust(budget);
      budget.waitForTurn(work);
    }
    for (; turn < 20; turn++) await nextTurn();
    assert.deepEqual(order.slice(0, 9), [...names, ...names, ...names]);
    assert.ok([...turns.values()].every((count) => count === 1));
  });
});
