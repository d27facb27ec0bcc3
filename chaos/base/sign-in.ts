import { setTimeout as sleep } from "node:timers/promises";
import { SignInResponseSchema } from "@plaza/contract/auth/v1/auth";
import { apiClient } from "../../test/base/api-client.ts";
import type { RegisteredAccount } from "./registration.ts";

const retryDelayMs = 20;

/** Signs in and returns an access token; retries while auth has no database or no capacity. */
export async function signInUntilAnswered(
  url: string,
  { email, password }: Pick<RegisteredAccount, "email" | "password">,
  signal: AbortSignal,
): Promise<string> {
  for (;;) {
    signal.throwIfAborted();
    const login = apiClient(url)("POST /v1/auth:login", { login: email, password });
    const answer = await login.catch(() => undefined);
    if (answer && ![429, 503].includes(answer.status)) {
      return answer.as(SignInResponseSchema).accessToken;
    }
    await sleep(retryDelayMs);
  }
}
