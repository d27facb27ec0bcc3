import assert from "node:assert/strict";
import { request as ask } from "node:http";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { testGateway } from "../testing/test-gateway.ts";

type Attempt = {
  readonly name: string;
  readonly headers: Record<string, string>;
  readonly path?: string;
  readonly method?: string;
  readonly hasCookie?: boolean;
  readonly body?: string;
  readonly status: number;
};

const json = { "content-type": "application/json" };
const post = JSON.stringify({ title: "A post", body: "Its text" });
const signIn = JSON.stringify({ login: "ann", password: "right", session: "SESSION_KIND_COOKIE" });
const login = { path: "/v1/auth:login", hasCookie: false, body: signIn };
const rpc = "/plaza.posts.v1.PostService/CreatePost";

// `{own}` stands for the address of the gateway under test.
const forgeries: Attempt[] = [
  { name: "another site", headers: { ...json, origin: "https://evil.example" }, status: 403 },
  { name: "a sandboxed frame", headers: { ...json, origin: "null" }, status: 403 },
  {
    name: "a name that begins with ours",
    headers: { ...json, origin: "{own}.evil.example" },
    status: 403,
  },
  {
    name: "the default port of the other scheme",
    headers: { ...json, origin: "http://plaza.example", host: "plaza.example:443" },
    status: 403,
  },
  { name: "another port of ours", headers: { ...json, origin: "http://127.0.0.1:1" }, status: 403 },
  {
    name: "a page elsewhere without Origin",
    headers: { ...json, "sec-fetch-site": "cross-site" },
    status: 403,
  },
  { name: "a sibling subdomain", headers: { ...json, "sec-fetch-site": "same-site" }, status: 403 },
  { name: "a client that says nothing but sends the cookie", headers: json, status: 403 },
  {
    name: "another site that claims to be same-origin",
    headers: { ...json, origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    status: 403,
  },
  {
    name: "a deletion by another site",
    headers: { origin: "https://evil.example" },
    method: "DELETE",
    path: "/v1/users/me",
    body: "",
    status: 403,
  },
  {
    name: "a Connect call by another site",
    headers: { ...json, origin: "https://evil.example" },
    path: rpc,
    status: 403,
  },
  {
    name: "a sign-in by another site",
    headers: { ...json, origin: "https://evil.example" },
    ...login,
    status: 403,
  },
  {
    name: "a form of our own site",
    headers: { "content-type": "application/x-www-form-urlencoded", origin: "{own}" },
    body: "title=A&body=b",
    status: 415,
  },
  {
    name: "a form with files",
    headers: { "content-type": "multipart/form-data; boundary=x", origin: "{own}" },
    body: "--x--",
    status: 415,
  },
  {
    name: "JSON as plain text",
    headers: { "content-type": "text/plain", origin: "{own}" },
    status: 415,
  },
  {
    name: "JSON as plain text over Connect",
    headers: { "content-type": "text/plain", origin: "{own}" },
    path: rpc,
    status: 415,
  },
];

const honest: Attempt[] = [
  { name: "our own page", headers: { ...json, origin: "{own}" }, status: 200 },
  {
    name: "our own page over Connect",
    headers: { ...json, origin: "{own}" },
    path: rpc,
    status: 200,
  },
  {
    name: "our own page, whose Host states the default port",
    headers: { ...json, origin: "https://plaza.example", host: "plaza.example:443" },
    status: 200,
  },
  {
    name: "our own page, whose Origin states the default port",
    headers: { ...json, origin: "http://plaza.example:80", host: "Plaza.example" },
    status: 200,
  },
  {
    name: "our own page without Origin",
    headers: { ...json, "sec-fetch-site": "same-origin" },
    status: 200,
  },
  {
    name: "a sign-in by our own page",
    headers: { ...json, origin: "{own}" },
    ...login,
    status: 200,
  },
  { name: "a sign-in by a program", headers: json, ...login, status: 200 },
  {
    name: "a link on another site",
    headers: { origin: "https://evil.example" },
    method: "GET",
    path: "/v1/posts",
    body: "",
    status: 200,
  },
  {
    name: "a public read over POST without a cookie",
    headers: { ...json, origin: "https://evil.example" },
    path: "/plaza.posts.v1.PostService/ListPosts",
    hasCookie: false,
    body: "{}",
    status: 200,
  },
];

describe("where a request comes from", () => {
  const plaza = testGateway();

  for (const attempt of forgeries) {
    it(`refuses ${attempt.name}`, async () => {
      plaza.calls.length = 0;
      const { status, body } = await make(plaza, attempt);
      assert.equal(status, attempt.status, body);
      if (status === 403) assert.match(body, /CROSS_SITE_REQUEST|permission_denied/);
      // Behind a proxy that rewrites Host, that is what is missing.
      if (status === 403) assert.match(body, /set PLAZA_PUBLIC_URL/);
      const reached = plaza.calls.filter(({ name }) => !name.endsWith("/ResolveSession"));
      assert.deepEqual(reached, []);
    });
  }

  for (const attempt of honest) {
    it(`lets in ${attempt.name}`, async () => {
      const { status, body } = await make(plaza, attempt);
      assert.equal(status, attempt.status, body);
    });
  }
});

// Not fetch: it sets Origin and Sec-Fetch headers of its own accord.
async function make(plaza: ReturnType<typeof testGateway>, attempt: Attempt) {
  const { headers, method = "POST", path = "/v1/posts", hasCookie = true, body = post } = attempt;
  const sent = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, value.replace("{own}", plaza.url())]),
  );
  if (hasCookie) sent["cookie"] = `plaza_session=${plaza.signIn()}`;
  const asked = ask(plaza.url() + path, { method, headers: sent });
  asked.end(body);
  const answer = await new Promise<import("node:http").IncomingMessage>((resolve, reject) => {
    asked.once("response", resolve).once("error", reject);
  });
  return { status: answer.statusCode ?? 0, body: await text(answer) };
}
