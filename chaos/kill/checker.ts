import type { KillHistory } from "./history.ts";

/** The final state, as the API shows it. */
export type KillFinalState = {
  /** The titles of all posts, by body. */
  readonly titlesByBody: ReadonlyMap<string, readonly string[]>;
  /** The ids of the profiles that can be read. */
  readonly profileIds: ReadonlySet<string>;
  /** The ids of accounts that could not sign in with their password. */
  readonly lockedOutIds: ReadonlySet<string>;
};

/** The anomalies by kind; all empty in a correct run. */
export type KillAnomalies = Readonly<
  Record<
    "lost" | "duplicated" | "stale" | "resurrected" | "phantom" | "unexpected",
    readonly string[]
  >
>;

/**
 * Compares the history with the final state. Lost: acknowledged and missing. Duplicated:
 * there twice. Stale: without its last acknowledged change. Resurrected: there after its acknowledged
 * deletion. Phantom: there although every attempt was refused, or nobody wrote it.
 */
export function checkHistory(history: KillHistory, finalState: KillFinalState): KillAnomalies {
  const expected = new Map<string, string | undefined>();
  const deleted = new Set<string>();
  for (const { kind, idempotencyKey, title, isAcknowledged } of history.writes) {
    if (!isAcknowledged) continue;
    expected.set(idempotencyKey, kind === "delete" ? undefined : title);
    if (kind === "delete") deleted.add(idempotencyKey);
  }
  const titles = (post: string) => finalState.titlesByBody.get(post) ?? [];
  const alive = [...expected].filter(([, title]) => title !== undefined);
  const lostAccounts = history.registrations.filter(
    ({ id }) => !finalState.profileIds.has(id) || finalState.lockedOutIds.has(id),
  );
  const present = [...finalState.titlesByBody.keys()];
  return {
    lost: [
      ...alive.map(([post]) => post).filter((post) => titles(post).length === 0),
      ...lostAccounts.map(({ email }) => email),
    ],
    duplicated: present.filter((post) => titles(post).length > 1),
    stale: alive
      .filter(([post, title]) => titles(post).some((one) => one !== title))
      .map(([post]) => post),
    resurrected: present.filter((post) => deleted.has(post)),
    phantom: present.filter((post) => !expected.has(post)),
    unexpected: history.unexpectedErrors,
  };
}
