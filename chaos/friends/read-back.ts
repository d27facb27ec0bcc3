import { setTimeout as sleep } from "node:timers/promises";
import { ListFriendsResponseSchema } from "@plaza/contract/friends/v1/friends";
import { SearchUsersResponseSchema } from "@plaza/contract/users/v1/users";
import type { Relation } from "../../services/friends/pair-state-machine.ts";
import type { RetryingClient } from "../base/retrying-client.ts";
import { type FriendsFinalState, isSearchConsistent } from "./history.ts";

const relationLists = ["confirmed", "incoming", "outgoing", "blocked"] as const;

/**
 * Reads back, through the API, what everybody sees. `people` are those who look, by id; searches are looked at
 * until they are right, for so many milliseconds at the most.
 */
export async function readBack(
  clients: ReadonlyMap<string, RetryingClient>,
  followMs: number,
): Promise<FriendsFinalState> {
  const listed = new Map<string, Relation[]>();
  for (const [id, settle] of clients) {
    for (const relation of relationLists) {
      for (const other of await listRelated(settle, relation)) {
        const key = `${id} ${other}`;
        listed.set(key, [...(listed.get(key) ?? []), relation]);
      }
    }
  }
  const relations = (user: string, other: string) => listed.get(`${user} ${other}`) ?? [];
  const ids = [...clients.keys()];
  for (const until = Date.now() + followMs; ; await sleep(200)) {
    const seen = new Map<string, ReadonlySet<string>>();
    for (const [id, settle] of clients) seen.set(id, await searchUsers(settle));
    const finds = (user: string, other: string) => seen.get(user)?.has(other) ?? false;
    const found = { userIds: ids, relations, finds };
    const isRight = ids.every((one) =>
      ids.every((other) => one === other || isSearchConsistent(found, one, other)),
    );
    if (isRight || Date.now() > until) return found;
  }
}

async function listRelated(settle: RetryingClient, relation: Relation): Promise<string[]> {
  const ids: string[] = [];
  for (let token = "", more = true; more; more = token !== "") {
    const query = `state=${relation.toUpperCase()}&pageSize=10&readMask=userId&pageToken=${token}`;
    const page = (await settle(`GET /v1/friends?${query}`)).as(ListFriendsResponseSchema);
    ids.push(...page.friends.map(({ userId }) => userId));
    token = page.nextPageToken;
  }
  return ids;
}

/** Whom a search for all that newcomers are called finds. */
async function searchUsers(settle: RetryingClient): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (let token = "", more = true; more; more = token !== "") {
    const query = `nickname=member_&pageSize=100&readMask=id&pageToken=${token}`;
    const page = (await settle(`GET /v1/users:search?${query}`)).as(SearchUsersResponseSchema);
    for (const { id } of page.users) ids.add(id);
    token = page.nextPageToken;
  }
  return ids;
}
