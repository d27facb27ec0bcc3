import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import path from "node:path";
import { after, describe, it } from "node:test";
import { type ConnectionConfig, toConnectionUrl } from "@plaza/kit/db/connection-config";
import { connect } from "@plaza/kit/db/database";
import { startEmbeddedServer } from "@plaza/kit/postgres/embedded-server";
import { demoPassword, register, signIn } from "./base/accounts.ts";
import { apiClient, assertApiError } from "./base/api-client.ts";
import { assertOperatorError, runCli } from "./base/cli.ts";
import { newDataDir, newSeededDataDir, removeDataDir } from "./base/data-dir.ts";
import {
  cliEntry,
  type PlazaOptions,
  type RunningPlaza,
  startPlaza,
} from "./base/running-plaza.ts";

/** These tests need the embedded PostgreSQL, whatever server the other tests use. */
const embeddedPostgresEnv = { DATABASE_URL: "" };

// Each test has a data folder of its own, and waits most of the time.
describe("plaza start", { concurrency: 2 }, () => {
  const dataDirs: string[] = [];
  after(() => Promise.all(dataDirs.map(removeDataDir)));
  const keepTrack = (dataDir: string): string => {
    dataDirs.push(dataDir);
    return dataDir;
  };
  const emptyDataDir = () => keepTrack(newDataDir());
  const seededDataDir = () => keepTrack(newSeededDataDir());
  const start = (options: PlazaOptions & { dataDir: string }): Promise<RunningPlaza> =>
    startPlaza({ ...options, env: { ...embeddedPostgresEnv, ...options.env } });

  it("prints its address and the demo accounts, stops at Ctrl-C, and leaves no process behind", async () => {
    const running = await start({ dataDir: emptyDataDir() });
    for (const text of [
      running.url,
      "/docs",
      "nonadmin3@email.com",
      "admin1@email.com",
      demoPassword,
    ]) {
      assert.ok(running.output().includes(text), `${text} is not in ${running.output()}`);
    }
    assert.ok(processesOf(running.dataDir).length > 0);
    await running.stop();
    assert.equal(running.process.exitCode, 0, running.output());
    assert.deepEqual(processesOf(running.dataDir), []);
  });

  it("keeps what was written when it stops, and when it is killed", async () => {
    const folder = seededDataDir();
    const first = await start({ dataDir: folder });
    const ada = await register(first.url);
    await first.stop();

    const second = await start({ dataDir: folder });
    assert.equal((await signIn(second.url, ada.email, ada.password)).id, ada.id);
    const bob = await register(second.url);
    await killAndWait(second.process);

    const third = await start({ dataDir: folder });
    assert.equal((await signIn(third.url, bob.email, bob.password)).id, bob.id);
    await third.stop();
    assert.deepEqual(processesOf(folder), []);
  });

  it("is refused in one sentence on a data folder that is in use, naming the other process", async () => {
    const running = await start({ dataDir: seededDataDir() });
    const second = await runCli(["start"], { dataDir: running.dataDir, env: embeddedPostgresEnv });
    assertOperatorError(
      second,
      new RegExp(
        `^plaza: Plaza is already running with the data folder .*\\b${running.process.pid}\\b`,
      ),
    );
    assert.equal((await apiClient(running.url)("GET /readyz")).status, 200);
    await running.stop();
  });

  it("is refused in one sentence on a port that is taken", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const folder = seededDataDir();
    const ended = await runCli(["start"], {
      dataDir: folder,
      env: { ...embeddedPostgresEnv, PLAZA_PORT: `${port}` },
    });
    server.close();
    assertOperatorError(
      ended,
      new RegExp(`^plaza: Port ${port} is already in use; set PLAZA_PORT to another one\\.$`, "m"),
    );
    assert.deepEqual(processesOf(folder), []);
  });

  it("is refused in one sentence when DATABASE_URL leads nowhere, without its password", async () => {
    const broken = {
      "not an address": /is not a PostgreSQL address/,
      "mysql://root:hunter2@localhost/plaza": /is not a PostgreSQL address/,
      "postgres://plaza:hunter2@127.0.0.1:1/plaza":
        /^plaza: No PostgreSQL server answers at 127\.0\.0\.1:1/,
      "postgres://plaza:hunter2@no-such-host.invalid/plaza": /no-such-host\.invalid/,
    };
    await Promise.all(
      Object.entries(broken).map(async ([DATABASE_URL, sentence]) => {
        const ended = await runCli(["start"], { dataDir: emptyDataDir(), env: { DATABASE_URL } });
        assertOperatorError(ended, sentence);
        assert.doesNotMatch(ended.stderr, /hunter2/);
      }),
    );
  });

  it("is refused in one sentence when DATABASE_URL has a wrong password", async () => {
    const server = await startEmbeddedServer({ dataDir: seededDataDir() });
    try {
      const target = server.connectionConfig("postgres");
      await requirePasswords(target);
      const DATABASE_URL = toConnectionUrl({ ...target, password: "hunter2" });
      const ended = await runCli(["start"], { dataDir: emptyDataDir(), env: { DATABASE_URL } });
      assertOperatorError(
        ended,
        /^plaza: PostgreSQL in \S+ rejected the user "plaza": password authentication failed/,
      );
      assert.doesNotMatch(ended.stderr, /hunter2/);
    } finally {
      await server.stop();
    }
  });

  it("is refused in one sentence when settings or services do not exist as named", async () => {
    const folder = emptyDataDir();
    const env = { ...embeddedPostgresEnv, PLAZA_ENV: "staging", PLAZA_RATE_LIMIT: "many" };
    const [settings, unknown] = await Promise.all([
      runCli(["start"], { dataDir: folder, env }),
      runCli(["start", "bakery"], { dataDir: folder, env: embeddedPostgresEnv }),
    ]);
    assertOperatorError(
      settings,
      /^plaza: PLAZA_ENV must be one of development, production; PLAZA_RATE_LIMIT must/,
    );
    assertOperatorError(
      unknown,
      /^plaza: Unknown service "bakery"; the services are auth, users, .*\bposts\b/,
    );
  });

  it("creates no demo account in production, and none of their passwords works", async () => {
    const running = await start({ dataDir: emptyDataDir(), env: { PLAZA_ENV: "production" } });
    assert.doesNotMatch(running.output(), new RegExp(demoPassword));
    for (const name of ["admin1", "admin2", "nonadmin3", "nonadmin4"]) {
      const body = { login: `${name}@email.com`, password: demoPassword };
      assertApiError(
        await apiClient(running.url)("POST /v1/auth:login", body),
        401,
        "WRONG_CREDENTIALS",
      );
    }
    assert.deepEqual((await apiClient(running.url)("GET /v1/posts")).json(), {});
    await running.stop();
  });

  it("runs for an unprivileged user", {
    skip: process.getuid?.() !== 0 && "takes root",
  }, async () => {
    const folder = emptyDataDir();
    const nobody = 65_534;
    chownSync(folder, nobody, nobody);
    chmodSync(folder, 0o700);
    const child = spawn(process.execPath, [cliEntry, "start"], {
      uid: nobody,
      gid: nobody,
      env: {
        PATH: process.env["PATH"],
        ...embeddedPostgresEnv,
        PLAZA_PORT: "0",
        PLAZA_DATA: folder,
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [screen] = await once(child.stdout, "data");
    assert.match(String(screen), /Plaza is running/);
    const ended = once(child, "exit");
    child.kill("SIGINT");
    assert.deepEqual(await ended, [0, null]);
    assert.deepEqual(processesOf(folder), []);
  });
});

/** Sets a password for the server's user, and requires it from then on. */
async function requirePasswords(target: ConnectionConfig): Promise<void> {
  const db = connect(target, { max: 1 });
  const [{ file = "" } = {}] = await db<{ file: string }[]>`
    select setting as file from pg_settings where name = 'hba_file'`;
  await db`alter user plaza password 'the right one'`;
  writeFileSync(file, "local all all scram-sha-256\n");
  await db`select pg_reload_conf()`;
  await db.end();
}

async function killAndWait(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** The processes with the data folder in their command line: its PostgreSQL server. */
function processesOf(dataDir: string): string[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const line = readFileSync(path.join("/proc", entry, "cmdline"), "utf8").replaceAll("\0", " ");
      return line.includes(dataDir) ? [`${entry} ${line}`] : [];
    } catch {
      return [];
    }
  });
}
