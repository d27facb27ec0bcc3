/** What has been started and must be stopped, last first. */
export class CleanupStack {
  readonly #callbacks: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  defer(step: () => Promise<void>): void {
    this.#callbacks.push(step);
  }

  /** Stops everything, once, however often it is asked. */
  run(): Promise<void> {
    this.#running ??= this.#stop();
    return this.#running;
  }

  async #stop(): Promise<void> {
    for (let step = this.#callbacks.pop(); step; step = this.#callbacks.pop()) await step();
  }
}

/**
 * Runs `stop` on Ctrl-C, on SIGTERM, and when the supervisor above us is gone, then ends the process. A
 * second Ctrl-C ends it at once.
 */
export function onShutdownSignal(stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (): void => {
    if (stopping) process.exit(1);
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`plaza: could not stop cleanly: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("disconnect", onSignal);
}
