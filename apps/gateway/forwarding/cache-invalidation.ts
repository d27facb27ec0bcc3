import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import type { Cursor, EventService } from "@plaza/contract/kit/v1/events";
import { serviceNameOf } from "@plaza/kit/runtime/service";
import type { Logger } from "@plaza/kit/telemetry/log";
import type { ResponseCache } from "./response-cache.ts";

const longPollMs = 20_000;
const retryDelayMs = 1_000;

/**
 * Follows a service's log from where it ends, until the signal aborts, and forgets its answers at each event:
 * also when the log cannot be read, and when it can again.
 */
export async function invalidateOnEvents(
  cache: ResponseCache,
  contract: DescService,
  events: Client<typeof EventService>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const source = serviceNameOf(contract);
  let after: Cursor | undefined;
  while (!signal.aborted) {
    try {
      const asked = after ? { source, after, waitMs: longPollMs } : { source, fromEnd: true };
      const read = await events.readEvents(asked, { signal, timeoutMs: longPollMs + 10_000 });
      // What was announced before it began to follow is not told.
      if (!after || read.events.length > 0) cache.clear();
      after = read.next;
    } catch (err) {
      if (signal.aborted) return;
      log.debug({ source, err }, "cannot follow for the cache");
      after = undefined;
      cache.clear();
      await sleep(retryDelayMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
