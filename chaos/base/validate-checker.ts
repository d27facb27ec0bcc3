/** What a checker found, by kind. */
export type Verdict = Readonly<Record<string, readonly string[]>>;

/** How many faults a checker found. */
export function faults(verdict: Verdict): number {
  return Object.values(verdict).reduce((sum, found) => sum + found.length, 0);
}

/** So often a fault gets its chance: some show only when two are there at once. */
const attempts = 5;

/** Proves a checker on broken services, given by what is wrong with them, and answers which of them it saw. */
export async function prove<F>(
  planted: Readonly<Record<string, F>>,
  check: (fault: F, attempt: number) => Promise<{ readonly verdict: Verdict }>,
  say: (line: string) => void,
): Promise<string[]> {
  const caught: string[] = [];
  for (const [name, fault] of Object.entries(planted)) {
    let kinds: string[] = [];
    for (let attempt = 0; attempt < attempts && kinds.length === 0; attempt += 1) {
      const { verdict } = await check(fault, attempt);
      kinds = Object.keys(verdict).filter((kind) => verdict[kind]?.length);
    }
    if (kinds.length > 0) caught.push(name);
    say(`${kinds.join(", ") || "MISSED"}: one that ${name}`);
  }
  return caught;
}
