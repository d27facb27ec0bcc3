import type { ServiceImpl } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import type { UserService } from "@plaza/contract/users/v1/users";
import { requireUndeletedUser } from "@plaza/kit/db/deleted-users";
import { etagOf, requireEtag } from "@plaza/kit/errors/etag";
import { callerOf, requireAccount } from "@plaza/kit/identity/caller";
import { propagate } from "@plaza/kit/rpc/call-options";
import { reasonOf } from "@plaza/kit/rpc/error-mapping";
import type { Deps } from "@plaza/kit/runtime/service";
import {
  edit,
  lastAdmin,
  mayChange,
  newProfile,
  nicknameTaken,
  noSuchUser,
  notYourProfile,
  visibleTo,
} from "./domain.ts";
import { resolveUserId, toUser, toUserChanges } from "./mappers.ts";
import { removeProfile } from "./remove-profile.ts";
import * as store from "./store.ts";

type Writes = "createUser" | "updateUser" | "deleteUser" | "discardUser";

export function userWrites({
  db,
  client,
  now,
}: Deps): Pick<ServiceImpl<typeof UserService>, Writes> {
  const auth = client(AuthService);

  return {
    async createUser({ id, nickname, email }) {
      const profile = await db.begin(async (tx) => {
        await requireUndeletedUser(tx, id);
        const before = await store.lockProfile(tx, id);
        const after = newProfile({ id: id.toLowerCase(), nickname, email }, before, now());
        if (!(await store.saveProfile(tx, after))) nicknameTaken("nickname");
        return after;
      });
      return toUser(profile);
    },

    async updateUser({ user, updateMask }, context) {
      const account = requireAccount(context);
      const values = user?.id ? user : noSuchUser("");
      const id = resolveUserId(values.id, context);
      const changes = toUserChanges(values, updateMask);
      const profile = await db.begin(async (tx) => {
        const before = (await store.lockProfile(tx, id)) ?? noSuchUser(id);
        if (!mayChange(before, account)) notYourProfile();
        requireEtag(values.etag, etagOf(before));
        const after = edit(before, changes, now());
        if (!(await store.saveProfile(tx, after))) nicknameTaken("user.nickname");
        return after;
      });
      return toUser(visibleTo(profile, callerOf(context)));
    },

    async deleteUser(request, context) {
      const account = requireAccount(context);
      const id = resolveUserId(request.id, context);
      const [profile = noSuchUser(id)] = await store.findProfiles(db, [id]);
      if (!mayChange(profile, account)) notYourProfile();
      requireEtag(request.etag, etagOf(profile));
      // The account first: if this process dies here, AccountClosed still deletes the profile.
      await auth.closeAccount({ id }, propagate(context)).catch((err: unknown) => {
        throw reasonOf(err) === "LAST_ADMIN" ? lastAdmin() : err;
      });
      await db.begin((tx) => removeProfile(tx, id));
      return {};
    },

    async discardUser({ id }) {
      await db.begin((tx) => store.deleteProfile(tx, id));
      return {};
    },
  };
}
