import { runAtEndOfTurn, type TurnTask, type TurnWaiter, waitForTurn } from "./event-loop-turn.ts";

/**
 * The units that a connection may spend in one turn of the event loop. A small frame or message is one; handling it
 * takes about 4 µs, with a handler that does nothing, so a turn stays near 1 ms.
 */
const maxUnits = 256;
const bytesPerUnitLog2 = 12;
/** A turn ends earlier when handlers take longer; checked every so many units. */
const maxTurnMs = 4;
const unitsPerTimeCheck = 16;

/** Limits what one connection does in a turn of the event loop, so that the others get theirs in between. */
export class TurnBudget implements TurnTask, TurnWaiter {
  #units = maxUnits;
  #nextTimeCheck = 0;
  #startedAt = 0;
  #isSpending = false;
  #resumptions: (() => void)[] = [];

  /** Whether nothing more should be done in this turn. */
  get isSpent(): boolean {
    return this.#units <= 0;
  }

  /** Spends a unit, and more of them for many bytes. */
  spend(bytes: number): void {
    this.#units -= 1 + (bytes >>> bytesPerUnitLog2);
    if (!this.#isSpending) this.#start();
    else if (this.#units < this.#nextTimeCheck) this.#checkTime();
  }

  /** Calls back in a later turn. */
  waitForTurn(resume: () => void): void {
    if (this.#resumptions.push(resume) === 1) waitForTurn(this);
  }

  endTurn(): void {
    this.#isSpending = false;
    // Those that wait get their budget in their own turn.
    if (this.#resumptions.length === 0) this.#units = maxUnits;
  }

  onTurn(): void {
    this.#units = maxUnits;
    const resumptions = this.#resumptions;
    this.#resumptions = [];
    for (const resume of resumptions) resume();
  }

  #start(): void {
    this.#isSpending = true;
    this.#startedAt = performance.now();
    this.#nextTimeCheck = maxUnits - unitsPerTimeCheck;
    runAtEndOfTurn(this);
  }

  #checkTime(): void {
    this.#nextTimeCheck = this.#units - unitsPerTimeCheck;
    if (performance.now() - this.#startedAt > maxTurnMs) this.#units = 0;
  }
}
