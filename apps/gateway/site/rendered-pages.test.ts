import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fault } from "@plaza/kit/errors/fault";
import { deletedId, postId, productId, siteStubs, unknownId } from "../testing/site-stubs.ts";
import { createSteadyQueue } from "../testing/steady-queue.ts";
import { memberId, type TestGateway, testGateway } from "../testing/test-gateway.ts";

const origin = "https://plaza.example";
const env = { PLAZA_PUBLIC_URL: `${origin}/` };

/** The documents that a program gets which says nothing of what it takes. */
function reader(plaza: TestGateway) {
  return async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(plaza.url() + path, { headers });
    return { response, html: await response.text() };
  };
}

function meta(html: string, name: string): string | undefined {
  const pattern = new RegExp(`<meta (?:name|property)="${name}" content="([^"]*)"`, "g");
  const found = [...html.matchAll(pattern)];
  assert.ok(found.length < 2, `${name} stands there ${found.length} times`);
  return found[0]?.[1];
}

describe("a rendered page", () => {
  const plaza = testGateway(env, siteStubs);
  const get = reader(plaza);

  const pages = [
    { path: "/", title: "Posts", type: "website", text: "Hello &lt;/script" },
    { path: `/posts/${postId}`, title: "Hello", type: "article", text: "<strong>bold</strong>" },
    { path: "/shop", title: "Shop", type: "website", text: "€12.50" },
    { path: `/shop/${productId}`, title: "Crate", type: "product", text: "<em>wood</em>" },
    { path: `/members/${memberId}`, title: "clara", type: "profile", text: "Clara &lt;/script" },
  ];
  for (const { path, title, type, text } of pages) {
    it(`has its text and says what it is: ${path}`, async () => {
      const { response, html } = await get(path);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
      const titles = [...html.matchAll(/<title>(.*?)<\/title>/gs)];
      assert.equal(titles.length, 1);
      assert.ok(titles[0]?.[1]?.startsWith(title), `${titles[0]}`);
      assert.ok(html.includes(`<link rel="canonical" href="${origin}${path}"`));
      assert.equal(meta(html, "og:url"), origin + path);
      assert.equal(meta(html, "og:type"), type);
      assert.ok(meta(html, "og:title")?.startsWith(title));
      assert.ok(meta(html, "description"));
      assert.equal(meta(html, "og:description"), meta(html, "description"));
      assert.ok(html.includes(text), `without ${text}`);
    });

    it(`runs no script but the site's: ${path}`, async () => {
      const { html } = await get(path);
      for (const [, attributes = ""] of html.matchAll(/<script\b([^>]*)>/gi)) {
        assert.match(attributes, /src="\/(head\.js|assets\/)|type="application\/json"/);
      }
      assert.equal(/href="javascript:/i.exec(html), null);
      const [, state = ""] = /id="page-state">(.*?)<\/script>/s.exec(html) ?? [];
      assert.equal(/[<\u2028]/.exec(state), null);
      assert.match(JSON.stringify(JSON.parse(state)), /<\/script><\/title>/);
    });
  }

  it("is described without the marks of Markdown", async () => {
    const { html } = await get(`/shop/${productId}`);
    assert.match(meta(html, "description") ?? "", /^€12\.50\. Made of wood\. /);
  });

  it("names the picture by its absolute address", async () => {
    const { html } = await get(`/shop/${productId}`);
    assert.equal(meta(html, "og:image"), `${origin}/demo/apples.svg`);
  });

  it("is a 404 where nothing is", async () => {
    for (const path of [
      `/posts/${unknownId}`,
      `/shop/${unknownId}`,
      `/members/${unknownId}`,
      "/posts/1",
    ]) {
      const { response, html } = await get(path);
      assert.equal(response.status, 404, path);
      assert.match(html, /This page does not exist or was deleted/, path);
      assert.doesNotMatch(html, /rel="canonical"/);
    }
    for (const path of ["/nothing", "/posts", "//evil/", "/%zz", `/posts/${postId}/x`]) {
      for (const accept of ["text/html", "*/*", "application/json", ""]) {
        const { response, html } = await get(path, { accept });
        assert.equal(response.status, 404, path);
        assert.match(html, /This page does not exist or was deleted/, path);
      }
    }
    const file = await get("/nothing.php");
    assert.equal(file.response.headers.get("content-type"), "application/json");
    const navigated = await get("/nothing.php", { accept: "text/html" });
    assert.match(navigated.html, /This page does not exist or was deleted/);
  });

  it("is a 410 where something was", async () => {
    for (const path of [`/posts/${deletedId}`, `/members/${deletedId}`]) {
      const { response, html } = await get(path);
      assert.equal(response.status, 410, path);
      assert.match(html, /This page does not exist or was deleted/, path);
    }
  });

  it("is the same for everybody: no call for it has a caller", async () => {
    const cookie = `__Host-plaza_session=${plaza.signIn()}`;
    const visitor = await get(`/shop/${productId}`);
    const member = await get(`/shop/${productId}`, { cookie });
    for (const { name, headers } of plaza.calls)
      assert.equal(headers["authorization"], undefined, name);
    assert.equal(member.response.headers.get("vary"), "accept-encoding, cookie");
    assert.equal(member.response.headers.get("cache-control"), "private, no-cache");
    assert.match(visitor.html, /Sign in/);
    assert.doesNotMatch(member.html, /Sign in/);
  });

  it("is not sent again to those who have it, and small to those who have not", async () => {
    const etags = new Set<string>();
    for (const [accepted, coding] of [
      ["br, gzip", "br"],
      ["gzip, deflate, br;q=0.5", "gzip"],
      ["identity, *;q=0", null],
    ] as const) {
      const headers = { "accept-encoding": accepted };
      const { response } = await get("/shop", headers);
      assert.equal(response.headers.get("content-encoding"), coding);
      const etag = response.headers.get("etag") ?? "";
      etags.add(etag);
      const again = await get("/shop", { ...headers, "if-none-match": etag });
      assert.equal(again.response.status, 304);
    }
    assert.equal(etags.size, 3);
  });

  it("of a search is left to the browser", async () => {
    const { html } = await get("/?q=words", { accept: "text/html" });
    assert.doesNotMatch(html, /page-state/);
  });
});

describe("rendered pages", () => {
  const state = { title: "First", reads: 0, fails: false };
  let skippedMs = 0;
  const queue = createSteadyQueue();
  let isBusy = false;
  const plaza = testGateway(
    {},
    {
      now: () => performance.now() + skippedMs,
      admissionQueue: {
        isOverloaded: () => isBusy,
        acquire: () => (isBusy ? Promise.reject(new Error("busy")) : queue.acquire()),
      },
      posts: {
        getPost({ id }) {
          state.reads++;
          if (state.fails) throw new Fault("unavailable", "DATABASE_DOWN", "no database");
          return { id, title: state.title };
        },
        updatePost({ post }) {
          state.title = post?.title ?? "";
          return { title: state.title };
        },
      },
    },
  );
  const get = reader(plaza);
  const path = `/posts/${postId}`;

  it("are read once for many, and anew after a change", async () => {
    await Promise.all([get(path), get(path), get(path)]);
    assert.equal(state.reads, 1);
    const response = await fetch(`${plaza.url()}/v1${path}`, {
      method: "PATCH",
      headers: { "content-type": "application/json", authorization: `Bearer ${plaza.signIn()}` },
      body: JSON.stringify({ title: "Second" }),
    });
    assert.equal(response.status, 200);
    assert.match((await get(path)).html, /Second/);
    assert.equal(state.reads, 2);
  });

  it("are at most ten seconds old", async () => {
    state.title = "Third";
    assert.match((await get(path)).html, /Second/);
    skippedMs += 10_001;
    assert.match((await get(path)).html, /Third/);
  });

  it("are left to the browser while the process is busy, unless they are there", async () => {
    isBusy = true;
    assert.match((await get(path)).html, /Third/);
    const other = await get(`/posts/${unknownId}`);
    assert.equal(other.response.status, 200);
    assert.doesNotMatch(other.html, /page-state/);
    isBusy = false;
  });

  it("are left to the browser when their reads fail", async () => {
    state.fails = true;
    const { response, html } = await get(`/posts/${unknownId}`);
    assert.equal(response.status, 200);
    assert.match(html, /<div id="root"><\/div>/);
    state.fails = false;
    assert.match((await get(`/posts/${unknownId}`)).html, /Third/);
  });
});
