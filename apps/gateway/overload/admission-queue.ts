import { shedCalls } from "../base/metrics.ts";
import { createConcurrencyLimit } from "./concurrency-limit.ts";

/** A queued call. Exactly one of its callbacks runs, once. */
export type QueuedCall = {
  /** A slot is free: the next `acquire` before this returns takes it. */
  admit(): void;
  reject(): void;
};

/** Admits as many calls as this process can serve in time. */
export type AdmissionQueue = {
  /** Whether a new call must queue. */
  isFull(): boolean;
  /** Whether all slots have been taken for longer than a burst lasts. */
  isOverloaded(): boolean;
  /**
   * Acquires a slot, now or later, and returns the function that releases it. Rejects with the queue's
   * overload error.
   */
  acquire(): (() => void) | Promise<() => void>;
  enqueue(call: QueuedCall): void;
};

const tickMs = 10;
/** Time per tick for rejecting calls (5 %): twice as much costs a tenth of the calls that could be served. */
const maxRejectMsPerTick = 0.5;

/** How long a call may queue: through a burst, and while the overload lasts. */
const burstQueueTimeoutMs = 100;
const overloadQueueTimeoutMs = 5;

/**
 * Creates a FIFO queue with controlled delay (Maurer, Fail at Scale, ACM Queue 13/8). Calls queue for up to
 * 100 ms if a slot was free, and no call was rejected, within the last 100 ms; otherwise for 5 ms, so that
 * admitted calls are served while their callers still want the response. Rejecting takes at most 1/20 of the
 * time; a caller that awaits its rejection sends nothing else meanwhile.
 */
export function createAdmissionQueue(
  overloadError: Error,
  limit = createConcurrencyLimit(),
  now: () => number = () => performance.now(),
): AdmissionQueue {
  const queued = new Map<QueuedCall, number>();
  const toReject = new Set<QueuedCall>();
  let lastFreeAt = Number.NEGATIVE_INFINITY;
  let lastRejectedAt = Number.NEGATIVE_INFINITY;
  let isAdmitting = false;
  let reservedRelease: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  function acquireNow(): () => void {
    startTimer();
    const release = limit.acquire();
    return () => {
      release();
      admitNext();
    };
  }

  function startTimer(): void {
    if (timer) return;
    lastFreeAt = now();
    limit.start(lastFreeAt);
    timer = setInterval(tick, tickMs).unref();
  }

  function admitNext(): void {
    if (isAdmitting) return;
    isAdmitting = true;
    const at = now();
    for (const [call, since] of queued) {
      if (limit.isReached()) break;
      if (at - since > queueTimeoutMs(at)) moveToRejected(call, at);
      else admitOne(call);
    }
    isAdmitting = false;
    const isCalm = queued.size === 0 && at - lastRejectedAt > burstQueueTimeoutMs;
    if (isCalm && !limit.isReached()) lastFreeAt = at;
  }

  function moveToRejected(call: QueuedCall, at: number): void {
    queued.delete(call);
    toReject.add(call);
    lastRejectedAt = at;
  }

  function admitOne(call: QueuedCall): void {
    queued.delete(call);
    reservedRelease = acquireNow();
    call.admit();
    takeReservedSlot()?.();
  }

  function takeReservedSlot(): (() => void) | undefined {
    const release = reservedRelease;
    reservedRelease = undefined;
    return release;
  }

  function isFull(): boolean {
    return queued.size > 0 || limit.isReached();
  }

  function enqueue(call: QueuedCall): void {
    startTimer();
    queued.set(call, now());
  }

  function queueTimeoutMs(at: number): number {
    return at - lastFreeAt > burstQueueTimeoutMs ? overloadQueueTimeoutMs : burstQueueTimeoutMs;
  }

  function tick(): void {
    const at = now();
    limit.tick(at);
    admitNext();
    const timeoutMs = queueTimeoutMs(at);
    for (const [call, since] of queued) {
      if (at - since <= timeoutMs) break;
      moveToRejected(call, at);
    }
    rejectSome();
    if (!limit.isIdle() || queued.size > 0 || toReject.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  function rejectSome(): void {
    const until = now() + maxRejectMsPerTick;
    for (const call of toReject) {
      toReject.delete(call);
      shedCalls.inc();
      call.reject();
      if (now() >= until) return;
    }
  }

  return {
    isFull,
    isOverloaded: () => limit.isReached() && now() - lastFreeAt > burstQueueTimeoutMs,
    enqueue,
    acquire() {
      const release = takeReservedSlot();
      if (release || !isFull()) return release ?? acquireNow();
      return new Promise((resolve, reject) => {
        enqueue({
          admit: () => resolve(takeReservedSlot() ?? acquireNow()),
          reject: () => reject(overloadError),
        });
      });
    },
  };
}
