import { Fault } from "@plaza/kit/errors/fault";
import { maxStreamsPerCaller } from "../base/limits.ts";

/** Counts the open streams of each caller. */
export type StreamQuota = {
  /** Returns the function to call once when the stream ends, or throws TOO_MANY_STREAMS. */
  acquire(caller: string): () => void;
};

/** Limits the streams that a caller has open at this gateway, because a rate does not bound what lasts. */
export function createStreamQuota(): StreamQuota {
  const counts = new Map<string, number>();
  return {
    acquire(caller) {
      const count = counts.get(caller) ?? 0;
      if (count >= maxStreamsPerCaller) {
        throw new Fault(
          "exhausted",
          "TOO_MANY_STREAMS",
          `no more than ${maxStreamsPerCaller} at a time`,
        );
      }
      counts.set(caller, count + 1);
      return () => {
        const left = (counts.get(caller) ?? 1) - 1;
        if (left > 0) counts.set(caller, left);
        else counts.delete(caller);
      };
    },
  };
}
