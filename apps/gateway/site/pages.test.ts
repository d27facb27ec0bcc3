import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, it } from "node:test";
import { validate } from "@readme/openapi-parser";
import { testGateway } from "../testing/test-gateway.ts";

const webDir = mkdtempSync(path.join(tmpdir(), "plaza-web-"));
mkdirSync(path.join(webDir, "assets"));
writeFileSync(path.join(webDir, "index.html"), "<!doctype html><title>Plaza</title>");
writeFileSync(
  path.join(webDir, "assets", "app-1a2b.js"),
  `export const a = "${"a".repeat(2_000)}";`,
);
writeFileSync(path.join(webDir, ".plaza-stamp"), "secret");

const navigation = { accept: "text/html,application/xhtml+xml" };

describe("the web app", () => {
  const plaza = testGateway({}, { webDir });
  after(() => rmSync(webDir, { recursive: true }));
  const get = (name: string, headers: Record<string, string> = {}) =>
    fetch(plaza.url() + name, { headers });

  it("is index.html wherever a person navigates to", async () => {
    for (const name of ["/", "/posts/1", "/sign-in?next=%2F", "/%zz", "/a.b/c"]) {
      const answer = await get(name, navigation);
      assert.equal(answer.status, 200, name);
      assert.match(await answer.text(), /<title>Plaza/);
      assert.equal(answer.headers.get("cache-control"), "no-cache");
    }
  });

  it("has files that may be kept for ever, compressed for those who can read them", async () => {
    const answer = await get("/assets/app-1a2b.js");
    assert.equal(answer.headers.get("content-type"), "text/javascript; charset=utf-8");
    assert.equal(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
    assert.equal(answer.headers.get("content-encoding"), "gzip");
    assert.match(await answer.text(), /^export/);
    const plain = await get("/assets/app-1a2b.js", { "accept-encoding": "gzip;q=0" });
    assert.equal(plain.headers.get("content-encoding"), null);
  });

  it("is not sent again to clients that have it", async () => {
    const etag = (await get("/", navigation)).headers.get("etag") ?? "";
    assert.equal((await get("/", { ...navigation, "if-none-match": etag })).status, 304);
  });

  it("does not stand in for a missing file, nor for the API", async () => {
    for (const name of ["/assets/gone.js", "/favicon.ico"]) {
      assert.equal((await get(name)).status, 404, name);
    }
    for (const name of [
      "/v1/nothing",
      "/plaza.none.v1.Service/X",
      "/openapi/none.json",
      "/.well-known/none",
    ]) {
      const answer = await get(name, navigation);
      assert.equal(answer.status, 404, name);
      assert.match(await answer.text(), /"reason":"NO_SUCH_ROUTE"/);
    }
  });

  it("gives out nothing hidden and nothing outside its folder", async () => {
    for (const name of ["/.plaza-stamp", "/assets/..%2f.plaza-stamp", "/..%2f..%2fetc%2fpasswd"]) {
      assert.equal((await get(name)).status, 404, name);
    }
  });

  it("takes no other method than GET and HEAD", async () => {
    const answer = await fetch(`${plaza.url()}/`, { method: "POST", headers: navigation });
    assert.equal(answer.status, 405);
    assert.equal(answer.headers.get("allow"), "GET, HEAD");
    const head = await fetch(`${plaza.url()}/`, { method: "HEAD", headers: navigation });
    assert.equal(await head.text(), "");
  });
});

describe("the documentation", () => {
  const plaza = testGateway();

  it("is valid OpenAPI, for the whole and for each service", async () => {
    for (const name of [
      "/openapi.json",
      "/openapi/auth.json",
      "/openapi/users.json",
      "/openapi/posts.json",
    ]) {
      const answer = await fetch(plaza.url() + name);
      assert.equal(answer.headers.get("content-type"), "application/json");
      const result = await validate((await answer.json()) as never);
      assert.ok(result.valid, `${name}: ${JSON.stringify(result)}`);
    }
  });

  it("does not contain methods that only services may call", async () => {
    const text = await (await fetch(`${plaza.url()}/openapi.json`)).text();
    assert.doesNotMatch(text, /ResolveSession|CloseAccount|FindUserByNickname|DiscardUser/);
  });

  it("has the contract's comments, rules and policies in it", async () => {
    const document = (await (
      await fetch(`${plaza.url()}/openapi.json`)
    ).json()) as never as Document;
    const { schemas } = document.components;
    assert.match(
      document.paths["/v1/posts"]?.post?.description ?? "",
      /^CreatePost publishes a post/,
    );
    assert.deepEqual(document.paths["/v1/users"]?.get?.security, [
      { accessToken: ["admin"] },
      { session: ["admin"] },
    ]);
    assert.deepEqual(schemas["plaza.auth.v1.RegisterRequest"]?.required, [
      "email",
      "password",
      "nickname",
    ]);
    const { password, email } = schemas["plaza.auth.v1.RegisterRequest"]?.properties ?? {};
    assert.equal(password?.["minLength"], 8);
    assert.equal(password?.["format"], "password");
    assert.equal(password?.["writeOnly"], true);
    assert.equal(email?.["format"], "email");
    assert.equal(schemas["plaza.posts.v1.Post"]?.properties["authorId"]?.["readOnly"], true);
  });

  it("is not sent again to clients that have it", async () => {
    const etag = (await fetch(`${plaza.url()}/openapi.json`)).headers.get("etag") ?? "";
    const headers = { "if-none-match": etag };
    assert.equal((await fetch(`${plaza.url()}/openapi.json`, { headers })).status, 304);
  });

  it("has a page whose scripts all come from files of our own", async () => {
    const answer = await fetch(`${plaza.url()}/docs`);
    assert.equal(answer.headers.get("content-type"), "text/html; charset=utf-8");
    const page = await answer.text();
    assert.doesNotMatch(page, /<script>|https?:|onload=/);
    const parts = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, name = ""]) => name);
    assert.equal(parts.length, 6);
    for (const name of parts) {
      const { status, headers } = await fetch(`${plaza.url()}${name}`);
      assert.equal(status, 200, name);
      assert.match(headers.get("content-type") ?? "", /^(text\/(css|javascript)|image\/png)/, name);
    }
  });
});

describe("every response", () => {
  const plaza = testGateway({}, { problems: () => ["the database of posts cannot be reached"] });

  it("carries the security headers", async () => {
    for (const name of [
      "/livez",
      "/docs",
      "/v1/posts",
      "/v1/nothing",
      "/plaza.posts.v1.PostService/GetPost",
    ]) {
      const { headers } = await fetch(plaza.url() + name);
      assert.match(headers.get("content-security-policy") ?? "", /script-src 'self';/, name);
      assert.match(headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/, name);
      assert.equal(headers.get("x-content-type-options"), "nosniff", name);
      assert.ok(headers.has("referrer-policy") && headers.has("permissions-policy"), name);
    }
  });

  it("of the probes contains the problems", async () => {
    assert.equal((await fetch(`${plaza.url()}/livez`)).status, 200);
    const ready = await fetch(`${plaza.url()}/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /the database of posts/);
    const metrics = await (await fetch(`${plaza.url()}/metrics`)).text();
    assert.match(metrics, /plaza_gateway_responses_total\{protocol="rest",status="200"\}/);
  });
});

type Operation = { description?: string; security?: unknown };
type Schema = { required?: string[]; properties: Record<string, Record<string, unknown>> };
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};
