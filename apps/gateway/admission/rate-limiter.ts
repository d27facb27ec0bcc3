import { Fault } from "@plaza/kit/errors/fault";
import { clientNetwork } from "@plaza/kit/identity/client-network";
import { LRUCache } from "lru-cache";
import type { MethodQuotas, Quota } from "../methods/quotas.ts";
import type { SharedRates } from "./shared-rates.ts";

/**
 * Limits rates. Each function counts a request, or throws TOO_MANY_REQUESTS; where gateways share their counts,
 * it returns a promise that may reject with that.
 */
export type RateLimiter = {
  /** The total rate of the network of an address, of which a request takes `cost`. */
  limitAddress(address: string, cost?: number): Promise<void> | undefined;
  /** The rate of a method per network, before authentication. */
  limitMethodByNetwork(
    address: string,
    method: string,
    quotas: MethodQuotas,
  ): Promise<void> | undefined;
  /** The rate of a method per account, or per network for anonymous callers. */
  limitMethodByCaller(
    account: string | undefined,
    address: string,
    method: string,
    quotas: MethodQuotas,
  ): Promise<void> | undefined;
};

/** What `createRateLimiter` takes. */
export type RateLimiterOptions = {
  /** What a network may take on average, ten seconds' worth at once; 0 turns all limits off. */
  readonly requestsPerSecond: number;
  /** Counts for all gateways; without it each has limits of its own. */
  readonly shared?: SharedRates | undefined;
  /** A monotonic clock in milliseconds. */
  readonly now?: (() => number) | undefined;
};

const burstMs = 10_000;

/** Least recently used keys are evicted. An entry takes about 200 bytes. */
const maxTrackedKeys = 100_000;

/**
 * Limits by the generic cell rate algorithm (ITU-T I.371), which keeps one number for each key: its
 * theoretical arrival time. What this process refuses by its own count is not asked of the shared one.
 */
export function createRateLimiter({
  requestsPerSecond,
  shared,
  now = () => performance.now(),
}: RateLimiterOptions): RateLimiter {
  const theoreticalArrivalAt = new LRUCache<string, number>({ max: maxTrackedKeys });
  const totalQuota = { count: (requestsPerSecond * burstMs) / 1_000, periodMs: burstMs };

  function consume(key: string, quota: Quota, cost = 1): Promise<void> | undefined {
    const at = now();
    const next =
      Math.max(theoreticalArrivalAt.get(key) ?? 0, at) + (cost * quota.periodMs) / quota.count;
    const tooEarlyMs = next - at - quota.periodMs;
    // Sums of fractions are not exact, and a limit need not be exact to the millisecond.
    if (tooEarlyMs > 1) throw tooManyRequests(tooEarlyMs);
    theoreticalArrivalAt.set(key, next);
    return shared && consumeShared(shared, key, quota, cost);
  }

  if (requestsPerSecond === 0) {
    const unlimited = () => undefined;
    return {
      limitAddress: unlimited,
      limitMethodByNetwork: unlimited,
      limitMethodByCaller: unlimited,
    };
  }
  return {
    limitAddress: (address, cost) => consume(clientNetwork(address), totalQuota, cost),
    limitMethodByNetwork: (address, method, { network }) =>
      network && consume(`${clientNetwork(address)} ${method}`, network),
    limitMethodByCaller: (account, address, method, { caller }) =>
      consume(`${account ?? `at ${clientNetwork(address)}`} ${method}`, caller),
  };
}

async function consumeShared(
  shared: SharedRates,
  key: string,
  quota: Quota,
  cost: number,
): Promise<void> {
  const tooEarlyMs = await shared.consume(key, quota, cost);
  if (tooEarlyMs > 0) throw tooManyRequests(tooEarlyMs);
}

function tooManyRequests(retryAfterMs: number): Fault {
  return new Fault("exhausted", "TOO_MANY_REQUESTS", "too many requests; try again later", {
    retryAfterMs: Math.ceil(retryAfterMs),
  });
}
