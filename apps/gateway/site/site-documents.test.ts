import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { SaxesParser, type SaxesTagNS } from "saxes";
import { post, postId, productId, siteStubs, unknownId } from "../testing/site-stubs.ts";
import { memberId, testGateway } from "../testing/test-gateway.ts";

const origin = "https://plaza.example";

type Node = { name: string; uri: string; text: string; attributes: Record<string, string> };

/** The elements of a document, in order of their ends. Throws what a strict parser finds wrong. */
function parse(document: string): Node[] {
  const parser = new SaxesParser({ xmlns: true });
  const open: Node[] = [];
  const all: Node[] = [];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ local, uri, attributes }: SaxesTagNS) => {
    const entries = Object.values(attributes).map(({ name, value }) => [name, value]);
    open.push({ name: local, uri, text: "", attributes: Object.fromEntries(entries) });
  });
  parser.on("text", (text) => {
    const node = open.at(-1);
    if (node) node.text += text;
  });
  parser.on("closetag", () => all.push(open.pop() as Node));
  parser.write(document).close();
  return all;
}

const textsOf = (nodes: Node[], name: string) =>
  nodes.filter((node) => node.name === name).map(({ text }) => text);

describe("what programs read of the site", () => {
  const plaza = testGateway({ PLAZA_PUBLIC_URL: origin }, siteStubs);
  async function get(path: string) {
    const response = await fetch(plaza.url() + path);
    const { status, headers } = response;
    return { status, type: headers.get("content-type"), text: await response.text() };
  }
  const readXml = async (path: string) => parse((await get(path)).text);
  /** XML admits neither control characters nor halves of characters. */
  const readable = (text: string) =>
    text.replaceAll("\u0007", "\uFFFD").replaceAll("\uD800", "\uFFFD");

  it("is an Atom feed of the newest posts", async () => {
    assert.equal((await get("/atom.xml")).type, "application/atom+xml; charset=utf-8");
    const nodes = await readXml("/atom.xml");
    assert.ok(nodes.every(({ uri }) => uri === "http://www.w3.org/2005/Atom"));
    assert.equal(textsOf(nodes, "title")[1], readable(post.title));
    assert.deepEqual(textsOf(nodes, "id"), [`${origin}/`, `urn:uuid:${postId}`]);
    assert.deepEqual(textsOf(nodes, "name"), ["clara"]);
    assert.deepEqual(textsOf(nodes, "updated"), Array(2).fill("2026-11-01T10:00:00.000Z"));
    assert.deepEqual(
      nodes.filter(({ name }) => name === "link").map(({ attributes }) => attributes["href"]),
      [`${origin}/atom.xml`, `${origin}/`, `${origin}/posts/${postId}`],
    );
    const [summary = ""] = textsOf(nodes, "summary");
    assert.match(summary, /^<p>Beginning &lt;\/script&gt;[^<]*<\/p>$/);
  });

  it("is an RSS feed of the newest posts", async () => {
    assert.equal((await get("/rss.xml")).type, "application/rss+xml; charset=utf-8");
    const nodes = await readXml("/rss.xml");
    assert.deepEqual(textsOf(nodes, "guid"), [`${origin}/posts/${postId}`]);
    assert.deepEqual(textsOf(nodes, "pubDate"), ["Sun, 01 Nov 2026 10:00:00 GMT"]);
    assert.equal(textsOf(nodes, "title")[1], readable(post.title));
    assert.match(
      textsOf(nodes, "description")[1] ?? "",
      /^<p>Beginning &lt;\/script&gt;[^<]*<\/p>$/,
    );
  });

  it("is a feed of each author", async () => {
    const nodes = await readXml(`/members/${memberId}/atom.xml`);
    assert.deepEqual(textsOf(nodes, "title")[0], "Posts by clara · Plaza");
    assert.equal(textsOf(nodes, "id")[0], `${origin}/members/${memberId}`);
    assert.equal((await get(`/members/${unknownId}/rss.xml`)).status, 404);
  });

  it("is an index of sitemaps, page by page", async () => {
    const index = textsOf(await readXml("/sitemap.xml"), "loc");
    assert.deepEqual(index, [
      `${origin}/sitemaps/pages.xml`,
      `${origin}/sitemaps/posts.xml`,
      `${origin}/sitemaps/products.xml`,
    ]);
    const paths = [];
    for (const url of index) {
      const nodes = await readXml(url.slice(origin.length));
      paths.push(...textsOf(nodes, "loc").map((location) => location.slice(origin.length)));
      assert.ok(textsOf(nodes, "lastmod").every((time) => time === "2026-11-01T10:00:00.000Z"));
    }
    const expected = [
      "/",
      "/shop",
      `/posts/${postId}`,
      `/members/${memberId}`,
      `/shop/${productId}`,
    ];
    assert.deepEqual(new Set(paths), new Set(expected));
  });

  it("tells robots where the sitemap is", async () => {
    const { text, type } = await get("/robots.txt");
    assert.equal(type, "text/plain; charset=utf-8");
    assert.match(text, /^User-agent: \*$/m);
    assert.match(text, new RegExp(`^Sitemap: ${origin}/sitemap.xml$`, "m"));
  });

  it("was not made by a caller", () => {
    assert.ok(plaza.calls.length > 0);
    for (const { name, headers } of plaza.calls)
      assert.equal(headers["authorization"], undefined, name);
  });
});
