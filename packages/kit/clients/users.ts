import type { CallOptions, Client } from "@connectrpc/connect";
import type { UserService } from "@plaza/contract/users/v1/users";
import { reasonOf } from "../rpc/error-mapping.ts";

/**
 * The id of the user with this nickname, in any case; undefined when there is none. Rejects when users
 * cannot be asked.
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
