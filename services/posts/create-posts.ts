import type { Tx } from "@plaza/kit/db/database";
import { findDeletedUsers } from "@plaza/kit/db/deleted-users";
import { type Fault, invalidSession } from "@plaza/kit/errors/fault";
import { type Post, type PostDraft, resolveDuplicate } from "./domain.ts";
import * as store from "./store.ts";

/**
 * Inserts the drafts and publishes PostCreated. Returns a result per draft, in order: the post, the earlier
 * post of the same key, or a Fault.
 */
export async function createPosts(tx: Tx, drafts: readonly PostDraft[]): Promise<(Post | Fault)[]> {
  const authorIds = drafts.map(({ post }) => post.authorId);
  const deleted = await findDeletedUsers(tx, authorIds);
  const valid = drafts.filter(({ post }) => !deleted.has(post.authorId));
  const inserted = await store.insertPosts(tx, valid);
  const isNew = ({ post }: PostDraft): boolean => inserted.has(post.id);
  const duplicates = valid.filter((draft) => !isNew(draft));
  const stored = duplicates.length > 0 ? await store.findPostsByIdempotencyKey(tx, duplicates) : [];
  const firstOf = ({ post, idempotencyKey }: PostDraft) =>
    stored.find((one) => one.authorId === post.authorId && one.idempotencyKey === idempotencyKey);
  return drafts.map((draft) => {
    if (deleted.has(draft.post.authorId)) return invalidSession();
    return isNew(draft) ? draft.post : resolveDuplicate(firstOf(draft), draft);
  });
}
