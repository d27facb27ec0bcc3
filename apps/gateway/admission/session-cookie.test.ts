import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AuthService } from "@plaza/contract/auth/v1/auth";
import { UserService } from "@plaza/contract/users/v1/users";
import { methodName } from "@plaza/kit/rpc/method-name";
import {
  extendedSessionSecret,
  memberId,
  postId,
  type TestGateway,
  testGateway,
} from "../testing/test-gateway.ts";

const json = { "content-type": "application/json" };

describe("a browser's session", () => {
  const plaza = testGateway();

  it("begins with an HttpOnly cookie that scripts and other sites do not get", async () => {
    const answer = await login(plaza);
    const [cookie = ""] = answer.headers.getSetCookie();
    assert.match(cookie, /^plaza_session=[\w-]+; Max-Age=3600; Path=\/; HttpOnly; SameSite=Lax$/);
    assert.deepEqual(await answer.json(), { expiresIn: 3600 });
  });

  it("has no internal headers in its responses", async () => {
    const { headers } = await login(plaza);
    assert.deepEqual(
      [...headers.keys()].filter((name) => name.startsWith("plaza-")),
      [],
    );
  });

  it("authenticates the caller", async () => {
    const cookie = await cookieOf(plaza);
    const answer = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers: { cookie } });
    assert.deepEqual(await answer.json(), { id: postId, authorId: memberId });
    assert.equal(answer.headers.get("cache-control"), "no-store");
  });

  it("that was extended by its use has its cookie kept for longer", async () => {
    const headers = { cookie: `plaza_session=${extendedSessionSecret}` };
    const answer = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
    assert.match(
      answer.headers.getSetCookie()[0] ?? "",
      new RegExp(
        `^plaza_session=${extendedSessionSecret}; Max-Age=7200; Path=/; HttpOnly; SameSite=Lax$`,
      ),
    );
  });

  it("is given the cookie once, as long as it is not extended", async () => {
    const cookie = await cookieOf(plaza);
    assert.deepEqual((await sessionsOf(plaza, cookie)).headers.getSetCookie(), []);
  });

  it("ends at once, and takes the cookie with it", async () => {
    const cookie = await cookieOf(plaza);
    assert.equal((await sessionsOf(plaza, cookie)).status, 200);
    const headers = { ...json, cookie, origin: plaza.url() };
    const logout = await fetch(`${plaza.url()}/v1/auth:logout`, {
      method: "POST",
      headers,
      body: "{}",
    });
    assert.equal(logout.status, 200);
    assert.match(
      logout.headers.getSetCookie()[0] ?? "",
      /^plaza_session=; Max-Age=0; Path=\/; HttpOnly/,
    );
    const after = await sessionsOf(plaza, cookie);
    assert.equal(after.status, 401);
    assert.equal(await reasonIn(after), "INVALID_SESSION");
  });

  it("ends at once when the account is deleted", async () => {
    const cookie = await cookieOf(plaza);
    assert.equal((await sessionsOf(plaza, cookie)).status, 200);
    const headers = { cookie, origin: plaza.url() };
    await fetch(`${plaza.url()}/v1/users/me`, { method: "DELETE", headers });
    assert.equal((await sessionsOf(plaza, cookie)).status, 401);
  });

  it("that has ended leaves its owner anonymous, and clears the cookie", async () => {
    const headers = { cookie: "plaza_session=long-gone" };
    const answer = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
    assert.deepEqual(await answer.json(), { id: postId, authorId: "nobody" });
    assert.match(answer.headers.getSetCookie()[0] ?? "", /^plaza_session=; Max-Age=0/);
  });

  it("that has ended is replaced by a new one", async () => {
    const answer = await login(plaza, { cookie: "plaza_session=long-gone" });
    const cookies = answer.headers.getSetCookie();
    assert.equal(cookies.length, 1);
    assert.match(cookies[0] ?? "", /^plaza_session=[\w-]+; Max-Age=3600/);
  });

  it("is looked up once for many requests at the same time", async () => {
    const cookie = await cookieOf(plaza);
    const before = count(plaza, methodName(AuthService.method.resolveSession));
    const answers = await Promise.all(Array.from({ length: 20 }, () => sessionsOf(plaza, cookie)));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(count(plaza, methodName(AuthService.method.resolveSession)) - before, 1);
  });

  it("is not needed for signing in with tokens, which sets no cookie", async () => {
    const body = JSON.stringify({ login: "ann", password: "right" });
    const answer = await fetch(`${plaza.url()}/v1/auth:login`, {
      method: "POST",
      headers: json,
      body,
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.headers.getSetCookie(), []);
    const { accessToken } = (await answer.json()) as { accessToken: string };
    const headers = { authorization: `Bearer ${accessToken}` };
    const read = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
    assert.deepEqual(await read.json(), { id: postId, authorId: memberId });
  });

  it("does not stand in for a bad token", async () => {
    const headers = { cookie: await cookieOf(plaza), authorization: "Bearer made.up" };
    const answer = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
    assert.equal(answer.status, 401);
    assert.equal(answer.headers.get("www-authenticate"), "Bearer");
    assert.equal(await reasonIn(answer), "INVALID_TOKEN");
  });

  it("is not taken from a credential of another scheme, or one too long", async () => {
    for (const authorization of [
      "Basic dTpw",
      "Bearer",
      `Bearer ${"a".repeat(5_000)}`,
      "Bearer a b",
    ]) {
      const headers = { authorization };
      const answer = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
      assert.equal(answer.status, 401, authorization.slice(0, 20));
    }
  });

  it("does not make its owner a service", async () => {
    const headers = { ...json, cookie: await cookieOf(plaza), "plaza-service": "gateway" };
    const answer = await fetch(`${plaza.url()}/v1/posts/${postId}`, { headers });
    assert.equal(answer.status, 200);
    assert.equal(plaza.calls.at(-1)?.headers["plaza-service"], undefined);
    assert.equal(count(plaza, methodName(UserService.method.findUserByNickname)), 0);
  });
});

describe("a session over https", () => {
  const plaza = testGateway({ PLAZA_PUBLIC_URL: "https://plaza.example" });

  it("has a Secure cookie with the __Host- prefix", async () => {
    const [cookie = ""] = (await login(plaza)).headers.getSetCookie();
    assert.match(cookie, /^__Host-plaza_session=.+; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  });

  it("is not known by a cookie without the prefix", async () => {
    const headers = { cookie: `plaza_session=${plaza.signIn()}` };
    assert.equal((await fetch(`${plaza.url()}/v1/auth/sessions`, { headers })).status, 401);
  });

  it("sets HSTS", async () => {
    const { headers } = await fetch(`${plaza.url()}/livez`);
    assert.match(headers.get("strict-transport-security") ?? "", /max-age=31536000/);
  });
});

function login(plaza: TestGateway, more: Record<string, string> = {}): Promise<Response> {
  return fetch(`${plaza.url()}/v1/auth:login`, {
    method: "POST",
    headers: { ...json, origin: plaza.url(), ...more },
    body: JSON.stringify({ login: "ann", password: "right", session: "SESSION_KIND_COOKIE" }),
  });
}

async function cookieOf(plaza: TestGateway): Promise<string> {
  const [cookie = ""] = (await login(plaza)).headers.getSetCookie();
  return cookie.split(";")[0] ?? "";
}

function sessionsOf(plaza: TestGateway, cookie: string): Promise<Response> {
  return fetch(`${plaza.url()}/v1/auth/sessions`, { headers: { cookie } });
}

function count(plaza: TestGateway, name: string): number {
  return plaza.calls.filter((call) => call.name === name).length;
}

async function reasonIn(answer: Response): Promise<string | undefined> {
  const { details } = (await answer.json()) as { details?: { reason?: string }[] };
  return details?.find(({ reason }) => reason !== undefined)?.reason;
}
