import { metricsRegistry } from "@plaza/kit/telemetry/metrics";
import { Counter } from "prom-client";

const responses = new Counter({
  name: "plaza_gateway_responses_total",
  help: "Responses to calls, by protocol (rest or rpc) and HTTP status.",
  labelNames: ["protocol", "status"],
  registers: [metricsRegistry],
});

const responseCounters = new Map<string, { inc(): void }>();

/** Counts a response. Caches the labelled counters: finding one by its labels costs more than counting. */
export function countResponse(protocol: "rest" | "rpc", status: number): void {
  const key = `${protocol} ${status}`;
  let counter = responseCounters.get(key);
  if (!counter) {
    counter = responses.labels(protocol, String(status));
    responseCounters.set(key, counter);
  }
  counter.inc();
}
