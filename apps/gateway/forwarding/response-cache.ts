import { type DescMethodUnary, type DescService, type Message, toBinary } from "@bufbuild/protobuf";
import { methodName } from "@plaza/kit/rpc/method-name";
import { LRUCache } from "lru-cache";
import { cachePolicyOf } from "../methods/cache-policy.ts";

/** Answers that may be given to more than one caller. */
export type ResponseCache = {
  /** The answer to a request: one from before, one that is under way, or the one that `ask` gets. */
  getOrFetch(
    method: DescMethodUnary,
    request: Message,
    maxAgeMs: number,
    ask: () => Promise<Message>,
  ): Message | Promise<Message>;
  /** Gives no answer again that was asked for until now. */
  clear(): void;
};

/** One cache for each service with cacheable methods, by the full name of its contract. */
export type ResponseCaches = ReadonlyMap<string, ResponseCache>;

/** Of answers as they are encoded; in memory they take some five times as much. */
const maxEncodedBytes = 8 * 1024 * 1024;

/**
 * Keeps answers by method and request, and has equal requests at the same time share one call. What was
 * begun before `forget` is neither kept nor shared with who comes after it, so that no one is told
 * what was true before his own change.
 */
export function createResponseCache(): ResponseCache {
  const kept = new LRUCache<string, Message>({ maxSize: maxEncodedBytes, ttl: 1 });
  const underWay = new Map<string, Promise<Message>>();
  let era = 0;

  async function asked(
    { output }: DescMethodUnary,
    key: string,
    maxAgeMs: number,
    ask: () => Promise<Message>,
  ): Promise<Message> {
    const begun = era;
    try {
      const answer = await ask();
      const size = toBinary(output, answer).length + key.length;
      if (era === begun) kept.set(key, answer, { ttl: maxAgeMs, size });
      return answer;
    } finally {
      if (era === begun) underWay.delete(key);
    }
  }

  return {
    getOrFetch(method, request, maxAgeMs, fetchMessage) {
      const bytes = Buffer.from(toBinary(method.input, request)).toString("latin1");
      const key = `${methodName(method)} ${bytes}`;
      const found = kept.get(key) ?? underWay.get(key);
      if (found) return found;
      const answer = asked(method, key, maxAgeMs, fetchMessage);
      underWay.set(key, answer);
      return answer;
    },
    clear() {
      era++;
      underWay.clear();
      if (kept.size > 0) kept.clear();
    },
  };
}

/** Creates the caches of all services with cacheable methods. */
export function createResponseCaches(contracts: readonly DescService[]): ResponseCaches {
  const cached = contracts.filter(({ methods }) => methods.some(cachePolicyOf));
  return new Map(cached.map(({ typeName }) => [typeName, createResponseCache()]));
}
