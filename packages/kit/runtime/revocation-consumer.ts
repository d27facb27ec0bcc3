import { setTimeout as sleep } from "node:timers/promises";
import { fromBinary } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import {
  AccountClosedSchema,
  RolesChangedSchema,
  SessionsEndedSchema,
} from "@plaza/contract/auth/v1/events";
import type { Cursor, Event, EventService } from "@plaza/contract/kit/v1/events";
import { type Revocations, revocationTtlMs } from "../identity/revocations.ts";
import type { Logger } from "../telemetry/log.ts";

const longPollMs = 5_000;
const callTimeoutMs = longPollMs + 5_000;
const retryDelayMs = 500;
const maxBatchSize = 1_000;
const source = "auth";

/**
 * Keeps the list complete from auth's event log until the signal aborts. It begins with the events of the last
 * minutes, and again after every failure: a cursor might be of a log that was restored meanwhile.
 */
export async function consumeRevocations(
  revocations: Revocations,
  events: Client<typeof EventService>,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const read = async (request: { after?: Cursor; waitMs?: number; lookbackSeconds?: number }) => {
    const options = { signal, timeoutMs: callTimeoutMs };
    const response = await events.readEvents({ source, limit: maxBatchSize, ...request }, options);
    if (!response.next) throw new Error(`${source} returned no cursor`);
    return { events: response.events, next: response.next };
  };
  for (let failures = 0; !signal.aborted; ) {
    try {
      let { next: after } = await read({ lookbackSeconds: Math.ceil(revocationTtlMs / 1_000) });
      for (let waitMs = 0; !signal.aborted; ) {
        const batch = await read({ after, waitMs });
        for (const event of batch.events) apply(revocations, event);
        after = batch.next;
        // A full batch may have more behind it.
        if (batch.events.length === maxBatchSize) continue;
        revocations.markRead();
        failures = 0;
        waitMs = longPollMs;
      }
    } catch (err) {
      if (signal.aborted) return;
      failures += 1;
      revocations.markUnreadable(err);
      if (failures > 1) log.warn({ source, failures, err }, "revoked access tokens cannot be read");
      await sleep(retryDelayMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

function apply(revocations: Revocations, { payload }: Event): void {
  if (!payload) return;
  switch (payload.typeUrl.split("/").at(-1)) {
    case SessionsEndedSchema.typeName:
      for (const id of fromBinary(SessionsEndedSchema, payload.value).sessionIds)
        revocations.end(id);
      return;
    case AccountClosedSchema.typeName:
      revocations.end(fromBinary(AccountClosedSchema, payload.value).accountId);
      return;
    case RolesChangedSchema.typeName: {
      const { accountId, roles } = fromBinary(RolesChangedSchema, payload.value);
      revocations.limitRoles(accountId, roles);
    }
  }
}
