import { setTimeout as sleep } from "node:timers/promises";
import { signIn } from "../../test/base/accounts.ts";
import type { ApiResponse } from "../../test/base/api-client.ts";
import type { ClientHistory } from "./client-history.ts";
import type { SystemUnderTest } from "./system-under-test.ts";

/** Sends a request until it gets a final response; idempotency makes the retries safe. */
export type RetryingClient = (line: string, body?: unknown) => Promise<ApiResponse & RetryInfo>;

type RetryInfo = {
  /** Whether a response was lost, so that an earlier attempt may have taken effect. */
  readonly wasRetried: boolean;
};

/** As whom a client calls. Without a token it signs in first. */
export type ClientAccount = {
  readonly email: string;
  readonly password: string;
  readonly accessToken?: string;
};

/** Internal errors tolerated per request before the response is returned. */
const maxInternalErrors = 3;

const retryDelayMs = 20;

/**
 * Makes a client that calls as the account, or anonymously. It retries on UNAVAILABLE and when no response
 * arrives, and records internal errors. Rejects once the target's signal aborts.
 */
export function createRetryingClient(
  target: SystemUnderTest,
  account: ClientAccount | undefined,
  history: ClientHistory,
): RetryingClient {
  let accessToken = account?.accessToken;
  let signingIn: Promise<void> | undefined;

  /** Signs in once for all requests that wait for a token. */
  function signInAs(url: string, { email, password }: ClientAccount): Promise<void> {
    signingIn ??= signIn(url, email, password)
      .then((member) => {
        accessToken = member.accessToken;
      })
      .finally(() => {
        signingIn = undefined;
      });
    return signingIn;
  }

  return async (line, body) => {
    let internalErrors = 0;
    for (let wasRetried = false; ; wasRetried = true) {
      target.signal.throwIfAborted();
      const url = await target.url();
      try {
        if (account && accessToken === undefined) await signInAs(url, account);
        const answer = await target.send(url, accessToken, line, body);
        // PostgreSQL aborts one of two deadlocked transactions: correct code locks in order and never deadlocks.
        const isInternalError = answer.status === 500 || answer.text.includes("CONCURRENT_CHANGE");
        if (isInternalError) {
          history.unexpectedErrors.push(`${line}: ${answer.text}`);
          internalErrors += 1;
        }
        if (answer.status === 401) accessToken = undefined;
        else if (
          (answer.status < 500 && !isInternalError) ||
          internalErrors === maxInternalErrors
        ) {
          return { ...answer, wasRetried };
        }
      } catch {
        // No response: the outcome is unknown.
      }
      if (!wasRetried) history.indeterminate += 1;
      await sleep(retryDelayMs);
    }
  };
}

/** The reason in an error response; empty without one. */
export function errorReason({ text }: ApiResponse): string {
  return /"reason":\s*"([A-Z_]+)"/.exec(text)?.[1] ?? "";
}
