import type { CallOptions, Client } from "@connectrpc/connect";
import type { UserService } from "@plaza/contract/users/v1/users";
import { reasonOf } from "../rpc/error-mapping.ts";

/**
 * The id of the user with this nickname, in any case; undefined when there is none. Rejects when the users
 * service fails.
 */
export async function findUserId(
  users: Client<typeof UserService>,
  nickname: string,
  options?: CallOptions,
): Promise<string | undefined> {
  try {
    return (await users.findUserByNickname({ nickname }, options)).id;
  } catch (err) {
    if (reasonOf(err) === "NO_SUCH_USER") return undefined;
    throw err;
  }
}

/** The ids of those of the nicknames that belong to a user, by nickname. Makes one call for each. */
export async function findUserIds(
  users: Client<typeof UserService>,
  nicknames: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const nickname of new Set(nicknames)) {
    const id = await findUserId(users, nickname);
    if (id !== undefined) ids.set(nickname, id);
  }
  return ids;
}
