import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { createRouterTransport } from "@connectrpc/connect";
import { PostService } from "@plaza/contract/posts/v1/posts";
import type { Manifest } from "./src/app/page-template.ts";
import type { PageRenderer, PageRendererOptions } from "./src/server.tsx";

const dist = path.join(import.meta.dirname, "dist");
const template = readFileSync(path.join(dist, "index.html"), "utf8");
const manifest: Manifest = JSON.parse(readFileSync(path.join(dist, ".vite/manifest.json"), "utf8"));

/** As gzip makes them at its best: 119.7 kB; react-dom has 64 of these, React Router 13, TanStack Query 11. */
const maxHomeScriptBytes = 120_000;

describe("the first load", () => {
  it("of home brings a visitor few scripts", async () => {
    const scripts = scriptsOf(await renderHome({ isVisitor: true }));
    const sizes = [...scripts].map((file) => [file, gzipSize(file)] as const);
    const total = sizes.reduce((sum, [, size]) => sum + size, 0);
    assert.ok(total <= maxHomeScriptBytes, `${total} bytes: ${sizes.join(", ")}`);
  });

  it("brings what calls need only to those whose page makes one", async () => {
    const callsFile = Object.values(manifest).find((entry) => entry?.name === "calls")?.file ?? "";
    assert.ok(gzipSize(callsFile) > 20_000);
    const visitor = await renderHome({ isVisitor: true });
    const member = await renderHome({ isVisitor: false });
    assert.equal(scriptsOf(visitor).has(callsFile), false);
    assert.equal(scriptsOf(member).has(callsFile), true);
    assert.equal(scriptsOf(template).has(callsFile), true);
  });
});

async function renderHome({ isVisitor }: { isVisitor: boolean }): Promise<string> {
  const { createPageRenderer } = (await import(
    pathToFileURL(path.join(dist, ".server/server.js")).href
  )) as { createPageRenderer(options: PageRendererOptions): PageRenderer };
  const transport = createRouterTransport(({ rpc }) => {
    rpc(PostService.method.listPosts, () => ({ posts: [{ id: "1", title: "Hello" }] }));
  });
  const site = { origin: "http://plaza", basePath: "" };
  const renderer = createPageRenderer({ transport, template, manifest, ...site });
  const { status, html } = await renderer.render({ url: "/", isVisitor });
  assert.equal(status, 200);
  return html;
}

/** The scripts that a document loads, and those that these import. */
function scriptsOf(html: string): Set<string> {
  const found = new Set<string>();
  const entries = Object.values(manifest);
  const visit = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    const entry = entries.find((one) => one?.file === file);
    for (const name of entry?.imports ?? []) visit(manifest[name]?.file ?? "");
  };
  for (const [, file = ""] of html.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)) visit(file);
  return found;
}

function gzipSize(file: string): number {
  return gzipSync(readFileSync(path.join(dist, file)), { level: 9 }).length;
}
