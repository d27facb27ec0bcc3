import type { ServiceImpl } from "@connectrpc/connect";
import { PostDeletedSchema } from "@plaza/contract/posts/v1/events";
import type { CreatePostRequest, PostService } from "@plaza/contract/posts/v1/posts";
import { batchedWrites } from "@plaza/kit/db/batch";
import { etagOf, requireEtag } from "@plaza/kit/errors/etag";
import { publish } from "@plaza/kit/events/outbox";
import { requireAccount } from "@plaza/kit/identity/caller";
import { createIdempotencyKey } from "@plaza/kit/rpc/idempotency-key";
import type { Deps } from "@plaza/kit/runtime/service";
import { createPosts } from "./create-posts.ts";
import {
  edit,
  mayChange,
  newPost,
  noSuchPost,
  notYourPost,
  type Post,
  type PostDraft,
} from "./domain.ts";
import { toPostChanges } from "./mappers.ts";
import type { PresentPost } from "./post-presenter.ts";
import * as store from "./store.ts";

type Writes = "createPost" | "updatePost" | "deletePost";

export function postWrites(
  { db, now, newId }: Deps,
  present: PresentPost,
): Pick<ServiceImpl<typeof PostService>, Writes> {
  const createOne = batchedWrites<PostDraft, Post>({
    write: (drafts) => db.begin((tx) => createPosts(tx, drafts)),
  });

  return {
    async createPost(request, context) {
      const post = newPost(newId(), requireAccount(context).id, request, now());
      return present(await createOne({ post, ...idempotencyKeyOf(request) }), context);
    },

    async updatePost({ post: wanted, updateMask }, context) {
      const account = requireAccount(context);
      const text = wanted?.id ? wanted : noSuchPost("");
      const changes = toPostChanges(text, updateMask);
      const post = await db.begin(async (tx) => {
        const before = (await store.lockPost(tx, text.id)) ?? noSuchPost(text.id);
        if (!mayChange(before, account)) notYourPost();
        requireEtag(text.etag, etagOf(before));
        const after = edit(before, changes, now());
        await store.savePost(tx, after);
        return after;
      });
      return present(post, context);
    },

    async deletePost({ id, etag }, context) {
      const account = requireAccount(context);
      await db.begin(async (tx) => {
        const post = (await store.lockPost(tx, id)) ?? noSuchPost(id);
        if (!mayChange(post, account)) notYourPost();
        requireEtag(etag, etagOf(post));
        await store.deletePost(tx, id);
        await publish(tx, PostDeletedSchema, { postId: post.id, authorId: post.authorId }, post.id);
      });
      return {};
    },
  };
}

function idempotencyKeyOf(request: CreatePostRequest): Omit<PostDraft, "post"> {
  const key = createIdempotencyKey(request.idempotencyKey, request.title, request.body);
  return { idempotencyKey: key?.key ?? null, requestDigest: key?.digest ?? null };
}
