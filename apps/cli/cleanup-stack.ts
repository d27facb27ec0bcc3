/** Cleanup callbacks; they run once, in reverse order. */
export class CleanupStack {
  readonly #callbacks: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  defer(callback: () => Promise<void>): void {
    this.#callbacks.push(callback);
  }

  /** Runs all callbacks; later calls return the same promise. */
  run(): Promise<void> {
    this.#running ??= this.#runAll();
    return this.#running;
  }

  async #runAll(): Promise<void> {
    for (let next = this.#callbacks.pop(); next; next = this.#callbacks.pop()) await next();
  }
}

/**
 * Runs `stop` on SIGINT, SIGTERM and loss of the supervisor, then exits the process. A second signal exits at
 * once.
 */
export function onShutdownSignal(stop: () => Promise<void>): void {
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`plaza: The shutdown was incomplete: ${String(error)}\n`);
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  process.on("disconnect", onSignal);
}
