import type { HandlerContext, ServiceImpl } from "@connectrpc/connect";
import { type FriendService, RelationSchema } from "@plaza/contract/friends/v1/friends";
import { createUserCardLoader } from "@plaza/kit/clients/user-cards";
import { batchedReads } from "@plaza/kit/db/batch";
import { requireAccount } from "@plaza/kit/identity/caller";
import { includesField, parseReadMask, prune, type ReadMask } from "@plaza/kit/rpc/field-mask";
import { pageSize, paginate, parsePageToken, uuidPattern } from "@plaza/kit/rpc/pagination";
import type { ServiceContext } from "./context.ts";
import {
  fromPerspectiveOf,
  type Pair,
  pairKey,
  type RelatedUser,
  strangerPair,
  type UserPair,
} from "./domain.ts";
import { fromState, toPair, toRelation } from "./mappers.ts";
import type { Relation } from "./pair-state-machine.ts";
import * as store from "./store.ts";

type Reads = "listFriends" | "batchGetRelations" | "batchGetPairs";

/** The patterns of a list cursor in a page token: milliseconds since 1970, and an id. */
const cursorPatterns = [/^\d{1,13}$/, uuidPattern];

export function friendReads(deps: ServiceContext): Pick<ServiceImpl<typeof FriendService>, Reads> {
  const { db } = deps;
  const findCard = createUserCardLoader(deps);
  const findStoredPair = batchedReads({
    read: (keys: string[]) => store.findPairs(db, keys),
    keyOf: pairKey,
  });

  async function findPair({ userId, otherId }: UserPair): Promise<Pair> {
    const userPair = { userId: userId.toLowerCase(), otherId: otherId.toLowerCase() };
    const pair = await findStoredPair(pairKey(userPair));
    return pair
      ? fromPerspectiveOf(pair, userPair.userId)
      : strangerPair(userPair.userId, userPair.otherId);
  }

  async function present(
    { userId, since }: RelatedUser,
    relation: Relation,
    mask: ReadMask,
    context: HandlerContext,
  ) {
    const user = includesField(mask, "user") ? await findCard(userId, context) : undefined;
    return prune(RelationSchema, toRelation(userId, { relation, since }, user), mask);
  }

  return {
    async listFriends(request, context) {
      const mask = parseReadMask(RelationSchema, request.readMask);
      const size = pageSize(request.pageSize);
      const relation = fromState(request.state);
      const [since = store.maxCursor.since, userId = store.maxCursor.userId] =
        parsePageToken(request.pageToken, cursorPatterns) ?? [];
      const before = { since: new Date(Number(since)), userId };
      const me = requireAccount(context).id;
      const found = await store.listRelated(db, me, relation, before, size + 1);
      const { rows, nextPageToken } = paginate(found, size, (row) => [
        String(row.since.getTime()),
        row.userId,
      ]);
      return {
        friends: await Promise.all(rows.map((row) => present(row, relation, mask, context))),
        nextPageToken,
      };
    },

    async batchGetRelations({ userIds }, context) {
      const userId = requireAccount(context).id;
      const pairs = await Promise.all(userIds.map((otherId) => findPair({ userId, otherId })));
      return { relations: pairs.map(({ otherId, mine }) => toRelation(otherId, mine)) };
    },

    async batchGetPairs({ pairs }) {
      return { pairs: (await Promise.all(pairs.map(findPair))).map(toPair) };
    },
  };
}
