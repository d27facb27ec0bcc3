import { type DescMethodUnary, type DescService, type Message, toBinary } from "@bufbuild/protobuf";
import { methodName } from "@plaza/kit/rpc/method-name";
import { LRUCache } from "lru-cache";
import { cachePolicyOf } from "../methods/cache-policy.ts";

/** Responses that are shared between callers. */
export type ResponseCache = {
  /** Returns the cached response, the one in flight, or the one that `fetchMessage` resolves to. */
  getOrFetch(
    method: DescMethodUnary,
    request: Message,
    maxAgeMs: number,
    fetchMessage: () => Promise<Message>,
  ): Message | Promise<Message>;
  /** Drops all responses, cached or in flight. */
  clear(): void;
};

/** One cache for each service with cacheable methods, by the full name of its contract. */
export type ResponseCaches = ReadonlyMap<string, ResponseCache>;

/** Counts encoded sizes; in memory messages take about five times as much. */
const maxEncodedBytes = 8 * 1024 * 1024;

/**
 * Creates a single-flight LRU cache by method and request bytes. After `clear`, calls begun before it are
 * neither cached nor shared, so that clients read their own writes. `now` is a monotonic clock in milliseconds.
 */
export function createResponseCache(now = () => performance.now()): ResponseCache {
  const cached = new LRUCache<string, Message>({ maxSize: maxEncodedBytes, ttl: 1, perf: { now } });
  const inFlight = new Map<string, Promise<Message>>();
  let generation = 0;

  async function fetchAndStore(
    { output }: DescMethodUnary,
    key: string,
    maxAgeMs: number,
    fetchMessage: () => Promise<Message>,
  ): Promise<Message> {
    const startedIn = generation;
    try {
      const response = await fetchMessage();
      const size = toBinary(output, response).length + key.length;
      if (generation === startedIn) cached.set(key, response, { ttl: maxAgeMs, size });
      return response;
    } finally {
      if (generation === startedIn) inFlight.delete(key);
    }
  }

  return {
    getOrFetch(method, request, maxAgeMs, fetchMessage) {
      const bytes = Buffer.from(toBinary(method.input, request)).toString("latin1");
      const key = `${methodName(method)} ${bytes}`;
      const found = cached.get(key) ?? inFlight.get(key);
      if (found) return found;
      const fetching = fetchAndStore(method, key, maxAgeMs, fetchMessage);
      inFlight.set(key, fetching);
      return fetching;
    },
    clear() {
      generation++;
      inFlight.clear();
      if (cached.size > 0) cached.clear();
    },
  };
}

/** Creates the caches of all services with cacheable methods. */
export function createResponseCaches(
  contracts: readonly DescService[],
  now?: () => number,
): ResponseCaches {
  const withCache = contracts.filter(({ methods }) => methods.some(cachePolicyOf));
  return new Map(withCache.map(({ typeName }) => [typeName, createResponseCache(now)]));
}
