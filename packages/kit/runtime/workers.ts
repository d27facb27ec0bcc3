import { setTimeout as sleep } from "node:timers/promises";
import { type ConsumerOptions, consume, drain } from "../events/consumer.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Task } from "./service.ts";

/** Background work of a process: event consumers and periodic jobs, until `stop`. */
export class Workers {
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #loops: Promise<void>[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Starts an event consumer. */
  consume(consumer: ConsumerOptions): void {
    this.#loops.push(consume(consumer, this.#stopping.signal));
  }

  /** Starts a periodic job. A failure is logged; the job runs again after the interval. */
  repeat(task: Task): void {
    this.#loops.push(this.#repeat(task));
  }

  /** Runs all consumers until none finds an event. */
  async drain(consumers: readonly ConsumerOptions[]): Promise<void> {
    for (let handled = 1; handled > 0; ) {
      const counts = await Promise.all(consumers.map((consumer) => drain(consumer)));
      handled = counts.reduce((sum, n) => sum + n, 0);
    }
  }

  /** Stops everything, after running work has finished. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#loops);
  }

  async #repeat({ name, intervalMs, run }: Task): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await run().catch((err) => this.#log.error({ task: name, err }, "task failed"));
      await sleep(intervalMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
