import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Transport } from "@connectrpc/connect";
import { withBasePath } from "./base-path.ts";

/** A page to render: its path and query, as the renderer normalizes them, and whose it is. */
export type PageRequest = {
  readonly url: string;
  /** Whether it is a visitor's; otherwise it has neither a member's parts nor a visitor's. */
  readonly isVisitor: boolean;
};

/** What apps/web/src/server.tsx makes. */
export type PageRenderer = {
  /** The page at a path; undefined of one that only the browser renders. All unknown paths have one page. */
  find(
    path: string,
    query: string,
  ): { readonly url: string; readonly isKnown: boolean } | undefined;
  /** Rejects when a read of the page fails. */
  render(request: PageRequest): Promise<{ readonly status: number; readonly html: string }>;
};

/** What the renderer needs from the gateway. */
export type PageRendererOptions = {
  /** Calls the services anonymously. */
  readonly transport: Transport;
  /** The origin of the site's public address. */
  readonly origin: string;
  /** The path below which the site is served; empty at the root of its host. */
  readonly basePath: string;
};

/** The build of apps/web/src/server.tsx in the folder of the built site. */
const rendererFile = ".server/server.js";

/** Loads the renderer of a built site; undefined when there is none, as in development. */
export async function loadPageRenderer(
  folder: string,
  options: PageRendererOptions,
): Promise<PageRenderer | undefined> {
  const file = path.join(folder, rendererFile);
  if (!existsSync(file)) return undefined;
  const { createPageRenderer } = await import(pathToFileURL(file).href);
  return createPageRenderer({
    ...options,
    template: withBasePath(readFileSync(path.join(folder, "index.html"), "utf8"), options.basePath),
    manifest: JSON.parse(readFileSync(path.join(folder, ".vite/manifest.json"), "utf8")),
  });
}
