import { setTimeout as sleep } from "node:timers/promises";
import { type ConsumerOptions, consume, drain } from "../events/consumer.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Task } from "./service.ts";

/** What a process does on its own: follow other services' events, and repeat tasks. Lives until `stop`. */
export class Workers {
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #loops: Promise<void>[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Follows a source from now on. */
  consume(follower: ConsumerOptions): void {
    this.#loops.push(consume(follower, this.#stopping.signal));
  }

  /** Repeats a task from now on. One that fails is logged and tried again at its next time. */
  repeat(task: Task): void {
    this.#loops.push(this.#repeat(task));
  }

  /** Handles what has been announced so far, until no follower finds anything more. */
  async drain(followers: readonly ConsumerOptions[]): Promise<void> {
    for (let handled = 1; handled > 0; ) {
      const each = await Promise.all(followers.map((follower) => drain(follower)));
      handled = each.reduce((sum, n) => sum + n, 0);
    }
  }

  /** Ends everything; what is under way finishes first. */
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
