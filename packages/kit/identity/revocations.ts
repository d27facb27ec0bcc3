import { Fault, invalidSession } from "../errors/fault.ts";
import { type AccountCaller, accessTokenTtlMs } from "./caller.ts";

/** What was taken back of the access tokens of a session or an account: all, or every role but these. */
type Revocation = {
  readonly roles: readonly string[];
  readonly isEnded: boolean;
  readonly until: number;
};

/** A token outlives its revocation by less than this: its own life, and the difference between two clocks. */
export const revocationTtlMs = accessTokenTtlMs + 2 * 60_000;

/** Without news from auth for so long, tokens are refused. */
const maxAgeMs = 30_000;

/**
 * The access tokens that auth has taken back before they expired: those of ended sessions and closed accounts,
 * and revoked roles. Each entry is kept for as long as such a token could be valid, so that their number is at
 * most that of the sessions which were in use within a quarter of an hour; one takes about 150 bytes.
 */
export class Revocations {
  readonly #now: () => number;
  /** By the id of a session or an account; the first to expire comes first. */
  readonly #entries = new Map<string, Revocation>();
  readonly #watchers = new Map<string, Set<() => void>>();
  #readAt = Number.NEGATIVE_INFINITY;
  #read = Promise.withResolvers<void>();

  constructor(now = () => performance.now()) {
    this.#now = now;
    this.#read.promise.catch(() => undefined);
  }

  /** The number of entries. */
  get size(): number {
    return this.#entries.size;
  }

  /** Time since the list was last known to be complete, in milliseconds; infinite before that. */
  get ageMs(): number {
    return this.#now() - this.#readAt;
  }

  /** Refuses the tokens of a session or an account from now on. */
  end(id: string): void {
    this.#add(id, { roles: [], isEnded: true });
  }

  /** Takes from the tokens of an account, from now on, every role that is not among these. */
  limitRoles(accountId: string, roles: readonly string[]): void {
    if (!this.#entries.get(accountId)?.isEnded) this.#add(accountId, { roles, isEnded: false });
  }

  /** The list is complete as of now. */
  markRead(): void {
    this.#readAt = this.#now();
    this.#settleRead().resolve();
  }

  /** The list could not be read: calls that wait for it are refused. */
  markUnreadable(cause: unknown): void {
    const message = "the session cannot be verified right now; try again shortly";
    const details = { cause, retryAfterMs: 1_000 };
    this.#settleRead().reject(new Fault("unavailable", "SESSION_UNKNOWN", message, details));
  }

  /**
   * The account of a valid token with the roles that it still gives. Throws INVALID_SESSION when it was taken
   * back. While the list is older than 30 seconds, it waits until that is read, or throws SESSION_UNKNOWN.
   */
  check(account: AccountCaller): AccountCaller | Promise<AccountCaller> {
    if (this.ageMs > maxAgeMs) return this.#read.promise.then(() => this.#apply(account));
    return this.#apply(account);
  }

  /**
   * Calls `onChange` whenever tokens of this account or session are taken back. Returns the function that ends
   * this.
   */
  watch({ id, sessionId }: AccountCaller, onChange: () => void): () => void {
    for (const key of [id, sessionId]) {
      this.#watchers.getOrInsertComputed(key, () => new Set()).add(onChange);
    }
    return () => {
      for (const key of [id, sessionId]) {
        const watchers = this.#watchers.get(key);
        watchers?.delete(onChange);
        if (watchers?.size === 0) this.#watchers.delete(key);
      }
    };
  }

  #apply(account: AccountCaller): AccountCaller {
    if (this.#entries.size === 0) return account;
    const ofAccount = this.#entries.get(account.id);
    if (ofAccount?.isEnded || this.#entries.has(account.sessionId)) throw invalidSession();
    if (!ofAccount) return account;
    const roles = account.roles.filter((role) => ofAccount.roles.includes(role));
    return Object.freeze({ ...account, roles: Object.freeze(roles) });
  }

  #add(id: string, revocation: Omit<Revocation, "until">): void {
    const now = this.#now();
    // Deleted first, so that it moves to the end.
    this.#entries.delete(id);
    this.#entries.set(id, { ...revocation, until: now + revocationTtlMs });
    for (const [key, { until }] of this.#entries) {
      if (until > now) break;
      this.#entries.delete(key);
    }
    for (const onChange of [...(this.#watchers.get(id) ?? [])]) onChange();
  }

  #settleRead(): PromiseWithResolvers<void> {
    const settled = this.#read;
    this.#read = Promise.withResolvers();
    this.#read.promise.catch(() => undefined);
    return settled;
  }
}
