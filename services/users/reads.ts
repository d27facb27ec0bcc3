import type { ServiceImpl } from "@connectrpc/connect";
import { type User, UserSchema, type UserService } from "@plaza/contract/users/v1/users";
import { batchedReads } from "@plaza/kit/db/batch";
import { isDeletedUser } from "@plaza/kit/db/deleted-users";
import { type Caller, callerOf, requireAccount } from "@plaza/kit/identity/caller";
import { parseReadMask, prune, type ReadMask } from "@plaza/kit/rpc/field-mask";
import {
  maxUuid,
  pageSize,
  paginate,
  parsePageToken,
  uuidPattern,
} from "@plaza/kit/rpc/pagination";
import type { Deps } from "@plaza/kit/runtime/service";
import { boundSearch } from "@plaza/kit/text/bound-search";
import { noSuchUser, type Profile, visibleTo } from "./domain.ts";
import { resolveUserId, toUser } from "./mappers.ts";
import { memberKeyPattern, searchMembers } from "./search-members.ts";
import * as store from "./store.ts";

type Reads = "getUser" | "batchGetUsers" | "searchUsers" | "listUsers" | "findUserByNickname";

export function userReads({ db }: Deps): Pick<ServiceImpl<typeof UserService>, Reads> {
  const findProfile = batchedReads({
    read: (ids: string[]) => store.findProfiles(db, ids),
    keyOf: ({ id }) => id,
  });

  return {
    async getUser(request, context) {
      const mask = parseReadMask(UserSchema, request.readMask);
      const id = resolveUserId(request.id, context);
      const profile = (await findProfile(id)) ?? noSuchUser(id, await isDeletedUser(db, id));
      return present(profile, callerOf(context), mask);
    },

    async batchGetUsers(request, context) {
      const mask = parseReadMask(UserSchema, request.readMask);
      const profiles = await Promise.all(request.ids.map((id) => findProfile(id.toLowerCase())));
      const caller = callerOf(context);
      return { users: profiles.flatMap((one) => (one ? [present(one, caller, mask)] : [])) };
    },

    async searchUsers(request, context) {
      const mask = parseReadMask(UserSchema, request.readMask);
      const size = pageSize(request.pageSize);
      const [after] = parsePageToken(request.pageToken, [memberKeyPattern]) ?? [];
      const searcherId = requireAccount(context).id;
      const { found, rest } = await searchMembers(
        db,
        { text: request.nickname, searcherId },
        after,
        size + 1,
      );
      const { rows, nextPageToken } = paginate(
        found,
        size,
        ({ key }) => [key],
        rest ? [rest] : undefined,
      );
      const caller = callerOf(context);
      return { users: rows.map(({ profile }) => present(profile, caller, mask)), nextPageToken };
    },

    async listUsers(request, context) {
      const mask = parseReadMask(UserSchema, request.readMask);
      const size = pageSize(request.pageSize);
      const [before = maxUuid] = parsePageToken(request.pageToken, [uuidPattern]) ?? [];
      const query = request.query.trim();
      const found = query
        ? await boundSearch(db, (tx) => store.searchProfiles(tx, query, before, size + 1))
        : await store.listProfiles(db, before, size + 1);
      const { rows, nextPageToken } = paginate(found, size, ({ id }) => [id]);
      const caller = callerOf(context);
      return { users: rows.map((profile) => present(profile, caller, mask)), nextPageToken };
    },

    async findUserByNickname(request) {
      const nickname = request.nickname.toLowerCase();
      return { id: (await store.findIdByNickname(db, nickname)) ?? noSuchUser(nickname) };
    },
  };
}

function present(profile: Profile, caller: Caller, mask: ReadMask): User {
  return prune(UserSchema, toUser(visibleTo(profile, caller)), mask);
}
