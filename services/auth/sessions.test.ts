import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Code } from "@connectrpc/connect";
import { AuthService, SessionKind } from "@plaza/contract/auth/v1/auth";
import { assertRefused } from "@plaza/kit/testing/assert-refused";
import { addMs, dayMs, minuteMs } from "./domain/time.ts";
import { sweep } from "./jobs/sweep.ts";
import { goodPassword as password, type TestMember, testAuth } from "./testing/test-auth.ts";

describe("sessions", () => {
  const auth = testAuth();
  const { plaza } = auth;
  const nobody = () => plaza.client(AuthService);
  const gateway = () => plaza.client(AuthService, { service: "gateway" });
  const cookieFor = async ({ email: login }: TestMember, headers = {}) => {
    let cookie = "";
    const request = { login, password, session: SessionKind.COOKIE };
    const onHeader = (sent: Headers) => (cookie = sent.get("plaza-session") ?? "");
    await nobody().login(request, { headers, onHeader });
    return cookie;
  };
  const resolve = (credential: string) => gateway().resolveSession({ credential });
  const dead = (credential: string) =>
    assertRefused(resolve(credential), Code.Unauthenticated, "INVALID_SESSION");
  const as = (id: string, sessionId: string) =>
    plaza.client(AuthService, { account: { id, sessionId } });

  it("are listed latest first, with their clients and the caller's own session", async () => {
    const member = await auth.newMember();
    await cookieFor(member, {
      "plaza-address": "2001:db8::7",
      "plaza-user-agent": "Firefox on Linux",
    });
    const { sessions } = await member.client.listSessions({});
    const seen = sessions.map(({ kind, userAgent, address, current }) => [
      kind,
      userAgent,
      address,
      current,
    ]);
    assert.deepEqual(seen, [
      [SessionKind.COOKIE, "Firefox on Linux", "2001:db8::7", false],
      [SessionKind.TOKENS, "", "unknown", true],
    ]);
  });

  it("are listed to their own account only", async () => {
    const [one, other] = [await auth.newMember(), await auth.newMember()];
    const { sessions } = await other.client.listSessions({});
    assert.equal(
      sessions.some(({ id }) => id === one.sessionId),
      false,
    );
  });

  it("end at once when deleted", async () => {
    const member = await auth.newMember();
    const cookie = await cookieFor(member);
    const { sessionId } = await resolve(cookie);
    await member.client.deleteSession({ id: sessionId.toUpperCase() });
    await dead(cookie);
    assert.equal((await member.client.listSessions({})).sessions.length, 1);
  });

  it("cannot be ended by other members, who get the error for a missing one", async () => {
    const [one, other] = [await auth.newMember(), await auth.newMember()];
    for (const id of [one.sessionId, "01890a5d-ac96-774b-bcce-b302099a8057"]) {
      const call = other.client.deleteSession({ id });
      await assertRefused(call, Code.NotFound, "NO_SUCH_SESSION");
    }
    await resolve(one.tokens.accessToken);
  });

  it("end at logout of the caller's own session, whose cookie is deleted", async () => {
    const member = await auth.newMember();
    const cookie = await cookieFor(member);
    const { accountId, sessionId } = await resolve(cookie);
    let left: string | null = null;
    const onHeader = (headers: Headers) => (left = headers.get("plaza-session"));
    await as(accountId, sessionId).logout({}, { onHeader });
    assert.equal(left, "");
    await dead(cookie);
    await resolve(member.tokens.accessToken);
  });

  it("end at logout, by refresh token", async () => {
    const { tokens } = await auth.newMember();
    await nobody().logout({ refreshToken: tokens.refreshToken });
    await dead(tokens.accessToken);
    await assertRefused(
      nobody().refresh({ refreshToken: tokens.refreshToken }),
      Code.Unauthenticated,
      "INVALID_REFRESH_TOKEN",
    );
  });

  it("need not exist for a logout", async () => {
    const { id, sessionId, tokens, client } = await auth.newMember();
    await nobody().logout({});
    await nobody().logout({ refreshToken: "x" });
    await resolve(tokens.accessToken);
    await client.logout({});
    await as(id, sessionId).logout({});
  });

  it("resolve to an access token with the current roles", async () => {
    const member = await auth.newMember();
    const cookie = await cookieFor(member);
    const first = await resolve(cookie);
    assert.equal(first.accountId, member.id);
    assert.equal((await resolve(cookie)).accessToken, first.accessToken, "signed once a minute");

    await plaza.db("auth")`update account set roles = '{member,admin}' where id = ${member.id}`;
    const { accessToken } = await resolve(cookie);
    const { roles } = await nobody().introspect({ token: accessToken });
    assert.deepEqual(roles, ["member", "admin"]);
    await plaza.db("auth")`update account set roles = '{member}' where id = ${member.id}`;
    const { accessToken: later } = await resolve(cookie);
    assert.match(atob(later.split(".")[1] ?? ""), /"roles":\["member"\]/);
  });

  it("also resolve from an access token, and from no other credential", async () => {
    const { id, tokens } = await auth.newMember();
    const { accountId, accessToken } = await resolve(tokens.accessToken);
    assert.equal(accountId, id);
    const { refreshToken } = tokens;
    const secret = refreshToken.slice(7, 50);
    const [head = "", body = "", signature = ""] = accessToken.split(".");
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt" })).toString("base64url");
    const bad = ["x", "a b\nc", refreshToken, `plz_cs_${secret}`, `plz_cs_${"A".repeat(43)}`];
    for (const credential of bad) await dead(credential);
    await dead(`${none}.${body}.`);
    await dead(`${head}.${body}.${signature.split("").reverse().join("")}`);
  });

  it("end with their account's deactivation", async () => {
    const member = await auth.newMember();
    const cookie = await cookieFor(member);
    await plaza.db("auth")`update account set state = 'deactivated' where id = ${member.id}`;
    await dead(cookie);
    await dead(member.tokens.accessToken);
  });

  it("are resolved for services only", async () => {
    const { client } = await auth.newMember();
    const call = client.resolveSession({ credential: "x" });
    await assertRefused(call, Code.PermissionDenied, "SERVICE_ONLY");
  });

  it("expire 30 days after their last use, which is recorded every 5 minutes", async () => {
    const member = await auth.newMember();
    const cookie = await cookieFor(member);
    const { sessionId } = await resolve(cookie);
    const lastUse = async () => {
      const { sessions } = await member.client.listSessions({});
      const found = sessions.find(({ id }) => id === sessionId);
      return found?.lastUseTime ? timestampDate(found.lastUseTime).getTime() : 0;
    };
    const first = await lastUse();
    auth.advanceClock(4 * minuteMs);
    assert.equal((await resolve(cookie)).cookieMaxAge, 0);
    assert.equal(await lastUse(), first);
    auth.advanceClock(2 * minuteMs);
    assert.equal((await resolve(cookie)).cookieMaxAge, 30 * 24 * 60 * 60);
    assert.ok((await lastUse()) > first);

    auth.advanceClock(29 * dayMs);
    await resolve(cookie);
    auth.advanceClock(29 * dayMs);
    await resolve(cookie);
    auth.advanceClock(30 * dayMs);
    await dead(cookie);
    await sweep(auth.context());
    const [row] = await plaza.db("auth")`select from session where id = ${sessionId}`;
    assert.equal(row, undefined);
  });

  it("are listed from an index", async () => {
    const { id } = await auth.newMember();
    const db = plaza.db("auth");
    await db`
      insert into account (id, email, password_hash, state, roles, create_time)
      select gen_random_uuid(), 'bulk' || n, '', 'active', '{member}', now()
      from generate_series(1, 1000) n`;
    await db`
      insert into session (id, account_id, kind, secret_hash, user_agent, address, create_time,
        last_use_time, expire_time)
      select gen_random_uuid(), account.id, 'cookie', sha256((account.id::text || n)::bytea), '', '', now(),
        now(), now() + interval '1 day'
      from account, generate_series(1, 20) n`;
    await db`analyze session`;
    const plan = await db<{ "QUERY PLAN": string }[]>`
      explain select * from session where account_id = ${id} and expire_time > ${addMs(new Date(), 0)}
      order by id desc limit 100`;
    assert.match(JSON.stringify(plan), /session_account/);
    assert.doesNotMatch(JSON.stringify(plan), /Seq Scan/);
  });
});
