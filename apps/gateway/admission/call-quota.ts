import { Fault } from "@plaza/kit/errors/fault";

/** Counts the open calls of each caller, because a rate does not bound what lasts. */
export type CallQuota = {
  /** Returns the function to call once when the call ends, or throws the quota's reason. */
  acquire(caller: string): () => void;
};

/** Limits the calls that a caller has open at this gateway; 0 sets no limit. */
export function createCallQuota(maxPerCaller: number, reason: string): CallQuota {
  const counts = new Map<string, number>();
  if (maxPerCaller === 0) return { acquire: () => () => undefined };
  return {
    acquire(caller) {
      const count = counts.get(caller) ?? 0;
      if (count >= maxPerCaller) {
        throw new Fault(
          "exhausted",
          reason,
          `too many open calls; at most ${maxPerCaller} are allowed at a time`,
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
