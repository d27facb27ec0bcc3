import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { Fault } from "../errors/fault.ts";
import { Revocations, revocationTtlMs } from "./revocations.ts";

const admin = { id: "a1", sessionId: "s1", roles: ["member", "admin"] };
const other = { id: "a2", sessionId: "s2", roles: ["member"] };
const ended = { reason: "INVALID_SESSION" };

describe("Revocations", () => {
  let now: number;
  let list: Revocations;
  beforeEach(() => {
    now = 0;
    list = new Revocations(() => now);
    list.markRead();
  });

  it("refuses the tokens of an ended session, and no others", () => {
    assert.equal(list.check(admin), admin);
    list.end("s1");
    assert.throws(() => list.check(admin), ended);
    assert.equal(list.check(other), other);
    const elsewhere = { ...admin, sessionId: "s3" };
    assert.equal(list.check(elsewhere), elsewhere);
  });

  it("refuses all tokens of a closed account, whatever its roles", () => {
    list.end("a1");
    list.limitRoles("a1", ["member"]);
    for (const sessionId of ["s1", "s3"]) {
      assert.throws(() => list.check({ ...admin, sessionId }), ended);
    }
  });

  it("takes roles from tokens, and gives none", () => {
    list.limitRoles("a1", ["member"]);
    assert.deepEqual(list.check(admin), { ...admin, roles: ["member"] });
    list.limitRoles("a1", ["member", "admin", "cook"]);
    assert.deepEqual(list.check(admin), admin);
  });

  it("forgets what no valid token can concern", () => {
    list.end("s1");
    now = revocationTtlMs - 1;
    list.end("s2");
    assert.equal(list.size, 2);
    now += 2;
    list.end("s3");
    assert.equal(list.size, 2);
    list.markRead();
    assert.throws(() => list.check(other), ended);
  });

  it("keeps an entry for its whole time when it comes again", () => {
    list.end("s1");
    now = revocationTtlMs - 1;
    list.end("s1");
    now += 2;
    list.end("s2");
    list.markRead();
    assert.throws(() => list.check(admin), ended);
  });

  it("makes calls wait until it was read for the first time", async () => {
    list = new Revocations(() => now);
    const [checked, refused] = [list.check(other), list.check(admin)];
    list.end("s1");
    list.markRead();
    assert.equal(await checked, other);
    await assert.rejects(async () => refused, ended);
  });

  it("refuses calls while it is old and cannot be read", async () => {
    list.markUnreadable(new Error("auth is away"));
    assert.equal(list.check(other), other);
    now += 30_001;
    const waiting = list.check(other);
    list.markUnreadable(new Error("auth is away"));
    await assert.rejects(
      async () => waiting,
      (error) => error instanceof Fault && error.reason === "SESSION_UNKNOWN",
    );
    const again = list.check(other);
    list.markRead();
    assert.equal(await again, other);
  });

  it("tells watchers of what concerns their session or account, until they end that", () => {
    let calls = 0;
    const stop = list.watch(admin, () => {
      calls += 1;
    });
    for (const id of ["s2", "a2", "s1"]) list.end(id);
    list.limitRoles("a1", []);
    assert.equal(calls, 2);
    stop();
    list.end("a1");
    assert.equal(calls, 2);
  });
});
