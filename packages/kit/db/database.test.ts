import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { OperatorError } from "../errors/operator-error.ts";
import { emptyDatabase } from "../testing/db.ts";
import { dropTestDatabase } from "../testing/drop-database.ts";
import { connect, type Pool, type Tx } from "./database.ts";
import { ConnectionLostError, isUnavailable, isUniqueViolation } from "./errors.ts";

describe("connect", () => {
  const target = emptyDatabase();
  let db: Pool;

  /** A pool that is ended after its test. */
  async function using(
    options: Parameters<typeof connect>[1],
    work: (pool: Pool) => Promise<void>,
  ) {
    const pool = connect(target(), options);
    await work(pool).finally(() => pool.end());
  }
  const terminate = (pid: number) => db`select pg_terminate_backend(${pid}, 1000)`;
  const count = async () => (await db<{ n: number }[]>`select count(*)::int as n from note`)[0]?.n;

  before(async () => {
    db = connect(target(), { name: "db-test" });
    await db`create table note (id int primary key, some_text text, constraint short check (length(some_text) < 9))`;
  });

  after(() => db.end());

  describe("values", () => {
    it("have camelCase names and the documented types", async () => {
      const [row] = await db`
        select 1 as one_two, 5::bigint as big, 1.50::numeric as price, date '2020-02-29' as day,
          timestamptz '2020-01-01 00:00:00.123Z' as at, '\\x0102'::bytea as bytes,
          '{"snake_key": [1]}'::jsonb as data, true as yes, null as nothing`;
      assert.deepEqual(row, {
        oneTwo: 1,
        big: 5n,
        price: "1.50",
        day: "2020-02-29",
        at: new Date("2020-01-01T00:00:00.123Z"),
        bytes: Buffer.from([1, 2]),
        data: { snake_key: [1] },
        yes: true,
        nothing: null,
      });
    });

    it("survive a round trip in arrays, with any text", async () => {
      const arrays = fc.record({
        texts: fc.array(
          fc.option(fc.string({ unit: "grapheme" }).filter((s) => !s.includes("\0"))),
        ),
        times: fc.array(fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(9e12) })),
        bigs: fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
        flags: fc.array(fc.boolean()),
      });
      await fc.assert(
        fc.asyncProperty(arrays, async ({ texts, times, bigs, flags }) => {
          const [row] = await db`
            select ${texts}::text[] as texts, ${times}::timestamptz[] as times,
              ${bigs}::bigint[] as bigs, ${flags}::boolean[] as flags`;
          assert.deepEqual(row, { texts, times, bigs, flags });
        }),
        { numRuns: 50 },
      );
    });

    it("are refused by the call when undefined, in a parameter, an array or a row", () => {
      const missing = undefined as unknown as string;
      assert.throws(() => db`select ${missing}`, TypeError);
      assert.throws(() => db`select ${[missing]}::text[]`, TypeError);
      assert.throws(() => db`insert into note ${db([{ id: 1, someText: missing }])}`, TypeError);
    });

    it("that the server refuses reject their own query only", async () => {
      const bad = new Date(Number.NaN);
      const outcomes = await Promise.allSettled(
        Array.from({ length: 40 }, (_, n) =>
          n % 10 === 3 ? db`select ${bad}::timestamptz as n` : db`select ${n}::int as n`,
        ),
      );
      for (const [n, outcome] of outcomes.entries()) {
        if (n % 10 === 3) assert.equal(outcome.status, "rejected");
        else assert.equal(outcome.status === "fulfilled" && outcome.value[0]?.n, n);
      }
    });
  });

  describe("transactions", () => {
    it("commit all of their work, or nothing when it fails", async () => {
      await db.begin((tx) => tx`insert into note values (1, 'a')`);
      const failure = db.begin(async (tx) => {
        await tx`insert into note values (2, 'b')`;
        throw new Error("no");
      });
      await assert.rejects(failure, /^Error: no$/);
      assert.equal(await count(), 1);
    });

    it("fail with the error of the failed statement, not of one pipelined behind it", async () => {
      const insert = async (tx: Tx) => {
        const inserted = tx`insert into note values (1, 'again')`;
        await inserted.catch(async (error) => {
          await sleep(20);
          throw error;
        });
      };
      const failure = db.begin((tx) => Promise.all([insert(tx), tx`select 1`]));
      await assert.rejects(failure, { code: "23505" });
    });

    it("fail when their work swallows the error of a statement", async () => {
      const swallowing = db.begin(async (tx) => {
        await tx`insert into note values (3, 'c')`;
        await tx`insert into note values (3, 'c')`.catch(() => {});
      });
      await assert.rejects(swallowing, /swallowed/);
      assert.equal(await count(), 1);
    });

    it("refuse queries after their end", async () => {
      const late = await db.begin(async (tx) => tx);
      await assert.rejects(async () => late`select 1`, /transaction has ended/);
    });

    it("have the requested isolation level", async () => {
      const level = await db.begin("isolation level serializable", async (tx) => {
        const [row] = await tx`select current_setting('transaction_isolation') as level`;
        return row?.level;
      });
      assert.equal(level, "serializable");
    });

    it("have exclusive use of their connection", async () => {
      await using({ max: 2 }, async (pool) => {
        const failure = pool.begin(async (tx) => {
          await tx`insert into note values (20, 'in')`;
          await pool`insert into note values (21, 'beside')`;
          throw new Error("no");
        });
        await assert.rejects(failure, /^Error: no$/);
        const kept = await db`select id from note where id in (20, 21)`;
        assert.deepEqual([...kept], [{ id: 21 }]);
      });
    });

    it("may finish while their pool ends", async () => {
      const pool = connect(target());
      const written = pool.begin(async (tx) => {
        await tx`insert into note values (22, 'one')`;
        await sleep(50);
        await tx`insert into note values (23, 'two')`;
      });
      await pool`select 1`;
      await pool.end();
      await written;
      assert.equal((await db`select id from note where id in (22, 23)`).length, 2);
    });

    it("wait for a connection when there are more of them than connections", async () => {
      await using({ max: 2 }, async (pool) => {
        const sums = Array.from({ length: 20 }, (_, n) =>
          pool.begin(async (tx) => {
            const [row] = await tx<{ n: number }[]>`select ${n}::int + 1 as n`;
            const [next] = await tx<{ n: number }[]>`select ${row?.n ?? 0}::int + 1 as n`;
            return next?.n;
          }),
        );
        const statements = Array.from({ length: 20 }, (_, n) => pool`select ${n}::int as n`);
        assert.deepEqual(
          await Promise.all(sums),
          Array.from({ length: 20 }, (_, n) => n + 2),
        );
        assert.equal((await Promise.all(statements)).length, 20);
      });
    });
  });

  describe("a lost connection", () => {
    it("rejects the statements in flight as unavailable; the next one gets a new connection", async () => {
      await using({ max: 1 }, async (pool) => {
        const pid = await pidOf(pool);
        const running = Promise.allSettled([pool`select pg_sleep(5)`, pool`select 1`]);
        await terminate(pid);
        for (const outcome of await running) {
          assert.ok(outcome.status === "rejected" && outcome.reason instanceof ConnectionLostError);
          assert.ok(isUnavailable(outcome.reason));
        }
        assert.notEqual(await pidOf(pool), pid);
      });
    });

    it("does not affect the next statement when it was idle", async () => {
      await using({ max: 1 }, async (pool) => {
        const pid = await pidOf(pool);
        await terminate(pid);
        await sleep(20);
        assert.notEqual(await pidOf(pool), pid);
      });
    });

    it("rejects statements pipelined behind a slow one; none of them runs later", async () => {
      await using({ max: 1 }, async (pool) => {
        const pid = await pidOf(pool);
        const slow = pool`select pg_sleep(${5})`.catch((e: unknown) => e);
        const behind = [30, 31, 32].map((id) =>
          pool`insert into note values (${id}, 'late')`.catch((e: unknown) => e),
        );
        await sleep(50);
        await terminate(pid);
        for (const outcome of await Promise.all([slow, ...behind])) {
          assert.ok(outcome instanceof ConnectionLostError);
        }
        await sleep(100);
        assert.equal((await db`select id from note where id >= 30`).length, 0);
      });
    });

    it("ends its transaction: nothing of it is committed, also no later statement", async () => {
      await using({ max: 1 }, async (pool) => {
        const before = await count();
        let other: Promise<unknown> | undefined;
        const broken = pool.begin(async (tx) => {
          await tx`insert into note values (10, 'before')`;
          await terminate(await pidOf(tx as unknown as Pool));
          other = pool`select 1`; // takes a new connection
          await tx`insert into note values (11, 'after')`.catch(() => {});
          await tx`insert into note values (12, 'after')`;
        });
        await assert.rejects(broken, ConnectionLostError);
        await other;
        assert.equal(await count(), before);
      });
    });
  });

  it("rejects all requests at once while the server is down, and does not hammer it", async () => {
    let asked = 0;
    const server = createServer((socket) => {
      asked += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const pool = connect({ ...target(), host: "127.0.0.1", port }, { max: 3 });
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => pool`select 1`));
    for (const outcome of outcomes) {
      assert.ok(outcome.status === "rejected" && isUnavailable(outcome.reason));
    }
    await sleep(50);
    assert.ok(asked <= 3, `asked ${asked} times`);
    await pool.end();
    server.close();
  });

  it("closes connections that are idle", async () => {
    await using({ idleMs: 40, name: "idle-test" }, async (pool) => {
      await Promise.all([pidOf(pool), pidOf(pool), pidOf(pool)]);
      const open = async () => {
        const [row] = await db`
          select count(*)::int as n from pg_stat_activity where application_name = 'idle-test'`;
        return row?.n;
      };
      assert.ok((await open()) > 0);
      for (let attempt = 0; attempt < 50 && (await open()) > 0; attempt += 1) {
        await sleep(20);
      }
      assert.equal(await open(), 0);
      assert.ok(await pidOf(pool), "connects again");
    });
  });

  it("finishes running queries when ended, and refuses later ones", async () => {
    const pool = connect(target());
    const running = pool`select pg_sleep(0.1), 1 as n`.execute();
    await pool`select 1`;
    await pool.end();
    assert.equal((await running)[0]?.n, 1);
    await assert.rejects(async () => pool`select 1`, /closed/);
  });

  it("refuses a server with unsafe durability settings", async () => {
    await db.unsafe(`alter database "${target().database}" set synchronous_commit = off`);
    await using({}, async (pool) => {
      await assert.rejects(
        async () => pool`select 1`,
        (error) => {
          assert.ok(error instanceof OperatorError);
          assert.match(error.message, /synchronous_commit is off/);
          return true;
        },
      );
    });
    await db.unsafe(`alter database "${target().database}" reset synchronous_commit`);
  });

  it("refuses a database that cannot hold all text", async () => {
    const database = `${target().database}_ascii`;
    await db.unsafe(
      `create database "${database}" encoding 'SQL_ASCII' locale 'C' locale_provider libc template template0`,
    );
    const pool = connect({ ...target(), database });
    try {
      await assert.rejects(async () => pool`select 1`, /has the encoding SQL_ASCII.*UTF8/);
    } finally {
      await pool.end();
      await dropTestDatabase(db, database);
    }
  });

  it("detects a unique violation by its constraint", async () => {
    const error = await db`insert into note values (1, 'again')`.catch((e: unknown) => e);
    assert.ok(isUniqueViolation(error));
    assert.ok(isUniqueViolation(error, "note_pkey"));
    assert.ok(!isUniqueViolation(error, "other"));
    const other = await db`insert into note values (99, 'too long for it')`.catch(
      (e: unknown) => e,
    );
    assert.ok(!isUniqueViolation(other));
    assert.ok(!isUnavailable(other));
  });
});

async function pidOf(pool: Pool): Promise<number> {
  const [row] = await pool<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row?.pid ?? 0;
}
