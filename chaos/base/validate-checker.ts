/** What a checker found, by kind. */
export type Anomalies = Readonly<Record<string, readonly string[]>>;

/** How many faults a checker found. */
export function countAnomalies(anomalies: Anomalies): number {
  return Object.values(anomalies).reduce((sum, found) => sum + found.length, 0);
}

/** So often a fault gets its chance: some show only when two are there at once. */
const maxAttempts = 5;

/** Proves a checker on broken services, given by what is wrong with them, and answers which of them it saw. */
export async function validateChecker<F>(
  seededFaults: Readonly<Record<string, F>>,
  runWithFault: (fault: F, attempt: number) => Promise<{ readonly anomalies: Anomalies }>,
  log: (line: string) => void,
): Promise<string[]> {
  const caught: string[] = [];
  for (const [name, fault] of Object.entries(seededFaults)) {
    let kinds: string[] = [];
    for (let attempt = 0; attempt < maxAttempts && kinds.length === 0; attempt += 1) {
      const { anomalies } = await runWithFault(fault, attempt);
      kinds = Object.keys(anomalies).filter((kind) => anomalies[kind]?.length);
    }
    if (kinds.length > 0) caught.push(name);
    log(`${kinds.join(", ") || "MISSED"}: one that ${name}`);
  }
  return caught;
}
