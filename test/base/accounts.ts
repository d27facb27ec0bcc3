import { randomBytes } from "node:crypto";
import { SignInResponseSchema } from "@plaza/contract/auth/v1/auth";
import { type ApiClient, apiClient } from "./api-client.ts";

/** A registered user who is signed in. */
export type Member = {
  readonly id: string;
  readonly nickname: string;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** The REST API, called as this member. */
  readonly request: ApiClient;
};

/** The password of the demo accounts. */
export const demoPassword = "testPass123";

/** A nickname that no user has: the text, and twelve random characters. */
export function newNickname(text = "member"): string {
  return `${text}_${randomBytes(6).toString("hex")}`;
}

/** Registers a new user. */
export async function register(url: string, name?: string): Promise<Member> {
  const nickname = newNickname(name);
  const email = `${nickname}@example.org`;
  const password = `Zz9-${nickname}`;
  const response = await apiClient(url)("POST /v1/auth:register", { email, password, nickname });
  return toMember(url, email, password, response);
}

/** Signs in with an e-mail address or a nickname. */
export async function signIn(url: string, login: string, password: string): Promise<Member> {
  const response = await apiClient(url)("POST /v1/auth:login", { login, password });
  return toMember(url, login, password, response);
}

/** Signs in as one of the demo accounts: admin1, admin2, nonadmin3 or nonadmin4. */
export function signInDemo(url: string, name: string): Promise<Member> {
  return signIn(url, `${name}@email.com`, demoPassword);
}

function toMember(
  url: string,
  email: string,
  password: string,
  response: Awaited<ReturnType<ApiClient>>,
): Member {
  const { user, accessToken, refreshToken } = response.as(SignInResponseSchema);
  const { id = "", nickname = "" } = user ?? {};
  const request = apiClient(url, accessToken);
  return { id, nickname, email, password, accessToken, refreshToken, request };
}
