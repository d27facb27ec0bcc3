import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { AuthService, SessionKind } from "@plaza/contract/auth/v1/auth";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { decodeProtectedHeader } from "jose";
import { argon2Hasher } from "./crypto/password-hasher.ts";
import {
  goodPassword as password,
  retryAfterMs,
  testAuth,
  throwUnavailable,
} from "./testing/test-auth.ts";

describe("Login", () => {
  const auth = testAuth();
  const { plaza, users, hasher } = auth;
  const nobody = () => plaza.client(AuthService);
  const sessionsOf = async (id: string) =>
    (await plaza.db("auth")`select id from session where account_id = ${id}`).length;

  afterEach(() => {
    users.before = () => undefined;
  });

  it("signs in by e-mail address and by nickname, in any case", async () => {
    const { id, email, nickname } = await auth.newMember();
    for (const login of [email, email.toUpperCase(), nickname, nickname.toUpperCase()]) {
      const answer = await nobody().login({ login, password });
      assert.equal(answer.user?.id, id);
      assert.equal(answer.user?.nickname, nickname);
      assert.equal(answer.expiresIn, 600);
      assert.match(answer.refreshToken, /^plz_rt_/);
    }
  });

  it("reads the profile as the account that signs in", async () => {
    const { email } = await auth.newMember();
    const { accessToken } = await nobody().login({ login: email, password });
    assert.equal(users.authorization, `Bearer ${accessToken}`);
    assert.equal(decodeProtectedHeader(accessToken).typ, "at+jwt");
  });

  it("passes a cookie, and no tokens, to the gateway for a browser", async () => {
    const { email } = await auth.newMember();
    let cookie: string | null = null;
    const answer = await nobody().login(
      { login: email, password, session: SessionKind.COOKIE },
      { onHeader: (headers) => (cookie = headers.get("plaza-session")) },
    );
    assert.match(cookie ?? "", /^plz_cs_[\w-]{43}$/);
    assert.equal(answer.accessToken + answer.refreshToken, "");
  });

  it("passes no cookie for an API client", async () => {
    const { email } = await auth.newMember();
    let cookie: string | null = "";
    await nobody().login(
      { login: email, password },
      { onHeader: (headers) => (cookie = headers.get("plaza-session")) },
    );
    assert.equal(cookie, null);
  });

  it("returns the same error for a wrong password and an unknown account, after the same work", async () => {
    const { email, nickname } = await auth.newMember();
    const logins = [email, nickname, "nobody@example.org", "nobody_here", "no such thing!"];
    const answers = new Set<string>();
    for (const login of logins) {
      hasher.count = 0;
      const error = await assertRefused(
        nobody().login({ login, password: "wrong horse 12" }),
        Code.Unauthenticated,
        "WRONG_CREDENTIALS",
      );
      answers.add(error.rawMessage);
      assert.equal(hasher.count, 1, login);
    }
    assert.equal(answers.size, 1);
  });

  it("does not sign in to a pending account", async () => {
    users.before = () => throwUnavailable();
    const half = { email: "half@example.org", nickname: "half", password };
    await assertRefused(nobody().register(half), Code.Unavailable, "NEIGHBOUR_UNAVAILABLE");
    users.before = () => undefined;
    const login = nobody().login({ login: half.email, password });
    await assertRefused(login, Code.Unauthenticated, "WRONG_CREDENTIALS");
  });

  it("reveals that an account is deactivated only with its password", async () => {
    const { id, email } = await auth.newMember();
    await plaza.db("auth")`update account set state = 'deactivated' where id = ${id}`;
    await assertRefused(
      nobody().login({ login: email, password: "wrong horse 12" }),
      Code.Unauthenticated,
      "WRONG_CREDENTIALS",
    );
    const right = nobody().login({ login: email, password });
    await assertRefused(right, Code.PermissionDenied, "ACCOUNT_DEACTIVATED");
  });

  it("opens no session when the profile cannot be read", async () => {
    const { id, email } = await auth.newMember();
    users.before = () => throwUnavailable();
    await assertRefused(
      nobody().login({ login: email, password }),
      Code.Unavailable,
      "NEIGHBOUR_UNAVAILABLE",
    );
    assert.equal(await sessionsOf(id), 1);
  });

  it("opens no session when the password is changed meanwhile", async () => {
    const { id, email, client } = await auth.newMember();
    users.before = async (method) => {
      if (method !== "getUser") return;
      await client.changePassword({ currentPassword: password, newPassword: "a new one 4711" });
    };
    const login = nobody().login({ login: email, password });
    await assertRefused(login, Code.Unauthenticated, "WRONG_CREDENTIALS");
    assert.equal(await sessionsOf(id), 1);
  });

  it("accepts a password in any Unicode form, and rehashes it when the parameters have changed", async () => {
    const { id, email } = await auth.newMember();
    const costlier = argon2Hasher({ memoryKiB: 16, passes: 2 });
    const stored = await costlier.hash("Ångström ﬁve");
    const db = plaza.db("auth");
    await db`update account set password_hash = ${stored} where id = ${id}`;
    for (const form of ["NFC", "NFD", "NFKD"]) {
      await nobody().login({ login: email, password: "Ångström ﬁve".normalize(form) });
    }
    const [row] = await db<[{ passwordHash: string }]>`
      select password_hash from account where id = ${id}`;
    assert.match(row.passwordHash, /\$m=8,t=1,p=1\$/);
  });
});

describe("Login, throttled", () => {
  const auth = testAuth();
  const guess = (address: string, login: string, secret = "wrong horse 12") =>
    auth.clientAt(address).login({ login, password: secret });
  const guesses = async (count: number, address: string, login: string) => {
    for (let n = 0; n < count; n += 1) {
      await assertRefused(guess(address, login), Code.Unauthenticated, "WRONG_CREDENTIALS");
    }
  };

  it("makes attempts at one account wait ever longer, without hashing", async () => {
    const { email } = await auth.newMember();
    await guesses(10, "192.0.2.1", email);
    for (const seconds of [1, 2, 4]) {
      auth.hasher.count = 0;
      const call = guess(`192.0.2.${seconds}`, email, password);
      const error = await assertRefused(call, Code.ResourceExhausted, "TOO_MANY_ATTEMPTS");
      const info = retryAfterMs(error);
      assert.ok(info > (seconds - 1) * 1_000 && info <= seconds * 1_000, String(info));
      assert.equal(auth.hasher.count, 0);
      auth.advanceClock(seconds * 1_000);
      await guesses(1, "192.0.2.1", email);
    }
  });

  it("treats unknown accounts the same", async () => {
    await guesses(10, "192.0.2.7", "ghost@example.org");
    const call = guess("192.0.2.8", "ghost@example.org");
    await assertRefused(call, Code.ResourceExhausted, "TOO_MANY_ATTEMPTS");
  });

  it("does not lock the owner out from a known address", async () => {
    const { email } = await auth.newMember({ headers: { "plaza-address": "198.51.100.9" } });
    await guesses(10, "192.0.2.1", email);
    await assertRefused(guess("192.0.2.2", email), Code.ResourceExhausted, "TOO_MANY_ATTEMPTS");
    await guess("198.51.100.9", email, password);
  });

  it("throttles attempts from a known address too", async () => {
    const { email } = await auth.newMember({ headers: { "plaza-address": "198.51.100.10" } });
    await guesses(10, "198.51.100.10", email);
    const call = guess("198.51.100.10", email, password);
    await assertRefused(call, Code.ResourceExhausted, "TOO_MANY_ATTEMPTS");
  });

  it("resets the counter when the owner signs in", async () => {
    const { email } = await auth.newMember();
    for (let round = 0; round < 3; round += 1) {
      await guesses(8, "192.0.2.1", email);
      await guess(`192.0.2.10${round}`, email, password);
    }
  });

  it("throttles one address that attempts many accounts, and no other", async () => {
    const { email } = await auth.newMember();
    for (let n = 0; n < 100; n += 1) await guesses(1, "203.0.113.5", `spray${n}@example.org`);
    const next = guess("203.0.113.5", "spray@example.org");
    await assertRefused(next, Code.ResourceExhausted, "TOO_MANY_ATTEMPTS");
    await guess("203.0.113.6", email, password);
  });

  it("counts concurrent attempts", async () => {
    const { email } = await auth.newMember();
    auth.hasher.count = 0;
    const many = Array.from({ length: 50 }, (_, n) => guess(`192.0.2.${n}`, email));
    await Promise.allSettled(many);
    assert.equal(auth.hasher.count, 10);
  });

  it("does not count concurrent successful attempts", async () => {
    const { email } = await auth.newMember();
    const many = Array.from({ length: 50 }, () => guess("192.0.2.99", email, password));
    const settled = await Promise.allSettled(many);
    assert.equal(settled.filter(({ status }) => status === "rejected").length, 0);
  });

  it("refuses when the queue is full", async () => {
    const { email } = await auth.newMember();
    const many = Array.from({ length: 200 }, () => guess("192.0.2.77", email, password));
    const settled = await Promise.allSettled(many);
    const errors = settled.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    assert.ok(errors.length > 0 && errors.length < 150, String(errors.length));
    for (const error of errors) {
      const refusal = await assertRefused(
        Promise.reject(error),
        Code.ResourceExhausted,
        "OVERLOADED",
      );
      assert.equal(retryAfterMs(refusal), 1_000);
    }
  });
});
