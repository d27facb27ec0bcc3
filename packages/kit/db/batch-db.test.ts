import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import { testDatabase } from "../testing/db.ts";
import { batchedReads, batchedWrites } from "./batch.ts";
import { connect, type Pool } from "./database.ts";
import { ConnectionLostError, isUniqueViolation } from "./errors.ts";
import { kitMigrations } from "./migrate.ts";

type Post = { id: string; title: string };

describe("batches on PostgreSQL", () => {
  const db = testDatabase(kitMigrations);
  const uuid = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, "0")}`;

  before(() => db()`create table post (id uuid primary key, title text not null unique)`);

  const insertPosts = (pool: Pool) => async (posts: Post[]) => {
    await pool`
      insert into post (id, title)
      select * from unnest(${posts.map(({ id }) => id)}::uuid[], ${posts.map(({ title }) => title)}::text[])`;
    return posts.map(({ id }) => id);
  };
  const titles = async (prefix: string) => {
    const rows = await db()<{ title: string }[]>`
      select title from post where starts_with(title, ${prefix})`;
    return new Set(rows.map(({ title }) => title));
  };

  it("reads all keys with one statement, and a malformed id fails alone", async () => {
    await insertPosts(db())(
      Array.from({ length: 100 }, (_, n) => ({ id: uuid(n), title: `r${n}` })),
    );
    let statements = 0;
    const findPost = batchedReads({
      read: (ids: string[]) => {
        statements += 1;
        return db()<Post[]>`select id, title from post where id = any(${ids}::uuid[])`;
      },
      keyOf: (post: Post) => post.id,
    });
    const found = await Promise.all(Array.from({ length: 120 }, (_, n) => findPost(uuid(n))));
    for (const [n, post] of found.entries())
      assert.equal(post?.title, n < 100 ? `r${n}` : undefined);
    assert.equal(statements, 1);

    const [good, bad] = await Promise.allSettled([findPost(uuid(7)), findPost("nonsense")]);
    assert.equal(good?.status === "fulfilled" && good.value?.title, "r7");
    assert.equal(bad?.status, "rejected");
  });

  it("commits all but the one row among 50 that breaks a constraint", async () => {
    const insertPost = batchedWrites({ write: insertPosts(db()) });
    await insertPost({ id: randomUUID(), title: "w13" });
    const posts = Array.from({ length: 50 }, (_, n) => ({ id: randomUUID(), title: `w${n}` }));
    const outcomes = await Promise.allSettled(posts.map(insertPost));
    for (const [n, outcome] of outcomes.entries()) {
      if (n === 13) assert.ok(outcome.status === "rejected" && isUniqueViolation(outcome.reason));
      else assert.equal(outcome.status === "fulfilled" && outcome.value, posts[n]?.id);
    }
    assert.equal((await titles("w")).size, 50);
  });

  it("executes no item twice and loses no acknowledged one while connections are cut", async () => {
    const pool = connect(db().connectionConfig, { name: "batch-cut" });
    const insertPost = batchedWrites({ write: insertPosts(pool) });
    const acknowledged: string[] = [];
    let lost = 0;
    const caller = async (name: string) => {
      for (let n = 0; n < 60; n += 1) {
        const title = `c-${name}-${n}`;
        await insertPost({ id: randomUUID(), title }).then(
          () => acknowledged.push(title),
          (error) => {
            // An existing title would mean that an item was executed twice.
            assert.ok(!isUniqueViolation(error), "executed twice");
            lost += error instanceof ConnectionLostError ? 1 : 0;
          },
        );
      }
    };
    const cutting = setInterval(() => {
      void db()`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'batch-cut'`.execute();
    }, 15);
    await Promise.all(Array.from({ length: 20 }, (_, n) => caller(String(n))));
    clearInterval(cutting);
    await pool.end();

    const kept = await titles("c-");
    assert.deepEqual(
      acknowledged.filter((title) => !kept.has(title)),
      [],
    );
    assert.ok(acknowledged.length > 0 && lost > 0, "the test did not exercise a loss");
  });
});
