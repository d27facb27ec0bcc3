import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import type { User } from "@plaza/contract/users/v1/users";
import { findUserId } from "@plaza/kit/clients/users";
import { asService } from "@plaza/kit/rpc/call-options";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import type { Parts } from "../context.ts";

const nickname = create(FieldMaskSchema, { paths: ["nickname"] });

/**
 * The profile of who signs in, read as that account, so that it is whole. Undefined when there is
 * none: the account is being closed.
 */
export async function profileOf(
  { users }: Parts,
  id: string,
  accessToken: string,
  context: HandlerContext,
): Promise<User | undefined> {
  const { headers, ...options } = asService(context);
  const authorization = `Bearer ${accessToken}`;
  const asAccount = { ...options, headers: { ...headers, authorization } };
  return users.getUser({ id }, asAccount).catch(absent);
}

/** The account behind a nickname; undefined when nobody has it. */
export async function accountIdOf(
  { users }: Parts,
  name: string,
  context: HandlerContext,
): Promise<string | undefined> {
  if (!/^[A-Za-z0-9_]{3,25}$/.test(name)) return undefined;
  return findUserId(users, name, asService(context));
}

/** Empty when there is no profile. */
export async function nicknameOf(
  { users }: Parts,
  id: string,
  context: HandlerContext,
): Promise<string> {
  const user = await users.getUser({ id, readMask: nickname }, asService(context)).catch(absent);
  return user?.nickname ?? "";
}

function absent(error: unknown): undefined {
  if (reasonOf(error) !== "NO_SUCH_USER") throw error;
}
