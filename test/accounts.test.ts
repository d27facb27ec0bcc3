import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  AccountSchema,
  AccountState,
  BatchGetAccountsResponseSchema,
  IntrospectResponseSchema,
  ListSessionsResponseSchema,
  SignInResponseSchema,
} from "@plaza/contract/auth/v1/auth";
import { ListUsersResponseSchema } from "@plaza/contract/users/v1/users";
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from "jose";
import { type Member, newNickname, register, signIn, signInDemo } from "./base/accounts.ts";
import { apiClient, assertApiError, violatedFields } from "./base/api-client.ts";
import { suitePlaza } from "./base/running-plaza.ts";

describe("accounts over REST", () => {
  const plaza = suitePlaza();
  const url = () => plaza().url;
  const refresh = (refreshToken: string) =>
    apiClient(url())("POST /v1/auth:refresh", { refreshToken });

  describe("signing in", () => {
    it("registers, and signs in by e-mail address and by nickname in any case", async () => {
      const ada = await register(url(), "Ada");
      assert.equal(ada.nickname, ada.nickname.toLowerCase());
      for (const login of [ada.email, ada.nickname, ada.email.toUpperCase()]) {
        assert.equal((await signIn(url(), login, ada.password)).id, ada.id);
      }
    });

    it("refuses a second account with the same e-mail address or nickname", async () => {
      const { email, nickname, password } = await register(url());
      const again = (who: object) =>
        apiClient(url())("POST /v1/auth:register", { email, nickname, password, ...who });
      const other = newNickname();
      const byEmail = assertApiError(await again({ nickname: other }), 409, "EMAIL_TAKEN");
      assert.deepEqual(violatedFields(byEmail), ["email"]);
      const taken = await again({ email: `${other}@example.org` });
      assert.deepEqual(violatedFields(assertApiError(taken, 409, "NICKNAME_TAKEN")), ["nickname"]);
    });

    it("refuses one of the most common passwords, naming the field", async () => {
      const nickname = newNickname();
      const account = { email: `${nickname}@example.org`, nickname, password: "Password123" };
      const answer = await apiClient(url())("POST /v1/auth:register", account);
      assert.deepEqual(violatedFields(assertApiError(answer, 400, "PASSWORD_TOO_COMMON")), [
        "password",
      ]);
    });

    it("answers the same to a wrong password and to an unknown account", async () => {
      const { email } = await register(url());
      const login = (name: string) =>
        apiClient(url())("POST /v1/auth:login", { login: name, password: "not the one" });
      const [wrong, unknown] = await Promise.all([login(email), login("nobody@example.org")]);
      assertApiError(wrong, 401, "WRONG_CREDENTIALS");
      assert.equal(wrong.text, unknown.text);
    });

    it("throttles guessing and returns when to retry", async () => {
      const { email, password } = await register(url());
      const guess = (text: string) =>
        apiClient(url())("POST /v1/auth:login", { login: email, password: text });
      for (let wrong = 0; wrong < 10; wrong += 1) {
        assertApiError(await guess(`guess ${wrong}`), 401, "WRONG_CREDENTIALS");
      }
      let answer = await guess(password);
      // The first wait is 1 s from before the hash; a busy machine may hash longer than that. The waits double.
      for (let wrong = 10; answer.status === 200 && wrong < 15; wrong += 1) {
        assertApiError(await guess(`guess ${wrong}`), 401, "WRONG_CREDENTIALS");
        answer = await guess(password);
      }
      assertApiError(answer, 429, "TOO_MANY_ATTEMPTS");
      assert.ok(Number(answer.headers.get("retry-after")) >= 1);
    });
  });

  describe("tokens", () => {
    it("are signed with a key that jwks.json publishes", async () => {
      const ada = await register(url());
      const keys = (await apiClient(url())("GET /.well-known/jwks.json")).json();
      const verify = createLocalJWKSet(keys as unknown as JSONWebKeySet);
      const { payload, protectedHeader } = await jwtVerify(ada.accessToken, verify, {
        issuer: "plaza",
      });
      assert.equal(payload.sub, ada.id);
      assert.equal(protectedHeader.alg, "EdDSA");
    });

    it("rotate at each refresh, and an honest retry gets the same answer", async () => {
      const { refreshToken } = await register(url());
      const next = (await refresh(refreshToken)).as(SignInResponseSchema);
      assert.notEqual(next.refreshToken, refreshToken);
      const retried = (await refresh(refreshToken)).as(SignInResponseSchema);
      assert.equal(retried.refreshToken, next.refreshToken);
    });

    it("die with their whole session when an old refresh token is used", async () => {
      const ada = await register(url());
      const second = (await refresh(ada.refreshToken)).as(SignInResponseSchema);
      const third = (await refresh(second.refreshToken)).as(SignInResponseSchema);
      assertApiError(await refresh(ada.refreshToken), 401, "REFRESH_TOKEN_REUSED");
      assertApiError(await refresh(third.refreshToken), 401, "INVALID_REFRESH_TOKEN");
      assertApiError(
        await apiClient(url(), third.accessToken)("GET /v1/users/me"),
        401,
        "INVALID_TOKEN",
      );
    });

    it("can be introspected, whole or in part, until their session ends", async () => {
      const ada = await register(url());
      const introspect = async (readMask?: string) => {
        const body = { token: ada.accessToken, ...(readMask && { readMask }) };
        return (await apiClient(url())("POST /v1/auth:introspect", body)).as(
          IntrospectResponseSchema,
        );
      };
      const { active, accountId, nickname, roles } = await introspect();
      assert.deepEqual(
        [active, accountId, nickname, roles],
        [true, ada.id, ada.nickname, ["member"]],
      );
      assert.equal((await introspect("nickname")).accountId, "");
      await ada.request("POST /v1/auth:logout", {});
      assert.equal((await introspect()).active, false);
    });
  });

  describe("sessions", () => {
    it("are listed, the current one marked, and end at once", async () => {
      const ada = await register(url());
      const phone = await signIn(url(), ada.email, ada.password);
      const list = async () =>
        (await ada.request("GET /v1/auth/sessions")).as(ListSessionsResponseSchema).sessions;
      const sessions = await list();
      assert.deepEqual(sessions.map(({ current }) => current).sort(), [false, true]);
      const other = sessions.find(({ current }) => !current)?.id ?? "";
      assert.equal((await phone.request("GET /v1/users/me")).status, 200);
      assert.equal((await ada.request(`DELETE /v1/auth/sessions/${other}`)).status, 200);
      assertApiError(await phone.request("GET /v1/users/me"), 401, "INVALID_TOKEN");
      assert.equal((await list()).length, 1);
    });

    it("of somebody else look as if they were not there", async () => {
      const [ada, eve] = await Promise.all([register(url()), register(url())]);
      const [session] = (await ada.request("GET /v1/auth/sessions")).as(
        ListSessionsResponseSchema,
      ).sessions;
      assertApiError(
        await eve.request(`DELETE /v1/auth/sessions/${session?.id}`),
        404,
        "NO_SUCH_SESSION",
      );
      assert.equal((await ada.request("GET /v1/users/me")).status, 200);
    });

    it("end at logout, at once", async () => {
      const ada = await register(url());
      assert.equal((await ada.request("GET /v1/users/me")).status, 200);
      assert.equal((await ada.request("POST /v1/auth:logout", {})).status, 200);
      assertApiError(await ada.request("GET /v1/users/me"), 401, "INVALID_TOKEN");
      assertApiError(await refresh(ada.refreshToken), 401, "INVALID_REFRESH_TOKEN");
    });

    it("end when the password changes, except the one that changed it", async () => {
      const ada = await register(url());
      const phone = await signIn(url(), ada.email, ada.password);
      assert.equal((await phone.request("GET /v1/users/me")).status, 200);
      const change = (currentPassword: string) =>
        ada.request("POST /v1/auth:changePassword", {
          currentPassword,
          newPassword: "A new one, 42",
        });
      assertApiError(await change("not the one"), 400, "WRONG_PASSWORD");
      assert.equal((await change(ada.password)).status, 200);
      assertApiError(await phone.request("GET /v1/users/me"), 401, "INVALID_TOKEN");
      assert.equal((await ada.request("GET /v1/users/me")).status, 200);
      assert.equal((await signIn(url(), ada.email, "A new one, 42")).id, ada.id);
    });
  });

  describe("admins", () => {
    it("list all members and find them by e-mail address and by name", async () => {
      const admin = await signInDemo(url(), "admin1");
      const ada = await register(url());
      await ada.request("PATCH /v1/users/me", { firstName: "Zuleika", lastName: ada.nickname });
      for (const query of [ada.email, `zuleika ${ada.nickname}`]) {
        const found = await admin.request(`GET /v1/users?query=${encodeURIComponent(query)}`);
        const { users } = found.as(ListUsersResponseSchema);
        assert.deepEqual(
          users.map(({ id, email }) => [id, email]),
          [[ada.id, ada.email]],
        );
      }
      const first = (await admin.request("GET /v1/users?pageSize=1")).as(ListUsersResponseSchema);
      assert.equal(first.users.length, 1);
      const more = await admin.request(`GET /v1/users?pageSize=1&pageToken=${first.nextPageToken}`);
      assert.notEqual(more.as(ListUsersResponseSchema).users[0]?.id, first.users[0]?.id);
      assertApiError(await ada.request("GET /v1/users"), 403, "ROLE_REQUIRED");
    });

    it("deactivate an account at once, and reactivate it", async () => {
      const admin = await signInDemo(url(), "admin1");
      const ada = await register(url());
      assert.equal((await ada.request("GET /v1/users/me")).status, 200);
      const barred = await admin.request(`POST /v1/auth/accounts/${ada.id}:deactivate`, {});
      assert.equal(barred.as(AccountSchema).state, AccountState.DEACTIVATED);
      assertApiError(await ada.request("GET /v1/users/me"), 401, "INVALID_TOKEN");
      const login = { login: ada.email, password: ada.password };
      assertApiError(
        await apiClient(url())("POST /v1/auth:login", login),
        403,
        "ACCOUNT_DEACTIVATED",
      );
      const listed = await admin.request(`GET /v1/auth/accounts:batchGet?ids=${ada.id}`);
      const [account] = listed.as(BatchGetAccountsResponseSchema).accounts;
      assert.equal(account?.state, AccountState.DEACTIVATED);
      await admin.request(`POST /v1/auth/accounts/${ada.id}:reactivate`, {});
      assert.equal((await signIn(url(), ada.email, ada.password)).id, ada.id);
    });

    it("grant and revoke the role at once, and nobody else can", async () => {
      const admin = await signInDemo(url(), "admin1");
      const ada = await register(url());
      const grant = (ask: Member["request"]) =>
        ask(`POST /v1/auth/accounts/${ada.id}:grantRole`, { role: "admin" });
      assertApiError(await grant(ada.request), 403, "ROLE_REQUIRED");
      assert.deepEqual((await grant(admin.request)).as(AccountSchema).roles, ["member", "admin"]);
      assert.equal((await ada.request("GET /v1/users")).status, 200);
      await admin.request(`POST /v1/auth/accounts/${ada.id}:revokeRole`, { role: "admin" });
      assertApiError(await ada.request("GET /v1/users"), 403, "ROLE_REQUIRED");
    });
  });
});
