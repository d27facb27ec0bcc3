import { setTimeout as sleep } from "node:timers/promises";
import { ListFriendsResponseSchema } from "@plaza/contract/friends/v1/friends";
import { SearchUsersResponseSchema } from "@plaza/contract/users/v1/users";
import type { Relation } from "../../services/friends/pair-state-machine.ts";
import type { RetryingClient } from "../base/retrying-client.ts";
import { type FriendsFinalState, isSearchConsistent } from "./checker.ts";

const relationLists = ["confirmed", "incoming", "outgoing", "blocked"] as const;

/**
 * Reads back, through the API, what every user sees. `clients` are by user id. Searches lag behind blocks: they are
 * repeated until they are consistent, for `searchLagMs` at most.
 */
export async function readBack(
  clients: ReadonlyMap<string, RetryingClient>,
  searchLagMs: number,
): Promise<FriendsFinalState> {
  const listed = new Map<string, Relation[]>();
  for (const [id, client] of clients) {
    for (const relation of relationLists) {
      for (const other of await listRelated(client, relation)) {
        const key = `${id} ${other}`;
        listed.set(key, [...(listed.get(key) ?? []), relation]);
      }
    }
  }
  const relations = (user: string, other: string) => listed.get(`${user} ${other}`) ?? [];
  const ids = [...clients.keys()];
  for (const deadline = Date.now() + searchLagMs; ; await sleep(200)) {
    const foundByUser = new Map<string, ReadonlySet<string>>();
    for (const [id, client] of clients) foundByUser.set(id, await searchUsers(client));
    const finds = (user: string, other: string) => foundByUser.get(user)?.has(other) ?? false;
    const finalState = { userIds: ids, relations, finds };
    const isConsistent = ids.every((one) =>
      ids.every((other) => one === other || isSearchConsistent(finalState, one, other)),
    );
    if (isConsistent || Date.now() > deadline) return finalState;
  }
}

async function listRelated(client: RetryingClient, relation: Relation): Promise<string[]> {
  const ids: string[] = [];
  for (let token = "", more = true; more; more = token !== "") {
    const query = `state=${relation.toUpperCase()}&pageSize=10&readMask=userId&pageToken=${token}`;
    const page = (await client(`GET /v1/friends?${query}`)).as(ListFriendsResponseSchema);
    ids.push(...page.friends.map(({ userId }) => userId));
    token = page.nextPageToken;
  }
  return ids;
}

/** The ids that a search finds for the prefix of all registered nicknames. */
async function searchUsers(client: RetryingClient): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (let token = "", more = true; more; more = token !== "") {
    const query = `nickname=member_&pageSize=100&readMask=id&pageToken=${token}`;
    const page = (await client(`GET /v1/users:search?${query}`)).as(SearchUsersResponseSchema);
    for (const { id } of page.users) ids.add(id);
    token = page.nextPageToken;
  }
  return ids;
}
