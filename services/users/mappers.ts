import { create } from "@bufbuild/protobuf";
import { type FieldMask, timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { HandlerContext } from "@connectrpc/connect";
import { type User, UserSchema } from "@plaza/contract/users/v1/users";
import { etagOf } from "@plaza/kit/errors/etag";
import { requireAccount } from "@plaza/kit/identity/caller";
import { writableFields } from "@plaza/kit/rpc/field-mask";
import type { Profile, ProfileFields } from "./domain.ts";

// The rules of the contract reject an undefined visibility.
type ToUserChanges = (user: User, mask: FieldMask | undefined) => Partial<ProfileFields>;

export const toUserChanges = writableFields(UserSchema, {
  nickname: "nickname",
  first_name: "firstName",
  last_name: "lastName",
  about: "about",
  avatar_url: "avatarUrl",
  phone: "phone",
  address: "address",
  contact_visibility: "contactVisibility",
} as const satisfies Record<string, keyof ProfileFields>) as ToUserChanges;

export function toUser({ createTime, updateTime, ...fields }: Profile): User {
  return create(UserSchema, {
    ...fields,
    createTime: timestampFromDate(createTime),
    updateTime: timestampFromDate(updateTime),
    etag: etagOf({ updateTime }),
  });
}

/** The id in lower case, as PostgreSQL returns it; "me" is the caller's. */
export function resolveUserId(id: string, context: HandlerContext): string {
  return id === "me" ? requireAccount(context).id : id.toLowerCase();
}
