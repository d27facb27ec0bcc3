import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { connect, type Pool } from "../db/database.ts";
import { kitMigrations } from "../db/migrate.ts";
import { checkMigration, emptyDatabase, testDatabase } from "./db.ts";

const folder = mkdtempSync(join(tmpdir(), "plaza-testing-db-"));
after(() => rmSync(folder, { recursive: true }));

describe("testDatabase", () => {
  const one = testDatabase(kitMigrations);
  const other = testDatabase(kitMigrations);

  it("gives each suite a migrated database of its own", async () => {
    await one()`insert into event_cursor (source) values ('x')`;
    assert.equal((await one()`select * from event_cursor`).length, 1);
    assert.equal((await other()`select * from event_cursor`).length, 0);
  });

  it("fails a file that leaves connections open", () => {
    const file = join(folder, "leak.test.ts");
    const kit = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);
    writeFileSync(
      file,
      `import { describe, it } from "node:test";
       import { connect } from ${kit("../db/database.ts")};
       import { testDatabase } from ${kit("./db.ts")};
       describe("a suite", () => {
         const db = testDatabase(new URL(${kit("../db/migrations/")}));
         it("leaks", () => connect(db().connectionConfig, { name: "leaky" })\`select 1\`);
       });`,
    );
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = ["--test", "--test-force-exit", file];
    const run = spawnSync(process.execPath, args, { env, encoding: "utf8" });
    assert.equal(run.status, 1);
    assert.match(run.stdout, /Connections were left open: leaky/);
  });
});

describe("checkMigration", () => {
  const target = emptyDatabase();

  /** Checks one migration in a schema of its own. */
  async function checkOne(name: string, up: string, down: string): Promise<void> {
    const dir = mkdtempSync(join(folder, "migrations-"));
    writeFileSync(join(dir, "0001_x.sql"), `-- up\n${up}\n-- down\n${down}\n`);
    const pool = connect(target(), { max: 1 });
    try {
      await pool.unsafe(`create schema ${name}; set search_path = ${name}, public`);
      await checkMigration(pool, pathToFileURL(dir));
    } finally {
      await pool.end();
    }
  }
  const table = "create table t (id int primary key, n int); create index t_n on t (n);";

  it("accepts a migration whose down reverts its up", () =>
    checkOne("good", `${table} create type mood as enum ('a');`, "drop table t; drop type mood;"));

  const mistakes: Record<string, [up: string, down: string]> = {
    index: ["create table t (id int); create index t_id on base (n);", "drop table t;"],
    enum: [`${table} create type mood as enum ('a');`, "drop table t;"],
    function: [`${table} create function f() returns int return 1;`, "drop table t;"],
    column: ["alter table base add m int;", "select 1;"],
    default: ["alter table base alter n set default 5;", "select 1;"],
    constraint: ["alter table base add constraint c check (n > 0);", "select 1;"],
    sequence: ["create sequence s;", "select 1;"],
    extension: ["create extension hstore;", "select 1;"],
    trigger: [
      "create trigger tr before update on base for each row execute function suppress_redundant_updates_trigger();",
      "select 1;",
    ],
  };
  for (const [name, [up, down]] of Object.entries(mistakes)) {
    it(`rejects a down that forgets a ${name}`, async () => {
      const admin: Pool = connect(target(), { max: 1 });
      await admin`create table if not exists base (id int, n int)`;
      await admin.end();
      await assert.rejects(checkOne(`bad_${name}`, up, down), /down does not revert up/);
    });
  }
});
