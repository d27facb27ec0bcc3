import { PostCreatedSchema } from "@plaza/contract/posts/v1/events";
import type { Db, Tx } from "@plaza/kit/db/database";
import { outboxRows } from "@plaza/kit/events/outbox";
import type { SearchResult } from "@plaza/kit/text/newest-search";
import { type SearchWindow, searchRows } from "@plaza/kit/text/search-rows";
import { searchVector } from "@plaza/kit/text/search-vector";
import type { Post, PostDraft, StoredPost } from "./domain.ts";

const columns = ["id", "authorId", "title", "body", "excerpt", "createTime", "updateTime"];

export function findPosts(db: Db, ids: readonly string[]): Promise<Post[]> {
  return db<Post[]>`select ${db(columns)} from post where id = any(${ids}::uuid[])`;
}

/** Locks the row until the transaction ends, so that changes of a post run one at a time. */
export async function lockPost(tx: Tx, id: string): Promise<Post | undefined> {
  const [post] = await tx<Post[]>`select ${tx(columns)} from post where id = ${id} for update`;
  return post;
}

export async function hasPosts(db: Db): Promise<boolean> {
  const [post] = await db`select from post limit 1`;
  return post !== undefined;
}

export function listPosts(db: Db, before: string, limit: number): Promise<Post[]> {
  return db<Post[]>`
    select ${db(columns)} from post where id < ${before} order by id desc limit ${limit}`;
}

export function listPostsByAuthor(
  db: Db,
  authorId: string,
  before: string,
  limit: number,
): Promise<Post[]> {
  return db<Post[]>`
    select ${db(columns)} from post
    where author_id = ${authorId} and id < ${before}
    order by id desc limit ${limit}`;
}

/** A page of the posts with the words. */
export function searchPosts(tx: Tx, window: SearchWindow): Promise<SearchResult<Post>> {
  return searchRows<Post>(tx, { table: "post", columns }, window);
}

const searchVectorOf = ({ title, body }: Post) => searchVector({ A: title, B: body });

/** Posts without search words, newest first. */
export function findUnindexedPosts(tx: Tx, limit: number): Promise<Post[]> {
  return tx<Post[]>`
    select ${tx(columns)} from post where number is null order by id desc limit ${limit} for update skip locked`;
}

export async function indexPost(tx: Tx, post: Post): Promise<void> {
  await tx`
    update post
    set search = ${searchVectorOf(post)}::tsvector, number = nextval('post_old_number_seq')
    where id = ${post.id}`;
}

/**
 * Inserts the drafts whose key is free, publishes PostCreated for them and returns their ids, all in one
 * statement: the unique index, not an earlier read, has the last word. The order by key prevents deadlocks
 * of two batches.
 */
export async function insertPosts(db: Db, drafts: readonly PostDraft[]): Promise<Set<string>> {
  const all = <T>(value: (draft: PostDraft) => T): T[] => drafts.map(value);
  const created = drafts.map(({ post: { id, authorId } }) => ({
    init: { postId: id, authorId },
    aggregateId: id,
  }));
  const rows = await db<{ id: string }[]>`
    with inserted as (
    insert into post (
      id, author_id, title, body, excerpt, create_time, update_time, idempotency_key, request_digest,
      search)
    select id, author_id, title, body, excerpt, created, updated, key, digest, words::tsvector
    from unnest(
      ${all(({ post }) => post.id)}::uuid[],
      ${all(({ post }) => post.authorId)}::uuid[],
      ${all(({ post }) => post.title)}::text[],
      ${all(({ post }) => post.body)}::text[],
      ${all(({ post }) => post.excerpt)}::text[],
      ${all(({ post }) => post.createTime)}::timestamptz[],
      ${all(({ post }) => post.updateTime)}::timestamptz[],
      ${all(({ idempotencyKey }) => idempotencyKey)}::text[],
      ${all(({ requestDigest }) => requestDigest)}::text[],
      ${all(({ post }) => searchVectorOf(post))}::text[]
    ) as draft (id, author_id, title, body, excerpt, created, updated, key, digest, words)
    order by author_id, key
    on conflict (author_id, idempotency_key) where idempotency_key is not null do nothing
    returning id
    ), noted as (
      insert into event (aggregate_id, type, payload)
      select aggregate_id, type, payload
      from ${outboxRows(db, PostCreatedSchema, created)}
      join inserted on inserted.id::text = aggregate_id
      order by position
    )
    select id from inserted`;
  return new Set(rows.map(({ id }) => id));
}

/** The stored posts with the keys of these drafts. */
export function findPostsByIdempotencyKey(
  db: Db,
  drafts: readonly PostDraft[],
): Promise<StoredPost[]> {
  return db<StoredPost[]>`
    select ${db(columns)}, idempotency_key, request_digest from post
    where (author_id, idempotency_key) in (
      select * from unnest(
        ${drafts.map(({ post }) => post.authorId)}::uuid[],
        ${drafts.map(({ idempotencyKey }) => idempotencyKey)}::text[]))`;
}

export async function savePost(tx: Tx, post: Post): Promise<void> {
  const { title, body, excerpt, updateTime } = post;
  await tx`
    update post
    set ${tx({ title, body, excerpt, updateTime })}, search = ${searchVectorOf(post)}::tsvector
    where id = ${post.id}`;
}

/** Deletes a post and records that. */
export async function deletePost(tx: Tx, id: string): Promise<void> {
  await tx`
    with deleted as (delete from post where id = ${id} returning id)
    insert into deleted_post (post_id) select id from deleted`;
}

/** The same for all posts of an author; returns their ids. */
export async function deletePostsByAuthor(tx: Tx, authorId: string): Promise<string[]> {
  const rows = await tx<{ postId: string }[]>`
    with deleted as (delete from post where author_id = ${authorId} returning id)
    insert into deleted_post (post_id) select id from deleted returning post_id`;
  return rows.map(({ postId }) => postId);
}

/** Whether there was a post with this id. */
export async function isDeletedPost(db: Db, id: string): Promise<boolean> {
  const [row] = await db`select from deleted_post where post_id = ${id}`;
  return row !== undefined;
}
