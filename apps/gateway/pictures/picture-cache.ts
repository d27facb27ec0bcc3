import { Fault } from "@plaza/kit/errors/fault";
import type { Logger } from "@plaza/kit/telemetry/log";
import { LRUCache } from "lru-cache";
import pLimit from "p-limit";
import { etagOf } from "../http/etag.ts";
import type { PictureFetcher } from "./picture-fetcher.ts";
import { type PictureSize, resizePicture } from "./resize-picture.ts";

/** A picture that Plaza has loaded and resized, as WebP. */
export type Picture = { readonly body: Buffer; readonly etag: string };

/** Loads a picture, or takes it from the cache. Throws PICTURE_UNAVAILABLE, or OVERLOADED. */
export type PictureCache = (url: URL, size: PictureSize) => Promise<Picture>;

/** What `createPictureCache` takes. */
export type PictureCacheOptions = {
  readonly fetchPicture: PictureFetcher;
  /** The size of the cache, in bytes. */
  readonly maxBytes: number;
  readonly log: Logger;
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
};

const pictureTtlMs = 24 * 60 * 60_000;
/** A host that fails is asked again after this time. */
const failureTtlMs = 60_000;
const failureBytes = 1_024;

const maxConcurrentLoads = 8;
/** Half of the threads of Node's pool, which hashes passwords too. */
const maxConcurrentDecodes = 2;
const maxQueuedLoads = 64;

/** Creates a single-flight LRU cache in memory. Failures are cached too, so that a host is not called in vain. */
export function createPictureCache(options: PictureCacheOptions): PictureCache {
  const { fetchPicture, maxBytes, log, now = () => performance.now() } = options;
  const cached = new LRUCache<string, Picture | Fault>({
    maxSize: maxBytes,
    ttl: pictureTtlMs,
    ttlResolution: 0,
    perf: { now },
  });
  const inFlight = new Map<string, Promise<Picture | Fault>>();
  const limitLoads = pLimit(maxConcurrentLoads);
  const limitDecodes = pLimit(maxConcurrentDecodes);

  async function load(key: string, url: URL, size: PictureSize): Promise<Picture | Fault> {
    try {
      const body = await limitLoads(async () => {
        const bytes = await fetchPicture(url);
        return limitDecodes(() => resizePicture(bytes, size));
      });
      const picture = { body, etag: etagOf(body) };
      cached.set(key, picture, { size: body.length + key.length });
      return picture;
    } catch (error) {
      log.debug({ err: error, host: url.host }, "cannot load a picture");
      const fault = unavailable();
      cached.set(key, fault, { size: failureBytes + key.length, ttl: failureTtlMs });
      return fault;
    } finally {
      inFlight.delete(key);
    }
  }

  return async (url, size) => {
    const key = `${size} ${url.href}`;
    let found = cached.get(key) ?? inFlight.get(key);
    if (!found) {
      if (limitLoads.pendingCount >= maxQueuedLoads) overloaded();
      found = load(key, url, size);
      inFlight.set(key, found);
    }
    const result = await found;
    if (result instanceof Fault) throw result;
    return result;
  };
}

/** One reason for everything that may go wrong, so that nobody can explore the network of the server with it. */
function unavailable(): Fault {
  return new Fault(
    "not_found",
    "PICTURE_UNAVAILABLE",
    "the picture cannot be loaded from its host",
  );
}

function overloaded(): never {
  throw new Fault(
    "unavailable",
    "OVERLOADED",
    "too many pictures are being loaded; try again shortly",
    {
      retryAfterMs: 1_000,
    },
  );
}
