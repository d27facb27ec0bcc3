import type { Db } from "@plaza/kit/db/database";
import type { Fault } from "@plaza/kit/errors/fault";
import { type Draft, type Post, sameRequest } from "./domain.ts";
import * as store from "./store.ts";

/**
 * Publishes the drafts and announces them. Answers for each, in order, its post; for a draft whose
 * key was used before, the post of that time or a refusal.
 */
export async function publish(db: Db, drafts: readonly Draft[]): Promise<(Post | Fault)[]> {
  const inserted = await store.insertPosts(db, drafts);
  const isNew = ({ post }: Draft): boolean => inserted.has(post.id);
  const repeats = drafts.filter((draft) => !isNew(draft));
  if (repeats.length === 0) return drafts.map(({ post }) => post);
  const published = await store.findPublished(db, repeats);
  const firstOf = ({ post, idempotencyKey }: Draft) =>
    published.find(
      (one) => one.authorId === post.authorId && one.idempotencyKey === idempotencyKey,
    );
  return drafts.map((draft) => (isNew(draft) ? draft.post : sameRequest(firstOf(draft), draft)));
}
