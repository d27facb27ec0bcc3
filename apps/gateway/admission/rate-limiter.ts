import { Fault } from "@plaza/kit/errors/fault";
import { clientNetwork } from "@plaza/kit/identity/client-network";
import { LRUCache } from "lru-cache";
import type { MethodQuotas, Quota } from "../methods/quotas.ts";

/** Limits rates. Each function counts a request, or throws TOO_MANY_REQUESTS. */
export type RateLimiter = {
  /** The total rate of the network of an address. */
  limitAddress(address: string): void;
  /** The rate of a method per network, before authentication. */
  limitMethodByNetwork(address: string, method: string, quotas: MethodQuotas): void;
  /** The rate of a method per account, or per network for anonymous callers. */
  limitMethodByCaller(
    account: string | undefined,
    address: string,
    method: string,
    quotas: MethodQuotas,
  ): void;
};

const burstMs = 10_000;

/** Least recently used keys are evicted. An entry takes about 200 bytes. */
const maxTrackedKeys = 100_000;

/**
 * Limits by the generic cell rate algorithm (ITU-T I.371), which keeps one number for each key: its
 * theoretical arrival time. Counts in this process, so that each of several gateways has limits of its own. A
 * network may make `requestsPerSecond` on average, ten seconds' worth at once; 0 turns all limits off.
 */
export function createRateLimiter(
  requestsPerSecond: number,
  now = () => performance.now(),
): RateLimiter {
  const theoreticalArrivalAt = new LRUCache<string, number>({ max: maxTrackedKeys });
  const totalQuota = { count: (requestsPerSecond * burstMs) / 1_000, periodMs: burstMs };

  function consume(key: string, { count, periodMs }: Quota): void {
    const at = now();
    const next = Math.max(theoreticalArrivalAt.get(key) ?? 0, at) + periodMs / count;
    const tooEarlyMs = next - at - periodMs;
    // Sums of fractions are not exact, and a limit need not be exact to the millisecond.
    if (tooEarlyMs <= 1) theoreticalArrivalAt.set(key, next);
    else {
      throw new Fault("exhausted", "TOO_MANY_REQUESTS", "too many requests; wait a little", {
        retryAfterMs: Math.ceil(tooEarlyMs),
      });
    }
  }

  if (requestsPerSecond === 0)
    return { limitAddress() {}, limitMethodByNetwork() {}, limitMethodByCaller() {} };
  return {
    limitAddress: (address) => consume(clientNetwork(address), totalQuota),
    limitMethodByNetwork(address, method, { network }) {
      if (network) consume(`${clientNetwork(address)} ${method}`, network);
    },
    limitMethodByCaller(account, address, method, { caller }) {
      consume(`${account ?? `at ${clientNetwork(address)}`} ${method}`, caller);
    },
  };
}
