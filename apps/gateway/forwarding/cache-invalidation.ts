import { setTimeout as sleep } from "node:timers/promises";
import type { DescService } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import type { Cursor, EventService } from "@plaza/contract/kit/v1/events";
import { serviceNameOf } from "@plaza/kit/runtime/service";
import type { Logger } from "@plaza/kit/telemetry/log";

const longPollMs = 20_000;
const retryDelayMs = 1_000;

/**
 * Tails a service's event log until the signal aborts, and calls `clear` at each event, and on every failure and
 * reconnect.
 */
export async function invalidateOnEvents(
  clear: () => void,
  contract: DescService,
  events: Client<typeof EventService>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const source = serviceNameOf(contract);
  let after: Cursor | undefined;
  while (!signal.aborted) {
    try {
      const request = after ? { source, after, waitMs: longPollMs } : { source, fromEnd: true };
      const read = await events.readEvents(request, { signal, timeoutMs: longPollMs + 10_000 });
      // Events published before the tail began are not in it.
      if (!after || read.events.length > 0) clear();
      after = read.next;
    } catch (err) {
      if (signal.aborted) return;
      log.debug({ source, err }, "cannot read the event log; caches cleared");
      after = undefined;
      clear();
      await sleep(retryDelayMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}
