import { ListPostsResponseSchema } from "@plaza/contract/posts/v1/posts";
import { BatchGetUsersResponseSchema } from "@plaza/contract/users/v1/users";
import { apiClient } from "../../test/base/api-client.ts";
import type { RegisteredAccount } from "../base/registration.ts";
import type { KillFinalState } from "./checker.ts";

/** The server hashes two passwords at a time, each in 45 ms. */
const maxSignIns = 500;
const signInConcurrency = 2;

/**
 * Reads back, through the API, the posts of the authors and the accounts that were registered. Of more than 500
 * accounts only a sample tries to sign in.
 */
export async function readBack(
  url: string,
  authors: readonly RegisteredAccount[],
  registrations: readonly RegisteredAccount[],
): Promise<KillFinalState> {
  const titlesByBody = new Map<string, string[]>();
  for (const { id } of authors) {
    for await (const { body, title } of listPostsOf(url, id)) {
      titlesByBody.set(body, [...(titlesByBody.get(body) ?? []), title]);
    }
  }
  const profileIds = new Set<string>();
  for (let at = 0; at < registrations.length; at += 100) {
    const ids = registrations.slice(at, at + 100).map(({ id }) => `ids=${id}`);
    const answer = await apiClient(url)(`GET /v1/users:batchGet?${ids.join("&")}`);
    for (const { id } of answer.as(BatchGetUsersResponseSchema).users) profileIds.add(id);
  }
  const lockedOutIds = new Set<string>();
  const step = Math.ceil(registrations.length / maxSignIns);
  const sample = registrations.filter((_, index) => index % step === 0).values();
  const signInAll = async (): Promise<void> => {
    for (const { id, email, password } of sample) {
      const answer = await apiClient(url)("POST /v1/auth:login", { login: email, password });
      if (answer.status !== 200) lockedOutIds.add(id);
    }
  };
  await Promise.all(Array.from({ length: signInConcurrency }, signInAll));
  return { titlesByBody, profileIds, lockedOutIds };
}

async function* listPostsOf(url: string, authorId: string) {
  for (let token = ""; ; ) {
    const query = new URLSearchParams({ authorId, pageSize: "100", pageToken: token });
    const answer = await apiClient(url)(`GET /v1/posts?${query}`);
    const page = answer.as(ListPostsResponseSchema);
    yield* page.posts;
    token = page.nextPageToken;
    if (!token) return;
  }
}
