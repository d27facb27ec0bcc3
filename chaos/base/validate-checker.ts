/** What a checker found, by kind. */
export type Anomalies = Readonly<Record<string, readonly string[]>>;

export function countAnomalies(anomalies: Anomalies): number {
  return Object.values(anomalies).reduce((sum, found) => sum + found.length, 0);
}

export type ValidationOptions = {
  readonly log: (line: string) => void;
  /** How many of the faults to run, from the first; all by default. */
  readonly faultCount?: number | undefined;
  /** How many faults run at the same time. */
  readonly concurrency: number;
};

/** Attempts per seeded fault; races need luck. */
const maxAttempts = 5;

/** Runs the checker against each seeded fault; returns the names of those it detected, in their order. */
export async function validateChecker<F>(
  seededFaults: Readonly<Record<string, F>>,
  runWithFault: (fault: F, attempt: number) => Promise<Anomalies>,
  { log, faultCount, concurrency }: ValidationOptions,
): Promise<string[]> {
  const faults = Object.entries(seededFaults).slice(0, faultCount);
  const detected = new Set<string>();
  const validate = async (name: string, fault: F): Promise<void> => {
    let kinds: string[] = [];
    for (let attempt = 0; attempt < maxAttempts && kinds.length === 0; attempt += 1) {
      const anomalies = await runWithFault(fault, attempt);
      kinds = Object.keys(anomalies).filter((kind) => anomalies[kind]?.length);
    }
    if (kinds.length > 0) detected.add(name);
    log(`${kinds.join(", ") || "missed"}: seeded fault "${name}"`);
  };
  // Each lane takes neighbours in turn: these often share a barrier, and would release each other's callers.
  const laneLength = Math.ceil(faults.length / concurrency);
  const lanes = Array.from({ length: concurrency }, (_, lane) =>
    faults.slice(lane * laneLength, (lane + 1) * laneLength),
  );
  await Promise.all(
    lanes.map(async (lane) => {
      for (const [name, fault] of lane) await validate(name, fault);
    }),
  );
  return faults.map(([name]) => name).filter((name) => detected.has(name));
}
