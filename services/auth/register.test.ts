import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Code } from "@connectrpc/connect";
import { AuthService, SessionKind } from "@plaza/contract/auth/v1/auth";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { minuteMs } from "./domain/time.ts";
import { sweep } from "./jobs/sweep.ts";
import {
  goodPassword as password,
  testAuth,
  throwUnavailable,
  violatedFields,
} from "./testing/test-auth.ts";

describe("Register", () => {
  const auth = testAuth();
  const { plaza, users } = auth;
  const nobody = () => plaza.client(AuthService);
  const register = (email: string, nickname: string, secret = password) =>
    nobody().register({ email, nickname, password: secret });
  const accounts = (email: string) => plaza.db("auth")<{ id: string; state: string }[]>`
    select id, state from account where email = ${email}`;
  const abandoned = () => plaza.db("auth")<{ id: string }[]>`select id from abandoned_profile`;

  afterEach(() => {
    users.before = users.after = () => undefined;
  });

  it("creates an account and its profile, and signs in", async () => {
    const { user, accessToken, refreshToken, expiresIn } = await register("One@Example.org", "one");

    assert.equal(expiresIn, 600);
    assert.deepEqual(users.profiles.get(user?.id ?? ""), {
      email: "one@example.org",
      nickname: "one",
    });
    assert.match(refreshToken, /^plz_rt_[\w-]{86}$/);
    const seen = await nobody().introspect({ token: accessToken });
    assert.equal(seen.active, true);
    assert.deepEqual(seen.roles, ["member"]);
  });

  it("passes a cookie, and no tokens, to the gateway for a browser", async () => {
    let cookie: string | null = null;
    const request = { email: "two@example.org", nickname: "two", password };
    const answer = await nobody().register(
      { ...request, session: SessionKind.COOKIE },
      { onHeader: (headers) => (cookie = headers.get("plaza-session")) },
    );
    assert.match(cookie ?? "", /^plz_cs_[\w-]{43}$/);
    assert.equal(answer.accessToken + answer.refreshToken, "");
    assert.equal(answer.expiresIn, 30 * 86_400);
  });

  it("refuses an e-mail address that has an account, whatever its case", async () => {
    await register("taken@example.org", "taken_1");
    const error = await assertRefused(
      register("TAKEN@example.org", "taken_2"),
      Code.AlreadyExists,
      "EMAIL_TAKEN",
    );
    assert.deepEqual(violatedFields(error), ["email"]);
  });

  it("refuses a nickname that is taken, and leaves the e-mail address free", async () => {
    await register("nick1@example.org", "nick");
    const error = await assertRefused(
      register("nick2@example.org", "NICK"),
      Code.AlreadyExists,
      "NICKNAME_TAKEN",
    );
    assert.deepEqual(violatedFields(error), ["nickname"]);
    assert.equal((await accounts("nick2@example.org")).length, 0);
    await register("nick2@example.org", "nick_2", "another password 9");
  });

  it("refuses a common password, in any case and width", async () => {
    for (const common of ["password1", "PassWord1", "ｐassword1", "qwertyuiop"]) {
      await assertRefused(
        register("weak@example.org", "weak", common),
        Code.InvalidArgument,
        "PASSWORD_TOO_COMMON",
      );
    }
  });

  it("stores neither password nor token in plain text", async () => {
    const { accessToken, refreshToken } = await register("dump@example.org", "dump");
    const db = plaza.db("auth");
    const [dump] = await db<[{ text: string }]>`
      select string_agg(line, ' ') as text from (
        select account::text as line from account union all
        select session::text from session union all select guess::text from guess) rows`;
    const secrets = [password, accessToken, refreshToken.slice(7, 50), refreshToken.slice(50)];
    for (const secret of secrets) {
      assert.equal(dump.text.includes(secret), false);
      assert.equal(dump.text.includes(Buffer.from(secret).toString("hex")), false);
    }
    assert.match(dump.text, /\$argon2id\$v=19\$m=8,t=1,p=1\$/);
  });

  it("resumes under the same id when users was unavailable", async () => {
    users.before = () => throwUnavailable();
    await assertRefused(
      register("resume@example.org", "resume"),
      Code.Unavailable,
      "NEIGHBOUR_UNAVAILABLE",
    );
    const [pending] = await accounts("resume@example.org");
    users.before = () => undefined;
    const { user } = await register("resume@example.org", "resume");
    assert.equal(user?.id, pending?.id);
    assert.equal(pending?.state, "pending");
  });

  it("resumes under the same id when it died after the profile was created", async () => {
    users.after = () => throwUnavailable();
    await assertRefused(
      register("late@example.org", "late"),
      Code.Unavailable,
      "NEIGHBOUR_UNAVAILABLE",
    );
    users.after = () => undefined;
    const [pending] = await accounts("late@example.org");
    assert.ok(users.profiles.has(pending?.id ?? ""));
    const { user } = await register("late@example.org", "late");
    assert.equal(user?.id, pending?.id);
  });

  it("discards the profile of a resumed registration when its nickname is taken", async () => {
    await register("owner@example.org", "owned");
    users.after = () => throwUnavailable();
    await assertRefused(
      register("swap@example.org", "free_1"),
      Code.Unavailable,
      "NEIGHBOUR_UNAVAILABLE",
    );
    users.after = () => undefined;
    await assertRefused(
      register("swap@example.org", "owned"),
      Code.AlreadyExists,
      "NICKNAME_TAKEN",
    );
    const { user } = await register("swap@example.org", "free_1");
    assert.equal(users.profiles.get(user?.id ?? "")?.nickname, "free_1");
  });

  it("leases an address to the first attempt for half a minute", async () => {
    users.before = () => throwUnavailable();
    await assertRefused(
      register("held@example.org", "held"),
      Code.Unavailable,
      "NEIGHBOUR_UNAVAILABLE",
    );
    users.before = () => undefined;
    await assertRefused(
      register("held@example.org", "held", "somebody else 1"),
      Code.Aborted,
      "REGISTRATION_IN_PROGRESS",
    );
  });

  it("lets another attempt start again after that, under another id, and discards the profile", async () => {
    users.after = () => throwUnavailable();
    await assertRefused(
      register("stale@example.org", "stale"),
      Code.Unavailable,
      "NEIGHBOUR_UNAVAILABLE",
    );
    users.after = () => undefined;
    const [pending] = await accounts("stale@example.org");
    auth.advanceClock(minuteMs);
    const { user } = await register("stale@example.org", "stale", "somebody else 1");
    assert.notEqual(user?.id, pending?.id);
    assert.equal(users.profiles.has(pending?.id ?? ""), false);
    const login = { login: "stale@example.org", password };
    await assertRefused(nobody().login(login), Code.Unauthenticated, "WRONG_CREDENTIALS");
  });

  /** An attempt at registering whose call to users waits until it is released. */
  async function heldUp(email: string, nickname: string) {
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    users.before = () => {
      arrived.resolve();
      return gate.promise;
    };
    const attempt = register(email, nickname);
    attempt.catch(() => undefined);
    await arrived.promise;
    users.before = () => undefined;
    return { attempt, release: () => gate.resolve() };
  }

  it("lets only the last of several equal attempts activate", async () => {
    const first = await heldUp("twice@example.org", "twice");
    const { user } = await register("twice@example.org", "twice");
    first.release();
    await assertRefused(first.attempt, Code.Aborted, "REGISTRATION_IN_PROGRESS");
    const sessions = await plaza.db("auth")`
      select from session where account_id = ${user?.id ?? ""}`;
    assert.equal(sessions.length, 1);
  });

  it("does not take over an account that is being activated", async () => {
    const slow = await heldUp("moment@example.org", "moment_1");
    auth.advanceClock(minuteMs);
    auth.hasher.before = async () => {
      slow.release();
      await slow.attempt;
    };
    await assertRefused(
      register("moment@example.org", "moment_2", "somebody else 1"),
      Code.Aborted,
      "REGISTRATION_IN_PROGRESS",
    );
    auth.hasher.before = async () => {};
    const { user } = await slow.attempt;
    const found = await accounts("moment@example.org");
    assert.deepEqual([...found], [{ id: user?.id, state: "active" }]);
    await nobody().login({ login: "moment@example.org", password });
  });

  it("does not let an attempt activate after it has lost the lease", async () => {
    const first = await heldUp("fence@example.org", "fence_1");
    auth.advanceClock(minuteMs);
    const second = await register("fence@example.org", "fence_2", "somebody else 1");
    first.release();
    await assertRefused(first.attempt, Code.Aborted, "REGISTRATION_IN_PROGRESS");
    assert.deepEqual(
      [...(await accounts("fence@example.org"))],
      [{ id: second.user?.id, state: "active" }],
    );
    // The stale attempt made its profile after it had been discarded; the sweeper gets it.
    assert.equal([...users.profiles.values()].filter((p) => p.nickname === "fence_1").length, 1);
    await sweep(auth.context());
    assert.equal([...users.profiles.values()].filter((p) => p.nickname === "fence_1").length, 0);
  });

  it("expires abandoned registrations with their profiles in the sweep", async () => {
    users.after = () => throwUnavailable();
    await assertRefused(
      register("left@example.org", "left"),
      Code.Unavailable,
      "NEIGHBOUR_UNAVAILABLE",
    );
    users.after = () => undefined;
    const [pending] = await accounts("left@example.org");
    await sweep(auth.context());
    assert.equal((await accounts("left@example.org")).length, 1, "too early");
    auth.advanceClock(11 * minuteMs);

    users.before = () => throwUnavailable();
    await assert.rejects(sweep(auth.context()));
    users.before = () => undefined;
    assert.ok(users.profiles.has(pending?.id ?? ""), "users was out of reach");
    await sweep(auth.context());
    assert.equal(users.profiles.has(pending?.id ?? ""), false);
    assert.equal((await accounts("left@example.org")).length, 0);
    auth.advanceClock(11 * minuteMs);
    await sweep(auth.context());
    assert.equal((await abandoned()).length, 0);
  });

  it("creates one account under concurrent registrations of one e-mail address", async () => {
    const racers = Array.from({ length: 20 }, (_, n) => register("race@example.org", `racer_${n}`));
    const won = (await Promise.allSettled(racers)).filter((one) => one.status === "fulfilled");
    assert.equal(won.length, 1);
    const [account, ...others] = await accounts("race@example.org");
    assert.equal(account?.state, "active");
    assert.equal(others.length, 0);
  });

  it("creates one account under concurrent registrations of one nickname", async () => {
    const racers = Array.from({ length: 20 }, (_, n) => register(`r${n}@example.org`, "racer"));
    const settled = await Promise.allSettled(racers);
    assert.equal(settled.filter((one) => one.status === "fulfilled").length, 1);
    const [left] = await plaza.db("auth")<[{ count: number }]>`
      select count(*)::int as count from account where email ~ '^r[0-9]+@'`;
    assert.equal(left.count, 1);
  });
});
