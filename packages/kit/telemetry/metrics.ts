import { Counter, collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** The Prometheus registry of this process. */
export const metricsRegistry = new Registry();

collectDefaultMetrics({ register: metricsRegistry });

const callCounter = new Counter({
  name: "plaza_calls_total",
  help: "Calls served, by method and status code.",
  labelNames: ["method", "code"],
  registers: [metricsRegistry],
});

const callDuration = new Histogram({
  name: "plaza_call_seconds",
  help: "Duration of calls in seconds, by method.",
  labelNames: ["method"],
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  registers: [metricsRegistry],
});

/** How long calls waited for a slot of the concurrency limit, in seconds; those that got one at once are left out. */
export const callWait = new Histogram({
  name: "plaza_call_wait_seconds",
  help: "How long queued calls waited, in seconds.",
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  registers: [metricsRegistry],
});

/** Calls rejected because the process was overloaded, many of them before anything of them was parsed. */
export const rejectedCalls = new Counter({
  name: "plaza_rejected_calls_total",
  help: "Calls rejected because the process was overloaded.",
  registers: [metricsRegistry],
});

/** Returns the function that records one call of a method. Keep it: label lookup costs more than counting. */
export function createCallRecorder(method: string): (code: string, durationMs: number) => void {
  const duration = callDuration.labels(method);
  const byCode = new Map<string, { inc(): void }>();
  return (code, durationMs) => {
    byCode.getOrInsertComputed(code, () => callCounter.labels(method, code)).inc();
    duration.observe(durationMs / 1_000);
  };
}
