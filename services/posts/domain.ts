import { nextUpdateTime } from "@plaza/kit/errors/etag";
import { Fault, fieldRequired, notFound } from "@plaza/kit/errors/fault";
import { normalizeMarkdown, normalizeText } from "@plaza/kit/text/normalize-text";
import { requireMarkdown } from "@plaza/kit/text/require-markdown";
import { excerptOf } from "./excerpt.ts";

export type Post = {
  readonly id: string;
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
  readonly excerpt: string;
  readonly createTime: Date;
  readonly updateTime: Date;
};

/** The account of the caller. */
type Account = { readonly id: string; readonly roles: readonly string[] };

/** The fields that authors write. */
type PostText = Pick<Post, "title" | "body">;

/** A post to create, with its idempotency key. */
export type PostDraft = {
  readonly post: Post;
  readonly idempotencyKey: string | null;
  /** Equal for equal requests; null without a key. */
  readonly requestDigest: string | null;
};

/** A stored post with its idempotency key. */
export type StoredPost = Post & {
  readonly idempotencyKey: string;
  readonly requestDigest: string;
};

export function newPost(id: string, authorId: string, text: PostText, now: Date): Post {
  return { id, authorId, ...normalize(text), createTime: now, updateTime: now };
}

/** An unchanged body is not checked again: it may be older than a rule, and its title must stay changeable. */
export function edit(post: Post, changes: Partial<PostText>, now: Date): Post {
  const { title = post.title, body = post.body } = changes;
  const text = body === post.body ? { title: requireTitle(title) } : normalize({ title, body });
  return { ...post, ...text, updateTime: nextUpdateTime(post, now) };
}

export function mayChange(post: Post, account: Account): boolean {
  return post.authorId === account.id || account.roles.includes("admin");
}

/**
 * A retry gets the post of its first request. Another request under the same key is a client bug and gets
 * a Fault; so does a retry whose post was deleted meanwhile.
 */
export function resolveDuplicate(first: StoredPost | undefined, draft: PostDraft): Post | Fault {
  if (first && first.requestDigest === draft.requestDigest) return first;
  return new Fault(
    "conflict",
    "KEY_REUSED",
    "idempotency_key was already used for a different request",
  );
}

export function noSuchPost(id: string, isDeleted = false): never {
  throw notFound("NO_SUCH_POST", `no such post: "${id}"`, isDeleted);
}

export function noSuchUser(): never {
  throw new Fault("not_found", "NO_SUCH_USER", "the author's account was deleted");
}

export function notYourPost(): never {
  throw new Fault(
    "forbidden",
    "NOT_YOUR_POST",
    "only the author and admins can edit or delete this post",
  );
}

function normalize(text: PostText): PostText & Pick<Post, "excerpt"> {
  const body = normalizeMarkdown(text.body) || fieldRequired("post.body");
  return {
    title: requireTitle(text.title),
    body,
    excerpt: excerptOf(body, requireMarkdown("post.body", body)),
  };
}

function requireTitle(title: string): string {
  return normalizeText(title) || fieldRequired("post.title");
}
