import { Fault } from "@plaza/kit/errors/fault";
import { maxStreamsPerCaller } from "../base/limits.ts";

/** Counts the streams that each caller has open. */
export type StreamQuota = {
  /** Throws TOO_MANY_STREAMS, or answers what is to be called once when the stream has ended. */
  acquire(caller: string): () => void;
};

/** A limit on the streams that each caller has open at this gateway: a stream costs as long as it lasts. */
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
