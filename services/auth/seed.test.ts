import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { testAuth, throwUnavailable } from "./testing/test-auth.ts";

describe("seed", () => {
  const auth = testAuth();
  const { plaza, users } = auth;
  const login = (name: string) =>
    plaza.client(AuthService).login({ login: name, password: "testPass123" });

  it("creates the demo accounts once, also after it died halfway", async () => {
    users.after = () => throwUnavailable();
    await assert.rejects(plaza.host().seed());
    users.after = () => undefined;
    await plaza.host().seed();
    await plaza.host().seed();
    assert.equal(users.profiles.size, 4);

    const roles: Record<string, readonly string[]> = {};
    for (const name of ["ada", "bruno", "clara", "dmitri"]) {
      const { accessToken } = await login(name);
      roles[name] = (await plaza.client(AuthService).introspect({ token: accessToken })).roles;
    }
    assert.deepEqual(roles, {
      ada: ["member", "admin"],
      bruno: ["member", "admin"],
      clara: ["member"],
      dmitri: ["member"],
    });
    assert.equal((await login("admin1@email.com")).user?.nickname, "ada");
  });

  it("skips a demo account whose nickname is taken", async () => {
    const db = plaza.db("auth");
    await db`delete from account where email = 'nonadmin3@email.com'`;
    await plaza.host().seed();
    const [row] = await db`select from account where email = 'nonadmin3@email.com'`;
    assert.equal(row, undefined);
  });
});
