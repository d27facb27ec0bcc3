import assert from "node:assert/strict";
import { before, beforeEach, describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { UserDeletedSchema } from "@plaza/contract/users/v1/events";
import type { Pool, Tx } from "../db/database.ts";
import { kitMigrations } from "../db/migrate.ts";
import { onEvent } from "../events/event-handler.ts";
import { type Deps, defineService, type ServiceInstance } from "../runtime/service.ts";
import { testDatabase } from "./db.ts";
import {
  type Statement,
  type StatementInterceptor,
  withoutLocks,
  withStatements,
} from "./intercept-statements.ts";

describe("withStatements", () => {
  const database = testDatabase(kitMigrations);

  before(() => database()`create table stock (name text primary key, quantity int not null)`);
  beforeEach(async () => {
    await database()`delete from stock`;
    await database()`insert into stock values ('tea', 1), ('cups', 2)`;
  });

  /** The pool of a service, and the service as a host gets it. */
  function start(intercept: StatementInterceptor): { db: Pool; instance: ServiceInstance<never> } {
    let db: Pool | undefined;
    const service = defineService({
      name: "posts",
      contract: PostService,
      migrations: kitMigrations,
      create(deps) {
        db = deps.db;
        const onUserDeleted = onEvent("users", UserDeletedSchema, async (tx, { userId }) => {
          await lockRow(tx, userId);
        });
        return { implementation: {} as never, eventHandlers: [onUserDeleted] };
      },
    });
    const instance = withStatements(service, intercept).create({ db: database() } as Deps);
    assert.ok(db);
    return { db, instance: instance as ServiceInstance<never> };
  }

  const lockRow = (tx: Tx, name: string) =>
    tx<{ quantity: number }[]>`
      select quantity from stock where name = ${name} and ${tx`quantity > ${0}`} for update`;

  it("shows every statement whole, in the order in which it is awaited", async () => {
    const seen: Statement[] = [];
    const { db } = start((statement, run) => {
      seen.push(statement);
      return run();
    });
    const [found] = await db<
      { quantity: number }[]
    >`select quantity from stock where name = ${"tea"}`;
    assert.equal(found?.quantity, 1);
    const { count } = await db.begin(async (tx) => {
      await lockRow(tx, "tea");
      const fragments = [tx`name = ${"tea"}`, tx`or name = ${"cups"}`];
      const last = tx`delete from stock where ${fragments}`;
      await tx`update stock set ${tx({ quantity: 3 })} where name = ${"tea"}`;
      return await last;
    });
    assert.equal(count, 2);
    assert.deepEqual(
      seen.map(({ text }) => text.trim().replace(/\s+/g, " ")),
      [
        "select quantity from stock where name = $1",
        "select quantity from stock where name = $1 and quantity > $2 for update",
        "update stock set $1 where name = $2",
        "delete from stock where name = $1 or name = $2",
      ],
    );
    assert.deepEqual(seen[1]?.args, ["tea", 0]);
  });

  it("sends the statement that the interceptor returns, as often as it returns one", async () => {
    const { db } = start(async ({ args }, run) => [
      ...(await run({ args: ["tea", ...args.slice(1)] })),
      ...(await run({ text: "select $1::text as name, $2::int as quantity" })),
    ]);
    const rows =
      await db`select name, quantity from stock where name = ${"cups"} and quantity > ${0}`;
    assert.deepEqual(
      rows.map((row) => [row.name, row.quantity]),
      [
        ["tea", 1],
        ["cups", 0],
      ],
    );
  });

  it("rejects a statement with the error of the server", async () => {
    const { db } = start((_, run) => run());
    await assert.rejects(async () => db`select no_such_column from stock`, /no_such_column/);
    const failing = db.begin(async (tx) => tx`insert into stock values (${"tea"}, ${1})`);
    await assert.rejects(failing, /stock_pkey/);
  });

  describe("with withoutLocks", () => {
    /** Runs a transaction that takes locks while another one holds them. */
    const whileLocked = (db: Pool, work: (tx: Tx) => Promise<unknown>) =>
      database().begin(async (holder) => {
        await lockRow(holder, "tea");
        await holder`select pg_advisory_xact_lock(1)`;
        return db.begin(async (tx) => {
          await tx`set local lock_timeout = '50ms'`;
          return work(tx);
        });
      });

    const locks: readonly ((tx: Tx) => Promise<unknown>)[] = [
      async (tx) => assert.equal((await lockRow(tx, "tea"))[0]?.quantity, 1),
      async (tx) => tx`select from stock order by name for no key update`,
      async (tx) => tx`select pg_advisory_xact_lock(${1})`,
    ];

    it("takes no locks", async () => {
      const { db } = start(withoutLocks);
      for (const lock of locks) {
        await assert.rejects(whileLocked(database(), lock), /lock timeout/);
        await whileLocked(db, lock);
      }
    });

    it("takes none in event handlers either", async () => {
      const { instance } = start(withoutLocks);
      const [handler] = instance.eventHandlers ?? [];
      const event = create(UserDeletedSchema, { userId: "tea" });
      await whileLocked(database(), async (tx) => handler?.handle(tx, event as never));
    });
  });
});
