import assert from "node:assert/strict";
import { createServer } from "node:net";
import { after, before, describe, it } from "node:test";
import { OperatorError } from "../errors/operator-error.ts";
import { emptyDatabase } from "../testing/db.ts";
import { type ConnectionConfig, parseConnectionUrl, toConnectionUrl } from "./connection-config.ts";
import { connect, type Pool } from "./database.ts";
import { ensureDatabase } from "./ensure-database.ts";

describe("ensureDatabase", () => {
  const target = emptyDatabase();
  const name = `plaza_test_ensure_${process.pid}`;
  const poor = `poor_${process.pid}`;
  let admin: Pool;

  before(() => {
    admin = connect(target(), { max: 1 });
  });
  after(async () => {
    await admin.unsafe(`drop database if exists "${name}"`);
    await admin.unsafe(`drop role if exists "${poor}"`);
    await admin.end();
  });

  const assertRefuses = (given: string | ConnectionConfig, sentence: RegExp) =>
    assert.rejects(ensureDatabase(given, "plaza_any"), (error) => {
      assert.ok(error instanceof OperatorError, String(error));
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });

  it("creates the database once for concurrent calls", async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => ensureDatabase(target(), name)));
    const pool = connect(made[0] ?? target());
    assert.equal((await pool`select current_database() as name`)[0]?.name, name);
    await pool.end();
    assert.equal((await ensureDatabase(toConnectionUrl(target()), name)).database, name);
  });

  it("explains a bad connection URL in one sentence", async () => {
    await assert.rejects(
      async () => parseConnectionUrl("mysql://u:secret@h/d"),
      /not a PostgreSQL address/,
    );
    await assert.rejects(
      async () => parseConnectionUrl("nonsense"),
      /^OperatorError: DATABASE_URL is not/,
    );
    await assert.rejects(
      async () => parseConnectionUrl("postgres://h/d?sslmode=x"),
      /unknown sslmode, "x"/,
    );
    await assertRefuses(
      "postgres://u:secret@127.0.0.1:1/d",
      /No PostgreSQL server answers at 127.0.0.1:1/,
    );
    await assertRefuses(
      "postgres://u:secret@no-such-host.invalid/d",
      /"no-such-host.invalid" cannot be found/,
    );
    await assertRefuses(
      { ...target(), host: "/nowhere" },
      /No PostgreSQL server answers in \/nowhere/,
    );
  });

  it("explains a missing user, database or privilege in one sentence", async () => {
    await assertRefuses({ ...target(), user: "stranger" }, /rejected the user "stranger"/);
    await assertRefuses({ ...target(), database: "nix" }, /has no database "nix"/);
    await admin.unsafe(`create role "${poor}" login`);
    await assertRefuses(
      { ...target(), user: poor },
      /is not allowed to create the database "plaza_any"/,
    );
  });

  it("explains a wrong password in one sentence", async () => {
    // The embedded server needs no password, so this one sends the error of PostgreSQL (manual, 54.7).
    const fields = 'SFATAL\0C28P01\0Mpassword authentication failed for user "u"\0\0';
    const reply = Buffer.alloc(5 + fields.length);
    reply.write("E");
    reply.writeUInt32BE(4 + fields.length, 1);
    reply.write(fields, 5);
    const server = createServer((socket) => socket.once("data", () => socket.end(reply)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    await assertRefuses(
      `postgres://u:secret@127.0.0.1:${port}/d`,
      /rejected the user "u": password/,
    );
    server.close();
  });
});
