import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import type { CallOptions, Client } from "@connectrpc/connect";
import type { User, UserService } from "@plaza/contract/users/v1/users";
import { findUserId } from "@plaza/kit/clients/users";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";

type UserClient = { readonly users: Client<typeof UserService> };

const nicknameMask = create(FieldMaskSchema, { paths: ["nickname"] });

/**
 * The full profile, read as the account that signs in. Undefined when there is none: the account is
 * being closed.
 */
export async function findProfile(
  { users }: UserClient,
  id: string,
  accessToken: string,
  calls: CallOptions,
): Promise<User | undefined> {
  const { headers, ...options } = calls;
  const authorization = `Bearer ${accessToken}`;
  const asAccount = { ...options, headers: { ...headers, authorization } };
  return users.getUser({ id }, asAccount).catch(ignoreNoSuchUser);
}

/** The id of the account with the nickname; undefined when there is none. */
export async function findAccountIdByNickname(
  { users }: UserClient,
  name: string,
  calls: CallOptions,
): Promise<string | undefined> {
  if (!/^[A-Za-z0-9_]{3,25}$/.test(name)) return undefined;
  return findUserId(users, name, calls);
}

/** The nickname of the account; empty when it has no profile. */
export async function findNickname(
  { users }: UserClient,
  id: string,
  calls: CallOptions,
): Promise<string> {
  const user = await users.getUser({ id, readMask: nicknameMask }, calls).catch(ignoreNoSuchUser);
  return user?.nickname ?? "";
}

function ignoreNoSuchUser(error: unknown): undefined {
  if (reasonOf(error) !== "NO_SUCH_USER") throw error;
}
