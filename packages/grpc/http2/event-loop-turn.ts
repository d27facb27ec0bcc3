/** Work for the end of a turn of the event loop. It must not throw. */
export type TurnTask = { endTurn(): void };

/** What goes on in a later turn. It must not throw. */
export type TurnWaiter = { onTurn(): void };

let tasks: TurnTask[] = [];
const waiters = new Set<TurnWaiter>();
let isScheduled = false;

/** Runs a task at the end of this turn of the event loop; callers see to it that it is added once. */
export function runAtEndOfTurn(task: TurnTask): void {
  tasks.push(task);
  schedule();
}

/**
 * Continues one that has had its share of this turn. Each turn continues one of those that wait, the one that has
 * waited longest, so that a turn stays short however many wait, and what arrives meanwhile is served between them.
 */
export function waitForTurn(waiter: TurnWaiter): void {
  waiters.add(waiter);
  schedule();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  setImmediate(endTurn);
}

function endTurn(): void {
  isScheduled = false;
  const due = tasks;
  tasks = [];
  for (const task of due) task.endTurn();
  const [next] = waiters;
  if (next === undefined) return;
  waiters.delete(next);
  next.onTurn();
  if (waiters.size > 0) schedule();
}
