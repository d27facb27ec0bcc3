import { setTimeout as sleep } from "node:timers/promises";
import { catchUp, type FollowerOptions, followSource } from "../events/consumer.ts";
import type { Logger } from "../telemetry/log.ts";
import type { Task } from "./service.ts";

/** What a process does on its own: follow other services' events, and repeat tasks. Lives until `stop`. */
export class Workers {
  readonly #log: Logger;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Follows a source from now on. */
  follow(follower: FollowerOptions): void {
    this.#running.push(followSource(follower, this.#stopping.signal));
  }

  /** Repeats a task from now on. One that fails is logged and tried again at its next time. */
  repeat(task: Task): void {
    this.#running.push(this.#repeat(task));
  }

  /** Handles what has been announced so far, until no follower finds anything more. */
  async settle(followers: readonly FollowerOptions[]): Promise<void> {
    for (let handled = 1; handled > 0; ) {
      const each = await Promise.all(followers.map((follower) => catchUp(follower)));
      handled = each.reduce((sum, n) => sum + n, 0);
    }
  }

  /** Ends everything; what is under way finishes first. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  async #repeat({ name, everyMs, run }: Task): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await run().catch((err) => this.#log.error({ task: name, err }, "task failed"));
      await sleep(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
