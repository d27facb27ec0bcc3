import { Gauge } from "prom-client";
import type { Revocations } from "../identity/revocations.ts";
import { metricsRegistry } from "../telemetry/metrics.ts";

let reported: Revocations | undefined;

new Gauge({
  name: "plaza_revocations_age_seconds",
  help: "Time since the list of revoked access tokens was last known to be complete, in seconds.",
  registers: [metricsRegistry],
  collect() {
    this.set((reported?.ageMs ?? 0) / 1_000);
  },
});

new Gauge({
  name: "plaza_revocations",
  help: "Entries in the list of revoked access tokens: sessions and accounts.",
  registers: [metricsRegistry],
  collect() {
    this.set(reported?.size ?? 0);
  },
});

/** Reports the list of this process at `/metrics`. */
export function reportRevocations(revocations: Revocations): void {
  reported = revocations;
}
