import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import { after, describe, it } from "node:test";
import { register, signIn, signInDemo } from "./base/accounts.ts";
import { assertOperatorError, runCli } from "./base/cli.ts";
import { newDataDir, newSeededDataDir, removeDataDir } from "./base/data-dir.ts";
import { startPlaza } from "./base/running-plaza.ts";

describe("plaza", { concurrency: 2 }, () => {
  const dataDir = newDataDir();
  const seededDataDir = newSeededDataDir();
  after(() => Promise.all([dataDir, seededDataDir].map(removeDataDir)));
  const run = (...args: string[]) => runCli(args, { dataDir });

  it("help lists every command, and so does plaza without one", async () => {
    const results = await Promise.all([run("help"), run("--help"), run()]);
    for (const { code, stdout } of results) {
      assert.equal(code, 0);
      for (const name of ["start", "dev", "migrate", "seed", "admin", "new", "config"]) {
        assert.match(stdout, new RegExp(`^  plaza ${name}\\b`, "m"));
      }
    }
  });

  it("config prints the table of settings", async () => {
    assert.match((await run("config")).stdout, /^\| `PLAZA_PORT` \| `8080` \| /m);
  });

  it("refuses commands and flags that it does not know, in one sentence", async () => {
    const [command, flag, direction] = await Promise.all([
      run("dance"),
      run("start", "--loud"),
      run("migrate", "sideways"),
    ]);
    assertOperatorError(
      command,
      /^plaza: Unknown command "dance"; run "plaza help" for a list\.$/m,
    );
    assertOperatorError(flag, /^plaza: Unknown option '--loud'; run "plaza help" for a list\.$/m);
    assertOperatorError(
      direction,
      /^plaza: Wrong arguments; usage: plaza migrate up\|down\|status \[service…\]\.$/m,
    );
  });

  describe("on a data folder that is empty at first", { concurrency: 1 }, () => {
    it("migrate brings the schemas up, takes a step back, and reports the status", async () => {
      assert.match(
        (await run("migrate", "status")).stdout,
        /^posts: 0001_\w+(\.sql)? not applied$/m,
      );
      assert.equal((await run("migrate", "up")).code, 0);
      assert.doesNotMatch((await run("migrate", "status")).stdout, /not applied/);
      assert.equal((await run("migrate", "down", "posts")).code, 0);
      assert.match((await run("migrate", "status", "posts")).stdout, /not applied$/m);
    });

    it("seed creates the demo accounts once, and never in production", async () => {
      for (const _ of ["first", "second"]) assert.equal((await run("seed")).code, 0);
      assertOperatorError(
        await runCli(["seed"], { dataDir, env: { PLAZA_ENV: "production" } }),
        /cannot be created in production/,
      );
      const running = await startPlaza({ dataDir });
      const { users } = (
        await (await signInDemo(running.url, "admin1")).request("GET /v1/users")
      ).json() as {
        users: unknown[];
      };
      assert.equal(users.length, 4);
      await running.stop();
    });
  });

  it("certs makes certificates for every process, and keys that only their owner can read", async () => {
    const { code, stdout } = await run("certs", "plaza.example.org");
    assert.equal(code, 0);
    const [folder = ""] = /\S+\/certs/.exec(stdout) ?? [];
    for (const name of ["ca", "auth", "users", "posts", "gateway"]) {
      assert.equal(statSync(path.join(folder, `${name}.key`)).mode & 0o777, 0o600);
      const { subjectAltName } = new X509Certificate(
        readFileSync(path.join(folder, `${name}.crt`)),
      );
      const isValidThere = subjectAltName?.includes("DNS:plaza.example.org") ?? false;
      assert.equal(isValidThere, name !== "ca");
    }
  });

  it("admin grant makes the first admin, and refuses an unknown account", async () => {
    const grant = (email: string) => runCli(["admin", "grant", email], { dataDir: seededDataDir });
    assertOperatorError(await grant("nobody@example.org"), /nobody@example\.org/);
    const running = await startPlaza({ dataDir: seededDataDir });
    const ada = await register(running.url);
    await running.stop();
    assert.equal((await grant(ada.email)).code, 0);
    const again = await startPlaza({ dataDir: seededDataDir });
    const admin = await signIn(again.url, ada.email, ada.password);
    assert.equal((await admin.request("GET /v1/users")).status, 200);
    await again.stop();
  });
});
