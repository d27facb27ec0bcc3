import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import { type User, UserSchema } from "@plaza/contract/users/v1/users";
import { requireAccount } from "@plaza/kit/identity/caller";
import type { Profile, ProfileFields } from "./domain.ts";

/** The writable fields by their names in the contract. */
const fieldsByPath = {
  nickname: "nickname",
  first_name: "firstName",
  last_name: "lastName",
  about: "about",
  avatar_url: "avatarUrl",
  phone: "phone",
  address: "address",
  contact_visibility: "contactVisibility",
} as const satisfies Record<string, keyof ProfileFields>;

type WritablePath = keyof typeof fieldsByPath;

export const writablePaths = Object.keys(fieldsByPath) as WritablePath[];

export function toUser({ createTime, updateTime, ...fields }: Profile): User {
  return create(UserSchema, {
    ...fields,
    createTime: timestampFromDate(createTime),
    updateTime: timestampFromDate(updateTime),
  });
}

export function toChanges(user: User, fields: readonly WritablePath[]): Partial<ProfileFields> {
  const names = fields.map((field) => fieldsByPath[field]);
  return Object.fromEntries(names.map((name) => [name, user[name]]));
}

/** The id as PostgreSQL writes it; "me" is the caller's. */
export function resolveUserId(id: string, context: HandlerContext): string {
  return id === "me" ? requireAccount(context).id : id.toLowerCase();
}
