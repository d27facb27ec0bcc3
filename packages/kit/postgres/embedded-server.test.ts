import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type Pool } from "../db/database.ts";
import { isUnavailable } from "../db/errors.ts";
import { OperatorError } from "../errors/operator-error.ts";
import { type EmbeddedServer, startEmbeddedServer } from "./embedded-server.ts";

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "plaza-embedded-"));
  folders.push(folder);
  return folder;
}
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const pidFile = (dataDir: string) => join(dataDir, "postgres", "postmaster.pid");
const serverPid = (dataDir: string) =>
  Number(readFileSync(pidFile(dataDir), "utf8").split("\n")[0]);

/** Waits until the database is available; any other error fails. */
async function waitUntilAvailable(pool: Pool): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    try {
      await pool`select 1`;
      return;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      await sleep(20);
    }
  }
  assert.fail("the database did not come back within 10 s");
}

describe("startEmbeddedServer", () => {
  const dataDir = newFolder();
  let server: EmbeddedServer;
  let pool: Pool;

  before(async () => {
    server = await startEmbeddedServer({ dataDir });
    pool = connect(server.connectionConfig("postgres"));
    await pool`create table kept (id int primary key)`;
  });
  after(async () => {
    await pool.end();
    await server.stop();
    assert.ok(!existsSync(pidFile(dataDir)), "the server is still there");
  });

  it("keeps the durability settings on", async () => {
    const names = ["fsync", "full_page_writes", "synchronous_commit"];
    for (const name of names) {
      const [row] = await pool`select current_setting(${name}) as value`;
      assert.equal(row?.value, "on", name);
    }
  });

  it("restarts a killed server, and the pool reconnects", async () => {
    for (const signal of ["SIGKILL", "SIGQUIT", "SIGKILL"] as const) {
      const pid = serverPid(dataDir);
      const inFlight = pool`select pg_sleep(0.2)`.catch((error: unknown) => error);
      await sleep(50);
      process.kill(pid, signal);
      const outcome = await inFlight;
      assert.ok(isUnavailable(outcome), String(outcome));
      while (existsSync(pidFile(dataDir)) && serverPid(dataDir) === pid) await sleep(10);
      await waitUntilAvailable(pool);
    }
  });

  it("does not wait for an orphaned backend in a long query", async () => {
    const busy = pool`select count(*) from generate_series(1, 1e10::bigint)`.catch(
      (e: unknown) => e,
    );
    await sleep(50);
    process.kill(serverPid(dataDir), "SIGKILL");
    await busy;
    await waitUntilAvailable(pool);
  });

  it("ignores the lock files of a power cut, even when their process id is in use", async () => {
    await pool`insert into kept values (1)`;
    await pool.end();
    await server.stop();
    const { host } = server.connectionConfig("postgres");
    mkdirSync(host, { mode: 0o700 });
    writeFileSync(pidFile(dataDir), `${process.pid}\n${dataDir}/postgres\n0\n5432\n${host}\n\n\n`);
    writeFileSync(join(host, ".s.PGSQL.5432.lock"), `${process.pid}\n${dataDir}/postgres\n`);
    server = await startEmbeddedServer({ dataDir });
    pool = connect(server.connectionConfig("postgres"));
    assert.equal((await pool`select * from kept`).length, 1);
  });

  it("quotes the server's error when it cannot start", async () => {
    const folder = newFolder();
    const other = await startEmbeddedServer({ dataDir: folder });
    await other.stop();
    writeFileSync(join(folder, "postgres", "PG_VERSION"), "9\n");
    await assert.rejects(startEmbeddedServer({ dataDir: folder }), (error) => {
      assert.ok(error instanceof OperatorError);
      assert.match(error.message, /database files are incompatible with server/);
      return true;
    });
  });

  it("starts over after a crash during initdb", async () => {
    const folder = newFolder();
    mkdirSync(join(folder, "postgres.new", "base"), { recursive: true });
    writeFileSync(join(folder, "postgres.new", "PG_VERSION"), "half");
    const other = await startEmbeddedServer({ dataDir: folder });
    await other.stop();
    assert.ok(!existsSync(join(folder, "postgres.new")));
  });

  it("runs for root in a folder that only root may traverse", { skip: !isRoot() }, async () => {
    const locked = newFolder();
    chmodSync(locked, 0o700);
    const other = await startEmbeddedServer({ dataDir: join(locked, "deep", "data") });
    const db = connect(other.connectionConfig("postgres"));
    assert.equal((await db`select 1 as one`)[0]?.one, 1);
    await db.end();
    await other.stop();
  });
});

describe("an embedded server whose Plaza is killed", () => {
  const dataDir = newFolder();

  /** Spawns a Plaza that inserts rows and prints the id of each acknowledged one. */
  function writer(): ChildProcess {
    const kit = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
    const program = `
      import { connect } from ${kit("../db/database.ts")};
      import { startEmbeddedServer } from ${kit("./embedded-server.ts")};
      process.on("SIGINT", () => console.log("interrupted"));
      const server = await startEmbeddedServer({ dataDir: ${JSON.stringify(dataDir)} });
      const pool = connect(server.connectionConfig("postgres"));
      await pool\`create table if not exists written (id int generated always as identity)\`;
      for (;;) {
        const written = await pool\`insert into written default values returning id\`.catch(() => []);
        for (const { id } of written) console.log(id);
      }`;
    return spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    });
  }

  /** Runs a writer until some rows are acknowledged, then kills; returns the lines that it printed. */
  async function writeAndKill(kill: (writer: ChildProcess) => Promise<void> | void) {
    const child = writer();
    const lines: string[] = [];
    const killed = new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout ?? process.stdin }).on("line", (line) => {
        lines.push(line);
        if (lines.length === 20) Promise.resolve(kill(child)).then(resolve, reject);
      });
    });
    await Promise.all([killed, once(child, "close")]);
    return lines;
  }

  const deaths = {
    "kill -9 of Plaza": (child: ChildProcess) => {
      child.kill("SIGKILL");
    },
    "kill -9 of both": (child: ChildProcess) => {
      process.kill(serverPid(dataDir), "SIGKILL");
      child.kill("SIGKILL");
    },
    "kill -9 of the server, then of Plaza while it starts another": async (child: ChildProcess) => {
      process.kill(serverPid(dataDir), "SIGKILL");
      await sleep(60);
      child.kill("SIGKILL");
    },
  };

  for (const [name, kill] of Object.entries(deaths)) {
    it(`has all acknowledged rows and starts again after ${name}`, async () => {
      const acknowledged = await writeAndKill(kill);
      const server = await startEmbeddedServer({ dataDir });
      const pool = connect(server.connectionConfig("postgres"));
      const rows = await pool<{ id: number }[]>`select id from written`;
      const kept = new Set(rows.map(({ id }) => String(id)));
      assert.deepEqual(
        acknowledged.filter((id) => !kept.has(id)),
        [],
      );
      assert.equal(kept.size, rows.length);
      await pool.end();
      await server.stop();
    });
  }

  it("does not get the SIGINT that a terminal sends to its process group", async () => {
    const lines = await writeAndKill(async (child) => {
      const pid = serverPid(dataDir);
      process.kill(-(child.pid ?? 0), "SIGINT");
      await sleep(150);
      assert.equal(serverPid(dataDir), pid);
      process.kill(pid, 0);
      child.kill("SIGKILL");
    });
    const interrupted = lines.indexOf("interrupted");
    assert.ok(interrupted > 0 && lines.length > interrupted + 1, "it wrote on");
    const server = await startEmbeddedServer({ dataDir });
    await server.stop();
  });
});

function isRoot(): boolean {
  return process.getuid?.() === 0;
}
