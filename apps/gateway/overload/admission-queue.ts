import { shedCalls } from "../base/metrics.ts";
import { createConcurrencyLimit } from "./concurrency-limit.ts";

/** Something that waits for room. One of these is called, once. */
export type QueuedCall = {
  /** There is room: the next who enters before this returns has it. */
  admit(): void;
  reject(): void;
};

/** Lets in as many calls as this process keeps up with. */
export type AdmissionQueue = {
  /** Whether a call has to wait, or take its chance with those that wait. */
  isFull(): boolean;
  /** Whether it has been full for so long that waiting is of little use. */
  isOverloaded(): boolean;
  /**
   * Begins a call, as soon as there is room. Answers what is to be called once when it is over; rejects
   * with the error that the load was made with when there is too much to do.
   */
  acquire(): (() => void) | Promise<() => void>;
  enqueue(call: QueuedCall): void;
};

const tickMs = 10;
/** How much of each tick refusing may take: with twice as much a tenth of what could be served is not. */
const maxRejectMsPerTick = 0.5;

/** How long a call may wait: long enough for a burst, and hardly at all while there is no end of them. */
const burstQueueTimeoutMs = 100;
const overloadQueueTimeoutMs = 5;

/**
 * Calls wait in order until those before them are done. As long as there has been room within the last
 * 100 ms, and nobody was refused, they may wait that long, so that a burst is worked off; otherwise 5 ms, so
 * that those that are let in are served while somebody still wants them (controlled delay, as in Maurer, Fail at Scale, ACM
 * Queue 13/8). Refusing takes time from serving: it has a twentieth of it, and whoever waits for his refusal
 * asks nothing else meanwhile.
 */
export function createAdmissionQueue(
  overloadError: Error,
  limit = createConcurrencyLimit(),
  now: () => number = () => performance.now(),
): AdmissionQueue {
  const waiting = new Map<QueuedCall, number>();
  const refused = new Set<QueuedCall>();
  let hadRoomAt = Number.NEGATIVE_INFINITY;
  let gaveUpAt = Number.NEGATIVE_INFINITY;
  let isAdmitting = false;
  let given: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;

  function begin(): () => void {
    start();
    const end = limit.acquire();
    return () => {
      end();
      admitNext();
    };
  }

  function start(): void {
    if (timer) return;
    hadRoomAt = now();
    limit.start(hadRoomAt);
    timer = setInterval(tick, tickMs).unref();
  }

  function admitNext(): void {
    if (isAdmitting) return;
    isAdmitting = true;
    const at = now();
    for (const [one, since] of waiting) {
      if (limit.isReached()) break;
      if (at - since > patienceMs(at)) giveUp(one, at);
      else give(one);
    }
    isAdmitting = false;
    const isCalm = waiting.size === 0 && at - gaveUpAt > burstQueueTimeoutMs;
    if (isCalm && !limit.isReached()) hadRoomAt = at;
  }

  function giveUp(one: QueuedCall, at: number): void {
    waiting.delete(one);
    refused.add(one);
    gaveUpAt = at;
  }

  function give(one: QueuedCall): void {
    waiting.delete(one);
    given = begin();
    one.admit();
    take()?.();
  }

  function take(): (() => void) | undefined {
    const room = given;
    given = undefined;
    return room;
  }

  function isFull(): boolean {
    return waiting.size > 0 || limit.isReached();
  }

  function wait(one: QueuedCall): void {
    start();
    waiting.set(one, now());
  }

  function patienceMs(at: number): number {
    return at - hadRoomAt > burstQueueTimeoutMs ? overloadQueueTimeoutMs : burstQueueTimeoutMs;
  }

  function tick(): void {
    const at = now();
    limit.tick(at);
    admitNext();
    const patience = patienceMs(at);
    for (const [one, since] of waiting) {
      if (at - since <= patience) break;
      giveUp(one, at);
    }
    refuseSome();
    if (!limit.isIdle() || waiting.size > 0 || refused.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }

  function refuseSome(): void {
    const until = now() + maxRejectMsPerTick;
    for (const one of refused) {
      refused.delete(one);
      shedCalls.inc();
      one.reject();
      if (now() >= until) return;
    }
  }

  return {
    isFull,
    isOverloaded: () => limit.isReached() && now() - hadRoomAt > burstQueueTimeoutMs,
    enqueue: wait,
    acquire() {
      const room = take();
      if (room || !isFull()) return room ?? begin();
      return new Promise((resolve, reject) => {
        wait({ admit: () => resolve(take() ?? begin()), reject: () => reject(overloadError) });
      });
    },
  };
}
