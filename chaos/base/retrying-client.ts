import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { newNickname, signIn } from "../../test/base/accounts.ts";
import type { ApiResponse } from "../../test/base/api-client.ts";
import { registerUntilAnswered, type SystemUnderTest, sendRequest } from "../kill/client.ts";
import { createHistory as emptyWrites, type RegisteredAccount } from "../kill/history.ts";

/** Sends a request until it is answered: what its first answer would have been stays the same. */
export type RetryingClient = (line: string, body?: unknown) => Promise<ApiResponse & RetryInfo>;

/** What it took to get an answer. */
type RetryInfo = {
  /** Whether an attempt was lost, so that it may or may not have been carried out. */
  readonly wasRetried: boolean;
};

/** What settling notes: bugs, and how many calls lost an answer. */
type RetryHistory = { readonly unexpectedErrors: string[]; indeterminate: number };

/** A bug that shows so often for one request will show forever. */
const maxInternalErrors = 3;

/** Between two attempts at the same request. */
const retryDelayMs = 20;

/** Somebody new, registered past planted faults: they are not what is broken. */
export async function registerNewAccount(target: SystemUnderTest): Promise<RegisteredAccount> {
  const nickname = newNickname();
  const account = { email: `${nickname}@example.org`, password: randomUUID(), nickname };
  const known = await registerUntilAnswered(
    { ...target, send: sendRequest },
    account,
    emptyWrites(),
  );
  if (!known) throw new Error("somebody could not register");
  return known;
}

/** The way in which an account calls, or anybody. Answers that say "try again" are obeyed, and bugs are noted. */
export function createRetryingClient(
  target: SystemUnderTest,
  account: Pick<RegisteredAccount, "email" | "password"> | undefined,
  history: RetryHistory,
): RetryingClient {
  let accessToken: string | undefined;
  return async (line, body) => {
    let bugs = 0;
    for (let wasRetried = false; ; wasRetried = true) {
      const url = await target.url();
      try {
        if (account) {
          accessToken ??= (await signIn(url, account.email, account.password)).accessToken;
        }
        const answer = await target.send(url, accessToken, line, body);
        // Deadlocks are given up by PostgreSQL: nobody loses, but somebody locked out of order.
        const isBug = answer.status === 500 || answer.text.includes("CONCURRENT_CHANGE");
        if (isBug) {
          history.unexpectedErrors.push(`${line}: ${answer.text}`);
          bugs += 1;
        }
        if (answer.status === 401) accessToken = undefined;
        else if ((answer.status < 500 && !isBug) || bugs === maxInternalErrors)
          return { ...answer, wasRetried };
      } catch {
        // No answer: what came of it is unknown.
      }
      if (!wasRetried) history.indeterminate += 1;
      await sleep(retryDelayMs);
    }
  };
}

/** The reason of a refusal. */
export function errorReason({ text }: ApiResponse): string {
  return /"reason":\s*"([A-Z_]+)"/.exec(text)?.[1] ?? "";
}
