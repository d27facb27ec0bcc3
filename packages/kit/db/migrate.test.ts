import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { OperatorError } from "../errors/operator-error.ts";
import { emptyDatabase } from "../testing/db.ts";
import { connect, type Pool } from "./database.ts";
import { migrate, migrateDown, migrationStatus } from "./migrate.ts";

const first = "-- up\ncreate table a (id int);\n-- down\ndrop table a;\n";
const second =
  "-- up\ncreate table b (id int);\ninsert into b values (1);\n-- down\ndrop table b;\n";

describe("migrate", () => {
  const target = emptyDatabase();
  const folders: string[] = [];
  let pool: Pool;
  let schema = 0;

  /** Each test works in a schema of its own. */
  beforeEach(async () => {
    await pool?.end();
    schema += 1;
    pool = connect(target());
    await pool.unsafe(`create schema s${schema}`);
    await pool.unsafe(`alter database "${target().database}" set search_path = s${schema}`);
    await pool.end();
    pool = connect(target());
  });
  after(async () => {
    await pool.end();
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  function folder(files: Record<string, string>): URL {
    const path = mkdtempSync(join(tmpdir(), "plaza-migrations-"));
    folders.push(path);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
    return pathToFileURL(path);
  }
  const tables = async () => {
    const rows = await pool<{ name: string }[]>`
      select table_name as name from information_schema.tables
      where table_schema = ${`s${schema}`} and table_name <> 'schema_migration' order by 1`;
    return rows.map(({ name }) => name);
  };
  const names = (steps: readonly { name: string }[]) => steps.map(({ name }) => name);
  const both = { "0001_a.sql": first, "0002_b.sql": second };

  it("applies pending migrations in order, and then none", async () => {
    assert.deepEqual(names(await migrate(pool, folder({ "0001_a.sql": first }))), ["0001_a"]);
    const dir = folder(both);
    assert.deepEqual(names(await migrate(pool, dir)), ["0002_b"]);
    assert.deepEqual(await tables(), ["a", "b"]);
    assert.deepEqual(await migrate(pool, dir), []);
  });

  it("applies each migration once with concurrent processes", async () => {
    const dir = folder(both);
    const done = await Promise.all([1, 2, 3, 4].map(() => migrate(pool, dir)));
    assert.deepEqual(names(done.flat()).sort(), ["0001_a", "0002_b"]);
  });

  it("keeps the migrations before a failing one, and nothing of that one", async () => {
    const broken = "-- up\ncreate table c (id int);\nselect nonsense;\n-- down\n";
    await assert.rejects(migrate(pool, folder({ ...both, "0003_c.sql": broken })), (error) => {
      assert.ok(error instanceof OperatorError);
      assert.match(error.message, /0003_c failed: column "nonsense" does not exist/);
      return true;
    });
    assert.deepEqual(await tables(), ["a", "b"]);
  });

  it("refuses a file that was edited after it was applied", async () => {
    await migrate(pool, folder(both));
    const edited = folder({ ...both, "0001_a.sql": first.replace("id int", "id bigint") });
    await assert.rejects(migrate(pool, edited), /0001_a was changed after it was applied/);
  });

  it("ignores line endings", async () => {
    await migrate(pool, folder(both));
    const windows = folder({ ...both, "0001_a.sql": first.replaceAll("\n", "\r\n") });
    assert.deepEqual(await migrate(pool, windows), []);
  });

  it("refuses a database with unknown migrations", async () => {
    await migrate(pool, folder(both));
    const older = folder({ "0001_a.sql": first });
    await assert.rejects(migrate(pool, older), /0002_b, which this version of Plaza does not have/);
  });

  it("refuses gaps, bad names and files without both sections", async () => {
    const cases: [Record<string, string>, RegExp][] = [
      [{ "0001_a.sql": first, "0003_b.sql": second }, /0003_b should have the number 0002/],
      [{ "0001_a.sql": first, "0001_b.sql": second }, /0001_b should have the number 0002/],
      [{ "1_a.sql": first }, /should be named like 0001_what_it_does.sql/],
      [{ "0001_a.sql": "create table a (id int);" }, /needs a line "-- up"/],
    ];
    for (const [files, message] of cases) {
      await assert.rejects(async () => migrate(pool, folder(files)), message);
    }
  });

  it("reverts the last migrations, newest first", async () => {
    const dir = folder(both);
    await migrate(pool, dir);
    assert.deepEqual(names(await migrateDown(pool, dir)), ["0002_b"]);
    assert.deepEqual(await tables(), ["a"]);
    assert.deepEqual(names(await migrateDown(pool, dir, 5)), ["0001_a"]);
    assert.deepEqual(await tables(), []);
  });

  it("reports which migrations are applied", async () => {
    await migrate(pool, folder({ "0001_a.sql": first }));
    const [a, b] = await migrationStatus(pool, folder(both));
    assert.ok(a?.appliedAt instanceof Date);
    assert.deepEqual(b, { number: 2, name: "0002_b", appliedAt: undefined });
  });

  it("records two folders of one database in separate tables", async () => {
    await migrate(pool, folder({ "0001_a.sql": first }), "one_migration");
    await migrate(pool, folder({ "0001_b.sql": second }), "two_migration");
    assert.deepEqual(await tables(), ["a", "b", "one_migration", "two_migration"]);
  });
});
