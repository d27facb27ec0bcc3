import type { Pool } from "@plaza/kit/db/database";
import { maxRowNumber } from "@plaza/kit/rpc/pagination";
import { boundSearch } from "@plaza/kit/text/bound-search";
import { parseSearchQuery } from "@plaza/kit/text/search-query";
import type { Profile } from "./domain.ts";
import * as store from "./store.ts";

/** A profile found, and its key in a page token: which of the two lists it is in, and its position there. */
export type FoundMember = { readonly profile: Profile; readonly key: string };

export const memberKeyPattern = /^(nickname:[a-z0-9_]{3,25}|words:-?\d{1,18})$/;

const nicknamePattern = /^[a-z0-9_]{1,25}$/;

/**
 * First the profiles whose nickname begins with the text, ordered by nickname, then the others with its words in
 * nickname or names, newest first. Without those of users who block the searcher. `rest` is the key from which a
 * search goes on that ended early.
 */
export async function searchMembers(
  db: Pool,
  { text, searcherId }: { readonly text: string; readonly searcherId: string },
  after: string | undefined,
  limit: number,
): Promise<{ found: readonly FoundMember[]; rest?: string }> {
  const [list = "nickname", position] = after?.split(":") ?? [];
  const lower = text.trim().toLowerCase();
  const prefix = nicknamePattern.test(lower) ? lower : "";
  const byNickname =
    prefix && list === "nickname"
      ? await store.listByNickname(db, { prefix, searcherId }, position ?? "", limit)
      : [];
  const found = byNickname.map((profile) => ({ profile, key: `nickname:${profile.nickname}` }));
  // An underscore stands in nicknames only.
  const query = prefix.includes("_") ? undefined : parseSearchQuery(text);
  if (found.length === limit || !query) return { found };
  const before = list === "words" && position ? position : maxRowNumber;
  const { rows, position: end } = await boundSearch(db, (tx) =>
    store.searchByWords(tx, query, { prefix, searcherId }, before, limit - found.length),
  );
  const keyOf = (number: string) => `words:${number}`;
  return {
    found: [...found, ...rows.map((profile) => ({ profile, key: keyOf(profile.number) }))],
    ...(end && { rest: keyOf(end) }),
  };
}
