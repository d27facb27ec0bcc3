import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Post as PostMessage, PostSchema } from "@plaza/contract/posts/v1/posts";
import type { User } from "@plaza/contract/users/v1/users";
import { etagOf } from "@plaza/kit/errors/etag";
import { writableFields } from "@plaza/kit/rpc/field-mask";
import type { Post } from "./domain.ts";

export const toPostChanges = writableFields(PostSchema, { title: "title", body: "body" });

export function toPost(post: Post, author?: User): PostMessage {
  const { id, authorId, title, body, excerpt } = post;
  return create(PostSchema, {
    id,
    authorId,
    title,
    body,
    excerpt,
    author,
    createTime: timestampFromDate(post.createTime),
    updateTime: timestampFromDate(post.updateTime),
    etag: etagOf(post),
  });
}
