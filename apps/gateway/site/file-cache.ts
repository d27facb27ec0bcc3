import { LRUCache } from "lru-cache";
import type { StaticFile } from "./static-files.ts";

/** Files made from what the services hold. */
export type FileCache = {
  /** The cached file, the one that is being made, or the one that `make` resolves to; undefined is not cached. */
  getOrMake(
    key: string,
    make: () => Promise<StaticFile | undefined>,
  ): Promise<StaticFile | undefined>;
  /** Drops all files, cached or being made. */
  clear(): void;
};

export type FileCacheOptions = {
  readonly maxAgeMs: number;
  readonly maxBytes: number;
  /** A monotonic clock in milliseconds. */
  readonly now?: (() => number) | undefined;
};

/** Creates a single-flight LRU cache. After `clear`, what was begun before is neither cached nor shared. */
export function createFileCache(options: FileCacheOptions): FileCache {
  const cached = new LRUCache<string, StaticFile>({
    maxSize: options.maxBytes,
    // With its compressed forms, each of which is smaller.
    sizeCalculation: ({ body }) => 2 * body.length,
    ttl: options.maxAgeMs,
    perf: { now: options.now ?? (() => performance.now()) },
  });
  const inFlight = new Map<string, Promise<StaticFile | undefined>>();
  let generation = 0;

  async function makeAndStore(key: string, make: () => Promise<StaticFile | undefined>) {
    const startedIn = generation;
    try {
      const file = await make();
      if (file && generation === startedIn) cached.set(key, file);
      return file;
    } finally {
      if (generation === startedIn) inFlight.delete(key);
    }
  }

  return {
    async getOrMake(key, make) {
      const found = cached.get(key) ?? inFlight.get(key);
      if (found) return found;
      const making = makeAndStore(key, make);
      inFlight.set(key, making);
      return making;
    },
    clear() {
      generation++;
      inFlight.clear();
      cached.clear();
    },
  };
}
