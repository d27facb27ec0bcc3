import type { Db } from "@plaza/kit/db/database";
import type { Fault } from "@plaza/kit/errors/fault";
import { type Post, type PostDraft, resolveDuplicate } from "./domain.ts";
import * as store from "./store.ts";

/**
 * Inserts the drafts and publishes PostCreated. Returns a result per draft, in order: the post, the earlier
 * post of the same key, or a Fault.
 */
export async function createPosts(db: Db, drafts: readonly PostDraft[]): Promise<(Post | Fault)[]> {
  const inserted = await store.insertPosts(db, drafts);
  const isNew = ({ post }: PostDraft): boolean => inserted.has(post.id);
  const duplicates = drafts.filter((draft) => !isNew(draft));
  if (duplicates.length === 0) return drafts.map(({ post }) => post);
  const stored = await store.findPostsByIdempotencyKey(db, duplicates);
  const firstOf = ({ post, idempotencyKey }: PostDraft) =>
    stored.find((one) => one.authorId === post.authorId && one.idempotencyKey === idempotencyKey);
  return drafts.map((draft) =>
    isNew(draft) ? draft.post : resolveDuplicate(firstOf(draft), draft),
  );
}
