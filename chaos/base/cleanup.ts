import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

/** How long interrupted work may take to end after its resources are gone. */
const interruptedWorkMs = 10_000;

/** npm and timeout(1) send a signal on that the whole process group has received: sooner, it is the same one. */
const signalRepeatMs = 1_000;

/**
 * Runs `work`, then disposes of everything that it put on the stack, last first: when it ends, when it fails,
 * and when SIGINT or SIGTERM arrives, which afterwards ends the process. A second signal, a second later, ends it at once.
 */
export async function withCleanup<T>(
  work: (cleanup: AsyncDisposableStack) => Promise<T>,
): Promise<T> {
  const cleanup = new AsyncDisposableStack();
  let disposal: Promise<void> | undefined;
  let interruption: Promise<void> | undefined;
  let interruptedAt = 0;
  const dispose = (): Promise<void> => {
    disposal ??= cleanup.disposeAsync();
    return disposal;
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    const exitCode = 128 + constants.signals[signal];
    if (interruption) {
      if (performance.now() - interruptedAt > signalRepeatMs) process.exit(exitCode);
      return;
    }
    interruptedAt = performance.now();
    interruption = dispose()
      .catch((error: unknown) => console.error(error))
      // Nested stacks that were just being disposed of are disposed of when the work has ended.
      .then(() => Promise.race([Promise.allSettled([working]), sleep(interruptedWorkMs)]))
      .then(() => process.exit(exitCode));
  };
  cleanup.defer(() => {
    process.off("SIGINT", onSignal);
    process.off("SIGTERM", onSignal);
  });
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  const working = work(cleanup);
  try {
    await using _disposal = { [Symbol.asyncDispose]: dispose };
    try {
      return await working;
    } finally {
      // Never settles: the process ends first, and no caller must see the failure and exit before that.
      if (interruption) await new Promise(() => {});
    }
  } catch (error) {
    throw firstError(error);
  }
}

/** The error that came before those of the cleanup, which are only printed: they mostly follow from it. */
function firstError(error: unknown): unknown {
  if (!(error instanceof SuppressedError)) return error;
  console.error("cleanup failed:", error.error);
  return firstError(error.suppressed);
}

/**
 * Starts a resource, whose end is on the stack before that: cleanup that begins meanwhile waits for it. Rejects
 * without starting it when the cleanup is over.
 */
export async function acquire<T>(
  cleanup: AsyncDisposableStack,
  start: () => Promise<T>,
  end: (resource: T) => Promise<unknown>,
): Promise<T> {
  let starting: Promise<T> | undefined;
  cleanup.defer(async () => {
    await starting?.then(end, () => {});
  });
  starting = start();
  return starting;
}
