import { callWait, rejectedCalls } from "../telemetry/metrics.ts";
import { createConcurrencyLimit } from "./concurrency-limit.ts";
import { overloadedFault } from "./overloaded-fault.ts";
import { createServiceRate } from "./service-rate.ts";

/** Admits as many calls as this process can serve in time. */
export type AdmissionQueue = {
  /** Whether a new call would be rejected, because it would take too long. */
  isOverloaded(): boolean;
  /**
   * Acquires a slot, now or later, and returns the function that releases it. Rejects at once, as OVERLOADED,
   * where the call would take too long, or longer than the time that it has.
   */
  acquire(timeoutMs?: number): (() => void) | Promise<() => void>;
};

type WaitingCall = { readonly since: number; admit(release: () => void): void };

/**
 * The longest that a call should take. Who waits for a second thinks that nothing happens; and a closed loop of
 * clients that are all served within it is a busy process, not an overloaded one.
 */
const maxCallMs = 1_000;
const tickMs = 50;

/**
 * Creates a FIFO queue before a concurrency limit. A call is rejected on arrival, or not at all: when those
 * before it, waiting and in flight, take longer than a second at the rate at which calls lately ended (Little's
 * law), or longer than the call's own deadline leaves. A busy event loop is no overload; waiting is (Nichols and
 * Jacobson, Controlling Queue Delay, ACM Queue 10/5).
 */
export function createAdmissionQueue(
  limit = createConcurrencyLimit(),
  now: () => number = () => performance.now(),
): AdmissionQueue {
  const waiting = new Set<WaitingCall>();
  const rate = createServiceRate();
  let timer: NodeJS.Timeout | undefined;
  let isAdmitting = false;

  function acquireNow(): () => void {
    startTimer();
    const release = limit.acquire();
    return () => {
      release();
      rate.countCall();
      admitWaiting();
    };
  }

  function startTimer(): void {
    if (timer) return;
    limit.start(now());
    rate.start(now());
    timer = setInterval(tick, tickMs).unref();
  }

  function admitWaiting(): void {
    // An admitted call that ends at once comes back here.
    if (isAdmitting) return;
    isAdmitting = true;
    for (const call of waiting) {
      if (limit.isReached()) break;
      waiting.delete(call);
      callWait.observe((now() - call.since) / 1_000);
      call.admit(acquireNow());
    }
    isAdmitting = false;
    if (waiting.size === 0) rate.pause();
  }

  function tick(): void {
    limit.tick(now());
    admitWaiting();
    rate.tick(now());
    if (!limit.isIdle() || waiting.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  function takesLonger(limitMs: number): boolean {
    const before = waiting.size + limit.inFlight;
    return waiting.size > 0 && (1_000 * before) / rate.callsPerSecond() > limitMs;
  }

  return {
    isOverloaded: () => takesLonger(maxCallMs),
    acquire(timeoutMs = Number.POSITIVE_INFINITY) {
      if (waiting.size === 0 && !limit.isReached()) return acquireNow();
      if (takesLonger(Math.min(maxCallMs, timeoutMs))) {
        rejectedCalls.inc();
        return Promise.reject(overloadedFault);
      }
      return new Promise((admit) => waiting.add({ since: now(), admit }));
    },
  };
}
