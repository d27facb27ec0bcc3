import { Fault } from "@plaza/kit/fault";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { networkOf } from "./address.ts";

const windowSeconds = 10;

/** Counts a request of an address. Throws TOO_MANY_REQUESTS when it has made too many. */
export type RateLimit = (address: string) => Promise<void> | undefined;

/**
 * A limit on requests per network address: ten seconds' worth may come at once. Counted in this
 * process, so that with several gateways the limit is one for each. 0 means no limit.
 */
export function createRateLimit(perSecond: number): RateLimit {
  if (perSecond === 0) return () => undefined;
  const limiter = new RateLimiterMemory({
    points: perSecond * windowSeconds,
    duration: windowSeconds,
  });
  return async (address) => {
    try {
      await limiter.consume(networkOf(address));
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      throw new Fault("exhausted", "TOO_MANY_REQUESTS", "too many requests; wait a little", {
        retryAfterMs: refusal.msBeforeNext,
      });
    }
  };
}
