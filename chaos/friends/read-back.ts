import { setTimeout as sleep } from "node:timers/promises";
import { ListFriendsResponseSchema } from "@plaza/contract/friends/v1/friends";
import { SearchUsersResponseSchema } from "@plaza/contract/users/v1/users";
import type { Relation } from "../../services/friends/pair-state-machine.ts";
import type { Settle } from "../base/retrying-client.ts";
import { type Findings, isFoundRightly } from "./history.ts";

const lists = ["confirmed", "incoming", "outgoing", "blocked"] as const;

/**
 * Reads back, through the API, what everybody sees. `people` are those who look, by id; searches are looked at
 * until they are right, for so many milliseconds at the most.
 */
export async function find(
  people: ReadonlyMap<string, Settle>,
  followMs: number,
): Promise<Findings> {
  const listed = new Map<string, Relation[]>();
  for (const [id, settle] of people) {
    for (const relation of lists) {
      for (const other of await list(settle, relation)) {
        const key = `${id} ${other}`;
        listed.set(key, [...(listed.get(key) ?? []), relation]);
      }
    }
  }
  const relations = (user: string, other: string) => listed.get(`${user} ${other}`) ?? [];
  const ids = [...people.keys()];
  for (const until = Date.now() + followMs; ; await sleep(200)) {
    const seen = new Map<string, ReadonlySet<string>>();
    for (const [id, settle] of people) seen.set(id, await search(settle));
    const finds = (user: string, other: string) => seen.get(user)?.has(other) ?? false;
    const found = { people: ids, relations, finds };
    const isRight = ids.every((one) =>
      ids.every((other) => one === other || isFoundRightly(found, one, other)),
    );
    if (isRight || Date.now() > until) return found;
  }
}

async function list(settle: Settle, relation: Relation): Promise<string[]> {
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
async function search(settle: Settle): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  for (let token = "", more = true; more; more = token !== "") {
    const query = `nickname=member_&pageSize=100&readMask=id&pageToken=${token}`;
    const page = (await settle(`GET /v1/users:search?${query}`)).as(SearchUsersResponseSchema);
    for (const { id } of page.users) ids.add(id);
    token = page.nextPageToken;
  }
  return ids;
}
