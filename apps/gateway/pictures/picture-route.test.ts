import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { Fault } from "@plaza/kit/errors/fault";
import { callerOf } from "@plaza/kit/identity/caller";
import sharp from "sharp";
import { createPicture, sendPicture, startPictureHost } from "../testing/picture-host.ts";
import { memberId, postId, testGateway } from "../testing/test-gateway.ts";

const host = await startPictureHost();
const shown = `/v1/posts/${postId}`;
const hidden = "/v1/posts/01900000-0000-7000-8000-0000000000bb";

describe("GET /pictures", () => {
  let body = "";
  const env = { PLAZA_PICTURE_HOSTS: host.host };
  const gateway = testGateway(env, {
    posts: {
      getPost({ id }, context) {
        const isHidden = !shown.endsWith(id) && callerOf(context).account?.id !== memberId;
        if (isHidden) throw new Fault("not_found", "NO_SUCH_POST", "not for this caller");
        return { id, body };
      },
    },
  });

  const request = (query: Record<string, string>, init: RequestInit = {}) =>
    fetch(`${gateway.url()}/pictures?${new URLSearchParams(query)}`, init);
  /** Asks for a picture that stands in the post. */
  const load = (path: string, init?: RequestInit) => {
    body = `Look: ![at this](${host.url(path)})`;
    return request({ url: host.url(path), of: shown }, init);
  };
  const assertRefused = async (response: Response, status: number, reason: string) => {
    const text = await response.text();
    assert.equal(response.status, status, text);
    assert.match(text, new RegExp(`"${reason}"`));
    assert.equal(response.headers.get("cache-control"), "no-store");
  };
  const cookieOf = (secret: string) => ({ headers: { cookie: `plaza_session=${secret}` } });

  it("gives a picture of a post, as WebP of a size, for a day, to Plaza's own pages", async () => {
    host.serve("/a.jpg", sendPicture(await createPicture("jpeg"), "image/jpeg"));
    const response = await load("/a.jpg");
    const { headers } = response;
    assert.deepEqual(
      [response.status, headers.get("content-type"), headers.get("cache-control")],
      [200, "image/webp", "private, max-age=86400"],
    );
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    const { width } = await sharp(await response.arrayBuffer()).metadata();
    assert.equal(width, 400);
    const small = await request({ url: host.url("/a.jpg"), of: shown, size: "small" });
    assert.equal((await sharp(await small.arrayBuffer()).metadata()).width, 256);
  });

  it("tells the host nothing of the reader, and asks it once for each size", async () => {
    host.serve("/b.png", sendPicture(await createPicture("png")));
    const init = {
      headers: { cookie: "plaza_session=x", referer: "http://a/", "user-agent": "me" },
    };
    for (const _ of [1, 2, 3]) assert.equal((await load("/b.png", init)).status, 200);
    const [headers, ...more] = host.requests.get("/b.png") ?? [];
    assert.equal(more.length, 0);
    assert.deepEqual(Object.keys(headers ?? {}).sort(), [
      ...["accept", "accept-encoding", "connection", "host", "user-agent"],
    ]);
    assert.equal(headers?.["user-agent"], "Plaza");
  });

  it("answers 304 to a browser that has it, and HEAD without it", async () => {
    host.serve("/c.png", sendPicture(await createPicture("png")));
    const etag = (await load("/c.png")).headers.get("etag") ?? "";
    const again = await load("/c.png", { headers: { "if-none-match": etag } });
    assert.deepEqual([again.status, await again.text()], [304, ""]);
    const head = await load("/c.png", { method: "HEAD" });
    assert.deepEqual([head.status, await head.text()], [200, ""]);
    assert.equal((await load("/c.png", { method: "POST" })).status, 405);
  });

  it("loads nothing but what stands in the resource", async () => {
    body = `![this](${host.url("/d.png")}) and https://elsewhere.example/`;
    const url = host.url("/secret");
    await assertRefused(await request({ url, of: shown }), 404, "NO_SUCH_PICTURE");
    await assertRefused(
      await request({ url: host.url("/d.pn"), of: shown }),
      404,
      "NO_SUCH_PICTURE",
    );
    const others = ["/v1/posts", "/v1/auth/sessions", "/none", `${shown}?readMask=body`, ""];
    for (const other of others)
      await assertRefused(await request({ url, of: other }), 400, "NO_PICTURES");
    assert.equal(host.requests.has("/secret"), false);
  });

  it("reads the resource with the rights of the caller", async () => {
    host.serve("/e.png", sendPicture(await createPicture("png")));
    body = host.url("/e.png");
    const query = { url: host.url("/e.png"), of: hidden };
    await assertRefused(await request(query), 404, "NO_SUCH_PICTURE");
    assert.equal((await request(query, cookieOf(gateway.signIn()))).status, 200);
    await assertRefused(await request(query), 404, "NO_SUCH_PICTURE");
  });

  it("previews pictures of unsaved texts for members", async () => {
    host.serve("/f.png", sendPicture(await createPicture("png")));
    const query = { url: host.url("/f.png") };
    await assertRefused(await request(query), 401, "NOT_SIGNED_IN");
    assert.equal(host.requests.has("/f.png"), false);
    assert.equal((await request(query, cookieOf(gateway.signIn()))).status, 200);
  });

  it("has one answer to all that its host does wrong", async () => {
    const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`);
    host.serve("/g.svg", sendPicture(svg, "image/svg+xml"));
    host.serve("/svg.png", sendPicture(svg));
    host.serve("/page.png", sendPicture(Buffer.from("<!doctype html>")));
    host.serve("/zip.png", (_request, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("a")),
    );
    host.serve("/in.png", (_request, response) =>
      response.writeHead(302, { location: "http://169.254.169.254/" }).end(),
    );
    for (const path of ["/g.svg", "/svg.png", "/page.png", "/zip.png", "/in.png", "/missing.png"]) {
      await assertRefused(await load(path), 404, "PICTURE_UNAVAILABLE");
    }
    for (const url of ["http://127.0.0.1/a.png", "http://[::1]/a.png", "file:///etc/passwd"]) {
      body = url;
      await assertRefused(await request({ url, of: shown }), 404, "PICTURE_UNAVAILABLE");
    }
  });

  it("refuses what it does not understand", async () => {
    body = "no URL";
    await assertRefused(await request({ url: "no URL", of: shown }), 400, "INVALID_URL");
    await assertRefused(await request({ of: shown }), 400, "INVALID_URL");
    const size = { url: host.url("/a.jpg"), of: shown, size: "huge" };
    await assertRefused(await request(size), 400, "UNKNOWN_SIZE");
  });
});

describe("GET /pictures with PLAZA_PICTURES=off", () => {
  const gateway = testGateway({ PLAZA_PICTURES: "off", PLAZA_PICTURE_HOSTS: host.host });

  it("loads nothing", async () => {
    const query = new URLSearchParams({ url: host.url("/off.png"), of: shown });
    const response = await fetch(`${gateway.url()}/pictures?${query}`);
    assert.equal(response.status, 404);
    assert.match(await response.text(), /PICTURES_OFF/);
    assert.equal(host.requests.has("/off.png"), false);
  });
});
