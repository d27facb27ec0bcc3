import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import path from "node:path";

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** What a benchmark has started and must stop, last first. */
export class Scope {
  readonly #callbacks: (() => unknown)[] = [];
  #closing: Promise<void> | undefined;

  /**
   * Registers how to stop a process or release a resource. Call it before the start: a signal in between
   * would leave it running. Throws when the scope has ended, so that nothing is started after that.
   */
  defer(stop: () => unknown): void {
    if (this.#closing) throw new Error("the benchmark has been ended");
    this.#callbacks.push(stop);
  }

  /** Makes a folder, removed at the end. */
  makeFolder(parent = tmpdir()): string {
    const folder = mkdtempSync(path.join(parent, "plaza-bench-"));
    chmodSync(folder, 0o711); // PostgreSQL runs as another user when this process is root.
    this.defer(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  /** Stops everything, once. One that cannot be stopped is reported and does not keep the others. */
  close(): Promise<void> {
    this.#closing ??= this.#stop();
    return this.#closing;
  }

  async #stop(): Promise<void> {
    for (let stop = this.#callbacks.pop(); stop; stop = this.#callbacks.pop()) {
      try {
        await stop();
      } catch (error) {
        console.error("cannot clean up:", error);
        process.exitCode = 1;
      }
    }
  }
}

/**
 * Runs `work` and then stops what it has deferred, whether it returns or throws. A signal (SIGINT, SIGTERM,
 * SIGHUP) or an uncaught exception ends the process, after the same.
 */
export async function withScope<T>(work: (scope: Scope) => Promise<T>): Promise<T> {
  const scope = new Scope();
  const endProcess = (code: number) => scope.close().finally(() => process.exit(code));
  const onSignal = (signal: NodeJS.Signals) => void endProcess(128 + constants.signals[signal]);
  const onException = (error: unknown) => {
    console.error(error);
    void endProcess(1);
  };
  for (const signal of endingSignals) process.on(signal, onSignal);
  process.on("uncaughtException", onException);
  try {
    return await work(scope);
  } finally {
    await scope.close();
    for (const signal of endingSignals) process.off(signal, onSignal);
    process.off("uncaughtException", onException);
  }
}
