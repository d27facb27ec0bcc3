import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import type { User } from "@plaza/contract/users/v1/users";
import { findUserId } from "@plaza/kit/clients/users";
import { propagateAsService } from "@plaza/kit/rpc/call-options";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import type { ServiceContext } from "../context.ts";

const nicknameMask = create(FieldMaskSchema, { paths: ["nickname"] });

/**
 * The profile of who signs in, read as that account, so that it is whole. Undefined when there is
 * none: the account is being closed.
 */
export async function findProfile(
  { users }: ServiceContext,
  id: string,
  accessToken: string,
  context: HandlerContext,
): Promise<User | undefined> {
  const { headers, ...options } = propagateAsService(context);
  const authorization = `Bearer ${accessToken}`;
  const asAccount = { ...options, headers: { ...headers, authorization } };
  return users.getUser({ id }, asAccount).catch(ignoreNoSuchUser);
}

/** The account behind a nickname; undefined when nobody has it. */
export async function findAccountIdByNickname(
  { users }: ServiceContext,
  name: string,
  context: HandlerContext,
): Promise<string | undefined> {
  if (!/^[A-Za-z0-9_]{3,25}$/.test(name)) return undefined;
  return findUserId(users, name, propagateAsService(context));
}

/** Empty when there is no profile. */
export async function findNickname(
  { users }: ServiceContext,
  id: string,
  context: HandlerContext,
): Promise<string> {
  const user = await users
    .getUser({ id, readMask: nicknameMask }, propagateAsService(context))
    .catch(ignoreNoSuchUser);
  return user?.nickname ?? "";
}

function ignoreNoSuchUser(error: unknown): undefined {
  if (reasonOf(error) !== "NO_SUCH_USER") throw error;
}
