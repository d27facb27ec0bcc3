import { metricsRegistry } from "@plaza/kit/telemetry/metrics";
import { Counter } from "prom-client";

const responses = new Counter({
  name: "plaza_edge_answers_total",
  help: "Answers of the edge to calls, by kind of protocol and HTTP status.",
  labelNames: ["protocol", "status"],
  registers: [metricsRegistry],
});

/** Calls that were refused because there were too many, most of them before anything else was known of them. */
export const shedCalls = new Counter({
  name: "plaza_edge_shed_calls_total",
  help: "Calls that the edge refused because it had more to do than it could.",
  registers: [metricsRegistry],
});

const responseCounters = new Map<string, { inc(): void }>();

/** Counts one answer. Counters are kept, since finding one by its labels costs more than counting. */
export function countResponse(protocol: "rest" | "rpc", status: number): void {
  const key = `${protocol} ${status}`;
  let counter = responseCounters.get(key);
  if (!counter) {
    counter = responses.labels(protocol, String(status));
    responseCounters.set(key, counter);
  }
  counter.inc();
}
