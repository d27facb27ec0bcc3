import { Fault } from "@plaza/kit/errors/fault";
import { clientNetwork } from "@plaza/kit/identity/client-network";
import { LRUCache } from "lru-cache";
import type { MethodQuotas, Quota } from "../methods/quotas.ts";

/** Counts requests. Each function throws TOO_MANY_REQUESTS when there have been too many. */
export type RateLimiter = {
  /** A request of an address, whatever it asks for. */
  limitAddress(address: string): void;
  /** A call from an address, before it is known who makes it. */
  limitMethodByNetwork(address: string, method: string, quotas: MethodQuotas): void;
  /** A call of an account, or of nobody known at an address. */
  limitMethodByCaller(
    account: string | undefined,
    address: string,
    method: string,
    quotas: MethodQuotas,
  ): void;
};

const burstMs = 10_000;

/** Whom is not heard of for longest is forgotten first. An entry takes some 200 bytes. */
const maxTrackedKeys = 100_000;

/**
 * Limits by the generic cell rate algorithm (ITU-T I.371): for each key the time at which all that it has
 * used is earned again, which is one number, and a quota that refills steadily. Counted in this process, so
 * that with several gateways each limit is one for each. An address may make so many requests a second on
 * average, ten seconds' worth at once; 0 turns all limits off.
 */
export function createRateLimiter(
  requestsPerSecond: number,
  now = () => performance.now(),
): RateLimiter {
  const earnedAt = new LRUCache<string, number>({ max: maxTrackedKeys });
  const ofAll = { count: (requestsPerSecond * burstMs) / 1_000, periodMs: burstMs };

  function take(key: string, { count, periodMs }: Quota): void {
    const at = now();
    const next = Math.max(earnedAt.get(key) ?? 0, at) + periodMs / count;
    const tooEarlyMs = next - at - periodMs;
    // Sums of fractions are not exact; a millisecond is not what a limit is about.
    if (tooEarlyMs <= 1) earnedAt.set(key, next);
    else {
      throw new Fault("exhausted", "TOO_MANY_REQUESTS", "too many requests; wait a little", {
        retryAfterMs: Math.ceil(tooEarlyMs),
      });
    }
  }

  if (requestsPerSecond === 0)
    return { limitAddress() {}, limitMethodByNetwork() {}, limitMethodByCaller() {} };
  return {
    limitAddress: (address) => take(clientNetwork(address), ofAll),
    limitMethodByNetwork(address, method, { network }) {
      if (network) take(`${clientNetwork(address)} ${method}`, network);
    },
    limitMethodByCaller(account, address, method, { caller }) {
      take(`${account ?? `at ${clientNetwork(address)}`} ${method}`, caller);
    },
  };
}
