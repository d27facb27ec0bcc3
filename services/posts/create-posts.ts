import type { Db } from "@plaza/kit/db/database";
import type { Fault } from "@plaza/kit/errors/fault";
import { type Post, type PostDraft, resolveDuplicate } from "./domain.ts";
import * as store from "./store.ts";

/**
 * Publishes the drafts and announces them. Answers for each, in order, its post; for a draft whose
 * key was used before, the post of that time or a refusal.
 */
export async function createPosts(db: Db, drafts: readonly PostDraft[]): Promise<(Post | Fault)[]> {
  const inserted = await store.insertPosts(db, drafts);
  const isNew = ({ post }: PostDraft): boolean => inserted.has(post.id);
  const repeats = drafts.filter((draft) => !isNew(draft));
  if (repeats.length === 0) return drafts.map(({ post }) => post);
  const published = await store.findPostsByIdempotencyKey(db, repeats);
  const firstOf = ({ post, idempotencyKey }: PostDraft) =>
    published.find(
      (one) => one.authorId === post.authorId && one.idempotencyKey === idempotencyKey,
    );
  return drafts.map((draft) =>
    isNew(draft) ? draft.post : resolveDuplicate(firstOf(draft), draft),
  );
}
