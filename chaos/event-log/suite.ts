import { connect, type Pool } from "@plaza/kit/db/database";
import { kitMigrations } from "@plaza/kit/db/migrate";
import { TestDatabases } from "@plaza/kit/testing/databases";
import {
  checkLog,
  createAggregateTable,
  type ObservedEvent,
  readToEnd,
} from "@plaza/kit/testing/events";
import { withCleanup } from "../base/cleanup.ts";
import { type Anomalies, validateChecker } from "../base/validate-checker.ts";
import { type ReaderFault, seededFaults } from "./seeded-faults.ts";
import { type EventLogScale, type EventLogWorkloadResult, runWorkload } from "./workload.ts";

/** Options of the suite. */
export type EventLogSuiteOptions = EventLogScale & {
  readonly seed: number;
  readonly log?: (line: string) => void;
};

/** Result of the run. */
export type EventLogSuiteResult = EventLogWorkloadResult & {
  readonly detectedFaults: readonly string[];
};

/** Runs writers and readers of an event log, then validates the checker. */
export function runEventLogSuite(options: EventLogSuiteOptions): Promise<EventLogSuiteResult> {
  const { seed, writers, log = () => {} } = options;
  return withCleanup(async (cleanup) => {
    const databases = cleanup.adopt(new TestDatabases(), (one) => one.close());
    const database = await databases.createMigrated(kitMigrations);
    const db = connect(database, { name: "plaza-chaos", max: writers + 8 });
    cleanup.defer(() => db.end());
    await createAggregateTable(db);
    const result = await runWorkload(db, options, seed);
    const detectedFaults = await validateChecker(
      seededFaults,
      (fault) => runWithFault(db, fault),
      // Each expects to be alone with the log.
      { log, concurrency: 1 },
    );
    return { ...result, detectedFaults };
  });
}

async function runWithFault(
  db: Pool,
  { createReader, interleave }: ReaderFault,
): Promise<Anomalies> {
  await db`truncate event, aggregate`;
  const reader = createReader(db);
  const observed: ObservedEvent[] = [];
  await interleave(db, async () => {
    observed.push(...(await readToEnd(reader, () => true)));
  });
  const { lost, reordered } = await checkLog(db, observed);
  return { lost: Array(lost).fill("event"), reordered: Array(reordered).fill("event") };
}
