import { registry } from "@plaza/kit/metrics";
import { Counter } from "prom-client";

const answers = new Counter({
  name: "plaza_edge_answers_total",
  help: "Answers of the edge to calls, by kind of protocol and HTTP status.",
  labelNames: ["protocol", "status"],
  registers: [registry],
});

const counters = new Map<string, { inc(): void }>();

/** Counts one answer. Counters are kept, since finding one by its labels costs more than counting. */
export function countAnswer(protocol: "rest" | "rpc", status: number): void {
  const key = `${protocol} ${status}`;
  let counter = counters.get(key);
  if (!counter) {
    counter = answers.labels(protocol, String(status));
    counters.set(key, counter);
  }
  counter.inc();
}
