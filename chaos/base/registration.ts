import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { SignInResponseSchema } from "@plaza/contract/auth/v1/auth";
import { newNickname, signIn } from "../../test/base/accounts.ts";
import type { ApiResponse } from "../../test/base/api-client.ts";
import { type ClientHistory, createClientHistory } from "./client-history.ts";
import { type SystemUnderTest, sendRequest } from "./system-under-test.ts";

/** An account whose registration was acknowledged, signed in. */
export type RegisteredAccount = {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
};

type NewAccount = Pick<RegisteredAccount, "email" | "password"> & { readonly nickname: string };

const retryDelayMs = 20;
/** The server hashes two passwords at a time; more requests at once only wait. */
const registrationConcurrency = 2;

/** The fields of an account that does not exist yet. */
export function newAccount(): NewAccount {
  const nickname = newNickname();
  return { email: `${nickname}@example.org`, password: randomUUID(), nickname };
}

/** Registers new accounts. Bypasses seeded faults. */
export async function registerNewAccounts(
  target: SystemUnderTest,
  count: number,
): Promise<RegisteredAccount[]> {
  const accounts: RegisteredAccount[] = [];
  let started = 0;
  const work = async (): Promise<void> => {
    while (started < count) {
      started += 1;
      const history = createClientHistory();
      const account = await registerUntilAnswered(
        { ...target, send: sendRequest },
        newAccount(),
        history,
      );
      if (!account) throw new Error(`Registration failed: ${history.unexpectedErrors}`);
      accounts.push(account);
    }
  };
  await Promise.all(Array.from({ length: registrationConcurrency }, work));
  return accounts;
}

/** Registers an account; undefined when refused. */
export async function registerUntilAnswered(
  target: SystemUnderTest,
  account: NewAccount,
  history: ClientHistory,
): Promise<RegisteredAccount | undefined> {
  const { email, password } = account;
  for (let isRetry = false; ; isRetry = true) {
    target.signal.throwIfAborted();
    const url = await target.url();
    try {
      const answer = await target.send(url, undefined, "POST /v1/auth:register", account);
      if (answer.status === 200) {
        const { user, accessToken } = answer.as(SignInResponseSchema);
        return { id: user?.id ?? "", email, password, accessToken };
      }
      // Done before, and only the response was lost: then the password works.
      if (isRetry && answer.text.includes("EMAIL_TAKEN")) {
        const { id, accessToken } = await signIn(url, email, password);
        return { id, email, password, accessToken };
      }
      if (answer.status === 500 || (answer.status < 500 && !isRegistrationInProgress(answer))) {
        history.unexpectedErrors.push(`register: ${answer.status} ${answer.text}`);
        return undefined;
      }
      // A server killed during a registration leaves the e-mail address taken for half a minute.
      if (isRegistrationInProgress(answer)) await sleep(1_000);
    } catch {
      // No response: the outcome is unknown.
    }
    if (!isRetry) history.indeterminate += 1;
    await sleep(retryDelayMs);
  }
}

function isRegistrationInProgress({ text }: ApiResponse): boolean {
  return text.includes("REGISTRATION_IN_PROGRESS");
}
