import { randomUUID } from "node:crypto";
import { connect, type Pool } from "@plaza/kit/db/database";
import { ensureDatabase } from "@plaza/kit/db/ensure-database";
import { migrateService } from "@plaza/kit/db/migrate";
import { chooseCores, pinProcess } from "../base/cores.ts";
import { startPostgres } from "../base/postgres.ts";
import type { Scope } from "../base/scope.ts";

/** Creates the tables of posts in a PostgreSQL of its own. */
export async function createTable(scope: Scope): Promise<Pool> {
  const cores = chooseCores();
  pinProcess(cores.load);
  const server = await startPostgres(scope);
  pinProcess(cores.measured);
  const db = connect(await ensureDatabase(server.connectionConfig("postgres"), "posts"), {
    max: 1,
  });
  scope.defer(() => db.end());
  await migrateService(db, new URL("../../services/posts/migrations/", import.meta.url));
  return db;
}

/**
 * Words in a share of all posts, beside 30 of a vocabulary of 50,000, f1 to f50000, in Zipf's distribution: those of one
 * of 20,000 texts, because to draw them for each post would take longer than all else.
 */
const shares = {
  half: 2,
  twentieth: 20,
  score: 20,
  hundredth: 100,
  thousandth: 1_000,
  tenthousandth: 10_000,
  hundredthousandth: 100_000,
  上海: 500,
};

/** Adds posts number `from` + 1 to `to`, in statements of 100,000, and analyzes the table. */
export async function addPosts(db: Pool, from: number, to: number): Promise<void> {
  const authorId = randomUUID();
  // Words of different shares are independent of each other, and of the number.
  const words = Object.entries(shares)
    .map(
      ([word, of], n) =>
        `case when hashint8extended(n, ${n}) % ${of} = 0 then '''${word}'':${n + 2}B ' else '' end`,
    )
    .join(" || ");
  await db`
    create temporary table if not exists filler as
    select text, string_agg('''f' || floor(exp(random() * ln(50000)))::int || ''':' || position || 'B', ' ') as words
    from generate_series(0, 19999) as text cross join generate_series(20, 49) as position
    group by text`;
  await db`create unique index if not exists filler_text on filler (text)`;
  // A new index of many rows is made sooner than an old one takes them up.
  const [index] = await db<{ definition: string }[]>`
    select pg_get_indexdef('post_search'::regclass) as definition`;
  const isLarge = to - from > 500_000;
  if (isLarge) await db`drop index post_search`;
  for (let start = from; start < to; start += 100_000) {
    const end = Math.min(start + 100_000, to);
    await db`
      insert into post (id, author_id, title, body, excerpt, create_time, update_time, search, number)
      select ('01990000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, ${authorId}::uuid,
        'A post', repeat(md5(n::text), 15), '', now(), now(),
        (${db.unsafe(words)} || (case n % 2 when 0 then '''even'':1A ' else '''odd'':1A ' end)
          || (case when n <= 50000 and n % 2 = 0 then '''antique'':1A ' else '' end) || filler.words)::tsvector, n
      from generate_series(${start + 1}::bigint, ${end}::bigint) as n
      join filler on text = n % 20000`;
  }
  if (isLarge && index) {
    await db`set maintenance_work_mem = '512MB'`;
    await db.unsafe(index.definition);
  }
  await db`vacuum analyze post`;
}
