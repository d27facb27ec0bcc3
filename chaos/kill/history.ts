/** A write whose outcome is known: it happened, or it was refused. */
export type Write = {
  readonly kind: "create" | "update" | "delete";
  /** The post, by its idempotency key, which is also its body. */
  readonly post: string;
  /** The title that it gives. */
  readonly title: string;
  readonly isDone: boolean;
};

/** A registration that was acknowledged. */
export type Registration = {
  readonly id: string;
  readonly email: string;
  readonly password: string;
};

/** What the writers did and were told, in the order of each post's writes. */
export type History = {
  readonly writes: Write[];
  readonly registrations: Registration[];
  /** Refusals that a correct server never answers to these writers. */
  readonly surprises: string[];
  /** Calls whose answer was lost; each was settled by repeating it. */
  unknown: number;
};

/** What is there in the end, as the API shows it. */
export type Findings = {
  /** The titles of all posts, by body. */
  readonly posts: ReadonlyMap<string, readonly string[]>;
  /** The ids of the profiles that can be read. */
  readonly profiles: ReadonlySet<string>;
  /** The ids of accounts that could not sign in with their password. */
  readonly lockedOut: ReadonlySet<string>;
};

/** What is wrong, by kind; all empty when every promise was kept. */
export type Verdict = Readonly<
  Record<"lost" | "doubled" | "stale" | "undead" | "phantom" | "surprises", readonly string[]>
>;

export function emptyHistory(): History {
  return { writes: [], registrations: [], surprises: [], unknown: 0 };
}

/**
 * Compares what the writers were told with what is there. Lost: acknowledged and missing. Doubled:
 * there twice. Stale: without its last acknowledged change. Undead: there after its acknowledged
 * deletion. Phantom: there although every attempt was refused, or nobody wrote it.
 */
export function judge(history: History, found: Findings): Verdict {
  const expected = new Map<string, string | undefined>();
  const deleted = new Set<string>();
  for (const { kind, post, title, isDone } of history.writes) {
    if (!isDone) continue;
    expected.set(post, kind === "delete" ? undefined : title);
    if (kind === "delete") deleted.add(post);
  }
  const titles = (post: string) => found.posts.get(post) ?? [];
  const alive = [...expected].filter(([, title]) => title !== undefined);
  const lostAccounts = history.registrations.filter(
    ({ id }) => !found.profiles.has(id) || found.lockedOut.has(id),
  );
  const present = [...found.posts.keys()];
  return {
    lost: [
      ...alive.map(([post]) => post).filter((post) => titles(post).length === 0),
      ...lostAccounts.map(({ email }) => email),
    ],
    doubled: present.filter((post) => titles(post).length > 1),
    stale: alive
      .filter(([post, title]) => titles(post).some((one) => one !== title))
      .map(([post]) => post),
    undead: present.filter((post) => deleted.has(post)),
    phantom: present.filter((post) => !expected.has(post)),
    surprises: history.surprises,
  };
}
