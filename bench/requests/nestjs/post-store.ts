import { Pool } from "pg";

const selectPosts = `
  select post.id, author_id, title, body, excerpt, create_time, update_time,
    author.id as card_id, nickname, first_name, last_name, avatar_url
  from post left join author on author.id = author_id`;

/** Inserts a post and its event in one transaction and one round trip. */
const insertPost = `
  with created as (
    insert into post (id, author_id, title, body, excerpt, create_time, update_time)
    values ($1, $2, $3, $4, $5, $6, $6) returning id
  )
  insert into event (aggregate_id, type, payload)
  select id::text, $7, $8 from created`;

export type NewPost = {
  readonly id: string;
  readonly authorId: string;
  readonly title: string;
  readonly body: string;
  readonly excerpt: string;
  readonly createTime: Date;
};

/** The posts, each with its author's card. Named statements are prepared once for each connection. */
export class PostStore {
  // The server, the user and the database come from PGHOST, PGUSER and PGDATABASE.
  readonly #pool = new Pool({ max: Number(process.env["POOL_SIZE"]) });

  async find(id: string) {
    const text = `${selectPosts} where post.id = $1`;
    const { rows } = await this.#pool.query({ name: "find", text, values: [id] });
    return rows[0] && toPost(rows[0]);
  }

  /** Lists the newest posts with an id below the given one. */
  async list(before: string, limit: number) {
    const text = `${selectPosts} where post.id < $1 order by post.id desc limit $2`;
    const { rows } = await this.#pool.query({ name: "list", text, values: [before, limit] });
    return rows.map(toPost);
  }

  async create({ id, authorId, title, body, excerpt, createTime }: NewPost): Promise<void> {
    const payload = Buffer.from(JSON.stringify({ postId: id, authorId }));
    const post = [id, authorId, title, body, excerpt, createTime];
    const values = [...post, "bench.posts.v1.PostCreated", payload];
    await this.#pool.query({ name: "create", text: insertPost, values });
  }
}

function toPost(row: Record<string, string>) {
  return {
    id: row["id"],
    authorId: row["author_id"],
    title: row["title"],
    body: row["body"],
    excerpt: row["excerpt"],
    author: row["card_id"] ? toCard(row) : undefined,
    createTime: row["create_time"],
    updateTime: row["update_time"],
  };
}

function toCard(row: Record<string, string>) {
  return {
    id: row["card_id"],
    nickname: row["nickname"],
    firstName: row["first_name"],
    lastName: row["last_name"],
    avatarUrl: row["avatar_url"],
  };
}
