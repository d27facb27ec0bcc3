import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { goodPassword as password, testAuth, violatedFields } from "./testing/test-auth.ts";

const newPassword = "a new one 4711";

describe("ChangePassword", () => {
  const auth = testAuth();
  const nobody = () => auth.plaza.client(AuthService);
  const login = (email: string, secret: string) =>
    nobody().login({ login: email, password: secret });

  it("sets the new password and ends all other sessions", async () => {
    const { email, client, tokens } = await auth.newMember();
    const other = await login(email, password);
    await client.changePassword({ currentPassword: password, newPassword });

    const ended = nobody().refresh({ refreshToken: other.refreshToken });
    await assertRefused(ended, Code.Unauthenticated, "INVALID_REFRESH_TOKEN");
    await nobody().refresh({ refreshToken: tokens.refreshToken });
    await assertRefused(login(email, password), Code.Unauthenticated, "WRONG_CREDENTIALS");
    await login(email, newPassword);
  });

  it("requires the current password, with a limited number of attempts", async () => {
    const { client } = await auth.newMember();
    const guess = () => client.changePassword({ currentPassword: "wrong", newPassword });
    for (let n = 0; n < 10; n += 1) {
      const error = await assertRefused(guess(), Code.InvalidArgument, "WRONG_PASSWORD");
      assert.deepEqual(violatedFields(error), ["current_password"]);
    }
    await assertRefused(guess(), Code.ResourceExhausted, "TOO_MANY_ATTEMPTS");
  });

  it("refuses a common password", async () => {
    const { client } = await auth.newMember();
    const call = client.changePassword({ currentPassword: password, newPassword: "Password1" });
    const error = await assertRefused(call, Code.InvalidArgument, "PASSWORD_TOO_COMMON");
    assert.deepEqual(violatedFields(error), ["new_password"]);
  });

  it("refuses a session that has ended, although its token is valid", async () => {
    const { client } = await auth.newMember();
    await client.logout({});
    const call = client.changePassword({ currentPassword: password, newPassword });
    await assertRefused(call, Code.Unauthenticated, "INVALID_SESSION");
  });

  it("lets one of two concurrent changes succeed", async () => {
    const { email, client } = await auth.newMember();
    const wanted = ["first of two 1", "second of two 2"];
    const changes = wanted.map((next) =>
      client.changePassword({ currentPassword: password, newPassword: next }),
    );
    const settled = await Promise.allSettled(changes);
    assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
    const logins = await Promise.allSettled(wanted.map((next) => login(email, next)));
    assert.deepEqual(
      logins.map(({ status }) => status),
      settled.map(({ status }) => status),
    );
  });
});
