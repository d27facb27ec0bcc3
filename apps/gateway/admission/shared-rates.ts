import { createRedisClient } from "@plaza/kit/pubsub/redis-client";
import type { Logger } from "@plaza/kit/telemetry/log";
import type { Quota } from "../methods/quotas.ts";

/** Rates that several gateways count together. */
export type SharedRates = {
  /**
   * Counts a request against the quota of a key. Resolves to 0, or to the milliseconds after which it would be
   * within the quota. Where Redis does not answer, it resolves to 0: each gateway then has its own limits.
   */
  consume(key: string, quota: Quota, cost: number): Promise<number>;
  close(): Promise<void>;
};

/** How long a request waits for Redis at most. */
const replyTimeoutMs = 100;
const keyPrefix = "plaza:rate:";

/**
 * The generic cell rate algorithm on the clock of Redis, in milliseconds. Its key expires once it says no more
 * than a missing one. Numbers are written with a precision of a microsecond, and not in exponents.
 */
const script = `
local time = redis.call("TIME")
local now = time[1] * 1000 + time[2] / 1000
local period = tonumber(ARGV[2])
local last = tonumber(redis.call("GET", KEYS[1]) or 0)
local next = math.max(last, now) + ARGV[3] * period / ARGV[1]
local early = next - now - period
if early > 1 then return math.ceil(early) end
redis.call("SET", KEYS[1], string.format("%.3f", next), "PX", math.ceil(next - now) + 1)
return 0`;

/** Counts in Redis: one round trip for each request; the client sends those of one turn together. */
export function createSharedRates(
  url: string,
  log: Logger,
  timeoutMs = replyTimeoutMs,
): SharedRates {
  const created = createRedisClient(url, log);
  created.then((client) => client.connect()).catch(() => undefined);

  async function evaluate(key: string, values: readonly number[]): Promise<number> {
    const client = await created;
    const keys = [keyPrefix + key];
    return Number(await client.eval(script, { keys, arguments: values.map(String) }));
  }

  return {
    close: async () => (await created).destroy(),
    async consume(key, { count, periodMs }, cost) {
      const timeout = Promise.withResolvers<number>();
      const timer = setTimeout(timeout.resolve, timeoutMs, 0);
      try {
        return await Promise.race([evaluate(key, [count, periodMs, cost]), timeout.promise]);
      } catch {
        return 0;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
