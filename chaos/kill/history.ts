/** A write whose outcome is known: it happened, or it was refused. */
export type PostWrite = {
  readonly kind: "create" | "update" | "delete";
  /** The post, by its idempotency key, which is also its body. */
  readonly idempotencyKey: string;
  /** The title that it gives. */
  readonly title: string;
  readonly isAcknowledged: boolean;
};

/** A registration that was acknowledged. */
export type RegisteredAccount = {
  readonly id: string;
  readonly email: string;
  readonly password: string;
};

/** What the writers did and were told, in the order of each post's writes. */
export type KillHistory = {
  readonly writes: PostWrite[];
  readonly registrations: RegisteredAccount[];
  /** Refusals that a correct server never answers to these writers. */
  readonly unexpectedErrors: string[];
  /** Calls whose answer was lost; each was settled by repeating it. */
  indeterminate: number;
};

/** What is there in the end, as the API shows it. */
export type KillFinalState = {
  /** The titles of all posts, by body. */
  readonly titlesByBody: ReadonlyMap<string, readonly string[]>;
  /** The ids of the profiles that can be read. */
  readonly profileIds: ReadonlySet<string>;
  /** The ids of accounts that could not sign in with their password. */
  readonly lockedOutIds: ReadonlySet<string>;
};

/** What is wrong, by kind; all empty when every promise was kept. */
export type KillAnomalies = Readonly<
  Record<"lost" | "duplicated" | "stale" | "undead" | "phantom" | "unexpected", readonly string[]>
>;

export function createHistory(): KillHistory {
  return { writes: [], registrations: [], unexpectedErrors: [], indeterminate: 0 };
}

/**
 * Compares what the writers were told with what is there. Lost: acknowledged and missing. Duplicated:
 * there twice. Stale: without its last acknowledged change. Undead: there after its acknowledged
 * deletion. Phantom: there although every attempt was refused, or nobody wrote it.
 */
export function checkHistory(history: KillHistory, found: KillFinalState): KillAnomalies {
  const expected = new Map<string, string | undefined>();
  const deleted = new Set<string>();
  for (const { kind, idempotencyKey, title, isAcknowledged } of history.writes) {
    if (!isAcknowledged) continue;
    expected.set(idempotencyKey, kind === "delete" ? undefined : title);
    if (kind === "delete") deleted.add(idempotencyKey);
  }
  const titles = (post: string) => found.titlesByBody.get(post) ?? [];
  const alive = [...expected].filter(([, title]) => title !== undefined);
  const lostAccounts = history.registrations.filter(
    ({ id }) => !found.profileIds.has(id) || found.lockedOutIds.has(id),
  );
  const present = [...found.titlesByBody.keys()];
  return {
    lost: [
      ...alive.map(([post]) => post).filter((post) => titles(post).length === 0),
      ...lostAccounts.map(({ email }) => email),
    ],
    duplicated: present.filter((post) => titles(post).length > 1),
    stale: alive
      .filter(([post, title]) => titles(post).some((one) => one !== title))
      .map(([post]) => post),
    undead: present.filter((post) => deleted.has(post)),
    phantom: present.filter((post) => !expected.has(post)),
    unexpected: history.unexpectedErrors,
  };
}
