import assert from "node:assert/strict";
import { connect } from "node:http2";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { PostService } from "@plaza/contract/posts/v1/posts";
import { requestHttp2 } from "../testing/http2-request.ts";
import { postId, productId, siteStubs } from "../testing/site-stubs.ts";
import { memberId, testGateway } from "../testing/test-gateway.ts";
import { withBasePath } from "./base-path.ts";

const address = "https://plaza.example/community";

describe("a site below a path", () => {
  const plaza = testGateway({ PLAZA_PUBLIC_URL: `${address}/` }, siteStubs);
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(plaza.url() + path, { headers });

  it("is served to proxies that strip the path, and to those that do not", async () => {
    for (const path of ["/livez", "/", "/v1/posts", "/docs", "/openapi.json", "/atom.xml"]) {
      for (const base of ["", "/community"]) {
        assert.equal((await get(base + path)).status, 200, base + path);
      }
    }
    assert.equal((await get("/community?q=words")).status, 200);
    assert.equal((await get("/communityx/livez")).status, 404);
    assert.equal((await get("/community/livez/../x")).status, 404);
  });

  it("takes RPCs and HTTP/2 there too", async () => {
    const baseUrl = `${plaza.url()}/community`;
    const transport = createConnectTransport({ baseUrl, httpVersion: "1.1" });
    assert.equal((await createClient(PostService, transport).getPost({ id: postId })).id, postId);
    const session = connect(plaza.url());
    const { stream } = await requestHttp2(session, { ":path": "/community/livez" });
    assert.equal(await text(stream), "ok\n");
    session.close();
  });

  it("keeps its cookies there", async () => {
    const login = await fetch(`${plaza.url()}/community/v1/auth:login`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: "https://plaza.example" },
      body: JSON.stringify({ login: "a", password: "right", session: "SESSION_KIND_COOKIE" }),
    });
    const [cookie = ""] = login.headers.getSetCookie();
    assert.match(cookie, /^__Secure-plaza_session=.*; Path=\/community; .*Secure/);
    const [pair = ""] = cookie.split(";");
    const mine = await get(`/community/v1/posts/${postId}`, { cookie: pair });
    assert.equal(mine.status, 200);
    assert.ok(plaza.calls.some(({ headers }) => headers["authorization"]));
  });

  for (const path of ["/", `/posts/${postId}`, `/shop/${productId}`, `/members/${memberId}`]) {
    it(`has all that a page loads and links below it: ${path}`, async () => {
      const html = await (await get(`/community${path}`)).text();
      const links = [...html.matchAll(/ (?:src|href)="([^"#]+)"/g)].map(([, link = ""]) => link);
      assert.ok(links.length > 5);
      for (const link of links.filter((one) => one.startsWith("/"))) {
        assert.match(link, /^\/community(\/|$)/);
        if (/\.\w+$/.test(link)) assert.equal((await get(link)).status, 200, link);
      }
      const [, canonical] = /rel="canonical" href="([^"]*)"/.exec(html) ?? [];
      assert.equal(canonical, address + path);
      assert.match(html, /<html data-base-path="\/community"/);
    });
  }

  it("names its own address in feeds, sitemaps and robots.txt", async () => {
    for (const path of ["/atom.xml", "/rss.xml", "/sitemap.xml", "/sitemaps/posts.xml"]) {
      const document = await (await get(`/community${path}`)).text();
      const links = document.match(/https:\/\/plaza\.example[^<"]*/g) ?? [];
      assert.ok(links.length > 0, path);
      for (const link of links) assert.ok(link.startsWith(`${address}/`), link);
    }
    const robots = await (await get("/community/robots.txt")).text();
    assert.match(robots, /^Disallow: \/community\/v1\/$/m);
    assert.match(robots, /^Sitemap: https:\/\/plaza\.example\/community\/sitemap\.xml$/m);
  });

  it("shows its API there", async () => {
    const page = await (await get("/community/docs")).text();
    for (const [, part = ""] of page.matchAll(/(?:src|href)="([^"]+)"/g)) {
      assert.match(part, /^\/community\/docs\//);
      assert.equal((await get(part)).status, 200, part);
    }
    const script = await (await get("/community/docs/start.js")).text();
    assert.match(script, /"url":"\/community\/openapi\.json"/);
    const document = (await (await get("/openapi.json")).json()) as { servers: unknown };
    assert.deepEqual(document.servers, [{ url: address }]);
  });
});

describe("withBasePath", () => {
  it("changes no address of another host, and nothing at the root", () => {
    const html = '<html lang="en"><a href="/a"><a href="//b/c"><a href="https://d/">';
    assert.equal(withBasePath(html, ""), html);
    assert.equal(
      withBasePath(html, "/x"),
      '<html data-base-path="/x" lang="en"><a href="/x/a"><a href="//b/c"><a href="https://d/">',
    );
  });
});
